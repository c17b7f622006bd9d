//! Answers those who asked for a sync: what was read, and how old it is.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::super::AskedState;
use super::super::desk::Desk;
use super::TargetState;
use crate::check::{Observation, ProbeOutcome};
use crate::target::{TargetKind, TargetSpec};
use crate::time::{Timestamp, spoken};

impl TargetState {
    pub(super) fn answer_syncs(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, seen: &Observation) {
        if self.probe.syncs.is_empty() {
            return;
        }
        let (ready, waiting): (Vec<_>, Vec<_>) =
            self.probe.syncs.drain(..).partition(|(_, asked_at)| seen.asked_at >= *asked_at);
        self.probe.syncs = waiting;
        if ready.is_empty() {
            return;
        }
        let sentence = self.sync_sentence(spec, seen, desk.now);
        for (id, _) in ready {
            desk.answer(id, Some(&self.id), AskedState::Done(sentence.clone()));
        }
    }

    fn sync_sentence(&self, spec: &TargetSpec, seen: &Observation, now: Timestamp) -> String {
        if let ProbeOutcome::Endpoint(_) = &seen.outcome {
            let wrong = self.checks.values().find_map(|check| check.verdict().failure());
            return match wrong {
                Some((reason, _)) => format!("It answered within {} ms: {reason}.", seen.latency_ms.max(1)),
                None => format!("It answered within {} ms.", seen.latency_ms.max(1)),
            };
        }
        if !matches!(seen.outcome, ProbeOutcome::Bridge(_)) && spec.kind != TargetKind::Bridge {
            let why = self.checks.values().find_map(|check| check.verdict().reason());
            return format!(
                "No answer: {}.",
                why.map_or_else(|| String::from("nothing came"), ToString::to_string)
            );
        }
        if !matches!(seen.outcome, ProbeOutcome::Bridge(_)) {
            let why = self.checks.values().find_map(|check| check.verdict().reason());
            let why = why.map_or_else(|| String::from("no answer"), ToString::to_string);
            return format!("No account was read: {why}.");
        }
        let expected = self.memory.expected(&spec.accounts);
        let window = spec.thresholds.sync_window;
        let ages: Vec<Duration> = expected
            .iter()
            .filter_map(|account| self.memory.reads.get(&account.id))
            .map(|read| now.since(read.read_at))
            .filter(|age| *age <= window)
            .collect();
        match ages.iter().min() {
            None => format!(
                "The bridge answered; 0 of {} accounts were read within {}.",
                expected.len(),
                spoken(window)
            ),
            Some(newest) => format!(
                "The bridge answered; {} of {} accounts were read within {}, the newest {} ago.",
                ages.len(),
                expected.len(),
                spoken(window),
                spoken(*newest)
            ),
        }
    }
}
