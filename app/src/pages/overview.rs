//! The Overview: whether everything is fine, and what was done about what was not.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::alerts::Alerts;
use crate::parts::follow::{follow, nothing, turn};
use crate::parts::icon::{Icon, tone_name};
use crate::parts::line::facts;
use crate::parts::own::Own;
use crate::parts::plans::Plans;
use crate::parts::rows::rows;
use crate::parts::servers::Servers;
use crate::parts::target::cards;
use crate::sheet::overview::OverviewSheet;
use crate::tongue::t;

/// Everything on the Overview beside what stands on every page.
pub(super) fn overview(live: Live) -> AnyView {
    let state = follow(move || live.overview(state));
    let empty = follow(move || {
        if live.overview(|sheet| !sheet.cards.is_empty() || !sheet.rows.is_empty()) {
            return nothing();
        }
        view! { <p class="empty panel">{t("Nothing is watched yet. Name a target in the configuration file; it appears here within seconds of a restart.")}</p> }.into_any()
    });
    let week = turn(move || follow(move || live.overview(week)));
    let side = [
        turn(move || view! { <Alerts live/> }.into_any()),
        turn(move || view! { <Plans live/><Servers live/> }.into_any()),
        turn(move || view! { <Own live/> }.into_any()),
    ];
    view! {
        {state}
        {week}
        <div class="columns">
            <div class="targets">{empty}{cards(live)}{turn(move || rows(live))}</div>
            <aside class="side">{side}</aside>
        </div>
    }
    .into_any()
}

/// What the last seven days came to; the month has more.
fn week(sheet: &OverviewSheet) -> AnyView {
    if sheet.week.facts.is_empty() {
        return nothing();
    }
    view! {
        <section class="week" aria-labelledby="week-title">
            <h2 id="week-title"><a href="/reports">{t("Last 7 days")}</a></h2>
            <dl>{facts(sheet.week.facts.clone())}</dl>
        </section>
    }
    .into_any()
}

/// The state of everything in one sentence.
fn state(sheet: &OverviewSheet) -> AnyView {
    let tone = tone_name(sheet.tone.unwrap_or(Tone::Unknown));
    view! { <section class=format!("state tone-{tone}")><Icon name=tone/><h1>{sheet.sentence.clone()}</h1></section> }
        .into_any()
}
