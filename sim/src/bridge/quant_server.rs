//! Dialect quant-server: one account, no key, and a health that is 503 when its poll of the terminal is old.
//!
//! The link to the broker is not told: `mt5_connected` means that the terminal answers. Nothing in it restarts
//! anything by request.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{fidus::pick, package};
use crate::world::World;

/// From this age of the poll on the real one gives up on itself.
const POLL_AGE_MAX: TimeDelta = TimeDelta::seconds(30);

/// All paths.
pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/health", get(health))
        .route("/account_info", get(account_info))
        .route("/last_error", get(last_error))
        .route("/get_positions", get(positions))
}

async fn health(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| {
        let answers = state.faults.ipc_error().is_none();
        let age = state.poll_age();
        let healthy = answers && age <= POLL_AGE_MAX;
        let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let body = json!({
            "status": if healthy { "healthy" } else { "unhealthy" },
            "mt5_connected": answers,
            "mt5_initialized": answers,
            "poll_age_sec": age.as_seconds_f64(),
        });
        (status, Json(body)).into_response()
    })
}

/// The fields of both known versions: the older one has a single `trade_allowed`, the account's.
async fn account_info(Shared(world): Shared<Arc<World>>) -> Response {
    world.look(|state| {
        let info = state.terminal_account().and_then(|account| package::account_info(state, account));
        let Some(info) = info else {
            let body = json!({ "status": "error", "reason": "Failed to get account info" });
            return (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response();
        };
        let terminal = package::terminal_info(state);
        let mut body = pick(
            &info,
            &[
                "login",
                "server",
                "name",
                "trade_allowed",
                "trade_mode",
                "margin_level",
                "margin_so_call",
                "margin_so_so",
                "equity",
                "balance",
                "credit",
                "margin_mode",
                "currency",
                "leverage",
            ],
        );
        body["status"] = json!("successful");
        body["account_trade_allowed"] = info["trade_allowed"].clone();
        body["account_trade_expert"] = info["trade_expert"].clone();
        body["terminal_trade_allowed"] =
            terminal.map_or(Value::Null, |terminal| terminal["trade_allowed"].clone());
        Json(body).into_response()
    })
}

/// From the cache of the poll: answers even while the terminal does not.
async fn positions(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        Json(
            state
                .terminal_account()
                .map(|account| package::positions(state, account))
                .into_iter()
                .flatten()
                .collect(),
        )
    })
}

async fn last_error(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    let (code, message) = world.look(|state| package::last_error(state));
    Json(json!({ "error_code": code, "error_message": message }))
}
