//! Reads a list of accounts.
//!
//! Decides for each account whether its numbers may be used. The marks come first: a zero beside a placeholder mark, a sum
//! without a time and a number that is none are not reads, whatever else stands beside them. Never makes an amount up, and
//! never leaves an entry out in silence.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rebound::calendar::Zone;
use rebound::check::{
    AccountRead, AccountReading, AccountState, AccountsReading, NamelessEntries, NotRead, Transfer,
};
use rebound::time::Timestamp;
use rebound::word::Word;
use serde_json::Value;

use super::explain::{quoted, why_missing};
use super::{AccountTrading, AccountsTold, Answer};
use crate::dialects::Dialect;
use crate::dialects::accounts::entry::{EntryPlaces, ReadWhen, TransferPlaces};
use crate::dialects::accounts::{AccountPlaces, ListShape};
use crate::json::parse;
use crate::json::path::{JsonPath, Places};
use crate::limits::ACCOUNTS_MAX;
use crate::told;
use crate::told::time::{NaiveTimes, NumberTimes, TimeKinds, time};

/// How the accounts of a list are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    /// Where each of them has its facts.
    pub(crate) places: &'a EntryPlaces,
    /// The wall clock of the broker's server, where it is known.
    pub(crate) server: Option<&'a Zone>,
    /// What the list is.
    pub(crate) shape: ListShape,
    /// Where it is from, for sentences.
    pub(crate) from: &'a str,
}

impl Dialect {
    /// How the accounts of an answer of the account path are read.
    pub(super) fn account_reader<'a>(&'a self, places: &'a AccountPlaces) -> Reader<'a> {
        let AccountPlaces { path, shape, entry, .. } = places;
        Reader { places: entry, server: self.server_time(), shape: *shape, from: path.as_str() }
    }
}

impl<'a> Reader<'a> {
    /// How times are meant that stand beside `numbers` and `naive`.
    pub(super) const fn kinds(self, numbers: NumberTimes, naive: NaiveTimes) -> TimeKinds<'a> {
        TimeKinds { numbers, naive, server: self.server }
    }
}

/// Reads the answer of the account path.
pub(super) fn read(
    dialect: &Dialect,
    places: &AccountPlaces,
    answer: &Answer,
    asked_at: Timestamp,
) -> AccountsTold {
    let not_listed =
        |why| AccountsTold { accounts: AccountsReading::NotListed(why), ..AccountsTold::default() };
    let path = places.path.as_str();
    if !places.reads(answer.status) {
        return not_listed(unread_status(path, answer.status));
    }
    let value = match parse(path, &answer.body) {
        Ok(value) => value,
        Err(bad) => return not_listed(bad.to_string()),
    };
    match listed(places, answer.status, &value) {
        Ok(entries) => read_entries(dialect.account_reader(places), entries, asked_at),
        Err(why) => not_listed(why),
    }
}

/// Why an answer with a status that the dialect does not read is not read.
pub(super) fn unread_status(path: &str, status: u16) -> String {
    match status {
        401 | 403 => format!("{path} answered with status {status}: it refuses the key"),
        _ => format!("{path} answered with status {status}"),
    }
}

/// The accounts of an answer, or why there is no list.
pub(super) fn listed<'a>(
    places: &AccountPlaces,
    status: u16,
    answer: &'a Value,
) -> Result<&'a [Value], String> {
    let path = places.path.as_str();
    let field = places.list.first().unwrap_or("$");
    let said = || told::error_text(places.error.told(answer));
    let with_status = if status == 200 { String::new() } else { format!(" with status {status}") };
    if places.no_account_statuses.contains(&status) {
        // The bridge knows its accounts: there are none. Another program's 404 says nothing of accounts.
        return match said() {
            Some(_) => Ok(&[]),
            None => Err(format!("{path} answered{with_status}, and not as its dialect says")),
        };
    }
    let why = |what: String| said().map_or(what, |said| format!("{path} says: {said}"));
    let Some(found) = places.list.told(answer) else {
        return Err(why(format!("{path} answered{with_status} without the list \"{field}\" of its dialect")));
    };
    let entries = match (places.shape, found) {
        (ListShape::Many, Value::Array(entries)) => entries.as_slice(),
        (ListShape::One, Value::Object(_)) if places.entry.id.told(found).is_some() => {
            std::slice::from_ref(found)
        }
        (ListShape::Many | ListShape::One, _) => {
            return Err(why(format!(
                "{path} answered{with_status} with something else than accounts at \"{field}\""
            )));
        }
    };
    if entries.len() > ACCOUNTS_MAX {
        return Err(format!("{path} lists {} accounts, more than {ACCOUNTS_MAX}", entries.len()));
    }
    Ok(entries)
}

/// Reads each account of a list that was asked for at `asked_at`.
pub(crate) fn read_entries(by: Reader<'_>, entries: &[Value], asked_at: Timestamp) -> AccountsTold {
    let places = by.places;
    let mut accounts: Vec<AccountReading> = Vec::with_capacity(entries.len());
    let mut listed_at = HashMap::new();
    let mut trading = Vec::new();
    let mut nameless: Option<NamelessEntries> = None;
    for (index, entry) in entries.iter().enumerate() {
        let Some(id) = places.id.told(entry).and_then(told::account_id) else {
            let first = || NamelessEntries { entries: 0, why: why_nameless(places, index, entry) };
            nameless.get_or_insert_with(first).entries += 1;
            continue;
        };
        let state = state(by, entry, asked_at);
        match listed_at.entry(id) {
            Entry::Vacant(free) => {
                free.insert(accounts.len());
                accounts.push(AccountReading { id, name: told::text(places.name.told(entry)), state });
            }
            Entry::Occupied(first) => contradict(&mut accounts[*first.get()], &state),
        }
        let (account, expert) = (flag(&places.account_trading, entry), flag(&places.expert_trading, entry));
        if account.is_some() || expert.is_some() {
            trading.push(AccountTrading { id, account, expert });
        }
    }
    trading.retain(|told| listed_at.get(&told.id).is_some_and(|at| !is_contradicted(&accounts[*at])));
    let login = accounts.first().map(|account| account.id).filter(|_| by.shape == ListShape::One);
    let accounts = match &nameless {
        Some(NamelessEntries { entries, why }) if accounts.is_empty() => AccountsReading::NotListed(format!(
            "{} lists {entries} accounts, none with an account number: {why}",
            by.from
        )),
        Some(_) | None => unless_timeless(by, accounts),
    };
    AccountsTold { accounts, nameless, login, trading }
}

/// Takes a further entry of an account in: one that says the same adds nothing, another leaves neither of them to be believed.
fn contradict(account: &mut AccountReading, state: &AccountState) {
    if account.state != *state && !is_contradicted(account) {
        let both = format!("{}; {}", in_words(&account.state), in_words(state));
        account.state = AccountState::NotRead(NotRead::Contradicted(both));
    }
}

pub(super) fn is_contradicted(account: &AccountReading) -> bool {
    matches!(account.state, AccountState::NotRead(NotRead::Contradicted(_)))
}

fn in_words(state: &AccountState) -> String {
    match state {
        AccountState::Read(read) => format!("{} at {}", read.balance, read.read_at),
        AccountState::NotRead(why) => why.to_string(),
        AccountState::Failed(why) => format!("failed: {why}"),
    }
}

/// Why nobody can tell of which account an entry is.
fn why_nameless(places: &EntryPlaces, index: usize, entry: &Value) -> String {
    let why = match places.id.told_at(entry) {
        Some((path, found)) => format!("\"{}\" is {}, no account number", path.as_str(), quoted(found)),
        None => why_missing(places.id.paths(), entry),
    };
    format!("in the entry {index} (from 0), {why}")
}

/// The accounts, unless some of them can be read and nobody can know when they were.
fn unless_timeless(by: Reader<'_>, accounts: Vec<AccountReading>) -> AccountsReading {
    let timeless = |account: &&AccountReading| account.state == AccountState::NotRead(NotRead::TimeMissing);
    let (count, known) = (accounts.len(), accounts.iter().filter(timeless).count());
    if by.places.read_when != ReadWhen::Untold || known == 0 {
        return AccountsReading::Listed(accounts);
    }
    AccountsReading::NotListed(format!(
        "{} never tells when an account was read; {} of {count} were not read at all",
        by.from,
        count - known
    ))
}

/// Whether an account was read, and what was read.
pub(super) fn state(by: Reader<'_>, entry: &Value, asked_at: Timestamp) -> AccountState {
    if let Some(mark) = &by.places.failure
        && is_marked(&mark.field, &mark.values, entry).is_some()
    {
        let why = mark.text.told(entry).map(told::words).filter(|why| !why.is_empty());
        return AccountState::Failed(why.unwrap_or_else(|| "no reason is given".to_owned()));
    }
    for mark in &by.places.placeholders {
        if let Some(value) = is_marked(&mark.field, &mark.values, entry) {
            let text = format!("{} is \"{value}\"", mark.field.as_str());
            return AccountState::NotRead(NotRead::Placeholder(text));
        }
    }
    match account_read(by, entry, asked_at) {
        Ok(read) => AccountState::Read(read),
        Err(why) => AccountState::NotRead(why),
    }
}

fn account_read(by: Reader<'_>, entry: &Value, asked_at: Timestamp) -> Result<AccountRead, NotRead> {
    let places = by.places;
    let balance = told::balance(places.balance.told(entry))?;
    let read_at = match places.read_when {
        ReadWhen::Asked => asked_at,
        ReadWhen::Untold => return Err(NotRead::TimeMissing),
        ReadWhen::Told => {
            let (place, told) = places.read_time.told_at(entry).ok_or(NotRead::TimeMissing)?;
            let kinds = by.kinds(place.number_times, place.naive_times);
            time(told, kinds).ok_or_else(|| NotRead::TimeUnreadable(told::words(told)))?
        }
    };
    Ok(AccountRead {
        read_at,
        balance,
        equity: places.equity.told(entry).and_then(told::amount),
        currency: told::text(places.currency.told(entry)).map(Word::from),
        server: told::text(places.server.told(entry)).map(Word::from),
        transfer: places.transfer.as_ref().and_then(|places| transfer(by, places, entry)),
    })
}

/// The last transfer: an amount and its time, or nothing.
fn transfer(by: Reader<'_>, places: &TransferPlaces, entry: &Value) -> Option<Transfer> {
    let kinds = by.kinds(places.number_times, places.naive_times);
    let amount = places.amount.told(entry).and_then(told::amount)?;
    let at = places.time.told(entry).and_then(|told| time(told, kinds))?;
    Some(Transfer { amount, at })
}

/// A flag of an account; anything else than true or false is not told.
fn flag(places: &Places, entry: &Value) -> Option<bool> {
    places.told(entry).and_then(Value::as_bool)
}

/// The value at `field`, if it is one of `values`.
pub(super) fn is_marked(field: &JsonPath, values: &[String], entry: &Value) -> Option<String> {
    field.told(entry).map(told::words).filter(|value| values.contains(value))
}
