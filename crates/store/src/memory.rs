//! A store in memory, for tests and simulated weeks.
//!
//! Never touches a disk: what it keeps ends with it. It can be told to fail, so that a test sees what Rebound does then.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rebound::alert::Alert;
use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::{Fact, JournalEntry};
use rebound_engine::ports::{AlertFilter, PAGE_MAX, StateRecord, Store, StoreError};
use rebound_engine::settings::Revision;

pub mod history;

pub mod logins;

mod cluster;

mod transfer;

pub use cluster::{MemoryCluster, MemoryServer};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    journal: Vec<JournalEntry>,
    state: BTreeMap<String, String>,
    incidents: BTreeMap<IncidentId, Incident>,
    alerts: BTreeMap<AlertId, Alert>,
    open: BTreeMap<TargetId, IncidentId>,
    revisions: BTreeMap<u64, Revision>,
    failure: Option<StoreError>,
    /// The source of a transfer that is not at its end.
    half_done: Option<String>,
}

impl MemoryStore {
    /// An empty store that works.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail with `failure` from now on; `None` makes it work again, with everything it had.
    ///
    /// Like a full disk, [`StoreError::Full`] fails commits only and lets reads through.
    pub fn fail_with(&self, failure: Option<StoreError>) {
        self.kept().failure = failure;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A test that panicked while it held the lock left nothing half-done: every change below is made after its checks.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn readable(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.kept();
        match &kept.failure {
            None | Some(StoreError::Full(_)) => Ok(kept),
            Some(
                failure @ (StoreError::Unavailable(_)
                | StoreError::Fenced(_)
                | StoreError::Damaged(_)
                | StoreError::Foreign(_)
                | StoreError::TooNew { .. }),
            ) => Err(failure.clone()),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if let Some(failure) = &kept.failure {
            return Err(failure.clone());
        }
        kept.open = open_after(&kept.open, entries)?;
        for entry in entries {
            kept.keep_document(&entry.fact);
        }
        kept.journal.extend_from_slice(entries);
        kept.state.extend(state.iter().map(|record| (record.key.clone(), record.body.clone())));
        Ok(())
    }

    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
        let kept = self.readable()?;
        Ok(kept
            .state
            .iter()
            .map(|(key, body)| StateRecord { key: key.clone(), body: body.clone() })
            .collect())
    }

    async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
        let kept = self.readable()?;
        let newest_first = kept.alerts.values().rev();
        Ok(newest_first.filter(|alert| matches(filter, alert)).take(page(filter.limit)).cloned().collect())
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        Ok(self.readable()?.incidents.get(&id).cloned())
    }

    async fn incidents(&self, before: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, StoreError> {
        let kept = self.readable()?;
        let newest_first = kept.incidents.values().rev();
        let below = newest_first.filter(|incident| before.is_none_or(|before| incident.id < before));
        Ok(below.take(page(limit)).cloned().collect())
    }

    async fn journal(&self, after: u64, limit: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError> {
        let kept = self.readable()?;
        let later = (1_u64..).zip(&kept.journal).skip(usize::try_from(after).unwrap_or(usize::MAX));
        Ok(later.take(page(limit)).map(|(number, entry)| (number, entry.clone())).collect())
    }

    async fn revise(&self, revision: &Revision) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        if let Some(failure) = &kept.failure {
            return Err(failure.clone());
        }
        let there = kept.revisions.entry(revision.number).or_insert_with(|| revision.clone());
        Ok(there == revision)
    }

    async fn revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, StoreError> {
        let kept = self.readable()?;
        let below = kept.revisions.range(..before.unwrap_or(u64::MAX)).rev();
        Ok(below.take(page(limit)).map(|(_, revision)| revision.clone()).collect())
    }
}

impl Kept {
    fn keep_document(&mut self, fact: &Fact) {
        match fact {
            Fact::Incident(incident) => {
                self.incidents.insert(incident.id, Incident::clone(incident));
            }
            Fact::Alert(alert) => {
                self.alerts.insert(alert.id, Alert::clone(alert));
            }
            Fact::StepIntended(_)
            | Fact::StepFinished(_)
            | Fact::Asked(_)
            | Fact::Phase { .. }
            | Fact::Drill(_)
            | Fact::Began { .. } => {}
        }
    }
}

/// The open incident of each target once `entries` are kept, if no target gets a second one.
pub(crate) fn open_after(
    open: &BTreeMap<TargetId, IncidentId>,
    entries: &[JournalEntry],
) -> Result<BTreeMap<TargetId, IncidentId>, StoreError> {
    let mut open = open.clone();
    for entry in entries {
        let Fact::Incident(incident) = &entry.fact else { continue };
        open.retain(|_, id| *id != incident.id);
        if incident.closed.is_some() {
            continue;
        }
        if let Some(other) = open.insert(incident.target.clone(), incident.id) {
            return Err(second_open_incident(incident, Some(other)));
        }
    }
    Ok(open)
}

/// Says that `incident` cannot be open beside `other`, the one of its target that is open already.
pub(crate) fn second_open_incident(incident: &Incident, other: Option<IncidentId>) -> StoreError {
    let other = other.map_or_else(String::new, |id| format!(" {id}"));
    StoreError::Unavailable(format!(
        "incident {} of `{}` was not kept, because incident{other} of the same target is still open",
        incident.id, incident.target
    ))
}

fn matches(filter: &AlertFilter, alert: &Alert) -> bool {
    filter.severity.is_none_or(|severity| alert.severity == severity)
        && filter.target.as_ref().is_none_or(|target| alert.target.as_ref() == Some(target))
        && filter.acknowledged.is_none_or(|acknowledged| alert.acknowledged.is_some() == acknowledged)
        && filter.before.is_none_or(|before| alert.id < before)
}

fn page(limit: u32) -> usize {
    usize::try_from(limit.min(PAGE_MAX)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[tokio::test]
    async fn memory_passes_the_story_of_every_store() {
        conformance::story(async || MemoryStore::new()).await;
    }

    #[tokio::test]
    async fn servers_in_memory_pass_the_story_of_several_servers() {
        conformance::servers::story(async || {
            let cluster = MemoryCluster::new();
            (cluster.server(), cluster.server())
        })
        .await;
    }

    #[tokio::test]
    async fn memory_takes_over_what_another_store_held() {
        conformance::transfer_story(async || MemoryStore::new()).await;
    }

    #[tokio::test]
    async fn a_store_told_to_fail_keeps_what_it_had() {
        let store = MemoryStore::new();
        let record = StateRecord { key: "shared".to_owned(), body: "{}".to_owned() };
        store.commit(&[], std::slice::from_ref(&record)).await.unwrap();

        let failure = StoreError::Unavailable("pulled out".to_owned());
        store.fail_with(Some(failure.clone()));
        assert_eq!(store.commit(&[], &[]).await, Err(failure.clone()));
        assert_eq!(store.load_state().await, Err(failure));

        store.fail_with(None);
        assert_eq!(store.load_state().await, Ok(vec![record]));
    }

    #[tokio::test]
    async fn a_full_store_can_still_be_read() {
        let store = MemoryStore::new();
        store.fail_with(Some(StoreError::Full("no space left".to_owned())));
        assert!(store.commit(&[], &[]).await.is_err());
        assert_eq!(store.journal(0, 10).await, Ok(vec![]));
    }
}
