//! What happens while the store is away outlives the process: it is written once, in order, by the next run, and never by one
//! whose targets another server may have watched since.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use rebound::incident::Incident;
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound::view::Tone;
use rebound_engine::driver::Engine;
use rebound_engine::ports::Store;
use rebound_engine::service::Principal;
use rebound_engine::waiting::{Waited, Waiting, WaitingError};
use rebound_store::{MemoryStore, WaitingFile};
use tempfile::TempDir;

use crate::outside::{Manner, Outside};
use crate::stage::{Server, Stage, id, many, passes};

/// Where the files of one machine are.
struct Machine {
    folder: TempDir,
}

/// A process's way to its file; one that was killed writes nothing any more.
struct Disk {
    file: WaitingFile,
    is_dead: AtomicBool,
    cannot_be_emptied: AtomicBool,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("rebound.waiting")
    }

    fn aside(&self) -> PathBuf {
        self.folder.path().join("rebound.waiting.aside-1")
    }

    fn disk(&self) -> Arc<Disk> {
        Arc::new(Disk {
            file: WaitingFile::new(self.path()),
            is_dead: AtomicBool::new(false),
            cannot_be_emptied: AtomicBool::new(false),
        })
    }

    /// A process that watches alone with this store, since `minute` past noon.
    async fn life(&self, memory: &Arc<MemoryStore>, minute: u8) -> Life {
        let disk = self.disk();
        let waiting = Arc::clone(&disk) as Arc<dyn Waiting>;
        let outside = Outside::with(Arc::clone(memory), Some(waiting));
        let engine = outside.engine_at(Timestamp::from_civil(2026, 11, 23, 12, minute)).await;
        Life { outside, engine, disk }
    }
}

impl Disk {
    async fn while_alive(&self) {
        if self.is_dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Waiting for Disk {
    async fn read(&self) -> Result<Vec<Waited>, WaitingError> {
        self.file.read().await
    }

    async fn append(&self, part: &Waited) -> Result<(), WaitingError> {
        self.while_alive().await;
        self.file.append(part).await
    }

    async fn replace(&self, all: &[Waited]) -> Result<(), WaitingError> {
        self.while_alive().await;
        if all.is_empty() && self.cannot_be_emptied.load(Ordering::SeqCst) {
            return Err(WaitingError::Failed("it cannot be emptied, as the test wants".to_owned()));
        }
        self.file.replace(all).await
    }

    async fn set_aside(&self) -> Result<String, WaitingError> {
        self.while_alive().await;
        self.file.set_aside().await
    }
}

/// One process.
struct Life {
    outside: Arc<Outside>,
    engine: Engine,
    disk: Arc<Disk>,
}

impl Life {
    /// Ends as by a power failure: nothing of it reaches the store or the disk any more.
    fn killed(self) -> Arc<Outside> {
        self.disk.is_dead.store(true, Ordering::SeqCst);
        Outside::becomes(&self.outside.storing, Manner::Fails);
        Outside::becomes(&self.outside.healing, Manner::NeverReturns);
        self.outside
    }
}

async fn incidents(memory: &MemoryStore) -> Vec<Incident> {
    memory.incidents(None, 100).await.unwrap()
}

async fn journal(memory: &MemoryStore) -> Vec<JournalEntry> {
    memory.journal(0, 500).await.unwrap().into_iter().map(|(_, entry)| entry).collect()
}

/// Nothing stands there twice, and what stands there is in the order of events.
async fn is_whole(memory: &MemoryStore) {
    let journal = journal(memory).await;
    for (index, entry) in journal.iter().enumerate() {
        assert!(!journal[index + 1..].contains(entry), "stands there twice: {entry:#?}");
    }
    let times: Vec<Timestamp> = journal.iter().map(|entry| entry.at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// A process that saw the link go while its store was away, and was killed.
async fn killed_in_an_outage(machine: &Machine, memory: &Arc<MemoryStore>) -> Arc<Outside> {
    let life = machine.life(memory, 0).await;
    passes(15).await;
    Outside::becomes(&life.outside.storing, Manner::Fails);
    life.outside.link(false);
    passes(60).await;
    assert_eq!(incidents(memory).await, []);
    life.killed()
}

#[tokio::test(start_paused = true)]
async fn what_happened_while_the_store_was_away_is_written_by_the_next_run_once() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    let before = killed_in_an_outage(&machine, &memory).await;
    assert_eq!((before.count("told opened"), before.count("told store_down")), (1, 1));
    assert!(machine.path().exists());

    let life = machine.life(&memory, 10).await;
    life.outside.link(false);
    passes(120).await;

    let [incident] = &incidents(&memory).await[..] else { panic!("one incident") };
    assert!(incident.opened_at < Timestamp::from_civil(2026, 11, 23, 12, 2), "when it was seen");
    let count = |what| life.outside.count(what);
    assert_eq!((count("healed refresh"), count("told opened"), count("told store_back")), (1, 0, 1));
    assert!(!machine.path().exists(), "nothing waits any more");
    is_whole(&memory).await;
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_written_already_is_not_written_again_where_the_file_could_not_be_emptied() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    let life = machine.life(&memory, 0).await;
    passes(15).await;
    Outside::becomes(&life.outside.storing, Manner::Fails);
    life.outside.link(false);
    passes(60).await;
    life.disk.cannot_be_emptied.store(true, Ordering::SeqCst);
    Outside::becomes(&life.outside.storing, Manner::Good);
    passes(20).await;
    assert_eq!(incidents(&memory).await.len(), 1);
    assert!(machine.path().exists());
    life.killed();

    let life = machine.life(&memory, 10).await;
    passes(60).await;
    assert_eq!(incidents(&memory).await.len(), 1);
    assert!(!machine.path().exists());
    is_whole(&memory).await;
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_store_kept_without_a_word_is_not_written_again() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    let life = machine.life(&memory, 0).await;
    passes(15).await;
    Outside::becomes(&life.outside.storing, Manner::SaysNothing);
    life.outside.link(false);
    passes(60).await;
    Outside::becomes(&life.outside.storing, Manner::Good);
    passes(60).await;
    assert_eq!(incidents(&memory).await.len(), 1);
    is_whole(&memory).await;

    // And where the process does not live to ask.
    Outside::becomes(&life.outside.storing, Manner::SaysNothing);
    life.outside.link(true);
    passes(60).await;
    life.killed();
    let life = machine.life(&memory, 10).await;
    passes(60).await;
    is_whole(&memory).await;
    assert!(incidents(&memory).await[0].closed.is_some());
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_not_written_onto_another_history() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    killed_in_an_outage(&machine, &memory).await;

    let other = Arc::new(MemoryStore::new());
    let life = machine.life(&other, 10).await;
    passes(60).await;
    assert_eq!(incidents(&other).await, []);
    assert!(machine.aside().exists() && !machine.path().exists());
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_still_away_at_the_start_gets_everything_later() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    killed_in_an_outage(&machine, &memory).await;
    // Full, so that it can be read.
    let outside = Outside::with(Arc::clone(&memory), Some(machine.disk() as Arc<dyn Waiting>));
    Outside::becomes(&outside.storing, Manner::Fails);
    outside.link(false);
    let engine = outside.engine_at(Timestamp::from_civil(2026, 11, 23, 12, 10)).await;
    passes(60).await;
    assert_eq!(outside.count("healed refresh"), 0, "what waits in a file is no intent that is kept");
    assert_eq!(outside.count("told opened"), 0, "it was told before");
    let life = Life { outside, engine, disk: machine.disk() };
    life.killed();

    let life = machine.life(&memory, 20).await;
    passes(60).await;
    assert_eq!(incidents(&memory).await.len(), 1);
    is_whole(&memory).await;
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_person_asked_for_during_an_outage_holds_after_a_crash() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    let life = machine.life(&memory, 0).await;
    passes(15).await;
    Outside::becomes(&life.outside.storing, Manner::Fails);
    let hour = std::time::Duration::from_secs(3_600);
    life.engine.service.pause(&Principal::named("ann"), None, hour).await.unwrap();
    life.killed();

    let life = machine.life(&memory, 10).await;
    life.outside.link(false);
    passes(120).await;
    assert!(life.engine.service.board(&Principal::named("ann")).pause.is_some());
    assert_eq!(life.outside.count("healed refresh"), 0);
    assert!(journal(&memory).await.iter().any(|entry| matches!(entry.fact, Fact::Asked(_))));
    is_whole(&memory).await;
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_orderly_stop_during_an_outage_leaves_everything_for_the_next_start() {
    let (machine, memory) = (Machine::new(), Arc::new(MemoryStore::new()));
    let life = machine.life(&memory, 0).await;
    passes(15).await;
    Outside::becomes(&life.outside.storing, Manner::Fails);
    life.outside.link(false);
    passes(60).await;
    life.engine.stop().await;
    let life = machine.life(&memory, 3).await;
    passes(10).await;
    assert_eq!(incidents(&memory).await.len(), 1);
    is_whole(&memory).await;
    life.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_place_for_the_file_what_waits_is_in_memory_and_written_all_the_same() {
    let memory = Arc::new(MemoryStore::new());
    let nowhere = WaitingFile::new(PathBuf::from("/nonexistent/folder/rebound.waiting"));
    let outside = Outside::with(Arc::clone(&memory), Some(Arc::new(nowhere)));
    let engine = outside.engine().await;
    passes(15).await;
    Outside::becomes(&outside.storing, Manner::Fails);
    outside.link(false);
    passes(60).await;
    Outside::becomes(&outside.storing, Manner::Good);
    passes(60).await;
    assert_eq!(incidents(&memory).await.len(), 1);
    is_whole(&memory).await;
    engine.stop().await;
}

/// A server among others whose way to the store is cut, and that sees `t000` fail.
async fn cut_off(stage: &Stage, machine: &Machine) -> (Server, Arc<Disk>) {
    let disk = machine.disk();
    let waiting = Arc::clone(&disk) as Arc<dyn Waiting>;
    let server = stage.server_with(stage.cluster.server(), "a", "a", Some(waiting)).await;
    passes(30).await;
    server.way.cut_off(true);
    stage.loses_link(&id(0));
    (server, disk)
}

async fn again(stage: &Stage, machine: &Machine) -> Server {
    stage.server_with(stage.cluster.server(), "a", "a", Some(machine.disk())).await
}

#[tokio::test(start_paused = true)]
async fn a_server_that_nobody_put_out_writes_what_it_left_before_it_takes_part_again() {
    let (stage, machine) = (Stage::new(many(2)), Machine::new());
    let (server, disk) = cut_off(&stage, &machine).await;
    passes(60).await;
    disk.is_dead.store(true, Ordering::SeqCst);
    stage.kill("a", &server);
    assert!(incidents(stage.cluster.store()).await.is_empty());

    let server = again(&stage, &machine).await;
    passes(120).await;
    assert_eq!(incidents(stage.cluster.store()).await.len(), 1);
    assert_eq!((stage.healed(&id(0)).len(), stage.told("opened t000 by a")), (1, 1));
    assert_eq!(server.tone(&id(0)), Tone::Good);
    assert!(!machine.path().exists() && !machine.aside().exists());
    is_whole(stage.cluster.store()).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_starts_while_the_store_is_still_away_writes_what_it_left_once_it_is_back() {
    let (stage, machine) = (Stage::new(many(2)), Machine::new());
    let (server, disk) = cut_off(&stage, &machine).await;
    passes(60).await;
    disk.is_dead.store(true, Ordering::SeqCst);
    stage.kill("a", &server);

    let way = stage.cluster.server();
    way.cut_off(true);
    let server = stage.server_with(way, "a", "a", Some(machine.disk())).await;
    passes(60).await;
    assert_eq!(server.tone(&id(0)), Tone::Bad, "it watches");
    assert!(machine.path().exists());
    server.way.cut_off(false);
    passes(120).await;
    let [incident] = &incidents(stage.cluster.store()).await[..] else { panic!("one incident") };
    let view = &server.board().targets[0];
    assert!(incident.closed.is_some(), "{} {:#?}", view.sentence, incident);
    assert_eq!(stage.healed(&id(0)).len(), 1);
    assert!(!machine.path().exists() && !machine.aside().exists());
    is_whole(stage.cluster.store()).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_server_saw_that_was_put_out_is_kept_aside_and_not_written() {
    let (stage, machine) = (Stage::new(many(2)), Machine::new());
    let (server, _disk) = cut_off(&stage, &machine).await;
    let other = stage.server("b").await;
    passes(60).await;
    assert_eq!(stage.healed(&id(0)), ["b"], "the one that watches it now");
    server.way.cut_off(false);
    passes(60).await;
    assert!(machine.aside().exists() && !machine.path().exists());
    assert_eq!(incidents(stage.cluster.store()).await.len(), 1, "that of the new server");
    assert!(server.engine.is_running() && other.engine.is_running());
    is_whole(stage.cluster.store()).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_server_left_is_kept_aside_if_another_took_over() {
    let (stage, machine) = (Stage::new(many(2)), Machine::new());
    let (server, disk) = cut_off(&stage, &machine).await;
    passes(60).await;
    disk.is_dead.store(true, Ordering::SeqCst);
    stage.kill("a", &server);
    let _other = stage.server("b").await;
    passes(60).await;
    assert_eq!(stage.healed(&id(0)), ["b"]);
    let healed_by_b = incidents(stage.cluster.store()).await;

    let server = again(&stage, &machine).await;
    passes(60).await;
    assert!(machine.aside().exists() && !machine.path().exists());
    assert_eq!(incidents(stage.cluster.store()).await, healed_by_b);
    assert!(server.engine.is_running());
    is_whole(stage.cluster.store()).await;
}
