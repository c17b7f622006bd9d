//! Reads the time, for the whole simulator, and writes it down in the forms that hosts use.
//!
//! The simulator is a world of its own, so this is the one place where it looks at a clock.
//! Never waits.

use chrono::{DateTime, SecondsFormat, Utc};

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "the simulator's only clock; the product's clock is elsewhere")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// As Python's `datetime.now(timezone.utc).isoformat()` writes it: microseconds and `+00:00`.
pub(crate) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// As GitHub writes it: whole seconds and `Z`.
pub(crate) fn iso_seconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As the HTTP `Date` header wants it.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
