//! Makes text fit for a line of a message or of a report.
//!
//! Never changes what a person is told, only where it is cut.

use rebound::text::is_invisible;

/// The text on one line, without control and direction characters, cut at a character.
///
/// A line break in a title could otherwise add a header to the message.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let visible: String = text.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    let mut short: String = line.chars().take(chars_max.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_line_break("down\r\nBcc: x@y.z", 50, "down Bcc: x@y.z")]
    #[case::direction("abc\u{202e}fed", 50, "abc fed")]
    #[case::cut_at_a_character("äöüß", 3, "äö…")]
    #[case::just_long_enough("äöü", 3, "äöü")]
    fn text_becomes_one_line(#[case] text: &str, #[case] chars_max: usize, #[case] line: &str) {
        assert_eq!(one_line(text, chars_max), line);
    }
}
