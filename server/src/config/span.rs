//! Spans of time as people write them: `"30s"`, `"5m"`, `"2h"`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::Problems;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A span from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map(Self).map_err(|_| {
            de::Error::custom(format!("\"{text}\" is no span of time; write it as \"30s\", \"5m\" or \"2h\""))
        })
    }
}

/// The span, or its default; a problem if it is outside of `least..=most`.
pub(crate) fn within(
    key: &str,
    span: Option<Span>,
    default: Duration,
    least: Duration,
    most: Duration,
    problems: &mut Problems,
) -> Duration {
    let Some(Span(span)) = span else {
        return default;
    };
    if span < least || span > most {
        let what = format!("= \"{}\" is outside of {} to {}", written(span), written(least), written(most));
        problems.add(key, &what, "Choose a span within the range.");
    }
    span
}

/// A span as it may be written in the file. Months are no word of it: their length is not known.
pub(crate) fn written(span: Duration) -> String {
    let days = span.as_secs() / DAY.as_secs();
    if days > 1 && DAY.checked_mul(u32::try_from(days).unwrap_or(u32::MAX)) == Some(span) {
        return format!("{days}d");
    }
    humantime::format_duration(span).to_string()
}
