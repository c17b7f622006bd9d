//! Which steps were begun, so that none is carried out twice.
//!
//! Lives as long as the process; what a crash forgets, the journal knows.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rebound::ids::StepId;

/// Most steps remembered. At five heals an hour and target this is a day for eight targets; a step is never asked for again
/// later than its own deadline.
const STEPS_MAX: usize = 1_000;

/// The last [`STEPS_MAX`] steps that were begun.
#[derive(Debug, Default)]
pub(crate) struct StepMemory {
    begun: Mutex<VecDeque<StepId>>,
}

impl StepMemory {
    /// Notes that `step` begins. `false`: it was begun before.
    pub(crate) fn begin(&self, step: &StepId) -> bool {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.contains(step) {
            return false;
        }
        if begun.len() == STEPS_MAX {
            begun.pop_front();
        }
        begun.push_back(step.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(number: usize) -> StepId {
        StepId::new(format!("mt5-{number}"))
    }

    #[test]
    fn a_step_begins_once() {
        let memory = StepMemory::default();
        assert!(memory.begin(&step(1)));
        assert!(!memory.begin(&step(1)));
    }

    #[test]
    fn only_the_last_thousand_steps_are_remembered() {
        let memory = StepMemory::default();
        for number in 0..=STEPS_MAX {
            assert!(memory.begin(&step(number)));
        }
        assert!(!memory.begin(&step(1)), "the second oldest is remembered");
        assert!(memory.begin(&step(0)), "the oldest is forgotten");
    }
}
