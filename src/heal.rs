//! What may be done about trouble, in which order, and how often.
//!
//! Decides from the policy, what was tried and the budget; carries nothing out. An action's secrets and addresses live
//! with the healers, under its name.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::PositionBook;
use crate::ids::{AccountId, IncidentId, StepId, TargetId};
use crate::ledger::Ledger;
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
    #[error("\"{remedy}\" failed {failures} times in a row against this fault and rests until {until}")]
    BreakerOpen {
        /// The remedy.
        remedy: String,
        /// Failures in a row.
        failures: u32,
        /// When it may be tried again.
        until: Timestamp,
    },
    /// The remedy that was asked for is not there.
    #[error("no remedy of this target is called \"{0}\"")]
    NoSuchRemedy(String),
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
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The reasons that fail now; the first of them is the fault that the ledger knows.
    pub causes: &'a [&'a Reason],
    /// Names of remedies already tried in this incident.
    pub tried: &'a [String],
    /// Heal attempts already made in this incident.
    pub attempts: u32,
    /// What was used of the budget.
    pub used: &'a BudgetUse,
    /// What became of earlier heals.
    pub ledger: &'a Ledger,
    /// What is known of open positions; `None` where the bridge does not tell.
    pub positions: Option<PositionsSeen<'a>>,
    /// Who asks.
    pub mode: Mode<'a>,
    /// What holds every heal until a time: a pause, planned work, a parent that is down.
    pub held: Option<&'a (Timestamp, Refusal)>,
    /// Who stopped healing in this incident.
    pub stopped: Option<&'a str>,
    /// Whether nothing is really done.
    pub dry_run: bool,
    /// Whether the store accepts writes.
    pub store_works: bool,
}

/// Who wants a heal, and what that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode<'a> {
    /// Rebound itself.
    Own,
    /// A person: what was tried or stopped, positions and breakers do not hold it back.
    Forced {
        /// Whether the cooldown is lifted.
        cooldown_lifted: bool,
        /// The remedy that is wanted; `None`: the first that can help.
        remedy: Option<&'a str>,
    },
}

/// How long a heal that the store holds up waits until it is looked at again.
pub const STORE_RETRY: Duration = Duration::from_secs(30);
/// How long a heal that waits for positions to be closed waits until they are looked at again.
pub const POSITIONS_RETRY: Duration = Duration::from_secs(30);

/// Decides what may be done at `now`.
#[must_use]
pub fn plan(policy: &HealPolicy, situation: &Situation<'_>, now: Timestamp) -> HealPlan {
    let able = match able(policy, situation) {
        Ok(able) => able,
        Err(refusal) => return HealPlan::Person(refusal),
    };
    let own = situation.mode == Mode::Own;
    if own && let Some(by) = situation.stopped {
        return HealPlan::Person(Refusal::Stopped(String::from(by)));
    }
    if own && situation.attempts >= policy.budget.attempts_max {
        return HealPlan::Person(Refusal::AttemptsSpent(policy.budget.attempts_max));
    }
    let untried: Vec<&Remedy> =
        able.into_iter().filter(|remedy| !own || !situation.tried.contains(&remedy.name)).collect();
    if untried.is_empty() {
        return HealPlan::Person(Refusal::LadderSpent);
    }
    let fault = situation.causes.first().map_or("", |reason| reason.code());
    let resting = |remedy: &&&Remedy| situation.ledger.rests_until(fault, &remedy.name, now).is_some();
    let left: Vec<&Remedy> = untried.iter().filter(|remedy| !own || !resting(remedy)).copied().collect();
    let Some(next) = left.first() else {
        return HealPlan::Person(resting_refusal(situation.ledger, fault, &untried, now));
    };
    if situation.dry_run {
        return HealPlan::Person(Refusal::DryRun(next.name.clone()));
    }
    if let Some((until, refusal)) = situation.held
        && (own || matches!(refusal, Refusal::ParentDown(_)))
    {
        return HealPlan::Wait(*until, refusal.clone());
    }
    if situation.used.in_last_hour(now) >= policy.budget.per_hour_max {
        return HealPlan::Person(Refusal::HourSpent(policy.budget.per_hour_max));
    }
    let lifted = matches!(situation.mode, Mode::Forced { cooldown_lifted: true, .. });
    if let Some(until) = situation.used.cooling_until(&policy.budget, situation.incident, now)
        && !lifted
    {
        return HealPlan::Wait(until, Refusal::Cooldown(policy.budget.cooldown));
    }
    if !situation.store_works {
        return HealPlan::Wait(now.after(STORE_RETRY), Refusal::StoreDown);
    }
    if own && let Some(held) = held_by_positions(policy, situation, next, now) {
        return held;
    }
    HealPlan::Steps(left.into_iter().cloned().collect())
}

/// The remedies that can help against what fails, mildest first.
fn able<'p>(policy: &'p HealPolicy, situation: &Situation<'_>) -> Result<Vec<&'p Remedy>, Refusal> {
    if policy.ladder.is_empty() {
        return Err(Refusal::NoLadder);
    }
    let start = where_to_start(situation.causes);
    if let Mode::Forced { remedy: Some(wanted), .. } = situation.mode {
        let found = policy.ladder.iter().find(|remedy| remedy.name == wanted);
        let remedy = found.ok_or_else(|| Refusal::NoSuchRemedy(String::from(wanted)))?;
        let silent = matches!(start, Start::Heal { bridge_answers: false, .. });
        return if silent && remedy.through_bridge {
            Err(Refusal::NothingHelps(String::from("it goes through the bridge, which does not answer")))
        } else {
            Ok(alloc::vec![remedy])
        };
    }
    match start {
        Start::Person => Err(Refusal::NeedsPerson),
        Start::Slots(accounts) => {
            let own_slot = |remedy: &&Remedy| remedy.slot.is_some_and(|slot| accounts.contains(&slot));
            let helping: Vec<&Remedy> = policy.ladder.iter().filter(own_slot).collect();
            if helping.is_empty() { Err(Refusal::NeedsPerson) } else { Ok(helping) }
        }
        Start::Heal { from, bridge_answers } => {
            let able = |remedy: &&Remedy| {
                remedy.slot.is_none() && remedy.rung >= from && (bridge_answers || !remedy.through_bridge)
            };
            let helping: Vec<&Remedy> = policy.ladder.iter().filter(able).collect();
            if helping.is_empty() {
                Err(Refusal::NothingHelps(nothing_helps(bridge_answers)))
            } else {
                Ok(helping)
            }
        }
    }
}

fn resting_refusal(ledger: &Ledger, fault: &str, remedies: &[&Remedy], now: Timestamp) -> Refusal {
    let soonest = remedies
        .iter()
        .filter_map(|remedy| ledger.rests_until(fault, &remedy.name, now).map(|rest| (rest, &remedy.name)))
        .min_by_key(|((until, _), _)| *until);
    match soonest {
        Some(((until, failures), remedy)) => Refusal::BreakerOpen { remedy: remedy.clone(), failures, until },
        None => Refusal::LadderSpent,
    }
}

fn held_by_positions(
    policy: &HealPolicy,
    situation: &Situation<'_>,
    next: &Remedy,
    now: Timestamp,
) -> Option<HealPlan> {
    if next.rung < Rung::Medium {
        return None;
    }
    let open = positions_in_words(situation.positions, now)?;
    match policy.positions {
        PositionPolicy::Now => None,
        PositionPolicy::WaitUpTo(most) => {
            let until = situation.opened_at.after(most);
            (now < until).then(|| {
                HealPlan::Wait(
                    until.min(now.after(POSITIONS_RETRY)),
                    Refusal::PositionsOpen(open, next.name.clone()),
                )
            })
        }
        PositionPolicy::Ask => Some(HealPlan::Person(Refusal::PositionsAsk(open, next.name.clone()))),
    }
}

/// What stands in the way of a restart, in words; `None` where a fresh look says that nothing is open.
#[must_use]
pub fn positions_in_words(seen: Option<PositionsSeen<'_>>, now: Timestamp) -> Option<String> {
    let Some(PositionsSeen { book, at }) = seen else {
        return Some(String::from("whether positions are open is not known"));
    };
    let old = now.since(at) > BOOK_AGE_MAX;
    let orders = book.orders.as_ref().map_or(0, Vec::len);
    if book.positions.is_empty() && orders == 0 && !old {
        return None;
    }
    let unprotected = book.positions.iter().filter(|position| position.stop_loss == Some(false)).count();
    let mut words = format!("{} positions and {orders} orders are open", book.positions.len());
    if unprotected > 0 {
        words = format!("{words}, {unprotected} positions without a stop loss");
    }
    if old {
        words = format!("{words}, as last seen {} ago", spoken(now.since(at)));
    }
    Some(words)
}

/// Where a ladder starts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    /// At the mildest rung that can help against the causes together.
    Heal {
        /// The rung.
        from: Rung,
        /// Whether the bridge itself answers.
        bridge_answers: bool,
    },
    /// With the remedies of these accounts' own slots only.
    Slots(Vec<AccountId>),
    /// No heal can help.
    Person,
}

/// A cause that only a person can mend does not forbid healing another, but one that stands before everything decides. Data that
/// is not the account's own says nothing that may lead to another slot's heal.
fn where_to_start(causes: &[&Reason]) -> Start {
    let mut start: Option<(Rung, bool)> = None;
    let mut slots: Vec<AccountId> = Vec::new();
    for cause in causes {
        match cause.help() {
            Help::Heal { from, through_bridge } => {
                start = Some(match start {
                    None => (from, through_bridge),
                    Some((rung, answers)) => (rung.max(from), answers && through_bridge),
                });
            }
            Help::Slots(_) => {
                if let Reason::AccountsMixedUp { accounts, .. } = cause {
                    slots.extend(accounts);
                }
            }
            Help::Person(_) if blocks_healing(cause) => return Start::Person,
            Help::Person(_) | Help::Nothing => {}
        }
    }
    if !slots.is_empty() {
        return Start::Slots(slots);
    }
    start.map_or(Start::Person, |(from, bridge_answers)| Start::Heal { from, bridge_answers })
}

/// Whether healing anything is pointless or harmful while this cause stands.
const fn blocks_healing(cause: &Reason) -> bool {
    matches!(
        cause,
        Reason::WrongService { .. }
            | Reason::KeyRefused(_)
            | Reason::LoginRefused { .. }
            | Reason::TerminalTimeout { .. }
            | Reason::SessionMismatch { .. }
            | Reason::PositionsChanged { .. }
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
