//! What a person lays a hand on for some time: pauses, planned work, dry runs, moved capital. On the server only.
//!
//! An empty `target` means all. How long is told in hours; the core says what is too long.

use leptos::prelude::*;
use rebound::monitor::Asked;

use super::error::UiError;
use super::request::{all_if_empty, caller, dry_run_wanted, hours_long, land};
use super::text::JsonAnswer;

/// Starts no heal by itself for so many hours.
#[server(name = Pause, prefix = "/api/ui", endpoint = "pause", output = JsonAnswer)]
pub(crate) async fn pause(#[server(default)] target: String, hours: u32) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let asked = service.pause(&who, all_if_empty(&target), hours_long(hours)).await?;
    land("pause", &asked);
    Ok(asked)
}

/// Heals again.
#[server(name = Resume, prefix = "/api/ui", endpoint = "resume", output = JsonAnswer)]
pub(crate) async fn resume(#[server(default)] target: String) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let asked = service.resume(&who, all_if_empty(&target)).await?;
    land("resume", &asked);
    Ok(asked)
}

/// Begins planned work of that name for so many hours.
#[server(name = StartMaintenance, prefix = "/api/ui", endpoint = "start-maintenance", output = JsonAnswer)]
pub(crate) async fn start_maintenance(
    #[server(default)] target: String,
    hours: u32,
    #[server(default)] name: String,
) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let asked = service.start_maintenance(&who, all_if_empty(&target), hours_long(hours), &name).await?;
    land("work", &asked);
    Ok(asked)
}

/// Ends the planned work that a person began.
#[server(name = EndMaintenance, prefix = "/api/ui", endpoint = "end-maintenance", output = JsonAnswer)]
pub(crate) async fn end_maintenance(#[server(default)] target: String) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let asked = service.end_maintenance(&who, all_if_empty(&target)).await?;
    land("work-over", &asked);
    Ok(asked)
}

/// Whether everything of a target is decided and nothing is done: one of the words in [`super::actions`].
#[server(name = DryRun, prefix = "/api/ui", endpoint = "dry-run", output = JsonAnswer)]
pub(crate) async fn dry_run(target: String, dry_run: String) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let asked = service.set_dry_run(&who, &target, dry_run_wanted(&dry_run)?).await?;
    land("dry-run", &asked);
    Ok(asked)
}

/// Takes back what was declared as moved capital of a target.
#[server(name = TakeBackMoves, prefix = "/api/ui", endpoint = "take-back-moves", output = JsonAnswer)]
pub(crate) async fn take_back_moves(target: String) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let asked = service.take_back_moves(&who, &target).await?;
    land("take-back", &asked);
    Ok(asked)
}

/// Says that capital of these accounts, or of all where none is named, is moved for so many hours.
#[server(name = DeclareMove, prefix = "/api/ui", endpoint = "declare-move", output = JsonAnswer)]
pub(crate) async fn declare_move(
    target: String,
    hours: u32,
    #[server(default)] accounts: Vec<u64>,
) -> Result<Asked, UiError> {
    let (service, who) = caller().await?;
    let accounts = accounts.into_iter().map(rebound::ids::AccountId::new).collect();
    let asked = service.declare_move(&who, &target, accounts, hours_long(hours)).await?;
    land("declare", &asked);
    Ok(asked)
}
