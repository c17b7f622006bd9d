//! One incident as a timeline: seen, judged, told, planned, done, proven.

use leptos::prelude::*;

use crate::live::clock::Clock;
use crate::parts::header::{Brand, Logout};
use crate::parts::icon::{Badge, Icon};
use crate::parts::incident::{layer, notes, rail, timeline};
use crate::parts::line::{facts, pieces};
use crate::parts::moment::Moment;
use crate::parts::steps::steps;
use crate::sheet::Told;
use crate::sheet::incident::{CauseRow, Report};

/// The bar of the pages beside the Overview.
#[component]
pub(crate) fn Bar() -> impl IntoView {
    view! { <header class="bar"><Brand/><a class="button quiet" href="/"><Icon name="back"/>"Overview"</a><Logout/></header> }
        .into_any()
}

/// Everything about one incident.
#[component]
pub fn Incident(
    /// It.
    report: Report,
) -> impl IntoView {
    Clock::starting(report.at);
    let Report { heading, state, facts: known, causes, idle, incident, at: _ } = report;
    let idle = idle.map(|words| view! { <p class="empty">{words}</p> }.into_any());
    let causes = causes.into_iter().map(cause).collect::<Vec<_>>();
    view! {
        <Bar/>
        <main class="middle">
            <section class="state plain-state">
                <div>
                    <h1>{heading}</h1>
                    <p class="incident-state"><Badge mark=incident.mark/><Badge mark=state.mark/><span>{pieces(state.line)}</span></p>
                </div>
            </section>
            <section class="panel">
                {rail(incident.rail)}
                <dl class="facts across">{facts(known)}</dl>
            </section>
            <section class="panel"><h2>"What failed"</h2><ul class="causes">{causes}</ul>{layer(incident.layer)}{notes(incident.notes)}</section>
            <section class="panel"><h2>"What was done"</h2>{idle}{steps(incident.steps)}</section>
            <section class="panel"><h2>"The whole story"</h2>{timeline(incident.events)}</section>
        </main>
    }
    .into_any()
}

fn cause(cause: CauseRow) -> AnyView {
    let check = cause.check.map(|check| view! { <code class="dotted">{check}</code> }.into_any());
    view! {
        <li>
            <Badge mark=cause.mark/>
            <span>{cause.reason}" "{check}</span>
            <span class="quiet-text">"first seen "<Moment at=cause.since told=Told::Clock/></span>
        </li>
    }
    .into_any()
}
