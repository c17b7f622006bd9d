//! Fire drills: of each target the last one and the next, and those that were held.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Mark, RequestSheet};

/// Everything the page of readiness shows of drills.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillsSheet {
    /// When they are held, in one sentence.
    pub sentence: String,
    /// Each target, those that need somebody first.
    pub rows: Vec<DrillRow>,
    /// How many targets are not shown, in words.
    pub more: Option<String>,
    /// Those that were held, newest first.
    pub history: Vec<DrillSheet>,
    /// Why those cannot be shown, if they cannot.
    pub trouble: Option<String>,
    /// What was asked lately.
    pub requests: Vec<RequestSheet>,
}

/// The drills of one target at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillRow {
    /// Its id.
    pub target: String,
    /// Its name.
    pub name: String,
    /// The server that watches it, where several share the targets.
    pub server: Option<String>,
    /// How the last one stands.
    pub mark: Mark,
    /// What came of it.
    pub says: String,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// What to do about it.
    pub mend: Option<String>,
    /// When the next is due.
    pub next_at: Option<Timestamp>,
}

/// One drill with its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillSheet {
    /// Tells it from others.
    pub id: String,
    /// Name of the target.
    pub name: String,
    /// How it stands.
    pub mark: Mark,
    /// When it was due.
    pub due: Timestamp,
    /// Who asked for it.
    pub by: String,
    /// What came of it, where no step says it.
    pub because: Option<String>,
    /// Its steps.
    pub steps: Vec<StepOfDrill>,
}

/// One step of a drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOfDrill {
    /// Whether it is proven.
    pub mark: Mark,
    /// What it is.
    pub name: String,
    /// What was found.
    pub said: String,
    /// What to do about it.
    pub mend: Option<String>,
    /// How long it took, in words; `None` where it never came back.
    pub took: Option<String>,
}
