//! Time zones as data: the rule of New York, or a table of changes that somebody else knows.
//!
//! Never looks anything up: whoever configures a zone hands in its table.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{Timestamp, Weekday};

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name for people, e.g. `America/New_York` or `UTC+02:00`.
    pub name: String,
    /// How far its clocks are from UTC, and when.
    pub rule: ZoneRule,
}

/// How far a zone's clocks are from UTC, and when. Offsets in minutes, positive east of Greenwich.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ZoneRule {
    /// Always the same.
    Fixed(i32),
    /// New York plus some minutes: many brokers' servers run seven hours ahead of it, so that their day ends at 17:00 there.
    NewYorkPlus(i32),
    /// The offset before the first change, then each change's time and the offset from it on, oldest first.
    Table(i32, Vec<(Timestamp, i32)>),
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: String::from("UTC"), rule: ZoneRule::Fixed(0) }
    }

    /// New York, by its own rule.
    #[must_use]
    pub fn new_york() -> Self {
        Self { name: String::from("America/New_York"), rule: ZoneRule::NewYorkPlus(0) }
    }

    /// Its wall clock at `utc`, written as if it were UTC.
    #[must_use]
    pub fn local(&self, utc: Timestamp) -> Timestamp {
        moved(utc, self.offset_min(utc))
    }

    /// The inverse of [`Zone::local`]. A time that clocks skip or repeat is taken as one of the moments beside it.
    #[must_use]
    pub fn utc_of(&self, local: Timestamp) -> Timestamp {
        let guess = moved(local, -self.offset_min(local));
        moved(local, -self.offset_min(guess))
    }

    /// Minutes that its clocks are ahead of UTC at `utc`.
    #[must_use]
    pub fn offset_min(&self, utc: Timestamp) -> i32 {
        match &self.rule {
            ZoneRule::Fixed(minutes) => *minutes,
            ZoneRule::NewYorkPlus(minutes) => minutes - new_york_behind_min(utc),
            ZoneRule::Table(before, changes) => {
                let passed = changes.partition_point(|(at, _)| *at <= utc);
                passed
                    .checked_sub(1)
                    .and_then(|last| changes.get(last))
                    .map_or(*before, |(_, offset)| *offset)
            }
        }
    }
}

fn moved(time: Timestamp, minutes: i32) -> Timestamp {
    Timestamp::from_ms(time.as_ms().saturating_add(i64::from(minutes) * 60_000))
}

/// Minutes New York is behind UTC: 4 h from the second Sunday in March 07:00 UTC to the first in November 06:00 UTC, else 5 h.
///
/// Source: Energy Policy Act of 2005, section 110.
fn new_york_behind_min(utc: Timestamp) -> i32 {
    let year = utc.civil().year;
    let begins = sunday_on_or_after(year, 3, 8, 7);
    let ends = sunday_on_or_after(year, 11, 1, 6);
    if utc >= begins && utc < ends { 4 * 60 } else { 5 * 60 }
}

fn sunday_on_or_after(year: i64, month: u8, day: u8, hour: u8) -> Timestamp {
    let start = Timestamp::from_civil(year, month, day, hour, 0);
    let days = match start.civil().weekday {
        Weekday::Sunday => 0,
        Weekday::Monday => 6,
        Weekday::Tuesday => 5,
        Weekday::Wednesday => 4,
        Weekday::Thursday => 3,
        Weekday::Friday => 2,
        Weekday::Saturday => 1,
    };
    start.after(Duration::from_secs(days * 24 * 3_600))
}
