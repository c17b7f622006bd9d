//! The questions asked of a target, and what came back: raw facts, no opinion.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::ids::{AccountId, TargetId};
use crate::time::Timestamp;

/// One question about a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CheckId {
    /// Does the health path answer in time, in the configured dialect?
    #[serde(rename = "bridge.reachable")]
    BridgeReachable,
    /// Is it the right service on that port?
    #[serde(rename = "bridge.identity")]
    BridgeIdentity,
    /// Does the terminal answer the bridge?
    #[serde(rename = "terminal.ipc")]
    TerminalIpc,
    /// Is the terminal connected to the broker?
    #[serde(rename = "terminal.broker_link")]
    TerminalBrokerLink,
    /// Is algorithmic trading on?
    #[serde(rename = "terminal.trading_allowed")]
    TerminalTradingAllowed,
    /// How old is the newest account read?
    #[serde(rename = "accounts.fresh")]
    AccountsFresh,
    /// Which share of the expected accounts was read within the window?
    #[serde(rename = "accounts.syncing")]
    AccountsSyncing,
    /// Do all expected accounts read zero?
    #[serde(rename = "accounts.zero")]
    AccountsZero,
    /// Does one account of several fail?
    #[serde(rename = "account.failed")]
    AccountFailed,
}

impl CheckId {
    /// Every check, in the order in which they are judged and shown.
    pub const ALL: [Self; 9] = [
        Self::BridgeReachable,
        Self::BridgeIdentity,
        Self::TerminalIpc,
        Self::TerminalBrokerLink,
        Self::TerminalTradingAllowed,
        Self::AccountsFresh,
        Self::AccountsSyncing,
        Self::AccountsZero,
        Self::AccountFailed,
    ];

    /// Its dotted name in configuration, interfaces and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BridgeReachable => "bridge.reachable",
            Self::BridgeIdentity => "bridge.identity",
            Self::TerminalIpc => "terminal.ipc",
            Self::TerminalBrokerLink => "terminal.broker_link",
            Self::TerminalTradingAllowed => "terminal.trading_allowed",
            Self::AccountsFresh => "accounts.fresh",
            Self::AccountsSyncing => "accounts.syncing",
            Self::AccountsZero => "accounts.zero",
            Self::AccountFailed => "account.failed",
        }
    }

    /// The question in words.
    #[must_use]
    pub const fn question(self) -> &'static str {
        match self {
            Self::BridgeReachable => "Does the bridge answer?",
            Self::BridgeIdentity => "Is it the right service?",
            Self::TerminalIpc => "Does the terminal answer the bridge?",
            Self::TerminalBrokerLink => "Is the terminal connected to the broker?",
            Self::TerminalTradingAllowed => "Is algorithmic trading on?",
            Self::AccountsFresh => "How old is the newest account read?",
            Self::AccountsSyncing => "Are the accounts syncing?",
            Self::AccountsZero => "Do all accounts read zero?",
            Self::AccountFailed => "Does a single account fail?",
        }
    }

    /// The settings of `design` defaults: failures in a row until it counts, and whether it rests while markets are closed.
    #[must_use]
    pub const fn default_spec(self) -> CheckSpec {
        let (failures_to_open, market_hours) = match self {
            Self::BridgeReachable => (3, false),
            Self::BridgeIdentity => (2, false),
            Self::TerminalIpc => (2, false),
            Self::TerminalBrokerLink => (2, true),
            Self::TerminalTradingAllowed => (2, true),
            Self::AccountsFresh => (2, true),
            Self::AccountsSyncing => (3, true),
            Self::AccountsZero => (3, true),
            Self::AccountFailed => (3, true),
        };
        CheckSpec { id: self, failures_to_open, market_hours }
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How one question is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSpec {
    /// The question.
    pub id: CheckId,
    /// Failures in a row until trouble is believed; at least 1.
    pub failures_to_open: u32,
    /// Whether it rests outside market hours.
    pub market_hours: bool,
}

/// Whom a probe asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    /// A target.
    Target(TargetId),
    /// The beacons that tell whether Rebound's own network works.
    OwnNetwork,
}

/// An order to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRequest {
    /// Whom.
    pub subject: Subject,
    /// When the order was given.
    pub asked_at: Timestamp,
    /// When an answer, or the lack of one, must be back.
    pub deadline: Timestamp,
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Whom it asked.
    pub subject: Subject,
    /// When it began to ask. Only what was asked after an action can prove that the action helped.
    pub asked_at: Timestamp,
    /// From the question to the end of the answer, or to giving up.
    pub latency_ms: u32,
    /// What came back.
    pub outcome: ProbeOutcome,
}

/// What came back from a probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProbeOutcome {
    /// The bridge answered in its dialect.
    Bridge(Box<BridgeReading>),
    /// Nothing usable arrived.
    NoAnswer(NoAnswer),
    /// Something arrived that is not an answer in the dialect.
    BadAnswer(BadAnswer),
    /// Another program answers on that port.
    WrongService {
        /// The identity mark that the dialect expects.
        expected: String,
        /// What was met instead.
        seen: String,
    },
    /// How many beacons answered.
    Beacons {
        /// Beacons that answered.
        answered: u32,
        /// Beacons that were asked.
        asked: u32,
    },
    /// Rebound could not ask, for a reason of its own.
    NotAsked(String),
}

/// Why nothing usable arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum NoAnswer {
    /// Nothing listens there.
    #[error("the connection was refused")]
    Refused,
    /// The deadline passed.
    #[error("no complete answer within {} ms", .0)]
    TimedOut(u32),
    /// The host's name does not resolve.
    #[error("the host name is not known")]
    NameUnknown,
    /// The encrypted connection could not be made.
    #[error("the encrypted connection failed: {0}")]
    Tls(String),
    /// The connection broke before the answer was whole.
    #[error("the connection broke in the middle of the answer")]
    BrokeOff,
    /// Anything else the network reported.
    #[error("the connection failed: {0}")]
    Other(String),
}

/// Why something that arrived is not an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BadAnswer {
    /// Another status than the dialect allows.
    #[error("{path} answered with status {status}")]
    Status {
        /// The path asked.
        path: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer sends us elsewhere, which is never followed.
    #[error("{path} redirects (status {status}); redirects are refused")]
    Redirect {
        /// The path asked.
        path: String,
        /// The HTTP status.
        status: u16,
    },
    /// The body is over the limit.
    #[error("{path} answered with more than {limit_bytes} bytes")]
    TooLarge {
        /// The path asked.
        path: String,
        /// Where reading stopped.
        limit_bytes: u64,
    },
    /// The body is not JSON.
    #[error("{path} did not answer with JSON: {detail}")]
    NotJson {
        /// The path asked.
        path: String,
        /// What the parser met.
        detail: String,
    },
    /// The JSON has another shape than the dialect.
    #[error("{path} answered without the field \"{field}\" of its dialect")]
    Shape {
        /// The path asked.
        path: String,
        /// The field that is missing or of another kind.
        field: String,
    },
}

/// One answer of a bridge. A field that the bridge did not tell is `None`, which is never the same as `false` or zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BridgeReading {
    /// What the service calls itself.
    pub service: Option<String>,
    /// The bridge's own clock when it answered.
    pub bridge_time: Option<Timestamp>,
    /// What the bridge says of its terminal.
    pub terminal: TerminalReading,
    /// Whether the bridge reaches its own database.
    pub store_connected: Option<bool>,
    /// What it says of its accounts.
    pub accounts: AccountsReading,
}

/// What a bridge says of its terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalReading {
    /// Whether the terminal answers the bridge.
    pub available: Option<bool>,
    /// Whether the terminal is connected to the broker.
    pub connected: Option<bool>,
    /// Whether algorithmic trading is on in the terminal.
    pub trading_allowed: Option<bool>,
    /// The last error of the terminal's interface.
    pub error: Option<TerminalError>,
}

/// An error of the terminal's interface: `last_error()` of the MetaTrader5 package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalError {
    /// Its number, e.g. -10005.
    pub code: i32,
    /// Its text, shortened.
    pub text: String,
}

/// What a bridge says of its accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccountsReading {
    /// The list it gave.
    Listed(Vec<AccountReading>),
    /// It gave no list, and why.
    NotListed(String),
}

impl Default for AccountsReading {
    fn default() -> Self {
        Self::NotListed(String::from("the bridge was not asked for its accounts"))
    }
}

/// What a bridge says of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountReading {
    /// Its login number.
    pub id: AccountId,
    /// Its name, where told.
    pub name: Option<String>,
    /// Whether it was read, and what was read.
    pub state: AccountState,
}

/// Whether an account was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccountState {
    /// Read by the bridge at a known time.
    Read(AccountRead),
    /// Listed, but not read: no number of it may be used.
    NotRead(NotRead),
    /// The bridge says that reading it failed.
    Failed(String),
}

/// One true read of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRead {
    /// When the bridge read it, by the bridge's clock.
    pub read_at: Timestamp,
    /// Its balance in account currency.
    pub balance: Amount,
    /// Its equity in account currency, where told.
    pub equity: Option<Amount>,
    /// Its currency, where told.
    pub currency: Option<String>,
}

/// Why a listed account does not count as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum NotRead {
    /// The balance is null or absent.
    #[error("the bridge gave no balance")]
    BalanceMissing,
    /// The balance is no sum of money.
    #[error("the bridge gave a balance that is no number: {0}")]
    BalanceUnreadable(String),
    /// The bridge marks it as a placeholder.
    #[error("the bridge marks it as a placeholder: {0}")]
    Placeholder(String),
    /// No time of reading is told, so its age cannot be known.
    #[error("the bridge does not say when it was read")]
    TimeMissing,
    /// The time of reading is not a time.
    #[error("the bridge gave a read time that is no time: {0}")]
    TimeUnreadable(String),
}
