//! What is held of one check: its verdict, and whether its failures are believed.

use alloc::boxed::Box;
use alloc::string::String;
use core::mem::discriminant;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::incident::Severity;
use crate::reason::Reason;
use crate::time::Timestamp;
use crate::verdict::{Judgement, Sight, Verdict};

/// What is held of one check. Every look goes over all of them, and nearly all are up: what else there is to say of one stands
/// apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(in crate::monitor) struct CheckState {
    not_up: Option<Box<NotUp>>,
    pub(in crate::monitor) value: Option<Sight>,
    /// Since when the verdict's word holds.
    pub(in crate::monitor) since: Timestamp,
}

/// A check that is not up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NotUp {
    verdict: Verdict,
    row: Option<Row>,
}

/// A check as the store keeps it.
#[derive(Serialize, Deserialize)]
struct Stored {
    verdict: Verdict,
    value: Option<Sight>,
    since: Timestamp,
    #[serde(default)]
    row: Option<Row>,
}

impl From<Stored> for CheckState {
    fn from(stored: Stored) -> Self {
        let Stored { verdict, value, since, row } = stored;
        let not_up = (verdict != Verdict::Up).then(|| Box::new(NotUp { verdict, row }));
        Self { not_up, value, since }
    }
}

impl From<CheckState> for Stored {
    fn from(state: CheckState) -> Self {
        let CheckState { not_up, value, since } = state;
        let (verdict, row) = not_up.map_or((Verdict::Up, None), |held| (held.verdict, held.row));
        Self { verdict, value, since, row }
    }
}

/// Failures in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    failures: u32,
    first: Timestamp,
    last: Timestamp,
    /// Whether they are believed.
    believed: bool,
    /// The reason that is believed, by its code, and since when it is seen.
    reason: Option<(String, Timestamp)>,
    /// Whether the open incident has taken that in.
    taken: bool,
    /// Another reason than that, seen since, and not often enough to be believed.
    other: Option<Other>,
}

/// A reason that is not believed yet beside one that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Other {
    code: String,
    since: Timestamp,
    times: u32,
}

impl CheckState {
    pub(in crate::monitor) fn new(now: Timestamp) -> Self {
        Self::unknown(Reason::NotAskedYet, now)
    }

    fn unknown(why: Reason, now: Timestamp) -> Self {
        let not_up = NotUp { verdict: Verdict::Unknown(why), row: None };
        Self { not_up: Some(Box::new(not_up)), value: None, since: now }
    }

    /// Unknown neither adds to the failures nor ends them, unless it lasts for `row_ends` between two; a rest ends them, so that
    /// an opening market is looked at afresh.
    pub(in crate::monitor) fn note(
        &mut self,
        judgement: Judgement,
        failures_to_open: u32,
        row_ends: Duration,
        at: Timestamp,
    ) {
        if discriminant(&judgement.verdict) != discriminant(self.verdict()) {
            self.since = at;
        }
        if judgement.verdict == Verdict::Up {
            self.not_up = None;
        } else {
            let up = || Box::new(NotUp { verdict: Verdict::Up, row: None });
            let held = self.not_up.get_or_insert_with(up);
            match &judgement.verdict {
                Verdict::Up | Verdict::Resting(_) => held.row = None,
                Verdict::Degraded(reason) | Verdict::Down(reason) => {
                    let before = held.row.take().filter(|row| at.since(row.last) <= row_ends);
                    let row = held.row.insert(before.unwrap_or_else(|| Row::new(at)));
                    row.note(reason.code(), &judgement, failures_to_open, at);
                }
                Verdict::Unknown(_) => {}
            }
            held.verdict = judgement.verdict;
        }
        self.value = judgement.value;
    }

    /// Nobody watched for a while: what was held is old, and a row of failures is broken.
    pub(in crate::monitor) fn forget(&mut self, now: Timestamp) {
        *self = Self::unknown(Reason::NotWatching, now);
    }

    /// What was seen until now no longer counts as a failure: it is looked at afresh.
    pub(in crate::monitor) fn afresh(&mut self) {
        if let Some(held) = &mut self.not_up {
            held.row = None;
        }
    }

    /// What is held.
    pub(in crate::monitor) fn verdict(&self) -> &Verdict {
        self.not_up.as_ref().map_or(&Verdict::Up, |held| &held.verdict)
    }

    /// Whether it is known to be good.
    pub(in crate::monitor) fn is_up(&self) -> bool {
        self.not_up.is_none()
    }

    fn row(&self) -> Option<&Row> {
        self.not_up.as_ref().and_then(|held| held.row.as_ref())
    }

    /// Failures in a row.
    pub(in crate::monitor) fn failures(&self) -> u32 {
        self.row().map_or(0, |row| row.failures)
    }

    /// The first of them.
    pub(in crate::monitor) fn first_failure(&self) -> Option<Timestamp> {
        self.row().map(|row| row.first)
    }

    /// Whether they are believed.
    pub(in crate::monitor) fn is_believed(&self) -> bool {
        self.row().is_some_and(|row| row.believed)
    }

    /// The reason and how bad it is, where the check is believed to fail now.
    pub(in crate::monitor) fn failing(&self) -> Option<(&Reason, Severity)> {
        self.verdict().failure().filter(|_| self.is_believed())
    }

    /// The same, where the reason is believed as well: only on that something may be done.
    pub(in crate::monitor) fn believed_failure(&self) -> Option<(&Reason, Severity)> {
        self.failing().filter(|_| self.row().is_some_and(|row| row.other.is_none()))
    }

    /// The open incident takes in what is believed.
    pub(in crate::monitor) fn take(&mut self) {
        let takes = self.believed_failure().is_some();
        if let Some(row) = self.not_up.as_mut().and_then(|held| held.row.as_mut()) {
            row.taken = takes;
        }
    }

    /// Whether the open incident has taken in what is believed.
    pub(in crate::monitor) fn is_taken(&self) -> bool {
        self.row().is_some_and(|row| row.taken)
    }

    /// Since when the believed reason is seen.
    pub(in crate::monitor) fn reason_since(&self) -> Option<Timestamp> {
        let row = self.row()?;
        Some(row.reason.as_ref().map_or(row.first, |(_, since)| *since))
    }

    /// Whether it must be looked at again soon: something is seen and not believed yet.
    pub(in crate::monitor) fn is_undecided(&self) -> bool {
        self.row().is_some_and(|row| !row.believed || row.other.is_some())
    }
}

impl Row {
    const fn new(at: Timestamp) -> Self {
        Self { failures: 0, first: at, last: at, believed: false, reason: None, taken: false, other: None }
    }

    /// One more.
    fn note(&mut self, code: &str, judgement: &Judgement, failures_to_open: u32, at: Timestamp) {
        self.last = at;
        self.failures = self.failures.saturating_add(1);
        let often = judgement.at_once || self.failures >= failures_to_open;
        if self.believed {
            self.note_reason(code, judgement, failures_to_open, at);
        } else if often && at.since(self.first) >= judgement.patience {
            self.believed = true;
            self.reason = Some((String::from(code), self.first));
        }
    }

    /// What fails already may fail for another reason, which must be seen as often as the first: one odd answer of a bridge that
    /// is broken in its own way restarts nothing.
    fn note_reason(&mut self, code: &str, judgement: &Judgement, failures_to_open: u32, at: Timestamp) {
        if self.reason.as_ref().is_none_or(|(known, _)| known == code) {
            self.reason.get_or_insert_with(|| (String::from(code), at));
            self.other = None;
            return;
        }
        let before = self.other.take().filter(|other| other.code == code);
        let mut other = before.unwrap_or_else(|| Other { code: String::from(code), since: at, times: 0 });
        other.times += 1;
        let often = judgement.at_once || other.times >= failures_to_open;
        if often && at.since(other.since) >= judgement.patience {
            (self.reason, self.taken) = (Some((other.code, other.since)), false);
        } else {
            self.other = Some(other);
        }
    }
}
