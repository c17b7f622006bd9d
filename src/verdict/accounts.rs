//! Judges what is told of a bridge's accounts.
//!
//! Staleness is judged by the time of a read, in time in which the account's markets are open; never by a value that stays.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::awaited::Awaited;
use super::listing::{doubt, no_list, unclear};
use super::memory::AccountStanding;
use super::terminal::STARTING;
use super::{Evidence, Judgement, Sight, Verdict, count, plain, seen};
use crate::calendar::Session;
use crate::check::{AccountRead, AccountsReading, BridgeReading, CheckSpec, NotRead};
use crate::ids::AccountId;
use crate::reason::Reason;
use crate::target::Thresholds;
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
        .clone()
        .filter_map(|account| account.read.map(|read| (account, read.read_at)))
        .max_by_key(|(_, read_at)| *read_at);
    let Some((account, newest)) = newest else {
        return never_read(check, reading, evidence);
    };
    let age = evidence.now.since(newest);
    let age_max = evidence.spec.thresholds.fresh_age_max;
    let value = Sight::Old(age);
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
        let reason = refused(due.clone(), due.clone().count())
            .or_else(|| placeholders_only(reading, due, age))
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
    if due.clone().all(|account| account.read.is_none()) {
        return never_read(check, reading, evidence);
    }
    let within = |account: &&Awaited<'_>| {
        account.read.is_some_and(|read| is_fresh(check, account, read.read_at, sync_window, evidence))
    };
    let (read, listed) = (due.clone().filter(within).count(), due.clone().count());
    let share = read * 100 / listed;
    let value = Sight::Share { number: count(read), of: count(listed) };
    // What failed must be clearly better before it is called good.
    let least = if evidence.fails_now { sync_share_good } else { sync_share_min };
    if share >= usize::from(least) || read == listed {
        let truly = due.filter(|account| {
            account.read.is_some_and(|read| evidence.now.since(read.read_at) <= sync_window)
        });
        let unproven = evidence.cause.is_some() && truly.count() * 100 / listed < usize::from(least);
        return if unproven { opened_meanwhile(value) } else { seen(Verdict::Up, value) };
    }
    if let Some(why) = no_list(reading) {
        return seen(Verdict::Unknown(why), value);
    }
    let late = due.filter(|account| !within(account));
    let yet = || {
        let read_at = |account: &Awaited<'_>| account.read.map(|read| read.read_at);
        late.clone().find_map(|account| not_its_turn_yet(read_at(account), evidence))
    };
    if let Some(unknown) = behind_terminal(reading).or_else(yet) {
        return Judgement { value: Some(value), ..unknown };
    }
    let few = refused(late, listed).unwrap_or_else(|| Reason::FewSyncing {
        read: count(read),
        expected: count(listed),
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
    if due.clone().next().is_some() && due.clone().all(|account| account.reserve) {
        return seen(Verdict::Up, Sight::words("reserve accounts only"));
    }
    let judged = due
        .filter(|account| !account.reserve && matches!(account.standing, Some(AccountStanding::Read)))
        .filter_map(|account| account.read.map(|read| (account.id, read)));
    let zeros = judged.clone().filter(|(_, read)| read.balance.is_zero());
    let (of, zero) = (judged.clone().count(), zeros.clone().count());
    if of == 0 {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    let moved = zeros.filter(|(id, read)| was_moved(*id, read, evidence)).count();
    let least = evidence.spec.thresholds.zero_accounts_min;
    let value = Sight::Zeros {
        number: count(zero),
        of: count(of),
        moved: count(moved),
        least: (count(of) < least).then_some(least),
    };
    if zero < of || count(zero - moved) < least {
        return seen(Verdict::Up, value);
    }
    let window = evidence.spec.thresholds.sync_window;
    let fresh = judged.clone().all(|(_, read)| evidence.now.since(read.read_at) <= window);
    // A link that the bridge does not tell of is not a lost one.
    let linked = reading.terminal.connected != Some(false) && reading.terminal.available != Some(false);
    let oldest = judged.map(|(_, read)| read.read_at).min();
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
    for account in due.clone() {
        let trouble = match account.standing {
            Some(AccountStanding::Read) => match account.read {
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
        let read_at = account.read.map(|read| read.read_at);
        if !matches!(account.standing, Some(AccountStanding::Failed(_)))
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
    let listed = due.clone().count();
    let value = Sight::Share { number: count(failed.len()), of: count(listed) };
    if failed.is_empty() {
        return unknown.unwrap_or_else(|| seen(Verdict::Up, value));
    }
    let all_refused = due.clone().all(|account| matches!(account.standing, Some(AccountStanding::Failed(_))));
    if failed.len() == listed && !all_refused {
        // All of them is not one account's trouble: freshness and syncing judge that.
        return seen(Verdict::Unknown(Reason::NotReadYet(why)), value);
    }
    seen(Verdict::Degraded(Reason::AccountsFailed { failed, listed: count(listed), why }), value)
}

/// The accounts whose market is open, and whose data can be trusted; or the verdict that follows from there being none.
#[cfg_attr(
    // With the narrow pointers of the browser it is not large.
    target_pointer_width = "64",
    expect(
        clippy::result_large_err,
        reason = "the judgement is the answer, not an accident, and is handed on as it is"
    )
)]
pub(super) fn due<'e>(
    check: CheckSpec,
    evidence: &Evidence<'e>,
) -> Result<impl Iterator<Item = &'e Awaited<'e>> + Clone + use<'e>, Judgement> {
    let due = evidence.expected.iter().filter(move |account| account.is_due(check));
    if evidence.expected.is_empty() || due.clone().next().is_some() {
        return Ok(due);
    }
    let is_open = |account: &&Awaited<'_>| !check.market_hours || account.closed_until.is_none();
    let untrusted = evidence
        .expected
        .iter()
        .filter(is_open)
        .find_map(|account| doubt(account.standing).map(|why| (account.id, why)));
    let opens = evidence.expected.iter().filter_map(|account| account.closed_until).min();
    Err(plain(match (untrusted, opens) {
        (Some((id, why)), _) => {
            Verdict::Unknown(Reason::Blind(format!("the data of {id} cannot be trusted: {why}")))
        }
        (None, Some(opens)) => Verdict::Resting(Reason::MarketClosed(opens)),
        (None, None) => return Ok(due),
    }))
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
    let meant = |account: &&Awaited<'_>| {
        if let Reason::AccountsFailed { failed, .. } = cause { failed.contains(&account.id) } else { true }
    };
    let opens = evidence.expected.iter().filter(meant).filter_map(|account| account.closed_until);
    match opens.min() {
        Some(opens) => plain(Verdict::Resting(Reason::MarketClosed(opens))),
        None => judgement,
    }
}

fn session(account: &Awaited<'_>, evidence: &Evidence<'_>) -> Session {
    account.calendar.map_or(evidence.session, |calendar| calendar.session(evidence.now))
}

/// Whether a read is at most so old: for a check that rests outside market hours, in time in which its market was open.
pub(super) fn is_fresh(
    check: CheckSpec,
    account: &Awaited<'_>,
    read_at: Timestamp,
    age_max: Duration,
    evidence: &Evidence<'_>,
) -> bool {
    // The market is open for a part of the time at most: only what is older by the wall clock needs the calendar.
    if evidence.now.since(read_at) <= age_max {
        return true;
    }
    let calendar = account.calendar.unwrap_or(&evidence.spec.calendar);
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
    let untimed = |account: &Awaited<'_>| {
        matches!(
            account.standing,
            Some(AccountStanding::NotRead(NotRead::TimeMissing | NotRead::TimeUnreadable(_)))
        )
    };
    if evidence.expected.iter().any(untimed) {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    if let Some(unknown) = behind_terminal(reading).or_else(|| not_its_turn_yet(None, evidence)) {
        return unknown;
    }
    let expected = evidence.expected.iter();
    if let Some(refused) = refused(expected.clone(), expected.len()) {
        return plain(Verdict::Down(refused));
    }
    let only = placeholders_only(reading, expected, evidence.now.since(evidence.watching_since));
    plain(Verdict::Down(only.unwrap_or(Reason::NeverRead(window))))
}

/// The verdict of an open incident about reads when its market has just opened: nothing has had the time to be too old, and
/// nothing is proven by that.
fn opened_meanwhile(value: Sight) -> Judgement {
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
fn refused<'e>(accounts: impl Iterator<Item = &'e Awaited<'e>> + Clone, listed: usize) -> Option<Reason> {
    let refusal = |account: &Awaited<'_>| match account.standing {
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
fn placeholders_only<'e>(
    reading: &BridgeReading,
    due: impl Iterator<Item = &'e Awaited<'e>> + Clone,
    lasting: Duration,
) -> Option<Reason> {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return None;
    };
    let placeholder = |account: &Awaited<'e>| match account.standing {
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
    let all = due.clone().all(|account| placeholder(account).is_some());
    let why = due.clone().next().and_then(placeholder)?;
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
