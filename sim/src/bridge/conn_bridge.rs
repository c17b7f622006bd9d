//! Dialect conn-bridge: one account, a key on every path, and a readiness that explains itself.
//!
//! Nothing in it restarts anything: once its worker is disconnected, only a new process helps. It tells a stop
//! loss of 0 as null, and the broker's wall clock as if it were UTC.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, Request, State as Shared},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{fidus::pick, has_key, package};
use crate::{
    clock,
    dialect::{Dialect, detail},
    world::{State, World},
};

const KEY_HEADER: &str = "x-api-key";

/// From how many waiting calls on it is overloaded.
const QUEUE_MAX: u32 = 10;

/// How long the package took to answer.
const LATENCY_MS: f64 = 3.2;

/// All paths.
pub(super) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    Router::new()
        .route("/health", get(health))
        .route("/account", get(account))
        .route("/terminal", get(terminal))
        .route("/positions", get(positions))
        .route("/orders", get(orders))
        .route("/readiness", get(readiness))
        .route("/worker/state", get(worker_state))
        .route_layer(from_fn_with_state(Arc::clone(world), guard))
}

/// What the readiness is asked for; it is only repeated.
#[derive(Debug, Deserialize, Serialize)]
struct ReadinessQuery {
    operation: Option<String>,
    symbol: Option<String>,
    direction: Option<String>,
    volume: Option<f64>,
}

async fn guard(Shared(world): Shared<Arc<World>>, request: Request, next: Next) -> Response {
    if has_key(request.headers(), KEY_HEADER, &world.options.api_key) {
        next.run(request).await
    } else {
        Dialect::ConnBridge.no_key()
    }
}

/// 200 always. `connected` is the worker's, not the broker's.
async fn health(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let (connected, account) = (is_connected(state), logged_in(state));
        let told = |field: &str| account.as_ref().map(|account| account[field].clone());
        Json(json!({
            "connected": connected,
            "authorized": account.is_some(),
            "broker": told("company"),
            "account_id": told("login"),
            "balance": told("balance"),
            "server_time_offset": null,
            "latency_ms": connected.then_some(LATENCY_MS),
        }))
    })
}

async fn account(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| {
        if !is_connected(state) {
            return not_connected();
        }
        let Some(info) = logged_in(state) else {
            return detail(StatusCode::SERVICE_UNAVAILABLE, "Account info is not available");
        };
        let fields = ["login", "server", "balance", "equity", "margin", "profit", "currency", "leverage"];
        let mut body = pick(&info, &fields);
        body["free_margin"] = info["margin_free"].clone();
        Json(body).into_response()
    })
}

async fn terminal(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| match package::terminal_info(state) {
        Some(info) => {
            let fields = ["name", "build", "path", "data_path", "connected", "trade_allowed"];
            Json(pick(&info, &fields)).into_response()
        }
        None => not_connected(),
    })
}

async fn positions(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| {
        if !is_connected(state) {
            return not_connected();
        }
        let profits = state.terminal_account().map(|account| account.stored.money.profit);
        let profits = profits.into_iter().chain(std::iter::repeat(0.0));
        let list: Vec<Value> = (state.book.positions.iter().zip(profits))
            .map(|(position, profit)| {
                json!({
                    "ticket": position.ticket,
                    "symbol": position.symbol,
                    "type": position.side.word().to_lowercase(),
                    "volume": position.volume,
                    "price_open": position.price_open,
                    "price_current": position.price_open,
                    "sl": price(position.stop_loss),
                    "tp": price(position.take_profit),
                    "profit": profit,
                    "swap": 0.0,
                    "time": server_time(position.opened_at),
                    "magic": 0,
                    "comment": "",
                })
            })
            .collect();
        Json(json!({ "count": list.len(), "positions": list })).into_response()
    })
}

async fn orders(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| {
        if !is_connected(state) {
            return not_connected();
        }
        let list: Vec<Value> = (state.book.orders.iter())
            .map(|order| {
                json!({
                    "ticket": order.ticket,
                    "symbol": order.symbol,
                    "type": order_type(order.kind),
                    "volume": order.volume,
                    "price": order.price_open,
                    "sl": price(order.stop_loss),
                    "tp": null,
                    "time_setup": server_time(order.set_at),
                    "magic": 0,
                })
            })
            .collect();
        Json(json!({ "count": list.len(), "orders": list })).into_response()
    })
}

/// A price of 0 is none.
fn price(price: f64) -> Option<f64> {
    (price > 0.0).then_some(price)
}

fn server_time(at: DateTime<Utc>) -> String {
    clock::iso_seconds(at + package::SERVER_OFFSET)
}

fn order_type(kind: u8) -> &'static str {
    match kind {
        2 => "buy_limit",
        3 => "sell_limit",
        4 => "buy_stop",
        5 => "sell_stop",
        _ => "unknown",
    }
}

fn not_connected() -> Response {
    detail(StatusCode::SERVICE_UNAVAILABLE, "MT5 worker is not connected")
}

async fn worker_state(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        Json(json!({
            "state": worker(state),
            "queue_depth": 0,
            "max_reconnect_retries": 5,
            "reconnect_base_delay": 1.0,
        }))
    })
}

/// 200 always.
async fn readiness(Shared(world): Shared<Arc<World>>, Query(query): Query<ReadinessQuery>) -> Json<Value> {
    world.look(|state| {
        let checks = checks(state);
        let of = |wanted: &str| -> Vec<&Value> {
            checks.iter().filter(|check| check["status"] == wanted).collect()
        };
        let (blockers, warnings) = (of("fail"), of("warn"));
        let overall = match (blockers.is_empty(), warnings.is_empty()) {
            (false, _) => "blocked",
            (true, false) => "degraded",
            (true, true) => "ready",
        };
        Json(json!({
            "overall_status": overall,
            "checks": checks,
            "blockers": blockers,
            "warnings": warnings,
            "advice": [],
            "evaluated_at": clock::iso(state.bridge_now()),
            "request_context": query,
        }))
    })
}

fn checks(state: &State) -> Vec<Value> {
    let connected = is_connected(state);
    let flag = |field: &str, info: Option<Value>| info.and_then(|info| info[field].as_bool());
    let terminal_trades = flag("trade_allowed", package::terminal_info(state));
    let account_trades = flag("trade_allowed", logged_in(state));
    let known = |value: Option<bool>| if connected { value } else { None };
    vec![
        check(
            "global.worker_connected",
            Some(connected),
            ["The worker is connected.", "The worker is not connected.", ""],
            "Start or restart the bridge.",
            json!({ "worker_state": worker(state) }),
        ),
        check(
            "global.mt5_terminal_connected",
            known(Some(true)),
            ["The terminal answers.", "", "The terminal's state is not known."],
            "Connect the worker first.",
            json!({}),
        ),
        check(
            "global.terminal_trade_allowed",
            known(terminal_trades),
            ["The terminal may trade.", "The terminal may not trade.", "Not known without the worker."],
            "Switch algorithmic trading on in the terminal.",
            json!({ "trade_allowed": terminal_trades }),
        ),
        check(
            "global.account_trade_allowed",
            known(account_trades),
            ["The account may trade.", "The account may not trade.", "Not known without account data."],
            "Ask the broker, or log in with the trading password.",
            json!({ "trade_allowed": account_trades }),
        ),
        check(
            "global.execution_policy",
            Some(true),
            ["Execution is on.", "", ""],
            "",
            json!({ "execution_enabled": true }),
        ),
        check(
            "global.queue_capacity",
            Some(true),
            ["The queue has room.", "", ""],
            "",
            json!({ "pending": 0, "threshold": QUEUE_MAX }),
        ),
    ]
}

/// One check: what it says when it is good, bad and not known.
fn check(id: &str, good: Option<bool>, messages: [&str; 3], action: &str, details: Value) -> Value {
    let [pass, fail, unknown] = messages;
    let (status, message, action) = match good {
        Some(true) => ("pass", pass, ""),
        Some(false) => ("fail", fail, action),
        None => ("unknown", unknown, action),
    };
    json!({
        "check_id": id,
        "status": status,
        "blocking": true,
        "user_message": message,
        "action": action,
        "details": details,
    })
}

fn is_connected(state: &State) -> bool {
    state.faults.ipc_error().is_none()
}

fn logged_in(state: &State) -> Option<Value> {
    state.terminal_account().and_then(|account| package::account_info(state, account))
}

fn worker(state: &State) -> &'static str {
    match (is_connected(state), logged_in(state).is_some()) {
        (true, true) => "AUTHORIZED",
        (true, false) => "CONNECTED",
        (false, _) => "DISCONNECTED",
    }
}
