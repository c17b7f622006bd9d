//! When markets are open.
//!
//! Decides only from the time handed in. Outside the sessions of a target's calendar the checks about the market rest.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{Civil, Timestamp, Weekday};

/// The sessions of what a target trades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Never closes: crypto, or a target without a market.
    #[default]
    Always,
    /// Sunday 17:00 to Friday 17:00 in New York, with that city's daylight saving time.
    Forex,
}

/// Whether the market is open, and until when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Session {
    /// Open; closes at the time, if it ever does.
    Open(Option<Timestamp>),
    /// Closed until the time.
    Closed(Timestamp),
}

const NEW_YORK_CLOSE_HOUR: i64 = 17;
/// From Sunday's opening to Friday's close; clocks change before the opening, never within.
const FOREX_WEEK: Duration = Duration::from_secs(5 * 24 * 3_600);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Calendar {
    /// The session at `now`.
    #[must_use]
    pub fn session(self, now: Timestamp) -> Session {
        match self {
            Self::Always => Session::Open(None),
            Self::Forex => forex(now),
        }
    }

    /// Since when the market has been open at `now`; `None` while it is closed, or where it never closes.
    #[must_use]
    pub fn open_since(self, now: Timestamp) -> Option<Timestamp> {
        match self.session(now) {
            Session::Open(Some(closes)) => Some(closes.before(FOREX_WEEK)),
            Session::Open(None) | Session::Closed(_) => None,
        }
    }

    /// Whether the market is open at `now`.
    #[must_use]
    pub fn is_open(self, now: Timestamp) -> bool {
        matches!(self.session(now), Session::Open(_))
    }
}

fn forex(now: Timestamp) -> Session {
    let local = to_new_york(now);
    let civil = local.civil();
    let into_week = week_ms(civil, local);
    let opens = NEW_YORK_CLOSE_HOUR * HOUR_MS;
    let closes = 5 * DAY_MS + NEW_YORK_CLOSE_HOUR * HOUR_MS;
    if into_week < opens {
        Session::Closed(from_new_york(shift(local, opens - into_week)))
    } else if into_week < closes {
        Session::Open(Some(from_new_york(shift(local, closes - into_week))))
    } else {
        Session::Closed(from_new_york(shift(local, 7 * DAY_MS + opens - into_week)))
    }
}

/// Milliseconds since Sunday 00:00 of the local week.
fn week_ms(civil: Civil, local: Timestamp) -> i64 {
    let day = match civil.weekday {
        Weekday::Sunday => 0,
        Weekday::Monday => 1,
        Weekday::Tuesday => 2,
        Weekday::Wednesday => 3,
        Weekday::Thursday => 4,
        Weekday::Friday => 5,
        Weekday::Saturday => 6,
    };
    day * DAY_MS + local.as_ms().rem_euclid(DAY_MS)
}

fn shift(time: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_ms(time.as_ms().saturating_add(ms))
}

/// The wall clock of New York, written as if it were UTC.
fn to_new_york(utc: Timestamp) -> Timestamp {
    utc.before(new_york_behind(utc))
}

/// The inverse of [`to_new_york`]; sessions begin and end at 17:00, far from the hours that clocks skip or repeat.
fn from_new_york(local: Timestamp) -> Timestamp {
    let guess = local.after(Duration::from_secs(5 * 3_600));
    local.after(new_york_behind(guess))
}

/// How far New York is behind UTC: 4 h from the second Sunday in March 07:00 UTC to the first in November 06:00 UTC, else 5 h.
///
/// Source: Energy Policy Act of 2005, section 110.
fn new_york_behind(utc: Timestamp) -> Duration {
    let year = utc.civil().year;
    let begins = sunday_on_or_after(year, 3, 8, 7);
    let ends = sunday_on_or_after(year, 11, 1, 6);
    let hours = if utc >= begins && utc < ends { 4 } else { 5 };
    Duration::from_secs(hours * 3_600)
}

fn sunday_on_or_after(year: i64, month: u8, day: u8, hour: u8) -> Timestamp {
    let start = Timestamp::from_civil(year, month, day, hour, 0);
    let into_week = week_ms(start.civil(), start) / DAY_MS;
    shift(start, (7 - into_week) % 7 * DAY_MS)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    // New York is on summer time until 2026-11-01, Europe only until 2026-10-25: the week between has its own offset.
    #[case::friday_before_close_in_summer((2026, 7, 10, 20, 59), true)]
    #[case::friday_at_close_in_summer((2026, 7, 10, 21, 0), false)]
    #[case::friday_before_close_in_winter((2026, 11, 20, 21, 59), true)]
    #[case::friday_at_close_in_winter((2026, 11, 20, 22, 0), false)]
    #[case::friday_22_05_utc((2026, 11, 20, 22, 5), false)]
    #[case::sunday_21_30_utc_in_winter((2026, 11, 22, 21, 30), false)]
    #[case::sunday_at_open_in_winter((2026, 11, 22, 22, 0), true)]
    #[case::friday_in_the_gap_week((2026, 10, 30, 20, 59), true)]
    #[case::friday_close_in_the_gap_week((2026, 10, 30, 21, 0), false)]
    #[case::sunday_after_the_us_change((2026, 11, 1, 21, 59), false)]
    #[case::sunday_open_after_the_us_change((2026, 11, 1, 22, 0), true)]
    #[case::saturday((2026, 11, 21, 12, 0), false)]
    #[case::wednesday_night((2026, 11, 25, 3, 0), true)]
    fn forex_follows_new_york(#[case] at: (i64, u8, u8, u8, u8), #[case] open: bool) {
        let now = Timestamp::from_civil(at.0, at.1, at.2, at.3, at.4);
        assert_eq!(Calendar::Forex.is_open(now), open);
    }

    #[test]
    fn a_closed_market_says_when_it_opens() {
        let saturday = Timestamp::from_civil(2026, 11, 21, 12, 0);
        let opens = Timestamp::from_civil(2026, 11, 22, 22, 0);
        assert_eq!(Calendar::Forex.session(saturday), Session::Closed(opens));
    }

    #[test]
    fn an_open_market_says_since_when() {
        let wednesday = Timestamp::from_civil(2026, 11, 4, 12, 0);
        let opened = Timestamp::from_civil(2026, 11, 1, 22, 0);
        assert_eq!(Calendar::Forex.open_since(wednesday), Some(opened));
        assert_eq!(Calendar::Always.open_since(wednesday), None);
    }

    #[test]
    fn the_weekend_of_the_clock_change_opens_at_the_new_offset() {
        let saturday = Timestamp::from_civil(2026, 10, 31, 12, 0);
        let opens = Timestamp::from_civil(2026, 11, 1, 22, 0);
        assert_eq!(Calendar::Forex.session(saturday), Session::Closed(opens));
    }
}
