//! Explains what an answer says of positions or orders.

use serde_json::Value;

use super::{FieldExplained, FieldRead, a_text, counted, explained, quoted};
use crate::dialects::positions::{OrderPlaces, PositionPlaces};
use crate::json::parse;
use crate::reading::positions::{ListPlaces, entries, stop_loss, tickets};
use crate::reading::{Answer, positions};
use crate::told;

/// Most entries that are explained one by one; a person reads no more.
const ENTRIES_MAX: usize = 50;

pub(super) fn explain_positions(places: &PositionPlaces, answer: &Answer) -> Vec<FieldExplained> {
    let list = ListPlaces::of_positions(places);
    let mut fields = Vec::new();
    let Some(value) = explain_list("positions", &list, answer, &mut fields) else {
        return fields;
    };
    let listed = entries(&list, &value).unwrap_or_default();
    for (index, entry) in listed.iter().take(ENTRIES_MAX).enumerate() {
        let at = format!("positions[{index}]");
        fields.push(ticket(&at, &list, entry));
        fields.push(explained(format!("{at}.symbol"), &places.symbol, entry, a_text));
        let told = explained(format!("{at}.stop_loss"), &places.stop_loss, entry, |found| {
            let told = stop_loss(places, entry).map(|told| if told { "yes" } else { "none" }.to_owned());
            told.ok_or_else(|| format!("{} is no price", quoted(found)))
        });
        fields.push(match (stop_loss(places, entry), told.read) {
            (Some(_), FieldRead::Missing(_)) => {
                FieldExplained::new(told.field, FieldRead::told("none, for null", "null_stop_loss"))
            }
            (_, read) => FieldExplained::new(told.field, read),
        });
    }
    if let Err(why) = positions::positions(places, answer) {
        fields.push(FieldExplained::new("positions", FieldRead::Refused(format!("not believed: {why}"))));
    }
    fields
}

pub(super) fn explain_orders(places: &OrderPlaces, answer: &Answer) -> Vec<FieldExplained> {
    let list = ListPlaces::of_orders(places);
    let mut fields = Vec::new();
    let Some(value) = explain_list("orders", &list, answer, &mut fields) else {
        return fields;
    };
    let listed = entries(&list, &value).unwrap_or_default();
    for (index, entry) in listed.iter().take(ENTRIES_MAX).enumerate() {
        fields.push(ticket(&format!("orders[{index}]"), &list, entry));
    }
    if let Err(why) = tickets(&list, listed) {
        fields.push(FieldExplained::new("orders", FieldRead::Refused(format!("not believed: {why}"))));
    }
    fields
}

/// Explains the list as a whole, and returns the answer if it is JSON and its status is read.
fn explain_list(
    part: &str,
    list: &ListPlaces<'_>,
    answer: &Answer,
    fields: &mut Vec<FieldExplained>,
) -> Option<Value> {
    let named = |name: &str| format!("{part}.{name}");
    if !list.statuses.contains(&answer.status) {
        let read: Vec<String> = list.statuses.iter().map(u16::to_string).collect();
        let why = format!("status {} is not read; the dialect reads {}", answer.status, read.join(", "));
        fields.push(FieldExplained::new(named("list"), FieldRead::Refused(why)));
        return None;
    }
    let value = match parse(list.path, &answer.body) {
        Ok(value) => value,
        Err(bad) => {
            fields.push(FieldExplained::new(named("list"), FieldRead::Refused(bad.to_string())));
            return None;
        }
    };
    fields.push(explained(named("error"), list.error, &value, |found| {
        told::error_text(Some(found)).ok_or_else(|| "it tells no error".to_owned())
    }));
    fields.push(explained(named("count"), list.count, &value, |found| {
        told::whole(found).map(|count| count.to_string()).ok_or_else(|| "it is no whole number".to_owned())
    }));
    let place = list.list.told_at(&value).map_or("$", |(path, _)| path.as_str());
    fields.push(match entries(list, &value) {
        Ok(entries) => FieldExplained::new(
            named("list"),
            FieldRead::told(counted(entries.len(), "entry", "entries"), place),
        ),
        Err(why) => FieldExplained::new(named("list"), FieldRead::Refused(why)),
    });
    Some(value)
}

fn ticket(at: &str, list: &ListPlaces<'_>, entry: &Value) -> FieldExplained {
    explained(format!("{at}.ticket"), list.ticket, entry, |found| {
        let ticket = told::whole(found).filter(|ticket| *ticket > 0).map(|ticket| ticket.to_string());
        ticket.ok_or_else(|| "it is no whole number above 0".to_owned())
    })
}
