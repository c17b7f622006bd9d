//! Explains what an answer says of bridge and terminal.

use serde_json::Value;

use super::{FieldExplained, FieldRead, a_flag, explained, quoted};
use crate::dialects::Dialect;
use crate::dialects::places::{FactPlaces, Flag};
use crate::json::parse;
use crate::json::path::Places;
use crate::reading::{Answer, facts};
use crate::told;
use crate::told::time::{time, why_no_time};

/// Explains every field of the part that is called `part`.
pub(super) fn explain(
    dialect: &Dialect,
    part: &str,
    places: &FactPlaces,
    answer: &Answer,
) -> Vec<FieldExplained> {
    let path = places.path.as_str();
    let as_a_whole = |read| FieldExplained::new(format!("{part}.path"), read);
    let value = match parse(path, &answer.body) {
        Ok(value) => value,
        Err(bad) => return vec![as_a_whole(FieldRead::Refused(bad.to_string()))],
    };
    let named = |name: &str| format!("{part}.{name}");
    let mut fields = vec![as_a_whole(whole(part, places, answer, &value))];
    fields.extend(Flag::ALL.map(|flag| explain_flag(&named(flag.name()), places, flag, answer, &value)));
    let number = |name: &str, places: &Places, read: &dyn Fn(&Value) -> Option<String>| {
        let none = || "it is no whole number above 0".to_owned();
        explained(named(name), places, &value, |found| read(found).ok_or_else(none))
    };
    let whole = |found: &Value| told::whole(found).map(|number| number.to_string());
    let login = |found: &Value| told::account_id(found).map(|id| id.to_string());
    let kinds = dialect.time_kinds(places.number_times, places.naive_times);
    fields.push(number("login", &places.login, &login));
    fields.push(number("bridge_session", &places.bridge_session, &whole));
    fields.push(number("terminal_session", &places.terminal_session, &whole));
    fields.push(explained(named("last_error"), &places.last_error, &value, |found| {
        let told = told::terminal_error(found);
        Ok(told.map_or_else(
            || "no error".to_owned(),
            |error| format!("code {}, \"{}\"", error.code, error.text),
        ))
    }));
    fields.push(explained(named("bridge_time"), &places.bridge_time, &value, |found| {
        time(found, kinds).map(|time| time.to_string()).ok_or_else(|| why_no_time(found, kinds).to_owned())
    }));
    fields
}

/// What the answer is as a whole.
fn whole(part: &str, places: &FactPlaces, answer: &Answer, value: &Value) -> FieldRead {
    let status = answer.status;
    if !places.reads(status) {
        let read: Vec<String> =
            places.statuses.iter().chain(&places.unavailable_statuses).map(u16::to_string).collect();
        return FieldRead::Refused(format!(
            "status {status} is not read; the dialect reads {}",
            read.join(", ")
        ));
    }
    if part == "health" && !facts::is_known(places, value) {
        return FieldRead::Refused("none of the fields is there by which the dialect is known".to_owned());
    }
    FieldRead::told(format!("an answer with status {status}"), places.path.as_str())
}

fn explain_flag(
    name: &str,
    places: &FactPlaces,
    flag: Flag,
    answer: &Answer,
    value: &Value,
) -> FieldExplained {
    if flag == Flag::TerminalAvailable
        && let Some(read) = silent_by_other_means(places, answer, value)
    {
        return FieldExplained::new(name, read);
    }
    let by_place = explained(name, places.flag(flag), value, a_flag);
    match (facts::flag(places, flag, value), &by_place.read) {
        (Ok(Some(told)), FieldRead::Missing(_) | FieldRead::NoPlace) => {
            let word =
                places.words_of(flag).find_map(|word| word.field.told(value).map(|found| (word, found)));
            let read = word.map_or(FieldRead::NoPlace, |(word, found)| {
                FieldRead::told(format!("{told}, for {}", quoted(found)), word.field.as_str())
            });
            FieldExplained::new(name, read)
        }
        (Ok(None), FieldRead::Missing(_) | FieldRead::NoPlace) => {
            FieldExplained::new(name, untold(places, flag, value, by_place.read))
        }
        _ => by_place,
    }
}

/// How an answer says that its terminal is there or silent, without a flag.
fn silent_by_other_means(places: &FactPlaces, answer: &Answer, value: &Value) -> Option<FieldRead> {
    if places.unavailable_statuses.contains(&answer.status) {
        return Some(FieldRead::told("false", format!("status {}", answer.status)));
    }
    match facts::present(&places.terminal_present, value)? {
        false => {
            let place = places.terminal_present.first().unwrap_or_default();
            Some(FieldRead::told("false, for null", format!("terminal_present: {place}")))
        }
        true if places.flag(Flag::TerminalAvailable).told(value).is_some() => None,
        true => {
            let place = places.terminal_present.told_at(value).map_or("", |(path, _)| path.as_str());
            Some(FieldRead::told("true, for being there", format!("terminal_present: {place}")))
        }
    }
}

/// Why a flag that was found nowhere was not found among the words either.
fn untold(places: &FactPlaces, flag: Flag, value: &Value, by_place: FieldRead) -> FieldRead {
    let mut gaps = match by_place {
        FieldRead::Missing(why) => vec![why],
        FieldRead::Told { .. } | FieldRead::Refused(_) | FieldRead::NoPlace => Vec::new(),
    };
    let mut unknown_word = false;
    for word in places.words_of(flag) {
        let path = word.field.as_str();
        match word.field.walk(value) {
            Ok(Value::Null) => gaps.push(format!("{path} is null")),
            Ok(found) => {
                unknown_word = true;
                gaps.push(format!("{path} is {}, which is neither among yes nor among no", quoted(found)));
            }
            Err(gap) => gaps.push(gap.why),
        }
    }
    if gaps.is_empty() {
        FieldRead::NoPlace
    } else if unknown_word {
        FieldRead::Refused(gaps.join("; "))
    } else {
        FieldRead::Missing(gaps.join("; "))
    }
}
