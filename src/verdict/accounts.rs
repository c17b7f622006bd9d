//! Judges what is told of a bridge's accounts.
//!
//! Staleness is judged by the time of a read, in time in which the account's markets are open; never by a value that stays.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::listing::{doubt, no_list, unclear};
use super::memory::AccountStanding;
use super::terminal::STARTING;
use super::{Evidence, Judgement, Verdict, count, plain, seen};
use crate::calendar::Session;
use crate::check::{AccountRead, AccountsReading, BridgeReading, CheckSpec, NotRead};
use crate::ids::AccountId;
use crate::reason::Reason;
use crate::target::{ExpectedAccount, Thresholds};
use crate::time::{Timestamp, spoken};

/// A transfer explains a balance of zero for this long.
const TRANSFER_EXPLAINS: Duration = Duration::from_secs(24 * 3_600);
/// A bridge or a terminal that came back has a round of reads before it; the slowest that are known take 300 s for one. Where
/// accounts are expected more often than that, so is the round.
const ROUND_OF_READS: Duration = Duration::from_secs(360);

pub(super) fn fresh(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let due = match due(check, evidence) {
        Ok(due) => due,
        Err(judgement) => return judgement,
    };
    if let Some(unknown) = clock_ahead(evidence) {
        return unknown;
    }
    let newest = due
        .iter()
        .filter_map(|account| evidence.memory.reads.get(&account.id).map(|read| (*account, read.read_at)))
        .max_by_key(|(_, read_at)| *read_at);
    let Some((account, newest)) = newest else {
        return never_read(check, reading, evidence);
    };
    let age = evidence.now.since(newest);
    let age_max = evidence.spec.thresholds.fresh_age_max;
    let value = format!("{} old", spoken(age));
    if is_fresh(check, account, newest, age_max, evidence) {
        if evidence.cause.is_some() && age > age_max {
            opened_meanwhile(value)
        } else {
            seen(Verdict::Up, value)
        }
    } else if let Some(why) = no_list(reading) {
        // A database may be what is gone: a read that nobody can see is not a read that did not happen.
        seen(Verdict::Unknown(why), value)
    } else if let Some(unknown) =
        behind_terminal(reading).or_else(|| not_its_turn_yet(Some(newest), evidence))
    {
        Judgement { value: Some(value), ..unknown }
    } else {
        let reason = refused(due.iter().copied(), due.len(), evidence)
            .or_else(|| placeholders_only(reading, &due, evidence, age))
            .unwrap_or(Reason::Stale { age, age_max });
        seen(Verdict::Down(reason), value)
    }
}

pub(super) fn syncing(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let due = match due(check, evidence) {
        Ok(due) => due,
        Err(judgement) => return judgement,
    };
    if let Some(unknown) = clock_ahead(evidence) {
        return unknown;
    }
    let Thresholds { sync_window, sync_share_min, sync_share_good, sync_share_critical, .. } =
        evidence.spec.thresholds;
    if due.is_empty() || due.iter().all(|account| !evidence.memory.reads.contains_key(&account.id)) {
        return never_read(check, reading, evidence);
    }
    let within = |account: &&&ExpectedAccount| {
        evidence
            .memory
            .reads
            .get(&account.id)
            .is_some_and(|read| is_fresh(check, account, read.read_at, sync_window, evidence))
    };
    let read = due.iter().filter(within).count();
    let share = read * 100 / due.len();
    let value = format!("{read} of {}", due.len());
    // What failed must be clearly better before it is called good.
    let least = if evidence.fails_now { sync_share_good } else { sync_share_min };
    if share >= usize::from(least) || read == due.len() {
        let truly = due.iter().filter(|account| {
            let read = evidence.memory.reads.get(&account.id);
            read.is_some_and(|read| evidence.now.since(read.read_at) <= sync_window)
        });
        let unproven = evidence.cause.is_some() && truly.count() * 100 / due.len() < usize::from(least);
        return if unproven { opened_meanwhile(value) } else { seen(Verdict::Up, value) };
    }
    if let Some(why) = no_list(reading) {
        return seen(Verdict::Unknown(why), value);
    }
    let late = || due.iter().filter(|account| !within(account));
    let read_at =
        |account: &&&ExpectedAccount| evidence.memory.reads.get(&account.id).map(|read| read.read_at);
    let yet = || late().find_map(|account| not_its_turn_yet(read_at(&account), evidence));
    if let Some(unknown) = behind_terminal(reading).or_else(yet) {
        return Judgement { value: Some(value), ..unknown };
    }
    let few = refused(late().copied(), due.len(), evidence).unwrap_or_else(|| Reason::FewSyncing {
        read: count(read),
        expected: count(due.len()),
        window: sync_window,
    });
    Judgement { at_once: share < usize::from(sync_share_critical), ..seen(Verdict::Down(few), value) }
}

/// Three verdicts for accounts that all show zero: moved where transfers or a declaration explain it, a warning on live reads,
/// critical where the reads are not live.
pub(super) fn zero(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return not_listed(reading);
    };
    let due = match due(check, evidence) {
        Ok(due) => due,
        Err(judgement) => return judgement,
    };
    if !due.is_empty() && due.iter().all(|account| account.reserve) {
        return seen(Verdict::Up, String::from("reserve accounts only"));
    }
    let judged: Vec<(AccountId, &AccountRead)> = due
        .iter()
        .filter(|account| !account.reserve)
        .filter(|account| matches!(evidence.memory.standing(account.id), Some(AccountStanding::Read)))
        .filter_map(|account| evidence.memory.reads.get(&account.id).map(|read| (account.id, read)))
        .collect();
    if judged.is_empty() {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    let zeros: Vec<&(AccountId, &AccountRead)> =
        judged.iter().filter(|(_, read)| read.balance.is_zero()).collect();
    let moved = zeros.iter().filter(|(id, read)| was_moved(*id, read, evidence)).count();
    let (zero, unexplained) = (zeros.len(), zeros.len() - moved);
    let mut value = format!("{zero} of {} at 0", judged.len());
    if moved > 0 {
        value = format!("{value}, {moved} moved");
    }
    let least = evidence.spec.thresholds.zero_accounts_min;
    if count(judged.len()) < least {
        value = format!("{value}, judged from {least} on");
    }
    if zero < judged.len() || count(unexplained) < least {
        return seen(Verdict::Up, value);
    }
    let window = evidence.spec.thresholds.sync_window;
    let fresh = judged.iter().all(|(_, read)| evidence.now.since(read.read_at) <= window);
    // A link that the bridge does not tell of is not a lost one.
    let linked = reading.terminal.connected != Some(false) && reading.terminal.available != Some(false);
    let oldest = judged.iter().map(|(_, read)| read.read_at).min();
    if !fresh
        && linked
        && let Some(unknown) = not_its_turn_yet(oldest, evidence)
    {
        return Judgement { value: Some(value), ..unknown };
    }
    if fresh && linked {
        seen(Verdict::Degraded(Reason::AllZeroLive(count(zero))), value)
    } else {
        // A terminal that is only starting is not live for a moment.
        let starts = reading.terminal.available == Some(false);
        let patience = if starts { STARTING } else { Duration::ZERO };
        Judgement { patience, ..seen(Verdict::Down(Reason::AllZeroNotLive(count(zero))), value) }
    }
}

fn was_moved(id: AccountId, read: &AccountRead, evidence: &Evidence<'_>) -> bool {
    let transferred = read.transfer.is_some_and(|transfer| {
        let recent = transfer.at <= evidence.now && evidence.now.since(transfer.at) <= TRANSFER_EXPLAINS;
        recent && transfer.amount.value() < 0.0
    });
    transferred || evidence.declared.iter().any(|declared| declared.covers(id, evidence.now))
}

/// Whether a single account fails, or the list itself hides one.
pub(super) fn failed(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let judgement = single(check, reading, evidence);
    match unclear(reading, evidence) {
        Some(_) if matches!(judgement.verdict, Verdict::Degraded(_) | Verdict::Resting(_)) => judgement,
        Some((_, why)) => Judgement { verdict: Verdict::Degraded(Reason::ListUnclear(why)), ..judgement },
        None => judgement,
    }
}

fn single(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return not_listed(reading);
    };
    let due = match due(check, evidence) {
        Ok(due) => due,
        Err(judgement) => return judgement,
    };
    if let Some(blind) = behind_terminal(reading) {
        return blind;
    }
    let window = evidence.spec.thresholds.sync_window;
    let mut failed = Vec::new();
    let mut why = String::new();
    let mut unknown = None;
    for account in &due {
        let trouble = match evidence.memory.standing(account.id) {
            Some(AccountStanding::Read) => match evidence.memory.reads.get(&account.id) {
                Some(read) if !is_fresh(check, account, read.read_at, window, evidence) => {
                    format!("last read {} ago", spoken(evidence.now.since(read.read_at)))
                }
                Some(_) | None => continue,
            },
            Some(AccountStanding::NotRead(not_read)) => not_read.to_string(),
            Some(AccountStanding::Failed(text)) => text.clone(),
            Some(AccountStanding::Untrusted(_)) => continue,
            None => match &reading.nameless {
                Some(nameless) => format!("it is not listed by its number: {}", nameless.why),
                None => String::from("it is not listed"),
            },
        };
        let read_at = evidence.memory.reads.get(&account.id).map(|read| read.read_at);
        if !matches!(evidence.memory.standing(account.id), Some(AccountStanding::Failed(_)))
            && let Some(yet) = not_its_turn_yet(read_at, evidence)
        {
            unknown = Some(yet);
            continue;
        }
        if failed.is_empty() {
            why = trouble;
        }
        failed.push(account.id);
    }
    let value = format!("{} of {}", failed.len(), due.len());
    if failed.is_empty() {
        return unknown.unwrap_or_else(|| seen(Verdict::Up, value));
    }
    let all_refused = due
        .iter()
        .all(|account| matches!(evidence.memory.standing(account.id), Some(AccountStanding::Failed(_))));
    if failed.len() == due.len() && !all_refused {
        // All of them is not one account's trouble: freshness and syncing judge that.
        return seen(Verdict::Unknown(Reason::NotReadYet(why)), value);
    }
    seen(Verdict::Degraded(Reason::AccountsFailed { failed, listed: count(due.len()), why }), value)
}

/// The accounts whose market is open, and whose data can be trusted; or the verdict that follows from there being none.
pub(super) fn due<'e>(
    check: CheckSpec,
    evidence: &'e Evidence<'_>,
) -> Result<Vec<&'e ExpectedAccount>, Judgement> {
    let mut opens: Option<Timestamp> = None;
    let mut untrusted: Option<String> = None;
    let mut due = Vec::with_capacity(evidence.expected.len());
    for account in evidence.expected {
        if check.market_hours
            && let Some(until) = closed_until(account, evidence)
        {
            opens = Some(opens.map_or(until, |soonest| soonest.min(until)));
            continue;
        }
        if let Some(why) = doubt(evidence.memory.standing(account.id)) {
            untrusted.get_or_insert_with(|| format!("the data of {} cannot be trusted: {why}", account.id));
            continue;
        }
        due.push(account);
    }
    match (due.is_empty(), untrusted, opens) {
        (true, Some(why), _) => Err(plain(Verdict::Unknown(Reason::Blind(why)))),
        (true, None, Some(opens)) => Err(plain(Verdict::Resting(Reason::MarketClosed(opens)))),
        (true, None, None) | (false, ..) => Ok(due),
    }
}

/// What is open of the accounts is good; while those that an incident is about rest, that proves nothing about it.
pub(super) fn unless_others_rest(
    check: CheckSpec,
    judgement: Judgement,
    evidence: &Evidence<'_>,
) -> Judgement {
    let Some(cause) = evidence.cause.filter(|_| check.market_hours && judgement.verdict == Verdict::Up)
    else {
        return judgement;
    };
    let meant = |account: &&ExpectedAccount| {
        if let Reason::AccountsFailed { failed, .. } = cause { failed.contains(&account.id) } else { true }
    };
    let opens = evidence.expected.iter().filter(meant).filter_map(|account| closed_until(account, evidence));
    match opens.min() {
        Some(opens) => plain(Verdict::Resting(Reason::MarketClosed(opens))),
        None => judgement,
    }
}

fn session(account: &ExpectedAccount, evidence: &Evidence<'_>) -> Session {
    account.calendar.as_ref().map_or(evidence.session, |calendar| calendar.session(evidence.now))
}

/// Until when the account's market is closed; `None` while it is open.
fn closed_until(account: &ExpectedAccount, evidence: &Evidence<'_>) -> Option<Timestamp> {
    match (&account.calendar, evidence.session) {
        (Some(calendar), _) => calendar.closed_until(evidence.now),
        (None, Session::Closed(until)) => Some(until),
        (None, Session::Open { .. }) => None,
    }
}

/// Whether a read is at most so old: for a check that rests outside market hours, in time in which its market was open.
pub(super) fn is_fresh(
    check: CheckSpec,
    account: &ExpectedAccount,
    read_at: Timestamp,
    age_max: Duration,
    evidence: &Evidence<'_>,
) -> bool {
    // The market is open for a part of the time at most: only what is older by the wall clock needs the calendar.
    if evidence.now.since(read_at) <= age_max {
        return true;
    }
    let calendar = account.calendar.as_ref().unwrap_or(&evidence.spec.calendar);
    let open_time = || calendar.open_time(read_at, evidence.now, session(account, evidence));
    check.market_hours && open_time() <= age_max
}

/// The verdict while no expected account has ever been read: first unknown, then, after a whole window of watching, down.
fn never_read(check: CheckSpec, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    if let AccountsReading::NotListed(_) = &reading.accounts {
        return not_listed(reading);
    }
    let window = evidence.spec.thresholds.sync_window;
    let watched = if check.market_hours {
        let calendar = &evidence.spec.calendar;
        calendar.open_time(evidence.watching_since, evidence.now, evidence.session)
    } else {
        evidence.now.since(evidence.watching_since)
    };
    if watched <= window {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    // What is read without a time is read all the same; only its age is not known.
    let untimed = |account: &ExpectedAccount| {
        matches!(
            evidence.memory.standing(account.id),
            Some(AccountStanding::NotRead(NotRead::TimeMissing | NotRead::TimeUnreadable(_)))
        )
    };
    if evidence.expected.iter().any(untimed) {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    if let Some(unknown) = behind_terminal(reading).or_else(|| not_its_turn_yet(None, evidence)) {
        return unknown;
    }
    let due: Vec<&ExpectedAccount> = evidence.expected.iter().collect();
    if let Some(refused) = refused(due.iter().copied(), due.len(), evidence) {
        return plain(Verdict::Down(refused));
    }
    let only = placeholders_only(reading, &due, evidence, evidence.now.since(evidence.watching_since));
    plain(Verdict::Down(only.unwrap_or(Reason::NeverRead(window))))
}

/// The verdict of an open incident about reads when its market has just opened: nothing has had the time to be too old, and
/// nothing is proven by that.
fn opened_meanwhile(value: String) -> Judgement {
    let why = String::from("not since the market opened");
    seen(Verdict::Unknown(Reason::NotReadYet(why)), value)
}

/// The verdict where the terminal does not answer the bridge: that nothing is read is no trouble of the accounts.
fn behind_terminal(reading: &BridgeReading) -> Option<Judgement> {
    let silent = || Reason::Blind(String::from("the terminal does not answer the bridge"));
    (reading.terminal.available == Some(false)).then(|| plain(Verdict::Unknown(silent())))
}

/// The verdict about an account that was last read before bridge and terminal came back, or the list did, while its next turn may
/// still come. What was away for a moment is waited for no longer than that: it can have missed no more.
fn not_its_turn_yet(read_at: Option<Timestamp>, evidence: &Evidence<'_>) -> Option<Judgement> {
    let round = ROUND_OF_READS.min(evidence.spec.thresholds.sync_window);
    let able = evidence.able_since.map(|since| (since, round, "bridge and terminal answer again"));
    let listed =
        evidence.memory.back.map(|back| (back.at, round.min(back.away), "the accounts are listed again"));
    [able, listed].into_iter().flatten().find_map(|(since, wait, what)| {
        let back_for = evidence.now.since(since);
        let waits = read_at.is_none_or(|at| at < since) && back_for < wait;
        waits.then(|| plain(Verdict::Unknown(Reason::NotReadYet(format!("{what} for {}", spoken(back_for))))))
    })
}

/// The reason, where the broker refuses the login of each of these accounts: no refresh and no restart changes a password.
fn refused<'e>(
    accounts: impl Iterator<Item = &'e ExpectedAccount> + Clone,
    listed: usize,
    evidence: &Evidence<'_>,
) -> Option<Reason> {
    let refusal = |account: &ExpectedAccount| match evidence.memory.standing(account.id) {
        Some(AccountStanding::Failed(text)) if is_refusal(text) => Some(text.clone()),
        Some(
            AccountStanding::Failed(_)
            | AccountStanding::Read
            | AccountStanding::NotRead(_)
            | AccountStanding::Untrusted(_),
        )
        | None => None,
    };
    let why = refusal(accounts.clone().next()?)?;
    let all = accounts.clone().all(|account| refusal(account).is_some());
    let failed = accounts.map(|account| account.id).collect();
    all.then(|| Reason::AccountsFailed { failed, listed: count(listed), why })
}

/// Error -6 of the terminal's interface, in numbers or words; source: `MetaTrader5` package 5.0.6231, `last_error()`.
fn is_refusal(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("(-6,") || lower.contains("authorization failed")
}

/// The reason, where every account is listed and every one of them with a placeholder.
fn placeholders_only(
    reading: &BridgeReading,
    due: &[&ExpectedAccount],
    evidence: &Evidence<'_>,
    lasting: Duration,
) -> Option<Reason> {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return None;
    };
    let placeholder = |account: &&&ExpectedAccount| match evidence.memory.standing(account.id) {
        Some(AccountStanding::NotRead(why @ (NotRead::Placeholder(_) | NotRead::BalanceMissing))) => {
            Some(why)
        }
        Some(
            AccountStanding::NotRead(
                NotRead::BalanceUnreadable(_)
                | NotRead::TimeMissing
                | NotRead::TimeUnreadable(_)
                | NotRead::Contradicted(_),
            )
            | AccountStanding::Read
            | AccountStanding::Failed(_)
            | AccountStanding::Untrusted(_),
        )
        | None => None,
    };
    let all = !due.is_empty() && due.iter().all(|account| placeholder(&account).is_some());
    let why = due.first().and_then(|account| placeholder(&account))?;
    all.then(|| Reason::PlaceholdersOnly { lasting, why: why.to_string() })
}

pub(super) fn not_listed(reading: &BridgeReading) -> Judgement {
    let empty = || Reason::NotListed(String::from("the list is empty"));
    plain(Verdict::Unknown(no_list(reading).unwrap_or_else(empty)))
}

pub(super) fn first_not_read(evidence: &Evidence<'_>) -> String {
    evidence
        .memory
        .listed
        .iter()
        .find_map(|(_, _, standing)| match standing {
            AccountStanding::Read => None,
            AccountStanding::NotRead(why) => Some(why.to_string()),
            AccountStanding::Failed(why) | AccountStanding::Untrusted(why) => Some(why.clone()),
        })
        .unwrap_or_else(|| String::from("the list is empty"))
}

pub(super) fn clock_ahead(evidence: &Evidence<'_>) -> Option<Judgement> {
    let ahead =
        evidence.memory.clock_ahead.filter(|ahead| *ahead > evidence.spec.thresholds.clock_skew_max)?;
    Some(plain(Verdict::Unknown(Reason::ClockAhead(ahead))))
}
