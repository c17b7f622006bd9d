//! Incidents and alerts.

use std::collections::BTreeMap;

use rebound::alert::{Alert, AlertReason, DeliveryState, Message};
use rebound::check::{CheckId, NoAnswer};
use rebound::heal::{ActionKind, Rung, StepOutcome};
use rebound::ids::{AlertId, IncidentId, StepId};
use rebound::incident::{
    Cause, Closing, EventKind, Incident, IncidentEvent, Proof, Recovery, Severity, Signature, Step, StepEnd,
};
use rebound::reason::{Layer, Reason};
use rebound::time::Timestamp;

use crate::parts::{ago, id};

pub(crate) fn event(seconds: i64, kind: EventKind, text: &str) -> IncidentEvent {
    IncidentEvent { at: ago(seconds), kind, text: text.to_owned() }
}

pub(crate) fn open_incident() -> Incident {
    Incident {
        id: IncidentId::new(14),
        target: id("mt5-frankfurt"),
        severity: Severity::Critical,
        last_good: Some(ago(152)),
        first_failure: ago(142),
        opened_at: ago(127),
        alerted_at: Some(ago(126)),
        causes: vec![
            Cause {
                check: Some(CheckId::BridgeReachable),
                reason: Reason::BridgeSilent(NoAnswer::TimedOut(5_000)),
                severity: Severity::Critical,
                since: ago(142),
            },
            Cause {
                check: Some(CheckId::TerminalTradingAllowed),
                reason: Reason::TradingOff,
                severity: Severity::Warning,
                since: ago(140),
            },
        ],
        steps: vec![
            Step {
                id: StepId::new("s1".to_owned()),
                remedy: "Restart terminal".to_owned(),
                rung: Rung::Medium,
                action: ActionKind::HttpCall,
                because: "The bridge does not answer; milder remedies go through the bridge and cannot help."
                    .to_owned(),
                fault: "bridge_silent".to_owned(),
                noted: true,
                asked_by: None,
                started_at: ago(125),
                result: Some(StepEnd {
                    at: ago(120),
                    outcome: StepOutcome::TimedOut,
                    output: "no answer within 5 s".to_owned(),
                    link: None,
                }),
                proof: Proof::DidNotHelp(ago(90)),
            },
            Step {
                id: StepId::new("s2".to_owned()),
                remedy: "Full restart by workflow".to_owned(),
                rung: Rung::Hard,
                action: ActionKind::GithubDispatch,
                because: "The remedy before did not help.".to_owned(),
                fault: "bridge_silent".to_owned(),
                noted: false,
                asked_by: None,
                started_at: ago(88),
                result: Some(StepEnd {
                    at: ago(35),
                    outcome: StepOutcome::Done,
                    output: "run 7713 ended with success".to_owned(),
                    link: Some("https://github.example/acme/bridge/actions/runs/7713".to_owned()),
                }),
                proof: Proof::Pending,
            },
        ],
        successes: 0,
        events: vec![
            event(
                142,
                EventKind::Seen,
                "bridge.reachable failed: no complete answer within 5000 ms (1 of 3).",
            ),
            event(127, EventKind::Judged, "3 failures in a row: trouble is believed."),
            event(126, EventKind::Told, "Alert 31 goes out by email and telegram."),
            event(125, EventKind::Planned, "Restart terminal, then Full restart by workflow."),
            event(120, EventKind::Done, "Restart terminal: timed out. It may have happened."),
            event(90, EventKind::Proven, "Restart terminal did not help."),
            event(35, EventKind::Done, "Full restart by workflow: done, says the run."),
        ],
        acknowledged: Some(Signature { by: "anna".to_owned(), at: ago(60) }),
        stopped: None,
        repeat: 1,
        flaps: 0,
        good_ms: 0,
        flapping: false,
        layer: Some(Layer::Host),
        closed: None,
    }
}

pub(crate) fn healed() -> Incident {
    let mut incident = open_incident();
    incident.id = IncidentId::new(12);
    if let Some(last) = incident.steps.last_mut() {
        last.proof = Proof::Recovered(ago(5));
    }
    incident.events.push(event(5, EventKind::Proven, "2 good observations in a row: recovered."));
    incident.closed = Some(Closing {
        recovered_at: ago(12),
        at: ago(5),
        how: Recovery::AfterHeal("Full restart by workflow".to_owned()),
    });
    incident
}

pub(crate) fn stopped_incident() -> Incident {
    let mut incident = open_incident();
    incident.stopped = Some(Signature { by: "anna".to_owned(), at: ago(12) });
    if let Some(end) = incident.steps.last_mut().and_then(|step| step.result.as_mut()) {
        end.outcome = StepOutcome::Stopped;
        end.output = "run 7713 was cancelled".to_owned();
        end.at = ago(11);
    }
    incident.events.push(event(12, EventKind::Asked, "anna stopped healing of this incident"));
    incident
}

/// A link that comes and goes.
pub(crate) fn flapping_incident() -> Incident {
    let mut incident = by_itself();
    incident.id = IncidentId::new(17);
    (incident.repeat, incident.flaps, incident.flapping) = (3, 4, true);
    (incident.first_failure, incident.opened_at, incident.closed) = (ago(1_440), ago(1_420), None);
    incident.layer = Some(Layer::BrokerLink);
    incident.acknowledged = None;
    incident
}

pub(crate) fn by_itself() -> Incident {
    let mut incident = open_incident();
    incident.id = IncidentId::new(9);
    incident.steps.clear();
    incident.causes = vec![Cause {
        check: Some(CheckId::TerminalBrokerLink),
        reason: Reason::LinkLost,
        severity: Severity::Critical,
        since: ago(86_500),
    }];
    incident.first_failure = ago(90_000);
    incident.opened_at = ago(89_980);
    incident.closed = Some(Closing { recovered_at: ago(89_900), at: ago(89_890), how: Recovery::ByItself });
    incident
}

pub(crate) fn alert(
    number: u64,
    severity: Severity,
    reason: AlertReason,
    seconds: i64,
    title: &str,
) -> Alert {
    Alert {
        id: AlertId::new(number),
        reason,
        severity,
        target: Some(id("mt5-frankfurt")),
        incident: Some(IncidentId::new(14)),
        at: ago(seconds),
        message: Message {
            title: title.to_owned(),
            about: "MT5 bridge, Frankfurt".to_owned(),
            facts: Vec::new(),
            advice: None,
            link: None,
        },
        deliveries: BTreeMap::new(),
        acknowledged: None,
        resolved_at: None,
    }
}

pub(crate) fn delivered(mut alert: Alert) -> Alert {
    let at = Timestamp::from_ms(alert.at.as_ms() + 2_000);
    alert.deliveries.insert("email".to_owned(), DeliveryState::Delivered { at, attempts: 1 });
    alert.deliveries.insert("telegram".to_owned(), DeliveryState::Delivered { at, attempts: 2 });
    alert
}

pub(crate) fn recovered_alert() -> Alert {
    let mut alert = delivered(alert(
        33,
        Severity::Info,
        AlertReason::Recovered,
        86_400 * 3,
        "recovered after \"Full restart by workflow\", downtime 2 min 10 s",
    ));
    alert.incident = Some(IncidentId::new(12));
    alert
}

pub(crate) fn warning_alert() -> Alert {
    let mut alert = delivered(alert(
        30,
        Severity::Warning,
        AlertReason::Opened,
        86_400 * 4,
        "algorithmic trading is switched off in the terminal",
    ));
    alert.message.advice = Some("Switch the Algo Trading button of the terminal on again.".to_owned());
    alert.resolved_at = Some(ago(86_400 * 4 - 900));
    alert
}

pub(crate) fn critical_alert() -> Alert {
    let mut alert = alert(
        31,
        Severity::Critical,
        AlertReason::Opened,
        126,
        "the bridge does not answer: no complete answer within 5000 ms",
    );
    alert.deliveries.insert(
        "email".to_owned(),
        DeliveryState::Pending {
            attempts: 2,
            next_at: Some(ago(-40)),
            error: Some("connection refused".to_owned()),
        },
    );
    alert
        .deliveries
        .insert("telegram".to_owned(), DeliveryState::Pending { attempts: 0, next_at: None, error: None });
    alert.deliveries.insert(
        "webhook".to_owned(),
        DeliveryState::GaveUp { at: ago(3), attempts: 7, error: "the server answered 410 Gone".to_owned() },
    );
    alert
}
