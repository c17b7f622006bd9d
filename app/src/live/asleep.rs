//! A page that nobody sees gives its connection back: browsers allow about six to one server, and people leave many tabs open.
//! It listens for one message now and then, so that its tab still tells the state. One that is opened in the background never
//! takes more than that.

use std::time::Duration;

use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use rebound::time::Timestamp;

use super::clock::Clock;
use super::hearing::Hearing;

/// A page that is hidden for so long is not just passed by.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser hides pages"))]
const HIDDEN_MIN: Duration = Duration::from_secs(5);

#[cfg(not(feature = "hydrate"))]
pub(super) fn while_hidden(
    _hearing: RwSignal<Hearing>,
    _clock: Clock,
    _open: impl Fn() + Clone + Send + Sync + 'static,
    _close: impl Fn() + Clone + Send + Sync + 'static,
) {
}

/// Closes the feed of a page that is hidden, and opens it again when it is seen.
#[cfg(feature = "hydrate")]
pub(super) fn while_hidden(
    hearing: RwSignal<Hearing>,
    clock: Clock,
    open: impl Fn() + Clone + Send + Sync + 'static,
    close: impl Fn() + Clone + Send + Sync + 'static,
) {
    let hidden = RwSignal::new(document().hidden());
    if hidden.get_untracked() {
        hearing.update(Hearing::sleep);
    }
    let seen = open.clone();
    let handle = window_event_listener_untyped("visibilitychange", move |_| {
        hidden.set(document().hidden());
        if !hidden.get_untracked() && hearing.with_untracked(Hearing::is_asleep) {
            hearing.update(Hearing::wake);
            seen();
        }
    });
    on_cleanup(move || handle.remove());
    // Carries since when it is hidden.
    Effect::new(move |since: Option<Option<Timestamp>>| {
        let (true, Some(now)) = (hidden.get(), clock.now()) else { return None };
        let since = since.flatten().unwrap_or(now);
        if hearing.with_untracked(Hearing::is_asleep) {
            if hearing.try_update_untracked(|heard| heard.listens(now)).unwrap_or_default() {
                open();
            }
        } else if now.since(since) >= HIDDEN_MIN {
            hearing.update(Hearing::sleep);
            close();
        }
        Some(since)
    });
}
