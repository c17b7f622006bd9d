//! Reads the time, for the whole simulator, and writes it down in the forms that hosts use.
//!
//! The simulator is a world of its own, so this is the one place where it looks at a clock.
//! Never waits.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

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

/// As Python's `datetime.now().isoformat()` writes it: local time without a zone, here UTC.
pub(crate) fn iso_naive(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// As Python's `str(timedelta)` writes it: `1 day, 2:03:04.000005`.
pub(crate) fn python_span(span: TimeDelta) -> String {
    let microseconds = span.num_microseconds().unwrap_or(i64::MAX).max(0);
    let seconds = microseconds / 1_000_000;
    let days = match seconds / 86_400 {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        more => format!("{more} days, "),
    };
    let fraction = match microseconds % 1_000_000 {
        0 => String::new(),
        more => format!(".{more:06}"),
    };
    format!("{days}{}:{:02}:{:02}{fraction}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::python_span;

    #[test]
    fn spans_are_written_as_python_writes_them() {
        assert_eq!(python_span(TimeDelta::microseconds(754_567_890)), "0:12:34.567890");
        assert_eq!(python_span(TimeDelta::seconds(86_400 + 3_723)), "1 day, 1:02:03");
    }
}
