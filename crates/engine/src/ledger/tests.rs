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

/// Takes so many commits, and notes the times in each and whether it had the state.
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
        let has_state = state.iter().any(|record| record.key == KEY_SHARED);
        taken.push((entries.iter().map(|entry| entry.at.as_ms()).collect(), has_state));
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
    let mut ledger = Ledger::new(Arc::clone(&store) as Arc<dyn Store>, 0, None);
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
