//! Whatever a bridge sends: no panic, no invented zero.

use proptest::prelude::*;
use rebound::check::{AccountState, AccountsReading};
use rebound::time::Timestamp;
use rebound_probes::{Dialect, TEXT_CHARS_MAX};
use serde_json::{Value, json};

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
        "\u{feff}",
        "ä",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

fn is_zero(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.abs() < 0.005)
}

proptest! {
    #[test]
    fn any_bytes_give_a_reading(body in prop_oneof![prop::collection::vec(any::<u8>(), 0..400), nearly_json()]) {
        let f2 = Dialect::preset("f2").unwrap();
        if let Err(bad) = f2.read_health(&body) {
            prop_assert!(bad.to_string().starts_with("/api/mt5/bridge/health "));
        }
        if let AccountsReading::NotListed(why) = f2.read_accounts(&body, ASKED) {
            prop_assert!(why.starts_with("/api/mt5/accounts/summary "));
        }
    }

    #[test]
    fn any_value_in_place_of_the_balance_never_becomes_a_zero(value in any_json()) {
        let body = json!({"accounts": [{"account": 7, "balance": value, "last_sync": "2025-11-04T01:06:37Z"}]});
        let read = Dialect::preset("f2").unwrap().read_accounts(body.to_string().as_bytes(), ASKED);
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
        let read = Dialect::preset("f2").unwrap().read_accounts(body.as_bytes(), ASKED);
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
