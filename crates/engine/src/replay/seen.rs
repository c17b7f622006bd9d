//! What was seen of one target, by the time at which it was asked for.

use std::collections::VecDeque;
use std::time::Duration;

use rebound::check::Observation;
use rebound::time::Timestamp;

use crate::history::recording::{Line, Recorded};

/// A recorded answer farther away from a question than this is none: nobody watched then.
const NEAR: Duration = Duration::from_secs(120);
/// What is older than the slice by so much is needed no more.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// Observations in the order of time.
#[derive(Debug, Default)]
pub(super) struct Seen {
    answers: VecDeque<Observation>,
    /// How many there were in all.
    pub(super) taken: u64,
}

impl Seen {
    /// Takes those of a slice that begins at `from`, and forgets those long before it.
    pub(super) fn take(&mut self, lines: Vec<Line>, from: Timestamp) {
        let old = from.before(KEPT);
        while self.answers.front().is_some_and(|first| first.asked_at < old) {
            self.answers.pop_front();
        }
        for line in lines {
            if let Recorded::Seen(seen) = line.what {
                self.taken += 1;
                self.answers.push_back(*seen);
            }
        }
        // Two runs, or two servers, may overlap.
        self.answers.make_contiguous().sort_by_key(|seen| seen.asked_at);
    }

    /// When the first of them was asked for.
    pub(super) fn earliest(&self) -> Option<Timestamp> {
        self.answers.front().map(|seen| seen.asked_at)
    }

    /// What answers a question at `at`: whatever was asked for nearest to it.
    pub(super) fn near(&self, at: Timestamp) -> Option<&Observation> {
        let later = self.answers.partition_point(|seen| seen.asked_at < at);
        let before = later.checked_sub(1).and_then(|before| self.answers.get(before));
        let nearest = before
            .into_iter()
            .chain(self.answers.get(later))
            .min_by_key(|seen| distance(seen.asked_at, at))?;
        (distance(nearest.asked_at, at) <= NEAR).then_some(nearest)
    }

    /// When the first at or after `at` was asked for.
    pub(super) fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let later = self.answers.partition_point(|seen| seen.asked_at < at);
        self.answers.get(later).map(|seen| seen.asked_at)
    }
}

fn distance(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}
