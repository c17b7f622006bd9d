//! What heals came to: for each fault and remedy how often it helped, how long that took, how often the fault came back.
//!
//! Counts only what observations proved. Skips a remedy that keeps failing, and lets it be tried again now and then.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::heal::{Remedy, Rung};
use crate::time::Timestamp;

/// What is known of the heals of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    lines: Vec<Line>,
}

/// One remedy against one fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The fault: [`crate::reason::Reason::code`] of the main cause.
    pub fault: String,
    /// The remedy's name.
    pub remedy: String,
    /// Its rung.
    pub rung: Rung,
    /// Heals after which the target was seen well.
    pub helped: u32,
    /// Heals after which it was still seen failing, or that failed themselves.
    pub failed: u32,
    /// Heals of which nothing can be said.
    pub unclear: u32,
    /// Times the same fault came back within [`RELAPSE_WITHIN`] of a heal that had helped.
    pub relapses: u32,
    /// How long the last heals that helped took, from their start to the first good observation, in ms; at most [`TIMES_KEPT`].
    pub took_ms: Vec<u64>,
    /// Failures in a row.
    pub failures: u32,
    /// Until when it is not tried again after failures in a row.
    pub rests_until: Option<Timestamp>,
    /// When it last helped.
    pub helped_at: Option<Timestamp>,
}

/// What became of a heal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target was seen well, this long after the start.
    Helped(Duration),
    /// It was still seen failing, or the act failed.
    Failed,
    /// Nothing can be said.
    Unclear,
}

/// A fault that comes back within this time of a heal has relapsed.
pub const RELAPSE_WITHIN: Duration = Duration::from_secs(3_600);
/// Failures in a row after which a remedy rests.
pub const FAILURES_TO_REST: u32 = 3;
/// How long it rests the first time; each failed trial doubles it.
pub const REST: Duration = Duration::from_secs(3_600);
/// The longest rest.
pub const REST_MAX: Duration = Duration::from_secs(24 * 3_600);
/// Heals that helped from which on the deadline of verification is learnt.
pub const LEARN_FROM: usize = 5;
/// Times kept of each line.
pub const TIMES_KEPT: usize = 50;
/// Most lines; beyond it the line that was used least is forgotten.
const LINES_MAX: usize = 200;

impl Ledger {
    /// Every line, in the order first met.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Notes what became of a heal that ended at `now`.
    pub fn note(&mut self, fault: &str, remedy: &str, rung: Rung, outcome: Outcome, now: Timestamp) {
        let line = self.line_mut(fault, remedy, rung);
        match outcome {
            Outcome::Helped(took) => {
                line.helped += 1;
                line.failures = 0;
                line.rests_until = None;
                line.helped_at = Some(now);
                if line.took_ms.len() >= TIMES_KEPT {
                    line.took_ms.remove(0);
                }
                line.took_ms.push(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            }
            Outcome::Failed => {
                line.failed += 1;
                line.failures += 1;
                if let Some(beyond) = line.failures.checked_sub(FAILURES_TO_REST) {
                    let rest = REST.saturating_mul(1 << beyond.min(8)).min(REST_MAX);
                    line.rests_until = Some(now.after(rest));
                }
            }
            Outcome::Unclear => line.unclear += 1,
        }
    }

    /// The target fails with `fault` again at `now`: whatever helped against it a short time ago has relapsed.
    pub fn relapse(&mut self, fault: &str, now: Timestamp) {
        let recent = |line: &&mut Line| {
            line.fault == fault && line.helped_at.is_some_and(|at| now.since(at) < RELAPSE_WITHIN)
        };
        if let Some(line) = self.lines.iter_mut().filter(recent).max_by_key(|line| line.helped_at) {
            line.relapses += 1;
            line.helped_at = None;
        }
    }

    /// Until when a remedy is not tried against a fault, and after how many failures in a row. When the rest is over one trial
    /// is allowed: if it fails, the next rest is twice as long.
    #[must_use]
    pub fn rests_until(&self, fault: &str, remedy: &str, now: Timestamp) -> Option<(Timestamp, u32)> {
        let line = self.line(fault, remedy)?;
        line.rests_until.filter(|until| *until > now).map(|until| (until, line.failures))
    }

    /// How long after the act recovery must be proven: learnt from earlier heals of this fault by this remedy, within a quarter
    /// and twice of what is configured.
    #[must_use]
    pub fn verify_within(&self, fault: &str, remedy: &Remedy) -> Duration {
        let configured = remedy.verify_within;
        let Some(line) = self.line(fault, &remedy.name).filter(|line| line.took_ms.len() >= LEARN_FROM)
        else {
            return configured;
        };
        let slow = line.took(95).unwrap_or(configured);
        (slow * 2).clamp(configured / 4, configured * 2)
    }

    /// As [`Self::verify_within`], by the remedy's name; `None` where no remedy has that name any more.
    #[must_use]
    pub fn verify_within_of<'r>(
        &self,
        fault: &str,
        mut ladder: impl Iterator<Item = &'r Remedy>,
        name: &str,
    ) -> Option<Duration> {
        ladder.find(|remedy| remedy.name == name).map(|remedy| self.verify_within(fault, remedy))
    }

    /// Nothing rests for longer than the longest rest from `now` on: the clock was set back.
    pub(crate) fn set_back(&mut self, now: Timestamp) {
        for line in &mut self.lines {
            line.helped_at = line.helped_at.map(|at| at.min(now));
            line.rests_until = line.rests_until.map(|until| until.min(now.after(REST_MAX)));
        }
    }

    fn line(&self, fault: &str, remedy: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.fault == fault && line.remedy == remedy)
    }

    fn line_mut(&mut self, fault: &str, remedy: &str, rung: Rung) -> &mut Line {
        let known = self.lines.iter().position(|line| line.fault == fault && line.remedy == remedy);
        let index = known.unwrap_or_else(|| {
            if self.lines.len() >= LINES_MAX {
                let least = self.lines.iter().enumerate().min_by_key(|(_, line)| line.tried());
                let least = least.map_or(0, |(index, _)| index);
                self.lines.remove(least);
            }
            self.lines.push(Line::new(fault, remedy, rung));
            self.lines.len() - 1
        });
        &mut self.lines[index]
    }
}

impl Line {
    fn new(fault: &str, remedy: &str, rung: Rung) -> Self {
        Self {
            fault: String::from(fault),
            remedy: String::from(remedy),
            rung,
            helped: 0,
            failed: 0,
            unclear: 0,
            relapses: 0,
            took_ms: Vec::new(),
            failures: 0,
            rests_until: None,
            helped_at: None,
        }
    }

    /// Heals noted.
    #[must_use]
    pub const fn tried(&self) -> u32 {
        self.helped + self.failed + self.unclear
    }

    /// The time within which `percent` of the last heals that helped had done so; `None` where none helped.
    #[must_use]
    pub fn took(&self, percent: usize) -> Option<Duration> {
        percentile(&self.took_ms, percent).map(Duration::from_millis)
    }
}

/// The value that `percent` of `values` do not exceed: the nearest rank.
#[must_use]
pub fn percentile(values: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::heal::ActionKind;

    const FAULT: &str = "link_lost";

    fn at(hours: u64) -> Timestamp {
        Timestamp::from_ms(0).after(Duration::from_secs(hours * 3_600))
    }

    fn noted(outcomes: &[Outcome]) -> Ledger {
        let mut ledger = Ledger::default();
        for outcome in outcomes {
            ledger.note(FAULT, "refresh", Rung::Soft, *outcome, at(0));
        }
        ledger
    }

    fn refresh() -> Remedy {
        Remedy {
            name: String::from("refresh"),
            rung: Rung::Soft,
            action: ActionKind::HttpCall,
            through_bridge: true,
            slot: None,
            timeout: Duration::from_secs(60),
            verify_within: Duration::from_secs(300),
            verify_after: Duration::from_secs(30),
        }
    }

    #[test]
    fn a_remedy_that_failed_three_times_rests_an_hour_and_is_then_tried_once() {
        let mut ledger = noted(&[Outcome::Failed; 2]);
        assert_eq!(ledger.rests_until(FAULT, "refresh", at(0)), None);
        ledger.note(FAULT, "refresh", Rung::Soft, Outcome::Failed, at(0));
        assert_eq!(ledger.rests_until(FAULT, "refresh", at(0)), Some((at(1), 3)));
        assert_eq!(ledger.rests_until(FAULT, "refresh", at(1)), None, "half-open");
        ledger.note(FAULT, "refresh", Rung::Soft, Outcome::Failed, at(1));
        assert_eq!(ledger.rests_until(FAULT, "refresh", at(2)), Some((at(3), 4)));
        ledger.note(FAULT, "refresh", Rung::Soft, Outcome::Helped(Duration::from_secs(9)), at(3));
        assert_eq!(ledger.rests_until(FAULT, "refresh", at(3)), None, "closed again");
    }

    #[test]
    fn a_rest_against_one_fault_is_none_against_another() {
        let ledger = noted(&[Outcome::Failed; 3]);
        assert_eq!(ledger.rests_until("stale", "refresh", at(0)), None);
    }

    #[test]
    fn nothing_said_is_neither_success_nor_failure() {
        let ledger = noted(&[Outcome::Failed, Outcome::Failed, Outcome::Unclear]);
        assert_eq!(ledger.rests_until(FAULT, "refresh", at(0)), None);
        let line = &ledger.lines()[0];
        assert_eq!((line.helped, line.failed, line.unclear, line.failures), (0, 2, 1, 2));
    }

    #[rstest]
    #[case::too_few_to_learn_from(4, 20, 300)]
    #[case::fast_heals_are_judged_sooner(5, 60, 120)]
    #[case::but_never_sooner_than_a_quarter(5, 5, 75)]
    #[case::slow_heals_are_given_longer(5, 200, 400)]
    #[case::but_never_longer_than_twice(5, 1_000, 600)]
    fn the_deadline_is_learnt_within_bounds(#[case] heals: usize, #[case] took: u64, #[case] within: u64) {
        let ledger = noted(&alloc::vec![Outcome::Helped(Duration::from_secs(took)); heals]);
        assert_eq!(ledger.verify_within(FAULT, &refresh()), Duration::from_secs(within));
    }

    #[test]
    fn a_fault_that_comes_back_within_an_hour_is_a_relapse_once() {
        let mut ledger = noted(&[Outcome::Helped(Duration::from_secs(9))]);
        ledger.relapse("stale", at(0));
        ledger.relapse(FAULT, at(0));
        ledger.relapse(FAULT, at(0));
        assert_eq!(ledger.lines()[0].relapses, 1);
        let mut late = noted(&[Outcome::Helped(Duration::from_secs(9))]);
        late.relapse(FAULT, at(1));
        assert_eq!(late.lines()[0].relapses, 0);
    }

    #[test]
    fn a_ledger_does_not_grow_for_ever() {
        let mut ledger = Ledger::default();
        for number in 0..1_000 {
            ledger.note(&alloc::format!("fault {number}"), "refresh", Rung::Soft, Outcome::Failed, at(0));
        }
        assert_eq!(ledger.lines().len(), LINES_MAX);
    }
}
