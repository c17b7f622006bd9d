//! What F-2, F-3 and F-4 have in common: an account's number in the path, how errors look, and what is
//! shown of a cached account.

use axum::{http::StatusCode, response::Response};
use serde_json::{Value, json};

use crate::{
    accounts::Account,
    clock,
    dialect::detail,
    world::{State, World},
};

/// Looks at the account of that number: 422 for a word, 404 for a number nobody has.
pub(super) fn with_account(
    world: &World,
    id: &str,
    look: impl FnOnce(&State, &Account) -> Response,
) -> Response {
    let Ok(id) = id.parse::<i64>() else {
        return detail(StatusCode::UNPROCESSABLE_ENTITY, "value is not a valid integer");
    };
    world.look(|state| {
        let account = state.accounts.iter().find(|account| account.id == id);
        account.map_or_else(
            || detail(StatusCode::NOT_FOUND, "Account not found"),
            |account| look(state, account),
        )
    })
}

/// Some fields of an object; those that it has.
pub(super) fn pick(document: &Value, keys: &[&str]) -> Value {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), document.get(*key)?.clone()))).collect()
}

/// What F-3 and F-4 show of an account: its cache, or a placeholder with a fresh time.
pub(super) fn cached_data(
    state: &State,
    account: &Account,
    is_cached: bool,
    source: &str,
    note_without: &str,
) -> Value {
    let (money, owner) = (account.stored.money, account.stored.owner);
    if is_cached {
        let mut data = json!({
            "account": owner.login,
            "balance": money.balance,
            "equity": money.equity,
            "profit": money.profit,
            "margin": 0.0,
            "margin_free": money.equity,
            "margin_level": 0.0,
            "currency": owner.currency,
            "leverage": 500,
            "data_source": source,
            "timestamp": clock::iso(account.stored.read_at),
        });
        add_transfer(&mut data, account);
        return data;
    }
    json!({
        "account": account.id,
        "balance": 0.0,
        "equity": 0.0,
        "profit": 0.0,
        "margin": 0.0,
        "margin_free": 0.0,
        "margin_level": 0.0,
        "currency": "USD",
        "leverage": 0,
        "data_source": source,
        "timestamp": clock::iso(state.bridge_now()),
        "note": note_without,
    })
}

/// Not a field of the real bridges, which keep no history: what a transfer looks like where one is told.
pub(super) fn add_transfer(entry: &mut Value, account: &Account) {
    if let Some(transfer) = account.stored.transfer {
        entry["last_transfer"] = json!({ "amount": transfer.amount, "time": clock::iso(transfer.at) });
    }
}

/// The answer of F-3 and F-4 for an account without a history.
pub(super) fn no_trades(account: &Account) -> Value {
    json!({
        "success": true,
        "trades": [],
        "count": 0,
        "account_number": account.id,
        "note": "No trading history available",
    })
}
