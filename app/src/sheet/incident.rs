//! One incident on the page: its card, and the page of its own.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Line, Mark, Said};

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentSheet {
    /// Its number.
    pub id: u64,
    /// How bad.
    pub mark: Mark,
    /// When it began.
    pub since: Timestamp,
    /// What failed.
    pub what: String,
    /// In which layer the fault lies.
    pub layer: Option<String>,
    /// Whether it comes and goes, and who stopped its healing.
    pub notes: Vec<Said>,
    /// The parts of its story with what is known of them.
    pub rail: Vec<Station>,
    /// What was done.
    pub steps: Vec<StepSheet>,
    /// Who has seen it.
    pub acknowledged: Option<Line>,
    /// Everything that happened, in order.
    pub events: Vec<EventRow>,
}

/// One part of an incident's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    /// Its word.
    pub word: String,
    /// Its name for styles: `reached`, `current` or `ahead`.
    pub class: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// How long after the first failure.
    pub after: Option<String>,
}

/// One heal attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSheet {
    /// Which attempt, with which remedy.
    pub head: String,
    /// How far it reaches and what kind of act it is.
    pub tags: Vec<String>,
    /// Why, and who asked for it.
    pub because: String,
    /// What its doer said, and what observations proved.
    pub lines: Vec<Said>,
}

/// One failing check of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseRow {
    /// How bad.
    pub mark: Mark,
    /// Why it fails.
    pub reason: String,
    /// The check's stable name, where a check failed.
    pub check: Option<String>,
    /// When it was first seen.
    pub since: Timestamp,
}

/// Something that happened in an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// When.
    pub at: Timestamp,
    /// Which part of the story it belongs to.
    pub kind: String,
    /// What.
    pub text: String,
}

/// Everything the page of one incident shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its heading.
    pub heading: String,
    /// Id and name of its target, while that is watched.
    pub target: Option<(String, String)>,
    /// Whether it is over, and how it ended.
    pub state: Said,
    /// Its figures.
    pub facts: Vec<Fact>,
    /// What failed.
    pub causes: Vec<CauseRow>,
    /// Why nothing was done, where nothing was.
    pub idle: Option<String>,
    /// It.
    pub incident: IncidentSheet,
}
