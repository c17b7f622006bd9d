//! What a month came to.

use serde::{Deserialize, Serialize};

use super::chart::{DayMark, OutcomesSheet};
use super::{Fact, Piece};

/// Everything the page of reports shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSheet {
    /// The month, in words.
    pub heading: String,
    /// What it came to, in one sentence.
    pub sentence: String,
    /// Address and words of the month before.
    pub earlier: (String, String),
    /// Address and words of the month after, where it has begun.
    pub later: Option<(String, String)>,
    /// Where the numbers are downloaded, with what they are.
    pub downloads: Vec<(String, String)>,
    /// The figures of all targets.
    pub figures: Vec<Fact>,
    /// How much people were told.
    pub told: Vec<Fact>,
    /// Each day by its trouble.
    pub days: Vec<DayMark>,
    /// What became of heals and of the error budget, all targets together.
    pub outcomes: OutcomesSheet,
    /// Each target.
    pub targets: Vec<TargetLine>,
    /// What failed.
    pub causes: Vec<CauseLine>,
    /// What is not in it, in words.
    pub note: Option<String>,
}

/// One target of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Share of known time that it was up.
    pub up: Piece,
    /// How much of the allowed downtime is used.
    pub budget: Piece,
    /// Whether more is used than was allowed.
    pub over: bool,
    /// Incidents that began.
    pub incidents: u32,
    /// Time in incidents.
    pub trouble: String,
    /// Time until trouble was over.
    pub recover: Piece,
    /// Heals that helped, of those begun.
    pub heals: String,
}

/// One cause of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseLine {
    /// What failed.
    pub words: String,
    /// Incidents that began with it.
    pub incidents: u32,
    /// Time in them.
    pub trouble: String,
    /// Its share of all trouble, in percent.
    pub share: String,
}
