//! Numbers of a stretch of time, rolled up; and the hour of a series with its minutes, which is how they are kept.
//!
//! An hour is one row that carries its minutes, so that a series of thirty days is 720 rows. What is written again replaces
//! what stood there, and what two runs saw of one hour stands in two rows, which are merged when they are read: nothing is
//! counted twice, and nothing is lost when another server takes over.

use std::collections::BTreeMap;

use rebound::history::{Sample, Series};
use rebound::ids::TargetId;
use rebound::time::Timestamp;

use super::sketch::Sketch;

/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Numbers rolled up.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollup {
    /// How many; at least 1.
    pub count: u64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// All added up.
    pub sum: f64,
    /// The last.
    pub last: f64,
    /// When the last was read.
    pub last_at: Timestamp,
    /// Where it became trouble, when the last was read.
    pub limit: Option<f64>,
    /// For percentiles, where they are kept.
    pub sketch: Option<Sketch>,
}

impl Rollup {
    /// One number, read at `at`.
    #[must_use]
    pub fn of(sample: &Sample, at: Timestamp) -> Self {
        let sketch = sample.series.has_percentiles().then(|| {
            let mut sketch = Sketch::default();
            sketch.add(sample.value);
            sketch
        });
        let Sample { value, limit, .. } = *sample;
        Self { count: 1, min: value, max: value, sum: value, last: value, last_at: at, limit, sketch }
    }

    /// Takes in one number, read at `at`.
    pub fn add(&mut self, sample: &Sample, at: Timestamp) {
        let value = sample.value;
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += value;
        if at >= self.last_at {
            (self.last, self.last_at, self.limit) = (value, at, sample.limit);
        }
        if let Some(sketch) = &mut self.sketch {
            sketch.add(value);
        }
    }

    /// Takes in all of another. In whatever order parts are merged, the whole is the same, but for the rounding of the sum.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        // Of two at the same moment the higher, so that the order of merging does not matter.
        let is_later = other.last_at.cmp(&self.last_at).then(other.last.total_cmp(&self.last)).is_gt();
        if is_later {
            (self.last, self.last_at, self.limit) = (other.last, other.last_at, other.limit);
        }
        match (&mut self.sketch, &other.sketch) {
            (Some(own), Some(other)) => own.merge(other),
            // What is not told of one part is not known of the whole.
            (own, None) => *own = None,
            (None, Some(_)) => {}
        }
    }
}

/// A run of Rebound on one server, as it stands in the rows that it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Writer(pub u64);

impl Writer {
    /// The run that began at `at` in a row of servers; 0 where there is one server.
    #[must_use]
    pub fn new(at: Timestamp, row: u64) -> Self {
        Self(u64::try_from(at.as_ms()).unwrap_or(0).saturating_mul(10).saturating_add(row % 10))
    }
}

/// Which hour of which series, as one run saw it. In the order of time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourKey {
    /// Beginning of the hour.
    pub hour: Timestamp,
    /// Of which target.
    pub target: TargetId,
    /// Of which series.
    pub series: Series,
    /// Who saw it.
    pub writer: Writer,
}

/// An hour of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Hour {
    /// Which.
    pub key: HourKey,
    /// All of it.
    pub whole: Rollup,
    /// Its minutes by their number, 0 to 59; those in which something was read. Empty once the minutes are no longer kept, and
    /// where only the hour was asked for.
    pub minutes: BTreeMap<u8, Rollup>,
}

/// Beginning of the hour that `at` lies in.
#[must_use]
pub fn hour_of(at: Timestamp) -> Timestamp {
    floor(at, HOUR_MS)
}

/// The last multiple of `width_ms` that is not after `at`.
pub(super) fn floor(at: Timestamp, width_ms: i64) -> Timestamp {
    Timestamp::from_ms(at.as_ms().div_euclid(width_ms) * width_ms)
}

/// Number of the minute within its hour.
#[must_use]
pub fn minute_of(at: Timestamp) -> u8 {
    u8::try_from(at.as_ms().rem_euclid(HOUR_MS) / MINUTE_MS).unwrap_or(0)
}

/// All of the parts together; `None` where there are none.
#[must_use]
pub fn merged<'a>(parts: impl IntoIterator<Item = &'a Rollup>) -> Option<Rollup> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?.clone();
    parts.for_each(|part| whole.merge(part));
    Some(whole)
}

#[cfg(test)]
#[path = "rollup_tests.rs"]
mod tests;
