//! Words the tests are written in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rebound::alert::{Alert, AlertReason, Message, SendRequest};
use rebound::ids::{AlertId, IncidentId};
use rebound::incident::Severity;
use rebound::time::Timestamp;
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Clock;

/// Long enough never to matter.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn start() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 15, 47)
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::starting_at(start()))
}

pub(crate) fn order(within: Duration) -> SendRequest {
    let alert = Alert {
        id: AlertId::new(42),
        reason: AlertReason::Opened,
        severity: Severity::Critical,
        target: None,
        incident: Some(IncidentId::new(7)),
        at: start(),
        message: Message {
            title: "the bridge does not answer".to_owned(),
            about: "North".to_owned(),
            facts: vec![("Since".to_owned(), "2026-11-23 15:46:20 UTC".to_owned())],
            advice: None,
            link: None,
        },
        deliveries: BTreeMap::new(),
        acknowledged: None,
        resolved_at: None,
    };
    SendRequest { alert, channel: "email".to_owned(), attempt: 1, deadline: start().after(within) }
}

pub(crate) fn order_titled(title: &str) -> SendRequest {
    let mut order = order(LONG);
    title.clone_into(&mut order.alert.message.title);
    order
}
