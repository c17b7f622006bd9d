//! Each second of a target's life in exactly one state.
//!
//! Unknown time is kept as unknown; it is never counted as up.

use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What a target was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UptimeState {
    /// Every check good.
    Up,
    /// A warning stood.
    Degraded,
    /// A critical check failed.
    Down,
    /// Nobody knows.
    Unknown,
    /// Planned work.
    Maintenance,
    /// The market was closed and what can be seen was good.
    MarketClosed,
}

impl UptimeState {
    /// Every state, in the order in which figures list them.
    pub const ALL: [Self; 6] =
        [Self::Up, Self::Degraded, Self::Down, Self::Unknown, Self::Maintenance, Self::MarketClosed];

    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unknown => "unknown",
            Self::Maintenance => "maintenance",
            Self::MarketClosed => "market closed",
        }
    }
}

/// A stretch of one state; it ends where the next begins, or now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Its beginning.
    pub from: Timestamp,
    /// What the target was.
    pub state: UptimeState,
}

/// The states of a target over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeLog {
    intervals: Vec<Interval>,
}

/// Longest history kept here.
pub const KEPT: Duration = Duration::from_secs(90 * 24 * 3_600);

/// Most intervals kept; beyond it the oldest go first.
pub const INTERVALS_MAX: usize = 2_000;

impl UptimeLog {
    /// From `at` on the target is in `state`. What was noted for later than `at` is replaced: a failure that is believed
    /// only at its third sight is charged from its first.
    pub fn set(&mut self, at: Timestamp, state: UptimeState) {
        while self.intervals.last().is_some_and(|last| last.from >= at) {
            self.intervals.pop();
        }
        if self.intervals.last().is_none_or(|last| last.state != state) {
            self.intervals.push(Interval { from: at, state });
        }
        self.forget(at);
    }

    /// The state that holds now.
    #[must_use]
    pub fn current(&self) -> Option<UptimeState> {
        self.intervals.last().map(|last| last.state)
    }

    /// The stretches between `from` and `to`, cut at both ends; time before the first note is left out.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Vec<Stretch> {
        let ends = self.intervals.iter().skip(1).map(|next| next.from).chain(core::iter::once(to));
        self.intervals
            .iter()
            .zip(ends)
            .map(|(interval, end)| Stretch {
                from: interval.from.max(from),
                to: end.min(to),
                state: interval.state,
            })
            .filter(|stretch| stretch.from < stretch.to)
            .collect()
    }

    /// Time spent in each state between `from` and `to`.
    #[must_use]
    pub fn figures(&self, from: Timestamp, to: Timestamp) -> UptimeFigures {
        let mut figures = UptimeFigures::default();
        for stretch in self.between(from, to) {
            figures.spend(stretch.state, whole_ms(stretch));
        }
        figures
    }

    fn forget(&mut self, now: Timestamp) {
        let horizon = now.before(KEPT);
        let expired = self.intervals.iter().skip(1).take_while(|next| next.from <= horizon).count();
        let surplus = self.intervals.len().saturating_sub(INTERVALS_MAX);
        self.intervals.drain(..expired.max(surplus));
    }
}

/// A stretch with both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What the target was.
    pub state: UptimeState,
}

/// Milliseconds spent in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as the states")]
pub struct UptimeFigures {
    pub up_ms: u64,
    pub degraded_ms: u64,
    pub down_ms: u64,
    pub unknown_ms: u64,
    pub maintenance_ms: u64,
    pub market_closed_ms: u64,
}

impl UptimeFigures {
    fn of(&mut self, state: UptimeState) -> &mut u64 {
        match state {
            UptimeState::Up => &mut self.up_ms,
            UptimeState::Degraded => &mut self.degraded_ms,
            UptimeState::Down => &mut self.down_ms,
            UptimeState::Unknown => &mut self.unknown_ms,
            UptimeState::Maintenance => &mut self.maintenance_ms,
            UptimeState::MarketClosed => &mut self.market_closed_ms,
        }
    }

    /// Adds time spent in `state`.
    pub fn spend(&mut self, state: UptimeState, ms: u64) {
        *self.of(state) += ms;
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            up_ms: self.up_ms + other.up_ms,
            degraded_ms: self.degraded_ms + other.degraded_ms,
            down_ms: self.down_ms + other.down_ms,
            unknown_ms: self.unknown_ms + other.unknown_ms,
            maintenance_ms: self.maintenance_ms + other.maintenance_ms,
            market_closed_ms: self.market_closed_ms + other.market_closed_ms,
        }
    }

    /// Share of the known, charged time that was up or degraded, in hundredths of a percent, rounded down so that 100 % means
    /// no second of downtime. `None` where nothing was known.
    #[must_use]
    pub fn up_share(&self) -> Option<u32> {
        let good = self.up_ms + self.degraded_ms;
        (good * 10_000).checked_div(good + self.down_ms).and_then(|share| u32::try_from(share).ok())
    }

    /// Known time that counts for or against the target.
    #[must_use]
    pub const fn charged_ms(&self) -> u64 {
        self.up_ms + self.degraded_ms + self.down_ms
    }

    /// All time noted.
    #[must_use]
    pub const fn total_ms(&self) -> u64 {
        self.up_ms
            + self.degraded_ms
            + self.down_ms
            + self.unknown_ms
            + self.maintenance_ms
            + self.market_closed_ms
    }
}

fn whole_ms(stretch: Stretch) -> u64 {
    u64::try_from(stretch.to.since(stretch.from).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    #[test]
    fn a_failure_believed_late_is_charged_from_its_first_sight() {
        let mut log = UptimeLog::default();
        log.set(at(0), UptimeState::Up);
        log.set(at(110), UptimeState::Unknown);
        log.set(at(100), UptimeState::Down);
        log.set(at(160), UptimeState::Up);
        let figures = log.figures(at(0), at(200));
        assert_eq!((figures.up_ms, figures.down_ms, figures.unknown_ms), (140_000, 60_000, 0));
    }

    #[test]
    fn unknown_time_is_neither_up_nor_down() {
        let mut log = UptimeLog::default();
        log.set(at(0), UptimeState::Unknown);
        assert_eq!(log.figures(at(0), at(100)).up_share(), None);
        log.set(at(100), UptimeState::Up);
        assert_eq!(log.figures(at(0), at(200)).up_share(), Some(10_000));
    }

    #[test]
    fn one_second_of_downtime_is_not_a_hundred_percent() {
        let mut log = UptimeLog::default();
        log.set(at(0), UptimeState::Up);
        log.set(at(86_399), UptimeState::Down);
        assert_eq!(log.figures(at(0), at(86_400)).up_share(), Some(9_999));
    }

    #[test]
    fn a_flapping_target_does_not_grow_the_log_for_ever() {
        let mut log = UptimeLog::default();
        for second in 0..10_000 {
            let state = if second % 2 == 0 { UptimeState::Up } else { UptimeState::Down };
            log.set(at(second), state);
        }
        assert!(log.intervals.len() <= INTERVALS_MAX);
    }
}
