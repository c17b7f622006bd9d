//! Dialect F-3, 3.0-complete: many accounts over one connection, of which only the terminal's own is live.
//!
//! `status` follows the first connection and nothing else, and `mongodb.connected` is always true: so does the
//! real bridge. It has no root, no key and no call that repairs anything.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    fidus::{add_transfer, cached_data, no_trades, pick, with_account},
    package,
};
use crate::{
    accounts::{Account, TERMINAL_ACCOUNT},
    clock,
    dialect::detail,
    faults::Fault,
    world::{State, World},
};

const VERSION: &str = "3.0-complete";

/// All paths.
pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/api/mt5/bridge/health", get(health))
        .route("/api/mt5/accounts/summary", get(summary))
        .route("/api/mt5/account/{id}/info", get(account_info))
        .route("/api/mt5/account/{id}/trades", get(account_trades))
}

async fn health(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let initialized = package::initialized(state);
        let terminal = package::terminal_info(state).map(|info| pick(&info, &["connected", "trade_allowed"]));
        let account = state.terminal_account().and_then(|account| package::account_info(state, account));
        Json(json!({
            "status": if initialized { "healthy" } else { "unhealthy" },
            "mt5": {
                "initialized": initialized,
                "available": terminal.is_some() && account.is_some(),
                "terminal_info": terminal,
            },
            "mongodb": { "connected": true },
            "version": VERSION,
            "timestamp": clock::iso(state.bridge_now()),
        }))
    })
}

async fn summary(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| {
        if !package::initialized(state) {
            return detail(StatusCode::SERVICE_UNAVAILABLE, "MT5 not initialized");
        }
        let accounts: Vec<Value> = state.accounts.iter().map(|account| summary_of(state, account)).collect();
        let body = json!({
            "success": true,
            "count": accounts.len(),
            "accounts": accounts,
            "timestamp": clock::iso(state.bridge_now()),
        });
        Json(body).into_response()
    })
}

fn summary_of(state: &State, account: &Account) -> Value {
    let cached = is_cached(state, account);
    let money = account.stored.money;
    let mut entry = json!({
        "account": account.id,
        "name": account.name,
        "fund_type": account.fund_type,
        "balance": if cached { money.balance } else { 0.0 },
        "equity": if cached { money.equity } else { 0.0 },
    });
    if !cached {
        entry["note"] = json!("No cached data");
    }
    add_transfer(&mut entry, account);
    entry
}

async fn account_info(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_account(&world, &id, |state, account| {
        if !package::initialized(state) {
            return detail(StatusCode::SERVICE_UNAVAILABLE, "MT5 not initialized");
        }
        let terminal = state.terminal_account().and_then(|account| package::account_info(state, account));
        if terminal.is_none() {
            return detail(StatusCode::SERVICE_UNAVAILABLE, "Failed to get account info from MT5");
        }
        let now = clock::iso(state.bridge_now());
        let body = json!({
            "account_id": account.id,
            "name": account.name,
            "fund_type": account.fund_type,
            "provider": account.provider,
            "target_amount": 0,
            "live_data": live_data(state, account),
            // Always now: so does the real bridge.
            "last_sync": now,
            "stored_data": null,
        });
        Json(body).into_response()
    })
}

fn live_data(state: &State, account: &Account) -> Value {
    let source = if !is_cached(state, account) {
        "no_cache"
    } else if account.id == TERMINAL_ACCOUNT {
        "mt5_live"
    } else {
        "cached"
    };
    let note = "Terminal not on this account, no cached data";
    cached_data(state, account, is_cached(state, account), source, note)
}

async fn account_trades(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_account(&world, &id, |state, account| {
        if !package::initialized(state) {
            return detail(StatusCode::SERVICE_UNAVAILABLE, "MT5 not initialized");
        }
        Json(no_trades(account)).into_response()
    })
}

/// The terminal's own account is always in the cache; the others were, while it was on them.
fn is_cached(state: &State, account: &Account) -> bool {
    account.id == TERMINAL_ACCOUNT || !state.faults.has(Fault::Placeholders)
}
