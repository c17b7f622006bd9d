//! How the error budget of a stretch of time was used, hour by hour.
//!
//! Measures nothing of its own: it adds up the hours that a report adds up, so that its last number is the report's. What is not known
//! uses nothing and allows nothing, and is told beside it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{UPTIME_AIM, budget_used};
use crate::ids::TargetId;
use crate::time::Timestamp;
use crate::uptime::UptimeFigures;

/// The step of [`Burn::steps`].
const HOUR: Duration = Duration::from_secs(3_600);
const HOUR_MS: u64 = 3_600_000;
/// Most steps: a year and a day.
pub const STEPS_MAX: usize = super::DAYS_MAX * 24;

/// How the error budget was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burn {
    /// Of which target; `None`: of all together.
    pub target: Option<TargetId>,
    /// Beginning of the stretch.
    pub from: Timestamp,
    /// Its end, which may be still to come.
    pub to: Timestamp,
    /// What downtime is measured against, in hundredths of a percent.
    pub aim: u32,
    /// The downtime that the aim allows if the whole stretch is known and charged, in ms.
    pub budget_ms: u64,
    /// Time in each state up to now.
    pub uptime: UptimeFigures,
    /// Share of the downtime allowed up to now that is used, in percent; `None` where nothing was known.
    pub used_percent: Option<u64>,
    /// Every hour up to now, oldest first, each with what came together until its end.
    pub steps: Vec<BurnStep>,
}

/// What came together until the end of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurnStep {
    /// The end of the hour.
    pub at: Timestamp,
    /// Downtime, in ms.
    pub down_ms: u64,
    /// Downtime that the aim allows for the known, charged time, in ms.
    pub allowed_ms: u64,
    /// Share of the allowed that is used, in percent; `None` where nothing was known.
    pub used_percent: Option<u64>,
    /// Time in which nothing was seen, in ms.
    pub unknown_ms: u64,
    /// Time in which nobody watched, in ms.
    pub unwatched_ms: u64,
    /// Whether something is known of this hour itself.
    pub is_known: bool,
}

/// The hours of targets, by their beginning.
pub type Hours = BTreeMap<Timestamp, UptimeFigures>;

/// How the budget of these targets was used from `from` to `to`, as of `now`.
#[must_use]
pub fn burn(
    target: Option<&TargetId>,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
    hours: &[Hours],
) -> Burn {
    let targets = u64::try_from(hours.len()).unwrap_or(u64::MAX);
    let mut uptime = UptimeFigures::default();
    let mut unwatched_ms = 0;
    let mut steps = Vec::new();
    let mut begins = from;
    while begins < to.min(now) && steps.len() < STEPS_MAX {
        let ends = begins.after(HOUR);
        let of_hour = hours.iter().filter_map(|hours| hours.get(&begins));
        let of_hour = of_hour.fold(UptimeFigures::default(), |sum, figures| sum.plus(*figures));
        uptime = uptime.plus(of_hour);
        // The hour that goes on is written by the minute: what it lacks is still to come.
        if ends <= now {
            unwatched_ms += HOUR_MS.saturating_mul(targets).saturating_sub(of_hour.total_ms());
        }
        steps.push(BurnStep {
            at: ends.min(to).min(now),
            down_ms: uptime.down_ms,
            allowed_ms: allowed_ms(uptime.charged_ms()),
            used_percent: budget_used(&uptime),
            unknown_ms: uptime.unknown_ms,
            unwatched_ms,
            is_known: of_hour.total_ms() > of_hour.unknown_ms,
        });
        begins = ends;
    }
    let span_ms = u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX);
    Burn {
        target: target.cloned(),
        from,
        to,
        aim: UPTIME_AIM,
        budget_ms: allowed_ms(span_ms.saturating_mul(targets)),
        uptime,
        used_percent: budget_used(&uptime),
        steps,
    }
}

/// The downtime that the aim allows in so much charged time.
fn allowed_ms(charged_ms: u64) -> u64 {
    charged_ms.saturating_mul(u64::from(10_000 - UPTIME_AIM)) / 10_000
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
