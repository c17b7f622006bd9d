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
