//! Where one account has its facts: an entry of a bridge's list, or a document of a database.
//!
//! Decides whether the places can be used at all. Never looks at an account; see `reading`.

use serde::Deserialize;
use serde_json::Value;

use crate::dialects::checked::{few_places, some_places};
use crate::dialects::{PLACES_MAX, Problem};
use crate::json::path::{JsonPath, Places};
use crate::told::time::{NaiveTimes, NumberTimes};

/// Where one account has its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryPlaces {
    pub(crate) id: Places,
    pub(crate) name: Places,
    pub(crate) balance: Places,
    pub(crate) equity: Places,
    pub(crate) currency: Places,
    /// The broker's server.
    pub(crate) server: Places,
    pub(crate) read_time: TimePlaces,
    pub(crate) read_when: ReadWhen,
    /// Whether the account may trade at all: false with an investor password.
    pub(crate) account_trading: Places,
    /// Whether the broker lets programs trade on it.
    pub(crate) expert_trading: Places,
    pub(crate) placeholders: Vec<Mark>,
    pub(crate) failure: Option<FailureMark>,
    pub(crate) transfer: Option<TransferPlaces>,
}

/// When an account was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReadWhen {
    /// At the time that is told beside it.
    #[default]
    Told,
    /// When it was asked: the bridge keeps nothing and reads the terminal for each answer.
    Asked,
    /// Nobody knows: the bridge keeps what it read, and never says since when. Its accounts cannot be judged; only that all
    /// of them are placeholders can be seen.
    Untold,
}

/// Places where a time may stand; the first that is there and not null is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimePlaces(Vec<TimePlace>);

/// One place where a time may stand, and what a time there means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimePlace {
    pub(crate) field: JsonPath,
    #[serde(default)]
    pub(crate) number_times: NumberTimes,
    #[serde(default)]
    pub(crate) naive_times: NaiveTimes,
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

impl EntryPlaces {
    /// Every place in it.
    pub(crate) fn paths(&self) -> Vec<&JsonPath> {
        let Self { id, name, balance, equity, currency, server, account_trading, expert_trading, .. } = self;
        let plain = [id, name, balance, equity, currency, server, account_trading, expert_trading];
        let failure = self.failure.iter().flat_map(|mark| mark.text.paths().iter().chain([&mark.field]));
        let transfer = self.transfer.iter();
        let transfer = transfer.flat_map(|places| places.amount.paths().iter().chain(places.time.paths()));
        let times = self.read_time.places().iter().map(|place| &place.field);
        let marks = self.placeholders.iter().map(|mark| &mark.field);
        let plain = plain.into_iter().flat_map(|places| places.paths());
        plain.chain(times).chain(marks).chain(failure).chain(transfer).collect()
    }

    /// What cannot work in it. Each field is named with `before` in front.
    pub(crate) fn problems(&self, before: &str) -> Vec<Problem> {
        let named = |name: &str| format!("{before}{name}");
        let marks = self.placeholders.len() + usize::from(self.failure.is_some());
        let many_marks = (marks > PLACES_MAX).then(|| {
            let part = if before.is_empty() { "it" } else { before.trim_end_matches('.') };
            let problem = format!("{part} has {marks} marks, more than {PLACES_MAX}");
            (problem, "Put several values into one mark.")
        });
        let needed = [("id", &self.id), ("balance", &self.balance)];
        let optional = [
            ("name", &self.name),
            ("equity", &self.equity),
            ("currency", &self.currency),
            ("server", &self.server),
            ("account_trading", &self.account_trading),
            ("expert_trading", &self.expert_trading),
        ];
        let times = (self.read_time.len() > PLACES_MAX).then(|| {
            let problem = format!("{} has {} places", named("read_time"), self.read_time.len());
            (problem, "Use at most 16 of them.")
        });
        let needed = needed.iter().filter_map(|(name, places)| some_places(&named(name), places));
        let optional = optional.iter().filter_map(|(name, places)| few_places(&named(name), places));
        let transfer = self.transfer.iter().filter_map(|places| places.problem(before));
        many_marks.into_iter().chain(needed).chain(optional).chain(times).chain(transfer).collect()
    }
}

impl TimePlaces {
    /// These places.
    pub(crate) const fn new(places: Vec<TimePlace>) -> Self {
        Self(places)
    }

    /// Places where every time is meant alike.
    pub(crate) fn alike(places: &Places, number_times: NumberTimes, naive_times: NaiveTimes) -> Self {
        let place = |field: &JsonPath| TimePlace { field: field.clone(), number_times, naive_times };
        Self(places.paths().iter().map(place).collect())
    }

    /// The first value that is there and not null, with its place.
    pub(crate) fn told_at<'a>(&self, entry: &'a Value) -> Option<(&TimePlace, &'a Value)> {
        self.0.iter().find_map(|place| place.field.told(entry).map(|value| (place, value)))
    }

    /// All of them, in the order in which they are tried.
    pub(crate) fn places(&self) -> &[TimePlace] {
        &self.0
    }

    /// How many.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }
}

impl TimePlace {
    /// Whether a time there may be by the wall clock of the broker's server.
    pub(crate) fn is_of_server(&self) -> bool {
        matches!(self.number_times, NumberTimes::ServerSeconds | NumberTimes::ServerMs)
            || self.naive_times == NaiveTimes::Server
    }
}

impl TransferPlaces {
    fn problem(&self, before: &str) -> Option<Problem> {
        some_places(&format!("{before}transfer.amount"), &self.amount)
            .or_else(|| some_places(&format!("{before}transfer.time"), &self.time))
    }
}
