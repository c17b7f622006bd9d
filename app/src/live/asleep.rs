//! Which tabs keep a connection: browsers allow about six to one server, and people leave many tabs open.
//!
//! A page that nobody sees gives its connection back, and so does one beside many that are seen. It listens for one message now and
//! then, so that its tab still tells the state; one that is seen also when another says that there is news.

use std::time::Duration;

use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use rebound::time::Timestamp;

use super::clock::Clock;
#[cfg(feature = "hydrate")]
use super::crowd::Crowd;
use super::hearing::Hearing;

/// A page that is hidden for so long is not just passed by.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser hides pages"))]
const HIDDEN_MIN: Duration = Duration::from_secs(5);
/// How long a page waits for other tabs to say that they are there, before it connects.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser has tabs"))]
const ANSWER_WITHIN: Duration = Duration::from_millis(150);

#[cfg(not(feature = "hydrate"))]
pub(super) fn connect(
    _hearing: RwSignal<Hearing>,
    _clock: Clock,
    _open: impl Fn() + Clone + Send + Sync + 'static,
    _close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl Fn() + Copy {
    || {}
}

/// Opens the feed, closes it while the page is hidden or one too many, and opens it again. Returns what is to be called with news.
#[cfg(feature = "hydrate")]
pub(super) fn connect(
    hearing: RwSignal<Hearing>,
    clock: Clock,
    open: impl Fn() + Clone + Send + Sync + 'static,
    close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl Fn() + Copy {
    let hidden = RwSignal::new(document().hidden());
    let tabs = tabs::Tabs::open(hearing, hidden, clock, open.clone());
    let seen = open.clone();
    let handle = window_event_listener_untyped("visibilitychange", move |_| {
        hidden.set(document().hidden());
        if !hidden.get_untracked() && hearing.with_untracked(Hearing::is_asleep) {
            hearing.update(Hearing::wake);
            seen();
        }
    });
    on_cleanup(move || handle.remove());
    if hidden.get_untracked() {
        hearing.update(Hearing::sleep);
    } else {
        tabs.say_here();
        let (first, owner) = (open.clone(), Owner::current());
        let begin = move || {
            if tabs.is_one_too_many(clock) {
                hearing.try_update(Hearing::take_turns);
            }
            first();
        };
        let begin = move || match owner {
            Some(owner) => owner.with(begin),
            None => begin(),
        };
        set_timeout(begin, ANSWER_WITHIN);
    }
    // Carries since when it is hidden.
    Effect::new(move |since: Option<Option<Timestamp>>| {
        let now = clock.now()?;
        let listens = || hearing.try_update_untracked(|heard| heard.listens(now)).unwrap_or_default();
        if !hidden.get() {
            tabs.say_here();
            match (tabs.is_one_too_many(clock), hearing.with_untracked(Hearing::takes_turns)) {
                (true, true) if listens() => open(),
                (true, true) | (false, false) => {}
                (true, false) => {
                    hearing.update(Hearing::take_turns);
                    close();
                }
                (false, true) => {
                    hearing.update(Hearing::wake);
                    open();
                }
            }
            return None;
        }
        let since = since.flatten().unwrap_or(now);
        if hearing.with_untracked(Hearing::sleeps) {
            if listens() {
                open();
            }
        } else if now.since(since) >= HIDDEN_MIN {
            hearing.update(Hearing::sleep);
            tabs.say_gone();
            close();
        }
        Some(since)
    });
    move || tabs.say_news()
}

/// Whether a page that takes turns listens at once again, because another tab told of news meanwhile.
#[cfg(feature = "hydrate")]
pub(super) fn listens_again(hearing: RwSignal<Hearing>, clock: Clock) -> bool {
    let now = clock.now_or_made();
    hearing.try_update_untracked(|heard| heard.takes_turns() && heard.listens(now)).unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
pub(super) const fn listens_again(_hearing: RwSignal<Hearing>, _clock: Clock) -> bool {
    false
}

#[cfg(feature = "hydrate")]
mod tabs {
    //! How tabs hear of each other.

    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::closure::Closure;
    use web_sys::{BroadcastChannel, MessageEvent};

    use super::{Clock, Crowd, Hearing, Timestamp};
    use crate::live::clock::browser_now;

    const CHANNEL: &str = "rebound-tabs";
    /// What they say: a word, and who says it where that matters.
    const HERE: &str = "here ";
    const GONE: &str = "gone ";
    const NEWS: &str = "news";

    /// This tab among the others.
    #[derive(Clone, Copy)]
    pub(super) struct Tabs {
        crowd: StoredValue<Crowd>,
        /// `None` in a browser that has no such channel: then each tab keeps its connection.
        channel: StoredValue<Option<BroadcastChannel>, LocalStorage>,
    }

    impl Tabs {
        /// Listens to the others. What one says of news is answered with a look, if this one takes turns.
        pub(super) fn open(
            hearing: RwSignal<Hearing>,
            hidden: RwSignal<bool>,
            clock: Clock,
            open: impl Fn() + 'static,
        ) -> Self {
            // In the order of time; what is random tells two of one moment apart.
            let opened_at = browser_now().map_or(0, Timestamp::as_ms);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below a million, and not negative"
            )]
            let own = format!("{opened_at:015}-{:06}", (js_sys::Math::random() * 1e6) as u32);
            let channel = StoredValue::new_local(BroadcastChannel::new(CHANNEL).ok());
            let tabs = Self { crowd: StoredValue::new(Crowd::of(own)), channel };
            let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let Some(said) = event.data().as_string() else { return };
                let now = clock.now_or_made();
                if let Some(name) = said.strip_prefix(HERE) {
                    let is_new =
                        tabs.crowd.try_update_value(|crowd| crowd.heard(name, now)).unwrap_or_default();
                    if is_new && !hidden.get_untracked() {
                        tabs.say_here();
                    }
                } else if let Some(name) = said.strip_prefix(GONE) {
                    tabs.crowd.try_update_value(|crowd| crowd.left(name));
                } else if said == NEWS {
                    let looks = hearing.try_update_untracked(|heard| heard.nudged(now)).unwrap_or_default();
                    if looks {
                        open();
                    }
                }
            });
            channel.with_value(|channel| {
                if let Some(channel) = channel {
                    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
                }
            });
            let leaves = window_event_listener_untyped("pagehide", move |_| tabs.say_gone());
            on_cleanup(move || leaves.remove());
            // A page is followed for as long as it is there.
            heard.forget();
            tabs
        }

        pub(super) fn say_here(self) {
            self.say(&self.named(HERE));
        }

        pub(super) fn say_gone(self) {
            self.say(&self.named(GONE));
        }

        pub(super) fn say_news(self) {
            self.say(NEWS);
        }

        pub(super) fn is_one_too_many(self, clock: Clock) -> bool {
            let now = clock.now_or_made();
            self.crowd.try_update_value(|crowd| crowd.is_one_too_many(now)).unwrap_or_default()
        }

        fn named(self, word: &str) -> String {
            let own = self.crowd.try_with_value(|crowd| crowd.own().to_owned());
            format!("{word}{}", own.unwrap_or_default())
        }

        fn say(self, words: &str) {
            self.channel.try_with_value(|channel| {
                // A channel that is closed has nobody to tell.
                channel.as_ref().map(|channel| channel.post_message(&words.into()))
            });
        }
    }
}
