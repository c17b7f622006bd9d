//! An address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::parts::header::Brand;

/// Says so, with the status that says so to programs.
#[component]
pub(crate) fn MissingPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found · Rebound"/>
        <header class="bar"><Brand/></header>
        <main class="narrow">
            <h1>"There is no such page."</h1>
            <p><a class="button" href="/">"To the Overview"</a></p>
        </main>
    }
    .into_any()
}
