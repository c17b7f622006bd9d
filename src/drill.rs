//! Fire drills: an emergency of one target is rehearsed, step by step, without touching anything that trades.
//!
//! Says what a drill is, which steps it has and when it is due. Does nothing itself, and decides nothing about targets.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ids::{AlertId, TargetId};
use crate::maintenance::Scope;
use crate::readiness::Part;
use crate::time::Timestamp;
use crate::view::Tone;

mod faults;

mod schedule;

pub use faults::faults;
pub(crate) use faults::name_of;
pub use schedule::{Every, Schedule};

/// When drills are held, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillPolicy {
    /// When they are due; `None`: only by hand.
    pub schedule: Option<Schedule>,
    /// Whom the schedule is about. By hand any target can be rehearsed.
    pub scope: Scope,
    /// Whether a test alert is really brought to people; otherwise each way to them is only looked at.
    pub deliver: bool,
}

impl Default for DrillPolicy {
    fn default() -> Self {
        Self { schedule: None, scope: Scope::All, deliver: true }
    }
}

/// One drill of one target. Target and the time at which it was due are its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// Whom it rehearses.
    pub target: TargetId,
    /// When it was due by the schedule, or asked for. Drills that were due together share one test alert.
    pub due: Timestamp,
    /// Who asked for it; `None`: the schedule.
    pub by: Option<String>,
    /// When it began, if it did.
    pub began: Option<Timestamp>,
    /// When it was over, if it is.
    pub ended: Option<Timestamp>,
    /// How it stands.
    pub state: DrillState,
    /// What is proven, in the order of an emergency; empty until it begins.
    pub steps: Vec<DrillStep>,
    /// The test alert that was sent for it.
    pub alert: Option<AlertId>,
}

/// How a drill stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrillState {
    /// It was due and waits; for what.
    PutOff(String),
    /// It runs.
    Running,
    /// Every step is proven.
    Passed,
    /// A step failed.
    Failed,
    /// Nothing failed, and of a step it is not known whether it would work. That is not passed.
    NotProven,
    /// It was broken off; why.
    BrokenOff(String),
    /// It was due and never began; why.
    Missed(String),
}

/// One thing that a drill proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillStep {
    /// What.
    pub part: DrillPart,
    /// Its name for people.
    pub name: String,
    /// Whether it is proven.
    pub proof: Proof,
    /// What was found, as a sentence; empty while it is waited for.
    pub said: String,
    /// What to do about it.
    pub mend: Option<String>,
    /// How long it took, in ms; `None` while it is waited for, and where it never came back.
    pub took_ms: Option<u64>,
}

/// What a step of a drill is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrillPart {
    /// The store takes the intent, and gives it back.
    Store,
    /// What the planner would do about the fault of this name.
    Plan(String),
    /// What a fresh look finds.
    Look(Part),
    /// The remedy of this name goes through the target, which answers.
    Through(String),
    /// A test alert by the channel of this name; without a name: there is none.
    Way(String),
}

/// Whether a step of a drill is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// It is waited for.
    Waiting,
    /// It is proven.
    Passed,
    /// It would fail.
    Failed,
    /// Nobody knows.
    NotKnown,
}

/// An order to read from the store what was just made durable there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBackRequest {
    /// Of which target's drill.
    pub target: TargetId,
    /// When that was due.
    pub due: Timestamp,
    /// When the result must be back.
    pub deadline: Timestamp,
}

/// What the store gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// Of which target's drill.
    pub target: TargetId,
    /// When that was due.
    pub due: Timestamp,
    /// Why it is not there as it was written, if it is not.
    pub result: Result<(), String>,
}

impl DrillState {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::PutOff(_) => "put off",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotProven => "not proven",
            Self::BrokenOff(_) => "broken off",
            Self::Missed(_) => "missed",
        }
    }

    /// How it looks.
    #[must_use]
    pub const fn tone(&self) -> Tone {
        match self {
            Self::PutOff(_) => Tone::Resting,
            Self::Running => Tone::Busy,
            Self::Passed => Tone::Good,
            Self::Failed => Tone::Bad,
            Self::NotProven | Self::BrokenOff(_) => Tone::Unknown,
            Self::Missed(_) => Tone::Warning,
        }
    }

    /// Why it waits, ended early or never began.
    #[must_use]
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::PutOff(because) | Self::BrokenOff(because) | Self::Missed(because) => Some(because),
            Self::Running | Self::Passed | Self::Failed | Self::NotProven => None,
        }
    }
}

impl Proof {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotKnown => "not known",
        }
    }

    /// How it looks.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Waiting => Tone::Busy,
            Self::Passed => Tone::Good,
            Self::Failed => Tone::Bad,
            Self::NotKnown => Tone::Unknown,
        }
    }
}

impl Drill {
    /// Whether nothing more comes of it.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Steps with this proof.
    pub fn with(&self, proof: Proof) -> impl Iterator<Item = &DrillStep> {
        self.steps.iter().filter(move |step| step.proof == proof)
    }
}
