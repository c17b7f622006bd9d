//! Turns a bridge's answers into facts, by a dialect.
//!
//! Pure: the same dialect and bytes give the same reading. Never guesses: absent is `None`, never `false` or zero.

mod accounts;

use rebound::check::{AccountsReading, BadAnswer, TerminalReading};
use rebound::time::Timestamp;
use serde_json::Value;

use crate::dialects::{Dialect, IdentityMark};
use crate::json::{Places, parse};
use crate::told;

/// What a bridge's health answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthReading {
    /// What the bridge says of its terminal.
    pub terminal: TerminalReading,
    /// Whether the bridge reaches its own database.
    pub store_connected: Option<bool>,
    /// The bridge's own clock when it answered.
    pub bridge_time: Option<Timestamp>,
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

impl Dialect {
    /// Reads the body of a health answer.
    ///
    /// # Errors
    /// [`BadAnswer::NotJson`], or [`BadAnswer::Shape`] if none of the dialect's fields is there or one is of another kind.
    pub fn read_health(&self, body: &[u8]) -> Result<HealthReading, BadAnswer> {
        let places = &self.health;
        let path = places.path.as_str();
        let shape = |field: &str| BadAnswer::Shape { path: path.to_owned(), field: field.to_owned() };
        let answer = parse(path, body)?;
        let error = places.last_error.told(&answer).and_then(told::terminal_error);
        if error.is_none() && !places.marks().iter().any(|mark| mark.mentioned(&answer)) {
            let field = places.marks().iter().find_map(|mark| mark.first()).unwrap_or("health");
            return Err(shape(field));
        }
        let flag = |places: &Places| match places.told(&answer) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                Err(shape(places.first().unwrap_or("health")))
            }
        };
        Ok(HealthReading {
            terminal: TerminalReading {
                available: flag(&places.terminal_available)?,
                connected: flag(&places.connected)?,
                trading_allowed: flag(&places.trade_allowed)?,
                error,
            },
            store_connected: flag(&places.store_connected)?,
            bridge_time: places
                .bridge_time
                .told(&answer)
                .and_then(|value| told::time(value, places.number_times)),
        })
    }

    /// Reads the body of an account answer that was asked for at `asked_at`.
    ///
    /// Never fails: where there is no list, the sentence says why.
    #[must_use]
    pub fn read_accounts(&self, body: &[u8], asked_at: Timestamp) -> AccountsReading {
        let Some(places) = &self.accounts else {
            return AccountsReading::default();
        };
        match parse(places.path.as_str(), body) {
            Ok(answer) => accounts::read(places, &answer, asked_at),
            Err(bad) => AccountsReading::NotListed(bad.to_string()),
        }
    }
}

/// Reads the body of an identity answer.
pub(crate) fn read_identity(mark: &IdentityMark, body: &[u8]) -> Identity {
    let Ok(answer) = parse(mark.path.as_str(), body) else {
        return Identity::NotTold;
    };
    match mark.field.told(&answer) {
        None => Identity::NoMark,
        Some(Value::String(name)) if *name == mark.expected => Identity::Expected,
        Some(other) => Identity::Other(told::words(other)),
    }
}
