//! Fire drills: the last and the next of each target, those that were held, and one now.

use axum::extract::State;
use axum::{Extension, Json};
use rebound::drill::Drill;
use rebound::view::DrillView;
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::extract::{Path, Query};
use super::{Accepted, Answer, Who, accepted};

/// Most drills of one answer.
const LIMIT_MAX: usize = 500;
/// Drills of one answer, unless somebody asks for more.
const LIMIT: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    target: Option<String>,
    limit: Option<usize>,
}

/// What is known of drills.
#[derive(Debug, Serialize)]
pub(crate) struct Drills {
    /// Of each target the last one and the next.
    targets: Vec<DrillView>,
    /// Those that were held, put off or missed, newest first, each with its steps.
    history: Vec<Drill>,
}

pub(crate) async fn drills(
    State(face): State<Face>,
    Extension(who): Who,
    Query(which): Query<Which>,
) -> Answer<Drills> {
    let limit = which.limit.unwrap_or(LIMIT).min(LIMIT_MAX);
    let history = face.service.drills(&who, which.target.as_deref(), limit).await?;
    let mut targets = face.service.board(&who).drills.clone();
    targets.retain(|view| which.target.as_deref().is_none_or(|target| view.target.as_str() == target));
    Ok(Json(Drills { targets, history }))
}

/// Rehearses an emergency of every target now.
pub(crate) async fn of_all(State(face): State<Face>, Extension(who): Who) -> Accepted {
    accepted(face.service.drill(&who, None).await)
}

/// The same of one target.
pub(crate) async fn of_target(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Accepted {
    accepted(face.service.drill(&who, Some(&target)).await)
}
