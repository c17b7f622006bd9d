//! The ledger while the store refuses: everything that waits is also kept where a crash does not reach it.
//!
//! Nothing depends on it: an intent to heal is durable in the store or not at all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::monitor::{JournalEntry, Monitor};
use rebound::time::Timestamp;
use tokio::time::timeout;

use super::{BACKLOG_MAX, COMMIT_ENTRIES_MAX, Ledger};
use crate::ports::{StateRecord, StoreError};
use crate::waiting::{Mark, Owner, Waited, Waiting, WaitingError};

/// Longest time for a part to be kept. The watch stands still meanwhile, and the file is on this machine.
const KEEP_MAX: Duration = Duration::from_secs(2);
/// Most entries that are kept before those that were dropped meanwhile are taken out: twice as many as wait, so that it
/// happens seldom.
const KEPT_MAX: usize = 2 * BACKLOG_MAX;

/// Where what waits is kept, and what it holds.
pub(crate) struct Outage {
    file: Arc<dyn Waiting>,
    owner: Option<Owner>,
    /// Entries up to this number are there.
    kept: u64,
    /// How many entries are there.
    count: usize,
    /// The newest state that is there.
    state: BTreeMap<String, String>,
    /// Targets whose state changed since.
    touched: BTreeSet<TargetId>,
    is_empty: bool,
    /// It did not do what it was asked: it is left alone until the next beat, and then has to be replaced.
    fails: bool,
    /// It cannot hold all that waits: it is left alone until that is written.
    is_full: bool,
}

/// Whether something that failed is tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    Yes,
    No,
}

impl Outage {
    pub(super) fn new(file: Arc<dyn Waiting>, owner: Option<Owner>) -> Self {
        Self {
            file,
            owner,
            kept: 0,
            count: 0,
            state: BTreeMap::new(),
            touched: BTreeSet::new(),
            is_empty: true,
            fails: false,
            is_full: false,
        }
    }

    /// As an earlier run left it.
    pub(super) fn holding(file: Arc<dyn Waiting>, parts: &[Waited]) -> Self {
        let mut held = Self { is_empty: parts.is_empty(), ..Self::new(file, None) };
        for part in parts {
            held.took(part);
        }
        held
    }

    pub(super) fn touch(&mut self, target: &TargetId) {
        self.touched.insert(target.clone());
    }

    pub(super) fn untouch(&mut self, target: &TargetId) {
        self.touched.remove(target);
    }

    fn took(&mut self, part: &Waited) {
        self.kept = part.entries.last().map_or(self.kept, |(number, _)| *number);
        self.count += part.entries.len();
        for record in &part.state {
            self.state.insert(record.key.clone(), record.body.clone());
        }
        self.is_empty = false;
    }

    /// Adds a part; where that is not possible, everything is replaced by what still waits.
    async fn keep(
        &mut self,
        part: Waited,
        waits: &VecDeque<(u64, JournalEntry)>,
    ) -> Result<(), WaitingError> {
        self.touched.clear();
        if !self.fails && self.count + part.entries.len() <= KEPT_MAX {
            match in_time(self.file.append(&part)).await {
                Ok(()) => {
                    self.took(&part);
                    return Ok(());
                }
                // Some of it has been dropped or replaced since.
                Err(WaitingError::Full(_)) if self.count > 0 => {}
                Err(error) => {
                    self.took(&part);
                    return Err(error);
                }
            }
        }
        self.took(&part);
        let all = self.parts(&part, waits);
        let replaced = in_time(self.file.replace(&all)).await;
        self.is_full = matches!(replaced, Err(WaitingError::Full(_)));
        replaced?;
        self.count = waits.len();
        Ok(())
    }

    /// Everything that waits, in parts of the size of a commit; the state goes with the last.
    fn parts(&self, last: &Waited, waits: &VecDeque<(u64, JournalEntry)>) -> Vec<Waited> {
        let part = |entries: &[(u64, JournalEntry)]| Waited {
            number: entries.last().map_or(last.number, |(number, _)| *number),
            entries: entries.to_vec(),
            state: Vec::new(),
            ..last.clone()
        };
        let waits: Vec<_> = waits.iter().cloned().collect();
        let mut parts: Vec<Waited> = waits.chunks(COMMIT_ENTRIES_MAX).map(part).collect();
        let record = |(key, body): (&String, &String)| StateRecord { key: key.clone(), body: body.clone() };
        let state = self.state.iter().map(record).collect();
        parts.push(Waited { entries: Vec::new(), state, ..last.clone() });
        parts
    }
}

impl Ledger {
    /// The same, with a place for what waits while the store refuses.
    pub(crate) fn with_outage(mut self, file: Option<Arc<dyn Waiting>>, owner: Option<Owner>) -> Self {
        self.outage = file.map(|file| Outage::new(file, owner));
        self
    }

    /// Keeps what waits where a crash does not reach it, as far as it is not there yet.
    pub(crate) async fn keep(&mut self, monitor: &Monitor, now: Timestamp, again: Again) {
        let Some(outage) = &self.outage else { return };
        let (fails, kept) = (outage.fails, outage.kept);
        let has_news = self.backlog.back().is_some_and(|(number, _)| *number > kept);
        if outage.is_full || fails && again == Again::No || !(fails || has_news || !outage.touched.is_empty())
        {
            return;
        }
        let targets: Vec<TargetId> = outage.touched.iter().cloned().collect();
        let part = match self.part(monitor, &targets, kept, now) {
            Ok(part) => part,
            Err(error) => return tracing::error!(%error, "what waits for the store cannot be kept"),
        };
        let Some(outage) = &mut self.outage else { return };
        let outcome = outage.keep(part, &self.backlog).await;
        if outcome.is_err() != fails {
            match &outcome {
                Ok(()) => tracing::info!("what waits for the store is kept in a file again"),
                Err(error) => tracing::error!(
                    %error,
                    "what waits for the store cannot be kept in a file: it is in memory only, and lost if Rebound ends"
                ),
            }
        }
        outage.fails = outcome.is_err();
    }

    fn part(
        &mut self,
        monitor: &Monitor,
        targets: &[TargetId],
        kept: u64,
        now: Timestamp,
    ) -> Result<Waited, StoreError> {
        let number = self.number();
        let since = self.mark;
        let entries = self.backlog.iter().filter(|(number, _)| *number > kept).cloned().collect();
        // Whole by itself: the store that it is written to has this memory then, whatever it had.
        let mut state =
            self.state(monitor, targets, Mark { entries: number, state: number, ..since }, now)?;
        let owner = self.outage.as_ref().and_then(|outage| {
            state.retain(|record| outage.state.get(&record.key) != Some(&record.body));
            outage.owner.clone()
        });
        Ok(Waited { since, owner, number, entries, state })
    }

    /// The store has everything: what was kept for it is not needed any more.
    pub(super) async fn nothing_waits(&mut self, again: Again) {
        let Some(outage) = &mut self.outage else { return };
        outage.touched.clear();
        outage.state.clear();
        if outage.is_empty || outage.fails && !outage.is_full && again == Again::No {
            return;
        }
        match in_time(outage.file.replace(&[])).await {
            Ok(()) => {
                (outage.is_empty, outage.is_full, outage.fails, outage.count) = (true, false, false, 0);
            }
            Err(error) => {
                if !outage.fails {
                    tracing::warn!(%error, "what waited for the store was written, and its file cannot be emptied");
                }
                outage.fails = true;
            }
        }
    }

    /// What waits is not written: another server has taken over. People find it where it was moved to.
    pub(crate) async fn set_aside(&mut self) {
        let waits = self.backlog.len();
        let Some(outage) = self.outage.take().filter(|outage| !outage.is_empty) else {
            if waits > 0 {
                tracing::warn!(
                    dropped = waits,
                    "journal entries were not kept, because another server has taken over"
                );
            }
            return;
        };
        set_aside(outage.file.as_ref(), "another server has taken over").await;
    }
}

/// Moves what waits away, because of `why`. Returns whether nothing is left there.
pub(super) async fn set_aside(file: &dyn Waiting, why: &str) -> bool {
    match in_time(file.set_aside()).await {
        Ok(place) => {
            tracing::error!(
                place,
                "what waited for the store is not written, because {why}; it is kept in {place}"
            );
            true
        }
        Err(error) => {
            tracing::error!(%error, "what waited for the store is not written, because {why}, and cannot be moved away");
            false
        }
    }
}

/// The work, unless it takes too long.
pub(crate) async fn in_time<T>(
    work: impl Future<Output = Result<T, WaitingError>>,
) -> Result<T, WaitingError> {
    let late = || WaitingError::Failed(format!("the disk gave no answer within {} s", KEEP_MAX.as_secs()));
    timeout(KEEP_MAX, work).await.unwrap_or_else(|_| Err(late()))
}
