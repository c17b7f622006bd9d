//! Reads open positions and pending orders.
//!
//! Decides whether a list can be believed as a whole: what is compared before and after a heal must be complete. A list beside
//! an error, one that is shorter than it says, and one with an entry that has no ticket are not believed.

use std::collections::HashSet;

use rebound::check::{POSITIONS_MAX, Position};
use rebound::word::Word;
use serde_json::Value;

use super::Answer;
use super::accounts::unread_status;
use crate::dialects::positions::{NullStopLoss, OrderPlaces, PositionPlaces};
use crate::json::parse;
use crate::json::path::Places;
use crate::told;

/// Where a list stands, whatever it lists.
pub(super) struct ListPlaces<'d> {
    pub(super) path: &'d str,
    pub(super) statuses: &'d [u16],
    pub(super) list: &'d Places,
    pub(super) error: &'d Places,
    pub(super) count: &'d Places,
    pub(super) ticket: &'d Places,
}

/// The open positions of an answer.
pub(super) fn positions(places: &PositionPlaces, answer: &Answer) -> Result<Vec<Position>, String> {
    let list = ListPlaces::of_positions(places);
    let value = value(&list, answer)?;
    let entries = entries(&list, &value)?;
    let tickets = tickets(&list, entries)?;
    let position = |(entry, ticket): (&Value, u64)| Position {
        ticket,
        symbol: told::text(places.symbol.told(entry)).map(Word::from),
        stop_loss: stop_loss(places, entry),
    };
    Ok(entries.iter().zip(tickets).map(position).collect())
}

/// The tickets of the pending orders of an answer.
pub(super) fn orders(places: &OrderPlaces, answer: &Answer) -> Result<Vec<u64>, String> {
    let list = ListPlaces::of_orders(places);
    let value = value(&list, answer)?;
    tickets(&list, entries(&list, &value)?)
}

impl<'d> ListPlaces<'d> {
    pub(super) fn of_positions(places: &'d PositionPlaces) -> Self {
        let PositionPlaces { path, statuses, list, error, count, ticket, .. } = places;
        Self { path: path.as_str(), statuses, list, error, count, ticket }
    }

    pub(super) fn of_orders(places: &'d OrderPlaces) -> Self {
        let OrderPlaces { path, statuses, list, error, count, ticket } = places;
        Self { path: path.as_str(), statuses, list, error, count, ticket }
    }
}

/// Whether a position has a stop loss: a price has one, 0 has none.
pub(super) fn stop_loss(places: &PositionPlaces, entry: &Value) -> Option<bool> {
    match places.stop_loss.told(entry) {
        Some(Value::Bool(told)) => Some(*told),
        // Not as a sum of money, which ends at the cent: prices have more digits.
        Some(price) => price.as_f64().filter(|price| *price >= 0.0).map(|price| price > 0.0),
        None if places.null_stop_loss == NullStopLoss::None && places.stop_loss.mentioned(entry) => {
            Some(false)
        }
        None => None,
    }
}

fn value(list: &ListPlaces<'_>, answer: &Answer) -> Result<Value, String> {
    if !list.statuses.contains(&answer.status) {
        return Err(unread_status(list.path, answer.status));
    }
    parse(list.path, &answer.body).map_err(|bad| bad.to_string())
}

/// The entries of a list that can be believed as a whole.
pub(super) fn entries<'a>(list: &ListPlaces<'_>, answer: &'a Value) -> Result<&'a [Value], String> {
    let path = list.path;
    if let Some(said) = told::error_text(list.error.told(answer)) {
        return Err(format!("{path} says: {said}"));
    }
    let field = list.list.first().unwrap_or("$");
    let entries = match list.list.told(answer) {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(_) => return Err(format!("{path} answered with something else than a list at \"{field}\"")),
        None => return Err(format!("{path} answered without the list \"{field}\" of its dialect")),
    };
    if entries.len() > POSITIONS_MAX {
        return Err(format!("{path} lists {} entries, more than {POSITIONS_MAX}", entries.len()));
    }
    if let Some(count) = list.count.told(answer).and_then(told::whole)
        && u64::try_from(entries.len()).is_ok_and(|length| length != count)
    {
        return Err(format!("{path} lists {} entries and says that there are {count}", entries.len()));
    }
    Ok(entries)
}

/// The tickets of all entries, each of which must have one of its own.
pub(super) fn tickets(list: &ListPlaces<'_>, entries: &[Value]) -> Result<Vec<u64>, String> {
    let path = list.path;
    let mut seen = HashSet::with_capacity(entries.len());
    let mut tickets = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let ticket = list.ticket.told(entry).and_then(told::whole).filter(|ticket| *ticket > 0);
        let Some(ticket) = ticket else {
            let field = list.ticket.first().unwrap_or("ticket");
            return Err(format!("{path}: entry {index} has no ticket at \"{field}\""));
        };
        if !seen.insert(ticket) {
            return Err(format!("{path} lists the ticket {ticket} twice"));
        }
        tickets.push(ticket);
    }
    Ok(tickets)
}
