//! Dialect F-3: many accounts over one connection, and a `status` that follows nothing.

use chrono::{DateTime, Utc};
use rebound_sim::{Dialect, Fault, Sim};
use serde_json::{Value, json};

use crate::{HEALTH, ask, assert_same_shape, health, is_time, keys, speaking, status_of};

const SUMMARY: &str = "/api/mt5/accounts/summary";

async fn with(fault: Option<Fault>) -> Sim {
    let sim = speaking(Dialect::F3).await;
    if let Some(fault) = fault {
        sim.fault(fault).await;
    }
    sim
}

#[tokio::test]
async fn health_has_the_shape_of_the_field() {
    let sim = with(None).await;
    let recorded = json!({
        "status": "healthy",
        "mt5": {
            "initialized": true,
            "available": true,
            "terminal_info": { "connected": true, "trade_allowed": false },
        },
        "mongodb": { "connected": true },
        "version": "3.0-complete",
        "timestamp": "2025-11-04T01:41:00.000000+00:00",
    });
    let met = health(&sim).await;
    assert_same_shape(&met, &recorded);
    assert_eq!((&met["status"], &met["version"]), (&recorded["status"], &recorded["version"]));
}

#[tokio::test]
async fn there_is_no_root_and_nothing_that_restarts() {
    let sim = with(None).await;
    assert_eq!((status_of(&sim, "/").await, status_of(&sim, "/api/mt5/accounts").await), (404, 404));
    assert_eq!(crate::post(&sim, "/api/admin/emergency-restart").await.0, 404);
}

/// Recorded on 2025-11-04: one account was read, ten were placeholders.
#[tokio::test]
async fn placeholders_are_the_recorded_answer() {
    let sim = with(Some(Fault::Placeholders)).await;
    let (_, summary) = ask(&sim, SUMMARY).await;
    let live = json!({
        "account": 1, "name": "BALANCE Master", "fund_type": "BALANCE", "balance": 1.0, "equity": 1.0,
    });
    let mut placeholder = live.clone();
    placeholder["note"] = json!("No cached data");
    assert_eq!(keys(&summary), ["accounts", "count", "success", "timestamp"]);
    assert_same_shape(&summary["accounts"][0], &live);
    assert_same_shape(&summary["accounts"][1], &placeholder);
    let accounts = summary["accounts"].as_array().unwrap();
    assert_eq!(accounts.iter().filter(|one| one["note"] == "No cached data").count(), 6);
    assert!(accounts[1..].iter().all(|one| one["balance"] == 0.0));
}

#[tokio::test]
async fn an_account_says_where_its_data_is_from() {
    let sim = with(None).await;
    let (_, own) = ask(&sim, "/api/mt5/account/1000001/info").await;
    let (_, other) = ask(&sim, "/api/mt5/account/1000002/info").await;
    assert_eq!(
        (&own["live_data"]["data_source"], &other["live_data"]["data_source"]),
        (&json!("mt5_live"), &json!("cached"))
    );
    assert_eq!(own["stored_data"], Value::Null);
    assert!(is_time(&own["live_data"]["timestamp"]) && is_time(&own["last_sync"]));
}

#[tokio::test]
async fn a_placeholder_has_a_fresh_time() {
    let sim = with(Some(Fault::Placeholders)).await;
    sim.fault(Fault::SyncStopped).await;
    let (_, info) = ask(&sim, "/api/mt5/account/1000002/info").await;
    let data = &info["live_data"];
    assert_eq!((&data["data_source"], &data["balance"]), (&json!("no_cache"), &json!(0.0)));
    let time = |text: &Value| text.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let age = time(&info["last_sync"]) - time(&data["timestamp"]);
    assert!(age.num_seconds() < 60);
}

#[tokio::test]
async fn status_stays_healthy_when_the_pipe_breaks() {
    let sim = with(Some(Fault::Ipc10004)).await;
    let health = health(&sim).await;
    assert_eq!((&health["status"], &health["mt5"]["available"]), (&json!("healthy"), &json!(false)));
    assert_eq!(health["mt5"]["terminal_info"], Value::Null);
    assert_eq!(status_of(&sim, SUMMARY).await, 200);
    let (status, body) = ask(&sim, "/api/mt5/account/1000001/info").await;
    assert_eq!((status, &body["detail"]), (503, &json!("Failed to get account info from MT5")));
}

#[tokio::test]
async fn a_terminal_that_was_never_there_is_unhealthy_and_503() {
    let sim = with(Some(Fault::Ipc10003)).await;
    assert_eq!(ask(&sim, HEALTH).await.1["status"], "unhealthy");
    assert_eq!(ask(&sim, SUMMARY).await, (503, json!({ "detail": "MT5 not initialized" })));
}

#[tokio::test]
async fn an_unknown_account_is_404() {
    let sim = with(None).await;
    assert_eq!(ask(&sim, "/api/mt5/account/42/info").await.0, 404);
    assert_eq!(ask(&sim, "/api/mt5/account/1000001/trades").await.1["trades"], json!([]));
}
