//! Writes what the monitor wants kept, before anything later is done.
//!
//! While the store refuses, entries wait in a bounded line, and beside it where a crash does not reach them, and are written
//! in order when it is back. Decides nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::monitor::{Drills, JournalEntry, Monitor, SAVED_VERSION, TargetState};
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::ports::{StateRecord, Store, StoreError};
use crate::waiting::Mark;

pub(crate) mod rows;

pub(crate) mod left;

mod outage;

use outage::Outage;
use rows::Row;

pub(crate) use outage::Again;

/// Most entries that wait for a store that refuses them; beyond it the oldest are dropped and counted.
const BACKLOG_MAX: usize = 10_000;
/// Most entries of one commit. What waited through an outage goes in several, so that no store gets more than it can take.
const COMMIT_ENTRIES_MAX: usize = 500;
/// Longest time for the store to take one commit.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Most signs of life from one write of a target's state to the next, where nothing happens.
const BEATS_PER_FULL_WRITE: usize = 10;
/// Targets whose state goes with one sign of life at least: where there are few, scripts that read it see every half minute.
const BEAT_TARGETS_MIN: usize = 3;
/// Of row 0. Another row's has its number behind a stroke, as in `alive/2`.
const KEY_ALIVE: &str = "alive";
const KEY_SHARED: &str = "shared";
const KEY_TARGET: &str = "target/";
/// Of the fire drills of a target: they are large and change seldom.
const KEY_DRILLS: &str = "drills/";

/// The store's face towards the driver.
pub(crate) struct Ledger {
    store: Arc<dyn Store>,
    /// The row of this server, where several share the store; else 0.
    row: u64,
    /// What waits, with the number of each.
    backlog: VecDeque<(u64, JournalEntry)>,
    /// The next number. Each is given once, so that the store's mark says what it has.
    next: u64,
    /// Up to where the store certainly has everything.
    mark: Mark,
    /// A commit failed, and the store may have kept it all the same.
    is_in_doubt: bool,
    /// Targets whose state must be written with the next commit.
    touched: BTreeSet<TargetId>,
    /// What was last written under each key.
    written: BTreeMap<String, String>,
    dropped: u64,
    outage: Option<Outage>,
}

#[derive(Serialize, Deserialize)]
struct Alive {
    version: u32,
    at: Timestamp,
    /// Up to where the store has everything of this row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<Mark>,
}

impl Ledger {
    /// Begins where the store's `mark` says that it ends.
    pub(crate) fn new(store: Arc<dyn Store>, row: u64, mark: Option<Mark>) -> Self {
        let mark = mark.unwrap_or_else(|| Mark::beginning(RandomState::new().hash_one(row)));
        Self {
            store,
            row,
            backlog: VecDeque::new(),
            next: mark.entries.max(mark.state) + 1,
            mark,
            is_in_doubt: false,
            touched: BTreeSet::new(),
            written: BTreeMap::new(),
            dropped: 0,
            outage: None,
        }
    }

    /// Lines up an entry for the next commit.
    pub(crate) fn push(&mut self, entry: JournalEntry) {
        if let Some(target) = &entry.target {
            self.touch(target);
        }
        if self.backlog.len() >= BACKLOG_MAX {
            self.backlog.pop_front();
            self.dropped += 1;
            if self.dropped.is_power_of_two() {
                tracing::error!(
                    dropped = self.dropped,
                    "the store has refused so long that journal entries are dropped"
                );
            }
        }
        let number = self.number();
        self.backlog.push_back((number, entry));
    }

    /// Whether something waits to be written.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Makes everything that waits durable, with the state it led to.
    pub(crate) async fn commit(&mut self, monitor: &Monitor, now: Timestamp) -> Result<(), StoreError> {
        self.settle().await?;
        // The state belongs to the last entry, so it goes with the last part.
        while self.backlog.len() > COMMIT_ENTRIES_MAX {
            let part: Vec<_> = self.backlog.iter().take(COMMIT_ENTRIES_MAX).cloned().collect();
            let entries = part.last().map_or(self.mark.entries, |(number, _)| *number);
            let mark = Mark { entries, ..self.mark };
            self.write(mark, &part, vec![self.alive(mark, now)?]).await?;
            self.backlog.drain(..part.len());
        }
        let targets: Vec<TargetId> = self.touched.iter().cloned().collect();
        let mark = self.next_mark();
        let state = self.changed(monitor, &targets, mark, now)?;
        let entries: Vec<_> = self.backlog.iter().cloned().collect();
        self.write(mark, &entries, state).await?;
        self.backlog.clear();
        self.touched.clear();
        self.nothing_waits(Again::No).await;
        Ok(())
    }

    /// Notes that this Rebound is alive, and writes the state of some targets: of each once in [`BEATS_PER_FULL_WRITE`] turns at least.
    pub(crate) async fn beat(
        &mut self,
        monitor: &Monitor,
        now: Timestamp,
        turn: usize,
    ) -> Result<(), StoreError> {
        self.settle().await?;
        let all = monitor.target_ids();
        let turns = all.len().div_ceil(BEAT_TARGETS_MIN).clamp(1, BEATS_PER_FULL_WRITE);
        let targets: Vec<TargetId> = all.into_iter().skip(turn % turns).step_by(turns).collect();
        let mark = self.next_mark();
        let state = self.changed(monitor, &targets, mark, now)?;
        self.write(mark, &[], state).await?;
        self.nothing_waits(Again::Yes).await;
        Ok(())
    }

    /// Writes everything at the end of a run; where the store refuses, it waits for the next one.
    pub(crate) async fn close(&mut self, monitor: &Monitor, now: Timestamp) -> Result<(), StoreError> {
        monitor.target_ids().iter().for_each(|id| self.touch(id));
        self.commit(monitor, now).await
    }

    /// Asks whether the store answers at all, beside everything else.
    pub(crate) fn ask(&self) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        let store = Arc::clone(&self.store);
        async move { in_time(store.incidents(None, 1)).await.map(drop) }
    }

    fn touch(&mut self, target: &TargetId) {
        self.touched.insert(target.clone());
        if let Some(outage) = &mut self.outage {
            outage.touch(target);
        }
    }

    fn untouch(&mut self, target: &TargetId) {
        self.touched.remove(target);
        if let Some(outage) = &mut self.outage {
            outage.untouch(target);
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// Of a commit that brings the store up to now.
    fn next_mark(&mut self) -> Mark {
        let number = self.number();
        Mark { entries: number, state: number, ..self.mark }
    }

    /// Finds out what became of commits that failed: they may have been kept without a word, and nothing is to stand there
    /// twice.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if !self.is_in_doubt {
            return Ok(());
        }
        let asking = async {
            // Returns when those before it have ended.
            self.store.commit(&[], &[]).await?;
            Row::read(self.store.load_state().await?, self.row)
        };
        let stored = in_time(asking).await?;
        if let Some(mark) = stored.mark.filter(|mark| mark.chain == self.mark.chain) {
            self.backlog.retain(|(number, _)| *number > mark.entries);
            self.mark = mark;
        }
        // It is not known which state was kept.
        self.written.clear();
        self.is_in_doubt = false;
        Ok(())
    }

    /// A store that does not answer must not stop the watch. What it may have kept without saying so is looked for before
    /// anything else is written.
    async fn write(
        &mut self,
        mark: Mark,
        entries: &[(u64, JournalEntry)],
        state: Vec<StateRecord>,
    ) -> Result<(), StoreError> {
        let entries: Vec<JournalEntry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
        let written = in_time(self.store.commit(&entries, &state)).await;
        self.is_in_doubt = written.is_err();
        written?;
        self.mark = mark;
        for record in state {
            self.written.insert(record.key, record.body);
        }
        Ok(())
    }

    fn changed(
        &self,
        monitor: &Monitor,
        targets: &[TargetId],
        mark: Mark,
        now: Timestamp,
    ) -> Result<Vec<StateRecord>, StoreError> {
        let mut state = self.state(monitor, targets, mark, now)?;
        state.retain(|record| self.written.get(&record.key) != Some(&record.body));
        Ok(state)
    }

    fn state(
        &self,
        monitor: &Monitor,
        targets: &[TargetId],
        mark: Mark,
        now: Timestamp,
    ) -> Result<Vec<StateRecord>, StoreError> {
        let mut state = vec![self.alive(mark, now)?, record(key_of(KEY_SHARED, self.row), monitor.shared())?];
        for id in targets {
            let target = monitor.target(id);
            state.push(record(key_of_target(id), &target)?);
            if let Some(drills) = target.map(TargetState::drills).filter(|drills| !drills.is_empty()) {
                state.push(record(key_of_drills(id), drills)?);
            }
        }
        Ok(state)
    }

    fn alive(&self, mark: Mark, now: Timestamp) -> Result<StateRecord, StoreError> {
        let alive = Alive { version: SAVED_VERSION, at: now, written: Some(mark) };
        record(key_of(KEY_ALIVE, self.row), &alive)
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let answer = timeout(ANSWER_MAX, work).await;
    answer.unwrap_or_else(|_| {
        Err(StoreError::Unavailable(format!("no answer within {} s", ANSWER_MAX.as_secs())))
    })
}

/// Key of what a row remembers beside its targets.
fn key_of(what: &str, row: u64) -> String {
    if row == 0 { what.to_owned() } else { format!("{what}/{row}") }
}

fn key_of_target(id: &TargetId) -> String {
    format!("{KEY_TARGET}{id}")
}

fn key_of_drills(id: &TargetId) -> String {
    format!("{KEY_DRILLS}{id}")
}

/// The fire drills of every target, as a store has them.
///
/// # Errors
/// [`StoreError`] if they cannot be read.
pub(crate) async fn drills_in(store: &dyn Store) -> Result<Vec<(TargetId, Drills)>, StoreError> {
    let records = store.load_state().await?;
    records.iter().filter_map(|record| drills_of(record).transpose()).collect()
}

/// The drills in a record; `None`: it has others' things.
fn drills_of(record: &StateRecord) -> Result<Option<(TargetId, Drills)>, StoreError> {
    let id = record.key.strip_prefix(KEY_DRILLS).and_then(|id| TargetId::try_new(id).ok());
    id.map(|id| Ok((id, read(record)?))).transpose()
}

fn record<T: Serialize>(key: String, part: &T) -> Result<StateRecord, StoreError> {
    let body = serde_json::to_string(part)
        .map_err(|error| StoreError::Damaged(format!("the state \"{key}\" cannot be written: {error}")))?;
    Ok(StateRecord { key, body })
}

fn read<T: for<'de> Deserialize<'de>>(record: &StateRecord) -> Result<T, StoreError> {
    serde_json::from_str(&record.body)
        .map_err(|error| StoreError::Damaged(format!("the state \"{}\" cannot be read: {error}", record.key)))
}

#[cfg(test)]
mod tests;
