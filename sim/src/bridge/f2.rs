//! Dialect F-2, "FIDUS MT5 Bridge API" 1.0.0: many accounts in a database, and no key.
//!
//! Beside the real fields, `mt5` tells the Windows sessions of bridge and terminal, and an account's document
//! its last transfer. Never changes anything, except by the emergency restart.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State as Shared},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fidus::{pick, with_account};
use crate::{
    accounts::{Account, cents},
    clock,
    dialect::detail,
    faults::Fault,
    restart::{Asked, Outcome, Scope, restart},
    world::{State, World},
};

const NAME: &str = "FIDUS MT5 Bridge API";
const VERSION: &str = "1.0.0";

/// The Windows session of a person who is logged in.
const SESSION_OF_A_PERSON: u32 = 1;

/// The Windows session of services.
const SESSION_OF_SERVICES: u32 = 0;

/// All paths.
pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(root))
        .route("/api/mt5/bridge/health", get(health))
        .route("/api/mt5/status", get(status))
        .route("/api/mt5/accounts", get(accounts))
        .route("/api/mt5/accounts/summary", get(summary))
        .route("/api/mt5/account/{id}/info", get(account_info))
        .route("/api/mt5/account/{id}/balance", get(account_balance))
        .route("/api/mt5/account/{id}/trades", get(account_trades))
        .route("/api/mt5/admin/system-status", get(system_status))
        .route("/api/admin/emergency-restart", post(emergency_restart))
}

#[derive(Debug, Deserialize)]
struct RestartQuery {
    token: Option<String>,
}

async fn root(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    Json(world.look(|state| root_body(state)))
}

/// What the root says.
pub(super) fn root_body(state: &State) -> Value {
    json!({
        "service": NAME,
        "version": VERSION,
        "status": "running",
        "timestamp": clock::iso(state.bridge_now()),
        "endpoints": {
            "health": "/api/mt5/bridge/health",
            "status": "/api/mt5/status",
            "account_info": "/api/mt5/account/{account_id}/info",
            "account_balance": "/api/mt5/account/{account_id}/balance",
            "account_trades": "/api/mt5/account/{account_id}/trades",
            "accounts_summary": "/api/mt5/accounts/summary",
            "system_status": "/api/mt5/admin/system-status",
        },
    })
}

/// Healthy means that the terminal answers and the database is there. It does not mean that the broker is connected.
async fn health(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let ipc_error = state.faults.ipc_error();
        let store_up = !state.faults.has(Fault::BridgeStoreDown);
        let status = match (ipc_error.is_none(), store_up) {
            (true, true) => "healthy",
            (false, false) => "unhealthy",
            (true, false) | (false, true) => "degraded",
        };
        let (bridge_session, terminal_session) = sessions(state);
        let mut mt5 = json!({
            "available": ipc_error.is_none(),
            "terminal_info": terminal_info(state),
            "bridge_session": bridge_session,
            "terminal_session": terminal_session,
        });
        if let Some((code, text)) = ipc_error {
            mt5["last_error"] = json!([code, text]);
        }
        Json(json!({
            "status": status,
            "timestamp": clock::iso(state.bridge_now()),
            "mt5": mt5,
            "mongodb": { "connected": store_up },
            "service": { "version": VERSION, "uptime": "Running" },
        }))
    })
}

async fn status(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let timestamp = clock::iso(state.bridge_now());
        if state.faults.ipc_error().is_some() {
            let error = "MT5 terminal not initialized";
            // An empty list here, an object otherwise: so does the real bridge.
            return Json(
                json!({ "status": "offline", "error": error, "timestamp": timestamp, "accounts": [] }),
            );
        }
        if state.faults.has(Fault::BridgeStoreDown) {
            return Json(
                json!({ "status": "error", "error": "MongoDB not available", "timestamp": timestamp }),
            );
        }
        let keys = ["account", "name", "fund_type", "balance", "equity", "profit", "updated_at"];
        let documents: Vec<Value> = state.accounts.iter().map(|account| document(state, account)).collect();
        let active = documents.iter().filter(|document| amount(document, "balance") > 0.0).count();
        let list: Vec<Value> = documents.iter().map(|document| pick(document, &keys)).collect();
        Json(json!({
            "status": "online",
            "mt5_initialized": true,
            "timestamp": timestamp,
            "accounts": { "total": list.len(), "active": active, "list": list },
            "server": state.terminal_account().map(|account| account.stored.owner.server),
            "terminal": { "connected": !state.link_lost(), "trade_allowed": state.trading_on() },
        }))
    })
}

async fn accounts(Shared(world): Shared<Arc<World>>) -> Response {
    stored(&world, |state| state.accounts.iter().map(|account| document(state, account)).collect())
}

async fn summary(Shared(world): Shared<Arc<World>>) -> Response {
    stored(&world, |state| {
        let documents: Vec<Value> = state.accounts.iter().map(|account| document(state, account)).collect();
        let mut funds: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for (account, document) in state.accounts.iter().zip(&documents) {
            funds.entry(account.fund_type).or_default().push(document);
        }
        let by_fund_type: BTreeMap<&str, Value> =
            funds.iter().map(|(fund, own)| (*fund, fund_totals(own))).collect();
        let all: Vec<&Value> = documents.iter().collect();
        json!({
            "timestamp": clock::iso(state.bridge_now()),
            "totals": {
                "accounts": documents.len(),
                "balance": total(&all, "balance"),
                "equity": total(&all, "equity"),
                "profit": total(&all, "profit"),
            },
            "by_fund_type": by_fund_type,
            "accounts": documents,
        })
    })
}

async fn account_info(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    one_account(&world, &id, |state, account| {
        let document = document(state, account);
        let keys = [
            "balance",
            "equity",
            "profit",
            "margin",
            "margin_free",
            "margin_level",
            "leverage",
            "currency",
            "trade_allowed",
            "note",
            "data_source",
            "timestamp",
        ];
        let nothing_live = state.faults.ipc_error().is_some() || state.faults.has(Fault::NullBalances);
        json!({
            "account_id": account.id,
            "name": account.name,
            "fund_type": account.fund_type,
            "provider": account.provider,
            "target_amount": account.target_amount,
            "live_data": if nothing_live { Value::Null } else { pick(&document, &keys) },
            "last_sync": document["last_sync"],
            "stored_data": pick(&document, &["balance", "equity", "profit"]),
        })
    })
}

async fn account_balance(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    one_account(&world, &id, |state, account| {
        let document = document(state, account);
        json!({
            "account_id": account.id,
            "balance": document["balance"],
            "equity": document["equity"],
            "profit": document["profit"],
            "last_updated": document["updated_at"],
        })
    })
}

async fn account_trades(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    one_account(&world, &id, |_, account| json!({ "account_id": account.id, "count": 0, "trades": [] }))
}

async fn system_status(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let terminal_up = state.faults.ipc_error().is_none();
        let store_up = !state.faults.has(Fault::BridgeStoreDown);
        let mongodb = if store_up {
            let total = state.accounts.len();
            json!({
                "connected": true,
                "ping": "success",
                "collections": { "mt5_accounts": total, "mt5_deals_history": 0, "mt5_account_config": total },
            })
        } else {
            json!({ "connected": false })
        };
        Json(json!({
            "timestamp": clock::iso(state.bridge_now()),
            "service": { "name": NAME, "version": VERSION, "status": "running" },
            "mt5": {
                "initialized": terminal_up,
                "connected": terminal_up && !state.link_lost(),
                "trade_allowed": terminal_up && state.trading_on(),
            },
            "mongodb": mongodb,
            "overall_health": if terminal_up && store_up { "healthy" } else { "degraded" },
        }))
    })
}

async fn emergency_restart(
    Shared(world): Shared<Arc<World>>,
    uri: Uri,
    Query(query): Query<RestartQuery>,
) -> Response {
    let token_right = query.token.as_deref() == Some(world.options.restart_token.as_str());
    let path = uri.path().to_owned();
    let asked = Asked { path, token_right, scope: Scope::Terminal, status: restart_status };
    let outcome = restart(&world, &asked).await;
    let status = restart_status(&outcome);
    let (store_up, timestamp) =
        world.look(|state| (!state.faults.has(Fault::BridgeStoreDown), clock::iso(state.bridge_now())));
    match outcome {
        Outcome::NotConfigured => detail(status, "Admin token not configured"),
        Outcome::Refused => detail(status, "Unauthorized"),
        Outcome::Failed(code, text) => {
            let message = "MT5 reinitialization failed";
            let body = json!({
                "success": false,
                "message": message,
                "error_code": [code, text],
                "timestamp": timestamp,
            });
            (status, Json(body)).into_response()
        }
        Outcome::Done => {
            let body = json!({
                "success": true,
                "message": "MT5 bridge restarted successfully",
                "mt5_reinitialized": true,
                "mongodb_connected": store_up,
                "timestamp": timestamp,
            });
            (status, Json(body)).into_response()
        }
    }
}

/// A failure is 200, as at the real bridge.
fn restart_status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::NotConfigured => StatusCode::INTERNAL_SERVER_ERROR,
        Outcome::Refused => StatusCode::UNAUTHORIZED,
        Outcome::Failed(..) | Outcome::Done => StatusCode::OK,
    }
}

/// The Windows sessions of bridge and terminal; no session for a terminal that does not run.
fn sessions(state: &State) -> (u32, Option<u32>) {
    let terminal = (!state.faults.has(Fault::Ipc10003)).then_some(SESSION_OF_A_PERSON);
    let mismatch = state.faults.has(Fault::SessionMismatch);
    (if mismatch { SESSION_OF_SERVICES } else { SESSION_OF_A_PERSON }, terminal)
}

fn terminal_info(state: &State) -> Value {
    if state.faults.ipc_error().is_some() {
        return Value::Null;
    }
    json!({
        "connected": !state.link_lost(),
        "trade_allowed": state.trading_on(),
        "name": "MetaTrader 5",
        "company": state.terminal_account().map(|account| account.stored.owner.company),
        "build": 5370,
    })
}

/// One document of the bridge's `mt5_accounts` collection.
fn document(state: &State, account: &Account) -> Value {
    let (money, owner) = (account.stored.money, account.stored.owner);
    let read_at = clock::iso(account.stored.read_at);
    let mut document = json!({
        "account": account.id,
        "name": account.name,
        "fund_type": account.fund_type,
        "target_amount": account.target_amount,
        "server": owner.server,
        "broker_name": owner.company,
        "platform": "MT5",
        "balance": money.balance,
        "equity": money.equity,
        "profit": money.profit,
        "margin": 0.0,
        "margin_free": money.equity,
        "margin_level": 0.0,
        "leverage": 500,
        "currency": owner.currency,
        "trade_allowed": state.accounts_may_trade(),
        "connection_status": "active",
        "is_active": true,
        "data_source": "VPS_LIVE_MT5",
        "sync_status": "success",
        "updated_at": read_at,
        "last_sync": read_at,
    });
    if let Some(error) = account.stored.error {
        document["sync_status"] = json!("failed");
        document["sync_error"] = json!(error);
    }
    if let Some(transfer) = account.stored.transfer {
        document["last_transfer"] = json!({ "amount": transfer.amount, "time": clock::iso(transfer.at) });
    }
    let amounts = ["balance", "equity", "profit", "margin_free"];
    if state.faults.has(Fault::Placeholders) {
        let now = clock::iso(state.bridge_now());
        amounts.iter().for_each(|key| document[*key] = json!(0.0));
        ["updated_at", "last_sync", "timestamp"].iter().for_each(|key| document[*key] = json!(now));
        document["note"] = json!("No cached data");
        document["data_source"] = json!("no_cache");
    }
    if state.faults.has(Fault::NullBalances) {
        amounts.iter().for_each(|key| document[*key] = Value::Null);
    }
    document
}

fn fund_totals(documents: &[&Value]) -> Value {
    let keys = ["account", "name", "balance", "equity", "profit"];
    json!({
        "count": documents.len(),
        "total_balance": total(documents, "balance"),
        "total_equity": total(documents, "equity"),
        "total_profit": total(documents, "profit"),
        "accounts": documents.iter().map(|document| pick(document, &keys)).collect::<Vec<_>>(),
    })
}

fn total(documents: &[&Value], key: &str) -> f64 {
    cents(documents.iter().map(|document| amount(document, key)).sum())
}

/// Null counts as nothing, as in the real bridge's sums.
fn amount(document: &Value, key: &str) -> f64 {
    document[key].as_f64().unwrap_or(0.0)
}

/// An answer from the bridge's database; 503 while that is away.
fn stored(world: &World, body: impl FnOnce(&State) -> Value) -> Response {
    world.look(|state| from_store(state, || body(state)))
}

fn one_account(world: &World, id: &str, body: impl FnOnce(&State, &Account) -> Value) -> Response {
    with_account(world, id, |state, account| from_store(state, || body(state, account)))
}

fn from_store(state: &State, body: impl FnOnce() -> Value) -> Response {
    if state.faults.has(Fault::BridgeStoreDown) {
        return detail(StatusCode::SERVICE_UNAVAILABLE, "MongoDB not available");
    }
    Json(body()).into_response()
}
