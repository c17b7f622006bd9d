//! Where a kind of bridge has each fact in its answers.
//!
//! Decides whether the places can be used at all. Never looks at an answer; see `reading`.

use serde::Deserialize;

use super::http_path::HttpPath;
use super::{PLACES_MAX, Problem};
use crate::json::{JsonPath, Places};
use crate::told::NumberTimes;

/// Where the health answer has its facts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealthPlaces {
    pub(crate) path: HttpPath,
    /// The statuses of an answer worth reading; some bridges tell their state with a 503.
    #[serde(default = "ok_alone")]
    pub(crate) statuses: Vec<u16>,
    #[serde(default)]
    pub(crate) terminal_available: Places,
    #[serde(default)]
    pub(crate) connected: Places,
    #[serde(default)]
    pub(crate) trade_allowed: Places,
    #[serde(default)]
    pub(crate) last_error: Places,
    #[serde(default)]
    pub(crate) store_connected: Places,
    #[serde(default)]
    pub(crate) bridge_time: Places,
    #[serde(default)]
    pub(crate) number_times: NumberTimes,
}

/// Where the account answer has its facts. All but `list` and `error` are places inside one account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPlaces {
    pub(crate) path: HttpPath,
    #[serde(default = "ok_alone")]
    pub(crate) statuses: Vec<u16>,
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
    #[serde(default)]
    pub(crate) read_time: Places,
    #[serde(default)]
    pub(crate) read_when: ReadWhen,
    #[serde(default)]
    pub(crate) number_times: NumberTimes,
    #[serde(default)]
    pub(crate) placeholders: Vec<Mark>,
    pub(crate) failure: Option<FailureMark>,
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

impl HealthPlaces {
    /// The places by which an answer is known to be of this dialect.
    pub(crate) fn marks(&self) -> [&Places; 3] {
        [&self.terminal_available, &self.connected, &self.trade_allowed]
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        if self.marks().iter().all(|places| places.len() == 0) {
            return Some((
                "health has no terminal_available, connected or trade_allowed".to_owned(),
                "Name the place of at least one of them; without it every answer would do.",
            ));
        }
        let [available, connected, trade_allowed] = self.marks();
        first_problem([
            statuses("health.statuses", &self.statuses),
            places("health.terminal_available", available),
            places("health.connected", connected),
            places("health.trade_allowed", trade_allowed),
            places("health.last_error", &self.last_error),
            places("health.store_connected", &self.store_connected),
            places("health.bridge_time", &self.bridge_time),
        ])
    }
}

impl AccountPlaces {
    pub(super) fn problem(&self) -> Option<Problem> {
        for (field, places) in [("list", &self.list), ("id", &self.id), ("balance", &self.balance)] {
            if places.len() == 0 {
                return Some((format!("accounts.{field} is empty"), "Name at least one place."));
            }
        }
        if self.read_when == ReadWhen::Told && self.read_time.len() == 0 {
            return Some((
                "accounts.read_time is empty, so no account could ever count as read".to_owned(),
                "Name the place of the read time, or set accounts.read_when = \"asked\" for a bridge that reads the \
                 terminal at each question.",
            ));
        }
        let marks = self.placeholders.len() + usize::from(self.failure.is_some());
        if marks > PLACES_MAX {
            let problem = format!("accounts has {marks} marks, more than {PLACES_MAX}");
            return Some((problem, "Put several values into one mark."));
        }
        first_problem([
            statuses("accounts.statuses", &self.statuses),
            places("accounts.list", &self.list),
            places("accounts.error", &self.error),
            places("accounts.id", &self.id),
            places("accounts.name", &self.name),
            places("accounts.balance", &self.balance),
            places("accounts.equity", &self.equity),
            places("accounts.currency", &self.currency),
            places("accounts.read_time", &self.read_time),
        ])
    }
}

fn ok_alone() -> Vec<u16> {
    vec![200]
}

fn statuses(field: &str, statuses: &[u16]) -> Option<Problem> {
    let odd = statuses.iter().find(|status| !(200..600).contains(*status) || (300..400).contains(*status));
    if let Some(odd) = odd {
        return Some((
            format!("{field} has {odd}"),
            "Use 200 to 299 and 400 to 599; redirects are never followed.",
        ));
    }
    (statuses.is_empty() || statuses.len() > PLACES_MAX)
        .then(|| (format!("{field} has {} entries", statuses.len()), "Use 1 to 16 of them."))
}

fn places(field: &str, places: &Places) -> Option<Problem> {
    (places.len() > PLACES_MAX)
        .then(|| (format!("{field} has {} places", places.len()), "Use at most 16 of them."))
}

fn first_problem<const N: usize>(problems: [Option<Problem>; N]) -> Option<Problem> {
    problems.into_iter().flatten().next()
}
