//! The emergency restart in each of its modes.

use std::time::Duration;

use rebound_sim::{Fault, RestartMode, Sim};
use serde_json::{Value, json};

use crate::{client, eventually, health, some_ticks, started};

async fn broken(mode: RestartMode) -> Sim {
    let sim = started().await;
    sim.restart_mode(mode).await;
    sim.break_link().await;
    sim
}

async fn restart_with(sim: &Sim, token: &str) -> (u16, Value) {
    let url = format!("{}/api/admin/emergency-restart?token={token}", sim.bridge_url);
    let response = client().post(url).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn restart(sim: &Sim) -> (u16, Value) {
    restart_with(sim, "demo-restart-token").await
}

async fn connected(sim: &Sim) -> bool {
    health(sim).await["mt5"]["terminal_info"]["connected"] == true
}

#[tokio::test]
async fn a_working_restart_answers_first_and_repairs_then() {
    let sim = broken(RestartMode::Works).await;
    // Long enough for two answers on a busy machine.
    sim.restart_delay(Duration::from_secs(4)).await;
    let (status, body) = restart(&sim).await;
    assert_eq!((status, &body["success"], connected(&sim).await), (200, &json!(true), false));
    eventually(async || connected(&sim).await.then_some(())).await;
}

#[tokio::test]
async fn a_working_restart_leaves_trading_as_it_is() {
    let sim = broken(RestartMode::Works).await;
    sim.fault(Fault::TradingOff).await;
    restart(&sim).await;
    eventually(async || connected(&sim).await.then_some(())).await;
    assert!(sim.faults().await.has(Fault::TradingOff));
}

#[tokio::test]
async fn a_failing_restart_is_200_with_the_error_code() {
    let sim = broken(RestartMode::Fails).await;
    let (status, body) = restart(&sim).await;
    assert_eq!((status, &body["success"]), (200, &json!(false)));
    assert_eq!(body["error_code"], json!([-10005, "IPC timeout"]));
}

#[tokio::test]
async fn a_lying_restart_repairs_nothing() {
    let sim = broken(RestartMode::Lies).await;
    let (_, body) = restart(&sim).await;
    some_ticks(&sim).await;
    assert_eq!((&body["success"], connected(&sim).await), (&json!(true), false));
}

#[tokio::test]
async fn a_slow_restart_has_repaired_when_it_answers() {
    let sim = broken(RestartMode::Slow).await;
    restart(&sim).await;
    assert!(connected(&sim).await);
}

#[tokio::test]
async fn a_slow_restart_goes_on_without_its_caller() {
    let sim = broken(RestartMode::Slow).await;
    sim.restart_delay(Duration::from_millis(300)).await;
    let url = format!("{}/api/admin/emergency-restart?token=demo-restart-token", sim.bridge_url);
    let lost = client().post(url).timeout(Duration::from_millis(100)).send().await;
    assert!(lost.is_err());
    eventually(async || connected(&sim).await.then_some(())).await;
}

#[tokio::test]
async fn an_unauthorized_restart_refuses_the_right_token() {
    let sim = broken(RestartMode::Unauthorized).await;
    assert_eq!(restart(&sim).await, (401, json!({ "detail": "Unauthorized" })));
}

#[tokio::test]
async fn a_wrong_token_changes_nothing_and_is_counted() {
    let sim = broken(RestartMode::Slow).await;
    assert_eq!(restart_with(&sim, "wrong").await.0, 401);
    assert_eq!((sim.restarts().await, connected(&sim).await), (1, false));
    assert!(!sim.restart_calls().await[0].token_right);
}

#[tokio::test]
async fn a_bridge_without_a_token_says_so() {
    let sim = broken(RestartMode::NotConfigured).await;
    assert_eq!(restart(&sim).await, (500, json!({ "detail": "Admin token not configured" })));
}

#[tokio::test]
async fn wrong_credentials_are_not_repaired_by_a_restart() {
    let sim = started().await;
    sim.fault(Fault::IpcCredentials).await;
    let (_, body) = restart(&sim).await;
    assert_eq!(body["error_code"][0], -6);
    assert!(sim.faults().await.has(Fault::IpcCredentials));
}
