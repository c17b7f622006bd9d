//! Writes what the monitor wants kept, before anything later is done.
//!
//! While the store refuses, entries wait in a bounded line and are written in order when it is back. Decides nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::monitor::{JournalEntry, Monitor, SAVED_VERSION, Saved};
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::ports::{StateRecord, Store, StoreError};

pub(crate) mod rows;

use rows::Row;

/// Most entries that wait for a store that refuses them; beyond it the oldest are dropped and counted.
const BACKLOG_MAX: usize = 10_000;
/// Most entries of one commit. What waited through an outage goes in several, so that no store gets more than it can take.
const COMMIT_ENTRIES_MAX: usize = 500;
/// Longest time for the store to take one commit.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Of row 0. Another row's has its number behind a stroke, as in `alive/2`.
const KEY_ALIVE: &str = "alive";
const KEY_SHARED: &str = "shared";
const KEY_TARGET: &str = "target/";

/// The store's face towards the driver.
pub(crate) struct Ledger {
    store: Arc<dyn Store>,
    /// The row of this server, where several share the store; else 0.
    row: u64,
    backlog: VecDeque<JournalEntry>,
    /// Targets whose state must be written with the next commit.
    touched: BTreeSet<TargetId>,
    /// What was last written under each key.
    written: BTreeMap<String, String>,
    dropped: u64,
}

#[derive(Serialize, Deserialize)]
struct Alive {
    version: u32,
    at: Timestamp,
}

impl Ledger {
    pub(crate) fn new(store: Arc<dyn Store>, row: u64) -> Self {
        Self {
            store,
            row,
            backlog: VecDeque::new(),
            touched: BTreeSet::new(),
            written: BTreeMap::new(),
            dropped: 0,
        }
    }

    /// The memory of an earlier run, if there was one.
    pub(crate) async fn load(&self) -> Result<Option<Saved>, StoreError> {
        Ok(Row::read(self.store.load_state().await?, 0)?.saved())
    }

    /// Lines up an entry for the next commit.
    pub(crate) fn push(&mut self, entry: JournalEntry) {
        if let Some(target) = &entry.target {
            self.touched.insert(target.clone());
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
        self.backlog.push_back(entry);
    }

    /// Whether something waits to be written.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// How many entries wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.backlog.len()
    }

    /// Makes everything that waits durable, with the state it led to.
    pub(crate) async fn commit(&mut self, monitor: &Monitor, now: Timestamp) -> Result<(), StoreError> {
        // The state belongs to the last entry, so it goes with the last part.
        while self.backlog.len() > COMMIT_ENTRIES_MAX {
            let part: Vec<JournalEntry> = self.backlog.iter().take(COMMIT_ENTRIES_MAX).cloned().collect();
            self.write(&part, &[]).await?;
            self.backlog.drain(..part.len());
        }
        let targets: Vec<TargetId> = self.touched.iter().cloned().collect();
        let state = self.changed(monitor, &targets, now)?;
        let entries: Vec<JournalEntry> = self.backlog.iter().cloned().collect();
        self.write(&entries, &state).await?;
        self.backlog.clear();
        self.touched.clear();
        self.remember(state);
        Ok(())
    }

    /// Notes that this Rebound is alive; `everything` also writes the state of every target.
    pub(crate) async fn beat(
        &mut self,
        monitor: &Monitor,
        now: Timestamp,
        everything: bool,
    ) -> Result<(), StoreError> {
        let targets: Vec<TargetId> = if everything { monitor.target_ids() } else { Vec::new() };
        let state = self.changed(monitor, &targets, now)?;
        self.write(&[], &state).await?;
        self.remember(state);
        Ok(())
    }

    /// A store that does not answer must not stop the watch. What it may have kept without saying so is written once more
    /// later: state is replaced, and a journal entry that stands there twice is better than one that is missing.
    async fn write(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        let answer = timeout(ANSWER_MAX, self.store.commit(entries, state)).await;
        answer.unwrap_or_else(|_| {
            Err(StoreError::Unavailable(format!("no answer within {} s", ANSWER_MAX.as_secs())))
        })
    }

    fn changed(
        &self,
        monitor: &Monitor,
        targets: &[TargetId],
        now: Timestamp,
    ) -> Result<Vec<StateRecord>, StoreError> {
        let mut state = vec![
            record(key_of(KEY_ALIVE, self.row), &Alive { version: SAVED_VERSION, at: now })?,
            record(key_of(KEY_SHARED, self.row), monitor.shared())?,
        ];
        for id in targets {
            state.push(record(key_of_target(id), &monitor.target(id))?);
        }
        state.retain(|record| self.written.get(&record.key) != Some(&record.body));
        Ok(state)
    }

    fn remember(&mut self, state: Vec<StateRecord>) {
        for record in state {
            self.written.insert(record.key, record.body);
        }
    }
}

/// Key of what a row remembers beside its targets.
fn key_of(what: &str, row: u64) -> String {
    if row == 0 { what.to_owned() } else { format!("{what}/{row}") }
}

fn key_of_target(id: &TargetId) -> String {
    format!("{KEY_TARGET}{id}")
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
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use rebound::alert::{Alert, AlertPolicy};
    use rebound::ids::IncidentId;
    use rebound::incident::Incident;
    use rebound::monitor::Fact;
    use rebound::readiness::ReadinessSpec;
    use rebound::target::{Config, OwnNetworkSpec};

    use super::*;
    use crate::ports::AlertFilter;

    /// Takes so many commits, and notes the times in each and whether it had state.
    struct Taking {
        most: usize,
        taken: Mutex<Vec<(Vec<i64>, bool)>>,
    }

    #[async_trait]
    impl Store for Taking {
        async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
            let mut taken = self.taken.lock().unwrap();
            if taken.len() >= self.most {
                return Err(StoreError::Unavailable("away again".to_owned()));
            }
            taken.push((entries.iter().map(|entry| entry.at.as_ms()).collect(), !state.is_empty()));
            Ok(())
        }
        async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
            Ok(vec![])
        }
        async fn alerts(&self, _: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
            Ok(vec![])
        }
        async fn incident(&self, _: IncidentId) -> Result<Option<Incident>, StoreError> {
            Ok(None)
        }
        async fn incidents(&self, _: Option<IncidentId>, _: u32) -> Result<Vec<Incident>, StoreError> {
            Ok(vec![])
        }
        async fn journal(&self, _: u64, _: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError> {
            Ok(vec![])
        }
    }

    /// What a ledger wrote of 1,200 entries that waited, where the store takes `most` commits, and whether that was all.
    async fn written(most: usize) -> (Vec<(Vec<i64>, bool)>, bool) {
        let store = Arc::new(Taking { most, taken: Mutex::default() });
        let mut ledger = Ledger::new(Arc::clone(&store) as Arc<dyn Store>, 0);
        for ms in 0..1_200 {
            let fact = Fact::Began { again: true };
            ledger.push(JournalEntry { at: Timestamp::from_ms(ms), target: None, incident: None, fact });
        }
        let now = Timestamp::from_ms(2_000);
        let config = Config {
            targets: vec![],
            alerts: AlertPolicy::default(),
            own_network: OwnNetworkSpec::default(),
            maintenance: vec![],
            readiness: ReadinessSpec::default(),
        };
        let monitor = Monitor::new(config, now);
        let is_kept = ledger.commit(&monitor, now).await.is_ok();
        let taken = store.taken.lock().unwrap().clone();
        assert_eq!(ledger.is_waiting(), !is_kept);
        (taken, is_kept)
    }

    #[tokio::test]
    async fn what_waited_long_is_written_in_parts_and_the_state_with_the_last() {
        let (taken, is_kept) = written(10).await;
        assert!(is_kept);
        let sizes: Vec<_> = taken.iter().map(|(times, has_state)| (times.len(), *has_state)).collect();
        assert_eq!(sizes, [(500, false), (500, false), (200, true)]);
        let times: Vec<i64> = taken.into_iter().flat_map(|(times, _)| times).collect();
        assert!(times.into_iter().eq(0..1_200), "in order, each once");
    }

    #[tokio::test]
    async fn a_part_that_is_kept_does_not_wait_any_longer() {
        let (taken, is_kept) = written(1).await;
        assert!(!is_kept);
        assert_eq!(taken.len(), 1);
    }
}
