//! Pages that need no JavaScript.

use leptos::prelude::*;

use crate::parts::header::Bar;

pub(crate) mod login;

pub(crate) mod go;

pub(crate) mod status;

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
