//! Pages that need no JavaScript.

use leptos::prelude::*;

use crate::pages::incident::Bar;
use crate::parts::notice::{Notice, NoticeLine};

pub(crate) mod login;

/// An incident that cannot be shown, and why.
#[component]
pub fn NoIncident(notice: Notice) -> impl IntoView {
    view! {
        <Bar/>
        <main class="narrow"><h1>"The incident cannot be shown."</h1><NoticeLine notice/></main>
    }
    .into_any()
}

/// An address that leads nowhere.
#[component]
pub fn Nowhere() -> impl IntoView {
    view! {
        <Bar/>
        <main class="narrow">
            <h1>"There is no such page."</h1>
            <p>"The address may be old or mistyped. "<a href="/">"To the Overview"</a></p>
        </main>
    }
    .into_any()
}
