//! One incident in words: its rail, its attempts, its story.

use rebound::incident::{Cause, EventKind, Incident, Proof, Recovery, Signature};
use rebound::time::{Timestamp, spoken};
use rebound::view::{Board, TargetView, Tone};

use super::{capital, steps};
use crate::sheet::incident::{CauseRow, EventRow, IncidentSheet, Report, Station};
use crate::sheet::{Body, Fact, Line, Mark, Piece, Said, Told};

impl IncidentSheet {
    /// What a page shows of this incident. `until` is when the running phase ends, where it has an end.
    pub(super) fn of(incident: &Incident, until: Option<Timestamp>) -> Self {
        Self {
            id: incident.id.number(),
            mark: Mark::severity(incident.severity),
            since: incident.first_failure,
            what: what(incident),
            layer: incident.layer.map(|layer| format!("The fault lies in {}.", layer.word())),
            notes: notes(incident),
            rail: rail(incident),
            steps: steps::all(incident, until),
            acknowledged: incident.acknowledged.as_ref().map(|signature| {
                let mut line = vec![Piece::text("Seen by ")];
                line.extend(signed(signature));
                line.push(Piece::text("."));
                line
            }),
            events: incident
                .events
                .iter()
                .map(|event| EventRow {
                    at: event.at,
                    kind: event.kind.word().to_owned(),
                    text: event.text.clone(),
                })
                .collect(),
        }
    }
}

impl Body {
    /// What the page of this incident shows: as the board has it, where it is still open.
    #[must_use]
    pub fn incident(stored: &Incident, board: &Board) -> Self {
        let view = board.targets.iter().find(|view| view.id == stored.target);
        let open = view.filter(|view| view.incident.as_ref().is_some_and(|open| open.id == stored.id));
        let incident = open.and_then(|view| view.incident.as_ref()).unwrap_or(stored);
        let until = open.and_then(|view| view.phase_until);
        Self::Incident(Box::new(Report::of(incident, view, until, board.at)))
    }
}

impl Report {
    fn of(incident: &Incident, view: Option<&TargetView>, until: Option<Timestamp>, at: Timestamp) -> Self {
        let over = incident.closed.is_some();
        let name = view.map_or_else(|| incident.target.as_str(), |view| view.name.as_str());
        let idle = if over { "Rebound did nothing about it." } else { "Rebound has done nothing so far." };
        let state = match &incident.closed {
            Some(closing) => {
                said(Mark::of(over_tone(&closing.how), "Over"), vec![Piece::Text(closing.how.to_string())])
            }
            None => said(
                Mark::of(Tone::Busy, "Open"),
                vec![Piece::text("since "), Piece::Moment(incident.first_failure, Told::Clock)],
            ),
        };
        Self {
            heading: format!("Incident {} of {name}", incident.id),
            target: view.map(|view| (view.id.to_string(), view.name.clone())),
            state,
            facts: facts(incident, at),
            causes: incident.causes.iter().map(cause).collect(),
            idle: incident.steps.is_empty().then(|| idle.to_owned()),
            incident: IncidentSheet::of(incident, until),
        }
    }
}

fn facts(incident: &Incident, at: Timestamp) -> Vec<Fact> {
    let downtime = if incident.closed.is_some() {
        Piece::Text(spoken(incident.downtime(at)))
    } else {
        Piece::Moment(incident.first_failure, Told::For)
    };
    let healed = incident.time_to_heal().map_or_else(|| "no heal was proven".to_owned(), spoken);
    let mut facts = vec![
        Fact::new("Downtime", vec![downtime]),
        Fact::new("Time to detect", vec![Piece::Text(spoken(incident.time_to_detect()))]),
        Fact::new("Time to heal", vec![Piece::Text(healed)]),
    ];
    if let Some(at) = incident.last_good {
        facts.push(Fact::new("Last seen good", vec![Piece::Moment(at, Told::Clock)]));
    }
    if let Some(signature) = &incident.acknowledged {
        facts.push(Fact::new("Seen by", signed(signature)));
    }
    facts
}

fn signed(signature: &Signature) -> Line {
    vec![Piece::text(format!("{}, ", signature.by)), Piece::Moment(signature.at, Told::Clock)]
}

/// Only what was seen to recover looks good.
pub(super) const fn over_tone(how: &Recovery) -> Tone {
    match how {
        Recovery::AfterHeal(_) | Recovery::ByItself => Tone::Good,
        Recovery::NotWatched | Recovery::OtherLimits | Recovery::Unproven | Recovery::SeenByPerson => {
            Tone::Resting
        }
    }
}

fn cause(cause: &Cause) -> CauseRow {
    CauseRow {
        mark: Mark::severity(cause.severity),
        reason: cause.reason.to_string(),
        check: cause.check.map(|check| check.name().to_owned()),
        since: cause.since,
    }
}

/// The main cause, and how many more there are.
pub(super) fn what(incident: &Incident) -> String {
    let what = incident.main_cause().map(|cause| cause.reason.to_string()).unwrap_or_default();
    match incident.causes.len() {
        0 | 1 => what,
        2 => format!("{what} (and one more cause)"),
        causes => format!("{what} (and {} more causes)", causes - 1),
    }
}

/// Whether it comes and goes, and who stopped its healing.
fn notes(incident: &Incident) -> Vec<Said> {
    let mut notes = Vec::new();
    let counts = flap_counts(incident);
    if incident.flapping {
        let stays = if incident.closed.is_some() { "" } else { " It stays open until it was good for long." };
        let mark = Mark::signed(Tone::Warning, "flap", "Comes and goes");
        notes.push(said(mark, vec![Piece::text(format!("{counts}.{stays}"))]));
    } else if !counts.is_empty() {
        let mark = Mark::signed(Tone::Resting, "flap", "Not the first time");
        notes.push(said(mark, vec![Piece::text(format!("{counts}."))]));
    }
    if let Some(signature) = &incident.stopped {
        let mut line = vec![Piece::text("by ")];
        line.extend(signed(signature));
        if incident.closed.is_none() {
            line.push(Piece::text(". Only a person starts another heal of this incident."));
        }
        notes.push(said(Mark::signed(Tone::Warning, "stop", "Healing was stopped"), line));
    }
    notes
}

/// `Incident 3 within an hour, good for a moment and failing again 4 times`; empty where it is the first and steady.
fn flap_counts(incident: &Incident) -> String {
    let again = (incident.repeat > 1).then(|| format!("incident {} within an hour", incident.repeat));
    let flaps = match incident.flaps {
        0 => None,
        1 => Some("good for a moment and failing again once".to_owned()),
        times => Some(format!("good for a moment and failing again {times} times")),
    };
    capital(&again.into_iter().chain(flaps).collect::<Vec<_>>().join(", "))
}

/// The parts of the story with what is known of them. A part that did not happen in an incident that is over is left out.
fn rail(incident: &Incident) -> Vec<Station> {
    let first = incident.first_failure;
    let station = |kind: EventKind, at: Option<Timestamp>, current: bool| Station {
        word: kind.word().to_owned(),
        class: match at {
            Some(_) => "reached",
            None if current => "current",
            None => "ahead",
        }
        .to_owned(),
        at,
        after: at.filter(|at| *at > first).map(|at| format!("after {}", spoken(at.since(first)))),
    };
    let event =
        |kind: EventKind| incident.events.iter().find(|event| event.kind == kind).map(|event| event.at);
    let step = incident.steps.last();
    let running = step.is_some_and(|step| step.result.is_none());
    let proving = step.is_some_and(|step| step.result.is_some() && step.proof == Proof::Pending);
    let planned = event(EventKind::Planned).or_else(|| incident.steps.first().map(|step| step.started_at));
    let done = step.and_then(|step| step.result.as_ref()).map(|end| end.at);
    // An incident that ended because nobody watches any more, or by milder limits, proves nothing.
    let proven = incident.closed.as_ref().filter(|closing| closing.how.was_seen()).map(|closing| closing.at);
    let mut stations = vec![
        station(EventKind::Seen, Some(first), false),
        station(EventKind::Judged, Some(incident.opened_at), false),
        station(EventKind::Told, incident.alerted_at, false),
        station(EventKind::Planned, planned, false),
        station(EventKind::Done, done, running),
        station(EventKind::Proven, proven, proving),
    ];
    if incident.closed.is_some() {
        stations.retain(|station| station.at.is_some());
    }
    stations
}

pub(super) const fn said(mark: Mark, line: Line) -> Said {
    Said { about: String::new(), mark, line }
}

#[cfg(test)]
pub(super) mod tests {
    use rebound::ids::{IncidentId, TargetId};
    use rebound::incident::{Closing, Severity};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    /// One that began at 0 and is open, and of which nothing is known.
    pub(in crate::sheet::made) fn incident() -> Incident {
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
            stopped: None,
            repeat: 1,
            flaps: 0,
            good_ms: 0,
            flapping: false,
            layer: None,
            closed: None,
        }
    }

    #[test]
    fn an_open_incident_shows_what_is_still_ahead() {
        let stations = rail(&incident());
        let classes: Vec<&str> = stations.iter().map(|station| station.class.as_str()).collect();
        assert_eq!(classes, ["reached", "reached", "ahead", "ahead", "ahead", "ahead"]);
    }

    #[test]
    fn an_incident_that_ended_by_itself_claims_no_heal() {
        let mut over = incident();
        over.closed = Some(Closing { recovered_at: at(60), at: at(70), how: Recovery::ByItself });
        let stations = rail(&over);
        let words: Vec<&str> = stations.iter().map(|station| station.word.as_str()).collect();
        assert_eq!(words, ["Seen", "Judged", "Proven"]);
    }

    #[test]
    fn each_part_says_how_long_after_the_first_failure_it_came() {
        let judged = rail(&incident()).into_iter().nth(1).unwrap();
        assert_eq!(judged.after.as_deref(), Some("after 20 s"));
    }

    #[test]
    fn a_flapping_incident_tells_its_counts_and_a_steady_first_one_says_nothing() {
        assert!(notes(&incident()).is_empty());
        let flapping = Incident { repeat: 3, flaps: 4, flapping: true, ..incident() };
        assert_eq!(
            flap_counts(&flapping),
            "Incident 3 within an hour, good for a moment and failing again 4 times"
        );
        assert_eq!(notes(&flapping).len(), 1);
    }

    #[test]
    fn who_stopped_healing_is_told() {
        let stopped =
            Incident { stopped: Some(Signature { by: "anna".to_owned(), at: at(30) }), ..incident() };
        let line = notes(&stopped).remove(0).line;
        assert!(line.contains(&Piece::Moment(at(30), Told::Clock)));
    }
}
