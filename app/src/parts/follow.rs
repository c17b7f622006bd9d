//! Parts that follow the board.
//!
//! All of them are one type to the compiler: each further type would put the code that follows into the browser's part once
//! more.

use std::sync::Arc;

use leptos::prelude::*;

/// A part that is made anew whenever something changes that `make` reads. What did not change stays as it is on the page.
pub(crate) fn follow(make: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let make: Arc<dyn Fn() -> AnyView + Send + Sync> = Arc::new(make);
    (move || make()).into_any()
}

/// Words that follow what `make` reads, for attributes.
pub(crate) fn follow_words(make: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(make)
}

/// Nothing.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}
