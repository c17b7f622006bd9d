//! Where each document of a collection has its facts; left out, as in the `mt5_accounts` that is met in the field.
//!
//! Several programs write into that collection, and each names the same thing as it likes. Five fields of it say when something
//! happened. Those that a sync writes come first: they say that the account was *read*. `updated_at` says that the document was
//! *written*, which programs also do with numbers of yesterday and without any; so it is the last, and counts only where no
//! other is there and no mark says that nothing was read.

use serde::Deserialize;

use crate::dialects::accounts::entry::{EntryPlaces, FailureMark, Mark, ReadWhen, TimePlace, TimePlaces};
use crate::json::path::{JsonPath, Places};
use crate::told::time::{NaiveTimes, NumberTimes};

/// Where each document has its facts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountFields {
    id: Places,
    name: Places,
    balance: Places,
    equity: Places,
    currency: Places,
    server: Places,
    read_time: Vec<TimePlace>,
    placeholders: Vec<Mark>,
    failure: Option<FailureMark>,
}

/// The account's number.
const ID: [&str; 4] = ["account", "mt5_login", "login", "account_number"];

/// When the account was read, the best proof first.
const READ_TIME: [&str; 6] =
    ["last_sync", "last_sync_timestamp", "vps_sync_timestamp", "synced_at", "timestamp", "updated_at"];

/// What stands in place of numbers that were read.
const PLACEHOLDERS: [(&str, &[&str]); 3] = [
    ("data_source", &["VPS_STORED", "no_cache"]),
    ("note", &["No cached data", "Waiting for first cache refresh"]),
    // An account that was given up is overwritten with zeros, under a fresh time.
    ("status", &["inactive"]),
];

impl Default for AccountFields {
    fn default() -> Self {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let time = |name: &&str| TimePlace {
            field: JsonPath::name(name),
            number_times: NumberTimes::default(),
            naive_times: NaiveTimes::default(),
        };
        let mark =
            |(name, values): &(&str, &[&str])| Mark { field: JsonPath::name(name), values: texts(values) };
        Self {
            id: Places::named(&ID),
            name: Places::named(&["name"]),
            balance: Places::named(&["balance"]),
            equity: Places::named(&["equity"]),
            currency: Places::named(&["currency"]),
            server: Places::named(&["server"]),
            read_time: READ_TIME.iter().map(time).collect(),
            placeholders: PLACEHOLDERS.iter().map(mark).collect(),
            failure: Some(FailureMark {
                field: JsonPath::name("sync_status"),
                values: texts(&["failed"]),
                text: Places::named(&["sync_error"]),
            }),
        }
    }
}

impl AccountFields {
    /// Whether one of its times is by the wall clock of the broker's server, which must be known then.
    #[must_use]
    pub fn needs_server_time(&self) -> bool {
        self.read_time.iter().any(TimePlace::is_of_server)
    }

    /// As places in a document.
    pub(super) fn places(&self) -> EntryPlaces {
        let Self { id, name, balance, equity, currency, server, read_time, placeholders, failure } =
            self.clone();
        EntryPlaces {
            id,
            name,
            balance,
            equity,
            currency,
            server,
            read_time: TimePlaces::new(read_time),
            read_when: ReadWhen::Told,
            account_trading: Places::default(),
            expert_trading: Places::default(),
            placeholders,
            failure,
            transfer: None,
        }
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
