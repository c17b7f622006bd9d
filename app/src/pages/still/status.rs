//! What everybody may see.

use leptos::prelude::*;
use rebound::time::Timestamp;

use crate::parts::chart::still_days;
use crate::parts::icon::{Badge, Icon, tone_name};
use crate::sheet::public::{PublicIncident, PublicSheet, PublicTarget};
use crate::tongue::{Tongue, t, tell};

/// The public page. It stands still, and says of when it is: a page that loads itself again takes the place away from whoever reads it.
#[component]
pub fn PublicStatus(
    /// What it shows.
    sheet: PublicSheet,
) -> impl IntoView {
    // The title is the owner's.
    let title = sheet.title.clone();
    let sheet = Tongue::of_page().says_all(sheet);
    let tone = tone_name(sheet.state.tone);
    let targets = sheet.targets.into_iter().map(target).collect::<Vec<_>>();
    let incidents = incidents(sheet.incidents, sheet.quiet);
    view! {
        <main class="public">
            <header><h1>{title}</h1><p class="quiet-text">{t("As of ")}{time(sheet.at)}" · "<a href="/status">{t("Look again")}</a></p></header>
            <section class=format!("state tone-{tone}")><Icon name=tone/><h2>{sheet.sentence}</h2></section>
            <ul class="public-targets">{targets}</ul>
            {incidents}
            <footer class="quiet-text">{t("Watched by Rebound. Times are UTC.")}</footer>
        </main>
    }
    .into_any()
}

fn target(target: PublicTarget) -> AnyView {
    let days = target.days.map(still_days);
    view! {
        <li class="panel"><p class="public-head"><strong>{target.name}</strong><Badge mark=target.mark/></p>{days}</li>
    }
    .into_any()
}

fn incidents(list: Vec<PublicIncident>, quiet: String) -> AnyView {
    let body = if list.is_empty() {
        view! { <p class="empty">{quiet}</p> }.into_any()
    } else {
        let items = list.into_iter().map(|incident| {
            let lasted = incident
                .lasted
                .map_or_else(|| t("goes on").to_owned(), |lasted| tell(format!("for {lasted}")));
            view! { <li>{time(incident.from)}" · "<strong>{incident.name}</strong>" · "{lasted}</li> }
                .into_any()
        });
        view! { <ul class="public-incidents">{items.collect::<Vec<_>>()}</ul> }.into_any()
    };
    view! { <section class="panel"><h2>{t("Trouble of the last 14 days")}</h2>{body}</section> }.into_any()
}

/// `2026-11-24 10:02`.
fn time(at: Timestamp) -> AnyView {
    let whole = at.rfc3339();
    let words: String = whole.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect();
    view! { <time datetime=whole>{words}</time> }.into_any()
}
