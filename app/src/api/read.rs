//! What the pages show on their first render.

use leptos::prelude::*;
use rebound::view::Board;

use super::error::UiError;
use super::text::JsonAnswer;
use crate::pages::incident::IncidentReport;

/// Everything the Overview shows.
#[server(name = ReadBoard, prefix = "/api/ui", endpoint = "board", output = JsonAnswer)]
pub(crate) async fn board() -> Result<Board, UiError> {
    let (service, who) = super::request::caller().await?;
    Ok((*service.board(&who)).clone())
}

/// One incident with the name of its target.
#[server(name = ReadIncident, prefix = "/api/ui", endpoint = "incident", output = JsonAnswer)]
pub(crate) async fn incident(id: u64) -> Result<IncidentReport, UiError> {
    let (service, who) = super::request::caller().await?;
    let incident = service.incident(&who, rebound::ids::IncidentId::new(id)).await?;
    let board = service.board(&who);
    let target = board.targets.iter().find(|target| target.id == incident.target);
    Ok(IncidentReport { target_name: target.map(|target| target.name.clone()), at: board.at, incident })
}
