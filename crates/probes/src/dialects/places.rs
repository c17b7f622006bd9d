//! Where a kind of bridge tells facts of itself and of its terminal.
//!
//! Decides whether the places can be used at all. Never looks at an answer; see `reading`.

use serde::Deserialize;

use super::checked::{any_statuses, few_places, ok_alone, some_statuses};
use super::http_path::HttpPath;
use super::{PLACES_MAX, Problem};
use crate::json::path::{JsonPath, Places};
use crate::told::short;
use crate::told::time::{NaiveTimes, NumberTimes};

/// Where an answer has facts of bridge and terminal: the health answer, and each further one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactPlaces {
    pub(crate) path: HttpPath,
    /// The statuses of an answer worth reading; some bridges tell their state with a 503.
    #[serde(default = "ok_alone")]
    pub(crate) statuses: Vec<u16>,
    /// The statuses of an answer that says by its status alone that the terminal does not answer the bridge.
    #[serde(default)]
    pub(crate) unavailable_statuses: Vec<u16>,
    /// Whether no answer in time means that the terminal does not answer the bridge. Of further answers only: the path waits
    /// for the terminal, and the health answer has shown that the bridge itself is there.
    #[serde(default)]
    pub(crate) silence_is_unavailable: bool,
    /// Fields by which an answer is known to be of this dialect, where they tell nothing else.
    #[serde(default)]
    pub(crate) marks: Places,
    #[serde(default)]
    pub(crate) terminal_available: Places,
    /// What the terminal itself told: there, the terminal answers; null, it does not.
    #[serde(default)]
    pub(crate) terminal_present: Places,
    #[serde(default)]
    pub(crate) connected: Places,
    /// The Algo Trading button.
    #[serde(default)]
    pub(crate) trade_allowed: Places,
    #[serde(default)]
    pub(crate) account_trading: Places,
    #[serde(default)]
    pub(crate) expert_trading: Places,
    #[serde(default)]
    pub(crate) api_disabled: Places,
    /// The account that the terminal is logged in to.
    #[serde(default)]
    pub(crate) login: Places,
    /// Windows session of the bridge's process.
    #[serde(default)]
    pub(crate) bridge_session: Places,
    /// Windows session of the terminal's process.
    #[serde(default)]
    pub(crate) terminal_session: Places,
    #[serde(default)]
    pub(crate) last_error: Places,
    #[serde(default)]
    pub(crate) store_connected: Places,
    #[serde(default)]
    pub(crate) bridge_time: Places,
    #[serde(default)]
    pub(crate) number_times: NumberTimes,
    #[serde(default)]
    pub(crate) naive_times: NaiveTimes,
    /// Flags that are told as words.
    #[serde(default)]
    pub(crate) words: Vec<WordFlag>,
}

/// A fact that is either so or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flag {
    TerminalAvailable,
    Connected,
    TradeAllowed,
    AccountTrading,
    ExpertTrading,
    ApiDisabled,
    StoreConnected,
}

/// A field whose word says yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordFlag {
    pub(crate) flag: Flag,
    pub(crate) field: JsonPath,
    #[serde(default)]
    pub(crate) yes: Vec<String>,
    #[serde(default)]
    pub(crate) no: Vec<String>,
}

impl Flag {
    /// Each of them, in the order in which they are explained.
    pub(crate) const ALL: [Self; 7] = [
        Self::TerminalAvailable,
        Self::Connected,
        Self::TradeAllowed,
        Self::AccountTrading,
        Self::ExpertTrading,
        Self::ApiDisabled,
        Self::StoreConnected,
    ];

    /// Its key in a dialect.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TerminalAvailable => "terminal_available",
            Self::Connected => "connected",
            Self::TradeAllowed => "trade_allowed",
            Self::AccountTrading => "account_trading",
            Self::ExpertTrading => "expert_trading",
            Self::ApiDisabled => "api_disabled",
            Self::StoreConnected => "store_connected",
        }
    }
}

impl FactPlaces {
    /// The places of a flag that is told as true or false.
    pub(crate) const fn flag(&self, flag: Flag) -> &Places {
        match flag {
            Flag::TerminalAvailable => &self.terminal_available,
            Flag::Connected => &self.connected,
            Flag::TradeAllowed => &self.trade_allowed,
            Flag::AccountTrading => &self.account_trading,
            Flag::ExpertTrading => &self.expert_trading,
            Flag::ApiDisabled => &self.api_disabled,
            Flag::StoreConnected => &self.store_connected,
        }
    }

    /// The flags that are told as words.
    pub(crate) fn words_of(&self, flag: Flag) -> impl Iterator<Item = &WordFlag> {
        self.words.iter().filter(move |word| word.flag == flag)
    }

    /// The places by which an answer is known to be of this dialect. Those of the terminal come first.
    pub(crate) fn known_by(&self) -> [&Places; 8] {
        [
            &self.terminal_available,
            &self.connected,
            &self.trade_allowed,
            &self.terminal_present,
            &self.marks,
            &self.account_trading,
            &self.expert_trading,
            &self.api_disabled,
        ]
    }

    /// Whether an answer with that status is read at all.
    pub(crate) fn reads(&self, status: u16) -> bool {
        self.statuses.contains(&status) || self.unavailable_statuses.contains(&status)
    }

    /// Whether the terminal can be told to answer or not.
    pub(crate) fn tells(&self, flag: Flag) -> bool {
        let by_other_means = match flag {
            Flag::TerminalAvailable => {
                self.terminal_present.len() > 0
                    || !self.unavailable_statuses.is_empty()
                    || self.silence_is_unavailable
            }
            Flag::Connected
            | Flag::TradeAllowed
            | Flag::AccountTrading
            | Flag::ExpertTrading
            | Flag::ApiDisabled
            | Flag::StoreConnected => false,
        };
        by_other_means || self.flag(flag).len() > 0 || self.words_of(flag).next().is_some()
    }

    /// What cannot work in it. `part` names it.
    pub(super) fn problem(&self, part: &str) -> Option<Problem> {
        let named = |name: &str| format!("{part}.{name}");
        let others = [
            ("marks", &self.marks),
            ("terminal_present", &self.terminal_present),
            ("login", &self.login),
            ("bridge_session", &self.bridge_session),
            ("terminal_session", &self.terminal_session),
            ("last_error", &self.last_error),
            ("bridge_time", &self.bridge_time),
        ];
        let flags = Flag::ALL.map(|flag| (flag.name(), self.flag(flag)));
        some_statuses(&named("statuses"), &self.statuses)
            .or_else(|| any_statuses(&named("unavailable_statuses"), &self.unavailable_statuses))
            .or_else(|| {
                let all = flags.iter().chain(&others);
                all.filter_map(|(name, places)| few_places(&named(name), places)).next()
            })
            .or_else(|| self.words_problem(part))
    }

    /// What cannot work in it as the health answer, by which a bridge is known.
    pub(super) fn health_problem(&self) -> Option<Problem> {
        if self.silence_is_unavailable {
            return Some((
                "health.silence_is_unavailable is set, but a silent health path means a silent bridge"
                    .to_owned(),
                "Set it on a [[terminal]] part.",
            ));
        }
        let known = self.known_by().iter().any(|places| places.len() > 0) || !self.words.is_empty();
        (!known).then(|| {
            (
                "health has no terminal_available, connected or trade_allowed".to_owned(),
                "Name the place of at least one of them, of terminal_present or of marks; without it every answer would do.",
            )
        })
    }

    fn words_problem(&self, part: &str) -> Option<Problem> {
        if self.words.len() > PLACES_MAX {
            return Some((
                format!("{part}.words has {} entries", self.words.len()),
                "Use at most 16 of them.",
            ));
        }
        self.words.iter().find_map(|word| {
            let name = word.flag.name();
            let both = word.yes.iter().find(|text| word.no.contains(text));
            match both {
                Some(text) => Some((
                    format!("{part}.words: \"{}\" means both yes and no for {name}", short(text)),
                    "Leave it in one of the two lists.",
                )),
                None if word.yes.is_empty() && word.no.is_empty() => Some((
                    format!("{part}.words: {name} has no word"),
                    "Write the words that mean yes into yes, and those that mean no into no.",
                )),
                None if word.yes.len() + word.no.len() > PLACES_MAX => Some((
                    format!("{part}.words: {name} has {} words", word.yes.len() + word.no.len()),
                    "Use at most 16 of them.",
                )),
                None => None,
            }
        })
    }
}
