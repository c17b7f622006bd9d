//! Where a kind of bridge tells what it knows of its accounts.
//!
//! Decides whether the places can be used at all. Never looks at an answer; see `reading`.

pub(crate) mod entry;

use serde::Deserialize;

use self::entry::{EntryPlaces, FailureMark, Mark, ReadWhen, TimePlaces, TransferPlaces};
use super::Problem;
use super::checked::{any_statuses, few_places, ok_alone, some_places, some_statuses};
use super::http_path::HttpPath;
use crate::json::path::Places;
use crate::told::time::{NaiveTimes, NumberTimes};

/// Where the account answer has its facts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "AccountPart")]
pub(crate) struct AccountPlaces {
    pub(crate) path: HttpPath,
    pub(crate) statuses: Vec<u16>,
    /// The statuses of an answer that says that no account is logged in: a list of none.
    pub(crate) no_account_statuses: Vec<u16>,
    pub(crate) list: Places,
    pub(crate) shape: ListShape,
    /// Where the bridge says why it gives no list.
    pub(crate) error: Places,
    /// Where each account has its facts.
    pub(crate) entry: EntryPlaces,
}

/// The same as it stands in a dialect. All but `list` and `error` are places inside one account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountPart {
    path: HttpPath,
    #[serde(default = "ok_alone")]
    statuses: Vec<u16>,
    #[serde(default)]
    no_account_statuses: Vec<u16>,
    list: Places,
    #[serde(default)]
    shape: ListShape,
    #[serde(default)]
    error: Places,
    id: Places,
    #[serde(default)]
    name: Places,
    balance: Places,
    #[serde(default)]
    equity: Places,
    #[serde(default)]
    currency: Places,
    #[serde(default)]
    server: Places,
    #[serde(default)]
    read_time: Places,
    #[serde(default)]
    read_when: ReadWhen,
    #[serde(default)]
    number_times: NumberTimes,
    #[serde(default)]
    naive_times: NaiveTimes,
    #[serde(default)]
    account_trading: Places,
    #[serde(default)]
    expert_trading: Places,
    #[serde(default)]
    placeholders: Vec<Mark>,
    failure: Option<FailureMark>,
    transfer: Option<TransferPlaces>,
}

/// What stands at the place of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListShape {
    /// An array of accounts.
    #[default]
    Many,
    /// One account: a bridge for one terminal with one account.
    One,
}

impl From<AccountPart> for AccountPlaces {
    fn from(part: AccountPart) -> Self {
        let AccountPart { path, statuses, no_account_statuses, list, shape, error, .. } = part;
        let entry = EntryPlaces {
            id: part.id,
            name: part.name,
            balance: part.balance,
            equity: part.equity,
            currency: part.currency,
            server: part.server,
            read_time: TimePlaces::alike(&part.read_time, part.number_times, part.naive_times),
            read_when: part.read_when,
            account_trading: part.account_trading,
            expert_trading: part.expert_trading,
            placeholders: part.placeholders,
            failure: part.failure,
            transfer: part.transfer,
        };
        Self { path, statuses, no_account_statuses, list, shape, error, entry }
    }
}

impl AccountPlaces {
    /// Whether an answer with that status is read at all.
    pub(crate) fn reads(&self, status: u16) -> bool {
        self.statuses.contains(&status) || self.no_account_statuses.contains(&status)
    }

    /// Whether the bridge reads its terminal for the answer.
    pub(crate) fn waits_for_terminal(&self) -> bool {
        self.entry.read_when == ReadWhen::Asked
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        if self.entry.read_when == ReadWhen::Told && self.entry.read_time.len() == 0 {
            return Some((
                "accounts.read_time is empty, so no account could ever count as read".to_owned(),
                "Name the place of the read time, or set accounts.read_when: \"asked\" for a bridge that reads the terminal \
                 at each question, \"untold\" for one that never says when it read.",
            ));
        }
        some_statuses("accounts.statuses", &self.statuses)
            .or_else(|| any_statuses("accounts.no_account_statuses", &self.no_account_statuses))
            .or_else(|| some_places("accounts.list", &self.list))
            .or_else(|| few_places("accounts.error", &self.error))
            .or_else(|| self.entry.problems("accounts.").into_iter().next())
    }
}
