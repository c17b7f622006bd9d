//! A document of a database as the JSON that a dialect's machinery reads.
//!
//! Pure. Numbers of every width become JSON numbers, dates become `{"$date": …}`, and what JSON has no word for becomes
//! `{"$type": …}`, so that it is told by its name. Nothing is turned into something that it is not: a null stays null, a text
//! stays a text, and a number that no JSON number can be becomes a text, which is never a sum.

use mongodb::bson::{Bson, Decimal128, Document};
use serde_json::{Map, Number, Value, json};

/// The largest whole number up to which a double tells each from the next: 2 to the power of 53.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A document as JSON.
pub(super) fn json_of(document: Document) -> Value {
    let fields = document.into_iter().map(|(name, value)| (name, value_of(value)));
    Value::Object(fields.collect::<Map<String, Value>>())
}

fn value_of(value: Bson) -> Value {
    match value {
        Bson::Null | Bson::Undefined => Value::Null,
        Bson::Boolean(flag) => Value::Bool(flag),
        Bson::Int32(number) => Value::from(number),
        Bson::Int64(number) => Value::from(number),
        Bson::Double(number) => double(number),
        Bson::Decimal128(number) => decimal(number),
        Bson::String(text) | Bson::Symbol(text) => Value::String(text),
        Bson::Array(entries) => Value::Array(entries.into_iter().map(value_of).collect()),
        Bson::Document(document) => json_of(document),
        Bson::DateTime(date) => match date.try_to_rfc3339_string() {
            Ok(text) => json!({ "$date": text }),
            Err(_) => json!({ "$date": { "$numberLong": date.timestamp_millis().to_string() } }),
        },
        other @ (Bson::RegularExpression(_)
        | Bson::JavaScriptCode(_)
        | Bson::JavaScriptCodeWithScope(_)
        | Bson::Timestamp(_)
        | Bson::Binary(_)
        | Bson::ObjectId(_)
        | Bson::MaxKey
        | Bson::MinKey
        | Bson::DbPointer(_)) => json!({ "$type": format!("{:?}", other.element_type()) }),
    }
}

/// Languages that know one kind of number only write an account number as a double.
fn double(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and smaller than what fits")]
    if number.fract() == 0.0 && number.abs() <= WHOLE_MAX {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
}

fn decimal(number: Decimal128) -> Value {
    let text = number.to_string();
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(whole), _) => Value::from(whole),
        (Err(_), Ok(number)) if number.is_finite() => double(number),
        (Err(_), Ok(_) | Err(_)) => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::oid::ObjectId;
    use mongodb::bson::{Bson, DateTime, Timestamp};
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::value_of;

    fn decimal(text: &str) -> Bson {
        Bson::Decimal128(text.parse().unwrap())
    }

    #[rstest]
    #[case::null(Bson::Null, json!(null))]
    #[case::undefined(Bson::Undefined, json!(null))]
    #[case::int32(Bson::Int32(-7), json!(-7))]
    #[case::int64(Bson::Int64(3_000_000_001), json!(3_000_000_001_i64))]
    #[case::a_whole_double(Bson::Double(1_000_001.0), json!(1_000_001))]
    #[case::a_fraction(Bson::Double(12.5), json!(12.5))]
    #[case::a_decimal(decimal("1234.56"), json!(1234.56))]
    #[case::a_whole_decimal(decimal("1000001"), json!(1_000_001))]
    #[case::a_decimal_with_an_exponent(decimal("1E+3"), json!(1_000))]
    #[case::text(Bson::String("12.5".to_owned()), json!("12.5"))]
    #[case::a_date(Bson::DateTime(DateTime::from_millis(1_762_218_397_030)), json!({"$date": "2025-11-04T01:06:37.03Z"}))]
    #[case::a_date_beyond_all_calendars(
        Bson::DateTime(DateTime::from_millis(i64::MAX)),
        json!({"$date": "9999-12-31T23:59:59.999999999Z"})
    )]
    #[case::an_id(Bson::ObjectId(ObjectId::new()), json!({"$type": "ObjectId"}))]
    #[case::an_inner_timestamp(Bson::Timestamp(Timestamp { time: 1, increment: 1 }), json!({"$type": "Timestamp"}))]
    fn a_value_keeps_what_it_is(#[case] told: Bson, #[case] read: Value) {
        assert_eq!(value_of(told), read);
    }

    #[rstest]
    #[case::no_number(Bson::Double(f64::NAN))]
    #[case::infinite(Bson::Double(f64::INFINITY))]
    #[case::no_decimal(decimal("NaN"))]
    #[case::an_infinite_decimal(decimal("Infinity"))]
    fn what_is_no_number_never_becomes_one(#[case] told: Bson) {
        assert!(value_of(told).is_string());
    }
}
