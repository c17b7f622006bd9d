//! The four flags that decide whether a program may trade, and the sessions of bridge and terminal.

use rebound_sim::{Dialect, Fault, RestartMode, Sim};
use serde_json::{Value, json};

use crate::{ask, get, health, post, speaking, started};

/// The flags as F-1 and mt5-httpapi tell them: button, account, programs on the account, Python interface off.
async fn flags(sim: &Sim, terminal: &str, account: &str) -> [Value; 4] {
    let (_, terminal) = ask(sim, terminal).await;
    let (_, account) = ask(sim, account).await;
    [
        terminal["trade_allowed"].clone(),
        account["trade_allowed"].clone(),
        account["trade_expert"].clone(),
        terminal["tradeapi_disabled"].clone(),
    ]
}

#[tokio::test]
async fn each_fault_turns_exactly_one_flag() {
    let cases = [
        (None, [true, true, true, false]),
        (Some(Fault::TradingOff), [false, true, true, false]),
        (Some(Fault::InvestorPassword), [true, false, true, false]),
        (Some(Fault::ExpertsRefused), [true, true, false, false]),
        (Some(Fault::ApiTradingOff), [true, true, true, true]),
    ];
    let paths = [
        (Dialect::F1, "/api/mt5/terminal/info", "/api/mt5/account/info"),
        (Dialect::Mt5Httpapi, "/terminal", "/account"),
    ];
    for (dialect, terminal, account) in paths {
        let sim = speaking(dialect).await;
        for (fault, wanted) in cases {
            if let Some(fault) = fault {
                sim.fault(fault).await;
            }
            assert_eq!(flags(&sim, terminal, account).await, wanted.map(Value::from), "{dialect} {fault:?}");
            sim.clear_all().await;
        }
    }
}

#[tokio::test]
async fn an_investor_password_shows_in_the_documents_of_f2_and_not_at_its_terminal() {
    let sim = started().await;
    sim.fault(Fault::InvestorPassword).await;
    assert_eq!(get(&sim, "/api/mt5/accounts").await[0]["trade_allowed"], false);
    let info = get(&sim, "/api/mt5/account/1000001/info").await;
    assert_eq!(info["live_data"]["trade_allowed"], false);
    assert_eq!(health(&sim).await["mt5"]["terminal_info"]["trade_allowed"], true);
}

#[tokio::test]
async fn quant_server_tells_account_and_experts() {
    let sim = speaking(Dialect::QuantServer).await;
    sim.fault(Fault::ExpertsRefused).await;
    let info = get(&sim, "/account_info").await;
    assert_eq!(
        (&info["account_trade_allowed"], &info["account_trade_expert"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn permissions_do_not_touch_the_link_or_the_reads() {
    let sim = started().await;
    for fault in [Fault::InvestorPassword, Fault::ExpertsRefused, Fault::ApiTradingOff] {
        sim.fault(fault).await;
    }
    let health = health(&sim).await;
    assert_eq!(
        (&health["status"], &health["mt5"]["terminal_info"]["connected"]),
        (&json!("healthy"), &json!(true))
    );
}

#[tokio::test]
async fn bridge_and_terminal_run_in_one_session() {
    let sim = started().await;
    let mt5 = &health(&sim).await["mt5"];
    assert_eq!((&mt5["bridge_session"], &mt5["terminal_session"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_session_mismatch_is_a_timeout_with_two_sessions() {
    let sim = started().await;
    sim.fault(Fault::SessionMismatch).await;
    let health = health(&sim).await;
    let mt5 = &health["mt5"];
    assert_eq!((&mt5["available"], &mt5["terminal_info"]), (&json!(false), &Value::Null));
    assert_eq!((&mt5["bridge_session"], &mt5["terminal_session"]), (&json!(0), &json!(1)));
    assert_eq!(mt5["last_error"], json!([-10005, "IPC timeout"]));
}

#[tokio::test]
async fn a_terminal_that_is_not_there_has_no_session() {
    let sim = started().await;
    sim.fault(Fault::Ipc10003).await;
    assert_eq!(health(&sim).await["mt5"]["terminal_session"], Value::Null);
}

#[tokio::test]
async fn no_restart_repairs_a_session_mismatch() {
    let sim = started().await;
    sim.restart_mode(RestartMode::Slow).await;
    sim.fault(Fault::SessionMismatch).await;
    let (status, body) = post(&sim, "/api/admin/emergency-restart?token=demo-restart-token").await;
    assert_eq!((status, &body["success"]), (200, &json!(false)));
    assert_eq!(body["error_code"], json!([-10005, "IPC timeout"]));
    assert!(sim.faults().await.has(Fault::SessionMismatch));
}
