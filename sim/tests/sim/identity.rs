//! Whose data an account's number shows, and where its money went.

use rebound_sim::{Dialect, Fault, Sim};
use serde_json::{Value, json};

use crate::{HEALTH, ask, eventually, get, is_time, speaking, started};

async fn accounts(sim: &Sim) -> Vec<Value> {
    get(sim, "/api/mt5/accounts").await.as_array().unwrap().clone()
}

#[tokio::test]
async fn documents_name_server_and_currency() {
    let sim = started().await;
    let accounts = accounts(&sim).await;
    assert!(accounts.iter().all(|one| one["server"] == "Northwind-Live" && one["currency"] == "USD"));
}

#[tokio::test]
async fn a_swap_puts_foreign_data_under_one_number_only() {
    let sim = started().await;
    sim.fault(Fault::IdentitySwap).await;
    let accounts = accounts(&sim).await;
    assert_eq!(accounts[0]["account"], 1_000_001);
    assert_eq!(
        (&accounts[0]["server"], &accounts[0]["currency"], &accounts[0]["balance"]),
        (&json!("Westbrook-Demo"), &json!("EUR"), &json!(512.34))
    );
    assert!(accounts[1..].iter().all(|one| one["server"] == "Northwind-Live"));
    assert_eq!(get(&sim, "/api/mt5/status").await["server"], "Westbrook-Demo");
}

#[tokio::test]
async fn a_swap_is_over_when_it_is_switched_off() {
    let sim = started().await;
    sim.fault(Fault::IdentitySwap).await;
    sim.clear(Fault::IdentitySwap).await;
    assert_eq!(accounts(&sim).await[0]["currency"], "USD");
}

#[tokio::test]
async fn a_swap_shows_as_another_login_where_a_login_is_told() {
    let cases = [
        (Dialect::F1, "/api/mt5/account/info", "login"),
        (Dialect::Mt5Httpapi, "/account", "login"),
        (Dialect::ConnBridge, "/health", "account_id"),
        (Dialect::QuantServer, "/account_info", "login"),
    ];
    for (dialect, path, field) in cases {
        let sim = speaking(dialect).await;
        assert_eq!(ask(&sim, path).await.1[field], rebound_sim::TERMINAL_ACCOUNT, "{dialect}");
        sim.fault(Fault::IdentitySwap).await;
        assert_eq!(ask(&sim, path).await.1[field], rebound_sim::FOREIGN_ACCOUNT, "{dialect}");
    }
}

#[tokio::test]
async fn a_transfer_leaves_zero_and_its_record() {
    let sim = started().await;
    let before = accounts(&sim).await;
    sim.fault(Fault::Transfer).await;
    let after = accounts(&sim).await;
    for (before, after) in before.iter().zip(&after).take(6) {
        assert_eq!((&after["balance"], &after["sync_status"]), (&json!(0.0), &json!("success")));
        let transfer = &after["last_transfer"];
        let (amount, had) = (transfer["amount"].as_f64().unwrap(), before["balance"].as_f64().unwrap());
        // The market may have moved between the two looks.
        assert!(is_time(&transfer["time"]) && (amount + had).abs() < had * 0.1, "{amount} {had}");
    }
    assert_eq!(after[6].get("last_transfer"), None, "the reserve had nothing to move");
}

#[tokio::test]
async fn a_transfer_comes_back_with_a_record_too() {
    let sim = started().await;
    sim.fault(Fault::Transfer).await;
    sim.clear(Fault::Transfer).await;
    let account = &accounts(&sim).await[0];
    assert!(account["balance"].as_f64().unwrap() > 0.0);
    assert!(account["last_transfer"]["amount"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn a_transfer_is_not_known_while_the_link_is_lost() {
    let sim = started().await;
    sim.break_link().await;
    sim.fault(Fault::Transfer).await;
    let account = &accounts(&sim).await[0];
    assert!(account["balance"].as_f64().unwrap() > 0.0 && account.get("last_transfer").is_none());
}

#[tokio::test]
async fn the_summaries_of_f3_and_f4_tell_a_transfer_too() {
    for dialect in [Dialect::F3, Dialect::F4] {
        let sim = speaking(dialect).await;
        sim.fault(Fault::Transfer).await;
        let (_, summary) = ask(&sim, "/api/mt5/accounts/summary").await;
        assert!(summary["accounts"][0]["last_transfer"]["amount"].as_f64().unwrap() < 0.0, "{dialect}");
    }
}

#[tokio::test]
async fn the_link_flaps_down_first_and_then_up() {
    let sim = started().await;
    let connected = async || get(&sim, HEALTH).await["mt5"]["terminal_info"]["connected"] == true;
    sim.fault_with(Fault::Flapping, 3_600).await.unwrap();
    assert!(!connected().await);
    sim.fault_with(Fault::Flapping, 1).await.unwrap();
    eventually(async || connected().await.then_some(())).await;
    eventually(async || (!connected().await).then_some(())).await;
    sim.clear(Fault::Flapping).await;
    assert!(connected().await);
}

#[tokio::test]
async fn a_link_that_flaps_is_not_repaired_by_a_restart() {
    let sim = started().await;
    sim.fault_with(Fault::Flapping, 3_600).await.unwrap();
    sim.restart_mode(rebound_sim::RestartMode::Slow).await;
    crate::post(&sim, "/api/admin/emergency-restart?token=demo-restart-token").await;
    assert_eq!(get(&sim, HEALTH).await["mt5"]["terminal_info"]["connected"], false);
}
