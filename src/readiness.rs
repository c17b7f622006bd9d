//! What the next emergency needs and only a look can tell: a token, a mail server, a disk, who watches from outside.
//!
//! Says what is looked at, what may be found, and by which numbers it is judged. Looks at nothing itself.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::TargetId;
use crate::time::{Timestamp, duration_ms};
use crate::view::ReadinessGroup;

mod judge;

pub(crate) use judge::sentence;
pub use judge::{
    DISK_AT_RISK_PERCENT, DISK_NOT_READY_BYTES, DISK_NOT_READY_PERCENT, Judgement, TOKEN_ENDS_SOON, judge,
};

/// How it is found out whether Rebound is ready for an emergency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessSpec {
    /// Whether what an emergency needs is looked at.
    pub watched: bool,
    /// How often Rebound gives a sign of life to whoever watches it from outside; `None`: nobody does.
    #[serde(with = "optional_ms")]
    pub ping_every: Option<Duration>,
}

/// Something that an emergency needs and only a look can tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The token of a remedy that starts a GitHub workflow.
    GithubToken(RemedyOf),
    /// The repository and the workflow of such a remedy.
    GithubWorkflow(RemedyOf),
    /// The host that a remedy calls over HTTP.
    HttpCall(RemedyOf),
    /// A way to people, by its name.
    Channel(String),
    /// Who is reached over it.
    Recipients(String),
    /// The disk that Rebound writes to.
    Disk,
    /// How long history is kept.
    Kept,
    /// The sign of life to whoever watches Rebound from outside.
    Ping,
}

/// One remedy of one target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RemedyOf {
    /// The target.
    pub target: TargetId,
    /// The remedy's name.
    pub remedy: String,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Of what.
    pub part: Part,
    /// When it was looked at.
    pub at: Timestamp,
    /// What.
    pub seen: Seen,
}

/// What was seen, each text a clause without a full stop and without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It works, as far as can be told without using it.
    Works(String),
    /// A token that is taken.
    Token {
        /// What is known of it.
        said: String,
        /// When it ends, where that is told.
        ends: Option<Timestamp>,
        /// What it may lack.
        doubt: Option<Trouble>,
        /// What to do when it ends.
        renew: String,
    },
    /// Room on a disk, in bytes.
    Room {
        /// Which, for people.
        place: String,
        /// Bytes that may still be written.
        free: u64,
        /// All that may be written or is.
        total: u64,
        /// The share below which it is told of, in percent.
        at_risk_percent: u8,
    },
    /// So many people or lists are reached.
    Recipients {
        /// How many.
        count: usize,
        /// Where more are named.
        add: String,
    },
    /// Nobody set it up; what it lacks, and how to set it up.
    Missing(Trouble),
    /// It is refused or missing, and stays so until somebody mends it.
    Refused(Trouble),
    /// It does not answer, which may pass.
    Silent(Trouble),
    /// It could not be looked at, which says nothing about it.
    NotSeen(String),
}

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub why: String,
    /// What to do: a setting, the name of an environment variable, a command.
    pub mend: String,
}

/// An order to look at what an emergency needs, without doing anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookRequest {
    /// The remedies that are looked at. What goes through a target itself is not among them: its checks tell of it.
    pub remedies: Vec<RemedyOf>,
    /// The target whose fire drill it is part of.
    pub drill: Option<TargetId>,
    /// When it was given.
    pub asked_at: Timestamp,
    /// When what was found must be back.
    pub deadline: Timestamp,
}

/// What came of a look. What is not among the findings was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The target whose fire drill the look is part of.
    pub drill: Option<TargetId>,
    /// When the look was asked for.
    pub asked_at: Timestamp,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// An order to give a sign of life to whoever watches from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PingRequest {
    /// When it was given.
    pub asked_at: Timestamp,
    /// When the answer must be back.
    pub deadline: Timestamp,
}

/// What became of a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinged {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Whether it was taken, and by whom or why not.
    pub result: Result<String, Trouble>,
}

impl Trouble {
    /// Says what is wrong, and what to do about it.
    #[must_use]
    pub fn new(why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { why: why.into(), mend: mend.into() }
    }
}

impl Part {
    /// Stable name, unique on a board of one server.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::GithubToken(of) => format!("github.token/{}/{}", of.target, of.remedy),
            Self::GithubWorkflow(of) => format!("github.workflow/{}/{}", of.target, of.remedy),
            Self::HttpCall(of) => format!("http_call/{}/{}", of.target, of.remedy),
            Self::Channel(name) => format!("alerts.channel/{name}"),
            Self::Recipients(name) => format!("alerts.recipients/{name}"),
            Self::Disk => String::from("store.disk"),
            Self::Kept => String::from("store.kept"),
            Self::Ping => String::from("outside.ping"),
        }
    }

    /// What it belongs to.
    #[must_use]
    pub const fn group(&self) -> ReadinessGroup {
        match self {
            Self::GithubToken(_) | Self::GithubWorkflow(_) | Self::HttpCall(_) => ReadinessGroup::Heals,
            Self::Channel(_) | Self::Recipients(_) => ReadinessGroup::Alerts,
            Self::Disk | Self::Kept => ReadinessGroup::Store,
            Self::Ping => ReadinessGroup::Outside,
        }
    }

    /// Its name for people; `about` is the name of the target, where it is about one.
    #[must_use]
    pub fn name(&self, about: &str) -> String {
        match self {
            Self::GithubToken(of) => format!("{about}: GitHub token of \"{}\"", of.remedy),
            Self::GithubWorkflow(of) => format!("{about}: workflow of \"{}\"", of.remedy),
            Self::HttpCall(of) => format!("{about}: host that \"{}\" calls", of.remedy),
            Self::Channel(name) => format!("Way to people: {name}"),
            Self::Recipients(name) => format!("Recipients of {name}"),
            Self::Disk => String::from("Free disk space"),
            Self::Kept => String::from("How long history is kept"),
            Self::Ping => String::from("Dead-man's switch"),
        }
    }

    /// The remedy that it is about, if it is about one.
    #[must_use]
    pub const fn remedy(&self) -> Option<&RemedyOf> {
        match self {
            Self::GithubToken(of) | Self::GithubWorkflow(of) | Self::HttpCall(of) => Some(of),
            Self::Channel(_) | Self::Recipients(_) | Self::Disk | Self::Kept | Self::Ping => None,
        }
    }
}

/// A span that may be missing, as whole milliseconds.
mod optional_ms {
    use core::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::duration_ms;

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Ms(#[serde(with = "duration_ms")] Duration);

    pub(super) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        span.map(Ms).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Ms>::deserialize(deserializer)?.map(|ms| ms.0))
    }
}
