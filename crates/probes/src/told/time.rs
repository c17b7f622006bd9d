//! Points in time as bridges tell them.
//!
//! A clock's reading without its zone is no time: the wall clock of a broker's server counts only where somebody has said how
//! far it is from UTC.

use chrono::{DateTime, NaiveDateTime};
use rebound::calendar::Zone;
use rebound::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// 2000-01-01. An earlier read time is a default value of the bridge's language, never a read.
const TIME_MIN: Timestamp = Timestamp::from_ms(946_684_800_000);

/// 2200-01-01. A later time is a broken number.
const TIME_MAX: Timestamp = Timestamp::from_ms(7_258_118_400_000);

/// What a bare number means where a time is expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberTimes {
    /// Nothing: such a time is unreadable.
    #[default]
    Refused,
    /// Seconds since 1970, with or without a fraction.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMs,
    /// The wall clock of the broker's server, counted in seconds as if it were UTC: every `time` of the `MetaTrader5` package.
    ServerSeconds,
    /// The same in milliseconds: every `time_msc` of the `MetaTrader5` package.
    ServerMs,
}

/// What a written time without a zone means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NaiveTimes {
    /// UTC.
    #[default]
    Utc,
    /// The wall clock of the broker's server.
    Server,
}

/// How the times of one answer are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeKinds<'a> {
    /// Bare numbers.
    pub(crate) numbers: NumberTimes,
    /// Written times without a zone.
    pub(crate) naive: NaiveTimes,
    /// The wall clock of the broker's server; without it no such time can be read.
    pub(crate) server: Option<&'a Zone>,
}

/// A point in time: RFC 3339 with a fraction of any length, the same without a zone, `YYYY.MM.DD HH:MM:SS` (always the wall
/// clock of the broker's server), a number as `kinds` says, or MongoDB's `{"$date": …}` around a text or milliseconds.
pub(crate) fn time(value: &Value, kinds: TimeKinds<'_>) -> Option<Timestamp> {
    let told = match value {
        Value::String(text) => written_time(text.trim(), kinds),
        Value::Number(_) => numbered_time(value, kinds),
        Value::Object(object) => match object.get("$date")? {
            Value::String(text) => written_time(text.trim(), TimeKinds::default()),
            Value::Object(long) => long.get("$numberLong")?.as_str()?.parse().ok().map(Timestamp::from_ms),
            date @ Value::Number(_) => {
                numbered_time(date, TimeKinds { numbers: NumberTimes::EpochMs, ..TimeKinds::default() })
            }
            Value::Null | Value::Bool(_) | Value::Array(_) => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    };
    told.filter(|time| (TIME_MIN..TIME_MAX).contains(time))
}

/// Why a value that is there is no time, for whoever writes a dialect.
pub(crate) fn why_no_time(value: &Value, kinds: TimeKinds<'_>) -> &'static str {
    let server = Zone::utc();
    let with_zone = TimeKinds { server: Some(&server), ..kinds };
    if kinds.server.is_none() && time(value, with_zone).is_some() {
        return "the wall clock of the broker's server: set server_time to say how far it is from UTC";
    }
    let any_unit = [NumberTimes::EpochSeconds, NumberTimes::EpochMs];
    if value.is_number()
        && any_unit.iter().any(|unit| time(value, TimeKinds { numbers: *unit, ..with_zone }).is_some())
    {
        return "a time in another unit than number_times says";
    }
    "no time"
}

fn written_time(text: &str, kinds: TimeKinds<'_>) -> Option<Timestamp> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(Timestamp::from_ms(time.timestamp_millis()));
    }
    let wall = |format: &str| {
        let read = NaiveDateTime::parse_from_str(text, format).ok()?;
        Some(Timestamp::from_ms(read.and_utc().timestamp_millis()))
    };
    if let Some(naive) = wall("%Y-%m-%dT%H:%M:%S%.f").or_else(|| wall("%Y-%m-%d %H:%M:%S%.f")) {
        return match kinds.naive {
            NaiveTimes::Utc => Some(naive),
            NaiveTimes::Server => on_server(naive, kinds),
        };
    }
    on_server(wall("%Y.%m.%d %H:%M:%S%.f").or_else(|| wall("%Y.%m.%d %H:%M"))?, kinds)
}

/// The moment at which the server's wall clock shows `wall`.
fn on_server(wall: Timestamp, kinds: TimeKinds<'_>) -> Option<Timestamp> {
    kinds.server.map(|zone| zone.utc_of(wall))
}

fn numbered_time(value: &Value, kinds: TimeKinds<'_>) -> Option<Timestamp> {
    let number = value.as_f64()?;
    let (ms, of_server) = match kinds.numbers {
        NumberTimes::Refused => return None,
        NumberTimes::EpochSeconds => (number * 1_000.0, false),
        NumberTimes::EpochMs => (number, false),
        NumberTimes::ServerSeconds => (number * 1_000.0, true),
        NumberTimes::ServerMs => (number, true),
    };
    // Far inside what a float holds exactly; what is not is cut off by the caller's range.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and the range is checked after it"
    )]
    let told = ms.is_finite().then_some(Timestamp::from_ms(ms as i64))?;
    if of_server {
        // A number far outside of all calendars must not reach the zone's rules.
        on_server(Some(told).filter(|time| (TIME_MIN..TIME_MAX).contains(time))?, kinds)
    } else {
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use rebound::calendar::{Zone, ZoneRule};
    use rebound::time::Timestamp;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{NaiveTimes, NumberTimes, TimeKinds, time, why_no_time};

    /// 2025-11-04T01:06:37 UTC.
    const READ: i64 = 1_762_218_397_000;

    #[rstest]
    #[case::iso_z(json!("2025-11-04T01:06:37Z"), Some(READ))]
    #[case::nine_digits(json!("2025-11-04T01:06:37.030518876Z"), Some(READ + 30))]
    #[case::twelve_digits(json!("2025-11-04T01:06:37.030518876123Z"), Some(READ + 30))]
    #[case::an_offset(json!("2025-11-04T03:06:37.5+02:00"), Some(READ + 500))]
    #[case::naive(json!("2025-11-04T01:06:37.042801"), Some(READ + 42))]
    #[case::naive_with_a_space(json!("2025-11-04 01:06:37.03"), Some(READ + 30))]
    #[case::mongo_text(json!({"$date": "2025-11-04T01:06:37Z"}), Some(READ))]
    #[case::mongo_ms(json!({"$date": READ}), Some(READ))]
    #[case::mongo_long(json!({"$date": {"$numberLong": READ.to_string()}}), Some(READ))]
    #[case::a_bare_number(json!(1_762_218_397), None)]
    #[case::a_date_alone(json!("2025-11-04"), None)]
    #[case::server_time(json!("2025.11.04 03:06:37"), None)]
    #[case::the_first_day_of_python(json!("0001-01-01T00:00:00"), None)]
    #[case::the_epoch(json!("1970-01-01T00:00:00Z"), None)]
    #[case::text(json!("just now"), None)]
    #[case::a_flag(json!(true), None)]
    fn a_time_is_read_as_told_or_not_at_all(#[case] told: Value, #[case] ms: Option<i64>) {
        assert_eq!(time(&told, TimeKinds::default()), ms.map(Timestamp::from_ms));
    }

    #[rstest]
    #[case::seconds(NumberTimes::EpochSeconds, json!(1_762_218_397), Some(READ))]
    #[case::a_fraction(NumberTimes::EpochSeconds, json!(1_762_218_397.25), Some(READ + 250))]
    #[case::ms(NumberTimes::EpochMs, json!(READ), Some(READ))]
    #[case::ms_taken_for_seconds(NumberTimes::EpochSeconds, json!(READ), None)]
    #[case::seconds_taken_for_ms(NumberTimes::EpochMs, json!(1_762_218_397), None)]
    #[case::huge(NumberTimes::EpochSeconds, json!(1e308), None)]
    #[case::of_a_server_that_is_somewhere(NumberTimes::ServerSeconds, json!(1_762_218_397), None)]
    fn a_number_is_a_time_only_in_its_unit(
        #[case] numbers: NumberTimes,
        #[case] told: Value,
        #[case] ms: Option<i64>,
    ) {
        assert_eq!(time(&told, TimeKinds { numbers, ..TimeKinds::default() }), ms.map(Timestamp::from_ms));
    }

    fn new_york_plus_seven() -> Zone {
        Zone { name: "server".to_owned(), rule: ZoneRule::NewYorkPlus(7 * 60) }
    }

    fn utc_of(told: &Value, numbers: NumberTimes, naive: NaiveTimes) -> Option<String> {
        let server = new_york_plus_seven();
        time(told, TimeKinds { numbers, naive, server: Some(&server) }).map(Timestamp::rfc3339)
    }

    #[rstest]
    #[case::winter(json!("2025.11.04 03:06:37"), "2025-11-04T01:06:37Z")]
    #[case::summer(json!("2025.07.04 03:06:37"), "2025-07-04T00:06:37Z")]
    #[case::the_week_in_which_only_new_york_has_changed(json!("2025.03.14 03:06"), "2025-03-14T00:06:00Z")]
    #[case::with_a_fraction(json!("2025.11.04 03:06:37.250"), "2025-11-04T01:06:37Z")]
    #[case::seconds(json!(1_762_225_597), "2025-11-04T01:06:37Z")]
    #[case::naive(json!("2025-11-04T03:06:37"), "2025-11-04T01:06:37Z")]
    #[case::a_zone_of_its_own(json!("2025-11-04T03:06:37Z"), "2025-11-04T03:06:37Z")]
    fn the_wall_clock_of_a_server_is_read_by_its_zone(#[case] told: Value, #[case] utc: &str) {
        let read = utc_of(&told, NumberTimes::ServerSeconds, NaiveTimes::Server);
        assert_eq!(read.as_deref(), Some(utc));
    }

    #[rstest]
    #[case::ms(json!(1_762_225_597_000_i64), NumberTimes::ServerMs, Some("2025-11-04T01:06:37Z"))]
    #[case::huge(json!(1e300), NumberTimes::ServerMs, None)]
    #[case::utc_stays(json!(1_762_225_597), NumberTimes::EpochSeconds, Some("2025-11-04T03:06:37Z"))]
    fn only_a_server_clock_is_moved(
        #[case] told: Value,
        #[case] numbers: NumberTimes,
        #[case] utc: Option<&str>,
    ) {
        assert_eq!(utc_of(&told, numbers, NaiveTimes::Utc).as_deref(), utc);
    }

    #[rstest]
    #[case::a_server_clock(json!("2025.11.04 03:06:37"), NumberTimes::Refused, "server_time")]
    #[case::a_server_number(json!(1_762_225_597), NumberTimes::ServerSeconds, "server_time")]
    #[case::another_unit(json!(READ), NumberTimes::EpochSeconds, "another unit")]
    #[case::no_unit(json!(READ), NumberTimes::Refused, "another unit")]
    #[case::words(json!("just now"), NumberTimes::Refused, "no time")]
    fn what_is_no_time_says_why(#[case] told: Value, #[case] numbers: NumberTimes, #[case] why: &str) {
        let seen = why_no_time(&told, TimeKinds { numbers, ..TimeKinds::default() });
        assert!(seen.contains(why), "{seen}");
    }
}
