//! What happens to Rebound itself: its network, its store, its clock, its process.

use std::collections::VecDeque;
use std::time::Duration;

use rebound::time::Timestamp;

use super::spans::{Span, Spans};

/// What happens to Rebound itself, in true time.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// When its own network is gone.
    pub network_gone: Spans,
    /// When the store refuses.
    pub store_down: Spans,
    /// When the store takes so long for each write.
    pub store_slow: Vec<(Span, Duration)>,
    /// When nothing of it runs, and for how long; in order.
    pub held_up: VecDeque<(Timestamp, Duration)>,
    /// When it is killed; in order.
    pub kills: VecDeque<Kill>,
    /// How far its clock is ahead of the true time in its first run, in ms.
    pub skew_ms: i64,
    /// Chance of a message that does not go out at the first try, in percent.
    pub messages_lost: u64,
    /// Chance of a message whose way takes longer than a sender waits, in percent.
    pub messages_late: u64,
    /// Chance of an answer that never reaches the loop, in a hundred thousand.
    pub answers_lost: u64,
    /// Beacons that tell the time.
    pub beacons_tell_time: bool,
    /// What is written must be remembered only where a crash of `kills` will need it; else always.
    pub is_killed_by_plan_only: bool,
}

/// A crash, and the start after it.
#[derive(Clone, Copy, Debug)]
pub struct Kill {
    /// When, or from when on.
    pub at: Timestamp,
    /// Until the next start.
    pub gap: Duration,
    /// Where it hits.
    pub cut: Cut,
    /// How far the clock of the next run is ahead of the true time, in ms.
    pub skew_ms: i64,
}

/// Where a crash hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Between two things.
    Between,
    /// When a heal step is decided, and nothing is written yet.
    BeforeWriting,
    /// When a heal step is written down, and not yet started.
    AfterWriting,
    /// When a heal step has just been started.
    AfterStart,
}

/// How long a crash that waits for a heal step waits for it.
pub const CUT_WAITS: Duration = Duration::from_secs(8 * 3_600);

impl Own {
    /// How long the store takes for a write at `at`.
    #[must_use]
    pub fn write_takes(&self, at: Timestamp) -> Duration {
        let slow = self.store_slow.iter().find(|((from, to), _)| *from <= at && at < *to);
        slow.map_or(Duration::ZERO, |(_, takes)| *takes)
    }

    /// Whether what is written at `at` must be remembered, so that the next crash finds what was written last.
    #[must_use]
    pub fn must_remember(&self, at: Timestamp) -> bool {
        /// From one write of everything to the next, and some more.
        const FULL_WRITE: Duration = Duration::from_secs(6 * 60);
        if !self.is_killed_by_plan_only {
            return true;
        }
        let Some(kill) = self.kills.front() else {
            return false;
        };
        let mut from = kill.at.before(FULL_WRITE);
        for (begin, end) in self.store_down.iter().collect::<Vec<_>>().into_iter().rev() {
            if begin <= kill.at && from < end {
                from = begin.before(FULL_WRITE).min(from);
            }
        }
        from <= at
    }
}
