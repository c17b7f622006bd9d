//! Decides what may be done about an incident now.
//!
//! Every rule that holds a heal back is here, in the order in which it counts: what can help at all, what was tried, what rests,
//! what is held, what the budget leaves, what the store and open positions say.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::{BOOK_AGE_MAX, BudgetUse, HealPolicy, PositionPolicy, PositionsSeen, Refusal, Remedy, Rung};
use crate::count::{are, counted};
use crate::ids::{AccountId, IncidentId};
use crate::ledger::Ledger;
use crate::reason::{Help, Reason};
use crate::time::{Timestamp, spoken};

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
    let able = match able(policy, situation.causes, situation.mode) {
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
        && (own || matches!(refusal, Refusal::ParentDown(_) | Refusal::ParentSettles(_)))
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
fn able<'p>(policy: &'p HealPolicy, causes: &[&Reason], mode: Mode<'_>) -> Result<Vec<&'p Remedy>, Refusal> {
    if policy.ladder.is_empty() {
        return Err(Refusal::NoLadder);
    }
    let start = where_to_start(causes);
    if let Mode::Forced { remedy: Some(wanted), .. } = mode {
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

/// Whether some remedy can help against these causes, whatever else holds it back.
#[must_use]
pub fn can_be_helped(policy: &HealPolicy, causes: &[&Reason]) -> bool {
    able(policy, causes, Mode::Own).is_ok()
}

/// Whether a refusal lies in what fails, so that it is over when something else fails.
#[must_use]
pub fn lies_in_the_causes(refusal: &Refusal) -> bool {
    if let Refusal::NothingHelps(why) = refusal {
        return [true, false].map(nothing_helps).contains(why);
    }
    *refusal == Refusal::NeedsPerson
}

/// Why a remedy is never started by itself against these causes, whatever its rung; `None` where nothing of that kind is known.
#[must_use]
pub fn cannot_help(remedy: &Remedy, causes: &[&Reason]) -> Option<&'static str> {
    if causes.is_empty() {
        return None;
    }
    match (where_to_start(causes), remedy.slot) {
        (Start::Person, _) => Some("cannot help: a person is needed"),
        (Start::Slots(accounts), Some(slot)) if accounts.contains(&slot) => None,
        (Start::Slots(_), _) => Some("cannot help: it is not for the slot of that account alone"),
        (Start::Heal { .. }, Some(_)) => Some("cannot help: it is for one account's slot only"),
        (Start::Heal { .. }, None) => None,
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
    if book.positions.is_empty() && book.orders.as_ref().is_none_or(Vec::is_empty) && !old {
        return None;
    }
    let orders = match &book.orders {
        Some(orders) => format!(" and {} are open", counted(orders.len(), "order", "orders")),
        None => format!(" {} open (of orders the bridge tells nothing)", are(book.positions.len())),
    };
    let unprotected = book.positions.iter().filter(|position| position.stop_loss == Some(false)).count();
    let mut words = counted(book.positions.len(), "position", "positions") + &orders;
    if unprotected > 0 {
        words = format!("{words}, {} without a stop loss", counted(unprotected, "position", "positions"));
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
