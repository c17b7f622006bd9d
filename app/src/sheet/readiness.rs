//! What the next emergency needs, and whether it is there.

use rebound::time::Timestamp;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use super::Mark;
use super::drill::DrillsSheet;

/// Everything the page of readiness shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessSheet {
    /// How it stands, in one sentence.
    pub sentence: String,
    /// How the sentence looks.
    pub tone: Tone,
    /// What belongs together.
    pub groups: Vec<ReadinessGroup>,
    /// Emergencies that were rehearsed.
    pub drills: DrillsSheet,
}

/// What belongs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessGroup {
    /// What it is.
    pub name: String,
    /// Its items, worst first.
    pub items: Vec<ReadinessItem>,
    /// What nobody asked for, and what it would give.
    pub unset: Vec<ReadinessItem>,
}

/// One thing that the next emergency needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessItem {
    /// Tells it from others.
    pub id: String,
    /// Whether it would do its part.
    pub mark: Mark,
    /// Its name.
    pub name: String,
    /// The server that needs it, where several share the targets.
    pub server: Option<String>,
    /// What was found.
    pub detail: String,
    /// When that was found.
    pub checked: Option<Timestamp>,
    /// What would happen in an emergency.
    pub emergency: String,
    /// What to do about it.
    pub mend: Option<String>,
}
