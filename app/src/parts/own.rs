//! What Rebound knows of itself.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::follow::follow;
use crate::parts::line::facts;
use crate::tongue::t;

/// Store, own network, channels, and since when it watches.
#[component]
pub(crate) fn Own(live: Live) -> impl IntoView {
    let known = follow(move || facts(live.overview(|sheet| sheet.own.clone())));
    view! {
        <section class="panel" aria-labelledby="own-title">
            <h2 id="own-title">{t("Rebound itself")}</h2>
            <dl class="facts">{known}</dl>
        </section>
    }
    .into_any()
}
