//! Which tabs keep a connection: browsers allow about six to one server, and people leave many tabs open.
//!
//! A page that nobody sees gives its connection back, and so does one beside many that are seen. It listens for one message now and
//! then, so that its tab still tells the state; one that is seen also when another says that there is news.

use std::time::Duration;

use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use rebound::time::Timestamp;

use super::clock::Clock;
use super::hearing::Hearing;
#[cfg(feature = "hydrate")]
use super::tabs::Tabs;

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
    let tabs = Tabs::open(hearing, hidden, clock, open.clone());
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
