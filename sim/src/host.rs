//! The host's own restart service: a small program beside the bridge that restarts everything.
//!
//! Answers when it is done, with its steps and with the accounts that it found again. Its times have no zone,
//! as the real one writes them. Runs on while the bridge is down.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State as Shared,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    bridge::has_key,
    clock,
    dialect::{Dialect, detail},
    options::RestartMode,
    restart::{Asked, Outcome, Scope, restart},
    world::{State, World},
};

/// Share of the accounts that must be found again, in percent.
const SUCCESS_PERCENT_MIN: usize = 70;

const STEPS: [&str; 5] =
    ["kill_processes", "cleanup_wait", "start_terminals", "reconnect_bridge", "verify_connections"];

/// All paths.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/api/system/full-restart", post(full_restart))
        .fallback(|| async { Dialect::F1.not_found() })
        .method_not_allowed_fallback(|| async { Dialect::F1.method_not_allowed() })
        .with_state(world)
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "healthy", "service": "mt5-full-restart" }))
}

async fn full_restart(Shared(world): Shared<Arc<World>>, uri: Uri, headers: HeaderMap) -> Response {
    let started_at = clock::iso_naive(clock::now());
    let wanted = format!("Bearer {}", world.options.api_key);
    let asked = Asked {
        path: uri.path().to_owned(),
        token_right: has_key(&headers, header::AUTHORIZATION.as_str(), &wanted),
        scope: Scope::Host,
        status,
    };
    let outcome = restart(&world, &asked).await;
    let mut body = json!({ "started_at": started_at, "success": false });
    match outcome {
        Outcome::NotConfigured | Outcome::Refused => return detail(status(&outcome), "Unauthorized"),
        Outcome::Failed(..) => {
            // What is set to fail fails early; credentials and sessions fail where the bridge connects.
            let fails_early = world.look(|state| state.restart.mode == RestartMode::Fails);
            let (step, error) = if fails_early {
                ("start_terminals", "Failed to start MT5 terminals")
            } else {
                ("reconnect_bridge", "Failed to reconnect Bridge")
            };
            body["steps"] = steps(Some(step));
            body["error"] = json!(error);
        }
        Outcome::Done => {
            let verification = world.look(|state| verification(state));
            let (connected, total) =
                (count(&verification, "total_connected"), count(&verification, "total_accounts"));
            body["steps"] = steps(None);
            body["success"] = json!(connected * 100 >= total * SUCCESS_PERCENT_MIN);
            body["success_rate"] = json!(share(connected, total));
            body["verification"] = verification;
        }
    }
    body["completed_at"] = json!(clock::iso_naive(clock::now()));
    (status(&outcome), Json(body)).into_response()
}

fn status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::NotConfigured | Outcome::Refused => StatusCode::UNAUTHORIZED,
        Outcome::Failed(..) => StatusCode::INTERNAL_SERVER_ERROR,
        Outcome::Done => StatusCode::OK,
    }
}

/// The steps up to the one that failed, if one did.
fn steps(failed: Option<&str>) -> Value {
    let last = failed.and_then(|failed| STEPS.iter().position(|step| *step == failed));
    let shown = last.map_or(STEPS.len(), |last| last + 1);
    let status = |step: &str| if failed == Some(step) { "failed" } else { "success" };
    STEPS.iter().take(shown).map(|step| json!({ "step": step, "status": status(step) })).collect()
}

/// What it finds after a restart. An account without money counts as not connected; a liar finds them all.
fn verification(state: &State) -> Value {
    let lies = state.restart.mode == RestartMode::Lies;
    let terminal_up = state.faults.ipc_error().is_none();
    let (connected, failed): (Vec<_>, Vec<_>) = state.accounts.iter().partition(|account| {
        lies || (terminal_up && account.stored.error.is_none() && account.stored.money.balance > 0.0)
    });
    let connected: Vec<Value> = connected
        .iter()
        .map(|account| {
            let money = account.stored.money;
            json!({
                "account": account.id,
                "balance": money.balance,
                "equity": money.equity,
                "status": "connected",
            })
        })
        .collect();
    let failed: Vec<Value> = failed
        .iter()
        .map(|account| json!({ "account": account.id, "status": "failed", "balance": 0.0 }))
        .collect();
    json!({
        "total_connected": connected.len(),
        "total_accounts": state.accounts.len(),
        "connected": connected,
        "failed": failed,
    })
}

fn count(verification: &Value, field: &str) -> usize {
    verification[field].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}
