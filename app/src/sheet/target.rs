//! One target on the page.

use rebound::time::Timestamp;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use super::chart::Files;
use super::incident::IncidentSheet;
use super::{Fact, HoldSheet, Line, Mark, Piece, RequestSheet};

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetSheet {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is, its market while that is open, and what it depends on.
    pub about: Line,
    /// What people must know of it beside its phase, e.g. that its healing is paused.
    pub marks: Vec<Mark>,
    /// The phase's word.
    pub phase: String,
    /// Why it is in this phase and what it waits for.
    pub phase_detail: String,
    /// When the phase's own clock runs out, if it has one.
    pub phase_until: Option<Timestamp>,
    /// How it looks.
    pub tone: Tone,
    /// When it was last asked and something was seen.
    pub observed_at: Option<Timestamp>,
    /// After how long without an observation it must look old.
    pub stale_after_ms: u64,
    /// Heartbeat, latency, uptime and the next look.
    pub vitals: Vec<Fact>,
    /// What holds on it until a time.
    pub holds: Vec<HoldSheet>,
    /// Why it is as it is: questions with their answers.
    pub explain: Vec<Answer>,
    /// Whether its heal can be stopped.
    pub stop: StopOffer,
    /// What was asked lately, newest first.
    pub requests: Vec<RequestSheet>,
    /// What is open.
    pub incident: Option<IncidentSheet>,
    /// The last 24 hours.
    pub uptime: UptimeSheet,
    /// Its accounts; `None` where it is nothing that has accounts.
    pub accounts: Option<Vec<AccountRow>>,
    /// Its checks.
    pub checks: Vec<CheckRow>,
    /// What is over, newest first.
    pub recent: Vec<RecentRow>,
    /// What healing is allowed.
    pub heal: HealSheet,
    /// What became of earlier heals.
    pub ledger: Vec<LedgerRow>,
}

#[cfg(test)]
impl TargetSheet {
    /// One of which nothing more is told.
    pub(crate) fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            about: Line::new(),
            marks: Vec::new(),
            phase: String::new(),
            phase_detail: String::new(),
            phase_until: None,
            tone: Tone::Good,
            observed_at: None,
            stale_after_ms: 0,
            vitals: Vec::new(),
            holds: Vec::new(),
            explain: Vec::new(),
            stop: StopOffer::default(),
            requests: Vec::new(),
            incident: None,
            uptime: UptimeSheet::default(),
            accounts: None,
            checks: Vec::new(),
            recent: Vec::new(),
            heal: HealSheet {
                ladder: Vec::new(),
                rungs: Vec::new(),
                used: 0,
                most: 0,
                facts: Vec::new(),
                lift: None,
                forecast: String::new(),
            },
            ledger: Vec::new(),
        }
    }
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// E.g. `Why is it in this phase?`.
    pub question: String,
    /// In sentences.
    pub answer: String,
}

/// Whether, and how plainly, a page offers to stop a heal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopOffer {
    /// There is nothing to stop.
    #[default]
    No,
    /// Nothing runs, but something could start.
    Quiet,
    /// A heal runs, is being proven or waits.
    Plain,
}

/// What became of one remedy's heals against one fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// The fault, in words.
    pub fault: String,
    /// The remedy's name.
    pub remedy: String,
    /// How far it reaches.
    pub rung: String,
    /// How often it helped, of how many heals.
    pub helped: String,
    /// Of how many nothing can be said, in words.
    pub unclear: Option<String>,
    /// How long it takes.
    pub took: Piece,
    /// For how long its proof is awaited.
    pub awaited: Option<String>,
    /// How often the fault came back.
    pub relapses: String,
    /// Until when it is not tried again.
    pub rests: Line,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// Its login number.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Whether zero is its ordinary balance.
    pub reserve: bool,
    /// Its state.
    pub mark: Mark,
    /// Why it is not syncing.
    pub note: Option<String>,
    /// The last balance that was truly read.
    pub balance: Piece,
    /// The last equity that was truly read.
    pub equity: Piece,
    /// When it was last truly read.
    pub read: Line,
    /// Whether its numbers must look old.
    pub old: bool,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRow {
    /// What it asks.
    pub question: String,
    /// Its stable name.
    pub name: String,
    /// Why its verdict is not good.
    pub reason: Option<String>,
    /// Its verdict.
    pub mark: Mark,
    /// How often it failed, if it did.
    pub failures: Option<String>,
    /// What was seen.
    pub seen: Piece,
    /// What is expected.
    pub threshold: String,
    /// Since when the verdict holds.
    pub since: Piece,
}

/// One incident that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentRow {
    /// Its address.
    pub address: String,
    /// What failed.
    pub what: String,
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub how: String,
    /// How long it lasted.
    pub downtime: String,
}

/// What healing is allowed on a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealSheet {
    /// The remedies, mildest first.
    pub ladder: Vec<String>,
    /// The same remedies with what can be said of each now.
    pub rungs: Vec<RungSheet>,
    /// Heals started in the last hour.
    pub used: u32,
    /// Most heals in an hour.
    pub most: u32,
    /// Cooldown and last heal.
    pub facts: Vec<Fact>,
    /// What a typed word lifts, where something can be lifted.
    pub lift: Option<Lift>,
    /// What a forced heal would do now.
    pub forecast: String,
}

/// One remedy of a ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RungSheet {
    /// Its name.
    pub name: String,
    /// How far it reaches.
    pub rung: String,
    /// Whether it could help now.
    pub says: String,
}

/// What keeps a forced heal waiting until a time, and gives way to a typed word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// What it is.
    pub what: String,
    /// Until when.
    pub until: Timestamp,
}

/// The last 24 hours of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeSheet {
    /// Where the bar begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// Everything in one sentence.
    pub sentence: String,
    /// What is drawn, in the order of drawing.
    pub bars: Vec<Bar>,
    /// The stretches, newest first.
    pub rows: Vec<StretchRow>,
    /// How many stretches are not listed, in words.
    pub left_out: Option<String>,
    /// It as files.
    pub files: Files,
}

/// One stretch as drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The state's name for styles.
    pub class: String,
    /// Left edge, upper edge, width and height in the drawing's own units.
    pub place: [String; 4],
}

/// One stretch as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StretchRow {
    /// The state's name for styles.
    pub class: String,
    /// The state's word.
    pub word: String,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// How long it lasted.
    pub lasted: String,
    /// What failed, where that is known.
    pub cause: Option<String>,
}
