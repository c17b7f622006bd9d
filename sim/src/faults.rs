//! Names everything that can go wrong at the simulated bridge, and holds what is wrong just now.
//!
//! What each fault is called, takes and is repaired by is in `rules.rs`. What it does to an answer is in
//! `bridge/` and `wire.rs`, what it does to the host in `world.rs`.

pub(crate) mod rules;

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::rules::Remedy;

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
    /// -10005, because bridge and terminal run in different Windows sessions.
    SessionMismatch,
    /// -6: the broker does not take the password.
    IpcCredentials,
    /// The terminal lost the broker; the accounts keep their last values.
    LinkLost,
    /// The link to the broker goes down and up again. Value: seconds in each state.
    Flapping,
    /// The Algo-Trading button is off.
    TradingOff,
    /// The account is logged in with an investor password.
    InvestorPassword,
    /// The broker lets no program trade on the account.
    ExpertsRefused,
    /// Trading through the Python interface is switched off in the terminal.
    ApiTradingOff,
    /// The bridge's read loop stopped; everything else looks well. Value: age of the last read in seconds.
    SyncStopped,
    /// Balances are null.
    NullBalances,
    /// Balances are zeros that nobody read.
    Placeholders,
    /// Balances are zeros that were read just now.
    ZeroBalances,
    /// The money was moved away, and the transfer is on record.
    Transfer,
    /// The data of one account is another account's, from another server and in another currency.
    IdentitySwap,
    /// Each restart loses one open position.
    PositionsLost,
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

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Takes `-` for `_`.
    fn from_str(name: &str) -> Result<Self, FaultError> {
        let wanted = name.replace('-', "_");
        let named = Self::ALL.into_iter().find(|fault| fault.name() == wanted);
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

    /// The first fault between bridge and terminal that no restart repairs.
    pub(crate) fn ipc_error_to_stay(&self) -> Option<(i64, &'static str)> {
        let mut lasting = self.on.keys().filter(|fault| fault.remedy() == Remedy::Person);
        lasting.find_map(|fault| fault.ipc_error())
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
    fn names_may_have_hyphens() {
        assert_eq!("investor-password".parse(), Ok(Fault::InvestorPassword));
    }

    #[test]
    fn no_restart_repairs_wrong_credentials() {
        let mut faults = FaultSet::default();
        faults.set(Fault::IpcCredentials, None).unwrap();
        faults.full_restart();
        assert!(faults.has(Fault::IpcCredentials));
    }

    #[test]
    fn what_no_restart_repairs_is_told_apart_from_the_rest() {
        let mut faults = FaultSet::default();
        faults.set(Fault::Ipc10003, None).unwrap();
        assert_eq!(faults.ipc_error_to_stay(), None);
        faults.set(Fault::SessionMismatch, None).unwrap();
        assert_eq!(faults.ipc_error_to_stay(), Some((-10005, "IPC timeout")));
    }
}
