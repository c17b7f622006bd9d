//! What a bridge, a terminal, an account or an endpoint told: raw facts, each as told or missing.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::BadAnswer;
use crate::amount::Amount;
use crate::ids::AccountId;
use crate::time::Timestamp;
use crate::word::Word;

/// One answer of a bridge. A field that the bridge did not tell is `None`, which is never the same as `false` or zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BridgeReading {
    /// What the service calls itself.
    pub service: Option<Word>,
    /// How the bridge refused our key where it asks for one behind a health answer that needs none; `None` where it did not.
    #[serde(default)]
    pub key_refused: Option<BadAnswer>,
    /// The bridge's own clock when it answered.
    pub bridge_time: Option<Timestamp>,
    /// What the bridge says of its terminal.
    pub terminal: TerminalReading,
    /// Whether the bridge reaches its own database.
    pub store_connected: Option<bool>,
    /// What is told of its accounts.
    pub accounts: AccountsReading,
    /// Who tells it.
    #[serde(default)]
    pub accounts_from: AccountsFrom,
    /// Entries of the account list that name no account; `None` where each of them names one.
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
    pub symbol: Option<Word>,
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

/// Who tells what a bridge's accounts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountsFrom {
    /// The bridge itself.
    #[default]
    Bridge,
    /// A database that another program writes. Its times are by that program's clock, and its silence is not the bridge's.
    Database,
}

/// What is told of a bridge's accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccountsReading {
    /// The list.
    Listed(Vec<AccountReading>),
    /// There is no list, and why.
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

/// What is told of one account.
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
    /// Read at a known time.
    Read(AccountRead),
    /// Listed, but not read: no number of it may be used.
    NotRead(NotRead),
    /// Reading it failed, it is said.
    Failed(String),
}

/// One true read of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRead {
    /// When it was read, by the clock of whoever tells it.
    pub read_at: Timestamp,
    /// Its balance in account currency.
    pub balance: Amount,
    /// Its equity in account currency, where told.
    pub equity: Option<Amount>,
    /// Its currency, where told.
    pub currency: Option<Word>,
    /// The broker's server that it was read from, where told.
    pub server: Option<Word>,
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
    #[error("no balance is told")]
    BalanceMissing,
    /// The balance is no sum of money.
    #[error("the balance is no number: {0}")]
    BalanceUnreadable(String),
    /// It is marked as a placeholder.
    #[error("it is marked as a placeholder: {0}")]
    Placeholder(String),
    /// No time of reading is told, so its age cannot be known.
    #[error("it is not told when it was read")]
    TimeMissing,
    /// The time of reading is not a time.
    #[error("the read time is no time: {0}")]
    TimeUnreadable(String),
    /// It is listed more than once, and the entries disagree: nobody knows which of them is true.
    #[error("it is listed more than once, and not alike: {0}")]
    Contradicted(String),
}
