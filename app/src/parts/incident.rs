//! An open incident on its target's card, and the rail that every incident is read by.

use leptos::prelude::*;

use crate::parts::follow::folded;
use crate::parts::icon::{Badge, Icon, tone_name};
use crate::parts::line::{pieces, said};
use crate::parts::moment::Moment;
use crate::parts::steps::steps;
use crate::sheet::incident::{EventRow, IncidentSheet, Station};
use crate::sheet::{Said, Told};
use crate::tongue::{t, tell};

/// An open incident.
pub(crate) fn incident(incident: IncidentSheet) -> AnyView {
    let class = format!("incident tone-{}", tone_name(incident.mark.tone));
    let acknowledged =
        incident.acknowledged.map(|line| view! { <p class="quiet-text">{pieces(line)}</p> }.into_any());
    view! {
        <section class=class>
            <header>
                <Badge mark=incident.mark/>
                <h3><a href=format!("/incidents/{}", incident.id)>{tell(format!("Incident {}", incident.id))}</a></h3>
                <span class="quiet-text"><Moment at=incident.since told=Told::For/></span>
            </header>
            <div><p class="incident-what">{incident.what}</p>{layer(incident.layer)}</div>
            {notes(incident.notes)}
            {rail(incident.rail)}
            {steps(incident.steps)}
            {acknowledged}
            {story(incident.events)}
        </section>
    }
    .into_any()
}

/// In which layer the fault lies.
pub(crate) fn layer(layer: Option<String>) -> Option<AnyView> {
    layer.map(|words| view! { <p class="quiet-text">{words}</p> }.into_any())
}

/// Whether it comes and goes, and who stopped its healing.
pub(crate) fn notes(notes: Vec<Said>) -> Option<AnyView> {
    (!notes.is_empty()).then(|| {
        let lines = notes.into_iter().map(|note| said(note, "")).collect::<Vec<_>>();
        view! { <ul class="facts-line">{lines}</ul> }.into_any()
    })
}

/// Everything that happened, newest last, behind a disclosure.
fn story(events: Vec<EventRow>) -> Option<AnyView> {
    (!events.is_empty()).then(|| {
        let words = tell(format!("Story ({})", events.len()));
        let words = view! { <summary>{words}</summary> }.into_any();
        folded("more", words, move || timeline(events.clone()))
    })
}

/// Everything that happened, in order.
pub(crate) fn timeline(events: Vec<EventRow>) -> AnyView {
    let lines = events.into_iter().map(|EventRow { at, kind, text }| {
        view! {
            <li data-kind=kind.clone()>
                <span class="timeline-time"><Moment at told=Told::Clock/></span>
                <span class="timeline-kind">{tell(kind.clone())}</span>
                <span class="timeline-text">{text}</span>
            </li>
        }
        .into_any()
    });
    view! { <ol class="timeline">{lines.collect::<Vec<_>>()}</ol> }.into_any()
}

/// From the first sight to the proof: what has happened, when, and how long it took.
pub(crate) fn rail(stations: Vec<Station>) -> AnyView {
    let stations = stations.into_iter().map(|station| {
        let (sign, words) = match station.class.as_str() {
            "reached" => ("check", ""),
            "current" => ("busy", "under way"),
            _ => ("dot", "not yet"),
        };
        let at = station.at.map(|at| view! { <Moment at told=Told::Clock/> }.into_any());
        let after = station.after.map(|after| view! { <small>{after}</small> }.into_any());
        view! {
            <li class=station.class>
                <Icon name=sign/>
                <span class="station">{station.word}</span>
                {at}
                {after}
                <small>{t(words)}</small>
            </li>
        }
        .into_any()
    });
    view! { <ol class="rail">{stations.collect::<Vec<_>>()}</ol> }.into_any()
}
