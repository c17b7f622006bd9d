//! Facts to tell the story with. Each is filled in as far as its type allows, so that a lost field is seen.

use std::collections::BTreeMap;

use rebound::alert::{Alert, AlertPolicy, AlertReason, DeliveryState, Message};
use rebound::check::CheckId;
use rebound::drill::{Drill, DrillPart, DrillState, DrillStep};
use rebound::heal::{ActionKind, Rung, StepOutcome, StepRequest, StepResult};
use rebound::ids::{AlertId, IncidentId, StepId, TargetId};
use rebound::incident::{
    Cause, Closing, EventKind, Incident, IncidentEvent, Proof, Recovery, Severity, Signature, Step, StepEnd,
};
use rebound::monitor::{Asked, AskedState, Fact, JournalEntry, Monitor, RequestKind};
use rebound::readiness::{Part, ReadinessSpec};
use rebound::reason::{Layer, Reason};
use rebound::target::{Config, OwnNetworkSpec, TargetSpec};
use rebound::time::Timestamp;
use rebound::view::Board;
use rebound_engine::ports::StateRecord;
use rebound_engine::settings::{Changed, Given, Revision};

/// The point `second` seconds into the story.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_ms(1_795_448_822_000 + second * 1_000 + 7)
}

pub(crate) fn target(name: &str) -> TargetId {
    TargetId::try_new(name).expect("the story uses good names")
}

/// A board of so many targets that were not asked yet.
pub(crate) fn board(seq: u64, targets: usize) -> Board {
    let spec = |number| TargetSpec::bridge(target(&format!("t{number}")));
    let config = Config {
        targets: (0..targets).map(spec).collect(),
        alerts: AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: vec![],
        readiness: ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    };
    Monitor::new(config, at(5)).board(seq, at(5))
}

pub(crate) fn record(key: &str, body: &str) -> StateRecord {
    StateRecord { key: key.to_owned(), body: format!("{{\"is\":\"{body}\"}}") }
}

pub(crate) fn numbers<T>(page: &[T], number: impl Fn(&T) -> u64) -> Vec<u64> {
    page.iter().map(number).collect()
}

/// An entry about nothing but its time.
pub(crate) fn phase(second: i64) -> JournalEntry {
    let fact = Fact::Phase { phase: "Suspect".to_owned(), because: format!("the story says so, {second}") };
    JournalEntry { at: at(second), target: Some(target("mt5")), incident: None, fact }
}

pub(crate) fn fact_of_incident(incident: Incident) -> JournalEntry {
    JournalEntry {
        at: incident.opened_at,
        target: Some(incident.target.clone()),
        incident: Some(incident.id),
        fact: Fact::Incident(Box::new(incident)),
    }
}

pub(crate) fn fact_of_alert(alert: Alert) -> JournalEntry {
    JournalEntry {
        at: alert.at,
        target: alert.target.clone(),
        incident: alert.incident,
        fact: Fact::Alert(Box::new(alert)),
    }
}

/// A fire drill that failed.
pub(crate) fn drill() -> Drill {
    let step = DrillStep {
        part: DrillPart::Look(Part::Channel("email".to_owned())),
        name: "Way to people: email".to_owned(),
        proof: rebound::drill::Proof::Failed,
        said: "The server refuses the password.".to_owned(),
        mend: Some("Write the new one into the file that [alerts.email] names.".to_owned()),
        took_ms: Some(412),
    };
    Drill {
        target: target("mt5"),
        due: at(9),
        by: Some("anna".to_owned()),
        began: Some(at(9)),
        ended: Some(at(11)),
        state: DrillState::Failed,
        steps: vec![step],
        alert: Some(AlertId::new(1)),
    }
}

/// One entry of each kind of fact.
pub(crate) fn every_fact() -> Vec<JournalEntry> {
    let of = |fact| JournalEntry {
        at: at(9),
        target: Some(target("mt5")),
        incident: Some(IncidentId::new(1)),
        fact,
    };
    let step = StepId::new("mt5-1-1-1795448822007".to_owned());
    vec![
        JournalEntry { at: at(0), target: None, incident: None, fact: Fact::Began { again: true } },
        fact_of_incident(incident(1, "mt5")),
        fact_of_alert(alert(1)),
        of(Fact::Drill(Box::new(drill()))),
        of(Fact::StepIntended(StepRequest {
            step: step.clone(),
            target: target("mt5"),
            incident: IncidentId::new(1),
            remedy: "reinitialise".to_owned(),
            because: "the terminal says: \"Kein Anschluß\" 接続なし".to_owned(),
            deadline: at(60),
        })),
        of(Fact::StepFinished(StepResult {
            step,
            target: target("mt5"),
            outcome: StepOutcome::TimedOut,
            output: "line 1\nline 2\0end".to_owned(),
            link: Some("https://example.invalid/run/1".to_owned()),
        })),
        of(Fact::Asked(Asked {
            id: u64::MAX,
            by: "anna".to_owned(),
            what: RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: true, remedy: None },
            at: at(3),
            state: AskedState::Refused("a heal is under way".to_owned()),
        })),
        of(Fact::Phase { phase: "Healthy".to_owned(), because: String::new() }),
        fact_of_incident(closed(incident(1, "mt5"))),
        fact_of_alert(acknowledged(alert(1))),
    ]
}

/// A change of the settings with what BSON and SQL might spoil.
pub(crate) fn revision(number: u64, by: &str) -> Revision {
    let given = |value: &str, by_file| Given { value: value.to_owned(), by_file };
    let key = "targets/mt5/remedies/a.b$c/verify_within".to_owned();
    Revision {
        number,
        at: at(7),
        by: by.to_owned(),
        note: "接続 \"quoted\"".to_owned(),
        changes: vec![Changed {
            key: key.clone(),
            name: "MT5 bridge: Remedy: Proof".to_owned(),
            before: given("5m", true),
            after: given("10m", false),
        }],
        values: [(key, "10m".to_owned()), ("maintenance".to_owned(), "a = 1\nb = 2".to_owned())].into(),
    }
}

/// An open incident.
pub(crate) fn incident(number: u64, name: &str) -> Incident {
    Incident {
        id: IncidentId::new(number),
        target: target(name),
        severity: Severity::Critical,
        last_good: Some(at(-30)),
        first_failure: at(-20),
        opened_at: at(0),
        alerted_at: Some(at(1)),
        causes: vec![Cause {
            check: Some(CheckId::BridgeIdentity),
            reason: Reason::WrongService { expected: "mt5-bridge".to_owned(), seen: "nginx".to_owned() },
            severity: Severity::Critical,
            since: at(-20),
        }],
        steps: vec![step()],
        successes: 1,
        events: vec![IncidentEvent { at: at(0), kind: EventKind::Judged, text: "Opened".to_owned() }],
        acknowledged: None,
        stopped: None,
        repeat: 1,
        flaps: 0,
        good_ms: 0,
        flapping: false,
        layer: Some(Layer::BrokerLink),
        closed: None,
    }
}

fn step() -> Step {
    let end = StepEnd { at: at(5), outcome: StepOutcome::Done, output: "200".to_owned(), link: None };
    Step {
        id: StepId::new("mt5-1-1".to_owned()),
        remedy: "reinitialise".to_owned(),
        rung: Rung::Soft,
        action: ActionKind::HttpCall,
        because: "mildest".to_owned(),
        fault: "link_lost".to_owned(),
        noted: true,
        asked_by: Some("anna".to_owned()),
        started_at: at(2),
        result: Some(end),
        proof: Proof::DidNotHelp(at(8)),
    }
}

pub(crate) fn closed(mut incident: Incident) -> Incident {
    let how = Recovery::AfterHeal("reinitialise".to_owned());
    incident.closed = Some(Closing { recovered_at: at(10), at: at(20), how });
    incident
}

pub(crate) fn alert(number: u64) -> Alert {
    alert_of(number, Some("mt5"), Severity::Critical)
}

pub(crate) fn alert_of(number: u64, about: Option<&str>, severity: Severity) -> Alert {
    let deliveries = BTreeMap::from([
        ("email".to_owned(), DeliveryState::Delivered { at: at(2), attempts: 1 }),
        ("hook".to_owned(), DeliveryState::Pending { attempts: 2, next_at: Some(at(30)), error: None }),
    ]);
    Alert {
        id: AlertId::new(number),
        reason: AlertReason::Opened,
        severity,
        target: about.map(target),
        incident: about.map(|_| IncidentId::new(number)),
        at: at(1),
        message: Message {
            title: "the bridge does not answer".to_owned(),
            about: "MT5 bridge".to_owned(),
            facts: vec![("Since".to_owned(), at(-20).to_string())],
            advice: Some("Look at the machine".to_owned()),
            link: None,
        },
        deliveries,
        acknowledged: None,
        resolved_at: Some(at(20)),
    }
}

pub(crate) fn acknowledged(mut alert: Alert) -> Alert {
    alert.acknowledged = Some(Signature { by: "anna".to_owned(), at: at(15) });
    alert
}
