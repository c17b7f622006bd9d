//! The shapes of dialect F-2 while all is well.

use serde_json::json;

use crate::{HEALTH, eventually, get, health, is_time, keys, started, status_of};

#[tokio::test]
async fn the_root_names_the_right_service() {
    let sim = started().await;
    let root = get(&sim, "/").await;
    assert_eq!(root["service"], "FIDUS MT5 Bridge API");
    assert_eq!(keys(&root), ["endpoints", "service", "status", "timestamp", "version"]);
}

#[tokio::test]
async fn health_has_the_shape_of_the_field() {
    let sim = started().await;
    let health = health(&sim).await;
    assert!(is_time(&health["timestamp"]));
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["mongodb"], json!({ "connected": true }));
    assert_eq!(health["service"], json!({ "version": "1.0.0", "uptime": "Running" }));
    assert_eq!(health["mt5"]["available"], true);
    let terminal = &health["mt5"]["terminal_info"];
    assert_eq!(keys(terminal), ["build", "company", "connected", "name", "trade_allowed"]);
    assert_eq!((&terminal["connected"], &terminal["trade_allowed"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn status_counts_the_accounts_with_money() {
    let sim = started().await;
    let status = get(&sim, "/api/mt5/status").await;
    assert_eq!(status["status"], "online");
    assert_eq!((&status["accounts"]["total"], &status["accounts"]["active"]), (&json!(7), &json!(6)));
    let first = &status["accounts"]["list"][0];
    assert_eq!(keys(first), ["account", "balance", "equity", "fund_type", "name", "profit", "updated_at"]);
}

#[tokio::test]
async fn accounts_are_a_bare_list_in_order() {
    let sim = started().await;
    let accounts = get(&sim, "/api/mt5/accounts").await;
    let numbers: Vec<i64> =
        accounts.as_array().unwrap().iter().map(|one| one["account"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1_000_001..=1_000_007).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_reserve_account_is_empty_and_read() {
    let sim = started().await;
    let reserve = &get(&sim, "/api/mt5/accounts").await[6];
    assert_eq!((&reserve["fund_type"], &reserve["balance"]), (&json!("SEPARATION"), &json!(0.0)));
    assert_eq!(reserve["sync_status"], "success");
}

#[tokio::test]
async fn the_summary_adds_up() {
    let sim = started().await;
    let summary = get(&sim, "/api/mt5/accounts/summary").await;
    let list = summary["accounts"].as_array().unwrap();
    let sum: f64 = list.iter().map(|one| one["balance"].as_f64().unwrap()).sum();
    assert!((summary["totals"]["balance"].as_f64().unwrap() - sum).abs() < 0.01);
    assert_eq!(summary["by_fund_type"]["BALANCE"]["count"], 2);
    let fund = &summary["by_fund_type"]["CORE"];
    assert_eq!(keys(fund), ["accounts", "count", "total_balance", "total_equity", "total_profit"]);
}

#[tokio::test]
async fn an_account_has_live_and_stored_data() {
    let sim = started().await;
    let info = get(&sim, "/api/mt5/account/1000001/info").await;
    assert_eq!(
        keys(&info),
        [
            "account_id",
            "fund_type",
            "last_sync",
            "live_data",
            "name",
            "provider",
            "stored_data",
            "target_amount"
        ]
    );
    assert!(info["live_data"]["balance"].as_f64().unwrap() > 0.0);
    assert_eq!(keys(&info["stored_data"]), ["balance", "equity", "profit"]);
}

#[tokio::test]
async fn a_balance_has_the_time_it_was_read() {
    let sim = started().await;
    let balance = get(&sim, "/api/mt5/account/1000002/balance").await;
    assert_eq!(keys(&balance), ["account_id", "balance", "equity", "last_updated", "profit"]);
    assert!(is_time(&balance["last_updated"]));
}

#[tokio::test]
async fn the_system_status_counts_its_collections() {
    let sim = started().await;
    let system = get(&sim, "/api/mt5/admin/system-status").await;
    assert_eq!(system["overall_health"], "healthy");
    assert_eq!(system["mongodb"]["collections"]["mt5_accounts"], 7);
    assert_eq!(system["mt5"], json!({ "initialized": true, "connected": true, "trade_allowed": true }));
}

#[tokio::test]
async fn an_unknown_account_is_404_and_a_word_is_422() {
    let sim = started().await;
    assert_eq!(status_of(&sim, "/api/mt5/account/42/info").await, 404);
    assert_eq!(status_of(&sim, "/api/mt5/account/all/info").await, 422);
}

#[tokio::test]
async fn money_moves_and_reads_stay_fresh() {
    let sim = started().await;
    let first = get(&sim, "/api/mt5/account/1000001/balance").await;
    eventually(async || {
        let next = get(&sim, "/api/mt5/account/1000001/balance").await;
        (next["equity"] != first["equity"] && next["last_updated"] != first["last_updated"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_stopped_host_refuses_connections() {
    let sim = started().await;
    let url = format!("{}{HEALTH}", sim.bridge_url);
    sim.stop().await;
    assert!(crate::client().get(url).send().await.unwrap_err().is_connect());
}
