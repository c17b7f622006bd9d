//! How tabs hear of each other.

use leptos::prelude::*;
use rebound::time::Timestamp;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::clock::{Clock, browser_now};
use super::crowd::Crowd;
use super::hearing::Hearing;

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
                let is_new = tabs.crowd.try_update_value(|crowd| crowd.heard(name, now)).unwrap_or_default();
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
