//! What a client sees of each fault.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rebound_sim::{Fault, Sim, SimOptions, start};
use serde_json::{Value, json};

use crate::{HEALTH, client, eventually, get, health, some_ticks, started, status_of};

async fn with(fault: Fault) -> Sim {
    let sim = started().await;
    sim.fault(fault).await;
    sim
}

async fn accounts(sim: &Sim) -> Vec<Value> {
    get(sim, "/api/mt5/accounts").await.as_array().unwrap().clone()
}

async fn send(sim: &Sim, path: &str) -> Result<reqwest::Response, reqwest::Error> {
    client().get(format!("{}{path}", sim.bridge_url)).send().await
}

async fn text(sim: &Sim) -> String {
    send(sim, "/api/mt5/accounts/summary").await.unwrap().text().await.unwrap()
}

fn read_at(account: &Value) -> DateTime<Utc> {
    account["updated_at"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn process_down_refuses_connections() {
    let sim = with(Fault::ProcessDown).await;
    assert!(send(&sim, "/").await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_process_comes_back_on_its_port() {
    let sim = with(Fault::ProcessDown).await;
    sim.clear(Fault::ProcessDown).await;
    assert_eq!(health(&sim).await["status"], "healthy");
}

#[tokio::test]
async fn a_dying_process_cuts_open_connections() {
    let sim = with(Fault::Hang).await;
    let url = format!("{}/", sim.bridge_url);
    let waiting = tokio::spawn(client().get(url).timeout(Duration::from_secs(20)).send());
    eventually(async || (sim.bridge_requests().await == 1).then_some(())).await;
    sim.fault(Fault::ProcessDown).await;
    let error = waiting.await.unwrap().unwrap_err();
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn hang_accepts_and_never_answers() {
    let sim = with(Fault::Hang).await;
    let error = send(&sim, "/").await.unwrap_err();
    assert!(error.is_timeout() && !error.is_connect());
}

#[tokio::test]
async fn slow_waits_as_long_as_its_value() {
    let sim = started().await;
    sim.fault_with(Fault::Slow, 60_000).await.unwrap();
    assert!(send(&sim, "/").await.unwrap_err().is_timeout());
    sim.fault_with(Fault::Slow, 1).await.unwrap();
    assert_eq!(status_of(&sim, "/").await, 200);
}

#[tokio::test]
async fn slow_loris_sends_the_head_and_keeps_the_body() {
    let sim = with(Fault::SlowLoris).await;
    let response = send(&sim, HEALTH).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn slow_loris_says_everything_in_the_end() {
    let options = SimOptions { drip_every: Duration::from_micros(1), ..SimOptions::quick() };
    let sim = start(options).await.unwrap();
    sim.fault(Fault::SlowLoris).await;
    let answer =
        client().get(format!("{}{HEALTH}", sim.bridge_url)).timeout(Duration::from_secs(20)).send().await;
    let body: Value = answer.unwrap().json().await.unwrap();
    assert_eq!(body["status"], "healthy");
}

#[tokio::test]
async fn half_body_breaks_off() {
    let sim = with(Fault::HalfBody).await;
    let response = send(&sim, HEALTH).await.unwrap();
    let error = response.bytes().await.unwrap_err();
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn http_500_is_everywhere() {
    let sim = with(Fault::Http500).await;
    assert_eq!((status_of(&sim, "/").await, status_of(&sim, HEALTH).await), (500, 500));
}

#[tokio::test]
async fn http_401_spares_the_root() {
    let sim = with(Fault::Http401).await;
    assert_eq!((status_of(&sim, "/").await, status_of(&sim, HEALTH).await), (200, 401));
}

#[tokio::test]
async fn http_404_spares_the_root() {
    let sim = with(Fault::Http404).await;
    assert_eq!((status_of(&sim, "/").await, status_of(&sim, HEALTH).await), (200, 404));
}

#[tokio::test]
async fn the_wrong_service_gives_itself_away() {
    let sim = with(Fault::WrongService).await;
    assert_eq!(get(&sim, "/").await["service"], "FIDUS MT5 Bridge Service");
    assert_eq!(get(&sim, HEALTH).await, json!({ "detail": "Not Found" }));
}

#[tokio::test]
async fn a_redirect_leads_into_the_trap() {
    let sim = with(Fault::Redirect).await;
    let response = send(&sim, HEALTH).await.unwrap();
    let target = response.headers()["location"].to_str().unwrap().to_owned();
    client().get(target).send().await.unwrap();
    assert_eq!((response.status().as_u16(), sim.redirects_followed().await), (302, 1));
}

#[tokio::test]
async fn each_ipc_error_says_its_code() {
    let codes = [
        (Fault::Ipc10005, -10005),
        (Fault::Ipc10004, -10004),
        (Fault::Ipc10003, -10003),
        (Fault::IpcCredentials, -6),
    ];
    let sim = started().await;
    for (fault, code) in codes {
        sim.fault(fault).await;
        let health = health(&sim).await;
        assert_eq!((&health["status"], &health["mt5"]["available"]), (&json!("degraded"), &json!(false)));
        assert_eq!(health["mt5"]["terminal_info"], Value::Null);
        assert_eq!(health["mt5"]["last_error"][0], code);
        sim.clear(fault).await;
    }
}

#[tokio::test]
async fn without_a_terminal_status_is_offline_with_an_empty_list() {
    let sim = with(Fault::Ipc10005).await;
    let status = get(&sim, "/api/mt5/status").await;
    assert_eq!((&status["status"], &status["accounts"]), (&json!("offline"), &json!([])));
}

#[tokio::test]
async fn a_lost_link_leaves_the_bridge_healthy_and_the_accounts_old() {
    let sim = started().await;
    sim.break_link().await;
    let (first, health) = (accounts(&sim).await, health(&sim).await);
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["mt5"]["terminal_info"]["connected"], false);
    some_ticks(&sim).await;
    assert_eq!(accounts(&sim).await, first);
}

#[tokio::test]
async fn trading_off_is_not_disconnected() {
    let sim = with(Fault::TradingOff).await;
    let terminal = &health(&sim).await["mt5"]["terminal_info"];
    assert_eq!((&terminal["connected"], &terminal["trade_allowed"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_stopped_sync_has_old_reads_and_good_health() {
    let sim = started().await;
    sim.fault_with(Fault::SyncStopped, 7_200).await.unwrap();
    let health = health(&sim).await;
    let now: DateTime<Utc> = health["timestamp"].as_str().unwrap().parse().unwrap();
    let age = now - read_at(&accounts(&sim).await[0]);
    assert_eq!((age.num_hours(), &health["status"]), (2, &json!("healthy")));
}

#[tokio::test]
async fn null_balances_are_null_and_not_zero() {
    let sim = with(Fault::NullBalances).await;
    assert_eq!(accounts(&sim).await[0]["balance"], Value::Null);
    assert_eq!(get(&sim, "/api/mt5/account/1000001/info").await["live_data"], Value::Null);
}

#[tokio::test]
async fn placeholders_are_fresh_zeros_that_admit_it() {
    let sim = with(Fault::Placeholders).await;
    let account = &accounts(&sim).await[0];
    assert_eq!(account["balance"], 0.0);
    assert_eq!((&account["note"], &account["data_source"]), (&json!("No cached data"), &json!("no_cache")));
}

#[tokio::test]
async fn zero_balances_look_like_real_reads() {
    let sim = with(Fault::ZeroBalances).await;
    let accounts = accounts(&sim).await;
    assert!(accounts.iter().all(|one| one["balance"] == 0.0 && one["sync_status"] == "success"));
    assert!(accounts.iter().all(|one| one.get("note").is_none()));
}

#[tokio::test]
async fn one_failing_account_leaves_the_others_fresh() {
    let sim = with(Fault::OneAccountFailing).await;
    eventually(async || {
        let accounts = accounts(&sim).await;
        let failing = &accounts[2];
        let is_old = read_at(failing) < read_at(&accounts[0]);
        (failing["sync_status"] == "failed" && failing["sync_error"].is_string() && is_old).then_some(())
    })
    .await;
    assert_eq!(accounts(&sim).await.iter().filter(|one| one["sync_status"] == "failed").count(), 1);
}

#[tokio::test]
async fn sixty_percent_of_seven_accounts_are_five() {
    let sim = with(Fault::AccountsFailingShare).await;
    assert_eq!(accounts(&sim).await.iter().filter(|one| one["sync_status"] == "failed").count(), 5);
}

#[tokio::test]
async fn a_wrong_clock_is_wrong_in_body_and_header() {
    let sim = started().await;
    sim.fault_with(Fault::ClockSkew, -86_400).await.unwrap();
    let response = send(&sim, "/api/mt5/accounts").await.unwrap();
    let header = DateTime::parse_from_rfc2822(response.headers()["date"].to_str().unwrap()).unwrap();
    let body: Value = response.json().await.unwrap();
    sim.clear(Fault::ClockSkew).await;
    let right = read_at(&accounts(&sim).await[0]);
    assert_eq!((right - read_at(&body[0])).num_hours(), 24);
    assert_eq!((right - header.with_timezone(&Utc)).num_hours(), 24);
}

#[tokio::test]
async fn garbage_is_no_json() {
    let sim = with(Fault::GarbageJson).await;
    assert!(serde_json::from_str::<Value>(&text(&sim).await).is_err());
}

#[tokio::test]
async fn nan_is_bare() {
    let sim = with(Fault::Nan).await;
    assert!(text(&sim).await.contains("\"balance\":NaN"));
    let health = send(&sim, HEALTH).await.unwrap().text().await.unwrap();
    assert!(health.contains("\"build\":NaN"));
}

#[tokio::test]
async fn huge_numbers_are_json_and_absurd() {
    let sim = with(Fault::HugeNumbers).await;
    let text = text(&sim).await;
    assert!(text.contains("\"balance\":1e308") && text.contains("\"equity\":99999999999999999999"));
    assert!(serde_json::from_str::<Value>(&text).is_ok());
}

#[tokio::test]
async fn a_huge_body_has_five_mebibytes() {
    let sim = with(Fault::HugeBody).await;
    assert!(send(&sim, HEALTH).await.unwrap().bytes().await.unwrap().len() > 5 * 1024 * 1024);
}

#[tokio::test]
async fn without_its_store_the_bridge_has_no_summary() {
    let sim = with(Fault::BridgeStoreDown).await;
    let response = send(&sim, "/api/mt5/accounts/summary").await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "detail": "MongoDB not available" }));
    assert_eq!(health(&sim).await["mongodb"]["connected"], false);
}

#[tokio::test]
async fn faults_add_up() {
    let sim = with(Fault::LinkLost).await;
    sim.fault(Fault::TradingOff).await;
    let terminal = &health(&sim).await["mt5"]["terminal_info"];
    assert_eq!((&terminal["connected"], &terminal["trade_allowed"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn the_link_breaks_by_itself_when_told_so() {
    let options = SimOptions { break_link_after: Some(Duration::from_millis(30)), ..SimOptions::quick() };
    let sim = start(options).await.unwrap();
    eventually(async || sim.faults().await.has(Fault::LinkLost).then_some(())).await;
}
