//! What was: alerts, incidents and the journal. An alert can be acknowledged; nothing else is changed here.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use rebound::alert::Alert;
use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::incident::{Incident, Severity};
use rebound::monitor::{Asked, JournalEntry};
use rebound_engine::ports::{AlertFilter, PAGE_MAX};
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::{Path, Query};
use super::{Answer, Who};

/// Rows returned where none are asked for.
const PAGE_DEFAULT: u32 = 50;

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
