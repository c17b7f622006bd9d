//! Dialect mt5-httpapi: one terminal and account per path, `/<broker>/<account>`, behind a bearer token.
//!
//! Gives the package's records as they are, with 503 and 404 where there are none. Times are real UTC, as with
//! its `utc_offset` set. Every account of the host has its path; all of them share one terminal, so that a
//! restart by any path is a restart of that terminal.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State as Shared},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::package;
use crate::{
    accounts::Account,
    dialect::{BROKER, Dialect},
    restart::{Asked, Outcome, Scope, restart},
    world::{State, World},
};

/// The fields of a record that are the broker's wall clock, and how much of the offset each of them takes.
const TIMES: [(&str, i64); 8] = [
    ("time", 1),
    ("time_update", 1),
    ("time_setup", 1),
    ("time_done", 1),
    ("time_msc", 1_000),
    ("time_update_msc", 1_000),
    ("time_setup_msc", 1_000),
    ("time_done_msc", 1_000),
];

/// All paths. `restart` and `init` look at the token themselves, so that a refused call is counted.
pub(super) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    let at = |path: &str| format!("/{BROKER}/{{account}}{path}");
    let kept = Router::new()
        .route(&at("/ping"), get(ping))
        .route(&at("/error"), get(error))
        .route(&at("/terminal"), get(terminal))
        .route(&at("/account"), get(account))
        .route(&at("/positions"), get(positions))
        .route(&at("/orders"), get(orders))
        .route_layer(from_fn_with_state(Arc::clone(world), guard));
    Router::new()
        .route(&at("/terminal/restart"), post(terminal_restart))
        .route(&at("/terminal/init"), post(terminal_init))
        .merge(kept)
}

async fn guard(Shared(world): Shared<Arc<World>>, request: Request, next: Next) -> Response {
    if has_token(request.headers(), &world) { next.run(request).await } else { Dialect::Mt5Httpapi.no_key() }
}

fn has_token(headers: &HeaderMap, world: &World) -> bool {
    super::has_key(headers, header::AUTHORIZATION.as_str(), &format!("Bearer {}", world.options.api_key))
}

/// Proves that the process runs; asks the terminal nothing.
async fn ping(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_account(&world, &id, |_, _| Json(json!({ "status": "ok", "mode": "live" })).into_response())
}

async fn error(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_account(&world, &id, |state, _| {
        let (code, message) = package::last_error(state);
        Json(json!({ "code": code, "message": message })).into_response()
    })
}

async fn terminal(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_terminal(&world, &id, |state, _| {
        let mut info = package::terminal_info(state).unwrap_or_default();
        info["broker_utc_offset_hours"] = json!(package::SERVER_OFFSET.num_hours());
        info["broker_utc_offset_seconds"] = json!(package::SERVER_OFFSET.num_seconds());
        Json(info).into_response()
    })
}

async fn account(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_terminal(&world, &id, |state, account| match package::account_info(state, account) {
        Some(info) => Json(info).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "No account logged in"),
    })
}

async fn positions(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_terminal(&world, &id, |state, account| {
        Json(in_utc(package::positions(state, account))).into_response()
    })
}

async fn orders(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    with_terminal(&world, &id, |state, account| Json(in_utc(package::orders(state, account))).into_response())
}

async fn terminal_restart(
    Shared(world): Shared<Arc<World>>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    answer_restart(&world, &id, &uri, &headers, |_, _| "Terminal restart failed".to_owned()).await
}

async fn terminal_init(
    Shared(world): Shared<Arc<World>>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    answer_restart(&world, &id, &uri, &headers, |code, text| format!("({code}, '{text}')")).await
}

async fn answer_restart(
    world: &Arc<World>,
    id: &str,
    uri: &Uri,
    headers: &HeaderMap,
    failure: fn(i64, &str) -> String,
) -> Response {
    if !is_there(world, id) {
        return Dialect::Mt5Httpapi.not_found();
    }
    let asked = Asked {
        path: uri.path().to_owned(),
        token_right: has_token(headers, world),
        scope: Scope::Terminal,
        status: restart_status,
    };
    let outcome = restart(world, &asked).await;
    let status = restart_status(&outcome);
    match outcome {
        Outcome::NotConfigured => Dialect::Mt5Httpapi.broken(),
        Outcome::Refused => Dialect::Mt5Httpapi.no_key(),
        Outcome::Failed(code, text) => {
            (status, Json(json!({ "success": false, "error": failure(code, text) }))).into_response()
        }
        Outcome::Done => (status, Json(json!({ "success": true }))).into_response(),
    }
}

fn restart_status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::NotConfigured | Outcome::Failed(..) => StatusCode::INTERNAL_SERVER_ERROR,
        Outcome::Refused => StatusCode::UNAUTHORIZED,
        Outcome::Done => StatusCode::OK,
    }
}

fn is_there(world: &World, id: &str) -> bool {
    world.look(|state| state.accounts.iter().any(|account| account.id.to_string() == id))
}

fn with_account(world: &World, id: &str, look: impl FnOnce(&State, &Account) -> Response) -> Response {
    world.look(|state| match state.accounts.iter().find(|account| account.id.to_string() == id) {
        Some(account) => look(state, account),
        None => Dialect::Mt5Httpapi.not_found(),
    })
}

fn with_terminal(world: &World, id: &str, look: impl FnOnce(&State, &Account) -> Response) -> Response {
    with_account(world, id, |state, account| {
        if state.faults.ipc_error().is_some() {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "MT5 not initialized");
        }
        look(state, account)
    })
}

/// The wall clock's times as real UTC. A zero is no time and stays.
fn in_utc(mut records: Vec<Value>) -> Vec<Value> {
    for record in &mut records {
        for (field, unit) in TIMES {
            let time = record.get(field).and_then(Value::as_i64).filter(|time| *time != 0);
            if let Some(time) = time {
                record[field] = json!(time - package::SERVER_OFFSET.num_seconds() * unit);
            }
        }
    }
    records
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
