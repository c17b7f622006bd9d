//! The questions asked of a target, and what came back: raw facts, no opinion.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::TargetId;
use crate::time::Timestamp;

mod reading;

pub use reading::{
    AccountRead, AccountReading, AccountState, AccountsFrom, AccountsReading, BridgeReading, DatabaseReading,
    EndpointReading, NamelessEntries, NotRead, POSITIONS_MAX, Position, PositionBook, TerminalError,
    TerminalReading, Transfer,
};

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
