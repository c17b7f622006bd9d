//! How a target was, hour by hour: one row a day, made from the exact stretches that the monitor keeps.
//!
//! The monitor's own stretches are kept for 90 days and are at most 2,000; these rows outlive them.

use std::collections::BTreeMap;

use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound::uptime::{Stretch, UptimeFigures};

use super::rollup::{HOUR_MS, floor};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A day of a target, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UptimeDay {
    /// Of which target.
    pub target: TargetId,
    /// Beginning of the day.
    pub day: Timestamp,
    /// Its hours. Each adds up to an hour, or to less where nobody watched yet or the hour is not over.
    pub hours: [UptimeFigures; 24],
}

impl UptimeDay {
    /// A day of which nothing is known.
    #[must_use]
    pub fn empty(target: TargetId, day: Timestamp) -> Self {
        Self { target, day, hours: [UptimeFigures::default(); 24] }
    }

    /// All hours together.
    #[must_use]
    pub fn whole(&self) -> UptimeFigures {
        self.hours.iter().fold(UptimeFigures::default(), |whole, hour| whole.plus(*hour))
    }

    /// How much of the day is in some state.
    #[must_use]
    pub fn covered_ms(&self) -> u64 {
        self.whole().total_ms()
    }

    /// Takes over the hours of `newer`, but for those of which it knows less: the stretches of the monitor are cut off at their
    /// old end.
    pub fn overlay(&mut self, newer: &Self) {
        for (own, newer) in self.hours.iter_mut().zip(&newer.hours) {
            if newer.total_ms() >= own.total_ms() {
                *own = *newer;
            }
        }
    }
}

/// A day of a target without its hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTotal {
    /// Of which target.
    pub target: TargetId,
    /// Beginning of the day.
    pub day: Timestamp,
    /// All of its hours together.
    pub figures: UptimeFigures,
}

impl DayTotal {
    /// The hours of a day together.
    #[must_use]
    pub fn of(day: &UptimeDay) -> Self {
        Self { target: day.target.clone(), day: day.day, figures: day.whole() }
    }
}

/// Beginning of the day that `at` lies in, in UTC.
#[must_use]
pub fn day_of(at: Timestamp) -> Timestamp {
    floor(at, DAY_MS)
}

/// The days that `stretches` lie in.
#[must_use]
pub fn days_of(target: &TargetId, stretches: &[Stretch]) -> BTreeMap<Timestamp, UptimeDay> {
    let mut days = BTreeMap::new();
    for stretch in stretches {
        let mut at = stretch.from;
        while at < stretch.to {
            let hour = floor(at, HOUR_MS);
            let end = stretch.to.min(Timestamp::from_ms(hour.as_ms() + HOUR_MS));
            let day = day_of(at);
            let entry = days.entry(day).or_insert_with(|| UptimeDay::empty(target.clone(), day));
            let number = usize::try_from((hour.as_ms() - day.as_ms()) / HOUR_MS).unwrap_or(0);
            if let Some(figures) = entry.hours.get_mut(number) {
                figures.spend(stretch.state, u64::try_from(end.since(at).as_millis()).unwrap_or(0));
            }
            at = end;
        }
    }
    days
}

#[cfg(test)]
#[path = "uptime_tests.rs"]
mod tests;
