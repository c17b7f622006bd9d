//! How an act ended, and what is known of it while it is under way.
//!
//! Decides only what is said when time runs out; never waits itself.

use std::sync::{Mutex, PoisonError};

use rebound::heal::StepOutcome;

/// How an act ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActEnd {
    pub(crate) outcome: StepOutcome,
    pub(crate) output: String,
    pub(crate) link: Option<String>,
}

impl ActEnd {
    pub(crate) const fn new(outcome: StepOutcome, output: String) -> Self {
        Self { outcome, output, link: None }
    }

    pub(crate) fn with_link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }
}

/// What is known of an act under way. Outlives it when its time runs out or a person stops it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    so_far: String,
    link: Option<String>,
}

impl Progress {
    /// Replaces what is said if time runs out now: a clause without a full stop.
    pub(crate) fn say(&self, so_far: impl Into<String>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).so_far = so_far.into();
    }

    /// Notes where the act can be looked at.
    pub(crate) fn show_at(&self, link: Option<String>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).link = link;
    }

    /// The end of an act whose time ran out.
    pub(crate) fn timed_out(&self) -> ActEnd {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        ActEnd {
            outcome: StepOutcome::TimedOut,
            output: format!("no result in time: {}. It may have happened", known.so_far),
            link: known.link.clone(),
        }
    }

    /// Where the act can be looked at, as far as that is known.
    pub(crate) fn link(&self) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).link.clone()
    }
}
