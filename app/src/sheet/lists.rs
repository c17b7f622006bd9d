//! Lists of what was: incidents and alerts, with what they are narrowed to.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AlertSheet, Mark, RequestSheet};

/// Incidents, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentList {
    /// How many there are, in one sentence.
    pub sentence: String,
    /// What they are narrowed to.
    pub filter: Filter,
    /// They.
    pub rows: Vec<IncidentRow>,
    /// Where to read on.
    pub pages: Pages,
}

/// Alerts, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertList {
    /// How many there are, in one sentence.
    pub sentence: String,
    /// What they are narrowed to.
    pub filter: Filter,
    /// They.
    pub rows: Vec<AlertSheet>,
    /// What was asked about alerts, newest first.
    pub requests: Vec<RequestSheet>,
    /// Where to read on.
    pub pages: Pages,
}

/// One incident in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// Its number.
    pub id: u64,
    /// How bad.
    pub mark: Mark,
    /// Whether it is open, or how it ended.
    pub state: Mark,
    /// What failed.
    pub what: String,
    /// Id and name of its target.
    pub target: (String, String),
    /// When it began.
    pub began: Timestamp,
    /// How long it lasted; `None` while it is open.
    pub lasted: Option<String>,
    /// How it ended, or what is done.
    pub how: String,
    /// How often it was tried to heal it, in words.
    pub heals: String,
}

/// A list is narrowed by a form that asks for the same page again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Its fields.
    pub fields: Vec<Choice>,
    /// Whether anything is left out by it.
    pub narrowed: bool,
}

/// One field of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its label.
    pub label: String,
    /// Its name in the address.
    pub name: String,
    /// The value that is chosen; empty: any.
    pub chosen: String,
    /// Values and their words.
    pub options: Vec<(String, String)>,
}

/// Where a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// Address of the newest.
    pub newest: Option<String>,
    /// Address of what is older.
    pub older: Option<String>,
}
