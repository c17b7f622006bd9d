//! Every limit of this crate, with its reason, and the one clock hand that a probe runs against.
//!
//! Never reads the time of day.

use std::time::Duration;

use rebound::check::ProbeRequest;
use tokio::time::Instant;

/// Most bytes of one answer. A thousand accounts take about half of it; a bridge that sends more is broken.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Most accounts of one bridge. Above it the list is not believed.
pub const ACCOUNTS_MAX: usize = 10_000;

/// Most characters kept of any text that a bridge sends: enough for a sentence, too few to flood a page or a mail.
pub const TEXT_CHARS_MAX: usize = 200;

/// Most bytes of a dialect file.
pub const DIALECT_BYTES_MAX: usize = 64 * 1024;

/// Most beacons. Each is a connection per look at the own network.
pub const BEACONS_MAX: usize = 8;

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
}
