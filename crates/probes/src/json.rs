//! Reads JSON as bridges write it.
//!
//! Python writes `NaN` and `Infinity`, which JSON does not know, and a broken bridge writes numbers beyond any float. Such a
//! token becomes a text, so that one bad number costs one field and not the whole answer. It never becomes a number.

pub(crate) mod path;

use rebound::check::BadAnswer;
use serde_json::Value;

use crate::told::short;

/// Reads `body` as the answer of `path`.
pub(crate) fn parse(path: &str, body: &[u8]) -> Result<Value, BadAnswer> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).or_else(|error| {
        serde_json::from_slice(&quote_impossible_numbers(body)).map_err(|_| BadAnswer::NotJson {
            path: path.to_owned(),
            detail: if body.trim_ascii_start().starts_with(b"<") {
                "it looks like a web page".to_owned()
            } else {
                short(&error.to_string())
            },
        })
    })
}

/// Puts quotes around every bare token that no JSON number can be.
fn quote_impossible_numbers(body: &[u8]) -> Vec<u8> {
    let mut tame = Vec::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(&first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            _ if is_token(first) => rest.iter().take_while(|byte| is_token(**byte)).count(),
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        if is_token(first) && is_impossible(token) {
            tame.push(b'"');
            tame.extend_from_slice(token);
            tame.push(b'"');
        } else {
            tame.extend_from_slice(token);
        }
        rest = after;
    }
    tame
}

/// Bytes of the string literal at the beginning of `text`, quotes included; all of it if it never ends.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Rust's reader of floats knows `NaN` and `Infinity` by name and answers infinity for what is too large.
fn is_impossible(token: &[u8]) -> bool {
    let number = std::str::from_utf8(token).ok().and_then(|token| token.parse::<f64>().ok());
    number.is_some_and(|number| !number.is_finite())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::parse;

    #[rstest]
    #[case::nan(r#"{"a": NaN}"#, json!({"a": "NaN"}))]
    #[case::infinities(r"[Infinity,-Infinity]", json!(["Infinity", "-Infinity"]))]
    #[case::beyond_floats(r#"{"a":1e999,"b":1}"#, json!({"a": "1e999", "b": 1}))]
    #[case::inside_a_text(r#"{"a\"":"x NaN , \\","b":NaN}"#, json!({"a\"": "x NaN , \\", "b": "NaN"}))]
    #[case::a_byte_order_mark("\u{feff}{}", json!({}))]
    fn an_impossible_number_is_read_as_a_text(#[case] body: &str, #[case] read: Value) {
        assert_eq!(parse("/", body.as_bytes()).unwrap(), read);
    }

    #[rstest]
    #[case::empty("", "EOF")]
    #[case::cut("{\"a\":\"NaN", "EOF")]
    #[case::a_page(" <!doctype html>", "web page")]
    #[case::too_deep(&"[".repeat(1_000), "recursion")]
    fn what_is_no_json_says_so(#[case] body: &str, #[case] detail: &str) {
        let seen = parse("/", body.as_bytes()).unwrap_err().to_string();
        assert!(seen.contains(detail), "{seen}");
    }
}
