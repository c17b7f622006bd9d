//! What the server tells the browser: everything a page shows, in words.
//!
//! Plain data without rules of its own. The server makes it from the core's documents; the browser only puts it on the
//! page, so that its part stays small.

use rebound::role::Role;
use rebound::time::Timestamp;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use self::chart::ChartsSheet;
use self::incident::Report;
use self::lists::{AlertList, IncidentList};
use self::overview::{OverviewSheet, Week};
use self::readiness::ReadinessSheet;
use self::report::ReportSheet;
use self::settings::{ReviewSheet, SettingsSheet};
use self::target::TargetSheet;
use crate::parts::notice::Notice;

pub(crate) mod change;

pub(crate) mod overview;

pub(crate) mod target;

pub(crate) mod incident;

pub(crate) mod lists;

pub(crate) mod readiness;

pub(crate) mod drill;

pub(crate) mod chart;

pub(crate) mod report;

#[cfg(feature = "ssr")]
pub(crate) mod public;

pub(crate) mod settings;

#[cfg(feature = "ssr")]
pub(crate) mod made;

/// How a point in time is told once the page is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// `12:00:05`, with the day where it is another.
    Clock,
    /// `12:05`, for axes.
    Minute,
    /// `24 Nov`, for axes.
    Date,
    /// `24 Nov`, of a day that is one in UTC, wherever the reader is.
    DateUtc,
    /// `Sunday 22:00`, for what lies hours or days ahead.
    Day,
    /// `Sunday 22:00, in 2 d 4 h`; before that only the day.
    DayLeft,
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
    /// What somebody called it.
    Named(String),
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

/// Everything a living page shows, at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Which of its server's boards it shows.
    pub seq: u64,
    /// When it was made, by the server's clock.
    pub at: Timestamp,
    /// Who reads it.
    pub who: Reader,
    /// Path and query of the page, by which the feed knows what to tell.
    pub address: String,
    /// What the browser's tab says.
    pub title: String,
    /// What people must know at once, worst first.
    pub banners: Vec<BannerSheet>,
    /// What holds on all targets: a pause, planned work.
    pub holds: Vec<HoldSheet>,
    /// What the page is about.
    pub body: Body,
}

/// Whose page it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// The name that is kept with what is asked for here.
    pub name: String,
    /// What that one may ask for.
    pub role: Role,
}

#[cfg(test)]
impl Reader {
    /// Whoever may do everything.
    pub(crate) fn admin() -> Self {
        Self { name: "admin".to_owned(), role: Role::Admin }
    }
}

/// What a page is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// `/`.
    Overview(Box<OverviewSheet>),
    /// `/targets/{id}`, with its numbers over time.
    Target(Box<TargetSheet>, Box<ChartsSheet>),
    /// `/incidents`.
    Incidents(Box<IncidentList>),
    /// `/incidents/{id}`.
    Incident(Box<Report>),
    /// `/alerts`.
    Alerts(Box<AlertList>),
    /// `/reports`.
    Report(Box<ReportSheet>),
    /// `/readiness`.
    Readiness(Box<ReadinessSheet>),
    /// `/settings`.
    Settings(Box<SettingsSheet>),
    /// `/settings/review`.
    Review(Box<ReviewSheet>),
    /// What was asked for is not there, or cannot be shown now.
    Gone {
        /// The HTTP status that says the same to programs.
        status: u16,
        /// The page's heading.
        heading: String,
        /// Why, and what to do.
        notice: Notice,
    },
}

impl Body {
    /// Whether it shows something that is still being counted.
    #[must_use]
    pub fn is_counting(&self) -> bool {
        let Self::Review(review) = self else { return false };
        matches!(review.would_be, Some(self::settings::WouldBeSheet::Running(_)))
    }

    /// What the last seven days came to, where the page tells it.
    #[must_use]
    pub const fn week(&self) -> Option<&Week> {
        if let Self::Overview(overview) = self { Some(&overview.week) } else { None }
    }
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

/// Something that holds until a time, or comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldSheet {
    /// Tells it from others of its place.
    pub key: String,
    /// What it is.
    pub mark: Mark,
    /// Until when, by whom, and what that means.
    pub line: Line,
    /// How a person ends it, where a person can.
    pub undo: Option<Undo>,
}

/// What ends something that holds. Carries the target's id; empty: all targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Undo {
    /// Healing goes on.
    Resume(String),
    /// The planned work is over.
    EndWork(String),
    /// Take back what was declared as moved capital on this target.
    TakeBackMoves(String),
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
