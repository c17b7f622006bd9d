//! The decision: state + event + now → state + commands.
//!
//! Does no I/O and reads no clock. What must be durable before an act stands before it in the list of commands.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, DeliveryReport, SendRequest};
use crate::check::{Observation, ProbeRequest};
use crate::drill::{Drill, ReadBack, ReadBackRequest};
use crate::heal::{StepRequest, StepResult};
use crate::ids::{AccountId, AlertId, IncidentId, StepId, TargetId};
use crate::incident::Incident;
use crate::readiness::{LookRequest, Looked, PingRequest, Pinged};
use crate::target::Config;
use crate::time::Timestamp;

mod run;

mod roll;

mod set_back;

mod asked;

mod around;

mod own;

mod store;

mod readiness;

mod drill;

mod watch;

mod positions;

mod sharing;

mod course;

mod desk;

mod due;

mod words;

mod board;

mod explain;

mod witnessed;

#[cfg(test)]
mod scene_tests;

#[cfg(test)]
mod operator_tests;

#[cfg(test)]
mod unseen_tests;

#[cfg(test)]
mod props;

pub use around::Pause;
pub use board::{Heard, OtherServer};
pub use desk::Shared;
pub use drill::Drills;
pub use run::{Monitor, RestoreError, SAVED_VERSION, Saved};
pub use sharing::{Handover, Numbering};
pub use watch::{CheckSeen, TargetState};

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A probe came back.
    Observed(Observation),
    /// A heal step ended, or was not started.
    StepFinished(StepResult),
    /// One try to deliver an alert ended.
    Delivered(DeliveryReport),
    /// The configuration was replaced.
    ConfigChanged(Box<Config>),
    /// A person or a program asks for something.
    PersonAsked(Request),
    /// What Rebound notices of itself.
    SelfSeen(SelfSeen),
    /// The store began to refuse writes (with its reason), or accepts them again.
    StoreChanged(Result<(), String>),
    /// What the next emergency needs was looked at.
    Looked(Looked),
    /// A sign of life was taken by whoever watches from outside, or not.
    Pinged(Pinged),
    /// The store gave back what was made durable for a fire drill, or did not.
    ReadBack(ReadBack),
    /// Targets that another server watched, or nobody, are this server's from now on.
    Gained(Box<Handover>),
    /// Targets are this server's no longer.
    Yielded(Vec<TargetId>),
    /// The highest numbers of an incident and an alert that any server gave.
    NumbersHeard {
        /// Of incidents.
        incident: u64,
        /// Of alerts.
        alert: u64,
    },
    /// The time of [`Monitor::next_wakeup`] has come.
    Woke,
}

/// Something that must be done outside, in the order given. Small, because every event leads to a list of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Make this durable before any later command of the same list is carried out.
    Record(Box<JournalEntry>),
    /// Ask.
    Probe(ProbeRequest),
    /// Carry out a heal step whose intent is durable.
    RunStep(Box<StepRequest>),
    /// Stop a heal step that runs, as far as it can be stopped; it ends as [`crate::heal::StepOutcome::Stopped`].
    StopStep(StepId),
    /// Bring an alert to a channel, once.
    Send(Box<SendRequest>),
    /// Look at what the next emergency needs, without doing anything.
    Look(LookRequest),
    /// Give a sign of life to whoever watches Rebound from outside.
    Ping(PingRequest),
    /// Read from the store what this list made durable.
    ReadBack(ReadBackRequest),
    /// Show everybody the new state.
    Publish,
}

/// What Rebound notices of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfSeen {
    /// How late the loop was, at most, since the last such note; in ms.
    pub lag_ms: u64,
    /// How long the store took for its last write; in ms. `None` where nothing was written.
    pub store_ms: Option<u64>,
}

/// What a person or a program asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Number to follow it by; chosen by whoever hands it in, unique.
    pub id: u64,
    /// Who asks.
    pub by: String,
    /// What for.
    pub what: RequestKind,
}

/// The things that may be asked for. Where a target is optional, `None` means all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestKind {
    /// Read the accounts now. Not a restart.
    ForceSync(TargetId),
    /// Start the heal plan now.
    ForceHeal {
        /// Of which target.
        target: TargetId,
        /// Whether the cooldown is lifted, which takes a typed confirmation.
        lift_cooldown: bool,
        /// The remedy that is wanted; `None`: the first that can help.
        #[serde(default)]
        remedy: Option<String>,
    },
    /// Stop the heal that runs, and heal nothing more in this incident.
    StopHeal(TargetId),
    /// Send a test alert over every channel.
    TestAlert,
    /// Say that an alert, and the incident it tells of, was seen.
    Acknowledge(AlertId),
    /// Start no heal by itself until a time.
    Pause {
        /// Whom.
        target: Option<TargetId>,
        /// Until when; at most [`PAUSE_MAX`] from now.
        until: Timestamp,
    },
    /// Heal again.
    Resume {
        /// Whom.
        target: Option<TargetId>,
    },
    /// Planned work from now on.
    StartMaintenance {
        /// On whom.
        target: Option<TargetId>,
        /// Until when; at most [`PAUSE_MAX`] from now.
        until: Timestamp,
        /// What is done.
        name: String,
    },
    /// The planned work that a person began is over.
    EndMaintenance {
        /// On whom.
        target: Option<TargetId>,
    },
    /// Decide and show everything, and do nothing; or do it again.
    SetDryRun {
        /// On whom.
        target: TargetId,
        /// `None`: as configured.
        dry_run: Option<bool>,
    },
    /// Capital is moved: accounts at zero are no trouble.
    DeclareMove {
        /// Of whom.
        target: TargetId,
        /// Which accounts; none: all.
        accounts: Vec<AccountId>,
        /// Until when; at most [`PAUSE_MAX`] from now.
        until: Timestamp,
    },
    /// What people declared as moved capital no longer holds.
    TakeBackMoves(TargetId),
    /// Look now at what the next emergency needs.
    CheckReadiness,
    /// Rehearse an emergency now.
    Drill {
        /// Of whom.
        target: Option<TargetId>,
    },
}

/// Longest pause, planned work or declaration that a person can ask for at once: what is forgotten ends by itself.
pub const PAUSE_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

impl RequestKind {
    /// The target that it is about, if it is about one.
    #[must_use]
    pub const fn target(&self) -> Option<&TargetId> {
        match self {
            Self::ForceSync(target)
            | Self::ForceHeal { target, .. }
            | Self::StopHeal(target)
            | Self::TakeBackMoves(target)
            | Self::SetDryRun { target, .. }
            | Self::DeclareMove { target, .. } => Some(target),
            Self::Pause { target, .. }
            | Self::Resume { target }
            | Self::StartMaintenance { target, .. }
            | Self::EndMaintenance { target }
            | Self::Drill { target } => target.as_ref(),
            Self::TestAlert | Self::Acknowledge(_) | Self::CheckReadiness => None,
        }
    }
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its number.
    pub id: u64,
    /// Who asked.
    pub by: String,
    /// What for.
    pub what: RequestKind,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub state: AskedState,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AskedState {
    /// Under way; what it waits for.
    Running(String),
    /// Over; what it found.
    Done(String),
    /// Not carried out; why, and what to do.
    Refused(String),
}

/// One durable fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// When.
    pub at: Timestamp,
    /// About whom; `None`: Rebound itself.
    pub target: Option<TargetId>,
    /// About which incident.
    pub incident: Option<IncidentId>,
    /// What.
    pub fact: Fact,
}

/// What a journal entry tells. The documents among them replace their former version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// The incident as it is now; opened, changed or closed.
    Incident(Box<Incident>),
    /// The alert as it is now; raised, delivered, acknowledged or resolved.
    Alert(Box<Alert>),
    /// A heal step is about to be carried out.
    StepIntended(StepRequest),
    /// A heal step ended.
    StepFinished(StepResult),
    /// Somebody asked for something, or it came to its end.
    Asked(Asked),
    /// A target's phase changed, and why.
    Phase {
        /// The phase's word.
        phase: String,
        /// Why, as a sentence.
        because: String,
    },
    /// A fire drill as it is now: put off, begun or over.
    Drill(Box<Drill>),
    /// Rebound began to watch; `true` after an earlier run.
    Began {
        /// Whether there was an earlier run.
        again: bool,
    },
}

impl Fact {
    /// Stable name of the kind of fact.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Incident(_) => "incident",
            Self::Alert(_) => "alert",
            Self::StepIntended(_) => "step_intended",
            Self::StepFinished(_) => "step_finished",
            Self::Asked(_) => "asked",
            Self::Phase { .. } => "phase",
            Self::Drill(_) => "drill",
            Self::Began { .. } => "began",
        }
    }
}
