//! Settings, what a change would come to, and what was ever changed.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything the page of settings shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsSheet {
    /// How it stands, in one sentence.
    pub sentence: String,
    /// Number of the last change.
    pub revision: u64,
    /// What can be opened.
    pub groups: Vec<GroupLink>,
    /// What is open.
    pub group: SettingsGroup,
    /// Values that were set once and do not hold: which, why, and what to do.
    pub left_out: Vec<(String, String)>,
    /// What was changed, newest first.
    pub log: Vec<ChangeSheet>,
    /// Address of older changes.
    pub older: Option<String>,
}

/// A way to a group of settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLink {
    /// Tells it from others.
    pub id: String,
    /// Where.
    pub address: String,
    /// Its name.
    pub name: String,
    /// How many of its values are others than the file's.
    pub changed: usize,
    /// Whether it is open.
    pub open: bool,
}

/// Settings that are changed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsGroup {
    /// Tells it from others.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Name and fields of each part.
    pub parts: Vec<(String, Vec<FieldSheet>)>,
}

/// One value that can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSheet {
    /// Its key, and the name of its field.
    pub key: String,
    /// What it is.
    pub name: String,
    /// What it means, with its range.
    pub help: String,
    /// How it is written.
    pub kind: FieldKind,
    /// What stands in the field at first.
    pub value: String,
    /// What the file says, where something else holds.
    pub file: Option<String>,
}

/// How a value is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// A line.
    Line,
    /// A whole number.
    Number,
    /// One of these values, with their words.
    Choice(Vec<(String, String)>),
    /// Some lines.
    Lines,
}

/// One change as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSheet {
    /// Its number.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why.
    pub note: String,
    /// What.
    pub lines: Vec<DiffLine>,
    /// Where it can be taken back.
    pub undo: String,
}

/// What held and what holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// Of what.
    pub name: String,
    /// What held before, and whether the file says so.
    pub before: (String, bool),
    /// What holds after, and whether the file says so.
    pub after: (String, bool),
}

/// What a change would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewSheet {
    /// How it stands, in one sentence.
    pub sentence: String,
    /// The change before it.
    pub revision: u64,
    /// What would be different.
    pub lines: Vec<DiffLine>,
    /// What is wrong: where, what and what to do.
    pub troubles: Vec<(String, String)>,
    /// What whoever makes it should know.
    pub cautions: Vec<String>,
    /// What is sent where it is made.
    pub wanted: String,
    /// What it would have done.
    pub would_be: Option<WouldBeSheet>,
    /// Where it can be changed once more.
    pub back: String,
}

/// What a change would have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WouldBeSheet {
    /// It is being counted; so many percent are done.
    Running(u8),
    /// It cannot be counted, and why.
    Unknown(String),
    /// It was counted.
    Counted {
        /// Of what, in words.
        sentence: String,
        /// What, as it is, and as it would be.
        rows: Vec<(String, String, String)>,
    },
}
