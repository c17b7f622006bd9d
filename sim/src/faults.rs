//! Names everything that can go wrong at the simulated bridge, and what repairs it.
//!
//! Only words and rules: what a fault does to an answer is in `bridge.rs` and `wire.rs`.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One thing that is wrong. Several may be on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The port is closed: connection refused.
    ProcessDown,
    /// Connections are accepted and never answered.
    Hang,
    /// Every answer waits. Value: milliseconds.
    Slow,
    /// The body comes a byte at a time.
    SlowLoris,
    /// The connection closes in mid-body.
    HalfBody,
    /// Every path answers 500.
    #[serde(rename = "http_500")]
    Http500,
    /// Every API path answers 401.
    #[serde(rename = "http_401")]
    Http401,
    /// Every API path answers 404.
    #[serde(rename = "http_404")]
    Http404,
    /// Another program sits on the port.
    WrongService,
    /// Every path redirects away.
    Redirect,
    /// The body is no JSON.
    GarbageJson,
    /// Numbers are a bare `NaN`.
    Nan,
    /// Numbers are far too large.
    HugeNumbers,
    /// The body has 5 MiB.
    HugeBody,
    /// -10005: the terminal is there and does not answer.
    #[serde(rename = "ipc_10005")]
    Ipc10005,
    /// -10003: the terminal is not there.
    #[serde(rename = "ipc_10003")]
    Ipc10003,
    /// -10004: the pipe to the terminal is broken.
    #[serde(rename = "ipc_10004")]
    Ipc10004,
    /// -6: the broker does not take the password.
    IpcCredentials,
    /// The terminal lost the broker; the accounts keep their last values.
    LinkLost,
    /// The Algo-Trading button is off.
    TradingOff,
    /// The bridge's read loop stopped; everything else looks well. Value: age of the last read in seconds.
    SyncStopped,
    /// Balances are null.
    NullBalances,
    /// Balances are zeros that nobody read.
    Placeholders,
    /// Balances are zeros that were read just now.
    ZeroBalances,
    /// One account cannot be read.
    OneAccountFailing,
    /// A share of the accounts cannot be read. Value: percent.
    AccountsFailingShare,
    /// The bridge's clock is wrong. Value: seconds, negative for the past.
    ClockSkew,
    /// The bridge's database is away.
    BridgeStoreDown,
}

/// The faults that are on, with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultSet {
    on: BTreeMap<Fault, i64>,
}

/// Why a fault was not set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// There is no fault of that name.
    #[error("fault `{0}` is not known; GET /faults lists all of them")]
    Unknown(String),
    /// The value is outside its range.
    #[error("fault `{fault}` takes a value from {least} to {most} ({unit}), not {value}")]
    OutOfRange {
        /// The fault.
        fault: Fault,
        /// What was given.
        value: i64,
        /// The smallest value it takes.
        least: i64,
        /// The largest value it takes.
        most: i64,
        /// What the value counts.
        unit: &'static str,
    },
    /// The fault is on or off and takes no value.
    #[error("fault `{0}` takes no value")]
    NoValue(Fault),
}

/// The value that a fault takes.
#[derive(Debug, Clone)]
pub(crate) struct ValueRule {
    pub(crate) unit: &'static str,
    pub(crate) default: i64,
    pub(crate) range: RangeInclusive<i64>,
}

/// What makes a fault go away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The bridge's own emergency restart, and so a full one.
    EmergencyRestart,
    /// Only a restart of the whole host program, as the GitHub workflow does it.
    FullRestart,
    /// No restart: a person has to do something.
    Person,
}

const YEAR_SECONDS: i64 = 366 * 24 * 3600;

impl Fault {
    /// Every fault, in the order of the page.
    pub const ALL: [Self; 28] = [
        Self::LinkLost,
        Self::Ipc10005,
        Self::Ipc10004,
        Self::Ipc10003,
        Self::IpcCredentials,
        Self::TradingOff,
        Self::ProcessDown,
        Self::Hang,
        Self::Slow,
        Self::SlowLoris,
        Self::HalfBody,
        Self::Http500,
        Self::Http401,
        Self::Http404,
        Self::WrongService,
        Self::Redirect,
        Self::SyncStopped,
        Self::OneAccountFailing,
        Self::AccountsFailingShare,
        Self::NullBalances,
        Self::Placeholders,
        Self::ZeroBalances,
        Self::BridgeStoreDown,
        Self::ClockSkew,
        Self::GarbageJson,
        Self::Nan,
        Self::HugeNumbers,
        Self::HugeBody,
    ];

    /// The name used in addresses and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// One sentence about what a client sees.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ProcessDown => ("process_down", "The port is closed: connection refused."),
            Self::Hang => ("hang", "Connections are accepted and never answered."),
            Self::Slow => ("slow", "Every answer waits this long."),
            Self::SlowLoris => ("slow_loris", "The body comes one byte a second."),
            Self::HalfBody => ("half_body", "The connection closes in mid-body."),
            Self::Http500 => ("http_500", "Every path answers 500 Internal Server Error."),
            Self::Http401 => ("http_401", "Every API path answers 401 Invalid API key."),
            Self::Http404 => ("http_404", "Every API path answers 404; the root still answers."),
            Self::WrongService => {
                ("wrong_service", "Another program sits on the port; the API paths answer 404.")
            }
            Self::Redirect => ("redirect", "Every path redirects to a trap, which counts who follows."),
            Self::GarbageJson => ("garbage_json", "The body breaks off into nonsense."),
            Self::Nan => ("nan", "Numbers are a bare NaN, which is no JSON."),
            Self::HugeNumbers => ("huge_numbers", "Numbers are 1e308 and 99999999999999999999."),
            Self::HugeBody => ("huge_body", "The body has 5 MiB, most of them spaces."),
            Self::Ipc10005 => ("ipc_10005", "IPC timeout: the terminal runs and does not answer."),
            Self::Ipc10003 => ("ipc_10003", "IPC initialize failed: the terminal is not there."),
            Self::Ipc10004 => ("ipc_10004", "No IPC connection: the pipe to the terminal is broken."),
            Self::IpcCredentials => {
                ("ipc_credentials", "Authorization failed (-6): a restart does not help.")
            }
            Self::LinkLost => {
                ("link_lost", "The terminal lost the broker. Accounts keep old values; status stays healthy.")
            }
            Self::TradingOff => ("trading_off", "The Algo-Trading button is off. Everything else works."),
            Self::SyncStopped => {
                ("sync_stopped", "The read loop stopped this long ago; everything else looks well.")
            }
            Self::NullBalances => ("null_balances", "Balances are null and live_data is null."),
            Self::Placeholders => ("placeholders", "Balances are zeros that nobody read, with a fresh time."),
            Self::ZeroBalances => ("zero_balances", "Balances are zero in truth, read just now."),
            Self::OneAccountFailing => ("one_account_failing", "Account 1000003 cannot be read."),
            Self::AccountsFailingShare => {
                ("accounts_failing_share", "This share of the accounts cannot be read.")
            }
            Self::ClockSkew => ("clock_skew", "Every time the bridge writes is off by this much."),
            Self::BridgeStoreDown => {
                ("bridge_store_down", "The bridge's database is away: account paths answer 503.")
            }
        }
    }

    /// The value it takes, if any.
    pub(crate) fn value_rule(self) -> Option<ValueRule> {
        let rule = |unit, default, range| Some(ValueRule { unit, default, range });
        match self {
            Self::Slow => rule("ms", 3_000, 0..=600_000),
            Self::AccountsFailingShare => rule("%", 60, 0..=100),
            Self::ClockSkew => rule("s", 7_200, -YEAR_SECONDS..=YEAR_SECONDS),
            Self::SyncStopped => rule("s", 1_800, 0..=YEAR_SECONDS),
            Self::ProcessDown | Self::Hang | Self::SlowLoris | Self::HalfBody => None,
            Self::Http500 | Self::Http401 | Self::Http404 | Self::WrongService | Self::Redirect => None,
            Self::GarbageJson | Self::Nan | Self::HugeNumbers | Self::HugeBody => None,
            Self::Ipc10005 | Self::Ipc10003 | Self::Ipc10004 | Self::IpcCredentials => None,
            Self::LinkLost | Self::TradingOff | Self::NullBalances | Self::Placeholders => None,
            Self::ZeroBalances | Self::OneAccountFailing | Self::BridgeStoreDown => None,
        }
    }

    /// What makes it go away.
    pub(crate) fn remedy(self) -> Remedy {
        match self {
            Self::LinkLost | Self::Ipc10005 | Self::Ipc10003 | Self::Ipc10004 => Remedy::EmergencyRestart,
            Self::NullBalances | Self::Placeholders => Remedy::EmergencyRestart,
            Self::ProcessDown | Self::Hang | Self::Slow | Self::SlowLoris | Self::HalfBody => {
                Remedy::FullRestart
            }
            Self::Http500 | Self::Http404 | Self::WrongService | Self::SyncStopped => Remedy::FullRestart,
            Self::GarbageJson | Self::Nan | Self::HugeNumbers | Self::HugeBody => Remedy::FullRestart,
            Self::Http401 | Self::Redirect | Self::IpcCredentials | Self::TradingOff => Remedy::Person,
            Self::ZeroBalances | Self::OneAccountFailing | Self::AccountsFailingShare => Remedy::Person,
            Self::ClockSkew | Self::BridgeStoreDown => Remedy::Person,
        }
    }

    /// The code and text that the MetaTrader5 package reports, for faults between bridge and terminal.
    pub(crate) fn ipc_error(self) -> Option<(i64, &'static str)> {
        if self == Self::IpcCredentials {
            Some((-6, "Terminal: Authorization failed"))
        } else if self == Self::Ipc10003 {
            Some((-10003, "IPC initialize failed, MetaTrader 5 x64 not found"))
        } else if self == Self::Ipc10004 {
            Some((-10004, "No IPC connection"))
        } else if self == Self::Ipc10005 {
            Some((-10005, "IPC timeout"))
        } else {
            None
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(name: &str) -> Result<Self, FaultError> {
        let named = Self::ALL.into_iter().find(|fault| fault.name() == name);
        named.ok_or_else(|| FaultError::Unknown(name.chars().take(NAME_SHOWN_MAX).collect()))
    }
}

/// Most characters of an unknown name that an error repeats.
const NAME_SHOWN_MAX: usize = 40;

impl FaultSet {
    /// Whether a fault is on.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.on.contains_key(&fault)
    }

    /// The value of a fault that is on; its default for one without.
    #[must_use]
    pub fn value(&self, fault: Fault) -> Option<i64> {
        self.on.get(&fault).copied()
    }

    /// The faults that are on.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, i64)> + '_ {
        self.on.iter().map(|(fault, value)| (*fault, *value))
    }

    /// Turns a fault on, or changes its value.
    ///
    /// # Errors
    /// If the value does not suit the fault; nothing was changed.
    pub(crate) fn set(&mut self, fault: Fault, value: Option<i64>) -> Result<(), FaultError> {
        let value = match (fault.value_rule(), value) {
            (None, None) => 0,
            (None, Some(_)) => return Err(FaultError::NoValue(fault)),
            (Some(rule), None) => rule.default,
            (Some(rule), Some(value)) if rule.range.contains(&value) => value,
            (Some(rule), Some(value)) => {
                let (least, most) = rule.range.into_inner();
                return Err(FaultError::OutOfRange { fault, value, least, most, unit: rule.unit });
            }
        };
        self.on.insert(fault, value);
        Ok(())
    }

    pub(crate) fn clear(&mut self, fault: Fault) {
        self.on.remove(&fault);
    }

    pub(crate) fn clear_all(&mut self) {
        self.on.clear();
    }

    /// Keeps what an emergency restart does not repair.
    pub(crate) fn emergency_restart(&mut self) {
        self.on.retain(|fault, _| fault.remedy() != Remedy::EmergencyRestart);
    }

    /// Keeps what only a person can repair.
    pub(crate) fn full_restart(&mut self) {
        self.on.retain(|fault, _| fault.remedy() == Remedy::Person);
    }

    /// The first fault between bridge and terminal, as the package reports it.
    pub(crate) fn ipc_error(&self) -> Option<(i64, &'static str)> {
        self.on.keys().find_map(|fault| fault.ipc_error())
    }

    /// Whether the bridge reads accounts at all.
    pub(crate) fn reads(&self) -> bool {
        self.ipc_error().is_none() && !self.has(Fault::LinkLost) && !self.has(Fault::SyncStopped)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultError, FaultSet};

    #[test]
    fn names_in_addresses_are_the_names_in_json() {
        for fault in Fault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
            assert_eq!(fault.name().parse(), Ok(fault));
        }
    }

    #[test]
    fn the_list_names_each_fault_once() {
        let mut all = Fault::ALL.to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Fault::ALL.len());
    }

    #[test]
    fn a_value_outside_its_range_changes_nothing() {
        let mut faults = FaultSet::default();
        let refused = faults.set(Fault::AccountsFailingShare, Some(101));
        assert!(matches!(refused, Err(FaultError::OutOfRange { most: 100, .. })));
        assert_eq!(faults, FaultSet::default());
    }

    #[test]
    fn no_restart_repairs_wrong_credentials() {
        let mut faults = FaultSet::default();
        faults.set(Fault::IpcCredentials, None).unwrap();
        faults.full_restart();
        assert!(faults.has(Fault::IpcCredentials));
    }
}
