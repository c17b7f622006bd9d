//! The calls of earlier systems, so that existing scripts go on working. What is not known is `null`, never `false` or 0.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use rebound::alert::Alert;
use rebound::check::CheckId;
use rebound::ids::AlertId;
use rebound::incident::Severity;
use rebound::monitor::{Asked, AskedState};
use rebound::view::{Board, TargetView, Tone};
use rebound_engine::service::Principal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Face;
use super::errors::Problem;
use super::extract::{Body, Form, Path, Query};
use super::json::healing::cooldown;
use super::json::history::AlertsQuery;

type Who = Extension<Principal>;

/// Liveness: whether the program and its loop run. No secrets, no side effects.
pub(crate) async fn health(State(face): State<Face>) -> (StatusCode, Json<Value>) {
    let alive = face.alive.is_alive();
    let status = if alive { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if alive { "ok" } else { "not watching" };
    (status, Json(json!({ "status": word, "service": "rebound", "version": env!("CARGO_PKG_VERSION") })))
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct TargetQuery {
    target: Option<String>,
}

pub(crate) async fn status(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<TargetQuery>,
) -> Result<Json<Value>, Problem> {
    let board = face.service.board(&who);
    let view = pick(&board, query.target.as_deref())?;
    Ok(Json(watchdog_status(&board, view, face.github_configured.contains(view.id.as_str()))))
}

fn watchdog_status(board: &Board, view: &TargetView, github_configured: bool) -> Value {
    let check = |id: CheckId| view.checks.iter().find(|check| check.id == id);
    let verdict = |id: CheckId| {
        check(id).and_then(|check| match check.tone {
            Tone::Good => Some(true),
            Tone::Bad | Tone::Warning => Some(false),
            Tone::Unknown | Tone::Resting | Tone::Busy => None,
        })
    };
    let worst = view.checks.iter().max_by_key(|check| check.failures);
    // A failure that is not believed yet is no ill health.
    let healthy = match view.tone {
        Tone::Warning if view.phase == "Suspect" => Some(true),
        Tone::Good => Some(true),
        Tone::Bad | Tone::Warning | Tone::Busy => Some(false),
        Tone::Unknown | Tone::Resting => None,
    };
    let incident = view.incident.as_ref();
    let last_step = incident
        .into_iter()
        .chain(&view.recent)
        .flat_map(|incident| &incident.steps)
        .filter(|step| !step.was_refused())
        .map(|step| step.started_at)
        .max();
    let healing = view.phase == "Healing" || view.phase == "Verifying";
    json!({
        "target": view.id,
        "healthy": healthy,
        "state": view.sentence,
        "phase": view.phase,
        "bridge_api_available": verdict(CheckId::BridgeReachable),
        "data_fresh": verdict(CheckId::AccountsFresh),
        "accounts_syncing": verdict(CheckId::AccountsSyncing),
        "accounts_synced": check(CheckId::AccountsSyncing).and_then(|check| check.value.clone()),
        "broker_connected": verdict(CheckId::TerminalBrokerLink),
        "trading_allowed": verdict(CheckId::TerminalTradingAllowed),
        "consecutive_failures": view.observed_at.and(worst).map(|check| check.failures),
        "failure_threshold": worst.map(|check| check.failures_to_open),
        "auto_healing_in_progress": healing,
        "incident": incident.map(|incident| incident.id),
        "last_check": view.observed_at.map(rebound::time::Timestamp::rfc3339),
        "last_healing_attempt": last_step.map(rebound::time::Timestamp::rfc3339),
        "github_token_configured": github_configured,
        "store_works": board.own.store_trouble.is_none(),
        "timestamp": board.at.rfc3339(),
    })
}

pub(crate) async fn force_sync(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<TargetQuery>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let target = pick(&face.service.board(&who), query.target.as_deref())?.id.to_string();
    Ok(answer(&face.service.force_sync(&who, &target).await?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HealBody {
    target: Option<String>,
    /// Must be the target's own id to lift the cooldown.
    lift_cooldown: Option<String>,
}

impl Form for HealBody {
    const HELP: &'static str = "Send no body, or {\"target\": \"<id>\", \"lift_cooldown\": \"<id>\"}.";
}

pub(crate) async fn force_healing(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<TargetQuery>,
    Body(body): Body<HealBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let target = pick(&face.service.board(&who), body.target.or(query.target).as_deref())?.id.to_string();
    let cooldown = cooldown(body.lift_cooldown.as_deref(), &target)?;
    Ok(answer(&face.service.force_heal(&who, &target, cooldown, None).await?))
}

pub(crate) async fn test_alert(
    State(face): State<Face>,
    Extension(who): Who,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok(answer(&face.service.test_alert(&who).await?))
}

pub(crate) async fn alerts(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<AlertsQuery>,
) -> Result<Json<Value>, Problem> {
    let alerts = face.service.alerts(&who, &query.filter()?).await?;
    let rows: Vec<Value> = alerts.iter().map(alert_row).collect();
    Ok(Json(json!({ "success": true, "count": rows.len(), "alerts": rows })))
}

pub(crate) async fn acknowledge(
    State(face): State<Face>,
    Extension(who): Who,
    Path(id): Path<u64>,
) -> Result<Json<Value>, Problem> {
    let asked = face.service.acknowledge(&who, AlertId::new(id)).await?;
    let board = face.service.board(&who);
    let first = board
        .alerts
        .iter()
        .find(|alert| alert.id.number() == id)
        .and_then(|alert| alert.acknowledged.as_ref());
    let by = first.map_or(who.name.as_str(), |signature| signature.by.as_str());
    Ok(Json(json!({ "success": true, "message": sentence(&asked.state), "acknowledged_by": by })))
}

/// A row as the collection `system_alerts` of earlier systems has it.
fn alert_row(alert: &Alert) -> Value {
    let details: serde_json::Map<String, Value> = alert
        .message
        .facts
        .iter()
        .map(|(label, value)| (label.clone(), Value::from(value.clone())))
        .collect();
    let severity = match alert.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    };
    json!({
        "id": alert.id,
        "component": alert.target.as_ref().map_or("rebound", |target| target.as_str()),
        "component_name": alert.message.about,
        "severity": severity,
        "status": alert.reason.code(),
        "message": alert.message.title,
        "advice": alert.message.advice,
        "details": details,
        "incident": alert.incident,
        "timestamp": alert.at.rfc3339(),
        "created_at": alert.at.rfc3339(),
        "acknowledged": alert.acknowledged.is_some(),
        "acknowledged_by": alert.acknowledged.as_ref().map(|signature| signature.by.clone()),
        "acknowledged_at": alert.acknowledged.as_ref().map(|signature| signature.at.rfc3339()),
        "resolved": alert.resolved_at.is_some(),
        "resolved_at": alert.resolved_at.map(rebound::time::Timestamp::rfc3339),
    })
}

fn answer(asked: &Asked) -> (StatusCode, Json<Value>) {
    let (status, accepted) = match asked.state {
        AskedState::Running(_) | AskedState::Done(_) => (StatusCode::ACCEPTED, true),
        AskedState::Refused(_) => (StatusCode::CONFLICT, false),
    };
    let body = json!({
        "success": accepted,
        "id": asked.id,
        "message": sentence(&asked.state),
        "follow": format!("/api/v1/requests/{}", asked.id),
    });
    (status, Json(body))
}

fn sentence(state: &AskedState) -> &str {
    match state {
        AskedState::Running(text) | AskedState::Done(text) | AskedState::Refused(text) => text,
    }
}

/// The target asked for, or the first.
fn pick<'a>(board: &'a Board, target: Option<&str>) -> Result<&'a TargetView, Problem> {
    let found = match target {
        None => board.targets.first(),
        Some(id) => board.targets.iter().find(|view| view.id.as_str() == id),
    };
    found.ok_or_else(|| {
        let message = format!("No target is called \"{}\".", target.unwrap_or_default());
        Problem::new(
            StatusCode::NOT_FOUND,
            "no_such_target",
            &message,
            "GET /api/v1/board lists the targets.",
        )
    })
}
