//! Dialect F-4: a cache of all accounts whose `timestamp` is the only truth.

use chrono::{DateTime, Utc};
use rebound_sim::{Dialect, Fault, Sim};
use serde_json::{Value, json};

use crate::{HEALTH, ask, assert_same_shape, health, post, speaking, status_of};

const SUMMARY: &str = "/api/mt5/accounts/summary";

async fn with(fault: Option<Fault>) -> Sim {
    let sim = speaking(Dialect::F4).await;
    if let Some(fault) = fault {
        sim.fault(fault).await;
    }
    sim
}

async fn accounts(sim: &Sim) -> Vec<Value> {
    ask(sim, SUMMARY).await.1["accounts"].as_array().unwrap().clone()
}

/// The age of each read in seconds, by the bridge's own clock.
async fn ages_s(sim: &Sim) -> Vec<i64> {
    let (_, summary) = ask(sim, SUMMARY).await;
    let time = |text: &Value| text.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let now = time(&summary["timestamp"]);
    let accounts = summary["accounts"].as_array().unwrap();
    accounts.iter().map(|one| (now - time(&one["timestamp"])).num_seconds()).collect()
}

#[tokio::test]
async fn health_has_a_cache_and_no_database() {
    let sim = with(None).await;
    let recorded = json!({
        "status": "healthy",
        "mt5": {
            "initialized": true,
            "available": true,
            "current_account": 1,
            "terminal_info": { "connected": true, "trade_allowed": true },
        },
        "cache": { "accounts_cached": 7, "total_accounts": 7, "cache_complete": true },
        "version": "4.0-multi-account",
        "timestamp": "2025-11-04T01:41:00.000000+00:00",
    });
    let met = health(&sim).await;
    assert_same_shape(&met, &recorded);
    assert_eq!(met["cache"], recorded["cache"]);
    assert_eq!(status_of(&sim, "/").await, 404);
}

#[tokio::test]
async fn the_summary_has_the_shape_of_the_field() {
    let sim = with(None).await;
    let recorded = json!({
        "success": true,
        "accounts": [{
            "account": 1, "name": "a", "fund_type": "b", "provider": "c", "balance": 1.0, "equity": 1.0,
            "profit": 0.0, "timestamp": "2025-11-04T01:41:00.000000+00:00", "data_source": "cached",
        }],
        "count": 7,
        "cached_count": 7,
        "timestamp": "2025-11-04T01:41:00.000000+00:00",
    });
    assert_same_shape(&ask(&sim, SUMMARY).await.1, &recorded);
}

#[tokio::test]
async fn old_data_calls_itself_cached_and_only_its_time_tells() {
    let sim = with(Some(Fault::SyncStopped)).await;
    assert!(accounts(&sim).await.iter().all(|one| one["data_source"] == "cached"));
    assert!(ages_s(&sim).await.iter().all(|age| *age >= 1_800));
    assert_eq!(health(&sim).await["status"], "healthy");
}

#[tokio::test]
async fn a_refresh_reads_even_when_the_loop_has_stopped() {
    let sim = with(Some(Fault::SyncStopped)).await;
    let (status, body) = post(&sim, "/api/mt5/refresh").await;
    assert_eq!((status, &body["accounts_refreshed"]), (200, &json!(7)));
    assert!(ages_s(&sim).await.iter().all(|age| *age < 60));
}

#[tokio::test]
async fn placeholders_wait_for_their_first_read_with_a_fresh_time() {
    let sim = with(Some(Fault::Placeholders)).await;
    let accounts = accounts(&sim).await;
    assert!(accounts.iter().all(|one| one["data_source"] == "no_cache" && one["balance"] == 0.0));
    assert_eq!(accounts[0]["note"], "Waiting for first cache refresh");
    assert!(ages_s(&sim).await.iter().all(|age| *age < 60));
    assert_eq!(health(&sim).await["cache"]["accounts_cached"], 0);
}

#[tokio::test]
async fn without_a_terminal_nothing_is_current() {
    let sim = with(Some(Fault::Ipc10005)).await;
    let (_, health) = ask(&sim, HEALTH).await;
    assert_eq!((&health["status"], &health["mt5"]["current_account"]), (&json!("unhealthy"), &Value::Null));
    assert_eq!(ask(&sim, SUMMARY).await, (503, json!({ "detail": "MT5 not initialized" })));
    assert_eq!(post(&sim, "/api/mt5/refresh").await.0, 503);
}

#[tokio::test]
async fn without_account_data_the_cache_grows_old() {
    let sim = with(Some(Fault::NullBalances)).await;
    assert_eq!(health(&sim).await["mt5"]["available"], false);
    let before = accounts(&sim).await;
    crate::some_ticks(&sim).await;
    assert_eq!(accounts(&sim).await, before);
    assert!(before[0]["balance"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn data_of_another_account_may_lie_under_a_number() {
    let sim = with(Some(Fault::IdentitySwap)).await;
    assert_eq!(health(&sim).await["mt5"]["current_account"], 2_000_001);
    let (_, info) = ask(&sim, "/api/mt5/account/1000001/info").await;
    assert_eq!(info["account_id"], 1_000_001);
    assert_eq!(
        (&info["live_data"]["account"], &info["live_data"]["currency"]),
        (&json!(2_000_001), &json!("EUR"))
    );
}
