//! What is now: the board, parts of it, and what became of a request. Changes nothing.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use rebound::monitor::Asked;
use rebound::view::{Board, Explained, TargetView, WindowView};
use rebound_engine::service::ServiceError;
use tokio::time::timeout;

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::Path;
use super::{Answer, Who};

/// Longest wait for the board that shows a request.
const FOLLOW_MAX: Duration = Duration::from_secs(1);

pub(crate) async fn board(State(face): State<Face>, Extension(who): Who) -> Json<Board> {
    Json(Board::clone(&face.service.board(&who)))
}

/// Why a target is in its phase, what would heal it, what it waits for, when the next look is.
pub(crate) async fn explain(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Answer<Vec<Explained>> {
    Ok(Json(target_of(&face.service.board(&who), &target)?.explain.clone()))
}

/// Planned work that is going on or comes next, soonest first.
pub(crate) async fn maintenance(State(face): State<Face>, Extension(who): Who) -> Json<Vec<WindowView>> {
    Json(face.service.board(&who).maintenance.clone())
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

pub(super) fn target_of<'a>(board: &'a Board, target: &str) -> Result<&'a TargetView, ServiceError> {
    let found = board.targets.iter().find(|view| view.id.as_str() == target);
    found.ok_or_else(|| ServiceError::NoSuchTarget(target.to_owned()))
}

fn asked(board: &Board, id: u64) -> Option<&Asked> {
    board.requests.iter().find(|asked| asked.id == id)
}

/// Whether the board was made after the request, whose number is the time of its making.
fn is_younger(board: &Board, id: u64) -> bool {
    u64::try_from(board.at.as_ms()).is_ok_and(|made_at| made_at > id)
}
