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
use crate::settings::Revision;
use crate::waiting::{Waited, Waiting, WaitingError};

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
    async fn revise(&self, _: &Revision) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn revisions(&self, _: Option<u64>, _: u32) -> Result<Vec<Revision>, StoreError> {
        Ok(vec![])
    }
}

/// What a ledger wrote of 1,200 entries that waited, where the store takes `most` commits, and whether that was all.
async fn written(most: usize) -> (Vec<(Vec<i64>, bool)>, bool) {
    let store = Arc::new(Taking { most, taken: Mutex::default() });
    let mut ledger = Ledger::new(Arc::clone(&store) as Arc<dyn Store>, 0, None);
    push(&mut ledger, 0..1_200);
    let is_kept = ledger.commit(&monitor(), NOW).await.is_ok();
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

/// A store that keeps what it takes, for so many commits.
#[derive(Default)]
struct Keeping {
    most: Mutex<usize>,
    kept: Mutex<(Vec<i64>, BTreeMap<String, String>)>,
}

#[async_trait]
impl Store for Keeping {
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        let mut most = self.most.lock().unwrap();
        let left = most.checked_sub(1).ok_or(StoreError::Unavailable("away".to_owned()))?;
        *most = left;
        let mut kept = self.kept.lock().unwrap();
        kept.0.extend(entries.iter().map(|entry| entry.at.as_ms()));
        kept.1.extend(state.iter().map(|record| (record.key.clone(), record.body.clone())));
        Ok(())
    }
    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
        let kept = self.kept.lock().unwrap();
        let record = |(key, body): (&String, &String)| StateRecord { key: key.clone(), body: body.clone() };
        Ok(kept.1.iter().map(record).collect())
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
    async fn revise(&self, _: &Revision) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn revisions(&self, _: Option<u64>, _: u32) -> Result<Vec<Revision>, StoreError> {
        Ok(vec![])
    }
}

/// A shelf for what waits, with room for so many entries.
struct Shelf {
    room: usize,
    parts: Mutex<Vec<Waited>>,
}

impl Shelf {
    fn with_room(room: usize) -> Arc<Self> {
        Arc::new(Self { room, parts: Mutex::default() })
    }

    fn times(&self) -> Vec<i64> {
        let parts = self.parts.lock().unwrap();
        parts.iter().flat_map(|part| &part.entries).map(|(_, entry)| entry.at.as_ms()).collect()
    }

    fn fits(&self, parts: &[Waited]) -> Result<(), WaitingError> {
        let count: usize = parts.iter().map(|part| part.entries.len()).sum();
        if count <= self.room { Ok(()) } else { Err(WaitingError::Full("no room".to_owned())) }
    }
}

#[async_trait]
impl Waiting for Shelf {
    async fn read(&self) -> Result<Vec<Waited>, WaitingError> {
        Ok(self.parts.lock().unwrap().clone())
    }
    async fn append(&self, part: &Waited) -> Result<(), WaitingError> {
        let mut parts = self.parts.lock().unwrap();
        let all: Vec<Waited> = parts.iter().chain([part]).cloned().collect();
        self.fits(&all)?;
        *parts = all;
        Ok(())
    }
    async fn replace(&self, all: &[Waited]) -> Result<(), WaitingError> {
        self.fits(all)?;
        *self.parts.lock().unwrap() = all.to_vec();
        Ok(())
    }
    async fn set_aside(&self) -> Result<String, WaitingError> {
        self.parts.lock().unwrap().clear();
        Ok("aside".to_owned())
    }
}

fn push(ledger: &mut Ledger, times: std::ops::Range<i64>) {
    for ms in times {
        let fact = Fact::Began { again: true };
        ledger.push(JournalEntry { at: Timestamp::from_ms(ms), target: None, incident: None, fact });
    }
}

fn monitor() -> Monitor {
    let config = Config {
        targets: vec![],
        alerts: AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: vec![],
        readiness: ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    };
    Monitor::new(config, NOW)
}

const NOW: Timestamp = Timestamp::from_ms(100_000);

async fn load(store: &Arc<Keeping>, shelf: &Arc<Shelf>) -> Ledger {
    let (store, shelf) = (Arc::clone(store) as Arc<dyn Store>, Arc::clone(shelf) as Arc<dyn Waiting>);
    Ledger::load(store, Some(shelf)).await.unwrap().0
}

#[tokio::test]
async fn however_often_a_run_ends_between_two_parts_each_entry_is_written_once() {
    let (store, shelf, monitor) = (Arc::new(Keeping::default()), Shelf::with_room(10_000), monitor());
    let mut ledger = load(&store, &shelf).await;
    push(&mut ledger, 0..2_200);
    for _ in 0..4 {
        *store.most.lock().unwrap() = 1;
        assert!(ledger.commit(&monitor, NOW).await.is_err());
        ledger.keep(&monitor, NOW, Again::No).await;
        // Killed, and started again.
        ledger = load(&store, &shelf).await;
    }
    *store.most.lock().unwrap() = 10;
    ledger.commit(&monitor, NOW).await.unwrap();
    assert!(store.kept.lock().unwrap().0.iter().copied().eq(0..2_200), "in order, each once");
    assert!(shelf.times().is_empty(), "nothing waits any more");
}

#[tokio::test]
async fn what_is_dropped_in_memory_goes_from_the_file_too_and_the_newest_stay() {
    let (store, shelf, monitor) = (Arc::new(Keeping::default()), Shelf::with_room(30_000), monitor());
    let mut ledger = load(&store, &shelf).await;
    for step in 0..25 {
        push(&mut ledger, step * 1_000..(step + 1) * 1_000);
        ledger.keep(&monitor, NOW, Again::No).await;
        assert!(shelf.times().len() <= 20_000);
    }
    let times = shelf.times();
    assert!(times.is_sorted_by(|a, b| a < b) && times.ends_with(&(15_000..25_000).collect::<Vec<_>>()));
}

#[tokio::test]
async fn a_file_without_room_is_left_alone_until_everything_is_written() {
    let (store, shelf, monitor) = (Arc::new(Keeping::default()), Shelf::with_room(100), monitor());
    let mut ledger = load(&store, &shelf).await;
    push(&mut ledger, 0..80);
    ledger.keep(&monitor, NOW, Again::No).await;
    push(&mut ledger, 80..160);
    ledger.keep(&monitor, NOW, Again::Yes).await;
    assert_eq!(shelf.times().len(), 80, "what is there stays");
    *store.most.lock().unwrap() = 1;
    ledger.commit(&monitor, NOW).await.unwrap();
    assert!(store.kept.lock().unwrap().0.iter().copied().eq(0..160));
    assert!(shelf.times().is_empty());
    push(&mut ledger, 160..170);
    ledger.keep(&monitor, NOW, Again::No).await;
    assert_eq!(shelf.times(), (160..170).collect::<Vec<_>>(), "it is used again");
}
