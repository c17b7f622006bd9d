//! What may be done about trouble, in which order, and how often.
//!
//! Decides from the policy, what was tried and the budget; carries nothing out. An action's secrets and addresses live
//! with the healers, under its name.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{IncidentId, StepId, TargetId};
use crate::reason::{Help, Reason};
use crate::time::{Timestamp, duration_ms, spoken};

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
}

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
    #[error("{0} heals in the last hour are the most allowed")]
    HourSpent(u32),
    /// The budget of this incident is spent.
    #[error("{0} heal attempts in one incident are the most allowed")]
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
    #[error("no heal can help, a person is needed")]
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
}

/// What is to be done about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealPlan {
    /// These remedies, in this order; only the first is started, the rest only after it was seen not to help.
    Steps(Vec<Remedy>),
    /// Nothing before the time.
    Wait(Timestamp, Refusal),
    /// Nothing by itself: a person is needed.
    Person(Refusal),
}

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The incident.
    pub incident: IncidentId,
    /// The reasons that fail now.
    pub causes: &'a [&'a Reason],
    /// Names of remedies already tried in this incident.
    pub tried: &'a [String],
    /// Heal attempts already made in this incident.
    pub attempts: u32,
    /// What was used of the budget.
    pub used: &'a BudgetUse,
    /// Whether a person lifted the cooldown.
    pub cooldown_lifted: bool,
    /// Whether the store accepts writes.
    pub store_works: bool,
}

/// How long a heal that the store holds up waits until it is looked at again.
pub const STORE_RETRY: Duration = Duration::from_secs(30);

/// Decides what may be done at `now`.
#[must_use]
pub fn plan(policy: &HealPolicy, situation: &Situation<'_>, now: Timestamp) -> HealPlan {
    if policy.ladder.is_empty() {
        return HealPlan::Person(Refusal::NoLadder);
    }
    let Some((from, bridge_answers)) = where_to_start(situation.causes) else {
        return HealPlan::Person(Refusal::NeedsPerson);
    };
    let able = |remedy: &&Remedy| remedy.rung >= from && (bridge_answers || !remedy.through_bridge);
    let helping: Vec<&Remedy> = policy.ladder.iter().filter(able).collect();
    if helping.is_empty() {
        return HealPlan::Person(Refusal::NothingHelps(nothing_helps(bridge_answers)));
    }
    if situation.attempts >= policy.budget.attempts_max {
        return HealPlan::Person(Refusal::AttemptsSpent(policy.budget.attempts_max));
    }
    let left: Vec<Remedy> =
        helping.into_iter().filter(|remedy| !situation.tried.contains(&remedy.name)).cloned().collect();
    let Some(next) = left.first() else {
        return HealPlan::Person(Refusal::LadderSpent);
    };
    if policy.dry_run {
        return HealPlan::Person(Refusal::DryRun(next.name.clone()));
    }
    if situation.used.in_last_hour(now) >= policy.budget.per_hour_max {
        return HealPlan::Person(Refusal::HourSpent(policy.budget.per_hour_max));
    }
    if let Some(until) = situation.used.cooling_until(&policy.budget, situation.incident, now)
        && !situation.cooldown_lifted
    {
        return HealPlan::Wait(until, Refusal::Cooldown(policy.budget.cooldown));
    }
    if !situation.store_works {
        return HealPlan::Wait(now.after(STORE_RETRY), Refusal::StoreDown);
    }
    HealPlan::Steps(left)
}

/// The mildest rung that can help against the causes together, and whether the bridge answers. `None`: no heal can help.
///
/// A cause that only a person can mend does not forbid healing another, but one that fails at the bridge itself decides.
fn where_to_start(causes: &[&Reason]) -> Option<(Rung, bool)> {
    let mut start: Option<(Rung, bool)> = None;
    for cause in causes {
        match cause.help() {
            Help::Heal { from, through_bridge } => {
                start = Some(match start {
                    None => (from, through_bridge),
                    Some((rung, answers)) => (rung.max(from), answers && through_bridge),
                });
            }
            Help::Person(_) if blocks_healing(cause) => return None,
            Help::Person(_) | Help::Nothing => {}
        }
    }
    start
}

/// Whether healing anything is pointless or harmful while this cause stands.
const fn blocks_healing(cause: &Reason) -> bool {
    matches!(
        cause,
        Reason::WrongService { .. }
            | Reason::KeyRefused(_)
            | Reason::LoginRefused { .. }
            | Reason::TerminalTimeout { .. }
    )
}

fn nothing_helps(bridge_answers: bool) -> String {
    String::from(if bridge_answers {
        "every remedy is too mild for the cause"
    } else {
        "every remedy is too mild or goes through the bridge, which does not answer"
    })
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
}

impl StepOutcome {
    /// Whether the act may have changed something, so that looking comes before any further act.
    #[must_use]
    pub const fn may_have_happened(self) -> bool {
        match self {
            Self::Done | Self::TimedOut | Self::Lost => true,
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
        }
    }
}

#[cfg(test)]
#[path = "heal_tests.rs"]
mod tests;
