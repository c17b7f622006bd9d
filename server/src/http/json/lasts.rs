//! How long something asked for lasts: a span as people write it, within its range.

use std::time::Duration;

use rebound::monitor::PAUSE_MAX;
use rebound::time::spoken;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// Shortest span that can be asked for: anything shorter is over before somebody has read the answer.
const LEAST: Duration = Duration::from_secs(60);
const KEY: &str = "for";

/// A span of 1 min to 7 d.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lasts(pub(crate) Duration);

impl<'de> Deserialize<'de> for Lasts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let span = written.as_str().and_then(|text| humantime::parse_duration(text).ok());
        let span = span.ok_or_else(|| {
            de::Error::custom(format!(
                "{KEY} = {written} is no span of time; write it as \"30m\", \"2h\" or \"1d 12h\""
            ))
        })?;
        if span < LEAST || span > PAUSE_MAX {
            let (least, most) = (spoken(LEAST), spoken(PAUSE_MAX));
            return Err(de::Error::custom(format!("{KEY} = {written} is outside of {least} to {most}")));
        }
        Ok(Self(span))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn read(written: &Value) -> Result<Lasts, String> {
        serde_json::from_value(written.clone()).map_err(|error| error.to_string())
    }

    #[rstest]
    #[case("1m", 60)]
    #[case("2h", 7_200)]
    #[case("1d 12h", 129_600)]
    #[case("7d", 604_800)]
    fn a_span_is_read_as_people_write_it(#[case] written: &str, #[case] seconds: u64) {
        assert_eq!(read(&json!(written)), Ok(Lasts(Duration::from_secs(seconds))));
    }

    #[rstest]
    #[case(json!("59s"), "for = \"59s\" is outside of 1 min to 7 d")]
    #[case(json!("8d"), "for = \"8d\" is outside of 1 min to 7 d")]
    #[case(json!("99999999999y"), "is outside of 1 min to 7 d")]
    #[case(json!("-2h"), "is no span of time")]
    #[case(json!(120), "for = 120 is no span of time")]
    #[case(json!(null), "for = null is no span of time")]
    fn a_span_that_cannot_be_used_is_told_with_its_value(#[case] written: Value, #[case] told: &str) {
        let error = read(&written).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}
