//! The control port: JSON for programs, forms for people.

use rebound_sim::{Fault, Sim};
use serde_json::{Value, json};

use crate::{client, health, started};

async fn get(sim: &Sim, path: &str) -> Value {
    client().get(format!("{}{path}", sim.control_url)).send().await.unwrap().json().await.unwrap()
}

async fn put(sim: &Sim, path: &str, body: Value) -> (u16, Value) {
    let response = client().put(format!("{}{path}", sim.control_url)).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn page(sim: &Sim) -> String {
    client().get(&sim.control_url).send().await.unwrap().text().await.unwrap()
}

async fn submit(sim: &Sim, path: &str, form: &[(&str, &str)]) -> u16 {
    client().post(format!("{}{path}", sim.control_url)).form(form).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_fault_without_a_body_takes_its_default() {
    let sim = started().await;
    let response = client().put(format!("{}/faults/slow", sim.control_url)).send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!((&body["on"], &body["value"], &body["unit"]), (&json!(true), &json!(3000), &json!("ms")));
}

#[tokio::test]
async fn a_fault_set_over_http_shows_at_the_bridge() {
    let sim = started().await;
    put(&sim, "/faults/link_lost", json!({})).await;
    assert_eq!(health(&sim).await["mt5"]["terminal_info"]["connected"], false);
}

#[tokio::test]
async fn the_bridge_is_down_when_the_answer_comes() {
    let sim = started().await;
    put(&sim, "/faults/process_down", json!({})).await;
    assert!(client().get(&sim.bridge_url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn all_faults_can_be_cleared_at_once() {
    let sim = started().await;
    sim.fault(Fault::Http500).await;
    sim.fault(Fault::LinkLost).await;
    client().delete(format!("{}/faults", sim.control_url)).send().await.unwrap();
    assert_eq!(get(&sim, "/state").await["faults"], json!([]));
}

#[tokio::test]
async fn one_fault_can_be_cleared_alone() {
    let sim = started().await;
    sim.fault(Fault::TradingOff).await;
    sim.fault(Fault::LinkLost).await;
    client().delete(format!("{}/faults/link_lost", sim.control_url)).send().await.unwrap();
    assert_eq!(get(&sim, "/state").await["faults"][0]["name"], "trading_off");
}

#[tokio::test]
async fn every_fault_is_listed_and_explained() {
    let sim = started().await;
    let list = get(&sim, "/faults").await;
    assert_eq!(list.as_array().unwrap().len(), Fault::ALL.len());
    assert!(list.as_array().unwrap().iter().all(|fault| fault["about"].is_string()));
}

#[tokio::test]
async fn an_unknown_fault_is_404_and_a_wrong_value_422() {
    let sim = started().await;
    assert_eq!(put(&sim, "/faults/gremlins", json!({})).await.0, 404);
    assert_eq!(put(&sim, "/faults/accounts_failing_share", json!({ "value": 101 })).await.0, 422);
    assert_eq!(put(&sim, "/faults/hang", json!({ "value": 1 })).await.0, 422);
}

#[tokio::test]
async fn modes_and_delays_can_be_set() {
    let sim = started().await;
    let (_, restart) = put(&sim, "/restart", json!({ "mode": "lies", "delay_ms": 5 })).await;
    let (_, github) = put(&sim, "/github", json!({ "mode": "no_run", "queued_ms": 6, "run_ms": 7 })).await;
    let (_, smtp) = put(&sim, "/smtp", json!({ "mode": "tempfail" })).await;
    assert_eq!((&restart["mode"], &restart["delay_ms"]), (&json!("lies"), &json!(5)));
    assert_eq!(
        (&github["mode"], &github["queued_ms"], &github["run_ms"]),
        (&json!("no_run"), &json!(6), &json!(7))
    );
    assert_eq!(smtp["mode"], "tempfail");
}

#[tokio::test]
async fn an_unknown_mode_is_422() {
    let sim = started().await;
    assert_eq!(put(&sim, "/restart", json!({ "mode": "hopes" })).await.0, 422);
}

#[tokio::test]
async fn restart_calls_are_in_the_state() {
    let sim = started().await;
    client().post(format!("{}/api/admin/emergency-restart", sim.bridge_url)).send().await.unwrap();
    let state = get(&sim, "/state").await;
    assert_eq!(
        (&state["restart"]["calls_total"], &state["restart"]["calls"][0]["status"]),
        (&json!(1), &json!(401))
    );
}

#[tokio::test]
async fn the_page_shows_every_fault() {
    let sim = started().await;
    let page = page(&sim).await;
    assert!(Fault::ALL.iter().all(|fault| page.contains(&format!("<code>{fault}</code>"))));
    assert!(page.contains("All is well"));
}

#[tokio::test]
async fn a_form_turns_a_fault_on_and_off() {
    let sim = started().await;
    assert_eq!(submit(&sim, "/ui/faults/slow/on", &[("value", "5")]).await, 303);
    assert_eq!(sim.faults().await.value(Fault::Slow), Some(5));
    assert_eq!(submit(&sim, "/ui/faults/slow/off", &[]).await, 303);
    assert!(page(&sim).await.contains("All is well"));
}

#[tokio::test]
async fn a_form_without_a_value_turns_a_plain_fault_on() {
    let sim = started().await;
    assert_eq!(submit(&sim, "/ui/faults/link_lost/on", &[]).await, 303);
    assert!(page(&sim).await.contains("1 fault is on"));
}

#[tokio::test]
async fn a_form_sets_a_mode() {
    let sim = started().await;
    assert_eq!(
        submit(&sim, "/ui/github", &[("mode", "no_run"), ("queued_ms", "1"), ("run_ms", "2")]).await,
        303
    );
    assert_eq!(get(&sim, "/github").await["mode"], "no_run");
}

#[tokio::test]
async fn another_site_cannot_set_a_fault() {
    let sim = started().await;
    let url = format!("{}/ui/faults/link_lost/on", sim.control_url);
    let response = client().post(url).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!((response.status().as_u16(), sim.faults().await.iter().count()), (403, 0));
}
