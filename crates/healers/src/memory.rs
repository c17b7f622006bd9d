//! Which steps were begun, so that none is carried out twice, and what is known of each.
//!
//! Lives as long as the process; what a crash forgets, the journal knows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rebound::ids::StepId;

use crate::act::Progress;

/// Most steps remembered. At five heals an hour and target this is a day for eight targets; a step is never asked for again
/// later than its own deadline.
const STEPS_MAX: usize = 1_000;

/// The last [`STEPS_MAX`] steps that were begun.
#[derive(Debug, Default)]
pub(crate) struct StepMemory {
    begun: Mutex<VecDeque<(StepId, Arc<Progress>)>>,
}

impl StepMemory {
    /// Notes that `step` begins, and gives the place for what becomes known of it. `None`: it was begun before.
    pub(crate) fn begin(&self, step: &StepId) -> Option<Arc<Progress>> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.iter().any(|(known, _)| known == step) {
            return None;
        }
        if begun.len() == STEPS_MAX {
            begun.pop_front();
        }
        let progress = Arc::new(Progress::default());
        begun.push_back((step.clone(), Arc::clone(&progress)));
        Some(progress)
    }

    /// Where a step that was begun can be looked at.
    pub(crate) fn link(&self, step: &StepId) -> Option<String> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.iter().find(|(known, _)| known == step).and_then(|(_, progress)| progress.link())
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
        assert!(memory.begin(&step(1)).is_some());
        assert!(memory.begin(&step(1)).is_none());
    }

    #[test]
    fn only_the_last_thousand_steps_are_remembered() {
        let memory = StepMemory::default();
        for number in 0..=STEPS_MAX {
            assert!(memory.begin(&step(number)).is_some());
        }
        assert!(memory.begin(&step(1)).is_none(), "the second oldest is remembered");
        assert!(memory.begin(&step(0)).is_some(), "the oldest is forgotten");
    }
}
