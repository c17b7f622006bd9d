//! Sentences of the core. The times of day in them are those of UTC; a living page shows the reader's own, with UTC beside them on hover.

use leptos::prelude::*;
use rebound::time::Timestamp;

use crate::live::clock::Clock;
use crate::parts::follow::follow;
use crate::parts::moment::{Moment, time_of_day};
use crate::sheet::Told;

/// What ends a time of day, as the core writes it.
const UTC: &str = " UTC";
/// Bytes of `12:00:05`, and of the `2026-11-23 ` that may stand before it.
const CLOCK_LENGTH: usize = 8;
const DATE_LENGTH: usize = 11;

/// A sentence of the core, in the page's language already.
pub(crate) fn sentence(text: String) -> AnyView {
    if !text.contains(UTC) {
        return text.into_any();
    }
    let clock = Clock::of_page();
    let part = |part: Part| match part {
        Part::Words(words) => words.to_owned().into_any(),
        Part::Time(written, seconds) => {
            let at = on_day_of(clock.rendered_at, seconds);
            let words = follow(move || time_of_day(at, clock.now()).into_any());
            view! { <span title=written.to_owned()>{words}</span> }.into_any()
        }
        Part::Moment(at) => view! { <Moment at told=Told::Clock/> }.into_any(),
    };
    parts(&text).into_iter().map(part).collect::<Vec<_>>().into_any()
}

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Words(&'a str),
    /// A time of day of UTC as it is written, and its seconds.
    Time(&'a str, i64),
    /// One with its date.
    Moment(Timestamp),
}

/// Words and times in their order.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut looked) = (0, 0);
    while let Some(found) = text.get(looked..).and_then(|rest| rest.find(UTC)) {
        let (clock_end, end) = (looked + found, looked + found + UTC.len());
        looked = end;
        let begin = clock_end.saturating_sub(CLOCK_LENGTH).max(from);
        let (Some(before), Some(written)) = (text.get(from..begin), text.get(begin..end)) else { continue };
        let Some(seconds) = written.strip_suffix(UTC).and_then(seconds_of) else { continue };
        let date = before.len().checked_sub(DATE_LENGTH).and_then(|at| before.split_at_checked(at));
        let dated = date.and_then(|(before, date)| Some((before, day_of(date)?)));
        let (before, time) = match dated {
            Some((before, day)) => (before, Part::Moment(on_day_of(day, seconds))),
            None => (before, Part::Time(written, seconds)),
        };
        if !before.is_empty() {
            parts.push(Part::Words(before));
        }
        parts.push(time);
        from = end;
    }
    parts.extend(text.get(from..).filter(|rest| !rest.is_empty()).map(Part::Words));
    parts
}

/// The seconds of `12:00:05`; `None` of anything else.
fn seconds_of(clock: &str) -> Option<i64> {
    let mut numbers = clock.split(':').map(|number| {
        let is_plain = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| number.parse::<i64>().ok()).flatten()
    });
    let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let is_clock = numbers.next().is_none() && hour < 24 && minute < 60 && second < 60;
    is_clock.then_some(hour * 3_600 + minute * 60 + second)
}

/// The day of `2026-11-23 `; `None` of anything else.
fn day_of(date: &str) -> Option<Timestamp> {
    let date = date.strip_suffix(' ')?;
    let mut numbers = date.split('-').map(|number| number.parse::<u16>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let day = Timestamp::from_civil(i64::from(year), month, day, 0, 0);
    // Written as it is read: there is no 31 February.
    day.to_string().strip_prefix(date)?.starts_with(' ').then_some(day)
}

/// That time on this day: which day it was meant of is not written, and is not shown.
fn on_day_of(day: Timestamp, seconds: i64) -> Timestamp {
    const DAY_MS: i64 = 86_400_000;
    Timestamp::from_ms(day.as_ms().div_euclid(DAY_MS) * DAY_MS + seconds * 1_000)
}

#[cfg(test)]
mod tests {
    use super::Part::{Moment, Time, Words};
    use super::*;

    #[test]
    fn times_of_day_are_found_where_the_core_writes_them() {
        assert_eq!(
            parts("It would not start before 02:22:56 UTC: the last heal was less than 5 min ago."),
            [
                Words("It would not start before "),
                Time("02:22:56 UTC", 8_576),
                Words(": the last heal was less than 5 min ago.")
            ]
        );
        assert_eq!(
            parts("00:00:00 UTC bis 23:59:59 UTC"),
            [Time("00:00:00 UTC", 0), Words(" bis "), Time("23:59:59 UTC", 86_399)]
        );
    }

    #[test]
    fn a_time_with_its_date_is_that_moment() {
        assert_eq!(
            parts("Healing is paused until 2026-11-23 12:00:05 UTC. Watching goes on."),
            [
                Words("Healing is paused until "),
                Moment(Timestamp::from_ms(1_795_435_205_000)),
                Words(". Watching goes on.")
            ]
        );
        for before in
            ["2026-02-31 ", "2026-13-01 ", "2026/11/23 ", "x026-11-23 ", "2026-11-23", "año26-1-23 "]
        {
            assert_eq!(parts(&format!("{before}00:00:01 UTC")), [Words(before), Time("00:00:01 UTC", 1)]);
        }
    }

    #[test]
    fn whatever_else_says_utc_stays() {
        for text in [
            "24:00:00 UTC",
            "1:22:56 UTC",
            "at +2:22:56 UTC",
            "12:00:61 UTC",
            "the zone UTC",
            " UTC UTC",
            "ño 2:22:56 UTC",
        ] {
            assert_eq!(parts(text), [Words(text)]);
        }
        assert_eq!(parts(""), []);
    }

    #[test]
    fn a_time_is_that_of_the_day_on_which_the_page_was_made() {
        let made = Timestamp::from_ms(1_795_435_205_000);
        assert_eq!(on_day_of(made, 8_576).to_string(), "2026-11-23 02:22:56 UTC");
    }
}
