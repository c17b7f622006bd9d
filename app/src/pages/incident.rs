//! One incident as a timeline: seen, judged, told, planned, done, proven.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::follow::follow;
use crate::parts::icon::Badge;
use crate::parts::incident::{layer, notes, rail, timeline};
use crate::parts::line::{facts, pieces};
use crate::parts::moment::Moment;
use crate::parts::steps::steps;
use crate::sheet::incident::{CauseRow, Report};
use crate::sheet::{Body, Told};
use crate::tongue::t;

/// Everything about one incident.
pub(super) fn incident(live: Live, first: Report) -> AnyView {
    let report = live.part(first, |body| if let Body::Incident(report) = body { Some(report) } else { None });
    follow(move || page(report.get()))
}

fn page(report: Report) -> AnyView {
    let Report { heading, target, state, facts: known, causes, idle, incident } = report;
    let target = target.map(|(id, name)| {
        view! { <p class="crumbs"><a href="/incidents">{t("Incidents")}</a>" · "<a href=format!("/targets/{id}")>{name}</a></p> }
            .into_any()
    });
    let idle = idle.map(|words| view! { <p class="empty">{words}</p> }.into_any());
    let causes = causes.into_iter().map(cause).collect::<Vec<_>>();
    view! {
        <div class="middle">
            <section class="state plain-state">
                <div>
                    {target}
                    <h1>{heading}</h1>
                    <p class="incident-state"><Badge mark=incident.mark/><Badge mark=state.mark/><span>{pieces(state.line)}</span></p>
                </div>
            </section>
            <section class="panel">
                {rail(incident.rail)}
                <dl class="facts across">{facts(known)}</dl>
            </section>
            <section class="panel"><h2>{t("What failed")}</h2><ul class="causes">{causes}</ul>{layer(incident.layer)}{notes(incident.notes)}</section>
            <section class="panel"><h2>{t("What was done")}</h2>{idle}{steps(incident.steps)}</section>
            <section class="panel"><h2>{t("The whole story")}</h2>{timeline(incident.events)}</section>
        </div>
    }
    .into_any()
}

fn cause(cause: CauseRow) -> AnyView {
    let check = cause.check.map(|check| view! { <code class="dotted">{check}</code> }.into_any());
    view! {
        <li>
            <Badge mark=cause.mark/>
            <span>{cause.reason}" "{check}</span>
            <span class="quiet-text">{t("first seen ")}<Moment at=cause.since told=Told::Clock/></span>
        </li>
    }
    .into_any()
}
