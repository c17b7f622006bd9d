//! The time that others tell in a `Date` header.
//!
//! Never guesses: a header that is no date tells nothing.

use std::time::Duration;

use chrono::DateTime;
use rebound::time::Timestamp;

/// The time in a `Date` header, moved back by what had `passed` since the question, so that it can be compared with the moment
/// when the question was given. Whole seconds were told; they may be behind by almost one.
pub(crate) fn date_told(header: Option<&str>, passed: Duration) -> Option<Timestamp> {
    let date = DateTime::parse_from_rfc2822(header?.trim()).ok()?;
    Some(Timestamp::from_ms(date.timestamp_millis()).before(passed))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rebound::time::Timestamp;
    use rstest::rstest;

    use super::date_told;

    #[rstest]
    #[case::as_http_wants_it("Tue, 04 Nov 2025 01:07:00 GMT", Some(1_762_218_420_000))]
    #[case::without_the_day("04 Nov 2025 01:07:00 GMT", Some(1_762_218_420_000))]
    #[case::with_an_offset("Tue, 04 Nov 2025 03:07:00 +0200", Some(1_762_218_420_000))]
    #[case::no_date("yesterday", None)]
    #[case::empty("", None)]
    #[case::seconds("1762218420", None)]
    #[case::the_wrong_day("Mon, 04 Nov 2025 01:07:00 GMT", None)]
    fn a_date_is_read_as_told_or_not_at_all(#[case] header: &str, #[case] ms: Option<i64>) {
        assert_eq!(date_told(Some(header), Duration::ZERO), ms.map(Timestamp::from_ms));
    }

    #[test]
    fn a_date_is_moved_to_the_question() {
        let told = date_told(Some("Tue, 04 Nov 2025 01:07:00 GMT"), Duration::from_millis(1_500));
        assert_eq!(told, Some(Timestamp::from_ms(1_762_218_418_500)));
    }
}
