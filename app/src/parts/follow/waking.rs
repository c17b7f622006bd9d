//! Parts that the server drew and that come alive later: each in a turn of its own, so that a slow browser answers its reader in
//! between, or when they are unfolded.
//!
//! What sleeps must not change: it would come alive as something else than what stands there. So the clock and the feed wait until the
//! page is [`Whole`], and whatever a reader does wakes all of it first.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod sleeper;

/// Whether every part of the page is alive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole(RwSignal<bool>);

impl Whole {
    /// Of a page that is about to come alive; wakes it part by part.
    pub(crate) fn by_and_by() -> Self {
        let whole = Self(RwSignal::new(false));
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| sleeper::wake_by_turns(move || whole.0.set(true)));
        whole
    }

    /// Follows it.
    pub(crate) fn get(self) -> bool {
        self.0.get()
    }
}

/// A part that comes alive in a turn of its own. It must be the only child of its element.
#[cfg(feature = "hydrate")]
pub(crate) fn later(make: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    sleeper::Sleeper::for_a_turn(make).into_any()
}

/// A part that comes alive in a turn of its own. It must be the only child of its element.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn later(make: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    make()
}

/// [`later`] in an element of its own, which takes no part in the layout.
pub(crate) fn turn(make: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    view! { <div class="turn">{later(make)}</div> }.into_any()
}

/// A disclosure of that class with what is folded away in it.
pub(crate) fn folded(
    class: &'static str,
    summary: AnyView,
    make: impl Fn() -> AnyView + Send + Sync + Clone + 'static,
) -> AnyView {
    let opened = RwSignal::new(false);
    let inside = unfolded(opened, make);
    view! {
        <details class=class on:click=move |_| opened.set(true) on:toggle=move |_| opened.set(true)>
            {summary}
            <div class="turn">{inside}</div>
        </details>
    }
    .into_any()
}

/// What is folded away: it comes alive when it is first opened, by a click before it is seen; who has no scripts finds all of it
/// there. It must be the only child of its element.
#[cfg(feature = "hydrate")]
pub(crate) fn unfolded(
    opened: RwSignal<bool>,
    make: impl Fn() -> AnyView + Send + Sync + Clone + 'static,
) -> AnyView {
    sleeper::Sleeper::until(opened, make).into_any()
}

/// What is folded away: it comes alive when it is first opened, by a click before it is seen; who has no scripts finds all of it
/// there. It must be the only child of its element.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn unfolded(
    _opened: RwSignal<bool>,
    make: impl Fn() -> AnyView + Send + Sync + Clone + 'static,
) -> AnyView {
    make()
}
