//! The Overview: one target whole, or many at a glance.

use rebound::time::Timestamp;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use super::target::{Bar, TargetSheet};
use super::{AlertSheet, Fact, HoldSheet, Line, Mark, RequestSheet};

/// Everything the Overview shows beside what stands on every page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OverviewSheet {
    /// The state of everything in one sentence.
    pub sentence: String,
    /// How the sentence looks; `None` only while there is no sheet.
    pub tone: Option<Tone>,
    /// Targets shown whole: the only one there is, or those in trouble.
    pub cards: Vec<TargetSheet>,
    /// What the last seven days came to.
    pub week: Week,
    /// How many more are in trouble than have a card, in words.
    pub more: Option<String>,
    /// Every target at a glance, in the order of configuration; empty where one is all there is.
    pub rows: Vec<TargetRow>,
    /// Pauses of all targets and planned work: what is going on, then what comes next.
    pub plans: Vec<HoldSheet>,
    /// What was asked about all targets, newest first; empty where one target alone tells it.
    pub plan_requests: Vec<RequestSheet>,
    /// The last alerts, newest first.
    pub alerts: Vec<AlertSheet>,
    /// What was asked about alerts, newest first.
    pub requests: Vec<RequestSheet>,
    /// What Rebound knows of itself.
    pub own: Vec<Fact>,
    /// The servers that share the targets; empty where one Rebound watches alone.
    pub servers: Vec<Fact>,
}

/// What the last seven days came to: whether heals are worth it, and whether people are told too much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// When it was counted.
    pub made_at: Timestamp,
    /// The figures; none where they cannot be read.
    pub facts: Vec<Fact>,
}

/// One target of many, at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetRow {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is, its market while that is open, and what it depends on.
    pub about: Line,
    /// What people must know of it beside its phase.
    pub marks: Vec<Mark>,
    /// The phase's word.
    pub phase: String,
    /// How it looks.
    pub tone: Tone,
    /// Why it is so, where it is not simply well.
    pub why: Option<String>,
    /// When it was last asked and something was seen.
    pub observed_at: Option<Timestamp>,
    /// After how long without an observation it must look old.
    pub stale_after_ms: u64,
    /// Heartbeat, latency, uptime and the next look.
    pub vitals: Vec<Fact>,
    /// The last 24 hours as drawn.
    pub bars: Vec<Bar>,
    /// The same in one sentence.
    pub day: String,
}

#[cfg(test)]
impl TargetRow {
    /// A line of which only this is known.
    pub(crate) fn named(id: &str, name: &str, phase: &str, tone: Tone) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            about: Line::new(),
            marks: Vec::new(),
            phase: phase.to_owned(),
            tone,
            why: None,
            observed_at: None,
            stale_after_ms: 0,
            vitals: Vec::new(),
            bars: Vec::new(),
            day: String::new(),
        }
    }
}
