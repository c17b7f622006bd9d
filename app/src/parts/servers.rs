//! The servers that share the targets, and who watches what.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::follow::{follow, nothing};
use crate::parts::line::facts;
use crate::tongue::t;

/// Each server with what it watches; nothing where one Rebound watches alone.
#[component]
pub(crate) fn Servers(live: Live) -> impl IntoView {
    follow(move || {
        let servers = live.overview(|sheet| sheet.servers.clone());
        if servers.is_empty() {
            return nothing();
        }
        view! {
            <section class="panel" aria-labelledby="servers-title">
                <h2 id="servers-title">{t("Servers")}</h2>
                <dl class="facts">{facts(servers)}</dl>
            </section>
        }
        .into_any()
    })
    .into_any()
}
