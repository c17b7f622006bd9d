//! Whatever a bridge sends, and whichever dialect reads it: no panic, no invented amount.

use proptest::prelude::*;
use rebound::amount::Amount;
use rebound::check::{AccountState, AccountsReading};
use rebound::time::Timestamp;
use rebound_probes::{Answer, Dialect, FieldRead, PRESETS, TEXT_CHARS_MAX};
use serde_json::{Value, json};

use crate::presets::dialect;

const ASKED: Timestamp = Timestamp::from_ms(1_762_218_420_000);

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-20.0..20.0_f64).prop_map(Value::from),
        Just(json!(0)),
        Just(json!(-0.0)),
        ".{0,12}".prop_map(Value::from),
        "-?[0-9]{1,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z$]{1,6}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

/// Text that is nearly JSON of the dialect, so that the readers are reached.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "NaN",
        "-Infinity",
        "1e999",
        "0",
        "-",
        "null",
        "true",
        " ",
        "\"accounts\"",
        "\"account\"",
        "\"balance\"",
        "\"mt5\"",
        "\"available\"",
        "\"last_error\"",
        "\"equity\"",
        "\"login\"",
        "\"ticket\"",
        "\"positions\"",
        "\"connected\"",
        "\"status\"",
        "\u{feff}",
        "ä",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

fn is_zero(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.abs() < 0.005)
}

/// A name that some dialect looks for, or any other.
fn any_name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "accounts",
        "account",
        "login",
        "balance",
        "equity",
        "timestamp",
        "last_sync",
        "note",
        "data_source",
        "error",
        "detail",
        "message",
        "mt5",
        "terminal_info",
        "connected",
        "available",
        "trade_allowed",
        "status",
        "mode",
        "build",
        "positions",
        "orders",
        "ticket",
        "sl",
        "count",
        "checks",
        "check_id",
        "code",
        "read",
        "funds",
        "list",
        "balance_operations",
        "amount",
        "time",
        "terminal",
        "running",
        "windows",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-z$.]{1,6}"]
}

/// JSON of the shapes that dialects look for, filled with anything.
fn any_answer() -> impl Strategy<Value = Value> {
    any_json().prop_recursive(4, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any_name(), inner, 0..8).prop_map(Value::from_iter),
        ]
    })
}

/// Every number of an answer, as a sum of money.
fn amounts(value: &Value, found: &mut Vec<Amount>) {
    match value {
        Value::Number(number) => {
            found.extend(number.as_f64().and_then(|number| Amount::try_new(number).ok()))
        }
        Value::Array(list) => list.iter().for_each(|value| amounts(value, found)),
        Value::Object(object) => object.values().for_each(|value| amounts(value, found)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn every_dialect() -> impl Iterator<Item = Dialect> {
    PRESETS.into_iter().chain(["own"]).map(dialect)
}

/// Reads and explains an answer in every way there is. Nothing is expected of it but to come back.
fn read_whole(dialect: &Dialect, answer: &Answer) {
    drop(dialect.read_health(answer));
    for number in 0..3 {
        drop(dialect.read_terminal(number, answer));
    }
    drop(dialect.read_accounts(answer, ASKED));
    drop(dialect.read_positions(answer));
    drop(dialect.read_orders(answer));
    for part in dialect.parts() {
        for field in dialect.explain(part, answer, ASKED) {
            if let FieldRead::Missing(why) | FieldRead::Refused(why) = field.read {
                assert!(!why.is_empty(), "{}", field.field);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_reading(body in prop_oneof![prop::collection::vec(any::<u8>(), 0..400), nearly_json()]) {
        let f2 = dialect("f2");
        let answer = Answer::ok(body);
        if let Err(bad) = f2.read_health(&answer) {
            prop_assert!(bad.to_string().starts_with("/api/mt5/bridge/health "));
        }
        if let AccountsReading::NotListed(why) = f2.read_accounts(&answer, ASKED) {
            prop_assert!(why.starts_with("/api/mt5/accounts/summary "));
        }
    }

    #[test]
    fn no_dialect_panics_over_bytes(
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..400), nearly_json()],
        status in prop::sample::select(vec![200_u16, 404, 500, 503, 504]),
    ) {
        for dialect in every_dialect() {
            read_whole(&dialect, &Answer { status, ..Answer::ok(body.clone()) });
        }
    }

    #[test]
    fn no_dialect_makes_an_amount_out_of_nothing(
        value in any_answer(),
        status in prop::sample::select(vec![200_u16, 404, 503]),
    ) {
        let answer = Answer { status, ..Answer::ok(value.to_string()) };
        let mut told = Vec::new();
        amounts(&value, &mut told);
        for dialect in every_dialect() {
            read_whole(&dialect, &answer);
            let AccountsReading::Listed(accounts) = dialect.read_accounts(&answer, ASKED) else { continue };
            for account in accounts {
                let AccountState::Read(read) = account.state else { continue };
                let moved = read.transfer.map(|moved| moved.amount);
                for amount in [Some(read.balance), read.equity, moved].into_iter().flatten() {
                    prop_assert!(told.contains(&amount), "{amount:?} is nowhere in {value}");
                }
            }
        }
    }

    #[test]
    fn any_value_in_place_of_the_balance_never_becomes_a_zero(value in any_json()) {
        let body = json!({"accounts": [{"account": 7, "balance": value, "last_sync": "2025-11-04T01:06:37Z"}]});
        let read = dialect("f2").read_accounts(&Answer::ok(body.to_string()), ASKED);
        let AccountsReading::Listed(accounts) = read else { panic!("a list") };
        match &accounts[0].state {
            AccountState::Read(read) => {
                prop_assert_eq!(read.balance.is_zero(), is_zero(&value));
                prop_assert!(value.is_number());
            }
            AccountState::NotRead(_) => prop_assert!(!is_zero(&value)),
            AccountState::Failed(why) => panic!("{why}"),
        }
    }

    #[test]
    fn any_account_gives_a_reading_of_bounded_size(entry in any_json(), id in any_json(), note in any_json(), time in any_json()) {
        let full = json!({"account": id, "name": note, "note": note, "sync_status": "failed", "sync_error": note});
        let timed = json!({"account": 1, "balance": 5, "last_sync": time});
        let body = json!({"accounts": [entry, full, timed]}).to_string();
        let read = dialect("f2").read_accounts(&Answer::ok(body), ASKED);
        let AccountsReading::Listed(accounts) = read else { panic!("a list") };
        for account in accounts {
            prop_assert!(account.name.is_none_or(|name| name.chars().count() <= TEXT_CHARS_MAX));
            if let AccountState::Failed(why) = account.state {
                prop_assert!(!why.is_empty() && why.chars().count() <= TEXT_CHARS_MAX);
            }
        }
    }

    #[test]
    fn any_text_is_a_dialect_or_an_explained_error(text in ".{0,200}") {
        if let Err(error) = Dialect::from_toml(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
