//! Records as BSON and back: numbers stay numbers, a whole record is a sub-document that others can read.
//!
//! Keeps what a record says as it is said: a null of ours comes back as null, and none is made up.

use std::str::FromStr as _;

use mongodb::bson::{Bson, DateTime, Decimal128, Document};
use rebound::time::Timestamp;
use rebound_engine::ports::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

use super::failure::Fault;
use super::schema::RECORD_VERSION;

/// A record as a sub-document.
pub(super) fn to_bson<T: Serialize>(record: &T) -> Result<Bson, StoreError> {
    let json = serde_json::to_value(record)
        .map_err(|error| StoreError::Unavailable(format!("a record cannot be written: {error}")))?;
    bson_of(json)
}

/// The record in the field `key` of `document`; `name` says which it is.
pub(super) fn from_field<T: DeserializeOwned>(
    document: &mut Document,
    key: &str,
    name: &dyn Fn() -> String,
) -> Result<T, Fault> {
    let damaged =
        |why: &dyn std::fmt::Display| StoreError::Damaged(format!("{} cannot be read: {why}", name()));
    let bson = document.remove(key).ok_or_else(|| damaged(&format!("it has no field `{key}`")))?;
    let json = json_of(bson)
        .ok_or_else(|| damaged(&format!("`{key}` has a value of a kind that Rebound never writes")))?;
    Ok(serde_json::from_value(json).map_err(|error| damaged(&error))?)
}

/// A point in time as a date.
pub(super) fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_ms())
}

/// A number that identifies something, as the database sorts it.
pub(super) fn number(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|_| StoreError::Unavailable(format!("number {number} is above the highest, {}", i64::MAX)))
}

/// The bound for ids below `before`. No id is as high as the bound for all of them.
pub(super) fn below(before: Option<u64>) -> i64 {
    before.map_or(i64::MAX, |id| i64::try_from(id).unwrap_or(i64::MAX))
}

/// Refuses a document in a form from the future.
pub(super) fn must_know(document: &Document, name: &dyn Fn() -> String) -> Result<(), Fault> {
    match document.get("version").and_then(whole) {
        Some(found) if (1..=i64::from(RECORD_VERSION)).contains(&found) => Ok(()),
        Some(found) => {
            let text =
                format!("{} has form {found}, this Rebound understands up to {RECORD_VERSION}", name());
            Err(StoreError::Damaged(text).into())
        }
        None => Err(StoreError::Damaged(format!("{} has no version", name())).into()),
    }
}

/// A whole number, in whatever width it is written: shells write 1 as a double.
pub(super) fn whole(bson: &Bson) -> Option<i64> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds of values are no whole numbers")]
    match bson {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
        Bson::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
        _ => None,
    }
}

fn bson_of(json: Value) -> Result<Bson, StoreError> {
    Ok(match json {
        Value::Null => Bson::Null,
        Value::Bool(is) => Bson::Boolean(is),
        Value::String(text) => Bson::String(text),
        Value::Array(items) => Bson::Array(items.into_iter().map(bson_of).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let mut document = Document::new();
            for (key, value) in fields {
                document.insert(key, bson_of(value)?);
            }
            Bson::Document(document)
        }
        Value::Number(number) => bson_of_number(&number)?,
    })
}

fn bson_of_number(number: &Number) -> Result<Bson, StoreError> {
    if let Some(whole) = number.as_i64() {
        return Ok(Bson::Int64(whole));
    }
    if let Some(large) = number.as_u64() {
        // Larger than any whole number of BSON; a decimal holds every digit of it.
        return Decimal128::from_str(&large.to_string()).map(Bson::Decimal128).map_err(|error| {
            StoreError::Unavailable(format!("the number {large} cannot be written: {error}"))
        });
    }
    number
        .as_f64()
        .map(Bson::Double)
        .ok_or_else(|| StoreError::Unavailable(format!("the number {number} cannot be written")))
}

/// `None` for kinds of values that are never written here.
fn json_of(bson: Bson) -> Option<Value> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "BSON has many kinds of values that are never written here"
    )]
    Some(match bson {
        Bson::Null => Value::Null,
        Bson::Boolean(is) => Value::Bool(is),
        Bson::String(text) => Value::String(text),
        Bson::Int32(number) => Value::Number(number.into()),
        Bson::Int64(number) => Value::Number(number.into()),
        Bson::Double(number) => Value::Number(Number::from_f64(number)?),
        Bson::Decimal128(number) => Value::Number(u64::from_str(&number.to_string()).ok()?.into()),
        Bson::Array(items) => Value::Array(items.into_iter().map(json_of).collect::<Option<_>>()?),
        Bson::Document(fields) => Value::Object(
            fields.into_iter().map(|(key, value)| Some((key, json_of(value)?))).collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_comes_back_as_it_was() {
        let record = json!({
            "none": null, "yes": true, "text": "a\u{0}b", "small": -5, "large": u64::MAX, "highest": i64::MAX,
            "money": 10_000.25, "list": [1, [2.5, {"deep": "接続なし"}]], "empty": {},
        });
        assert_eq!(json_of(to_bson(&record).unwrap()), Some(record));
    }

    #[test]
    fn a_number_of_a_shell_is_a_number() {
        assert_eq!(whole(&Bson::Double(1.0)), Some(1));
        assert_eq!(whole(&Bson::Double(1.5)), None);
        assert_eq!(whole(&Bson::String("1".to_owned())), None);
    }
}
