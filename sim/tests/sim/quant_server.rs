//! Dialect quant-server: no key, and 503 when the poll is old.

use rebound_sim::{Dialect, Fault, Sim};
use serde_json::json;

use crate::{ask, assert_same_shape, get, speaking, status_of};

async fn with(fault: Option<Fault>) -> Sim {
    let sim = speaking(Dialect::QuantServer).await;
    if let Some(fault) = fault {
        sim.fault(fault).await;
    }
    sim
}

#[tokio::test]
async fn health_has_the_shape_of_the_field_and_needs_no_key() {
    let sim = with(None).await;
    let recorded =
        json!({ "status": "healthy", "mt5_connected": true, "mt5_initialized": true, "poll_age_sec": 1.5 });
    let health = get(&sim, "/health").await;
    assert_same_shape(&health, &recorded);
    assert_eq!(health["status"], "healthy");
}

#[tokio::test]
async fn an_old_poll_is_503_while_the_terminal_still_answers() {
    let sim = with(None).await;
    sim.fault_with(Fault::SyncStopped, 31).await.unwrap();
    let (status, health) = ask(&sim, "/health").await;
    assert_eq!(
        (status, &health["status"], &health["mt5_connected"]),
        (503, &json!("unhealthy"), &json!(true))
    );
    assert!(health["poll_age_sec"].as_f64().unwrap() >= 31.0);
}

#[tokio::test]
async fn a_poll_within_its_limit_is_200_whatever_the_clock_says() {
    let sim = with(Some(Fault::ClockSkew)).await;
    sim.fault_with(Fault::SyncStopped, 20).await.unwrap();
    assert_eq!(status_of(&sim, "/health").await, 200);
}

#[tokio::test]
async fn a_dead_terminal_is_503_at_once() {
    let sim = with(Some(Fault::Ipc10003)).await;
    let (status, health) = ask(&sim, "/health").await;
    assert_eq!((status, &health["mt5_connected"]), (503, &json!(false)));
    assert_eq!(get(&sim, "/last_error").await["error_code"], -10003);
}

#[tokio::test]
async fn a_lost_link_is_not_told() {
    let sim = with(Some(Fault::LinkLost)).await;
    assert_eq!(ask(&sim, "/health").await.0, 200);
    assert_eq!(ask(&sim, "/account_info").await.0, 200);
}

#[tokio::test]
async fn the_account_tells_all_three_permissions() {
    let sim = with(None).await;
    let recorded = json!({
        "status": "successful", "login": 1, "server": "a", "name": "b", "trade_allowed": true,
        "account_trade_allowed": true, "account_trade_expert": true, "terminal_trade_allowed": true,
        "trade_mode": 0, "margin_level": 0.0, "margin_so_call": 50.0, "margin_so_so": 30.0, "equity": 1.0,
        "balance": 1.0, "credit": 0.0, "margin_mode": 2, "currency": "USD", "leverage": 100,
    });
    assert_same_shape(&get(&sim, "/account_info").await, &recorded);
}

#[tokio::test]
async fn no_account_is_500_with_a_reason() {
    let sim = with(Some(Fault::NullBalances)).await;
    let refused = json!({ "status": "error", "reason": "Failed to get account info" });
    assert_eq!(ask(&sim, "/account_info").await, (500, refused));
}

#[tokio::test]
async fn nothing_restarts_by_request() {
    let sim = with(None).await;
    assert_eq!(crate::post(&sim, "/terminal/restart").await.0, 404);
    assert_eq!(crate::post(&sim, "/health").await.0, 405);
}

#[tokio::test]
async fn positions_come_from_a_cache_even_without_a_terminal() {
    let sim = with(Some(Fault::Ipc10004)).await;
    let positions = get(&sim, "/get_positions").await;
    assert_eq!((positions.as_array().unwrap().len(), crate::keys(&positions[0]).len()), (3, 19));
}
