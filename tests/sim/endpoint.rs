//! What a host's port, a web service or a database tells, whole or broken.

use std::time::Duration;

use rebound::check::{BadAnswer, DatabaseReading, EndpointReading, NoAnswer, ProbeOutcome};
use rebound::target::EndpointWay;
use rebound::time::Timestamp;

use super::bridge::whole_seconds;
use super::fault::Fault;
use super::trouble::Troubles;

const SLOW: Duration = Duration::from_millis(2_600);
const VERY_SLOW: Duration = Duration::from_millis(4_500);
/// A certificate that ends soon has this long left when that begins.
const LEFT: Duration = Duration::from_secs(10 * 24 * 3_600);
/// A certificate that is in order has this long left.
const LONG: Duration = Duration::from_secs(70 * 24 * 3_600);

/// What kind of endpoint it is.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// How it is asked.
    pub way: EndpointWay,
    /// Whether a text is looked for.
    pub has_text: bool,
    /// Whether it shows a certificate.
    pub has_certificate: bool,
    /// Whether its answers have a `Date` header.
    pub tells_date: bool,
}

impl Endpoint {
    /// What a probe meets at `now`, and how long it takes. `works`: whether what it stands on works.
    #[must_use]
    pub fn shows(
        &self,
        troubles: &Troubles,
        now: Timestamp,
        latency: Duration,
        timeout: Duration,
        works: bool,
    ) -> (Duration, ProbeOutcome) {
        let has = |fault| troubles.has(fault).is_some();
        let ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
        if has(Fault::PortRefuses) || has(Fault::Restarts) {
            return (Duration::from_millis(1), ProbeOutcome::NoAnswer(NoAnswer::Refused));
        }
        if has(Fault::ServiceHangs) {
            return (timeout, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(ms)));
        }
        if has(Fault::Moved) {
            let moved = BadAnswer::Redirect { path: "/".to_owned(), status: 302 };
            return (latency, ProbeOutcome::BadAnswer(moved));
        }
        let takes = if has(Fault::VerySlow) {
            VERY_SLOW
        } else if has(Fault::Slow) {
            SLOW
        } else {
            latency
        };
        let reading = match self.way {
            EndpointWay::Http => self.http(troubles, now, works),
            EndpointWay::Tcp => EndpointReading::default(),
            EndpointWay::Mongodb => {
                EndpointReading { database: Some(database(troubles)), ..EndpointReading::default() }
            }
        };
        (takes, ProbeOutcome::Endpoint(reading))
    }

    fn http(&self, troubles: &Troubles, now: Timestamp, works: bool) -> EndpointReading {
        let broken = !works || troubles.has(Fault::StatusWrong).is_some();
        let near = troubles.has(Fault::CertificateNear).map(|trouble| trouble.from.after(LEFT));
        let over = troubles.has(Fault::CertificateOver).map(|trouble| trouble.from);
        EndpointReading {
            status: Some(if broken { 500 } else { 200 }),
            text_found: self.has_text.then(|| !broken && troubles.has(Fault::TextMissing).is_none()),
            certificate_ends: self.has_certificate.then(|| over.or(near).unwrap_or_else(|| now.after(LONG))),
            database: None,
            http_date: self.tells_date.then(|| whole_seconds(now)),
        }
    }
}

fn database(troubles: &Troubles) -> DatabaseReading {
    if troubles.has(Fault::ReadOnly).is_some() {
        DatabaseReading::ReadOnly("secondary".to_owned())
    } else if troubles.has(Fault::DatabaseRefuses).is_some() {
        DatabaseReading::Refuses("error 13: not authorized".to_owned())
    } else {
        DatabaseReading::Writable("primary".to_owned())
    }
}
