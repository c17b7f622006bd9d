//! Reads a list of accounts.
//!
//! Decides for each account whether its numbers may be used. The marks come first: a zero beside a placeholder mark, a sum
//! without a time and a number that is none are not reads, whatever else stands beside them. Never makes an amount up.

use std::collections::HashSet;

use rebound::check::{AccountRead, AccountReading, AccountState, AccountsReading, NotRead};
use rebound::ids::AccountId;
use rebound::time::Timestamp;
use serde_json::Value;
use tracing::debug;

use crate::dialects::places::{AccountPlaces, ListShape, ReadWhen};
use crate::json::JsonPath;
use crate::limits::ACCOUNTS_MAX;
use crate::told;

/// Reads the answer of the account path.
pub(super) fn read(places: &AccountPlaces, answer: &Value, asked_at: Timestamp) -> AccountsReading {
    match listed(places, answer) {
        Ok(entries) => read_entries(places, entries, asked_at),
        Err(why) => AccountsReading::NotListed(why),
    }
}

/// The accounts of an answer, or why there is no list.
fn listed<'a>(places: &AccountPlaces, answer: &'a Value) -> Result<&'a [Value], String> {
    let path = places.path.as_str();
    let field = places.list.first().unwrap_or("$");
    let said = || places.error.told(answer).map(|error| format!("{path} says: {}", told::words(error)));
    let Some(found) = places.list.told(answer) else {
        return Err(
            said().unwrap_or_else(|| format!("{path} answered without the list \"{field}\" of its dialect"))
        );
    };
    let entries = match (places.shape, found) {
        (ListShape::Many, Value::Array(entries)) => entries.as_slice(),
        (ListShape::One, Value::Object(_)) if places.id.told(found).is_some() => std::slice::from_ref(found),
        (ListShape::Many | ListShape::One, _) => {
            return Err(said().unwrap_or_else(|| {
                format!("{path} answered with something else than accounts at \"{field}\"")
            }));
        }
    };
    if entries.len() > ACCOUNTS_MAX {
        return Err(format!("{path} lists {} accounts, more than {ACCOUNTS_MAX}", entries.len()));
    }
    Ok(entries)
}

fn read_entries(places: &AccountPlaces, entries: &[Value], asked_at: Timestamp) -> AccountsReading {
    let path = places.path.as_str();
    let (mut seen, mut accounts) = (HashSet::new(), Vec::with_capacity(entries.len()));
    let (mut nameless, mut repeated) = (0_usize, 0_usize);
    for entry in entries {
        match places.id.told(entry).and_then(account_id) {
            None => nameless += 1,
            Some(id) if !seen.insert(id) => repeated += 1,
            Some(id) => accounts.push(AccountReading {
                id,
                name: told::text(places.name.told(entry)),
                state: state(places, entry, asked_at),
            }),
        }
    }
    if nameless + repeated > 0 {
        debug!(nameless, repeated, "{path} lists {nameless} accounts without a number and {repeated} twice");
    }
    if accounts.is_empty() && nameless > 0 {
        let field = places.id.first().unwrap_or("id");
        return AccountsReading::NotListed(format!(
            "{path} lists {nameless} accounts, none with a number at \"{field}\""
        ));
    }
    AccountsReading::Listed(accounts)
}

fn state(places: &AccountPlaces, entry: &Value, asked_at: Timestamp) -> AccountState {
    if let Some(mark) = &places.failure
        && is_marked(&mark.field, &mark.values, entry).is_some()
    {
        let why = mark.text.told(entry).map(told::words).filter(|why| !why.is_empty());
        return AccountState::Failed(why.unwrap_or_else(|| "the bridge gives no reason".to_owned()));
    }
    for mark in &places.placeholders {
        if let Some(value) = is_marked(&mark.field, &mark.values, entry) {
            let text = format!("{} is \"{value}\"", mark.field.as_str());
            return AccountState::NotRead(NotRead::Placeholder(text));
        }
    }
    match account_read(places, entry, asked_at) {
        Ok(read) => AccountState::Read(read),
        Err(why) => AccountState::NotRead(why),
    }
}

fn account_read(places: &AccountPlaces, entry: &Value, asked_at: Timestamp) -> Result<AccountRead, NotRead> {
    let balance = told::balance(places.balance.told(entry))?;
    let read_at = match places.read_when {
        ReadWhen::Asked => asked_at,
        ReadWhen::Told => {
            let time = places.read_time.told(entry).ok_or(NotRead::TimeMissing)?;
            told::time(time, places.number_times).ok_or_else(|| NotRead::TimeUnreadable(told::words(time)))?
        }
    };
    Ok(AccountRead {
        read_at,
        balance,
        equity: places.equity.told(entry).and_then(told::amount),
        currency: told::text(places.currency.told(entry)),
    })
}

/// The value at `field`, if it is one of `values`.
fn is_marked(field: &JsonPath, values: &[String], entry: &Value) -> Option<String> {
    field.told(entry).map(told::words).filter(|value| values.contains(value))
}

/// A login number, as a number or as a text of digits. 0 is what a terminal tells that is logged in nowhere.
fn account_id(value: &Value) -> Option<AccountId> {
    let digits = |text: &str| text.trim().parse().ok();
    value.as_u64().or_else(|| value.as_str().and_then(digits)).filter(|id| *id > 0).map(AccountId::new)
}
