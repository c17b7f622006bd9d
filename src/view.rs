//! The serialised face: everything a page shows, as plain data.
//!
//! Times stay times: pages show them as such and let the browser make them relative. Missing numbers stay missing.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::amount::Amount;
use crate::check::CheckId;
use crate::ids::{AccountId, IncidentId, TargetId};
use crate::incident::{Incident, Severity};
use crate::monitor::Asked;
use crate::time::Timestamp;
use crate::uptime::{Stretch, UptimeFigures};

/// How something looks: always shown with a word and a sign, never as colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Fine.
    Good,
    /// Nothing to judge now.
    Resting,
    /// Something is being done.
    Busy,
    /// Nobody knows.
    Unknown,
    /// A person should look today.
    Warning,
    /// Trading is at risk.
    Bad,
}

/// Everything the Overview shows, at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Grows with every board that this server makes since its start.
    pub seq: u64,
    /// When it was made, by the server's clock.
    pub at: Timestamp,
    /// Since when this server has been watching.
    pub watching_since: Timestamp,
    /// The state of everything in one sentence.
    pub sentence: String,
    /// How the sentence looks.
    pub tone: Tone,
    /// What people must know at once, worst first.
    pub banners: Vec<Banner>,
    /// What is watched, in the order of configuration.
    pub targets: Vec<TargetView>,
    /// Newest alerts first; at most [`ALERTS_SHOWN`].
    pub alerts: Vec<Alert>,
    /// What was asked lately, newest first; at most [`REQUESTS_SHOWN`].
    pub requests: Vec<Asked>,
    /// Healing of every target is paused.
    pub pause: Option<HeldView>,
    /// Planned work that is going on or comes next, soonest first; at most [`WINDOWS_SHOWN`].
    pub maintenance: Vec<WindowView>,
    /// What Rebound knows of itself.
    pub own: OwnView,
    /// The servers that share the targets, in the order of their names; empty where one Rebound watches alone.
    #[serde(default)]
    pub servers: Vec<ServerView>,
    /// What would go wrong in the next emergency: by group, and within each the worst first; at most
    /// [`READINESS_SHOWN`] of each group.
    #[serde(default)]
    pub readiness: Vec<ReadinessView>,
    /// Fire drills: of each target the last one and the next.
    #[serde(default)]
    pub drills: Vec<DrillView>,
}

/// The fire drills of a target at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillView {
    /// Of whom.
    pub target: TargetId,
    /// The target's name for people.
    pub name: String,
    /// The server that watches it, where several share the targets.
    #[serde(default)]
    pub server: Option<String>,
    /// How the last drill stands, in a word; `None`: none was held.
    pub word: Option<String>,
    /// How that looks.
    pub tone: Tone,
    /// What came of it, as a sentence.
    pub says: String,
    /// What to do about it, where there is something to do.
    pub mend: Option<String>,
    /// When it was due.
    pub due: Option<Timestamp>,
    /// When it was over, if it is.
    pub ended: Option<Timestamp>,
    /// When the next one is due; `None`: none is scheduled.
    pub next_at: Option<Timestamp>,
}

/// One thing that the next emergency needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessView {
    /// Stable, and unique on a board, e.g. `github.token/mt5/restart host`.
    pub id: String,
    /// What it belongs to.
    pub group: ReadinessGroup,
    /// Its name for people.
    pub name: String,
    /// The server that needs it, where several share the targets.
    #[serde(default)]
    pub server: Option<String>,
    /// Whether it would do its part.
    pub state: ReadinessState,
    /// What was found, as a sentence.
    pub detail: String,
    /// When that was found; `None`: it follows from the settings, or was never looked at.
    pub checked_at: Option<Timestamp>,
    /// What would happen in an emergency as things are, as a sentence.
    pub emergency: String,
    /// What to do about it, where there is something to do.
    pub mend: Option<String>,
}

/// What something that an emergency needs belongs to, in the order in which pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessGroup {
    /// Healing: ladders and their remedies.
    Heals,
    /// Telling people.
    Alerts,
    /// The bridges that are watched.
    Bridges,
    /// What is remembered.
    Store,
    /// Emergencies that were rehearsed.
    Drills,
    /// Rebound itself: its clock, network, loop and servers.
    Own,
    /// Who watches Rebound from outside.
    Outside,
}

impl ReadinessGroup {
    /// Its name for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Heals => "Healing",
            Self::Alerts => "Alerts",
            Self::Bridges => "Bridges",
            Self::Store => "Store",
            Self::Drills => "Fire drills",
            Self::Own => "Rebound itself",
            Self::Outside => "Outside",
        }
    }
}

/// Whether something would do its part in an emergency, from what needs nobody to what needs somebody most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    /// It would, as far as can be seen without trying.
    Ready,
    /// Nobody asked for it; no trouble by itself.
    NotSetUp,
    /// Nobody knows.
    Unknown,
    /// It may not, or not for long, or not alone.
    AtRisk,
    /// It would not.
    NotReady,
}

impl ReadinessState {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotSetUp => "not set up",
            Self::Unknown => "unknown",
            Self::AtRisk => "at risk",
            Self::NotReady => "not ready",
        }
    }

    /// How it looks.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Ready => Tone::Good,
            Self::NotSetUp => Tone::Resting,
            Self::Unknown => Tone::Unknown,
            Self::AtRisk => Tone::Warning,
            Self::NotReady => Tone::Bad,
        }
    }

    /// Whether somebody should look at it. What nobody knows is not called ready.
    #[must_use]
    pub const fn needs_a_look(self) -> bool {
        matches!(self, Self::Unknown | Self::AtRisk | Self::NotReady)
    }
}

/// Most things of one group that a board shows; one more says how many are left out, and how bad they are.
pub const READINESS_SHOWN: usize = 50;

/// One of several servers that share the targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// Whether it is the one that made this board.
    pub here: bool,
    /// Whether it gives signs of life.
    pub works: bool,
    /// When it was last heard of, by the clock of the one that made this board.
    pub heard_at: Timestamp,
    /// What it watches.
    pub targets: Vec<TargetId>,
    /// Why it cannot write to the store, as it last said; `None` while it can.
    pub store_trouble: Option<String>,
}

/// Something that holds until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldView {
    /// Who asked for it, where somebody did.
    pub by: Option<String>,
    /// What it is.
    pub what: String,
    /// Until when.
    pub until: Timestamp,
}

/// Planned work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowView {
    /// What is done.
    pub name: String,
    /// The targets; none: all.
    pub targets: Vec<TargetId>,
    /// Who asked for it; `None`: it is configured.
    pub by: Option<String>,
    /// When it begins, if it has not begun.
    pub begins: Option<Timestamp>,
    /// When it ends, if it has begun.
    pub ends: Option<Timestamp>,
}

/// Most windows of planned work on a board.
pub const WINDOWS_SHOWN: usize = 20;

/// Most alerts on a board.
pub const ALERTS_SHOWN: usize = 20;
/// Most requests on a board.
pub const REQUESTS_SHOWN: usize = 20;
/// Most closed incidents of a target on a board.
pub const INCIDENTS_SHOWN: usize = 10;

/// Something people must know at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// How bad.
    pub severity: Severity,
    /// What.
    pub title: String,
    /// What was seen, done and is to be done.
    pub text: String,
    /// The alert that it stands for, which can be acknowledged; `None` for a state of Rebound itself.
    pub alert: Option<crate::ids::AlertId>,
    /// Since when.
    pub since: Timestamp,
}

/// What Rebound knows of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnView {
    /// `None` while the store works, else why it does not.
    pub store_trouble: Option<String>,
    /// Whether beacons are configured.
    pub network_watched: bool,
    /// Whether a beacon answered when last asked; `None` while not known.
    pub network_works: Option<bool>,
    /// Names of the channels that alerts go out by.
    pub channels: Vec<String>,
    /// How far others' clocks are ahead of ours, in ms; `None` where too few tell, or they do not agree.
    pub clock_ahead_ms: Option<i64>,
    /// Whether our clock is so wrong that nothing that rests on it is judged.
    pub clock_wrong: bool,
    /// How late Rebound's own loop was when last looked at, in ms.
    pub lag_ms: Option<u64>,
    /// How long the store took for its last write, in ms.
    pub store_ms: Option<u64>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetView {
    /// Its id.
    pub id: TargetId,
    /// Its name for people.
    pub name: String,
    /// What it is: `bridge`, `endpoint` or `database`.
    pub kind: String,
    /// The server that watches it, where several share the targets.
    #[serde(default)]
    pub server: Option<String>,
    /// Names of the targets that it depends on.
    pub depends_on: Vec<String>,
    /// Its market.
    pub market: MarketView,
    /// Planned work on it.
    pub maintenance: Option<HeldView>,
    /// Its healing is paused, alone or with all others.
    pub pause: Option<HeldView>,
    /// Capital that a person said is moved.
    pub declared: Vec<HeldView>,
    /// The phase's word, e.g. `Healthy`, `Verifying`.
    pub phase: String,
    /// Why it is in this phase and what it waits for, as a sentence.
    pub phase_detail: String,
    /// When the phase's own clock runs out, if it has one.
    pub phase_until: Option<Timestamp>,
    /// How it looks.
    pub tone: Tone,
    /// State in one sentence.
    pub sentence: String,
    /// When it was last asked and something, good or bad, was seen.
    pub observed_at: Option<Timestamp>,
    /// When it last gave a usable answer: the heartbeat.
    pub answered_at: Option<Timestamp>,
    /// How long the last answer took.
    pub latency_ms: Option<u32>,
    /// When it is asked next.
    pub next_probe_at: Option<Timestamp>,
    /// After how long without an observation the page must call it stale.
    pub stale_after_ms: u64,
    /// Its checks.
    pub checks: Vec<CheckView>,
    /// Its accounts.
    pub accounts: Vec<AccountView>,
    /// What is open.
    pub incident: Option<Incident>,
    /// What is closed, newest first.
    pub recent: Vec<Incident>,
    /// The last 24 hours.
    pub uptime: UptimeView,
    /// What healing is allowed.
    pub heal: HealView,
    /// Why it is as it is, what would heal it, what it waits for, when it is looked at next.
    pub explain: Vec<Explained>,
    /// What became of earlier heals.
    pub ledger: Vec<LedgerView>,
}

/// A question about a target with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// E.g. `Why is it in this phase?`.
    pub question: String,
    /// In sentences.
    pub answer: String,
}

/// Whether a target's market is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketView {
    /// The calendar's name.
    pub calendar: String,
    /// Whether it is open.
    pub open: bool,
    /// Until when that holds; `None` where it never changes.
    pub until: Option<Timestamp>,
}

/// What became of one remedy's heals against one fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerView {
    /// The fault's stable name.
    pub fault: String,
    /// The remedy's name.
    pub remedy: String,
    /// Its rung.
    pub rung: String,
    /// Heals noted.
    pub tried: u32,
    /// Those that helped.
    pub helped: u32,
    /// Those that did not.
    pub failed: u32,
    /// Those of which nothing can be said.
    pub unclear: u32,
    /// Times the fault came back within an hour.
    pub relapses: u32,
    /// Time within which half of the heals that helped had done so, in ms.
    pub took_p50_ms: Option<u64>,
    /// Time within which 95 % of them had, in ms.
    pub took_p95_ms: Option<u64>,
    /// Longest wait for proof after the next such heal, in ms.
    pub verify_within_ms: Option<u64>,
    /// Until when it is not tried again.
    pub rests_until: Option<Timestamp>,
}

/// One check of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    /// Which.
    pub id: CheckId,
    /// The verdict's word: `Up`, `Degraded`, `Down`, `Unknown` or `Resting`.
    pub verdict: String,
    /// How it looks.
    pub tone: Tone,
    /// What was seen, e.g. `7 of 7`; `None` where nothing was.
    pub value: Option<String>,
    /// What is expected, in words.
    pub threshold: String,
    /// Why the verdict is not `Up`.
    pub reason: Option<String>,
    /// Since when the verdict's word holds.
    pub since: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// Failures in a row that are believed.
    pub failures_to_open: u32,
}

/// One account of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountView {
    /// Its login number.
    pub id: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// Whether zero is its ordinary balance.
    pub reserve: bool,
    /// The state in words: `Syncing`, `Not read`, `Failed`, `Stale`, `Not listed`.
    pub state: String,
    /// How it looks.
    pub tone: Tone,
    /// Why it is not `Syncing`.
    pub note: Option<String>,
    /// Balance of the last true read; `None` if it was never read.
    pub balance: Option<Amount>,
    /// Equity of the last true read; `None` if it was never told.
    pub equity: Option<Amount>,
    /// Currency of both, where told.
    pub currency: Option<String>,
    /// When it was last truly read.
    pub read_at: Option<Timestamp>,
    /// Whether balance and equity are of now; if not they must look old.
    pub live: bool,
}

/// The last 24 hours of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeView {
    /// Beginning of the bar.
    pub from: Timestamp,
    /// End of the bar.
    pub to: Timestamp,
    /// Stretches within the bar; time before the first was not watched.
    pub stretches: Vec<Stretch>,
    /// Time spent in each state.
    pub figures: UptimeFigures,
    /// E.g. `99.98 %`; `None` where nothing was known.
    pub percent: Option<String>,
}

/// What healing is allowed on a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealView {
    /// Names of the ladder's remedies with their rung, mildest first.
    pub ladder: Vec<String>,
    /// The ladder's remedies, mildest first, and what can be said of each now.
    pub rungs: Vec<RungView>,
    /// Whether nothing is really done.
    pub dry_run: bool,
    /// Heals started in the last hour.
    pub used_this_hour: u32,
    /// Most heals in an hour.
    pub per_hour_max: u32,
    /// Until when a new incident's heal waits.
    pub cooldown_until: Option<Timestamp>,
    /// Last proven heal, if any.
    pub last: Option<LastHeal>,
    /// What a forced heal would do now, as a sentence.
    pub forecast: String,
}

/// One remedy of a ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RungView {
    /// Its name.
    pub name: String,
    /// How far it reaches.
    pub rung: String,
    /// Whether it could help now, as a sentence.
    pub says: String,
}

/// The last incident that ended after a heal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastHeal {
    /// Which.
    pub incident: IncidentId,
    /// When recovery was proven.
    pub at: Timestamp,
    /// From the first heal step to the proof, in milliseconds.
    pub took_ms: u64,
}

/// What the live feed carries. Every connection begins with a board, and every later board is whole: a late or lagging reader
/// misses nothing that still matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedEvent {
    /// The state of everything.
    Board {
        /// It.
        board: alloc::boxed::Box<Board>,
    },
    /// Nothing changed; the server is alive.
    Tick {
        /// The server's time.
        at: Timestamp,
    },
}
