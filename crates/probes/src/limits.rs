//! Every limit of this crate, with its reason, and the one clock hand that a probe runs against.
//!
//! Never reads the time of day.

use std::time::Duration;

use rebound::check::ProbeRequest;
use tokio::time::Instant;

/// Most bytes of one answer. A thousand accounts take about half of it; a bridge that sends more is broken.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Most bytes of the documents that accounts are read from, as they are sent. Ten thousand accounts take about half of it.
pub const DOCUMENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most accounts of one bridge. Above it the list is not believed.
pub const ACCOUNTS_MAX: usize = 10_000;

/// Most characters kept of any text that a bridge sends: enough for a sentence, too few to flood a page or a mail.
pub const TEXT_CHARS_MAX: usize = 200;

/// Most bytes of a dialect file.
pub const DIALECT_BYTES_MAX: usize = 64 * 1024;

/// Most beacons. Each is a connection per look at the own network.
pub const BEACONS_MAX: usize = 8;

/// Most bytes of the head of an HTTP answer. Servers send a few hundred, and refuse to read more than this themselves.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Most addresses of one host that are tried. A name with more is a pool whose members are alike.
pub(crate) const ADDRESSES_MAX: usize = 6;

/// How long one address of a host is tried alone before the next is tried beside it; source: RFC 8305, section 5.
pub(crate) const HEAD_START: Duration = Duration::from_millis(250);

/// Longest time for one try at a database server; several fit into one question, so that one lost packet is not an outage.
pub(crate) const DATABASE_CONNECT_MAX: Duration = Duration::from_secs(2);

/// How often a database client that is kept looks at its servers: how soon an outage and its end are noticed.
pub(crate) const DATABASE_HEARTBEAT_EVERY: Duration = Duration::from_secs(5);

/// Documents that a database sends at once. A thousand accounts come in two answers.
pub(crate) const DOCUMENTS_AT_ONCE: u32 = 500;

/// How long the end of a database client is waited for, beside everything else.
pub(crate) const DATABASE_CLOSE_MAX: Duration = Duration::from_secs(5);

/// How long a service that told its name is not asked for it again.
pub const IDENTITY_KEPT: Duration = Duration::from_secs(10 * 60);

/// The time that one probe has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// For what decides the outcome: until the deadline itself.
    pub(crate) main: Wait,
    /// For what only adds to it: nine tenths, so that its silence never costs an answer that is already there.
    pub(crate) side: Wait,
}

/// Until when one question may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    /// The end.
    pub(crate) until: Instant,
    /// What a person is told, from the beginning of the probe.
    pub(crate) ms: u32,
}

impl Budget {
    /// The time from `request.asked_at` to `request.deadline`, beginning now. Nothing if none is left.
    pub(crate) fn start(request: &ProbeRequest) -> Option<Self> {
        let whole = request.deadline.since(request.asked_at);
        let side = whole * 9 / 10;
        (!whole.is_zero()).then(|| Self { main: Wait::start(whole), side: Wait::start(side) })
    }
}

impl Wait {
    fn start(span: Duration) -> Self {
        // A timer knows its end, so nothing here has to read a clock.
        let until = tokio::time::sleep(span).deadline();
        Self { until, ms: u32::try_from(span.as_millis()).unwrap_or(u32::MAX) }
    }

    /// A wait with the same beginning that is over sooner, after four fifths.
    pub(crate) fn four_fifths(self) -> Self {
        let fifth = self.ms / 5;
        Self { until: self.until - Duration::from_millis(u64::from(fifth)), ms: self.ms - fifth }
    }

    /// How much of it is left.
    pub(crate) fn left(self) -> Duration {
        Duration::from_millis(u64::from(self.ms)).saturating_sub(self.passed())
    }

    /// How much of it is over.
    pub(crate) fn passed(self) -> Duration {
        let now = tokio::time::sleep(Duration::ZERO).deadline();
        Duration::from_millis(u64::from(self.ms)).saturating_sub(self.until.saturating_duration_since(now))
    }

    /// The same in milliseconds, for people.
    pub(crate) fn passed_ms(self) -> u32 {
        u32::try_from(self.passed().as_millis()).unwrap_or(u32::MAX)
    }
}
