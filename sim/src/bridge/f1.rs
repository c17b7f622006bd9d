//! Dialect F-1, "FIDUS MT5 Bridge Service" 1.0.0: the terminal's one account, live, behind `X-API-Key`.
//!
//! It calls a terminal without a link to the broker "not connected" and then tells nothing of it, and it
//! reports errors with status 200. `initialize` and `login` change something; nothing else does.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State as Shared, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, Uri},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{has_key, package};
use crate::{
    accounts::TERMINAL_ACCOUNT,
    clock,
    dialect::{Dialect, detail},
    faults::Fault,
    restart::{Asked, Outcome, Scope, restart},
    world::{State, World},
};

const NAME: &str = "FIDUS MT5 Bridge Service";
const VERSION: &str = "1.0.0";
const KEY_HEADER: &str = "x-api-key";

/// What its own `terminal/info` keeps of the package's record.
const TERMINAL_FIELDS: [&str; 11] = [
    "name",
    "build",
    "path",
    "data_path",
    "commondata_path",
    "connected",
    "trade_allowed",
    "tradeapi_disabled",
    "ping_last",
    "community_account",
    "community_connection",
];

/// All paths. `initialize` looks at the key itself, so that a refused call is counted.
pub(super) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    let kept = Router::new()
        .route("/api/mt5/login", post(login))
        .route("/api/mt5/account/info", get(account_info))
        .route("/api/mt5/terminal/info", get(terminal))
        .route("/api/mt5/positions", get(positions))
        .route("/api/mt5/symbols", get(symbols))
        .route("/api/mt5/status", get(status))
        .route_layer(from_fn_with_state(Arc::clone(world), guard));
    Router::new()
        .route("/", get(root))
        .route("/health", get(health))
        .route("/api/mt5/initialize", post(initialize))
        .merge(kept)
}

/// What `login` takes.
#[derive(Deserialize)]
struct LoginBody {
    account: i64,
    password: String,
    server: String,
}

async fn guard(Shared(world): Shared<Arc<World>>, request: Request, next: Next) -> Response {
    if has_key(request.headers(), KEY_HEADER, &world.options.api_key) {
        next.run(request).await
    } else {
        Dialect::F1.no_key()
    }
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
        "mt5_available": true,
        "mt5_initialized": package::initialized(state),
        "timestamp": clock::iso(state.bridge_now()),
    })
}

async fn health(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let initialized = package::initialized(state);
        let uptime = initialized.then(|| clock::python_span(clock::now() - state.started_at));
        Json(json!({
            "status": if is_connected(state) { "healthy" } else { "unhealthy" },
            "timestamp": clock::iso(state.bridge_now()),
            "mt5_available": true,
            "mt5_initialized": initialized,
            "mt5_connected": is_connected(state),
            // A number here, an object in `/api/mt5/status`: so does the real bridge.
            "connected_accounts": u8::from(initialized),
            "uptime": uptime,
            "terminal_info": connected_terminal(state),
            "last_error": initialization_error(state),
        }))
    })
}

async fn initialize(Shared(world): Shared<Arc<World>>, uri: Uri, headers: HeaderMap) -> Response {
    let token_right = has_key(&headers, KEY_HEADER, &world.options.api_key);
    let path = uri.path().to_owned();
    let asked = Asked { path, token_right, scope: Scope::Terminal, status: restart_status };
    let outcome = restart(&world, &asked).await;
    let status = restart_status(&outcome);
    let timestamp = world.look(|state| clock::iso(state.bridge_now()));
    let answer = |success: bool, error: Value| {
        let body = json!({
            "success": success,
            "initialized": success,
            "mt5_available": true,
            "error": error,
            "timestamp": timestamp,
        });
        (status, Json(body)).into_response()
    };
    match outcome {
        Outcome::NotConfigured => {
            let body = json!({ "error": "Internal server error", "detail": "no key is configured" });
            (status, Json(body)).into_response()
        }
        Outcome::Refused => Dialect::F1.no_key(),
        Outcome::Failed(code, text) => answer(false, json!([code, text])),
        Outcome::Done => answer(true, Value::Null),
    }
}

fn restart_status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::NotConfigured => StatusCode::INTERNAL_SERVER_ERROR,
        Outcome::Refused => StatusCode::UNAUTHORIZED,
        Outcome::Failed(..) | Outcome::Done => StatusCode::OK,
    }
}

/// Logs the terminal in to its own account again, which ends a mix-up. There is no other account to log in to.
async fn login(Shared(world): Shared<Arc<World>>, body: Result<Json<LoginBody>, JsonRejection>) -> Response {
    let Ok(Json(body)) = body else {
        return detail(StatusCode::UNPROCESSABLE_ENTITY, "account, password and server are needed");
    };
    let refused = body.account != TERMINAL_ACCOUNT || body.password.is_empty() || body.server.is_empty();
    let error = world.look(|state| state.faults.ipc_error());
    if let Some((code, text)) = error.or(refused.then_some((-6, "Terminal: Authorization failed"))) {
        let error = format!("Login failed: ({code}, '{text}')");
        return Json(json!({ "success": false, "error": error })).into_response();
    }
    world.clear_fault(Fault::IdentitySwap);
    let answer = world.look(|state| {
        let stored = state.terminal_account().map(|account| account.stored.clone())?;
        Some(json!({
            "success": true,
            "account": stored.owner.login,
            "server": stored.owner.server,
            "currency": stored.owner.currency,
            "balance": stored.money.balance,
            "equity": stored.money.equity,
            "login_time": clock::iso(state.bridge_now()),
        }))
    });
    Json(answer).into_response()
}

async fn account_info(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        if !is_connected(state) {
            return not_connected();
        }
        let info = state.terminal_account().and_then(|account| package::account_info(state, account));
        Json(info.unwrap_or_else(
            || json!({ "error": "Failed to get account info: (-1, 'Terminal: Call failed')" }),
        ))
    })
}

async fn terminal(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| connected_terminal(state).map_or_else(not_connected, Json))
}

async fn positions(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        if !is_connected(state) {
            return not_connected();
        }
        let mut positions =
            state.terminal_account().map(|account| package::positions(state, account)).unwrap_or_default();
        for (shown, position) in positions.iter_mut().zip(&state.book.positions) {
            shown["type"] = json!(position.side.word());
        }
        Json(json!({
            "success": true,
            "count": positions.len(),
            "positions": positions,
            "timestamp": clock::iso(state.bridge_now()),
        }))
    })
}

async fn symbols(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        if !is_connected(state) {
            return not_connected();
        }
        let symbol = |name: &str, description: &str, digits: u8| {
            json!({
                "name": name,
                "description": description,
                "currency_base": name.get(..3),
                "currency_profit": name.get(3..),
                "currency_margin": name.get(..3),
                "digits": digits,
                "trade_mode": 4,
            })
        };
        let list = [
            symbol("EURUSD", "Euro vs US Dollar", 5),
            symbol("GBPUSD", "Pound Sterling vs US Dollar", 5),
            symbol("XAUUSD", "Gold vs US Dollar", 2),
        ];
        Json(json!({
            "success": true,
            "count": list.len(),
            "symbols": list,
            "timestamp": clock::iso(state.bridge_now()),
        }))
    })
}

async fn status(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let initialized = package::initialized(state);
        let since = clock::iso(state.started_at);
        let connected_accounts = match state.terminal_account().map(|account| account.stored.owner) {
            Some(owner) if initialized => json!({
                (owner.login.to_string()): { "server": owner.server, "connected_at": since, "last_ping": since },
            }),
            Some(_) | None => json!({}),
        };
        Json(json!({
            "mt5_available": true,
            "mt5_initialized": initialized,
            "mt5_connected": is_connected(state),
            "connected_accounts": connected_accounts,
            "initialization_time": initialized.then_some(since),
            "last_error": initialization_error(state),
            "terminal_info": connected_terminal(state),
            "timestamp": clock::iso(state.bridge_now()),
        }))
    })
}

/// Its `connected` is the terminal's link to the broker, and false where the terminal does not answer.
fn is_connected(state: &State) -> bool {
    state.faults.ipc_error().is_none() && !state.link_lost()
}

fn connected_terminal(state: &State) -> Option<Value> {
    let info = package::terminal_info(state)?;
    is_connected(state).then(|| super::fidus::pick(&info, &TERMINAL_FIELDS))
}

/// Only a failed `initialize()` is remembered, not a connection that broke later.
fn initialization_error(state: &State) -> Value {
    if package::initialized(state) { Value::Null } else { json!(package::last_error(state)) }
}

fn not_connected() -> Json<Value> {
    Json(json!({ "error": "MT5 not connected" }))
}
