//! Single facts as bridges tell them: texts, numbers, errors, sums. Times are in [`time`].
//!
//! Never fills a gap: what cannot be read is an absence with a reason.

pub(crate) mod time;

use rebound::amount::Amount;
use rebound::check::{NotRead, TerminalError};
use rebound::ids::AccountId;
use rebound::text::is_invisible;
use serde_json::Value;

use crate::limits::TEXT_CHARS_MAX;

/// `text` without control characters, at most [`TEXT_CHARS_MAX`] long.
pub(crate) fn short(text: &str) -> String {
    let mut kept: String = text
        .trim()
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_invisible(*c))
        .take(TEXT_CHARS_MAX + 1)
        .collect();
    if kept.chars().count() > TEXT_CHARS_MAX {
        kept = kept.chars().take(TEXT_CHARS_MAX - 1).collect();
        kept.push('…');
    }
    kept
}

/// A value as a short text: a text without its quotes, a database's own kind of value by its name, anything else as JSON.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => short(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(fields) => match (fields.get("$date"), fields.get("$type")) {
            (Some(Value::String(date)), _) => format!("the date {}", short(date)),
            (Some(_), _) => "a date beyond all calendars".to_owned(),
            (None, Some(Value::String(kind))) => format!("a value of the type {}", short(kind)),
            (None, _) => "an object".to_owned(),
        },
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

/// A whole number, as a number or as a text of digits.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

/// A login number, as a number or as a text of digits. 0 is what a terminal tells that is logged in nowhere.
pub(crate) fn account_id(value: &Value) -> Option<AccountId> {
    whole(value).filter(|id| *id > 0).map(AccountId::new)
}

/// Whether an error is told at all: neither null, nor empty, nor `false`.
pub(crate) fn error_text(value: Option<&Value>) -> Option<String> {
    let value = value.filter(|value| !matches!(value, Value::Null | Value::Bool(false)))?;
    Some(words(value)).filter(|text| !text.is_empty())
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
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{short, terminal_error, whole};

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
    #[case::a_number(json!(7), Some(7))]
    #[case::digits(json!(" 7 "), Some(7))]
    #[case::negative(json!(-7), None)]
    #[case::a_fraction(json!(7.0), None)]
    #[case::words(json!("seven"), None)]
    fn a_whole_number_is_a_number_or_digits(#[case] told: Value, #[case] read: Option<u64>) {
        assert_eq!(whole(&told), read);
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
