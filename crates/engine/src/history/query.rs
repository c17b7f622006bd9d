//! How a series is cut into buckets to be shown. Pure: the same hours give the same buckets.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::history::{Bucket, Series, Unit};
use rebound::time::Timestamp;

use super::Kept;
use super::port::Detail;
use super::rollup::{HOUR_MS, Hour, MINUTE_MS, Rollup, floor};
use super::uptime::DAY_MS;

/// Most buckets of one answer: more than a screen has columns.
pub const POINTS_MAX: u32 = 2_000;
/// Least that can be asked for: a stretch of any length may lie across the border of two buckets.
pub const POINTS_MIN: u32 = 2;
/// Buckets where no number is asked for.
pub const POINTS_DEFAULT: u32 = 300;
/// Longest time of one answer: longer than anything is kept by default.
pub const SPAN_MAX: Duration = Duration::from_secs(10 * 366 * 24 * 3_600);
/// Most days of an answer about uptime: two years.
pub const DAYS_MAX: u32 = 731;

/// How long buckets are, so that their borders are at round times.
const WIDTHS_MS: [i64; 16] = [
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
    28 * DAY_MS,
];

/// The buckets of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Beginning of the first.
    pub from: Timestamp,
    /// End of the last.
    pub to: Timestamp,
    /// How long each is.
    pub width_ms: i64,
    /// What they are made from.
    pub detail: Detail,
}

impl Shape {
    /// The shortest buckets with round borders of which at most `points` hold the time from `from` to `to`, which must be later.
    /// Minutes are used as far back as they are kept.
    #[must_use]
    pub fn of(from: Timestamp, to: Timestamp, points: u32, now: Timestamp, kept: &Kept) -> Self {
        let has_minutes = from >= now.before(kept.minutes);
        let least = if has_minutes { MINUTE_MS } else { HOUR_MS };
        let points = i64::from(points.clamp(POINTS_MIN, POINTS_MAX));
        let fits = |width: i64| {
            let (from, to) = borders(from, to, width);
            (to.as_ms() - from.as_ms()) / width <= points
        };
        let known = WIDTHS_MS.into_iter().filter(|width| *width >= least);
        let doubled = std::iter::successors(Some(56 * DAY_MS), |width| width.checked_mul(2));
        let width_ms = known.chain(doubled).find(|width| fits(*width)).unwrap_or(56 * DAY_MS);
        let (from, to) = borders(from, to, width_ms);
        let detail = if width_ms < HOUR_MS { Detail::Minutes } else { Detail::Hours };
        Self { from, to, width_ms, detail }
    }

    /// How many buckets there are.
    #[must_use]
    pub fn buckets(&self) -> usize {
        usize::try_from((self.to.as_ms() - self.from.as_ms()) / self.width_ms).unwrap_or(0)
    }
}

fn borders(from: Timestamp, to: Timestamp, width_ms: i64) -> (Timestamp, Timestamp) {
    let last = floor(Timestamp::from_ms(to.as_ms().saturating_sub(1)), width_ms);
    (floor(from, width_ms), Timestamp::from_ms(last.as_ms().saturating_add(width_ms)))
}

/// The buckets of a series: all of them, also those in which nothing was read.
#[must_use]
pub fn buckets(series: Series, hours: &[Hour], shape: &Shape) -> Vec<Bucket> {
    let mut filled: BTreeMap<Timestamp, Rollup> = BTreeMap::new();
    let mut take = |at: Timestamp, part: &Rollup| {
        if at < shape.from || at >= shape.to {
            return;
        }
        match filled.entry(floor(at, shape.width_ms)) {
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(part),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(part.clone());
            }
        }
    };
    for hour in hours {
        match shape.detail {
            Detail::Hours => take(hour.key.hour, &hour.whole),
            Detail::Minutes => {
                for (minute, part) in &hour.minutes {
                    take(Timestamp::from_ms(hour.key.hour.as_ms() + i64::from(*minute) * MINUTE_MS), part);
                }
            }
        }
    }
    let begins = (0..shape.buckets()).map(|number| i64::try_from(number).unwrap_or(0) * shape.width_ms);
    begins
        .map(|offset| Timestamp::from_ms(shape.from.as_ms() + offset))
        .map(|at| filled.get(&at).map_or(Bucket { at, ..Bucket::default() }, |part| bucket(series, at, part)))
        .collect()
}

fn bucket(series: Series, at: Timestamp, part: &Rollup) -> Bucket {
    // A percentile is a middle of its bucket, and no number was outside of the lowest and the highest.
    let percentile = |share| {
        let found = part.sketch.as_ref().and_then(|sketch| sketch.quantile(share));
        found.map(|value| value.clamp(part.min, part.max))
    };
    #[expect(clippy::cast_precision_loss, reason = "nobody asks 2^52 times")]
    let mean = (series.unit() != Unit::Money).then(|| part.sum / part.count as f64);
    Bucket {
        at,
        count: part.count,
        min: Some(part.min),
        max: Some(part.max),
        mean,
        last: Some(part.last),
        p50: percentile(0.5),
        p95: percentile(0.95),
        limit: part.limit,
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
