//! Dialect conn-bridge: a key on every path, and a readiness that explains itself.

use rebound_sim::{Dialect, Fault, Sim};
use serde_json::{Value, json};

use crate::{ask, assert_same_shape, client, keys, read, speaking};

async fn with(fault: Option<Fault>) -> Sim {
    let sim = speaking(Dialect::ConnBridge).await;
    if let Some(fault) = fault {
        sim.fault(fault).await;
    }
    sim
}

/// A check of the readiness.
async fn check(sim: &Sim, id: &str) -> Value {
    let (_, readiness) = ask(sim, "/readiness").await;
    readiness["checks"].as_array().unwrap().iter().find(|check| check["check_id"] == id).unwrap().clone()
}

#[tokio::test]
async fn every_path_wants_the_key_health_included() {
    let sim = with(None).await;
    for path in ["/health", "/account", "/terminal", "/readiness", "/worker/state", "/positions", "/orders"] {
        let url = format!("{}{path}", sim.bridge_url);
        assert_eq!(read(client().get(url)).await, (401, json!({ "detail": "Unauthorized" })), "{path}");
        assert_eq!(ask(&sim, path).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn health_has_the_shape_of_the_field() {
    let sim = with(None).await;
    let (_, health) = ask(&sim, "/health").await;
    let recorded = json!({
        "connected": true, "authorized": true, "broker": "a", "account_id": 1, "balance": 1.0,
        "server_time_offset": null, "latency_ms": 1.0,
    });
    assert_same_shape(&health, &recorded);
}

#[tokio::test]
async fn the_account_calls_its_margin_free() {
    let sim = with(None).await;
    let (_, account) = ask(&sim, "/account").await;
    assert_eq!(
        keys(&account),
        ["balance", "currency", "equity", "free_margin", "leverage", "login", "margin", "profit", "server"]
    );
    assert_eq!((&account["login"], &account["currency"]), (&json!(1_000_001), &json!("USD")));
}

#[tokio::test]
async fn a_dead_terminal_is_200_in_health_and_503_elsewhere() {
    let sim = with(Some(Fault::Ipc10004)).await;
    let (status, health) = ask(&sim, "/health").await;
    assert_eq!((status, &health["connected"], &health["authorized"]), (200, &json!(false), &json!(false)));
    assert_eq!((&health["balance"], &health["latency_ms"]), (&Value::Null, &Value::Null));
    let (status, body) = ask(&sim, "/account").await;
    assert_eq!((status, keys(&body)), (503, vec!["detail"]));
    assert_eq!(ask(&sim, "/worker/state").await.1["state"], "DISCONNECTED");
}

#[tokio::test]
async fn a_lost_link_shows_at_the_terminal_only() {
    let sim = with(Some(Fault::LinkLost)).await;
    assert_eq!(ask(&sim, "/terminal").await.1["connected"], false);
    assert_eq!(ask(&sim, "/health").await.1["connected"], true);
}

#[tokio::test]
async fn a_ready_bridge_passes_all_checks() {
    let sim = with(None).await;
    let (status, readiness) = ask(&sim, "/readiness?operation=buy&volume=0.1").await;
    assert_eq!(
        keys(&readiness),
        ["advice", "blockers", "checks", "evaluated_at", "overall_status", "request_context", "warnings"]
    );
    assert_eq!((status, &readiness["overall_status"]), (200, &json!("ready")));
    assert!(readiness["checks"].as_array().unwrap().iter().all(|check| check["status"] == "pass"));
    assert_eq!(
        readiness["request_context"],
        json!({ "operation": "buy", "symbol": null, "direction": null, "volume": 0.1 })
    );
}

#[tokio::test]
async fn each_flag_blocks_with_its_own_check() {
    let cases = [
        (Fault::TradingOff, "global.terminal_trade_allowed", "fail"),
        (Fault::InvestorPassword, "global.account_trade_allowed", "fail"),
        (Fault::Ipc10005, "global.worker_connected", "fail"),
        (Fault::Ipc10005, "global.account_trade_allowed", "unknown"),
    ];
    for (fault, id, status) in cases {
        let sim = with(Some(fault)).await;
        let check = check(&sim, id).await;
        assert_eq!(check["status"], status, "{fault} {id}");
        assert_eq!(keys(&check), ["action", "blocking", "check_id", "details", "status", "user_message"]);
        assert_eq!(ask(&sim, "/readiness").await.1["overall_status"], "blocked");
    }
}

#[tokio::test]
async fn no_stop_loss_is_null_and_kinds_are_words() {
    let sim = with(None).await;
    let (_, positions) = ask(&sim, "/positions").await;
    let (_, orders) = ask(&sim, "/orders").await;
    let position = json!({
        "ticket": 1, "symbol": "EURUSD", "type": "buy", "volume": 0.1, "price_open": 1.1, "price_current": 1.1,
        "sl": 1.0, "tp": null, "profit": 0.0, "swap": 0.0, "time": "2025-11-04T03:00:00Z", "magic": 0,
        "comment": "",
    });
    let order = json!({
        "ticket": 1, "symbol": "EURUSD", "type": "buy_limit", "volume": 0.1, "price": 1.1, "sl": 1.0, "tp": null,
        "time_setup": "2025-11-04T03:00:00Z", "magic": 0,
    });
    assert_same_shape(&positions, &json!({ "positions": [position], "count": 1 }));
    assert_same_shape(&orders, &json!({ "orders": [order], "count": 1 }));
    assert_eq!((&positions["count"], &orders["count"]), (&json!(3), &json!(2)));
    assert_eq!(
        (&positions["positions"][1]["sl"], &positions["positions"][1]["type"]),
        (&Value::Null, &json!("sell"))
    );
    assert_eq!(orders["orders"][1]["type"], "sell_stop");
}

#[tokio::test]
async fn a_dead_terminal_tells_no_positions() {
    let sim = with(Some(Fault::Ipc10005)).await;
    assert_eq!((ask(&sim, "/positions").await.0, ask(&sim, "/orders").await.0), (503, 503));
}
