//! Turns one observation into verdicts, one for each check.
//!
//! Pure: the same settings, observation and memory give the same answer. Never opens or closes an incident; see
//! [`crate::incident`].

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calendar::Session;
use crate::check::{
    BadAnswer, BridgeReading, CheckId, CheckSpec, EndpointReading, NoAnswer, Observation, ProbeOutcome,
};
use crate::ids::AccountId;
use crate::incident::Severity;
use crate::reason::Reason;
use crate::target::{EndpointSpec, TargetKind, TargetSpec};
use crate::time::{Timestamp, spoken};

mod accounts;

mod awaited;

mod endpoint;

mod figures;

mod identity;

mod listing;

mod memory;

mod sight;

mod terminal;

pub(crate) use figures::account_figures;

pub use awaited::Awaited;
pub use figures::AccountFigures;
pub use memory::{ACCOUNTS_MAX, AccountMemory, AccountStanding, ListBack};
pub use sight::Sight;

/// What is held of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Good.
    Up,
    /// Worth a warning.
    Degraded(Reason),
    /// Critical.
    Down(Reason),
    /// Nobody knows: neither failure nor recovery.
    Unknown(Reason),
    /// Not judged now, e.g. while the market is closed: neither failure nor recovery, and no cause for worry.
    Resting(Reason),
}

impl Verdict {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Up => "Up",
            Self::Degraded(_) => "Degraded",
            Self::Down(_) => "Down",
            Self::Unknown(_) => "Unknown",
            Self::Resting(_) => "Resting",
        }
    }

    /// The reason and how bad it is, where the check fails.
    #[must_use]
    pub const fn failure(&self) -> Option<(&Reason, Severity)> {
        match self {
            Self::Degraded(reason) => Some((reason, Severity::Warning)),
            Self::Down(reason) => Some((reason, Severity::Critical)),
            Self::Up | Self::Unknown(_) | Self::Resting(_) => None,
        }
    }

    /// Why it is not `Up`.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Up => None,
            Self::Degraded(reason) | Self::Down(reason) | Self::Unknown(reason) | Self::Resting(reason) => {
                Some(reason)
            }
        }
    }
}

/// A verdict with what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is held.
    pub verdict: Verdict,
    /// What was seen, in few words; `None` where nothing was.
    pub value: Option<Sight>,
    /// Whether one observation is enough to believe it.
    pub at_once: bool,
    /// How long it must have failed before it is believed, however often it was seen.
    pub patience: Duration,
}

/// Whether silence can be the target's own: what Rebound knows of its own network and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnNetwork {
    /// No beacons are configured, or the target is on this machine: silence is the target's own.
    Trusted,
    /// A beacon answered after the failure began.
    Works,
    /// No beacon answered.
    Gone,
    /// The beacons were not asked since the failure began.
    NotLooked,
    /// Rebound's own loop was held up for so long while it asked.
    Slow(Duration),
}

/// A declaration that capital is moved, so that accounts at zero are no trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reallocation {
    /// The accounts; none: all of the target.
    pub accounts: alloc::vec::Vec<AccountId>,
    /// First moment.
    pub from: Timestamp,
    /// First moment after it.
    pub until: Timestamp,
    /// Who declared it.
    pub by: String,
}

impl Reallocation {
    /// Whether it explains a zero of `account` at `now`.
    #[must_use]
    pub fn covers(&self, account: AccountId, now: Timestamp) -> bool {
        self.from <= now && now < self.until && (self.accounts.is_empty() || self.accounts.contains(&account))
    }
}

/// What a heal left different: positions and orders from before it that are gone, and new ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionsChange {
    /// The remedy between the two looks.
    pub remedy: String,
    /// Positions and orders that are gone.
    pub gone: u32,
    /// Positions and orders that are new.
    pub come: u32,
    /// When it was seen.
    pub at: Timestamp,
}

/// What is known of whether positions and orders survived the last heal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionsKept<'a> {
    /// Nothing speaks against it.
    AsFarAsSeen,
    /// They were not seen the same yet since this remedy.
    NotComparedYet(&'a str),
    /// They differ, and nobody has acknowledged it.
    Changed(&'a PositionsChange),
}

/// Everything that a judge may look at.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The target's settings.
    pub spec: &'a TargetSpec,
    /// The accounts that must be read.
    pub expected: &'a [Awaited<'a>],
    /// The target's session now.
    pub session: Session,
    /// What was just seen.
    pub seen: &'a Observation,
    /// What is remembered of the accounts, `seen` included.
    pub memory: &'a AccountMemory,
    /// Whether the check that is judged is held to fail: what fails must be clearly better before it is called good.
    pub fails_now: bool,
    /// Why the open incident says that the check which is judged fails, if it does.
    pub cause: Option<&'a Reason>,
    /// When the terminal last answered the bridge.
    pub terminal_answered_at: Option<Timestamp>,
    /// Since when bridge and terminal answer without a break, so that accounts can be read; `None` where that is not known.
    pub able_since: Option<Timestamp>,
    /// Declarations that capital is moved.
    pub declared: &'a [Reallocation],
    /// Whether positions and orders survived the last heal.
    pub positions: PositionsKept<'a>,
    /// Since when this target is watched.
    pub watching_since: Timestamp,
    /// Whether silence can be the target's own.
    pub own_network: OwnNetwork,
    /// How wrong Rebound's own clock is, where others agree that it is.
    pub own_clock_wrong: Option<Duration>,
    /// Now.
    pub now: Timestamp,
}

/// Judges one check. A check that rests outside market hours is not looked at then.
#[must_use]
pub fn judge(check: CheckSpec, evidence: &Evidence<'_>) -> Judgement {
    if check.market_hours
        && let Session::Closed(opens) = evidence.session
        && !(is_of_accounts(check.id) && evidence.expected.iter().any(|account| account.calendar.is_some()))
    {
        return plain(Verdict::Resting(Reason::MarketClosed(opens)));
    }
    if let Some(wrong) = evidence.own_clock_wrong
        && (check.market_hours || check.id == CheckId::EndpointCertificate)
    {
        return plain(Verdict::Unknown(Reason::OwnClockWrong(wrong)));
    }
    match (&evidence.seen.outcome, &evidence.spec.kind) {
        (ProbeOutcome::Bridge(reading), TargetKind::Bridge) => of_bridge(check, reading, evidence),
        (ProbeOutcome::Endpoint(reading), TargetKind::Endpoint(spec)) => {
            of_endpoint(check.id, spec, reading, evidence)
        }
        (
            ProbeOutcome::Bridge(_)
            | ProbeOutcome::Endpoint(_)
            | ProbeOutcome::NoAnswer(_)
            | ProbeOutcome::BadAnswer(_)
            | ProbeOutcome::WrongService { .. }
            | ProbeOutcome::Beacons { .. }
            | ProbeOutcome::NotAsked(_),
            TargetKind::Bridge | TargetKind::Endpoint(_),
        ) => without_reading(check.id, evidence),
    }
}

fn of_bridge(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let of_accounts = |judgement| {
        let judgement = listing::beside(judgement, reading, evidence);
        let judgement = listing::unless_unseen(judgement, reading, evidence);
        unless_its_store_is_gone(reading, accounts::unless_others_rest(check, judgement, evidence))
    };
    match check.id {
        CheckId::BridgeReachable => match &reading.key_refused {
            Some(why) => plain(Verdict::Down(Reason::KeyRefused(why.clone()))),
            None => seen(Verdict::Up, Sight::Took(evidence.seen.latency_ms)),
        },
        CheckId::BridgeIdentity => match &reading.service {
            Some(service) => seen(Verdict::Up, Sight::Told(service.clone())),
            None => plain(Verdict::Up),
        },
        CheckId::TerminalIpc => terminal::ipc(&reading.terminal, evidence),
        CheckId::TerminalBrokerLink => terminal::broker_link(&reading.terminal),
        CheckId::TerminalTradingAllowed => terminal::trading_allowed(&reading.terminal),
        CheckId::AccountsFresh => of_accounts(accounts::fresh(check, reading, evidence)),
        CheckId::AccountsSyncing => of_accounts(accounts::syncing(check, reading, evidence)),
        CheckId::AccountsZero => of_accounts(accounts::zero(check, reading, evidence)),
        CheckId::AccountFailed => of_accounts(accounts::failed(check, reading, evidence)),
        CheckId::AccountIdentity => identity::identity(reading, evidence),
        CheckId::PositionsKept => positions_kept(reading, evidence),
        CheckId::EndpointHttp
        | CheckId::EndpointTcp
        | CheckId::EndpointMongodb
        | CheckId::EndpointLatency
        | CheckId::EndpointCertificate => not_of_this_kind(),
    }
}

fn of_endpoint(
    check: CheckId,
    spec: &EndpointSpec,
    reading: &EndpointReading,
    evidence: &Evidence<'_>,
) -> Judgement {
    match check {
        CheckId::EndpointHttp => endpoint::http(spec, reading),
        CheckId::EndpointTcp => endpoint::tcp(),
        CheckId::EndpointMongodb => endpoint::mongodb(reading),
        CheckId::EndpointLatency => endpoint::latency(spec, reading, evidence),
        CheckId::EndpointCertificate => endpoint::certificate(spec, reading.certificate_ends, evidence.now),
        CheckId::BridgeReachable
        | CheckId::BridgeIdentity
        | CheckId::TerminalIpc
        | CheckId::TerminalBrokerLink
        | CheckId::TerminalTradingAllowed
        | CheckId::AccountsFresh
        | CheckId::AccountsSyncing
        | CheckId::AccountsZero
        | CheckId::AccountFailed
        | CheckId::AccountIdentity
        | CheckId::PositionsKept => not_of_this_kind(),
    }
}

const fn is_of_accounts(check: CheckId) -> bool {
    matches!(
        check,
        CheckId::AccountsFresh | CheckId::AccountsSyncing | CheckId::AccountsZero | CheckId::AccountFailed
    )
}

fn not_of_this_kind() -> Judgement {
    plain(Verdict::Unknown(Reason::NotAsked(String::from("this kind of target has no such check"))))
}

fn positions_kept(reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    if let PositionsKept::Changed(PositionsChange { remedy, gone, come, .. }) = evidence.positions {
        let reason = Reason::PositionsChanged { remedy: remedy.clone(), gone: *gone, come: *come };
        return Judgement {
            at_once: true,
            ..seen(Verdict::Down(reason), Sight::from(format!("{gone} gone, {come} new")))
        };
    }
    let Some(book) = &reading.positions else {
        return plain(Verdict::Unknown(Reason::NotTold(String::from("positions"))));
    };
    let orders = book.orders.as_ref().map(|orders| count(orders.len()));
    let value = Sight::Book { positions: count(book.positions.len()), orders };
    if !reading.terminal.tells_positions() {
        let why = String::from("the terminal is not connected");
        return seen(Verdict::Unknown(Reason::Blind(why)), value);
    }
    match evidence.positions {
        PositionsKept::NotComparedYet(remedy) => {
            seen(Verdict::Unknown(Reason::PositionsNotSeen(String::from(remedy))), value)
        }
        PositionsKept::AsFarAsSeen | PositionsKept::Changed(_) => seen(Verdict::Up, value),
    }
}

/// Trouble with accounts is no fact while the bridge says that it does not reach the database it reads them from.
fn unless_its_store_is_gone(reading: &BridgeReading, judgement: Judgement) -> Judgement {
    if reading.store_connected != Some(false) || judgement.verdict.failure().is_none() {
        return judgement;
    }
    let why = Reason::Blind(String::from("the bridge does not reach its own database"));
    Judgement { verdict: Verdict::Unknown(why), at_once: false, ..judgement }
}

/// Verdicts where the target told nothing: the failure belongs to one check, the others are blind behind it.
fn without_reading(check: CheckId, evidence: &Evidence<'_>) -> Judgement {
    let is_bridge = evidence.spec.kind == TargetKind::Bridge;
    let silent = |why: &NoAnswer| {
        if is_bridge { Reason::BridgeSilent(why.clone()) } else { Reason::EndpointSilent(why.clone()) }
    };
    let failure = match &evidence.seen.outcome {
        ProbeOutcome::NoAnswer(why) => match evidence.own_network {
            OwnNetwork::Gone => return plain(Verdict::Unknown(Reason::SelfOffline)),
            OwnNetwork::NotLooked => return plain(Verdict::Unknown(Reason::SelfUnchecked)),
            OwnNetwork::Slow(lag) => return plain(Verdict::Unknown(Reason::SelfSlow(lag))),
            OwnNetwork::Trusted | OwnNetwork::Works => silent(why),
        },
        ProbeOutcome::BadAnswer(why) if !is_bridge => Reason::EndpointBroken(why.clone()),
        ProbeOutcome::BadAnswer(why @ BadAnswer::Status { status: 401 | 403, .. }) => {
            Reason::KeyRefused(why.clone())
        }
        ProbeOutcome::BadAnswer(why) => Reason::BridgeBroken(why.clone()),
        ProbeOutcome::WrongService { expected, seen } => {
            Reason::WrongService { expected: expected.clone(), seen: seen.clone() }
        }
        ProbeOutcome::NotAsked(why) => return plain(Verdict::Unknown(Reason::NotAsked(why.clone()))),
        ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_) | ProbeOutcome::Beacons { .. } => {
            return plain(Verdict::Unknown(Reason::NotAsked(String::from(
                "the answer belongs to another question",
            ))));
        }
    };
    let owner = owner(&failure, evidence.spec);
    if check == owner {
        return plain(Verdict::Down(failure));
    }
    let what = match (is_bridge, owner) {
        (true, CheckId::BridgeIdentity) => "another program answers in the bridge's place",
        (true, _) => "the bridge does not answer",
        (false, _) => "it does not answer",
    };
    plain(Verdict::Unknown(Reason::Blind(String::from(what))))
}

/// The check that a failure to answer belongs to.
fn owner(failure: &Reason, spec: &TargetSpec) -> CheckId {
    match &spec.kind {
        TargetKind::Bridge if matches!(failure, Reason::WrongService { .. }) => CheckId::BridgeIdentity,
        kind @ (TargetKind::Bridge | TargetKind::Endpoint(_)) => {
            kind.checks().first().copied().unwrap_or(CheckId::BridgeReachable)
        }
    }
}

const fn seen(verdict: Verdict, value: Sight) -> Judgement {
    Judgement { verdict, value: Some(value), at_once: false, patience: Duration::ZERO }
}

const fn plain(verdict: Verdict) -> Judgement {
    Judgement { verdict, value: None, at_once: false, patience: Duration::ZERO }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What is expected of a check, in words.
#[must_use]
pub fn threshold(check: CheckId, spec: &TargetSpec) -> String {
    let limits = &spec.thresholds;
    match check {
        CheckId::BridgeReachable => format!("answers within {}", spoken(spec.watch.timeout)),
        CheckId::BridgeIdentity => String::from("the service of its dialect"),
        CheckId::TerminalIpc => String::from("answers"),
        CheckId::TerminalBrokerLink => String::from("connected"),
        CheckId::TerminalTradingAllowed => String::from("on"),
        CheckId::AccountsFresh => format!("at most {} old", spoken(limits.fresh_age_max)),
        CheckId::AccountsSyncing => format!(
            "at least {} % within {}; under {} % is believed at once",
            limits.sync_share_min,
            spoken(limits.sync_window),
            limits.sync_share_critical
        ),
        CheckId::AccountsZero => format!("not all, of at least {}", limits.zero_accounts_min),
        CheckId::AccountFailed => String::from("none"),
        CheckId::AccountIdentity => String::from("login, server and currency as expected"),
        CheckId::PositionsKept => String::from("the same before and after a heal"),
        CheckId::EndpointHttp
        | CheckId::EndpointTcp
        | CheckId::EndpointMongodb
        | CheckId::EndpointLatency
        | CheckId::EndpointCertificate => endpoint_threshold(check, spec),
    }
}

fn endpoint_threshold(check: CheckId, spec: &TargetSpec) -> String {
    let TargetKind::Endpoint(limits) = &spec.kind else {
        return String::new();
    };
    if check == CheckId::EndpointLatency {
        let (warning, critical) = (spoken(limits.latency_warning), spoken(limits.latency_critical));
        format!("at most {warning}; over {critical} is critical")
    } else if check == CheckId::EndpointCertificate {
        format!("at least {} left", spoken(limits.certificate_warning))
    } else if check == CheckId::EndpointMongodb {
        String::from("answers and can be written")
    } else {
        format!("answers within {}", spoken(spec.watch.timeout))
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
