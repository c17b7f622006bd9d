//! What would go wrong in the next emergency, and a look at it.

use axum::extract::State;
use axum::{Extension, Json};
use rebound::view::ReadinessView;

use super::super::Face;
use super::{Accepted, Who, accepted};

pub(crate) async fn readiness(State(face): State<Face>, Extension(who): Who) -> Json<Vec<ReadinessView>> {
    Json(face.service.board(&who).readiness.clone())
}

/// Looks now, without doing anything; what is found stands on a later board.
pub(crate) async fn check(State(face): State<Face>, Extension(who): Who) -> Accepted {
    accepted(face.service.check_readiness(&who).await)
}
