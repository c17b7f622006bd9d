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
    /// Does every answer come from the login, server and currency that are expected?
    #[serde(rename = "account.identity")]
    AccountIdentity,
    /// Are positions and orders after a heal those from before it?
    #[serde(rename = "positions.kept")]
    PositionsKept,
    /// Does the HTTP service answer as expected?
    #[serde(rename = "endpoint.http")]
    EndpointHttp,
    /// Does something accept connections there?
    #[serde(rename = "endpoint.tcp")]
    EndpointTcp,
    /// Does the MongoDB server answer, and can it be written?
    #[serde(rename = "endpoint.mongodb")]
    EndpointMongodb,
    /// Does it answer fast enough?
    #[serde(rename = "endpoint.latency")]
    EndpointLatency,
    /// How long is its TLS certificate valid?
    #[serde(rename = "endpoint.certificate")]
    EndpointCertificate,
}

impl CheckId {
    /// Every check, in the order in which they are judged and shown.
    pub const ALL: [Self; 16] = [
        Self::BridgeReachable,
        Self::BridgeIdentity,
        Self::TerminalIpc,
        Self::TerminalBrokerLink,
        Self::TerminalTradingAllowed,
        Self::AccountsFresh,
        Self::AccountsSyncing,
        Self::AccountsZero,
        Self::AccountFailed,
        Self::AccountIdentity,
        Self::PositionsKept,
        Self::EndpointHttp,
        Self::EndpointTcp,
        Self::EndpointMongodb,
        Self::EndpointLatency,
        Self::EndpointCertificate,
    ];

    /// The questions asked of a bridge.
    pub const BRIDGE: [Self; 11] = [
        Self::BridgeReachable,
        Self::BridgeIdentity,
        Self::TerminalIpc,
        Self::TerminalBrokerLink,
        Self::TerminalTradingAllowed,
        Self::AccountsFresh,
        Self::AccountsSyncing,
        Self::AccountsZero,
        Self::AccountFailed,
        Self::AccountIdentity,
        Self::PositionsKept,
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
            Self::AccountIdentity => "account.identity",
            Self::PositionsKept => "positions.kept",
            Self::EndpointHttp => "endpoint.http",
            Self::EndpointTcp => "endpoint.tcp",
            Self::EndpointMongodb => "endpoint.mongodb",
            Self::EndpointLatency => "endpoint.latency",
            Self::EndpointCertificate => "endpoint.certificate",
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
            Self::AccountIdentity => "Are they the accounts that they should be?",
            Self::PositionsKept => "Did positions and orders survive the last heal?",
            Self::EndpointHttp => "Does it answer as it should?",
            Self::EndpointTcp => "Does it accept connections?",
            Self::EndpointMongodb => "Does the database answer?",
            Self::EndpointLatency => "Does it answer fast enough?",
            Self::EndpointCertificate => "How long is its certificate valid?",
        }
    }

    /// The default settings: failures in a row until it counts, and whether it rests while markets are closed.
    #[must_use]
    pub const fn default_spec(self) -> CheckSpec {
        let (failures_to_open, market_hours) = match self {
            Self::BridgeReachable => (3, false),
            Self::BridgeIdentity | Self::TerminalIpc | Self::AccountIdentity => (2, false),
            Self::TerminalBrokerLink | Self::TerminalTradingAllowed | Self::AccountsFresh => (2, true),
            Self::AccountsSyncing | Self::AccountsZero | Self::AccountFailed => (3, true),
            Self::PositionsKept => (1, false),
            Self::EndpointHttp | Self::EndpointTcp | Self::EndpointMongodb | Self::EndpointLatency => {
                (3, false)
            }
            Self::EndpointCertificate => (2, false),
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
    /// An endpoint answered, well or badly.
    Endpoint(EndpointReading),
    /// How many beacons answered.
    Beacons {
        /// Beacons that answered.
        answered: u32,
        /// Beacons that were asked.
        asked: u32,
        /// The time that each of them told in a `Date` header, moved to the moment the question was given. Whole seconds.
        dates: Vec<Timestamp>,
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
    /// A connection was made, and the deadline passed before the answer was whole.
    #[error("no complete answer within {} ms", .0)]
    TimedOut(u32),
    /// No connection was made before the deadline: the host itself may be gone.
    #[error("no connection within {} ms", .0)]
    Unreachable(u32),
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
    /// How the bridge refused our key where it asks for one behind a health answer that needs none; `None` where it did not.
    #[serde(default)]
    pub key_refused: Option<BadAnswer>,
    /// The bridge's own clock when it answered.
    pub bridge_time: Option<Timestamp>,
    /// What the bridge says of its terminal.
    pub terminal: TerminalReading,
    /// Whether the bridge reaches its own database.
    pub store_connected: Option<bool>,
    /// What it says of its accounts.
    pub accounts: AccountsReading,
    /// Entries of its account list that name no account; `None` where each of them names one.
    #[serde(default)]
    pub nameless: Option<NamelessEntries>,
    /// Open positions and pending orders; `None` where they are not told.
    pub positions: Option<PositionBook>,
    /// The time in the `Date` header of its health answer, moved to the moment the question was given. Whole seconds.
    pub http_date: Option<Timestamp>,
}

/// What a bridge says of its terminal.
///
/// Four separate flags decide whether a program may trade; source: MQL5 book, "Checking permissions".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalReading {
    /// Whether the terminal answers the bridge.
    pub available: Option<bool>,
    /// Whether the terminal is connected to the broker.
    pub connected: Option<bool>,
    /// Whether the terminal's Algo Trading button is on: `terminal_info().trade_allowed`.
    pub trading_allowed: Option<bool>,
    /// Whether the account may trade at all: `account_info().trade_allowed`, false with an investor password.
    pub account_trading: Option<bool>,
    /// Whether the broker lets programs trade on the account: `account_info().trade_expert`.
    pub expert_trading: Option<bool>,
    /// Whether trading through the Python interface is switched off: `terminal_info().tradeapi_disabled`.
    pub api_disabled: Option<bool>,
    /// The account that the terminal is logged in to.
    pub login: Option<AccountId>,
    /// Windows session of the bridge's process.
    pub bridge_session: Option<u32>,
    /// Windows session of the terminal's process.
    pub terminal_session: Option<u32>,
    /// The last error of the terminal's interface.
    pub error: Option<TerminalError>,
}

impl TerminalReading {
    /// Whether what it tells of positions and orders is of now: it answers and is connected, as far as that is told.
    #[must_use]
    pub fn tells_positions(&self) -> bool {
        self.available != Some(false) && self.connected != Some(false)
    }
}

/// Open positions and pending orders of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionBook {
    /// Open positions, at most [`POSITIONS_MAX`].
    pub positions: Vec<Position>,
    /// Tickets of pending orders, at most [`POSITIONS_MAX`]; `None` where they are not told.
    pub orders: Option<Vec<u64>>,
}

/// Most positions, and most orders, that are compared. A book that has more is not believed.
pub const POSITIONS_MAX: usize = 10_000;

/// One open position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Its ticket.
    pub ticket: u64,
    /// What is traded.
    pub symbol: Option<String>,
    /// Whether it has a stop loss; `None` where that is not told.
    pub stop_loss: Option<bool>,
}

/// What an endpoint answered. How fast is in [`Observation::latency_ms`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointReading {
    /// Status of an HTTP answer.
    pub status: Option<u16>,
    /// Whether the expected text stands in the body; `None` where none is expected.
    pub text_found: Option<bool>,
    /// When the certificate that was shown ends.
    pub certificate_ends: Option<Timestamp>,
    /// What a database said of itself, e.g. `primary`, or why it cannot work.
    pub database: Option<DatabaseReading>,
    /// The time in the `Date` header, moved to the moment the question was given. Whole seconds.
    pub http_date: Option<Timestamp>,
}

/// What a database said of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DatabaseReading {
    /// It answers and can be written; its role in words.
    Writable(String),
    /// It answers and cannot be written now; its role in words.
    ReadOnly(String),
    /// It answers with an error.
    Refuses(String),
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

/// Entries of an account list whose account nobody can tell. They must not be missed silently: each may be an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamelessEntries {
    /// How many.
    pub entries: u32,
    /// What is wrong with the first of them.
    pub why: String,
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
    /// The broker's server that it was read from, where told.
    pub server: Option<String>,
    /// The last deposit, withdrawal or transfer of its balance, where told.
    pub transfer: Option<Transfer>,
}

/// Money that came to or left an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// How much; negative where it left.
    pub amount: Amount,
    /// When.
    pub at: Timestamp,
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
    /// It is listed more than once, and the entries disagree: nobody knows which of them is true.
    #[error("the bridge lists it more than once, and not alike: {0}")]
    Contradicted(String),
}
