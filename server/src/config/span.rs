//! Spans of time as people write them: `"30s"`, `"5m"`, `"2h"`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::Problems;

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
        let written = humantime::format_duration(span);
        let (least, most) = (humantime::format_duration(least), humantime::format_duration(most));
        problems.add(
            key,
            &format!("= \"{written}\" is outside of {least} to {most}"),
            "Choose a span within the range.",
        );
    }
    span
}
