//! What the loop lays down and the keeper takes up. It never makes the loop wait: where nobody takes anything up, the oldest
//! observation goes, and is counted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rebound::check::Observation;
use rebound::history::Sample;
use rebound::ids::TargetId;
use rebound::target::Config;
use rebound::time::Timestamp;
use rebound::uptime::Stretch;
use tokio::sync::Notify;

/// Most observations that wait. The keeper only adds them up, so that more means a machine that does nothing else.
const WAITING_MAX: usize = 2_000;

/// What the loop tells.
#[derive(Debug)]
pub(super) enum Note {
    /// Something was seen.
    Seen(Box<Seen>),
    /// These settings hold from here on.
    Settings(Arc<Config>),
    /// These targets are watched here no longer; `None`: all.
    Gone(Option<Vec<TargetId>>),
}

/// What was seen, with what was made of it.
#[derive(Debug)]
pub(super) struct Seen {
    /// When it was judged.
    pub(super) at: Timestamp,
    /// Of which target; `None`: of Rebound's own network.
    pub(super) of: Option<TargetId>,
    pub(super) seen: Observation,
    pub(super) samples: Vec<Sample>,
    /// How the time since the last look is charged, from the beginning of an hour on.
    pub(super) stretches: Vec<Stretch>,
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Ring {
    held: Mutex<Held>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Held {
    notes: VecDeque<Note>,
    lost: u64,
}

impl Ring {
    /// Lays something down.
    pub(super) fn push(&self, note: Note) {
        let mut held = self.held();
        if held.notes.len() >= WAITING_MAX
            && let Some(oldest) = held.notes.iter().position(|note| matches!(note, Note::Seen(_)))
        {
            held.notes.remove(oldest);
            held.lost += 1;
        }
        held.notes.push_back(note);
        drop(held);
        self.filled.notify_one();
    }

    /// Returns once something may lie there.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Everything that lies there, and how many observations went before it since the last call.
    pub(super) fn take(&self) -> (VecDeque<Note>, u64) {
        let mut held = self.held();
        (std::mem::take(&mut held.notes), std::mem::take(&mut held.lost))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing that can panic is done while it is locked.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_that_nobody_empties_keeps_the_newest_and_counts_the_others() {
        let ring = Ring::default();
        ring.push(Note::Gone(None));
        for ms in 0..3_000 {
            let at = Timestamp::from_ms(ms);
            let outcome = rebound::check::ProbeOutcome::NotAsked(String::new());
            let subject = rebound::check::Subject::OwnNetwork;
            let seen = Observation { subject, asked_at: at, latency_ms: 0, outcome };
            let note = Seen { at, of: None, seen, samples: Vec::new(), stretches: Vec::new() };
            ring.push(Note::Seen(Box::new(note)));
        }
        let (notes, lost) = ring.take();
        assert_eq!((notes.len(), lost), (WAITING_MAX, 1_001));
        assert!(matches!(notes[0], Note::Gone(None)), "what changes the meaning of the rest stays");
        let Note::Seen(last) = &notes[WAITING_MAX - 1] else { panic!("an observation") };
        assert_eq!(last.at, Timestamp::from_ms(2_999));
        assert_eq!(ring.take().1, 0, "what went is told once");
    }
}
