//! Dialect F-4, 4.0-multi-account: the bridge logs in to one account after the other and keeps a cache.
//!
//! An account's `timestamp` is the only truth about its age: `data_source` is "cached" however old it is, and
//! there is no `mongodb`. It has no root and no key. `refresh` reads all accounts now; nothing restarts.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    fidus::{add_transfer, cached_data, no_trades, pick, with_account},
    package,
};
use crate::{
    accounts::Account,
    clock,
    dialect::detail,
    faults::Fault,
    world::{State, World},
};

const VERSION: &str = "4.0-multi-account";

/// All paths.
pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/api/mt5/bridge/health", get(health))
        .route("/api/mt5/accounts/summary", get(summary))
        .route("/api/mt5/account/{id}/info", get(account_info))
        .route("/api/mt5/account/{id}/trades", get(account_trades))
        .route("/api/mt5/refresh", post(refresh))
}

async fn health(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let terminal = package::terminal_info(state).map(|info| pick(&info, &["connected", "trade_allowed"]));
        let account = state.terminal_account().and_then(|account| package::account_info(state, account));
        let available = terminal.is_some() && account.is_some();
        let (cached, total) = (cached_count(state), state.accounts.len());
        Json(json!({
            "status": if available { "healthy" } else { "unhealthy" },
            "mt5": {
                "initialized": package::initialized(state),
                "available": available,
                "current_account": account.map(|account| account["login"].clone()),
                "terminal_info": terminal,
            },
            "cache": {
                "accounts_cached": cached,
                "total_accounts": total,
                "cache_complete": cached == total,
            },
            "version": VERSION,
            "timestamp": clock::iso(state.bridge_now()),
        }))
    })
}

async fn summary(Shared(world): Shared<Arc<World>>) -> Response {
    when_initialized(&world, |state| {
        let accounts: Vec<Value> = state.accounts.iter().map(|account| summary_of(state, account)).collect();
        json!({
            "success": true,
            "count": accounts.len(),
            "accounts": accounts,
            "cached_count": cached_count(state),
            "timestamp": clock::iso(state.bridge_now()),
        })
    })
}

fn summary_of(state: &State, account: &Account) -> Value {
    let money = account.stored.money;
    let cached = is_cached(state);
    let shown = |amount: f64| if cached { amount } else { 0.0 };
    let mut entry = json!({
        "account": account.id,
        "name": account.name,
        "fund_type": account.fund_type,
        "provider": account.provider,
        "balance": shown(money.balance),
        "equity": shown(money.equity),
        "profit": shown(money.profit),
        "timestamp": clock::iso(if cached { account.stored.read_at } else { state.bridge_now() }),
        "data_source": if cached { "cached" } else { "no_cache" },
    });
    if cached {
        add_transfer(&mut entry, account);
    } else {
        entry["note"] = json!("Waiting for first cache refresh");
    }
    entry
}

async fn account_info(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_account(&world, &id, |state, account| {
        if !package::initialized(state) {
            return not_initialized();
        }
        let cached = is_cached(state);
        let source = if cached { "mt5_live" } else { "no_cache" };
        let body = json!({
            "account_id": account.id,
            "name": account.name,
            "fund_type": account.fund_type,
            "provider": account.provider,
            "live_data": cached_data(state, account, cached, source, "Waiting for cache refresh"),
            "last_sync": clock::iso(state.bridge_now()),
        });
        Json(body).into_response()
    })
}

async fn account_trades(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_account(&world, &id, |state, account| {
        if !package::initialized(state) {
            return not_initialized();
        }
        Json(no_trades(account)).into_response()
    })
}

/// Reads all accounts now, even if the loop has stopped.
async fn refresh(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| state.read_now());
    when_initialized(&world, |state| {
        json!({
            "success": true,
            "message": "Account refresh completed",
            "accounts_refreshed": cached_count(state),
            "timestamp": clock::iso(state.bridge_now()),
        })
    })
}

fn when_initialized(world: &World, body: impl FnOnce(&State) -> Value) -> Response {
    world.look(|state| {
        if package::initialized(state) { Json(body(state)).into_response() } else { not_initialized() }
    })
}

fn not_initialized() -> Response {
    detail(StatusCode::SERVICE_UNAVAILABLE, "MT5 not initialized")
}

fn is_cached(state: &State) -> bool {
    !state.faults.has(Fault::Placeholders)
}

fn cached_count(state: &State) -> usize {
    if is_cached(state) { state.accounts.len() } else { 0 }
}
