//! Turns one observation into verdicts, one for each check.
//!
//! Pure: the same settings, observation and memory give the same answer. Never opens or closes an incident; see
//! [`crate::incident`].

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calendar::Session;
use crate::check::{
    AccountRead, AccountState, AccountsReading, BadAnswer, BridgeReading, CheckId, CheckSpec, NotRead,
    Observation, ProbeOutcome, TerminalError, TerminalReading,
};
use crate::ids::AccountId;
use crate::incident::Severity;
use crate::reason::Reason;
use crate::target::{ExpectedAccount, TargetSpec, Thresholds};
use crate::time::{Timestamp, spoken};

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
    pub value: Option<String>,
    /// Whether one observation is enough to believe it.
    pub at_once: bool,
}

/// Whether Rebound's own network works, as far as the beacons tell.
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
}

/// What the last true reads of a target's accounts were. A bridge that stops telling does not make them forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountMemory {
    /// Newest true read of each account, with its time moved to our clock.
    pub reads: BTreeMap<AccountId, AccountRead>,
    /// What was last said of each listed account, in the order listed.
    pub listed: Vec<(AccountId, Option<String>, AccountStanding)>,
    /// How far the newest read lay in the future when last seen.
    pub clock_ahead: Option<Duration>,
    /// When the list last came.
    pub listed_at: Option<Timestamp>,
}

/// What was last said of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountStanding {
    /// A true read.
    Read,
    /// Listed without a read.
    NotRead(NotRead),
    /// The bridge says that reading it failed.
    Failed(String),
}

/// Most accounts remembered; a bridge that lists more is broken.
pub const ACCOUNTS_MAX: usize = 10_000;

impl AccountMemory {
    /// Takes in what a bridge told at `now`.
    pub fn learn(&mut self, reading: &BridgeReading, now: Timestamp) {
        let AccountsReading::Listed(accounts) = &reading.accounts else {
            return;
        };
        let ahead_ms = reading.bridge_time.map_or(0, |bridge| bridge.as_ms().saturating_sub(now.as_ms()));
        self.listed.clear();
        self.listed_at = Some(now);
        let mut newest: Option<Timestamp> = None;
        for account in accounts.iter().take(ACCOUNTS_MAX) {
            let standing = match &account.state {
                AccountState::Read(read) => {
                    // The age of a read is taken on the bridge's own clock, so that a wrong clock there makes nothing
                    // look stale or fresh here.
                    let read_at = Timestamp::from_ms(read.read_at.as_ms().saturating_sub(ahead_ms));
                    newest = newest.max(Some(read_at));
                    // What was told by now was read by now, whatever it says: a read of tomorrow must not stay fresh until then.
                    let read_at = read_at.min(now);
                    self.reads.insert(account.id, AccountRead { read_at, ..read.clone() });
                    AccountStanding::Read
                }
                AccountState::NotRead(why) => AccountStanding::NotRead(why.clone()),
                AccountState::Failed(why) => AccountStanding::Failed(why.clone()),
            };
            self.listed.push((account.id, account.name.clone(), standing));
        }
        let listed: alloc::collections::BTreeSet<AccountId> =
            self.listed.iter().map(|entry| entry.0).collect();
        if self.reads.len() > ACCOUNTS_MAX {
            self.reads.retain(|id, _| listed.contains(id));
        }
        self.clock_ahead = newest.filter(|newest| *newest > now).map(|newest| newest.since(now));
    }

    /// The accounts that must be read: those configured, else those listed.
    #[must_use]
    pub fn expected(&self, configured: &[ExpectedAccount]) -> Vec<ExpectedAccount> {
        if !configured.is_empty() {
            return configured.to_vec();
        }
        self.listed
            .iter()
            .map(|(id, name, _)| ExpectedAccount { id: *id, name: name.clone(), reserve: false })
            .collect()
    }

    fn standing(&self, id: AccountId) -> Option<&AccountStanding> {
        self.listed.iter().find(|entry| entry.0 == id).map(|entry| &entry.2)
    }
}

/// Everything that a judge may look at.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The target's settings.
    pub spec: &'a TargetSpec,
    /// What was just seen.
    pub seen: &'a Observation,
    /// What is remembered of the accounts, `seen` included.
    pub memory: &'a AccountMemory,
    /// Since when this target is watched.
    pub watching_since: Timestamp,
    /// Whether Rebound's own network works.
    pub own_network: OwnNetwork,
    /// Now.
    pub now: Timestamp,
}

/// Judges one check. A check that rests outside market hours is not looked at then.
#[must_use]
pub fn judge(check: CheckSpec, evidence: &Evidence<'_>) -> Judgement {
    if check.market_hours
        && let Session::Closed(opens) = evidence.spec.calendar.session(evidence.now)
    {
        return plain(Verdict::Resting(Reason::MarketClosed(opens)));
    }
    let reading = match &evidence.seen.outcome {
        ProbeOutcome::Bridge(reading) => reading.as_ref(),
        ProbeOutcome::NoAnswer(_)
        | ProbeOutcome::BadAnswer(_)
        | ProbeOutcome::WrongService { .. }
        | ProbeOutcome::Beacons { .. }
        | ProbeOutcome::NotAsked(_) => return without_reading(check.id, evidence),
    };
    match check.id {
        CheckId::BridgeReachable => seen(Verdict::Up, format!("{} ms", evidence.seen.latency_ms)),
        CheckId::BridgeIdentity => match &reading.service {
            Some(service) => seen(Verdict::Up, service.clone()),
            None => plain(Verdict::Up),
        },
        CheckId::TerminalIpc => terminal_ipc(&reading.terminal),
        CheckId::TerminalBrokerLink => behind_terminal(&reading.terminal, |terminal| {
            flag(terminal.connected, "connected", "connected", "not connected", || {
                Verdict::Down(Reason::LinkLost)
            })
        }),
        CheckId::TerminalTradingAllowed => behind_terminal(&reading.terminal, |terminal| {
            flag(terminal.trading_allowed, "trade_allowed", "on", "off", || {
                Verdict::Degraded(Reason::TradingOff)
            })
        }),
        CheckId::AccountsFresh => unless_its_store_is_gone(reading, accounts_fresh(check, reading, evidence)),
        CheckId::AccountsSyncing => {
            unless_its_store_is_gone(reading, accounts_syncing(check, reading, evidence))
        }
        CheckId::AccountsZero => unless_its_store_is_gone(reading, accounts_zero(reading, evidence)),
        CheckId::AccountFailed => unless_its_store_is_gone(reading, account_failed(check, reading, evidence)),
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

/// How long something has been due at most: for a check that rests outside market hours, time in which the market was closed
/// is not waited for.
fn waited(check: CheckSpec, evidence: &Evidence<'_>, since: Timestamp) -> Duration {
    let opened = if check.market_hours { evidence.spec.calendar.open_since(evidence.now) } else { None };
    evidence.now.since(opened.map_or(since, |opened| since.max(opened)))
}

/// Verdicts where the bridge told nothing: the failure belongs to one check, the others are blind behind it.
fn without_reading(check: CheckId, evidence: &Evidence<'_>) -> Judgement {
    let failure = match &evidence.seen.outcome {
        ProbeOutcome::NoAnswer(why) => match evidence.own_network {
            OwnNetwork::Gone => return plain(Verdict::Unknown(Reason::SelfOffline)),
            OwnNetwork::NotLooked => return plain(Verdict::Unknown(Reason::SelfUnchecked)),
            OwnNetwork::Trusted | OwnNetwork::Works => Reason::BridgeSilent(why.clone()),
        },
        ProbeOutcome::BadAnswer(why @ BadAnswer::Status { status: 401 | 403, .. }) => {
            Reason::KeyRefused(why.clone())
        }
        ProbeOutcome::BadAnswer(why) => Reason::BridgeBroken(why.clone()),
        ProbeOutcome::WrongService { expected, seen } => {
            Reason::WrongService { expected: expected.clone(), seen: seen.clone() }
        }
        ProbeOutcome::NotAsked(why) => return plain(Verdict::Unknown(Reason::NotAsked(why.clone()))),
        ProbeOutcome::Bridge(_) | ProbeOutcome::Beacons { .. } => {
            return plain(Verdict::Unknown(Reason::NotAsked(String::from(
                "the answer belongs to another question",
            ))));
        }
    };
    let wrong_service = matches!(failure, Reason::WrongService { .. });
    let owner = if wrong_service { CheckId::BridgeIdentity } else { CheckId::BridgeReachable };
    if check == owner {
        return plain(Verdict::Down(failure));
    }
    let what = if wrong_service {
        "another program answers in the bridge's place"
    } else {
        "the bridge does not answer"
    };
    plain(Verdict::Unknown(Reason::Blind(String::from(what))))
}

fn terminal_ipc(terminal: &TerminalReading) -> Judgement {
    match terminal.available {
        Some(true) => seen(Verdict::Up, String::from("answers")),
        Some(false) => seen(Verdict::Down(terminal_failure(terminal.error.as_ref())), String::from("silent")),
        None => plain(Verdict::Unknown(Reason::NotTold(String::from("available")))),
    }
}

/// Meaning of the interface's error numbers; source: `MetaTrader5` package 5.0.6231, `last_error()`.
fn terminal_failure(error: Option<&TerminalError>) -> Reason {
    let Some(TerminalError { code, text }) = error else {
        return Reason::TerminalSilent;
    };
    let (code, text) = (*code, text.clone());
    match code {
        -6 => Reason::LoginRefused { text },
        -10_003 => Reason::TerminalNotFound { code, text },
        -10_005 => Reason::TerminalTimeout { text },
        -10_004 | -10_002 | -10_001 | -10_000 => Reason::TerminalPipeBroken { code, text },
        _ => Reason::TerminalSilent,
    }
}

fn behind_terminal(terminal: &TerminalReading, judge: impl Fn(&TerminalReading) -> Judgement) -> Judgement {
    if terminal.available == Some(false) {
        return plain(Verdict::Unknown(Reason::Blind(String::from(
            "the terminal does not answer the bridge",
        ))));
    }
    judge(terminal)
}

fn flag(value: Option<bool>, field: &str, on: &str, off: &str, failure: impl Fn() -> Verdict) -> Judgement {
    match value {
        Some(true) => seen(Verdict::Up, String::from(on)),
        Some(false) => seen(failure(), String::from(off)),
        None => plain(Verdict::Unknown(Reason::NotTold(String::from(field)))),
    }
}

fn accounts_fresh(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    if let Some(unknown) = clock_ahead(evidence) {
        return unknown;
    }
    let expected = evidence.memory.expected(&evidence.spec.accounts);
    let newest = expected
        .iter()
        .filter_map(|account| evidence.memory.reads.get(&account.id))
        .map(|read| read.read_at)
        .max();
    let Some(newest) = newest else {
        return never_read(check, reading, evidence);
    };
    let age = evidence.now.since(newest);
    let age_max = evidence.spec.thresholds.fresh_age_max;
    let value = format!("{} old", spoken(age));
    if waited(check, evidence, newest) <= age_max {
        seen(Verdict::Up, value)
    } else if let AccountsReading::NotListed(why) = &reading.accounts {
        // The bridge's database may be what is gone: a read that nobody can see is not a read that did not happen.
        seen(Verdict::Unknown(Reason::NotListed(why.clone())), value)
    } else {
        seen(Verdict::Down(Reason::Stale { age, age_max }), value)
    }
}

fn accounts_syncing(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    if let Some(unknown) = clock_ahead(evidence) {
        return unknown;
    }
    let Thresholds { sync_window, sync_share_min, sync_share_critical, .. } = evidence.spec.thresholds;
    let expected = evidence.memory.expected(&evidence.spec.accounts);
    if expected.is_empty() || expected.iter().all(|account| !evidence.memory.reads.contains_key(&account.id))
    {
        return never_read(check, reading, evidence);
    }
    let within = |account: &&ExpectedAccount| {
        evidence
            .memory
            .reads
            .get(&account.id)
            .is_some_and(|read| waited(check, evidence, read.read_at) <= sync_window)
    };
    let read = expected.iter().filter(within).count();
    let share = read * 100 / expected.len();
    let value = format!("{read} of {}", expected.len());
    if share >= usize::from(sync_share_min) {
        return seen(Verdict::Up, value);
    }
    if let AccountsReading::NotListed(why) = &reading.accounts {
        return seen(Verdict::Unknown(Reason::NotListed(why.clone())), value);
    }
    let few = Reason::FewSyncing { read: count(read), expected: count(expected.len()), window: sync_window };
    Judgement { at_once: share < usize::from(sync_share_critical), ..seen(Verdict::Down(few), value) }
}

fn accounts_zero(reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return not_listed(reading);
    };
    let expected = evidence.memory.expected(&evidence.spec.accounts);
    if !expected.is_empty() && expected.iter().all(|account| account.reserve) {
        return seen(Verdict::Up, String::from("reserve accounts only"));
    }
    let judged: Vec<&AccountRead> = expected
        .iter()
        .filter(|account| !account.reserve)
        .filter(|account| matches!(evidence.memory.standing(account.id), Some(AccountStanding::Read)))
        .filter_map(|account| evidence.memory.reads.get(&account.id))
        .collect();
    if judged.is_empty() {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    let zero = judged.iter().filter(|read| read.balance.is_zero()).count();
    let value = format!("{zero} of {} at 0", judged.len());
    if zero < judged.len() || count(zero) < evidence.spec.thresholds.zero_accounts_min {
        return seen(Verdict::Up, value);
    }
    let window = evidence.spec.thresholds.sync_window;
    let fresh = judged.iter().all(|read| evidence.now.since(read.read_at) <= window);
    // A link that the bridge does not tell of is not a lost one.
    let linked = reading.terminal.connected != Some(false) && reading.terminal.available != Some(false);
    if fresh && linked {
        seen(Verdict::Degraded(Reason::AllZeroLive(count(zero))), value)
    } else {
        seen(Verdict::Down(Reason::AllZeroNotLive(count(zero))), value)
    }
}

fn account_failed(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return not_listed(reading);
    };
    let expected = evidence.memory.expected(&evidence.spec.accounts);
    let mut failed = Vec::new();
    let mut why = String::new();
    for account in &expected {
        let trouble = match evidence.memory.standing(account.id) {
            Some(AccountStanding::Read) => match evidence.memory.reads.get(&account.id) {
                Some(read)
                    if waited(check, evidence, read.read_at) > evidence.spec.thresholds.sync_window =>
                {
                    format!("last read {} ago", spoken(evidence.now.since(read.read_at)))
                }
                Some(_) | None => continue,
            },
            Some(AccountStanding::NotRead(not_read)) => not_read.to_string(),
            Some(AccountStanding::Failed(text)) => text.clone(),
            None => String::from("the bridge does not list it"),
        };
        if failed.is_empty() {
            why = trouble;
        }
        failed.push(account.id);
    }
    let value = format!("{} of {}", failed.len(), expected.len());
    if failed.is_empty() {
        return seen(Verdict::Up, value);
    }
    let all_refused = expected
        .iter()
        .all(|account| matches!(evidence.memory.standing(account.id), Some(AccountStanding::Failed(_))));
    if failed.len() == expected.len() && !all_refused {
        // All of them is not one account's trouble: freshness and syncing judge that.
        return seen(Verdict::Unknown(Reason::NotReadYet(why)), value);
    }
    seen(Verdict::Degraded(Reason::AccountsFailed { failed, listed: count(expected.len()), why }), value)
}

/// The verdict while no expected account has ever been read: first unknown, then, after a whole window of watching, down.
fn never_read(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    if let AccountsReading::NotListed(_) = &reading.accounts {
        return not_listed(reading);
    }
    if waited(check, evidence, evidence.watching_since) <= evidence.spec.thresholds.sync_window {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    plain(Verdict::Down(Reason::NeverRead(evidence.spec.thresholds.sync_window)))
}

fn not_listed(reading: &BridgeReading) -> Judgement {
    let why = match &reading.accounts {
        AccountsReading::NotListed(why) => why.clone(),
        AccountsReading::Listed(_) => String::from("the list is empty"),
    };
    plain(Verdict::Unknown(Reason::NotListed(why)))
}

fn first_not_read(evidence: &Evidence<'_>) -> String {
    evidence
        .memory
        .listed
        .iter()
        .find_map(|(_, _, standing)| match standing {
            AccountStanding::Read => None,
            AccountStanding::NotRead(why) => Some(why.to_string()),
            AccountStanding::Failed(why) => Some(why.clone()),
        })
        .unwrap_or_else(|| String::from("the list is empty"))
}

fn clock_ahead(evidence: &Evidence<'_>) -> Option<Judgement> {
    let ahead =
        evidence.memory.clock_ahead.filter(|ahead| *ahead > evidence.spec.thresholds.clock_skew_max)?;
    Some(plain(Verdict::Unknown(Reason::ClockAhead(ahead))))
}

fn seen(verdict: Verdict, value: String) -> Judgement {
    Judgement { verdict, value: Some(value), at_once: false }
}

const fn plain(verdict: Verdict) -> Judgement {
    Judgement { verdict, value: None, at_once: false }
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
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
