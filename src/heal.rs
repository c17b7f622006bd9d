//! What may be done about trouble, in which order, and how often.
//!
//! Decides from the policy, what was tried and the budget; carries nothing out. An action's secrets and addresses live
//! with the healers, under its name.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::PositionBook;
use crate::count::{are, counted};
use crate::ids::{AccountId, IncidentId, StepId, TargetId};
use crate::time::{Timestamp, duration_ms, spoken};

mod plan;

pub use plan::{
    HealPlan, Mode, POSITIONS_RETRY, STORE_RETRY, Situation, can_be_helped, cannot_help, lies_in_the_causes,
    plan, positions_in_words,
};

/// How far a remedy reaches. Ordered from mild to harsh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Touches a connection: refresh, reinitialise, log in again.
    Soft,
    /// Restarts one component: a terminal, the bridge service.
    Medium,
    /// Restarts everything: bridge and terminals.
    Hard,
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soft => "soft",
            Self::Medium => "medium",
            Self::Hard => "hard",
        })
    }
}

/// What kind of act a remedy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// An HTTP request.
    HttpCall,
    /// A GitHub workflow, found and followed to its end.
    GithubDispatch,
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HttpCall => "HTTP call",
            Self::GithubDispatch => "GitHub workflow",
        })
    }
}

/// One remedy of a target's ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// Its name, unique within the target; healers know it by this name.
    pub name: String,
    /// How far it reaches.
    pub rung: Rung,
    /// What kind of act it is.
    pub action: ActionKind,
    /// Whether it goes through the bridge, and so cannot help while the bridge is silent.
    pub through_bridge: bool,
    /// The account whose own slot it heals, and nothing else; `None`: it reaches the whole target.
    #[serde(default)]
    pub slot: Option<AccountId>,
    /// Longest time the act itself may take.
    #[serde(with = "duration_ms")]
    pub timeout: Duration,
    /// Longest time after the act until recovery must be proven.
    #[serde(with = "duration_ms")]
    pub verify_within: Duration,
    /// Time after the act before the first look counts.
    #[serde(with = "duration_ms")]
    pub verify_after: Duration,
}

/// What heals are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealBudget {
    /// Rest after the last heal of an incident before another incident of the target may be healed.
    #[serde(with = "duration_ms")]
    pub cooldown: Duration,
    /// Most heal steps in any hour.
    pub per_hour_max: u32,
    /// Most heal steps in one incident.
    pub attempts_max: u32,
}

impl Default for HealBudget {
    fn default() -> Self {
        Self { cooldown: Duration::from_secs(5 * 60), per_hour_max: 5, attempts_max: 3 }
    }
}

/// How a target is healed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealPolicy {
    /// Remedies, mildest first. Empty: nothing is ever done by itself.
    pub ladder: Vec<Remedy>,
    /// How often.
    pub budget: HealBudget,
    /// Whether everything is decided and shown, and nothing is done.
    pub dry_run: bool,
    /// What open positions mean for a remedy that restarts something.
    #[serde(default)]
    pub positions: PositionPolicy,
}

/// What open positions and pending orders mean for a remedy of the rungs medium and hard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PositionPolicy {
    /// Nothing: heal now. A broken host manages no positions either.
    #[default]
    Now,
    /// Wait until there are none, at most this long from the opening of the incident; then heal all the same.
    WaitUpTo(#[serde(with = "duration_ms")] Duration),
    /// Ask a person.
    Ask,
}

/// What is known of open positions and pending orders.
#[derive(Clone, Copy, Debug)]
pub struct PositionsSeen<'a> {
    /// The book.
    pub book: &'a PositionBook,
    /// When it was seen.
    pub at: Timestamp,
}

/// How old a book of positions may be to say that there are none.
pub const BOOK_AGE_MAX: Duration = Duration::from_secs(120);

/// What was already used of the budget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetUse {
    /// Starts of the heal steps of the last hour, oldest first.
    pub started: Vec<Timestamp>,
    /// End of the last heal step, and the incident it belonged to.
    pub last: Option<(IncidentId, Timestamp)>,
}

/// The window of [`HealBudget::per_hour_max`].
pub const HOUR: Duration = Duration::from_secs(3_600);

impl BudgetUse {
    /// Notes that a step starts, and forgets what is older than an hour.
    pub fn start(&mut self, now: Timestamp) {
        self.started.retain(|at| now.since(*at) < HOUR);
        self.started.push(now);
    }

    /// Takes back a start: the step was refused, and nothing was done.
    pub fn take_back(&mut self, started_at: Timestamp) {
        if let Some(index) = self.started.iter().rposition(|at| *at == started_at) {
            self.started.remove(index);
        }
    }

    /// Steps started in the hour before `now`.
    #[must_use]
    pub fn in_last_hour(&self, now: Timestamp) -> u32 {
        u32::try_from(self.started.iter().filter(|at| now.since(**at) < HOUR).count()).unwrap_or(u32::MAX)
    }

    /// When the cooldown that binds `incident` is over, if it is not.
    #[must_use]
    pub fn cooling_until(
        &self,
        budget: &HealBudget,
        incident: IncidentId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let (healed, at) = self.last?;
        let until = at.after(budget.cooldown);
        (healed != incident && until > now).then_some(until)
    }
}

/// Why no heal is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The last heal was too short a time ago.
    #[error("the last heal was less than {} ago", spoken(*.0))]
    Cooldown(#[serde(with = "duration_ms")] Duration),
    /// The hourly budget is spent.
    #[error("{} in the last hour {} the most allowed", counted(*.0, "heal", "heals"), are(*.0))]
    HourSpent(u32),
    /// The budget of this incident is spent.
    #[error("{} in one incident {} the most allowed", counted(*.0, "heal attempt", "heal attempts"), are(*.0))]
    AttemptsSpent(u32),
    /// No further remedy of the ladder can help.
    #[error("no further remedy of the ladder can help")]
    LadderSpent,
    /// No remedy is configured.
    #[error("no remedy is configured for this target")]
    NoLadder,
    /// No remedy can help against this cause.
    #[error("no remedy of the ladder can help: {0}")]
    NothingHelps(String),
    /// Only a person can help.
    #[error("no heal can help")]
    NeedsPerson,
    /// Everything is decided and nothing is done.
    #[error("dry run: \"{0}\" would have been started")]
    DryRun(String),
    /// The intent cannot be made durable.
    #[error("the store does not accept writes, so no heal may start")]
    StoreDown,
    /// Whether the heal helped cannot be told.
    #[error("whether the heal helped cannot be told: {0}")]
    CannotTell(String),
    /// What fails was seen too long ago to do something about it now.
    #[error("it is looked at once more before anything is done")]
    LookFirst,
    /// A person paused healing.
    #[error("{by} paused healing")]
    Paused {
        /// Who.
        by: String,
    },
    /// Planned work.
    #[error("planned work: {0}")]
    Maintenance(String),
    /// A target that this one depends on is down.
    #[error("\"{0}\" is down, on which it depends")]
    ParentDown(String),
    /// A target that this one depends on was down until a moment ago.
    #[error("\"{0}\", on which it depends, was down until a moment ago: it is given time to start")]
    ParentSettles(String),
    /// A person stopped healing this incident.
    #[error("{0} stopped healing of this incident")]
    Stopped(String),
    /// Positions are open, and the policy is to wait.
    #[error("{0}; \"{1}\" waits for them to be closed")]
    PositionsOpen(String, String),
    /// Positions are open, and the policy is to ask.
    #[error("{0}, and \"{1}\" restarts what manages them: a person must allow it")]
    PositionsAsk(String, String),
    /// What could help failed too often lately.
    #[error("\"{remedy}\" failed {} in a row against this fault and rests until {until}", counted(*.failures, "time", "times"))]
    BreakerOpen {
        /// The remedy.
        remedy: String,
        /// Failures in a row.
        failures: u32,
        /// When it may be tried again.
        until: Timestamp,
    },
    /// A heal left positions or orders different, and nobody has seen it.
    #[error(
        "positions or orders differ since the last heal: compare them with the broker's own statement and acknowledge the alert first"
    )]
    PositionsLost,
    /// The remedy that was asked for is not there.
    #[error("no remedy of this target is called \"{0}\"")]
    NoSuchRemedy(String),
}

/// An order to carry out one remedy. Its intent is durable before it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRequest {
    /// Which attempt; the idempotency key.
    pub step: StepId,
    /// Whom it heals.
    pub target: TargetId,
    /// For which incident.
    pub incident: IncidentId,
    /// The remedy's name.
    pub remedy: String,
    /// Why, as a sentence.
    pub because: String,
    /// When the result must be back.
    pub deadline: Timestamp,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// Which attempt.
    pub step: StepId,
    /// Whom it heals.
    pub target: TargetId,
    /// What became of it.
    pub outcome: StepOutcome,
    /// What was said by whoever carried it out, shortened and without secrets.
    pub output: String,
    /// Where the act can be looked at, e.g. the workflow run.
    pub link: Option<String>,
}

/// How a step ended. None of these proves anything about the target's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It was carried out, says whoever did it. A claim, not a proof.
    Done,
    /// It was refused or failed on the other side.
    Failed,
    /// No result by the deadline. It may have happened.
    TimedOut,
    /// It was not started, and nothing was changed.
    Refused,
    /// The connection or Rebound itself broke after the start. It may have happened.
    Lost,
    /// A person stopped it. It may have happened, in part or whole.
    Stopped,
}

impl StepOutcome {
    /// Whether the act may have changed something, so that looking comes before any further act.
    #[must_use]
    pub const fn may_have_happened(self) -> bool {
        match self {
            Self::Done | Self::TimedOut | Self::Lost | Self::Stopped => true,
            Self::Failed | Self::Refused => false,
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::Stopped => "stopped",
        }
    }
}

#[cfg(test)]
#[path = "heal_tests.rs"]
mod tests;
