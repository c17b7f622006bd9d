//! A faked outside: adapters that do what a test tells them, and a store that notes the order of what it was asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rebound::alert::{Alert, AlertPolicy, ChannelSpec, DeliveryResult, SendRequest};
use rebound::check::{
    AccountReading, AccountsReading, BridgeReading, CheckId, NoAnswer, Observation, ProbeOutcome,
    ProbeRequest, TerminalReading,
};
use rebound::heal::{ActionKind, HealPolicy, Remedy, Rung, StepOutcome, StepRequest, StepResult};
use rebound::ids::{IncidentId, StepId, TargetId};
use rebound::incident::{Incident, Severity};
use rebound::monitor::JournalEntry;
use rebound::readiness::{Finding, LookRequest, Part, PingRequest, ReadinessSpec, Seen, Trouble};
use rebound::target::{Config, OwnNetworkSpec, Reach, TargetSpec};
use rebound::time::Timestamp;
use rebound_engine::clock::SystemClock;
use rebound_engine::driver::{Engine, Ports};
use rebound_engine::history::port::HistoryStore;
use rebound_engine::history::{History, Kept};
use rebound_engine::ports::{
    AlertFilter, Healer, Notifier, Outside as SignsOfLife, Preflight, Prober, StateRecord, Store, StoreError,
};
use rebound_engine::settings::Revision;
use rebound_engine::waiting::Waiting;
use rebound_store::{MemoryHistory, MemoryStore};

/// How an adapter behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Good,
    Fails,
    Panics,
    NeverReturns,
    /// Does what it is asked, and never says so.
    SaysNothing,
}

/// Everything outside, and what was asked of it.
pub(crate) struct Outside {
    pub(crate) probing: Mutex<Manner>,
    pub(crate) healing: Mutex<Manner>,
    pub(crate) telling: Mutex<Manner>,
    pub(crate) storing: Mutex<Manner>,
    pub(crate) looking: Mutex<Manner>,
    /// What a look finds of the way to people.
    found: Mutex<Seen>,
    /// Whether the store gives back no drills.
    forgetful: AtomicBool,
    /// Whether the link to the broker is up.
    pub(crate) linked: AtomicBool,
    pub(crate) memory: Arc<MemoryStore>,
    /// Where what waits for the store is kept.
    pub(crate) waiting: Option<Arc<dyn Waiting>>,
    /// Where numbers are kept; a test may put another in its place before it starts an engine.
    pub(crate) history: Mutex<Arc<dyn HistoryStore>>,
    /// The accounts that the bridge lists; `None`: it is silent about them.
    pub(crate) accounts: Mutex<Option<Vec<AccountReading>>>,
    /// What was done, in order: `stored step_intended`, `healed refresh`, `told opened`, ….
    pub(crate) done: Mutex<Vec<String>>,
}

impl Outside {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(Arc::new(MemoryStore::new()), None)
    }

    /// With a store that may hold something, and a place for what waits for it.
    pub(crate) fn with(memory: Arc<MemoryStore>, waiting: Option<Arc<dyn Waiting>>) -> Arc<Self> {
        Arc::new(Self {
            probing: Mutex::new(Manner::Good),
            healing: Mutex::new(Manner::Good),
            telling: Mutex::new(Manner::Good),
            storing: Mutex::new(Manner::Good),
            looking: Mutex::new(Manner::Good),
            found: Mutex::new(Seen::Works("it takes the password".to_owned())),
            forgetful: AtomicBool::new(false),
            linked: AtomicBool::new(true),
            memory,
            waiting,
            history: Mutex::new(Arc::new(MemoryHistory::new())),
            accounts: Mutex::default(),
            done: Mutex::default(),
        })
    }

    pub(crate) fn link(&self, up: bool) {
        self.linked.store(up, Ordering::SeqCst);
    }

    pub(crate) fn forgets_drills(&self, forgets: bool) {
        self.forgetful.store(forgets, Ordering::SeqCst);
    }

    pub(crate) fn becomes(which: &Mutex<Manner>, manner: Manner) {
        *which.lock().unwrap() = manner;
    }

    /// What looks find from now on.
    pub(crate) fn shows(&self, seen: Seen) {
        *self.found.lock().unwrap() = seen;
    }

    pub(crate) fn done(&self) -> Vec<String> {
        self.done.lock().unwrap().clone()
    }

    pub(crate) fn position(&self, what: &str) -> Option<usize> {
        self.done().iter().position(|line| line == what)
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.done().iter().filter(|line| *line == what).count()
    }

    fn note(&self, what: String) {
        self.done.lock().unwrap().push(what);
    }

    /// Starts an engine in this outside.
    pub(crate) async fn engine(self: &Arc<Self>) -> Engine {
        let monday = Timestamp::from_civil(2026, 11, 23, 12, 0);
        self.engine_at(monday).await
    }

    /// As [`Self::engine`], and what an emergency needs is looked at.
    pub(crate) async fn watched_engine(self: &Arc<Self>) -> Engine {
        let readiness = ReadinessSpec { watched: true, ping_every: Some(Duration::from_secs(60)) };
        let monday = Timestamp::from_civil(2026, 11, 23, 12, 0);
        let mut config = Config { readiness, ..config() };
        // These stories take days.
        config.targets[0].watch.interval = Duration::from_secs(60);
        self.engine_with(config, monday).await
    }

    pub(crate) async fn engine_at(self: &Arc<Self>, now: Timestamp) -> Engine {
        self.engine_with(config(), now).await
    }

    async fn engine_with(self: &Arc<Self>, config: Config, now: Timestamp) -> Engine {
        let ports = Ports {
            clock: Arc::new(SystemClock::starting_at(now)),
            prober: Arc::new(Face(Arc::clone(self))),
            healer: Arc::new(Face(Arc::clone(self))),
            notifiers: vec![Arc::new(Face(Arc::clone(self)))],
            store: Arc::new(Face(Arc::clone(self))),
            preflights: vec![Arc::new(Face(Arc::clone(self)))],
            outside: Some(Arc::new(Face(Arc::clone(self)))),
            waiting: self.waiting.clone(),
            cluster: None,
            settings: None,
            history: Some(History {
                store: Arc::clone(&self.history.lock().unwrap()),
                kept: Kept::default(),
            }),
        };
        Engine::start(config, ports).await.unwrap()
    }
}

/// Where every step can be looked at.
pub(crate) const RUN: &str = "https://github.com/example/mt5-host/actions/runs/7";

/// One way into the outside; every port is one.
struct Face(Arc<Outside>);

async fn behaves(manner: &Mutex<Manner>) -> Manner {
    let manner = *manner.lock().unwrap();
    match manner {
        Manner::Good | Manner::Fails | Manner::SaysNothing => manner,
        Manner::Panics => panic!("an adapter panics, as the test wants"),
        Manner::NeverReturns => std::future::pending().await,
    }
}

#[async_trait]
impl Prober for Face {
    async fn probe(&self, request: &ProbeRequest) -> Observation {
        let outcome = match behaves(&self.0.probing).await {
            Manner::Fails => ProbeOutcome::NoAnswer(NoAnswer::Refused),
            Manner::Good | Manner::Panics | Manner::NeverReturns | Manner::SaysNothing => {
                let connected = self.0.linked.load(Ordering::SeqCst);
                let terminal = TerminalReading {
                    available: Some(true),
                    connected: Some(connected),
                    trading_allowed: Some(true),
                    ..TerminalReading::default()
                };
                let accounts = match self.0.accounts.lock().unwrap().clone() {
                    Some(listed) => AccountsReading::Listed(listed),
                    None => AccountsReading::default(),
                };
                let reading = BridgeReading { terminal, accounts, ..BridgeReading::default() };
                ProbeOutcome::Bridge(Box::new(reading))
            }
        };
        let (subject, asked_at) = (request.subject.clone(), request.asked_at);
        Observation { subject, asked_at, latency_ms: 1, outcome }
    }
}

#[async_trait]
impl Healer for Face {
    async fn run(&self, request: &StepRequest) -> StepResult {
        self.0.note(format!("healed {}", request.remedy));
        let outcome = match behaves(&self.0.healing).await {
            Manner::Fails => StepOutcome::Failed,
            Manner::Good | Manner::Panics | Manner::NeverReturns | Manner::SaysNothing => StepOutcome::Done,
        };
        let (step, target) = (request.step.clone(), request.target.clone());
        StepResult { step, target, outcome, output: String::new(), link: None }
    }

    fn link(&self, _: &StepId) -> Option<String> {
        Some(RUN.to_owned())
    }
}

#[async_trait]
impl Notifier for Face {
    fn channel(&self) -> &'static str {
        "mail"
    }

    async fn send(&self, request: &SendRequest) -> DeliveryResult {
        self.0.note(format!("told {}", request.alert.reason.code()));
        match behaves(&self.0.telling).await {
            Manner::Fails => DeliveryResult::Retry("busy".to_owned()),
            Manner::Good | Manner::Panics | Manner::NeverReturns | Manner::SaysNothing => {
                DeliveryResult::Delivered
            }
        }
    }
}

#[async_trait]
impl Preflight for Face {
    async fn look(&self, request: &LookRequest) -> Vec<Finding> {
        self.0.note("looked".to_owned());
        behaves(&self.0.looking).await;
        let seen = self.0.found.lock().unwrap().clone();
        let found = |part| Finding { part, at: request.asked_at, seen: seen.clone() };
        // Stories of readiness are about the way to people alone.
        let remedies = request.remedies.iter().filter(|_| request.drill.is_some());
        let mut findings: Vec<Finding> = remedies.map(|of| found(Part::HttpCall(of.clone()))).collect();
        findings.push(found(Part::Channel("mail".to_owned())));
        findings
    }
}

#[async_trait]
impl SignsOfLife for Face {
    async fn ping(&self, _: &PingRequest) -> Result<String, Trouble> {
        self.0.note("pinged".to_owned());
        Ok("a service".to_owned())
    }
}

#[async_trait]
impl Store for Face {
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        let manner = behaves(&self.0.storing).await;
        if manner == Manner::Fails {
            return Err(StoreError::Full("disk full".to_owned()));
        }
        self.0.memory.commit(entries, state).await?;
        for entry in entries {
            self.0.note(format!("stored {}", entry.fact.kind()));
        }
        if manner == Manner::SaysNothing {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
        let mut records = self.0.memory.load_state().await?;
        records
            .retain(|record| !self.0.forgetful.load(Ordering::SeqCst) || !record.key.starts_with("drills/"));
        Ok(records)
    }

    async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
        self.0.memory.alerts(filter).await
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.0.memory.incident(id).await
    }

    async fn incidents(&self, before: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, StoreError> {
        // A disk that is full can be read.
        if *self.0.storing.lock().unwrap() == Manner::NeverReturns {
            std::future::pending::<()>().await;
        }
        self.0.memory.incidents(before, limit).await
    }

    async fn journal(&self, after: u64, limit: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError> {
        self.0.memory.journal(after, limit).await
    }

    async fn revise(&self, revision: &Revision) -> Result<bool, StoreError> {
        self.0.memory.revise(revision).await
    }

    async fn revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, StoreError> {
        self.0.memory.revisions(before, limit).await
    }
}

pub(crate) fn mt5() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

/// One bridge, of which only reachability and the broker's link are looked at.
pub(crate) fn config() -> Config {
    let remedy = |name: &str, rung| Remedy {
        name: name.to_owned(),
        rung,
        action: ActionKind::HttpCall,
        through_bridge: false,
        slot: None,
        timeout: Duration::from_secs(60),
        verify_within: Duration::from_secs(120),
        verify_after: Duration::from_secs(10),
    };
    let checks = [CheckId::BridgeReachable, CheckId::TerminalBrokerLink];
    let spec = TargetSpec {
        name: "MT5 bridge".to_owned(),
        reach: Reach::Loopback,
        checks: checks.iter().map(|check| check.default_spec()).collect(),
        heal: HealPolicy {
            ladder: vec![remedy("refresh", Rung::Soft), remedy("restart", Rung::Medium)],
            ..HealPolicy::default()
        },
        ..TargetSpec::bridge(mt5())
    };
    Config {
        targets: vec![spec],
        alerts: AlertPolicy {
            channels: vec![ChannelSpec {
                name: "mail".to_owned(),
                severities: vec![Severity::Critical, Severity::Warning],
                recoveries: true,
            }],
            ..AlertPolicy::default()
        },
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    }
}
