//! Makes what others said fit to be shown: short, on one line, without secrets.
//!
//! Never changes what is sent.

use rebound::text::is_invisible;
use secrecy::{ExposeSecret, SecretString};

/// Most characters of an output.
pub(crate) const OUTPUT_CHARS_MAX: usize = 300;

/// Most characters of what others said within an output, so that our advice after it is not cut off.
pub(crate) const QUOTE_CHARS_MAX: usize = 160;

/// Put in the place of a secret.
const HIDDEN: &str = "•••";

/// An output on one line without `secrets`, control and direction characters; at most [`OUTPUT_CHARS_MAX`] characters.
pub(crate) fn tidy(text: &str, secrets: &[&SecretString]) -> String {
    tidy_to(text, secrets, OUTPUT_CHARS_MAX)
}

/// What others said, likewise; at most [`QUOTE_CHARS_MAX`] characters.
pub(crate) fn quote(text: &str, secrets: &[&SecretString]) -> String {
    tidy_to(text, secrets, QUOTE_CHARS_MAX)
}

fn tidy_to(text: &str, secrets: &[&SecretString], chars_max: usize) -> String {
    let mut hidden = text.to_owned();
    for secret in secrets.iter().map(|secret| secret.expose_secret()).filter(|secret| !secret.is_empty()) {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        hidden = hidden.replace(secret, HIDDEN).replace(&encoded, HIDDEN);
    }
    let visible: String = hidden.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect();
    shorten(&visible.split_whitespace().collect::<Vec<_>>().join(" "), chars_max)
}

fn shorten(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(chars_max - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::control_characters("a\u{1b}[31mb\r\n\tc", "a [31mb c")]
    #[case::direction("abc\u{202e}fed", "abc fed")]
    #[case::the_secret("token=s3cr3t/ refused", "token=••• refused")]
    #[case::the_secret_encoded("?token=s3cr3t%2F refused", "?token=••• refused")]
    fn foreign_text_is_made_fit_to_be_shown(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(tidy(text, &[&SecretString::from("s3cr3t/")]), shown);
    }

    #[test]
    fn a_secret_is_hidden_before_the_text_is_cut() {
        let text = format!("{}s3cr3t", "x".repeat(OUTPUT_CHARS_MAX - 4));
        assert!(!tidy(&text, &[&SecretString::from("s3cr3t")]).contains("s3c"));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(tidy(&"ä".repeat(1_000), &[]).chars().count(), OUTPUT_CHARS_MAX);
    }

    #[test]
    fn an_empty_secret_hides_nothing() {
        assert_eq!(tidy("abc", &[&SecretString::from("")]), "abc");
    }
}
