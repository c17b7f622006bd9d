//! Settings: what holds, what a change would come to, changing it, taking a change back, and what was ever changed.

use axum::extract::State;
use axum::{Extension, Json};
use rebound_engine::service::{Proposal, ServiceError, SettingsNow, Undoing, WouldBe};
use rebound_engine::settings::{Made, Revision, Wanted};
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::extract::{Body, Form, Query};
use super::{Answer, Who};

/// Changes of the settings that are listed at once by default.
const LOG_DEFAULT: u32 = 50;

pub(crate) async fn settings(State(face): State<Face>, Extension(who): Who) -> Answer<SettingsNow> {
    Ok(Json(face.service.settings(&who)?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckForm {
    changes: Wanted,
}

impl Form for CheckForm {
    const HELP: &'static str = "Send {\"changes\": {\"targets/mt5/heal/cooldown\": \"10m\"}}; null takes a value back to the file's.";
}

/// What a change would come to, and would have come to.
#[derive(Debug, Serialize)]
pub(crate) struct Checked {
    #[serde(flatten)]
    proposal: Proposal,
    would_be: WouldBe,
}

pub(crate) async fn check(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<CheckForm>,
) -> Answer<Checked> {
    let proposal = face.service.propose_settings(&who, &form.changes)?;
    let would_be = face.service.replay_settings(&who, &form.changes)?;
    Ok(Json(Checked { proposal, would_be }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeForm {
    revision: u64,
    changes: Wanted,
    #[serde(default)]
    note: String,
}

impl Form for ChangeForm {
    const HELP: &'static str = "Send {\"revision\": 3, \"changes\": {\"targets/mt5/heal/cooldown\": \"10m\"}, \"note\": \"why\"}; the \
                                revision is the one that GET /api/v1/settings told.";
}

pub(crate) async fn change(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<ChangeForm>,
) -> Answer<Made> {
    Ok(Json(face.service.change_settings(&who, form.revision, &form.changes, &form.note).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoForm {
    revision: u64,
    undo: u64,
    #[serde(default)]
    note: String,
}

impl Form for UndoForm {
    const HELP: &'static str =
        "Send {\"revision\": 3, \"undo\": 2}; the revision is the one that GET /api/v1/settings told.";
}

pub(crate) async fn undo(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<UndoForm>,
) -> Answer<Made> {
    let Undoing { wanted, since } = face.service.undone_settings(&who, form.undo).await?;
    // Here nobody is shown what would be lost by it.
    if let Some(since) = since.into_iter().next() {
        let error = ServiceError::BuiltUpon { name: since.changed.name, by: since.by, number: since.number };
        return Err(error.into());
    }
    let note =
        if form.note.trim().is_empty() { format!("Takes change {} back.", form.undo) } else { form.note };
    Ok(Json(face.service.change_settings(&who, form.revision, &wanted, &note).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    before: Option<u64>,
    limit: Option<u32>,
}

pub(crate) async fn log(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<LogQuery>,
) -> Answer<Vec<Revision>> {
    let limit = query.limit.unwrap_or(LOG_DEFAULT);
    Ok(Json(face.service.settings_log(&who, query.before, limit).await?))
}
