//! An open incident on its target's card, and the rail that every incident is read by.

use std::time::Duration;

use leptos::prelude::*;
use rebound::incident::{EventKind, Incident, IncidentEvent, Proof, Recovery};
use rebound::time::{Timestamp, spoken};
use rebound::view::TargetView;

use crate::parts::icon::{Icon, SeverityBadge, severity_tone, tone_name};
use crate::parts::moment::{Moment, Told};
use crate::parts::steps::Steps;

/// The open incident of a target, live; nothing where none is open.
#[component]
pub(crate) fn OpenIncident(target: Memo<TargetView>) -> impl IntoView {
    let open = Memo::new(move |_| {
        target.with(|view| view.incident.clone().map(|incident| (incident, view.phase_until)))
    });
    move || open.get().map(|(incident, until)| open_view(incident, until))
}

fn open_view(incident: Incident, until: Option<Timestamp>) -> impl IntoView {
    let tone = severity_tone(incident.severity);
    let what = incident.main_cause().map(|cause| cause.reason.to_string()).unwrap_or_default();
    let causes = incident.causes.len();
    let further = (causes > 1).then(|| {
        if causes == 2 {
            "(and one more cause)".to_owned()
        } else {
            format!("(and {} more causes)", causes - 1)
        }
    });
    let acknowledged = incident.acknowledged.clone().map(|signature| {
        view! { <p class="quiet-text">{format!("Seen by {}, ", signature.by)}<Moment at=signature.at told=Told::Clock/>"."</p> }
    });
    view! {
        <section class=format!("incident tone-{}", tone_name(tone))>
            <header>
                <SeverityBadge severity=incident.severity/>
                <h3><a href=format!("/incidents/{}", incident.id)>{format!("Incident {}", incident.id)}</a></h3>
                <span class="quiet-text"><Moment at=incident.first_failure told=Told::For/></span>
            </header>
            <p class="incident-what">{what}" "{further}</p>
            <Rail incident=incident.clone()/>
            <Steps incident=incident.clone() until/>
            {acknowledged}
            <Story events=incident.events/>
        </section>
    }
    .into_any()
}

/// Everything that happened, newest last, behind a disclosure.
#[component]
fn Story(events: Vec<IncidentEvent>) -> impl IntoView {
    (!events.is_empty()).then(|| {
        let count = events.len();
        view! {
            <details class="more">
                <summary>{format!("Story ({count})")}</summary>
                <Timeline events/>
            </details>
        }
    })
}

/// Everything that happened, in order.
#[component]
pub(crate) fn Timeline(events: Vec<IncidentEvent>) -> impl IntoView {
    let lines = events
        .into_iter()
        .map(|event| {
            view! {
                <li data-kind=event.kind.word()>
                    <span class="timeline-time"><Moment at=event.at told=Told::Clock/></span>
                    <span class="timeline-kind">{event.kind.word()}</span>
                    <span class="timeline-text">{event.text}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{lines}</ol> }
}

/// From the first sight to the proof: what has happened, when, and how long it took.
#[component]
pub(crate) fn Rail(incident: Incident) -> impl IntoView {
    let stations = rail(&incident)
        .into_iter()
        .map(|station| {
            let state = station.state;
            let at = station.at.map(|at| view! { <Moment at told=Told::Clock/> });
            let after =
                station.after.map(|span| view! { <small>{format!("after {}", spoken(span))}</small> });
            let sign = match state {
                Reached::Yes => "check",
                Reached::Now => "busy",
                Reached::No => "dot",
            };
            let words = match state {
                Reached::Yes => "",
                Reached::Now => "under way",
                Reached::No => "not yet",
            };
            view! {
                <li class=state.class()>
                    <Icon name=sign/>
                    <span class="station">{station.word}</span>
                    {at}
                    {after}
                    <small>{words}</small>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="rail">{stations}</ol> }
}

/// Whether a part of the story has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Yes,
    Now,
    No,
}

impl Reached {
    const fn class(self) -> &'static str {
        match self {
            Self::Yes => "reached",
            Self::Now => "current",
            Self::No => "ahead",
        }
    }
}

/// One part of an incident's story.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Station {
    word: &'static str,
    state: Reached,
    at: Option<Timestamp>,
    /// Since the first failure.
    after: Option<Duration>,
}

/// The parts of the story with what is known of them. A part that did not happen in an incident that is over is left out.
fn rail(incident: &Incident) -> Vec<Station> {
    let first = incident.first_failure;
    let station = |word, at: Option<Timestamp>, current: bool| Station {
        word,
        state: if at.is_some() {
            Reached::Yes
        } else if current {
            Reached::Now
        } else {
            Reached::No
        },
        at,
        after: at.filter(|at| *at > first).map(|at| at.since(first)),
    };
    let event =
        |kind: EventKind| incident.events.iter().find(|event| event.kind == kind).map(|event| event.at);
    let step = incident.steps.last();
    let running = step.is_some_and(|step| step.result.is_none());
    let proving = step.is_some_and(|step| step.result.is_some() && step.proof == Proof::Pending);
    let planned = event(EventKind::Planned).or_else(|| incident.steps.first().map(|step| step.started_at));
    let done = step.and_then(|step| step.result.as_ref()).map(|end| end.at);
    let over = incident.closed.is_some();
    // An incident that ended because nobody watches any more proves nothing.
    let proven = incident
        .closed
        .as_ref()
        .filter(|closing| closing.how != Recovery::NotWatched)
        .map(|closing| closing.at);
    let mut stations = vec![
        station(EventKind::Seen.word(), Some(first), false),
        station(EventKind::Judged.word(), Some(incident.opened_at), false),
        station(EventKind::Told.word(), incident.alerted_at, false),
        station(EventKind::Planned.word(), planned, false),
        station(EventKind::Done.word(), done, running),
        station(EventKind::Proven.word(), proven, proving),
    ];
    if over {
        stations.retain(|station| station.at.is_some());
    }
    stations
}

#[cfg(test)]
mod tests {
    use rebound::ids::{IncidentId, TargetId};
    use rebound::incident::{Closing, Severity};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    fn incident() -> Incident {
        Incident {
            id: IncidentId::new(1),
            target: TargetId::try_new("bridge").unwrap(),
            severity: Severity::Critical,
            last_good: None,
            first_failure: at(0),
            opened_at: at(20),
            alerted_at: None,
            causes: Vec::new(),
            steps: Vec::new(),
            successes: 0,
            events: Vec::new(),
            acknowledged: None,
            closed: None,
        }
    }

    #[test]
    fn an_open_incident_shows_what_is_still_ahead() {
        let reached: Vec<Reached> = rail(&incident()).iter().map(|station| station.state).collect();
        assert_eq!(reached, [Reached::Yes, Reached::Yes, Reached::No, Reached::No, Reached::No, Reached::No]);
    }

    #[test]
    fn an_incident_that_ended_by_itself_claims_no_heal() {
        let mut over = incident();
        over.closed = Some(Closing { recovered_at: at(60), at: at(70), how: Recovery::ByItself });
        let words: Vec<&str> = rail(&over).iter().map(|station| station.word).collect();
        assert_eq!(words, ["Seen", "Judged", "Proven"]);
    }

    #[test]
    fn each_part_says_how_long_after_the_first_failure_it_came() {
        let judged = rail(&incident()).into_iter().nth(1).unwrap();
        assert_eq!(judged.after, Some(Duration::from_secs(20)));
    }
}
