//! One incident as a timeline: seen, judged, told, planned, done, proven.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use rebound::incident::{Cause, Incident, Recovery};
use rebound::time::{Timestamp, spoken};
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use crate::api::error::UiError;
use crate::api::read::incident;
use crate::live::clock::Clock;
use crate::parts::header::{Brand, Logout};
use crate::parts::icon::{Badge, Icon, SeverityBadge};
use crate::parts::incident::{Rail, Timeline};
use crate::parts::moment::{Moment, Told};
use crate::parts::notice::{Notice, NoticeLine};
use crate::parts::steps::Steps;

/// What the page of one incident shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentReport {
    /// It, as the history has it.
    pub incident: Incident,
    /// The target's name for people, if it is still watched.
    pub target_name: Option<String>,
    /// When it was read, by the server's clock.
    pub at: Timestamp,
}

/// The page at `/incidents/{id}`.
#[component]
pub(crate) fn IncidentPage() -> impl IntoView {
    let params = use_params_map();
    let number = move || params.with(|params| params.get_str("id").and_then(|id| id.parse::<u64>().ok()));
    let report = Resource::new(number, |number| async move {
        match number {
            Some(id) => incident(id).await,
            None => Err(UiError::new(
                "no_such_thing",
                "An incident's address ends in its number.",
                "Go back to the Overview.",
            )),
        }
    });
    view! {
        <Suspense fallback=|| view! { <p class="loading">"Reading the incident …"</p> }>
            {move || Suspend::new(async move {
                match report.await {
                    Ok(report) => view! { <IncidentView report/> }.into_any(),
                    Err(error) => view! { <NoIncident notice=Notice::from(error)/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Bar() -> impl IntoView {
    view! { <header class="bar"><Brand/><a class="button quiet" href="/"><Icon name="back"/>"Overview"</a><Logout/></header> }
}

#[component]
fn NoIncident(notice: Notice) -> impl IntoView {
    view! {
        <Title text="No such incident · Rebound"/>
        <Bar/>
        <main class="narrow"><h1>"The incident cannot be shown."</h1><NoticeLine notice/></main>
    }
    .into_any()
}

/// Everything about one incident.
#[component]
pub fn IncidentView(
    /// It.
    report: IncidentReport,
) -> impl IntoView {
    let IncidentReport { incident, target_name, at } = report;
    Clock::starting(at);
    let name = target_name.unwrap_or_else(|| incident.target.to_string());
    let over = incident.closed.is_some();
    let state = match &incident.closed {
        Some(closing) => view! { <Badge tone=over_tone(&closing.how) word="Over"/><span>{closing.how.to_string()}</span> }.into_any(),
        None => view! { <Badge tone=Tone::Busy word="Open"/><span>"as of "<Moment at told=Told::Clock/>"; reload for news"</span> }.into_any(),
    };
    let downtime = if over {
        view! { <span>{spoken(incident.downtime(at))}</span> }.into_any()
    } else {
        view! { <Moment at=incident.first_failure told=Told::For/> }.into_any()
    };
    let healed = incident.time_to_heal().map_or_else(|| "no heal was proven".to_owned(), spoken);
    let last_good = incident
        .last_good
        .map(|at| view! { <div><dt>"Last seen good"</dt><dd><Moment at told=Told::Clock/></dd></div> });
    let acknowledged = incident.acknowledged.clone().map(|signature| {
        view! { <div><dt>"Seen by"</dt><dd>{signature.by}", "<Moment at=signature.at told=Told::Clock/></dd></div> }
    });
    let no_steps = incident.steps.is_empty().then(|| {
        let text = if over { "Rebound did nothing about it." } else { "Rebound has done nothing so far." };
        view! { <p class="empty">{text}</p> }
    });
    let causes = incident.causes.iter().map(cause).collect_view();
    view! {
        <Title text=format!("Incident {} · Rebound", incident.id)/>
        <Bar/>
        <main class="middle">
            <section class="state plain-state">
                <div>
                    <h1>{format!("Incident {} of {name}", incident.id)}</h1>
                    <p class="incident-state"><SeverityBadge severity=incident.severity/>{state}</p>
                </div>
            </section>
            <section class="panel">
                <Rail incident=incident.clone()/>
                <dl class="facts across">
                    <div><dt>"Downtime"</dt><dd>{downtime}</dd></div>
                    <div><dt>"Time to detect"</dt><dd>{spoken(incident.time_to_detect())}</dd></div>
                    <div><dt>"Time to heal"</dt><dd>{healed}</dd></div>
                    {last_good}
                    {acknowledged}
                </dl>
            </section>
            <section class="panel"><h2>"What failed"</h2><ul class="causes">{causes}</ul></section>
            <section class="panel"><h2>"What was done"</h2>{no_steps}<Steps incident=incident.clone() until=None/></section>
            <section class="panel"><h2>"The whole story"</h2><Timeline events=incident.events/></section>
        </main>
    }
    .into_any()
}

/// Only what was seen to recover looks good.
const fn over_tone(how: &Recovery) -> Tone {
    match how {
        Recovery::AfterHeal(_) | Recovery::ByItself => Tone::Good,
        Recovery::NotWatched => Tone::Resting,
    }
}

fn cause(cause: &Cause) -> impl IntoView + use<> {
    let check = cause.check.map(|check| view! { <code class="dotted">{check.name()}</code> });
    view! {
        <li>
            <SeverityBadge severity=cause.severity/>
            <span>{cause.reason.to_string()}" "{check}</span>
            <span class="quiet-text">"first seen "<Moment at=cause.since told=Told::Clock/></span>
        </li>
    }
    .into_any()
}
