//! Reads what an answer says of bridge and terminal.
//!
//! Decides which value is a flag and which is none. A flag that is no flag is never guessed, and a terminal that nobody speaks
//! of is neither there nor gone.

use rebound::check::{BadAnswer, TerminalError, TerminalReading};
use serde_json::Value;

use super::{Answer, HealthReading};
use crate::dialects::Dialect;
use crate::dialects::places::{FactPlaces, Flag};
use crate::json::parse;
use crate::json::path::Places;
use crate::told;
use crate::told::time::time;

/// Reads a health answer, which must have one of the fields of the dialect.
pub(super) fn read_health(dialect: &Dialect, answer: &Answer) -> Result<HealthReading, BadAnswer> {
    let places = &dialect.health;
    let value = value(places, answer)?;
    if !is_known(places, &value) {
        let field = places.known_by().iter().find_map(|places| places.first()).unwrap_or("health");
        return Err(shape(places, field));
    }
    facts(dialect, places, answer.status, &value)
}

/// Reads a further answer.
pub(super) fn read(
    dialect: &Dialect,
    places: &FactPlaces,
    answer: &Answer,
) -> Result<HealthReading, BadAnswer> {
    facts(dialect, places, answer.status, &value(places, answer)?)
}

/// Whether an answer is known to be of the dialect.
pub(super) fn is_known(places: &FactPlaces, value: &Value) -> bool {
    places.known_by().iter().any(|known| known.mentioned(value))
        || places.words.iter().any(|word| word.field.walk(value).is_ok())
        || present(&places.terminal_present, value).is_some()
        || error(places, value).is_some()
}

/// A flag: `true`, `false`, or a word that means one of the two.
///
/// # Errors
/// The place where something else stands than a flag.
pub(super) fn flag<'d>(places: &'d FactPlaces, flag: Flag, value: &Value) -> Result<Option<bool>, &'d str> {
    match places.flag(flag).told_at(value) {
        Some((_, Value::Bool(told))) => Ok(Some(*told)),
        Some((path, _)) => Err(path.as_str()),
        None => Ok(places.words_of(flag).find_map(|word| {
            let told = told::words(word.field.told(value)?);
            let yes = word.yes.contains(&told).then_some(true);
            yes.or_else(|| word.no.contains(&told).then_some(false))
        })),
    }
}

/// Whether the terminal itself told something: there, or null.
pub(super) fn present(places: &Places, value: &Value) -> Option<bool> {
    let mut told_to_be_nothing = None;
    for path in places.paths() {
        match path.walk(value) {
            Ok(Value::Null) => told_to_be_nothing = Some(false),
            Ok(_) => return Some(true),
            Err(gap) if gap.at_null => told_to_be_nothing = Some(false),
            Err(_) => {}
        }
    }
    told_to_be_nothing
}

/// The terminal's last error, where one is told.
pub(super) fn error(places: &FactPlaces, value: &Value) -> Option<TerminalError> {
    places.last_error.told(value).and_then(told::terminal_error)
}

fn value(places: &FactPlaces, answer: &Answer) -> Result<Value, BadAnswer> {
    let path = places.path.as_str();
    if !places.reads(answer.status) {
        return Err(BadAnswer::Status { path: path.to_owned(), status: answer.status });
    }
    parse(path, &answer.body)
}

fn facts(
    dialect: &Dialect,
    places: &FactPlaces,
    status: u16,
    value: &Value,
) -> Result<HealthReading, BadAnswer> {
    let flag = |one: Flag| flag(places, one, value).map_err(|field| shape(places, field));
    let number = |places: &Places| places.told(value).and_then(told::whole);
    let session = |places: &Places| number(places).and_then(|session| u32::try_from(session).ok());
    let kinds = dialect.time_kinds(places.number_times, places.naive_times);
    let (told, present) = (flag(Flag::TerminalAvailable)?, present(&places.terminal_present, value));
    let silent = places.unavailable_statuses.contains(&status) || present == Some(false);
    Ok(HealthReading {
        terminal: TerminalReading {
            available: if silent { Some(false) } else { told.or(present) },
            connected: flag(Flag::Connected)?,
            trading_allowed: flag(Flag::TradeAllowed)?,
            account_trading: flag(Flag::AccountTrading)?,
            expert_trading: flag(Flag::ExpertTrading)?,
            api_disabled: flag(Flag::ApiDisabled)?,
            login: places.login.told(value).and_then(told::account_id),
            bridge_session: session(&places.bridge_session),
            terminal_session: session(&places.terminal_session),
            error: error(places, value),
        },
        store_connected: flag(Flag::StoreConnected)?,
        bridge_time: places.bridge_time.told(value).and_then(|value| time(value, kinds)),
    })
}

fn shape(places: &FactPlaces, field: &str) -> BadAnswer {
    BadAnswer::Shape { path: places.path.as_str().to_owned(), field: field.to_owned() }
}

impl HealthReading {
    /// The same with what a further answer adds. What was told first counts, but for two facts: a terminal that one answer
    /// says is silent is silent, and an error with a number says more than one without.
    pub(super) fn and(self, more: Self) -> Self {
        let (first, next) = (self.terminal, more.terminal);
        let available = match (first.available, next.available) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (told, other) => told.or(other),
        };
        let numbered = |error: &TerminalError| error.code != 0;
        let error = match (first.error, next.error) {
            (Some(error), Some(other)) if !numbered(&error) && numbered(&other) => Some(other),
            (error, other) => error.or(other),
        };
        Self {
            terminal: TerminalReading {
                available,
                connected: first.connected.or(next.connected),
                trading_allowed: first.trading_allowed.or(next.trading_allowed),
                account_trading: first.account_trading.or(next.account_trading),
                expert_trading: first.expert_trading.or(next.expert_trading),
                api_disabled: first.api_disabled.or(next.api_disabled),
                login: first.login.or(next.login),
                bridge_session: first.bridge_session.or(next.bridge_session),
                terminal_session: first.terminal_session.or(next.terminal_session),
                error,
            },
            store_connected: self.store_connected.or(more.store_connected),
            bridge_time: self.bridge_time.or(more.bridge_time),
        }
    }
}
