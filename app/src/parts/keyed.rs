//! Lists whose items keep what people did with them while the list changes.

use std::sync::Arc;

use leptos::prelude::*;

/// An item of a list: what tells it from the others, and how it is shown.
#[derive(Clone)]
pub(crate) struct Keyed {
    key: String,
    make: Arc<dyn Fn() -> AnyView + Send + Sync>,
}

impl Keyed {
    /// An item that is shown by `make` for as long as the list has its key.
    pub(crate) fn new(key: String, make: impl FnOnce() -> AnyView + Clone + Send + Sync + 'static) -> Self {
        Self { key, make: Arc::new(move || make.clone()()) }
    }
}

/// The items of a list; each is shown once, when its key appears.
pub(crate) fn keyed(items: impl Fn() -> Vec<Keyed> + Send + Sync + 'static) -> AnyView {
    let items: Arc<dyn Fn() -> Vec<Keyed> + Send + Sync> = Arc::new(items);
    let each = move || items();
    view! { <For each key=|item| item.key.clone() let:item>{(item.make)()}</For> }.into_any()
}
