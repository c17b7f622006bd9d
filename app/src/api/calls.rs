//! What people ask for with a button, on the server only: pages post plain forms to it.
//!
//! Answers at once with the request's number; what becomes of it is followed on the board.

use leptos::prelude::*;
use rebound::monitor::Asked;

use super::error::UiError;
use super::text::JsonAnswer;

/// Reads the accounts of a target now.
#[server(name = ForceSync, prefix = "/api/ui", endpoint = "force-sync", output = JsonAnswer)]
pub(crate) async fn force_sync(target: String) -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let asked = service.force_sync(&who, &target).await?;
    super::request::land("sync", &asked);
    Ok(asked)
}

/// Starts the heal plan of a target now. `confirm` must be [`super::actions::CONFIRM_WORD`]; `lift` is empty or, to lift the cooldown,
/// the target's id; `remedy` is empty or the name of the one that is wanted.
#[server(name = ForceHeal, prefix = "/api/ui", endpoint = "force-heal", output = JsonAnswer)]
pub(crate) async fn force_heal(
    target: String,
    #[server(default)] confirm: String,
    #[server(default)] lift: String,
    #[server(default)] remedy: String,
) -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let cooldown = super::request::confirmed(&target, &confirm, &lift)?;
    let remedy = Some(remedy).filter(|name| !name.is_empty());
    let asked = service.force_heal(&who, &target, cooldown, remedy).await?;
    super::request::land("heal", &asked);
    Ok(asked)
}

/// Stops the heal of a target that runs, and every further one of its incident.
#[server(name = StopHeal, prefix = "/api/ui", endpoint = "stop-heal", output = JsonAnswer)]
pub(crate) async fn stop_heal(target: String) -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let asked = service.stop_heal(&who, &target).await?;
    super::request::land("stop", &asked);
    Ok(asked)
}

/// Sends a test alert over every channel.
#[server(name = TestAlert, prefix = "/api/ui", endpoint = "test-alert", output = JsonAnswer)]
pub(crate) async fn test_alert() -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let asked = service.test_alert(&who).await?;
    super::request::land("test", &asked);
    Ok(asked)
}

/// Looks now at what the next emergency needs.
#[server(name = CheckReadiness, prefix = "/api/ui", endpoint = "check-readiness", output = JsonAnswer)]
pub(crate) async fn check_readiness() -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let asked = service.check_readiness(&who).await?;
    super::request::land("readiness", &asked);
    Ok(asked)
}

/// Rehearses an emergency of a target now; an empty target means all.
#[server(name = HoldDrill, prefix = "/api/ui", endpoint = "drill", output = JsonAnswer)]
pub(crate) async fn hold_drill(#[server(default)] target: String) -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let asked = service.drill(&who, super::request::all_if_empty(&target)).await?;
    super::request::land("drill", &asked);
    Ok(asked)
}

/// Says that an alert was seen.
#[server(name = Acknowledge, prefix = "/api/ui", endpoint = "acknowledge", output = JsonAnswer)]
pub(crate) async fn acknowledge(alert: u64) -> Result<Asked, UiError> {
    let (service, who) = super::request::caller().await?;
    let asked = service.acknowledge(&who, rebound::ids::AlertId::new(alert)).await?;
    super::request::land("acknowledge", &asked);
    Ok(asked)
}
