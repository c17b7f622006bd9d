//! Single facts as bridges tell them: texts, times, errors, sums.
//!
//! Never fills a gap: what cannot be read is an absence with a reason.

use chrono::{DateTime, NaiveDateTime};
use rebound::amount::Amount;
use rebound::check::{NotRead, TerminalError};
use rebound::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::limits::TEXT_CHARS_MAX;

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
}

/// `text` without control characters, at most [`TEXT_CHARS_MAX`] long.
pub(crate) fn short(text: &str) -> String {
    let mut kept: String = text
        .trim()
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .take(TEXT_CHARS_MAX + 1)
        .collect();
    if kept.chars().count() > TEXT_CHARS_MAX {
        kept = kept.chars().take(TEXT_CHARS_MAX - 1).collect();
        kept.push('…');
    }
    kept
}

/// Marks that reorder or hide the text around them in a log, a mail or a page.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A value as a short text: a text without its quotes, anything else as JSON.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => short(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => short(&value.to_string()),
    }
}

/// A text, unless it is empty or something else.
pub(crate) fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(short).filter(|text| !text.is_empty())
}

/// A sum of money. A number written as a text is no number: whoever writes one may write anything.
pub(crate) fn balance(value: Option<&Value>) -> Result<Amount, NotRead> {
    let value = value.filter(|value| !value.is_null()).ok_or(NotRead::BalanceMissing)?;
    amount(value).ok_or_else(|| NotRead::BalanceUnreadable(words(value)))
}

/// A sum of money, if it is one.
pub(crate) fn amount(value: &Value) -> Option<Amount> {
    value.as_f64().and_then(|number| Amount::try_new(number).ok())
}

/// A point in time: RFC 3339 with a fraction of any length, the same without a zone (then UTC), a number as `numbers` says,
/// or MongoDB's `{"$date": …}` around a text or milliseconds.
pub(crate) fn time(value: &Value, numbers: NumberTimes) -> Option<Timestamp> {
    let told = match value {
        Value::String(text) => written_time(text.trim()),
        Value::Number(_) => numbered_time(value, numbers),
        Value::Object(object) => match object.get("$date")? {
            Value::String(text) => written_time(text.trim()),
            Value::Object(long) => long.get("$numberLong")?.as_str()?.parse().ok().map(Timestamp::from_ms),
            date @ Value::Number(_) => numbered_time(date, NumberTimes::EpochMs),
            Value::Null | Value::Bool(_) | Value::Array(_) => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    };
    told.filter(|time| (TIME_MIN..TIME_MAX).contains(time))
}

fn written_time(text: &str) -> Option<Timestamp> {
    let ms = DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .or_else(|_| naive_time(text).map(|time| time.and_utc().timestamp_millis()));
    ms.ok().map(Timestamp::from_ms)
}

fn naive_time(text: &str) -> Result<NaiveDateTime, chrono::ParseError> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
}

fn numbered_time(value: &Value, numbers: NumberTimes) -> Option<Timestamp> {
    let ms = match numbers {
        NumberTimes::Refused => return None,
        NumberTimes::EpochSeconds => value.as_f64()? * 1_000.0,
        NumberTimes::EpochMs => value.as_f64()?,
    };
    // Far inside what a float holds exactly; what is not is cut off by the caller's range.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and the range is checked after it"
    )]
    ms.is_finite().then_some(Timestamp::from_ms(ms as i64))
}

/// The last error of the terminal's interface: `[code, text]`, an object with a code and a message, or a text.
///
/// The code is 0 where none is told. A code of 1 is `MetaTrader5`'s "success" and no error.
pub(crate) fn terminal_error(value: &Value) -> Option<TerminalError> {
    let (code, text) = match value {
        Value::Array(pair) => (pair.first().and_then(number)?, pair.get(1).map(words).unwrap_or_default()),
        Value::Object(object) => {
            let field = |names: [&str; 2]| names.iter().find_map(|name| object.get(*name));
            let code = field(["code", "error_code"]).and_then(number);
            let text = field(["message", "error_message"]).map(words);
            if code.is_none() && text.is_none() {
                return None;
            }
            (code.unwrap_or(0), text.unwrap_or_default())
        }
        Value::String(written) => (written_code(written), short(written)),
        Value::Number(_) => (number(value)?, String::new()),
        Value::Null | Value::Bool(_) => return None,
    };
    let none = code == 1 || (code == 0 && text.is_empty());
    (!none).then_some(TerminalError { code, text })
}

fn number(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|code| i32::try_from(code).ok())
}

/// The code in a text such as `Login failed: (-6, 'Terminal: Authorization failed')`; 0 if there is none.
fn written_code(text: &str) -> i32 {
    let after = text.split_once('(').map_or("", |(_, after)| after);
    after.split(',').next().and_then(|code| code.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rebound::check::TerminalError;
    use rebound::time::Timestamp;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{NumberTimes, short, terminal_error, time};

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
        assert_eq!(time(&told, NumberTimes::Refused), ms.map(Timestamp::from_ms));
    }

    #[rstest]
    #[case::seconds(NumberTimes::EpochSeconds, json!(1_762_218_397), Some(READ))]
    #[case::a_fraction(NumberTimes::EpochSeconds, json!(1_762_218_397.25), Some(READ + 250))]
    #[case::ms(NumberTimes::EpochMs, json!(READ), Some(READ))]
    #[case::ms_taken_for_seconds(NumberTimes::EpochSeconds, json!(READ), None)]
    #[case::seconds_taken_for_ms(NumberTimes::EpochMs, json!(1_762_218_397), None)]
    #[case::huge(NumberTimes::EpochSeconds, json!(1e308), None)]
    fn a_number_is_a_time_only_in_its_unit(
        #[case] unit: NumberTimes,
        #[case] told: Value,
        #[case] ms: Option<i64>,
    ) {
        assert_eq!(time(&told, unit), ms.map(Timestamp::from_ms));
    }

    #[rstest]
    #[case::pair(json!([-10_005, "IPC timeout"]), Some((-10_005, "IPC timeout")))]
    #[case::object(json!({"code": -6, "message": "denied"}), Some((-6, "denied")))]
    #[case::other_names(json!({"error_code": -10_004, "error_message": "No IPC connection"}), Some((-10_004, "No IPC connection")))]
    #[case::text(json!("MT5 not connected"), Some((0, "MT5 not connected")))]
    #[case::text_with_a_code(json!("Login failed: (-6, 'denied')"), Some((-6, "Login failed: (-6, 'denied')")))]
    #[case::success(json!([1, "Success"]), None)]
    #[case::empty_list(json!([]), None)]
    #[case::empty_text(json!(""), None)]
    #[case::a_flag(json!(false), None)]
    fn a_terminal_error_is_read_in_all_its_shapes(#[case] told: Value, #[case] read: Option<(i32, &str)>) {
        let read = read.map(|(code, text)| TerminalError { code, text: text.to_owned() });
        assert_eq!(terminal_error(&told), read);
    }

    #[rstest]
    #[case::controls("a\u{0}b\u{1b}[31mc\r\nd", "ab[31mc  d")]
    #[case::a_reversal("a\u{202e}b", "ab")]
    fn a_text_loses_what_hides(#[case] text: &str, #[case] kept: &str) {
        assert_eq!(short(text), kept);
    }

    #[test]
    fn a_long_text_is_cut_at_two_hundred_characters() {
        let kept = short(&"ä".repeat(5_000));
        assert_eq!((kept.chars().count(), kept.ends_with('…')), (200, true));
    }
}
