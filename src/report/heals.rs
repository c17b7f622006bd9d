//! What became of heals, day by day.
//!
//! Each heal is counted once, on the day on which it began, by what observations proved of it; only where nothing was proven by how
//! its act ended. A day of which nobody knows anything is not a day without heals.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::DAY;
use crate::heal::StepOutcome;
use crate::ids::TargetId;
use crate::incident::{Incident, Proof, Step};
use crate::time::Timestamp;
use crate::uptime::UptimeFigures;

/// What became of heals. Each is counted in one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// The target was seen well after it.
    pub proven: u32,
    /// The target was seen failing after it.
    pub did_not_help: u32,
    /// Positions or orders were not those from before it.
    pub lost_positions: u32,
    /// Its end is not known: it may have happened, and nothing was proven of it.
    pub lost: u32,
    /// It ended, and nothing was proven of it.
    pub not_proven: u32,
    /// A person stopped it, and nothing was proven of it.
    pub stopped: u32,
    /// It was not started, and changed nothing.
    pub refused: u32,
    /// It runs, or is being proven.
    pub going_on: u32,
}

impl Outcomes {
    /// Counts a heal.
    pub fn count(&mut self, step: &Step) {
        *self.of(step) += 1;
    }

    const fn of(&mut self, step: &Step) -> &mut u32 {
        let outcome = match &step.result {
            Some(end) => Some(end.outcome),
            None => None,
        };
        match (step.proof, outcome) {
            (_, Some(StepOutcome::Refused)) => &mut self.refused,
            (Proof::Recovered(_), _) => &mut self.proven,
            (Proof::DidNotHelp(_), _) => &mut self.did_not_help,
            (Proof::LostPositions(_), _) => &mut self.lost_positions,
            (Proof::Pending, _) => &mut self.going_on,
            (Proof::NotTold(_), Some(StepOutcome::Lost | StepOutcome::TimedOut)) => &mut self.lost,
            (Proof::NotTold(_), Some(StepOutcome::Stopped)) => &mut self.stopped,
            (Proof::NotTold(_), Some(StepOutcome::Done | StepOutcome::Failed) | None) => &mut self.not_proven,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            proven: self.proven + other.proven,
            did_not_help: self.did_not_help + other.did_not_help,
            lost_positions: self.lost_positions + other.lost_positions,
            lost: self.lost + other.lost,
            not_proven: self.not_proven + other.not_proven,
            stopped: self.stopped + other.stopped,
            refused: self.refused + other.refused,
            going_on: self.going_on + other.going_on,
        }
    }

    /// Those that were begun; a refused one changed nothing.
    #[must_use]
    pub const fn begun(&self) -> u32 {
        self.all() - self.refused
    }

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u32 {
        self.proven
            + self.did_not_help
            + self.lost_positions
            + self.lost
            + self.not_proven
            + self.stopped
            + self.refused
            + self.going_on
    }
}

/// The heals of a row of days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealDays {
    /// Of which target; `None`: of all.
    pub target: Option<TargetId>,
    /// Beginning of the first day, in UTC.
    pub from: Timestamp,
    /// End of the last day.
    pub to: Timestamp,
    /// Those of all days of which something is known.
    pub whole: Outcomes,
    /// Every day, oldest first.
    pub days: Vec<HealDay>,
}

/// The heals of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealDay {
    /// Its beginning, in UTC.
    pub day: Timestamp,
    /// What became of the heals that began on it. `None`: nobody knows whether there were any.
    pub heals: Option<Outcomes>,
    /// Time of which it is known how targets were. That of several adds up.
    pub known_ms: u64,
    /// Time that was watched without anything being seen.
    pub unknown_ms: u64,
}

/// What there is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct HealsKnown<'a> {
    /// The incidents of the time.
    pub incidents: &'a [Incident],
    /// How targets were, by the beginning of the day.
    pub days: &'a BTreeMap<Timestamp, UptimeFigures>,
    /// Since when all incidents were read, where not all could be.
    pub read_since: Option<Timestamp>,
}

/// The heals of `target`, or of all, on each day from `from` on until `to`.
#[must_use]
pub fn heal_days(
    target: Option<&TargetId>,
    (from, to): (Timestamp, Timestamp),
    known: HealsKnown<'_>,
) -> HealDays {
    let mut counted: BTreeMap<Timestamp, Outcomes> = BTreeMap::new();
    let own =
        known.incidents.iter().filter(|incident| target.is_none_or(|target| incident.target == *target));
    for step in own.flat_map(|incident| &incident.steps) {
        if from <= step.started_at && step.started_at < to {
            counted.entry(day_of(from, step.started_at)).or_default().count(step);
        }
    }
    let mut all = HealDays { target: target.cloned(), from, to, ..HealDays::default() };
    let mut begins = from;
    while begins < to && all.days.len() < super::DAYS_MAX * 2 {
        let uptime = known.days.get(&begins).copied().unwrap_or_default();
        let seen_ms = uptime.total_ms() - uptime.unknown_ms;
        let is_read = known.read_since.is_none_or(|since| since <= begins);
        let found = counted.get(&begins).copied();
        // What is written down did happen, whatever else is known of the day.
        let heals = found.or_else(|| (seen_ms > 0).then(Outcomes::default)).filter(|_| is_read);
        all.whole = all.whole.plus(heals.unwrap_or_default());
        all.days.push(HealDay { day: begins, heals, known_ms: seen_ms, unknown_ms: uptime.unknown_ms });
        begins = begins.after(DAY);
    }
    all
}

fn day_of(from: Timestamp, at: Timestamp) -> Timestamp {
    let days = at.since(from).as_secs() / DAY.as_secs();
    from.after(Duration::from_secs(days * DAY.as_secs()))
}

#[cfg(test)]
#[path = "heals_tests.rs"]
mod tests;
