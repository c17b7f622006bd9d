//! Turns a bridge's answers into facts, by a dialect.
//!
//! Pure: the same dialect and answer give the same reading. Never guesses: absent is `None`, never `false` or zero.

pub(crate) mod accounts;
pub(crate) mod explain;
mod facts;
mod positions;
pub(crate) mod whole;

use rebound::check::{AccountsReading, BadAnswer, NamelessEntries, Position, TerminalReading};
use rebound::ids::AccountId;
use rebound::time::Timestamp;
use serde_json::Value;

use crate::dialects::{Dialect, IdentityMark};
use crate::json::parse;
use crate::told;

/// One answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// The time in its `Date` header, moved to the moment the question was given.
    pub date: Option<Timestamp>,
}

/// What a bridge's answer says of itself and of its terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthReading {
    /// What the bridge says of its terminal.
    pub terminal: TerminalReading,
    /// Whether the bridge reaches its own database.
    pub store_connected: Option<bool>,
    /// The bridge's own clock when it answered.
    pub bridge_time: Option<Timestamp>,
}

/// What an answer about accounts says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct AccountsTold {
    /// The accounts, or why there is no list.
    pub(crate) accounts: AccountsReading,
    /// Entries of the list that name no account.
    pub(crate) nameless: Option<NamelessEntries>,
    /// The one account that the terminal is logged in to, where the bridge tells no other.
    pub(crate) login: Option<AccountId>,
    /// What is told of trading on each account that tells it.
    pub(crate) trading: Vec<AccountTrading>,
}

/// The flags of one account that decide about trading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountTrading {
    pub(crate) id: AccountId,
    pub(crate) account: Option<bool>,
    pub(crate) expert: Option<bool>,
}

/// What a service says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// It is the one that the dialect expects.
    Expected,
    /// It calls itself something else.
    Other(String),
    /// It answers, but does not say what it is.
    NoMark,
    /// It gave no answer that could say.
    NotTold,
}

impl Answer {
    /// An answer with status 200.
    #[must_use]
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), date: None }
    }
}

impl Dialect {
    /// Reads a health answer.
    ///
    /// # Errors
    /// [`BadAnswer`] if its status is none that the dialect reads, it is no JSON, none of the dialect's fields is there, or one
    /// is of another kind.
    pub fn read_health(&self, answer: &Answer) -> Result<HealthReading, BadAnswer> {
        facts::read_health(self, answer)
    }

    /// Reads a further answer with facts of the terminal, the one of that number in the order of the dialect. Nothing is told
    /// where there is none.
    ///
    /// # Errors
    /// As [`Dialect::read_health`], but any answer in JSON will do.
    pub fn read_terminal(&self, number: usize, answer: &Answer) -> Result<HealthReading, BadAnswer> {
        let places = self.terminal.get(number);
        places.map_or_else(|| Ok(HealthReading::default()), |places| facts::read(self, places, answer))
    }

    /// Reads an account answer that was asked for at `asked_at`.
    ///
    /// Never fails: where there is no list, the sentence says why.
    #[must_use]
    pub fn read_accounts(&self, answer: &Answer, asked_at: Timestamp) -> AccountsReading {
        self.accounts_told(answer, asked_at).accounts
    }

    /// Reads an answer about open positions.
    ///
    /// # Errors
    /// A sentence that says why there is no list that can be believed.
    pub fn read_positions(&self, answer: &Answer) -> Result<Vec<Position>, String> {
        match &self.positions {
            Some(places) => positions::positions(places, answer),
            None => Err("the bridge was not asked for its positions".to_owned()),
        }
    }

    /// Reads an answer about pending orders: their tickets.
    ///
    /// # Errors
    /// A sentence that says why there is no list that can be believed.
    pub fn read_orders(&self, answer: &Answer) -> Result<Vec<u64>, String> {
        match &self.orders {
            Some(places) => positions::orders(places, answer),
            None => Err("the bridge was not asked for its orders".to_owned()),
        }
    }

    pub(crate) fn accounts_told(&self, answer: &Answer, asked_at: Timestamp) -> AccountsTold {
        match &self.accounts {
            Some(places) => accounts::read(self, places, answer, asked_at),
            None => AccountsTold::default(),
        }
    }
}

/// Reads an identity answer.
pub(crate) fn read_identity(mark: &IdentityMark, answer: &Answer) -> Identity {
    if answer.status != 200 {
        return Identity::NotTold;
    }
    let Ok(value) = parse(mark.path.as_str(), &answer.body) else {
        return Identity::NotTold;
    };
    match mark.field.told(&value) {
        None if mark.always => Identity::Other(mark.without()),
        None => Identity::NoMark,
        Some(Value::String(name)) if *name == mark.expected => Identity::Expected,
        Some(other) => Identity::Other(told::words(other)),
    }
}
