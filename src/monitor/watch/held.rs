//! What is held of one check: its verdict, and whether its failures are believed.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::incident::Severity;
use crate::reason::Reason;
use crate::time::Timestamp;
use crate::verdict::{Judgement, Verdict};

/// What is held of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::monitor) struct CheckState {
    pub(in crate::monitor) verdict: Verdict,
    pub(in crate::monitor) value: Option<String>,
    /// Since when the verdict's word holds.
    pub(in crate::monitor) since: Timestamp,
    /// Failures in a row.
    pub(in crate::monitor) failures: u32,
    pub(in crate::monitor) first_failure: Option<Timestamp>,
    /// Whether the failures are believed.
    pub(in crate::monitor) believed: bool,
}

impl CheckState {
    pub(in crate::monitor) fn new(now: Timestamp) -> Self {
        Self {
            verdict: Verdict::Unknown(Reason::NotAskedYet),
            value: None,
            since: now,
            failures: 0,
            first_failure: None,
            believed: false,
        }
    }

    /// Unknown neither adds to the failures nor ends them; a rest ends them, so that an opening market is looked at afresh.
    pub(in crate::monitor) fn note(&mut self, judgement: Judgement, failures_to_open: u32, at: Timestamp) {
        if judgement.verdict.word() != self.verdict.word() {
            self.since = at;
        }
        match &judgement.verdict {
            Verdict::Up | Verdict::Resting(_) => {
                self.failures = 0;
                self.first_failure = None;
                self.believed = false;
            }
            Verdict::Degraded(_) | Verdict::Down(_) => {
                self.failures = self.failures.saturating_add(1);
                let lasting = at.since(*self.first_failure.get_or_insert(at));
                let often = judgement.at_once || self.failures >= failures_to_open;
                self.believed |= often && lasting >= judgement.patience;
            }
            Verdict::Unknown(_) => {}
        }
        self.verdict = judgement.verdict;
        self.value = judgement.value;
    }

    /// Nobody watched for a while: what was held is old, and a row of failures is broken.
    pub(in crate::monitor) fn forget(&mut self, now: Timestamp) {
        *self = Self { verdict: Verdict::Unknown(Reason::NotWatching), ..Self::new(now) };
    }

    /// What was seen until now no longer counts as a failure: it is looked at afresh.
    pub(in crate::monitor) fn afresh(&mut self) {
        self.failures = 0;
        self.first_failure = None;
        self.believed = false;
    }

    /// The reason and how bad it is, where the check is believed to fail now.
    pub(in crate::monitor) fn believed_failure(&self) -> Option<(&Reason, Severity)> {
        self.verdict.failure().filter(|_| self.believed)
    }
}
