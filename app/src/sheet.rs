//! What the server tells the browser: everything a page shows, in words.
//!
//! Plain data without rules of its own. The server makes it from the core's documents; the browser only puts it on the
//! page, so that its part stays small.

use rebound::time::Timestamp;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod made;

/// How a point in time is told once the page is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// `12:00:05`, with the day where it is another.
    Clock,
    /// `12 s ago`.
    Ago,
    /// `for 2 min 10 s`; before that `since 12:00:05 UTC`.
    For,
    /// `in 3 min`; before that `at 12:00:05 UTC`.
    In,
    /// `, in 3 min` behind the time itself; before that nothing.
    Left,
}

/// A sign and a word in a tone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How it looks.
    pub tone: Tone,
    /// Its sign's name in the sprite.
    pub sign: String,
    /// What it says.
    pub word: String,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Plain words.
    Text(String),
    /// A point in time.
    Moment(Timestamp, Told),
    /// A sign and a word.
    Mark(Mark),
    /// Why something is as it is.
    Reason(String),
    /// Somebody else's words.
    Quote(String),
    /// A way to another page of ours, as address and words.
    Link(String, String),
    /// A way to somebody else's page.
    Outside(String),
    /// What was never known, and why.
    Missing(String),
    /// A sum of money with its currency, where that was told.
    Money(String, Option<String>),
}

/// Words, times and signs in reading order.
pub type Line = Vec<Piece>;

/// A label and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about; empty where the place says it.
    pub label: String,
    /// What is known.
    pub line: Line,
}

/// What a page says about a thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who or what; empty where the place says it.
    pub about: String,
    /// How it went.
    pub mark: Mark,
    /// More about it.
    pub line: Line,
}

/// Everything the Overview shows, at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// When it was made, by the server's clock.
    pub at: Timestamp,
    /// What the browser's tab says.
    pub title: String,
    /// The state of everything in one sentence.
    pub sentence: String,
    /// How the sentence looks.
    pub tone: Tone,
    /// What people must know at once, worst first.
    pub banners: Vec<BannerSheet>,
    /// What is watched.
    pub targets: Vec<TargetSheet>,
    /// The last alerts, newest first.
    pub alerts: Vec<AlertSheet>,
    /// What was asked about alerts, newest first.
    pub requests: Vec<RequestSheet>,
    /// What Rebound knows of itself.
    pub own: Vec<Fact>,
}

/// Something people must know at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BannerSheet {
    /// How bad.
    pub mark: Mark,
    /// What.
    pub title: String,
    /// What was seen, done and is to be done.
    pub text: String,
    /// The alert that can be acknowledged.
    pub alert: Option<u64>,
    /// Since when.
    pub since: Timestamp,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetSheet {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
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
    /// What was asked lately, newest first.
    pub requests: Vec<RequestSheet>,
    /// What is open.
    pub incident: Option<IncidentSheet>,
    /// The last 24 hours.
    pub uptime: UptimeSheet,
    /// Its accounts.
    pub accounts: Vec<AccountRow>,
    /// Its checks.
    pub checks: Vec<CheckRow>,
    /// What is over, newest first.
    pub recent: Vec<RecentRow>,
    /// What healing is allowed.
    pub heal: HealSheet,
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
    /// Whether nothing is really done.
    pub dry_run: bool,
    /// The remedies, mildest first.
    pub ladder: Vec<String>,
    /// Heals started in the last hour.
    pub used: u32,
    /// Most heals in an hour.
    pub most: u32,
    /// Cooldown and last heal.
    pub facts: Vec<Fact>,
    /// Until when a new incident's heal waits.
    pub cooldown_until: Option<Timestamp>,
    /// What a forced heal would do now.
    pub forecast: String,
}

/// The last 24 hours of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeSheet {
    /// Everything in one sentence.
    pub sentence: String,
    /// What is drawn, in the order of drawing.
    pub bars: Vec<Bar>,
    /// The stretches, newest first.
    pub rows: Vec<StretchRow>,
    /// How many stretches are not listed, in words.
    pub left_out: Option<String>,
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
}

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

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSheet {
    /// Its number.
    pub id: u64,
    /// Changes with whatever the page shows of it.
    pub key: String,
    /// How bad.
    pub mark: Mark,
    /// When it was raised.
    pub at: Timestamp,
    /// What it says.
    pub title: String,
    /// About whom.
    pub about: String,
    /// The incident it is about, if it is about one.
    pub incident: Option<u64>,
    /// What to do.
    pub advice: Option<String>,
    /// What became of it on each channel.
    pub deliveries: Vec<Said>,
    /// Who has seen it, and since when it is over.
    pub notes: Vec<Line>,
    /// Whether it can be acknowledged.
    pub open: bool,
}

/// Something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSheet {
    /// Its number.
    pub id: u64,
    /// What became of it.
    pub mark: Mark,
    /// What was asked for.
    pub what: String,
    /// What became of it, in words.
    pub text: String,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Everything the page of one incident shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it was read, by the server's clock.
    pub at: Timestamp,
    /// Its heading.
    pub heading: String,
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
