//! The host's own restart service.

use rebound_sim::{Fault, RestartMode, Sim, SimOptions, start};
use serde_json::{Value, json};

use crate::{KEY, assert_same_shape, client, health, is_time, read, started};

async fn sim() -> Sim {
    start(SimOptions { host_port: Some(0), ..SimOptions::quick() }).await.unwrap()
}

async fn restart(sim: &Sim, token: &str) -> (u16, Value) {
    let url = format!("{}/api/system/full-restart", sim.addresses().host.as_ref().unwrap());
    read(client().post(url).bearer_auth(token)).await
}

#[tokio::test]
async fn there_is_none_unless_it_is_wanted() {
    assert_eq!(started().await.addresses().host, None);
}

#[tokio::test]
async fn its_health_names_it() {
    let sim = sim().await;
    let url = format!("{}/health", sim.addresses().host.as_ref().unwrap());
    let body = json!({ "status": "healthy", "service": "mt5-full-restart" });
    assert_eq!(read(client().get(url)).await, (200, body));
}

#[tokio::test]
async fn a_restart_brings_a_dead_bridge_back_before_it_answers() {
    let sim = sim().await;
    sim.fault(Fault::ProcessDown).await;
    let (status, body) = restart(&sim, KEY).await;
    assert_eq!((status, &body["success"]), (200, &json!(true)));
    assert!(!sim.faults().await.has(Fault::ProcessDown));
    crate::eventually(async || client().get(&sim.bridge_url).send().await.ok()).await;
    assert_eq!(health(&sim).await["status"], "healthy");
}

#[tokio::test]
async fn the_answer_has_the_shape_of_the_field() {
    let sim = sim().await;
    let (_, body) = restart(&sim, KEY).await;
    let recorded = json!({
        "started_at": "2025-10-28T12:00:00.000000",
        "steps": [{ "step": "kill_processes", "status": "success" }],
        "success": true,
        "verification": {
            "connected": [{ "account": 1, "balance": 1.0, "equity": 1.0, "status": "connected" }],
            "failed": [{ "account": 1, "status": "failed", "balance": 0.0 }],
            "total_connected": 6,
            "total_accounts": 7,
        },
        "success_rate": 0.857,
        "completed_at": "2025-10-28T12:00:30.000000",
    });
    assert_same_shape(&body, &recorded);
    assert_eq!(body["steps"].as_array().unwrap().len(), 5);
    assert!(!is_time(&body["started_at"]), "its times have no zone");
}

#[tokio::test]
async fn a_wrong_token_is_401_and_counted() {
    let sim = sim().await;
    assert_eq!(restart(&sim, "wrong").await, (401, json!({ "detail": "Unauthorized" })));
    let call = &sim.restart_calls().await[0];
    assert_eq!((call.path.as_str(), call.token_right), ("/api/system/full-restart", false));
}

#[tokio::test]
async fn a_restart_that_fails_is_500_and_says_at_which_step() {
    let sim = sim().await;
    sim.restart_mode(RestartMode::Fails).await;
    let (status, body) = restart(&sim, KEY).await;
    assert_eq!((status, &body["success"]), (500, &json!(false)));
    assert_eq!(body["steps"][2], json!({ "step": "start_terminals", "status": "failed" }));
    assert_eq!(body["error"], "Failed to start MT5 terminals");
}

#[tokio::test]
async fn wrong_credentials_fail_where_the_bridge_connects() {
    let sim = sim().await;
    sim.fault(Fault::IpcCredentials).await;
    let (status, body) = restart(&sim, KEY).await;
    assert_eq!((status, &body["error"]), (500, &json!("Failed to reconnect Bridge")));
    assert!(sim.faults().await.has(Fault::IpcCredentials));
}

#[tokio::test]
async fn too_few_accounts_are_no_success_with_status_200() {
    let sim = sim().await;
    sim.fault(Fault::ZeroBalances).await;
    let (status, body) = restart(&sim, KEY).await;
    assert_eq!((status, &body["success"], &body["success_rate"]), (200, &json!(false), &json!(0.0)));
}

#[tokio::test]
async fn a_liar_finds_every_account_and_repairs_nothing() {
    let sim = sim().await;
    sim.restart_mode(RestartMode::Lies).await;
    sim.break_link().await;
    let (_, body) = restart(&sim, KEY).await;
    assert_eq!((&body["success"], &body["verification"]["total_connected"]), (&json!(true), &json!(7)));
    assert!(sim.faults().await.has(Fault::LinkLost));
}
