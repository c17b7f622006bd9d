//! What the bridge does when somebody asks for an emergency restart.
//!
//! Repairs only what a new connection to the terminal repairs; see `Fault::remedy`. Never stops a process.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use crate::{
    clock,
    faults::Fault,
    options::RestartMode,
    world::{State, World},
};

/// How many restart calls are remembered.
const CALLS_MAX: usize = 200;

/// How restarts go, and who asked for one.
#[derive(Debug)]
pub(crate) struct RestartDesk {
    pub(crate) mode: RestartMode,
    pub(crate) delay: Duration,
    pub(crate) calls: VecDeque<RestartCall>,
    pub(crate) calls_total: usize,
}

/// One call of `emergency-restart`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestartCall {
    /// When it came.
    pub at: DateTime<Utc>,
    /// How the bridge was told to behave.
    pub mode: RestartMode,
    /// Whether the token was right.
    pub token_right: bool,
    /// The status of the answer.
    pub status: u16,
}

impl RestartDesk {
    pub(crate) fn new(delay: Duration) -> Self {
        Self { mode: RestartMode::default(), delay, calls: VecDeque::new(), calls_total: 0 }
    }

    fn note(&mut self, token_right: bool, status: StatusCode) {
        self.calls_total += 1;
        if self.calls.len() == CALLS_MAX {
            self.calls.pop_front();
        }
        let (at, mode, status) = (clock::now(), self.mode, status.as_u16());
        self.calls.push_back(RestartCall { at, mode, token_right, status });
    }
}

/// Answers one call, and repairs what the mode repairs.
pub(crate) async fn emergency_restart(world: Arc<World>, token: Option<&str>) -> Response {
    let token_right = token == Some(world.options.restart_token.as_str());
    let (mode, delay, credentials_wrong) = world.look(|state| {
        let desk = &mut state.restart;
        desk.note(token_right, status(desk.mode, token_right));
        (desk.mode, desk.delay, state.faults.has(Fault::IpcCredentials))
    });
    if mode == RestartMode::NotConfigured {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "Admin token not configured");
    }
    if !token_right || mode == RestartMode::Unauthorized {
        return refuse(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    if credentials_wrong && matches!(mode, RestartMode::Works | RestartMode::Slow) {
        return failure(&world, -6, "Terminal: Authorization failed");
    }
    match mode {
        RestartMode::Fails => failure(&world, -10005, "IPC timeout"),
        RestartMode::Lies => success(&world),
        RestartMode::Slow => {
            // The repair is a task of its own: a caller who hangs up does not stop it.
            if world.later(delay, |world| world.restart_terminal()).await.is_err() {
                return refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
            }
            success(&world)
        }
        RestartMode::Works | RestartMode::Unauthorized | RestartMode::NotConfigured => {
            world.later(delay, |world| world.restart_terminal());
            success(&world)
        }
    }
}

fn status(mode: RestartMode, token_right: bool) -> StatusCode {
    if mode == RestartMode::NotConfigured {
        StatusCode::INTERNAL_SERVER_ERROR
    } else if !token_right || mode == RestartMode::Unauthorized {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    }
}

fn success(world: &World) -> Response {
    let body = world.look(|state| {
        json!({
            "success": true,
            "message": "MT5 bridge restarted successfully",
            "mt5_reinitialized": true,
            "mongodb_connected": !state.faults.has(Fault::BridgeStoreDown),
            "timestamp": stamp(state),
        })
    });
    Json(body).into_response()
}

/// A failure is 200, as at the real bridge.
fn failure(world: &World, code: i64, text: &str) -> Response {
    let body = world.look(|state| {
        json!({
            "success": false,
            "message": "MT5 reinitialization failed",
            "error_code": [code, text],
            "timestamp": stamp(state),
        })
    });
    Json(body).into_response()
}

fn refuse(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}

fn stamp(state: &State) -> String {
    clock::iso(state.bridge_now())
}
