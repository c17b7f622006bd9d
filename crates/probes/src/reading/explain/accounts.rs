//! Explains what an answer says of accounts: each field of each account, and whether the account counts as read.

use rebound::check::{AccountReading, AccountState, AccountsReading, NotRead};
use rebound::time::Timestamp;
use serde_json::Value;

use super::{FieldExplained, FieldRead, a_flag, a_text, counted, explained, quoted, why_missing};
use crate::dialects::Dialect;
use crate::dialects::accounts::AccountPlaces;
use crate::dialects::accounts::entry::{EntryPlaces, ReadWhen, TimePlaces, TransferPlaces};
use crate::json::parse;
use crate::json::path::Places;
use crate::reading::Answer;
use crate::reading::accounts::{Reader, is_marked, listed, read_entries, state};
use crate::told;
use crate::told::time::{TimeKinds, time, why_no_time};

/// Most accounts that are explained field by field; a person reads no more.
const ENTRIES_MAX: usize = 50;

/// Explains every field of the part.
pub(super) fn explain(
    dialect: &Dialect,
    places: &AccountPlaces,
    answer: &Answer,
    asked_at: Timestamp,
) -> Vec<FieldExplained> {
    let list = |read| FieldExplained::new("accounts.list", read);
    if !places.reads(answer.status) {
        let read: Vec<String> =
            places.statuses.iter().chain(&places.no_account_statuses).map(u16::to_string).collect();
        let why = format!("status {} is not read; the dialect reads {}", answer.status, read.join(", "));
        return vec![list(FieldRead::Refused(why))];
    }
    let value = match parse(places.path.as_str(), &answer.body) {
        Ok(value) => value,
        Err(bad) => return vec![list(FieldRead::Refused(bad.to_string()))],
    };
    let mut fields = vec![explained("accounts.error", &places.error, &value, |found| {
        told::error_text(Some(found)).ok_or_else(|| "it tells no error".to_owned())
    })];
    let entries = match listed(places, answer.status, &value) {
        Ok(entries) => entries,
        Err(why) => {
            fields.push(list(FieldRead::Refused(why)));
            return fields;
        }
    };
    let place = places.list.told_at(&value).map_or("$", |(path, _)| path.as_str());
    fields.push(list(FieldRead::told(counted(entries.len(), "account", "accounts"), place)));
    fields.extend(explain_entries(dialect.account_reader(places), entries, asked_at));
    fields
}

/// Explains the accounts of a list, each field of each of them, and what becomes of the list.
pub(crate) fn explain_entries(by: Reader<'_>, entries: &[Value], asked_at: Timestamp) -> Vec<FieldExplained> {
    let mut fields = Vec::new();
    for (index, entry) in entries.iter().take(ENTRIES_MAX).enumerate() {
        explain_entry(by, &format!("accounts[{index}]"), entry, asked_at, &mut fields);
    }
    if entries.len() > ENTRIES_MAX {
        let more = format!("{} more accounts are not explained", entries.len() - ENTRIES_MAX);
        fields.push(FieldExplained::new("accounts", FieldRead::Missing(more)));
    }
    match read_entries(by, entries, asked_at).accounts {
        AccountsReading::NotListed(why) => {
            fields.push(FieldExplained::new("accounts", FieldRead::Refused(why)));
        }
        AccountsReading::Listed(listed) => fields.extend(listed.iter().filter_map(contradicted)),
    }
    fields
}

fn explain_entry(
    by: Reader<'_>,
    at: &str,
    entry: &Value,
    asked_at: Timestamp,
    fields: &mut Vec<FieldExplained>,
) {
    let places = by.places;
    let field = |name: &str, places: &Places, read: &dyn Fn(&Value) -> Result<String, String>| {
        explained(format!("{at}.{name}"), places, entry, read)
    };
    fields.push(FieldExplained::new(at, counts(by, entry, asked_at)));
    fields.push(field("id", &places.id, &|found| {
        let id = told::account_id(found).map(|id| id.to_string());
        id.ok_or_else(|| "it is no whole number above 0".to_owned())
    }));
    fields.push(field("name", &places.name, &a_text));
    fields.push(field("balance", &places.balance, &an_amount));
    fields.push(field("equity", &places.equity, &an_amount));
    fields.push(field("currency", &places.currency, &a_text));
    fields.push(field("server", &places.server, &a_text));
    fields.push(match places.read_when {
        ReadWhen::Told => read_time(by, &format!("{at}.read_time"), &places.read_time, entry),
        ReadWhen::Asked => {
            let told = FieldRead::told(asked_at.to_string(), "read_when = \"asked\"");
            FieldExplained::new(format!("{at}.read_time"), told)
        }
        ReadWhen::Untold => {
            let never = "the bridge never tells it: read_when = \"untold\"".to_owned();
            FieldExplained::new(format!("{at}.read_time"), FieldRead::Missing(never))
        }
    });
    fields.push(field("account_trading", &places.account_trading, &a_flag));
    fields.push(field("expert_trading", &places.expert_trading, &a_flag));
    if let Some(transfer) = &places.transfer {
        let TransferPlaces { amount, time, number_times, naive_times } = transfer;
        let kinds = by.kinds(*number_times, *naive_times);
        fields.push(field("transfer.amount", amount, &an_amount));
        fields.push(field("transfer.time", time, &|found| a_time(found, kinds)));
    }
    explain_marks(places, at, entry, fields);
}

/// What is read of the first time that is there, or why it is none.
fn read_time(by: Reader<'_>, name: &str, places: &TimePlaces, entry: &Value) -> FieldExplained {
    let read = match places.told_at(entry) {
        Some((place, found)) => {
            let path = place.field.as_str();
            match a_time(found, by.kinds(place.number_times, place.naive_times)) {
                Ok(time) => FieldRead::told(time, path),
                Err(why) => FieldRead::Refused(format!("{path} is {}: {why}", quoted(found))),
            }
        }
        None if places.len() == 0 => FieldRead::NoPlace,
        None => FieldRead::Missing(why_missing(places.places().iter().map(|place| &place.field), entry)),
    };
    FieldExplained::new(name, read)
}

/// Why an account of which each entry can be read does not count as read all the same.
fn contradicted(account: &AccountReading) -> Option<FieldExplained> {
    let AccountState::NotRead(why @ NotRead::Contradicted(_)) = &account.state else {
        return None;
    };
    let refused = format!("account {} does not count as read after all: {why}", account.id);
    Some(FieldExplained::new("accounts", FieldRead::Refused(refused)))
}

/// Whether an entry alone counts as read, and why not.
fn counts(by: Reader<'_>, entry: &Value, asked_at: Timestamp) -> FieldRead {
    let Some(id) = by.places.id.told(entry).and_then(told::account_id) else {
        return FieldRead::Refused("names no account: no check can tell whose it is".to_owned());
    };
    match state(by, entry, asked_at) {
        AccountState::Read(read) => {
            let currency = read.currency.as_ref().map(|currency| format!(" {currency}")).unwrap_or_default();
            let read = format!("{}{currency}, at {}", read.balance, read.read_at);
            FieldRead::told(format!("account {id} counts as read: {read}"), "")
        }
        AccountState::NotRead(why) => {
            FieldRead::Refused(format!("account {id} does not count as read: {why}"))
        }
        AccountState::Failed(why) => FieldRead::Refused(format!("account {id} failed: {why}")),
    }
}

fn explain_marks(places: &EntryPlaces, at: &str, entry: &Value, fields: &mut Vec<FieldExplained>) {
    let failure = places.failure.iter().map(|mark| ("failure", &mark.field, &mark.values));
    let placeholders = places.placeholders.iter().map(|mark| ("placeholder", &mark.field, &mark.values));
    for (name, field, values) in failure.chain(placeholders) {
        let path = field.as_str();
        let read = match is_marked(field, values, entry) {
            Some(value) => FieldRead::told(format!("\"{value}\", which is the mark"), path),
            None => FieldRead::told("not marked", path),
        };
        fields.push(FieldExplained::new(format!("{at}.{name}"), read));
    }
}

fn an_amount(value: &Value) -> Result<String, String> {
    let amount = told::amount(value).map(|amount| amount.to_string());
    amount.ok_or_else(|| "it is no sum of money; a number written as a text is none".to_owned())
}

fn a_time(value: &Value, kinds: TimeKinds<'_>) -> Result<String, String> {
    time(value, kinds).map(|time| time.to_string()).ok_or_else(|| why_no_time(value, kinds).to_owned())
}
