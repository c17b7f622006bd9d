//! Where a kind of bridge tells what it knows of its accounts.
//!
//! Decides whether the places can be used at all. Never looks at an answer; see `reading`.

use serde::Deserialize;

use super::checked::{any_statuses, few_places, ok_alone, some_places, some_statuses};
use super::http_path::HttpPath;
use super::{PLACES_MAX, Problem};
use crate::json::path::{JsonPath, Places};
use crate::told::time::{NaiveTimes, NumberTimes};

/// Where the account answer has its facts. All but `list` and `error` are places inside one account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPlaces {
    pub(crate) path: HttpPath,
    #[serde(default = "ok_alone")]
    pub(crate) statuses: Vec<u16>,
    /// The statuses of an answer that says that no account is logged in: a list of none.
    #[serde(default)]
    pub(crate) no_account_statuses: Vec<u16>,
    pub(crate) list: Places,
    #[serde(default)]
    pub(crate) shape: ListShape,
    /// Where the bridge says why it gives no list.
    #[serde(default)]
    pub(crate) error: Places,
    pub(crate) id: Places,
    #[serde(default)]
    pub(crate) name: Places,
    pub(crate) balance: Places,
    #[serde(default)]
    pub(crate) equity: Places,
    #[serde(default)]
    pub(crate) currency: Places,
    /// The broker's server.
    #[serde(default)]
    pub(crate) server: Places,
    #[serde(default)]
    pub(crate) read_time: Places,
    #[serde(default)]
    pub(crate) read_when: ReadWhen,
    #[serde(default)]
    pub(crate) number_times: NumberTimes,
    #[serde(default)]
    pub(crate) naive_times: NaiveTimes,
    /// Whether the account may trade at all: false with an investor password.
    #[serde(default)]
    pub(crate) account_trading: Places,
    /// Whether the broker lets programs trade on it.
    #[serde(default)]
    pub(crate) expert_trading: Places,
    #[serde(default)]
    pub(crate) placeholders: Vec<Mark>,
    pub(crate) failure: Option<FailureMark>,
    pub(crate) transfer: Option<TransferPlaces>,
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

/// When an account was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReadWhen {
    /// At the time that the bridge tells beside it.
    #[default]
    Told,
    /// When it was asked: the bridge keeps nothing and reads the terminal for each answer.
    Asked,
    /// Nobody knows: the bridge keeps what it read, and never says since when. Its accounts cannot be judged; only that all
    /// of them are placeholders can be seen.
    Untold,
}

/// A field whose value says that an account's numbers are not to be used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    pub(crate) field: JsonPath,
    pub(crate) values: Vec<String>,
}

/// A field whose value says that reading an account failed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailureMark {
    pub(crate) field: JsonPath,
    pub(crate) values: Vec<String>,
    /// Where it says why.
    #[serde(default)]
    pub(crate) text: Places,
}

/// Where the last deposit, withdrawal or transfer of an account stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferPlaces {
    /// How much; negative where it left.
    pub(crate) amount: Places,
    pub(crate) time: Places,
    #[serde(default)]
    pub(crate) number_times: NumberTimes,
    #[serde(default)]
    pub(crate) naive_times: NaiveTimes,
}

impl AccountPlaces {
    /// Whether an answer with that status is read at all.
    pub(crate) fn reads(&self, status: u16) -> bool {
        self.statuses.contains(&status) || self.no_account_statuses.contains(&status)
    }

    /// Whether the bridge reads its terminal for the answer.
    pub(crate) fn waits_for_terminal(&self) -> bool {
        self.read_when == ReadWhen::Asked
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        if self.read_when == ReadWhen::Told && self.read_time.len() == 0 {
            return Some((
                "accounts.read_time is empty, so no account could ever count as read".to_owned(),
                "Name the place of the read time, or set accounts.read_when: \"asked\" for a bridge that reads the terminal \
                 at each question, \"untold\" for one that never says when it read.",
            ));
        }
        let marks = self.placeholders.len() + usize::from(self.failure.is_some());
        if marks > PLACES_MAX {
            let problem = format!("accounts has {marks} marks, more than {PLACES_MAX}");
            return Some((problem, "Put several values into one mark."));
        }
        let needed = [("list", &self.list), ("id", &self.id), ("balance", &self.balance)];
        let optional = [
            ("error", &self.error),
            ("name", &self.name),
            ("equity", &self.equity),
            ("currency", &self.currency),
            ("server", &self.server),
            ("read_time", &self.read_time),
            ("account_trading", &self.account_trading),
            ("expert_trading", &self.expert_trading),
        ];
        let named = |name: &str| format!("accounts.{name}");
        some_statuses(&named("statuses"), &self.statuses)
            .or_else(|| any_statuses(&named("no_account_statuses"), &self.no_account_statuses))
            .or_else(|| needed.iter().find_map(|(name, places)| some_places(&named(name), places)))
            .or_else(|| optional.iter().find_map(|(name, places)| few_places(&named(name), places)))
            .or_else(|| self.transfer.as_ref().and_then(TransferPlaces::problem))
    }
}

impl TransferPlaces {
    fn problem(&self) -> Option<Problem> {
        some_places("accounts.transfer.amount", &self.amount)
            .or_else(|| some_places("accounts.transfer.time", &self.time))
    }
}
