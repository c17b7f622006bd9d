//! `/api/v1/…`: everything the pages can do, for programs.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use rebound::alert::Alert;
use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::incident::{Incident, Severity};
use rebound::monitor::{Asked, JournalEntry};
use rebound::view::Board;
use rebound_engine::ports::{AlertFilter, PAGE_MAX};
use rebound_engine::service::{Cooldown, Principal};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::Face;
use super::errors::Problem;
use super::extract::{Path, Query};

type Who = Extension<Principal>;
type Answer<T> = Result<Json<T>, Problem>;

/// Longest wait for the board that shows a request.
const FOLLOW_MAX: Duration = Duration::from_secs(1);
/// Rows returned where none are asked for.
const PAGE_DEFAULT: u32 = 50;

pub(crate) async fn board(State(face): State<Face>, Extension(who): Who) -> Json<Board> {
    Json(Board::clone(&face.service.board(&who)))
}

pub(crate) async fn request(
    State(face): State<Face>,
    Extension(who): Who,
    Path(id): Path<u64>,
) -> Answer<Asked> {
    let mut boards = face.service.feed(&who);
    // Boards are made some times a second: the request may be younger than the last one.
    let shown =
        timeout(FOLLOW_MAX, boards.wait_for(|board| asked(board, id).is_some() || is_younger(board, id)));
    let found = match shown.await {
        Ok(Ok(board)) => asked(&board, id).cloned(),
        Ok(Err(_)) | Err(_) => None,
    };
    found.map(Json).ok_or_else(|| {
        let message = format!("There is no request {id} among the last ones.");
        Problem::new(StatusCode::NOT_FOUND, "not_found", &message, "Older requests are in /api/v1/journal.")
    })
}

fn asked(board: &Board, id: u64) -> Option<&Asked> {
    board.requests.iter().find(|asked| asked.id == id)
}

/// Whether the board was made after the request, whose number is the time of its making.
fn is_younger(board: &Board, id: u64) -> bool {
    u64::try_from(board.at.as_ms()).is_ok_and(|made_at| made_at > id)
}

pub(crate) async fn force_sync(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(face.service.force_sync(&who, &target).await?)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealQuery {
    /// Must be the target's own id to lift the cooldown.
    lift_cooldown: Option<String>,
}

pub(crate) async fn force_heal(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Query(query): Query<HealQuery>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    let cooldown = cooldown(query.lift_cooldown.as_deref(), &target)?;
    Ok((StatusCode::ACCEPTED, Json(face.service.force_heal(&who, &target, cooldown).await?)))
}

/// Whether the cooldown binds: lifting it takes the target's own id, typed.
pub(crate) fn cooldown(typed: Option<&str>, target: &str) -> Result<Cooldown, Problem> {
    match typed {
        None => Ok(Cooldown::Kept),
        Some(typed) if typed == target => Ok(Cooldown::Lifted),
        Some(_) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not_confirmed",
            "lift_cooldown is not the target's id, so nothing was started.",
            "Send lift_cooldown with the id of the target, or leave it out to keep the cooldown.",
        )),
    }
}

pub(crate) async fn test_alert(
    State(face): State<Face>,
    Extension(who): Who,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(face.service.test_alert(&who).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertsQuery {
    pub(crate) severity: Option<Severity>,
    #[serde(alias = "component")]
    pub(crate) target: Option<String>,
    pub(crate) acknowledged: Option<bool>,
    pub(crate) before: Option<u64>,
    pub(crate) limit: Option<u32>,
}

impl AlertsQuery {
    pub(crate) fn filter(self) -> Result<AlertFilter, Problem> {
        let target = self.target.map(|text| TargetId::try_new(&text)).transpose().map_err(|error| {
            Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad_target",
                &format!("{error}."),
                "GET /api/v1/board lists the targets.",
            )
        })?;
        Ok(AlertFilter {
            severity: self.severity,
            target,
            acknowledged: self.acknowledged,
            before: self.before.map(AlertId::new),
            limit: self.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX),
        })
    }
}

pub(crate) async fn alerts(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<AlertsQuery>,
) -> Answer<Vec<Alert>> {
    Ok(Json(face.service.alerts(&who, &query.filter()?).await?))
}

pub(crate) async fn acknowledge(
    State(face): State<Face>,
    Extension(who): Who,
    Path(id): Path<u64>,
) -> Answer<Asked> {
    Ok(Json(face.service.acknowledge(&who, AlertId::new(id)).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    before: Option<u64>,
    limit: Option<u32>,
}

pub(crate) async fn incidents(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<PageQuery>,
) -> Answer<Vec<Incident>> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    Ok(Json(face.service.incidents(&who, query.before.map(IncidentId::new), limit).await?))
}

pub(crate) async fn incident(
    State(face): State<Face>,
    Extension(who): Who,
    Path(id): Path<u64>,
) -> Answer<Incident> {
    Ok(Json(face.service.incident(&who, IncidentId::new(id)).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalQuery {
    #[serde(default)]
    after: u64,
    limit: Option<u32>,
}

/// One line of the journal.
#[derive(Debug, Serialize)]
pub(crate) struct JournalLine {
    number: u64,
    entry: JournalEntry,
}

pub(crate) async fn journal(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<JournalQuery>,
) -> Answer<Vec<JournalLine>> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let lines = face.service.journal(&who, query.after, limit).await?;
    Ok(Json(lines.into_iter().map(|(number, entry)| JournalLine { number, entry }).collect()))
}
