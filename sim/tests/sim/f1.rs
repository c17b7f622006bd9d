//! Dialect F-1: one account behind `X-API-Key`, and errors with status 200.

use rebound_sim::{Dialect, Fault, RestartMode, Sim};
use serde_json::{Value, json};

use crate::{
    ask, assert_same_shape, client, eventually, get, is_time, keys, post, read, speaking, status_of, with_key,
};

const INFO: &str = "/api/mt5/account/info";

async fn sim() -> Sim {
    speaking(Dialect::F1).await
}

/// Recorded on 2025-10-11: the terminal did not run.
fn recorded_unhealthy() -> Value {
    json!({
        "status": "unhealthy",
        "timestamp": "2025-10-11T21:36:42.042801+00:00",
        "mt5_available": true,
        "mt5_initialized": false,
        "mt5_connected": false,
        "connected_accounts": 0,
        "uptime": null,
        "terminal_info": null,
        "last_error": [-10003, "IPC initialize failed, MetaTrader 5 x64 not found"],
    })
}

#[tokio::test]
async fn the_root_needs_no_key_and_names_the_service() {
    let sim = sim().await;
    let root = get(&sim, "/").await;
    assert_eq!(root["service"], "FIDUS MT5 Bridge Service");
    assert_eq!(
        keys(&root),
        ["mt5_available", "mt5_initialized", "service", "status", "timestamp", "version"]
    );
}

#[tokio::test]
async fn health_without_a_terminal_is_the_recorded_answer() {
    let sim = sim().await;
    sim.fault(Fault::Ipc10003).await;
    let mut health = get(&sim, "/health").await;
    assert!(is_time(&health["timestamp"]));
    let recorded = recorded_unhealthy();
    health["timestamp"] = recorded["timestamp"].clone();
    assert_eq!(health, recorded);
}

#[tokio::test]
async fn good_health_tells_the_terminal() {
    let sim = sim().await;
    let health = get(&sim, "/health").await;
    assert_eq!(keys(&health), keys(&recorded_unhealthy()));
    assert_eq!((&health["status"], &health["last_error"]), (&json!("healthy"), &Value::Null));
    assert!(health["uptime"].as_str().unwrap().starts_with("0:00:"));
    let terminal = &health["terminal_info"];
    assert_eq!(
        keys(terminal),
        [
            "build",
            "commondata_path",
            "community_account",
            "community_connection",
            "connected",
            "data_path",
            "name",
            "path",
            "ping_last",
            "trade_allowed",
            "tradeapi_disabled"
        ]
    );
}

#[tokio::test]
async fn a_lost_link_is_not_connected_and_tells_no_error() {
    let sim = sim().await;
    sim.break_link().await;
    let health = get(&sim, "/health").await;
    assert_eq!((&health["status"], &health["mt5_connected"]), (&json!("unhealthy"), &json!(false)));
    assert_eq!((&health["mt5_initialized"], &health["last_error"]), (&json!(true), &Value::Null));
    assert_eq!(health["terminal_info"], Value::Null);
    assert_eq!(ask(&sim, INFO).await, (200, json!({ "error": "MT5 not connected" })));
}

#[tokio::test]
async fn everything_else_needs_the_key() {
    let sim = sim().await;
    let paths = [INFO, "/api/mt5/terminal/info", "/api/mt5/positions", "/api/mt5/symbols", "/api/mt5/status"];
    for path in paths {
        assert_eq!(status_of(&sim, path).await, 401, "{path}");
        assert_eq!(ask(&sim, path).await.0, 200, "{path}");
    }
    let url = format!("{}{INFO}", sim.bridge_url);
    let refused = read(client().get(url).header("x-api-key", "another")).await;
    assert_eq!(refused, (401, json!({ "detail": "Invalid API key" })));
}

#[tokio::test]
async fn a_path_that_is_not_there_is_404_as_fastapi_says_it() {
    let sim = sim().await;
    assert_eq!(ask(&sim, "/api/mt5/accounts").await, (404, json!({ "detail": "Not Found" })));
}

#[tokio::test]
async fn the_account_has_all_28_fields() {
    let sim = sim().await;
    let (_, info) = ask(&sim, INFO).await;
    assert_eq!(keys(&info).len(), 28);
    assert_eq!((&info["login"], &info["server"]), (&json!(1_000_001), &json!("Northwind-Live")));
    assert_eq!((&info["trade_allowed"], &info["trade_expert"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn positions_name_their_side_and_their_stop_loss() {
    let sim = sim().await;
    let (status, body) = ask(&sim, "/api/mt5/positions").await;
    assert_eq!((status, keys(&body)), (200, vec!["count", "positions", "success", "timestamp"]));
    let position = json!({
        "ticket": 1, "time": 1, "time_msc": 1, "time_update": 1, "time_update_msc": 1, "type": "BUY",
        "magic": 0, "identifier": 1, "reason": 0, "volume": 0.1, "price_open": 1.1, "sl": 0.0, "tp": 0.0,
        "price_current": 1.1, "swap": 0.0, "profit": 0.0, "symbol": "EURUSD", "comment": "", "external_id": "",
    });
    assert_same_shape(&body["positions"], &json!([position]));
    let told: Vec<_> =
        body["positions"].as_array().unwrap().iter().map(|one| (&one["type"], one["sl"] != 0.0)).collect();
    assert_eq!(told, [(&json!("BUY"), true), (&json!("SELL"), false), (&json!("BUY"), true)]);
}

#[tokio::test]
async fn status_lists_accounts_where_health_counts_them() {
    let sim = sim().await;
    let (_, status) = ask(&sim, "/api/mt5/status").await;
    assert_eq!(keys(&status["connected_accounts"]), ["1000001"]);
    assert_eq!(get(&sim, "/health").await["connected_accounts"], 1);
}

#[tokio::test]
async fn initialize_reconnects_the_terminal() {
    let sim = sim().await;
    sim.break_link().await;
    let (status, body) = post(&sim, "/api/mt5/initialize").await;
    assert_eq!((status, &body["success"], &body["error"]), (200, &json!(true), &Value::Null));
    assert_eq!(keys(&body), ["error", "initialized", "mt5_available", "success", "timestamp"]);
    eventually(async || (get(&sim, "/health").await["status"] == "healthy").then_some(())).await;
    assert_eq!(sim.restart_calls().await[0].path, "/api/mt5/initialize");
}

#[tokio::test]
async fn an_initialize_that_fails_is_200_with_the_error() {
    let sim = sim().await;
    sim.restart_mode(RestartMode::Fails).await;
    let (status, body) = post(&sim, "/api/mt5/initialize").await;
    assert_eq!((status, &body["success"]), (200, &json!(false)));
    assert_eq!(body["error"], json!([-10005, "IPC timeout"]));
}

#[tokio::test]
async fn an_initialize_without_the_key_is_refused_and_counted() {
    let sim = sim().await;
    let url = format!("{}/api/mt5/initialize", sim.bridge_url);
    assert_eq!(read(client().post(url)).await, (401, json!({ "detail": "Invalid API key" })));
    assert!(!sim.restart_calls().await[0].token_right);
}

#[tokio::test]
async fn a_login_to_the_terminals_account_ends_a_mix_up() {
    let sim = sim().await;
    sim.fault(Fault::IdentitySwap).await;
    assert_eq!(ask(&sim, INFO).await.1["login"], 2_000_001);
    let body = json!({ "account": 1_000_001, "password": "any", "server": "Northwind-Live" });
    let url = format!("{}/api/mt5/login", sim.bridge_url);
    let (_, answer) = read(with_key(client().post(url)).json(&body)).await;
    assert_eq!((&answer["success"], &answer["account"]), (&json!(true), &json!(1_000_001)));
    assert_eq!(ask(&sim, INFO).await.1["login"], 1_000_001);
}

#[tokio::test]
async fn a_login_with_wrong_credentials_is_200_with_minus_six() {
    let sim = sim().await;
    let body = json!({ "account": 1_000_009, "password": "any", "server": "Northwind-Live" });
    let url = format!("{}/api/mt5/login", sim.bridge_url);
    let (status, answer) = read(with_key(client().post(url)).json(&body)).await;
    assert_eq!((status, &answer["success"]), (200, &json!(false)));
    assert_eq!(answer["error"], "Login failed: (-6, 'Terminal: Authorization failed')");
}
