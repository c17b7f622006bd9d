//! Bridges in a world of their own, and servers that watch them from one store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rebound::alert::{DeliveryResult, SendRequest};
use rebound::check::{BridgeReading, Observation, ProbeOutcome, ProbeRequest, Subject, TerminalReading};
use rebound::heal::{StepOutcome, StepRequest, StepResult};
use rebound::ids::{StepId, TargetId};
use rebound::target::{Config, TargetSpec};
use rebound::time::Timestamp;
use rebound::view::{Board, Tone};
use rebound_engine::clock::SystemClock;
use rebound_engine::cluster::{Cluster, ServerName};
use rebound_engine::driver::{Engine, Ports};
use rebound_engine::history::port::HistoryStore;
use rebound_engine::history::{History, Kept};
use rebound_engine::ports::{Clock, Healer, Notifier, Prober, Store};
use rebound_engine::service::Principal;
use rebound_engine::waiting::Waiting;
use rebound_store::{MemoryCluster, MemoryHistory, MemoryServer};

use crate::outside;

/// The bridges, and what was done to them.
#[derive(Default)]
pub(crate) struct World {
    /// Links that are down.
    pub(crate) lost: Mutex<BTreeMap<TargetId, bool>>,
    /// Heals: which target, by which server.
    pub(crate) healed: Mutex<Vec<(TargetId, String)>>,
    pub(crate) told: Mutex<Vec<String>>,
    /// Who looked at what, and when.
    pub(crate) seen: Mutex<BTreeMap<TargetId, Vec<(Timestamp, String)>>>,
    /// Servers whose process is killed.
    pub(crate) killed: Mutex<BTreeSet<String>>,
    /// Whether a heal mends the link.
    pub(crate) heals_help: AtomicBool,
    /// Whether a heal never comes back.
    pub(crate) heals_hang: AtomicBool,
}

/// One server's eyes and hands. Those of a killed process do nothing any more.
struct Hands {
    world: Arc<World>,
    server: String,
    /// Tells one process of a server from the next.
    process: String,
    clock: Arc<Jumping>,
}

impl Hands {
    async fn while_alive(&self) {
        if self.world.killed.lock().unwrap().contains(&self.process) {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Prober for Hands {
    async fn probe(&self, request: &ProbeRequest) -> Observation {
        self.while_alive().await;
        if let Subject::Target(id) = &request.subject {
            let look = (self.clock.now(), self.server.clone());
            self.world.seen.lock().unwrap().entry(id.clone()).or_default().push(look);
        }
        let lost = match &request.subject {
            Subject::Target(id) => self.world.lost.lock().unwrap().contains_key(id),
            Subject::OwnNetwork => false,
        };
        let terminal = TerminalReading {
            available: Some(true),
            connected: Some(!lost),
            trading_allowed: Some(true),
            ..TerminalReading::default()
        };
        let outcome = ProbeOutcome::Bridge(Box::new(BridgeReading { terminal, ..BridgeReading::default() }));
        Observation { subject: request.subject.clone(), asked_at: request.asked_at, latency_ms: 1, outcome }
    }
}

#[async_trait]
impl Healer for Hands {
    async fn run(&self, request: &StepRequest) -> StepResult {
        self.while_alive().await;
        self.world.healed.lock().unwrap().push((request.target.clone(), self.server.clone()));
        if self.world.heals_hang.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.world.heals_help.load(Ordering::SeqCst) {
            self.world.lost.lock().unwrap().remove(&request.target);
        }
        let (step, target) = (request.step.clone(), request.target.clone());
        StepResult { step, target, outcome: StepOutcome::Done, output: String::new(), link: None }
    }

    fn link(&self, _: &StepId) -> Option<String> {
        None
    }
}

#[async_trait]
impl Notifier for Hands {
    fn channel(&self) -> &'static str {
        "mail"
    }

    async fn send(&self, request: &SendRequest) -> DeliveryResult {
        self.while_alive().await;
        let target = request.alert.target.as_ref().map_or("rebound", TargetId::as_str);
        self.world.told.lock().unwrap().push(format!(
            "{} {target} by {}",
            request.alert.reason.code(),
            self.server
        ));
        DeliveryResult::Delivered
    }
}

/// A clock that can be put forward, as after a suspension of the machine.
#[derive(Debug)]
pub(crate) struct Jumping {
    steady: SystemClock,
    /// In seconds.
    ahead: AtomicU64,
}

impl Jumping {
    pub(crate) fn jumps(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        self.steady.now().after(Duration::from_secs(self.ahead.load(Ordering::SeqCst)))
    }
}

/// A clock that is ahead of the true one.
#[derive(Debug)]
struct Ahead {
    clock: Arc<Jumping>,
    by: Duration,
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.clock.now().after(self.by)
    }
}

/// A running server and its way to the store.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) way: Arc<MemoryServer>,
    process: String,
}

/// Servers over the same bridges.
pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) cluster: Arc<MemoryCluster>,
    pub(crate) clock: Arc<Jumping>,
    processes: AtomicUsize,
    /// Servers whose clocks are ahead.
    ahead: Mutex<BTreeMap<String, Duration>>,
    /// Where numbers are kept.
    pub(crate) history: Arc<MemoryHistory>,
    config: Config,
}

pub(crate) fn id(number: usize) -> TargetId {
    TargetId::try_new(&format!("t{number:03}")).unwrap()
}

pub(crate) fn many(targets: usize) -> Config {
    let one = outside::config();
    let spec =
        |number| TargetSpec { id: id(number), name: format!("Bridge {number}"), ..one.targets[0].clone() };
    Config { targets: (0..targets).map(spec).collect(), ..one }
}

impl Stage {
    pub(crate) fn new(config: Config) -> Self {
        let clock = SystemClock::starting_at(Timestamp::from_civil(2026, 11, 23, 12, 0));
        let world = Arc::new(World { heals_help: AtomicBool::new(true), ..World::default() });
        Self {
            world,
            cluster: MemoryCluster::new(),
            clock: Arc::new(Jumping { steady: clock, ahead: AtomicU64::new(0) }),
            processes: AtomicUsize::new(0),
            ahead: Mutex::default(),
            history: Arc::new(MemoryHistory::new()),
            config,
        }
    }

    /// The clock of this server, as it is started from now on, is ahead of the others'.
    pub(crate) fn is_ahead(&self, name: &str, by: Duration) {
        self.ahead.lock().unwrap().insert(name.to_owned(), by);
    }

    pub(crate) async fn server(&self, name: &str) -> Server {
        self.server_of(name, name).await
    }

    pub(crate) async fn server_of(&self, name: &str, instance: &str) -> Server {
        self.server_by(self.cluster.server(), name, instance).await
    }

    pub(crate) async fn server_by(&self, way: Arc<MemoryServer>, name: &str, instance: &str) -> Server {
        self.server_with(way, name, instance, None).await
    }

    /// A server that keeps what waits for the store in `waiting`.
    pub(crate) async fn server_with(
        &self,
        way: Arc<MemoryServer>,
        name: &str,
        instance: &str,
        waiting: Option<Arc<dyn Waiting>>,
    ) -> Server {
        let process = format!("{name}/{}", self.processes.fetch_add(1, Ordering::SeqCst));
        let hands = || {
            let (world, clock) = (Arc::clone(&self.world), Arc::clone(&self.clock));
            Arc::new(Hands { world, clock, server: name.to_owned(), process: process.clone() })
        };
        let server = ServerName { name: name.to_owned(), instance: instance.to_owned() };
        let by = self.ahead.lock().unwrap().get(name).copied().unwrap_or_default();
        let ports = Ports {
            clock: Arc::new(Ahead { clock: Arc::clone(&self.clock), by }),
            prober: hands(),
            healer: hands(),
            notifiers: vec![hands()],
            store: Arc::clone(&way) as Arc<dyn Store>,
            preflights: Vec::new(),
            outside: None,
            waiting,
            cluster: Some((Arc::clone(&way) as Arc<dyn Cluster>, server)),
            history: Some(History {
                store: Arc::clone(&self.history) as Arc<dyn HistoryStore>,
                kept: Kept::default(),
            }),
            settings: None,
        };
        Server { engine: Engine::start(self.config.clone(), ports).await.unwrap(), way, process }
    }

    /// Kills a server's process, and returns what it watched.
    pub(crate) fn kill(&self, name: &str, server: &Server) -> Vec<TargetId> {
        server.way.cut_off(true);
        self.world.killed.lock().unwrap().insert(server.process.clone());
        let board = server.board();
        let own = board.servers.iter().find(|one| one.name == name).map(|one| one.targets.clone());
        own.unwrap_or_default()
    }

    pub(crate) fn loses_link(&self, target: &TargetId) {
        self.world.lost.lock().unwrap().insert(target.clone(), true);
    }

    pub(crate) fn healed(&self, target: &TargetId) -> Vec<String> {
        let healed = self.world.healed.lock().unwrap();
        healed.iter().filter(|(id, _)| id == target).map(|(_, server)| server.clone()).collect()
    }

    pub(crate) fn told(&self, what: &str) -> usize {
        self.world.told.lock().unwrap().iter().filter(|told| *told == what).count()
    }
}

impl Server {
    pub(crate) fn board(&self) -> Arc<Board> {
        self.engine.service.board(&admin())
    }

    /// How many targets each server watches, as this one sees it.
    pub(crate) fn shares(&self) -> Vec<(String, usize)> {
        let board = self.board();
        board.servers.iter().map(|server| (server.name.clone(), server.targets.len())).collect()
    }

    pub(crate) fn watcher(&self, target: &TargetId) -> Option<String> {
        self.board().targets.iter().find(|view| view.id == *target)?.server.clone()
    }

    pub(crate) fn tone(&self, target: &TargetId) -> Tone {
        self.board().targets.iter().find(|view| view.id == *target).unwrap().tone
    }
}

pub(crate) fn admin() -> Principal {
    Principal::named("anna")
}

pub(crate) async fn passes(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
