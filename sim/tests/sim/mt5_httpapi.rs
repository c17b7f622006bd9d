//! Dialect mt5-httpapi: the package's records, one account per path, behind a bearer token.

use rebound_sim::{Dialect, Fault, RestartMode, Sim};
use serde_json::{Value, json};

use crate::{ask, client, eventually, keys, post, read, speaking, with_key};

async fn with(fault: Option<Fault>) -> Sim {
    let sim = speaking(Dialect::Mt5Httpapi).await;
    if let Some(fault) = fault {
        sim.fault(fault).await;
    }
    sim
}

/// The address without broker and account.
fn origin(sim: &Sim) -> &str {
    sim.bridge_url.strip_suffix("/northwind/1000001").unwrap()
}

#[tokio::test]
async fn the_address_leads_to_the_terminals_account() {
    let sim = with(None).await;
    assert_eq!(ask(&sim, "/account").await.1["login"], 1_000_001);
    assert_eq!(read(with_key(client().get(format!("{}/ping", origin(&sim))))).await.0, 404);
}

#[tokio::test]
async fn every_path_wants_the_bearer_token_and_refuses_with_a_page() {
    let sim = with(None).await;
    for path in ["/ping", "/error", "/terminal", "/account", "/positions", "/orders"] {
        let response = client().get(format!("{}{path}", sim.bridge_url)).send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        assert!(response.text().await.unwrap().starts_with("<!doctype html>"));
        assert_eq!(ask(&sim, path).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn ping_proves_the_process_only() {
    let sim = with(Some(Fault::Ipc10005)).await;
    assert_eq!(ask(&sim, "/ping").await, (200, json!({ "status": "ok", "mode": "live" })));
}

#[tokio::test]
async fn the_terminal_has_22_fields_and_the_offset() {
    let sim = with(None).await;
    let (_, terminal) = ask(&sim, "/terminal").await;
    assert_eq!(keys(&terminal).len(), 24);
    assert_eq!(
        (&terminal["broker_utc_offset_hours"], &terminal["broker_utc_offset_seconds"]),
        (&json!(2), &json!(7_200))
    );
    assert_eq!(terminal["tradeapi_disabled"], false);
}

#[tokio::test]
async fn without_a_terminal_everything_about_it_is_503() {
    let sim = with(Some(Fault::Ipc10004)).await;
    for path in ["/terminal", "/account", "/positions", "/orders"] {
        assert_eq!(ask(&sim, path).await, (503, json!({ "error": "MT5 not initialized" })), "{path}");
    }
    assert_eq!(ask(&sim, "/error").await.1, json!({ "code": -10004, "message": "No IPC connection" }));
}

#[tokio::test]
async fn without_a_login_the_account_is_404() {
    let sim = with(Some(Fault::NullBalances)).await;
    assert_eq!(ask(&sim, "/account").await, (404, json!({ "error": "No account logged in" })));
    assert_eq!(ask(&sim, "/terminal").await.0, 200);
}

#[tokio::test]
async fn every_account_has_its_path_and_28_fields() {
    let sim = with(None).await;
    let url = format!("{}/northwind/1000003/account", origin(&sim));
    let (_, account) = read(with_key(client().get(url))).await;
    assert_eq!((keys(&account).len(), &account["login"]), (28, &json!(1_000_003)));
    let url = format!("{}/northwind/42/account", origin(&sim));
    assert_eq!(read(with_key(client().get(url))).await.0, 404);
}

#[tokio::test]
async fn one_account_fails_alone() {
    let sim = with(Some(Fault::OneAccountFailing)).await;
    let url = format!("{}/northwind/1000003/account", origin(&sim));
    assert_eq!(read(with_key(client().get(url))).await.0, 404);
    assert_eq!(ask(&sim, "/account").await.0, 200);
}

#[tokio::test]
async fn positions_and_orders_are_bare_lists_of_the_terminals_account() {
    let sim = with(None).await;
    let (_, positions) = ask(&sim, "/positions").await;
    let (_, orders) = ask(&sim, "/orders").await;
    assert_eq!((positions.as_array().unwrap().len(), orders.as_array().unwrap().len()), (3, 2));
    assert_eq!((keys(&positions[0]).len(), keys(&orders[0]).len()), (19, 24));
    assert_eq!((&positions[1]["sl"], &positions[1]["type"]), (&json!(0.0), &json!(1)));
    let url = format!("{}/northwind/1000002/positions", origin(&sim));
    assert_eq!(read(with_key(client().get(url))).await.1, json!([]));
}

#[tokio::test]
async fn times_are_real_utc() {
    let sim = with(None).await;
    let (_, positions) = ask(&sim, "/positions").await;
    let opened = positions[2]["time"].as_i64().unwrap();
    let (_, state) = read(client().get(format!("{}/state", sim.control_url))).await;
    let now: chrono::DateTime<chrono::Utc> = state["time"].as_str().unwrap().parse().unwrap();
    let age = now.timestamp() - opened;
    assert!((20 * 60..21 * 60).contains(&age), "{age}");
    assert_eq!(positions[2]["time_msc"].as_i64().unwrap() / 1_000, opened);
}

#[tokio::test]
async fn restart_and_init_bring_the_terminal_back() {
    for path in ["/terminal/restart", "/terminal/init"] {
        let sim = with(Some(Fault::Ipc10003)).await;
        assert_eq!(post(&sim, path).await, (200, json!({ "success": true })), "{path}");
        eventually(async || (ask(&sim, "/terminal").await.0 == 200).then_some(())).await;
        assert_eq!(sim.restart_calls().await[0].path, format!("/northwind/1000001{path}"));
    }
}

#[tokio::test]
async fn a_restart_that_fails_is_500() {
    let sim = with(None).await;
    sim.restart_mode(RestartMode::Fails).await;
    let failed = json!({ "success": false, "error": "Terminal restart failed" });
    assert_eq!(post(&sim, "/terminal/restart").await, (500, failed));
    let failed = json!({ "success": false, "error": "(-10005, 'IPC timeout')" });
    assert_eq!(post(&sim, "/terminal/init").await, (500, failed));
}

#[tokio::test]
async fn a_restart_without_the_token_changes_nothing_and_is_counted() {
    let sim = with(Some(Fault::Ipc10003)).await;
    let url = format!("{}/terminal/restart", sim.bridge_url);
    assert_eq!(read(client().post(url)).await, (401, Value::Null));
    assert_eq!((sim.restarts().await, sim.restart_calls().await[0].token_right), (1, false));
    assert!(sim.faults().await.has(Fault::Ipc10003));
}
