//! What the engine needs of the outside, as traits; adapters implement them, tests replace them.

use std::fmt;

use async_trait::async_trait;
use rebound::alert::{Alert, DeliveryResult, SendRequest};
use rebound::check::{Observation, ProbeRequest};
use rebound::heal::{StepRequest, StepResult};
use rebound::ids::{AlertId, IncidentId, StepId, TargetId};
use rebound::incident::{Incident, Severity};
use rebound::monitor::JournalEntry;
use rebound::readiness::{Finding, LookRequest, PingRequest, Trouble};
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::settings::Revision;

/// Tells the time. Never steps back.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Asks a target or the beacons.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Asks once and returns what was seen by `request.deadline`. Never panics over what the other side sends.
    async fn probe(&self, request: &ProbeRequest) -> Observation;
}

/// Carries out heal steps.
#[async_trait]
pub trait Healer: Send + Sync {
    /// Carries out one step and returns by `request.deadline`. `request.step` is the idempotency key.
    ///
    /// `Done` is a claim; `Failed` and `Refused` mean that nothing was changed; where that is not known the outcome is
    /// `TimedOut` or `Lost`.
    async fn run(&self, request: &StepRequest) -> StepResult;

    /// Where a step can be looked at that was begun, as far as that is known: asked when it is stopped or cut off.
    fn link(&self, _step: &StepId) -> Option<String> {
        None
    }
}

/// Brings alerts to people over one channel.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// The channel's name, as in the alert policy.
    fn channel(&self) -> &str;

    /// Tries once and returns by `request.deadline`. The alert's id makes a repeated message recognisable.
    async fn send(&self, request: &SendRequest) -> DeliveryResult;
}

/// Looks at something that the next emergency needs, without doing anything that could be seen in a system that trades.
#[async_trait]
pub trait Preflight: Send + Sync {
    /// Looks once and returns by `request.deadline`. What cannot be looked at in time is found as not seen, or left out.
    async fn look(&self, request: &LookRequest) -> Vec<Finding>;
}

/// Gives signs of life to whoever watches Rebound from outside.
#[async_trait]
pub trait Outside: Send + Sync {
    /// Gives one sign, once, and returns by `request.deadline` who took it. No part of an address that may be secret is told.
    ///
    /// # Errors
    /// Why it was not taken, and what to do.
    async fn ping(&self, request: &PingRequest) -> Result<String, Trouble>;
}

/// One part of the engine's state, replaced as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRecord {
    /// Which part, e.g. `shared` or `target/mt5`.
    pub key: String,
    /// Its JSON.
    pub body: String,
}

/// Keeps what must not be forgotten.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes all of it durable, or none: appends `entries` to the journal (incidents and alerts among them also replace their
    /// former version) and replaces the `state` records by key. Returns after it is safe from a crash of process and machine.
    ///
    /// With nothing to keep it returns once it is settled whether each commit before was kept.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was kept.
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError>;

    /// Every state record, in the order of keys.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError>;

    /// Alerts that match, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError>;

    /// One incident.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError>;

    /// Incidents, newest first; `before` is the id to continue below.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn incidents(&self, before: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, StoreError>;

    /// Journal entries with a number greater than `after`, in the order written.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn journal(&self, after: u64, limit: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError>;

    /// Makes a change of the settings durable under its number. `false`: another has that number already, and nothing was kept.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not known to be kept, and the same call again tells.
    async fn revise(&self, revision: &Revision) -> Result<bool, StoreError>;

    /// Changes of the settings, newest first; `before` is the number to continue below.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, StoreError>;
}

/// Which alerts to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Only about this target.
    pub target: Option<TargetId>,
    /// Only acknowledged, or only not acknowledged.
    pub acknowledged: Option<bool>,
    /// Only with an id below this one.
    pub before: Option<AlertId>,
    /// Most to return; a store returns at most [`PAGE_MAX`].
    pub limit: u32,
}

/// Most rows that one query returns.
pub const PAGE_MAX: u32 = 500;

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot be written or read just now; later it may work.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The disk is full.
    #[error("the store cannot grow: {0}. Free some disk space; Rebound goes on by itself")]
    Full(String),
    /// Another server watches it now, or this run was put out: nothing of it may be written, now or later.
    #[error("another server has taken over: {0}")]
    Fenced(String),
    /// What it holds cannot be understood.
    #[error("the store is damaged: {0}. Move it away and start again, or restore a copy")]
    Damaged(String),
    /// It is another program's; nothing was changed.
    #[error("this is not a store of Rebound: {0}. It was left as it is")]
    Foreign(String),
    /// It was written by a newer Rebound.
    #[error("the store has version {found}, this Rebound understands up to {known}. Use the newer Rebound")]
    TooNew {
        /// Version found.
        found: u32,
        /// Version understood.
        known: u32,
    },
}
