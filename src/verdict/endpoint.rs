//! Judges services that are no bridge.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::{Evidence, Judgement, Sight, Verdict, plain, seen};
use crate::check::{DatabaseReading, EndpointReading};
use crate::reason::Reason;
use crate::target::{EndpointSpec, EndpointWay};
use crate::time::Timestamp;

pub(super) fn http(spec: &EndpointSpec, reading: &EndpointReading) -> Judgement {
    let Some(status) = reading.status else {
        return plain(Verdict::Unknown(Reason::NotTold(String::from("status"))));
    };
    let good =
        if spec.statuses.is_empty() { (200..300).contains(&status) } else { spec.statuses.contains(&status) };
    let value = Sight::Status(status);
    if !good {
        return seen(Verdict::Down(Reason::EndpointStatus { status, expected: expected(spec) }), value);
    }
    match (&spec.text, reading.text_found) {
        (Some(text), Some(false)) => seen(Verdict::Down(Reason::EndpointTextMissing(text.clone())), value),
        (Some(_), None) => plain(Verdict::Unknown(Reason::NotTold(String::from("text")))),
        (Some(_), Some(true)) | (None, _) => seen(Verdict::Up, value),
    }
}

fn expected(spec: &EndpointSpec) -> String {
    if spec.statuses.is_empty() {
        return String::from("200 to 299");
    }
    spec.statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn tcp() -> Judgement {
    seen(Verdict::Up, Sight::words("accepts connections"))
}

pub(super) fn mongodb(reading: &EndpointReading) -> Judgement {
    match &reading.database {
        Some(DatabaseReading::Writable(role)) => seen(Verdict::Up, Sight::from(role.clone())),
        Some(DatabaseReading::ReadOnly(role)) => {
            seen(Verdict::Down(Reason::DatabaseReadOnly(role.clone())), Sight::from(role.clone()))
        }
        Some(DatabaseReading::Refuses(why)) => {
            seen(Verdict::Down(Reason::DatabaseRefuses(why.clone())), Sight::words("refuses"))
        }
        None => plain(Verdict::Unknown(Reason::NotTold(String::from("hello")))),
    }
}

/// What was slow must be clearly faster before it is called fast.
pub(super) fn latency(spec: &EndpointSpec, reading: &EndpointReading, evidence: &Evidence<'_>) -> Judgement {
    if spec.way == EndpointWay::Http && reading.status.is_none() {
        // Its certificate was looked at, and it was not asked any further.
        return plain(Verdict::Unknown(Reason::Blind(String::from("it was not asked"))));
    }
    let latency_ms = evidence.seen.latency_ms;
    let took = Duration::from_millis(u64::from(latency_ms));
    let value = Sight::Took(latency_ms);
    let limit = if evidence.fails_now { spec.latency_good } else { spec.latency_warning };
    if took > spec.latency_critical {
        let limit = spec.latency_critical;
        seen(Verdict::Down(Reason::EndpointSlow { took, limit }), value)
    } else if took > limit {
        seen(Verdict::Degraded(Reason::EndpointSlow { took, limit }), value)
    } else {
        seen(Verdict::Up, value)
    }
}

pub(super) fn certificate(spec: &EndpointSpec, ends: Option<Timestamp>, now: Timestamp) -> Judgement {
    let Some(ends) = ends else {
        return plain(Verdict::Unknown(Reason::NotTold(String::from("certificate"))));
    };
    let left = ends.since(now);
    let value = Sight::Left(left);
    if left.is_zero() {
        seen(Verdict::Down(Reason::CertificateEnded(ends)), value)
    } else if left < spec.certificate_warning {
        seen(Verdict::Degraded(Reason::CertificateEndsSoon { ends, left }), value)
    } else {
        seen(Verdict::Up, value)
    }
}
