//! The front end for endpoint targets.

use rebound_sim::{Sim, SimOptions, WebChange, WebError, start};
use serde_json::json;

use crate::{client, read, started};

async fn sim() -> Sim {
    start(SimOptions { web_port: Some(0), ..SimOptions::quick() }).await.unwrap()
}

fn url(sim: &Sim) -> &str {
    sim.addresses().web.as_deref().unwrap()
}

async fn seen(sim: &Sim, path: &str) -> (u16, String) {
    let response = client().get(format!("{}{path}", url(sim))).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn set(sim: &Sim, body: serde_json::Value) -> (u16, serde_json::Value) {
    read(client().put(format!("{}/web", sim.control_url)).json(&body)).await
}

#[tokio::test]
async fn there_is_none_unless_it_is_wanted() {
    assert_eq!(started().await.addresses().web, None);
}

#[tokio::test]
async fn every_path_says_ok() {
    let sim = sim().await;
    assert_eq!(seen(&sim, "/").await, (200, "ok".to_owned()));
    assert_eq!(seen(&sim, "/any/path").await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn status_and_text_can_be_wrong() {
    let sim = sim().await;
    let (status, body) = set(&sim, json!({ "status": 503, "text": "down for repairs" })).await;
    assert_eq!((status, &body["status"], &body["delay_ms"]), (200, &json!(503), &json!(0)));
    assert_eq!(seen(&sim, "/").await, (503, "down for repairs".to_owned()));
    set(&sim, json!({ "status": 200 })).await;
    assert_eq!(seen(&sim, "/").await, (200, "down for repairs".to_owned()), "what is not said stays");
}

#[tokio::test]
async fn it_can_be_slow() {
    let sim = sim().await;
    set(&sim, json!({ "delay_ms": 60_000 })).await;
    assert!(client().get(url(&sim)).send().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn its_port_can_be_closed_and_opened() {
    let sim = sim().await;
    set(&sim, json!({ "up": false })).await;
    assert!(client().get(url(&sim)).send().await.unwrap_err().is_connect());
    sim.web(WebChange { up: Some(true), ..WebChange::default() }).await.unwrap();
    assert_eq!(seen(&sim, "/").await.0, 200);
}

#[tokio::test]
async fn a_value_outside_its_range_changes_nothing() {
    let sim = sim().await;
    let (status, body) = set(&sim, json!({ "text": "other", "status": 99 })).await;
    assert_eq!((status, &body["error"]), (422, &json!("status = 99 is outside of 200 to 599")));
    assert_eq!(set(&sim, json!({ "delay_ms": 600_001 })).await.0, 422);
    let long = WebChange { text: Some("x".repeat(20_000)), ..WebChange::default() };
    assert_eq!(sim.web(long).await, Err(WebError::Text(20_000)));
    assert_eq!(seen(&sim, "/").await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn the_page_has_a_form_for_it() {
    let sim = sim().await;
    let page = client().get(&sim.control_url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Front end (0 requests)"));
    let form = [("up", "true"), ("status", "500"), ("text", "<b>"), ("delay_ms", "0")];
    let sent = client().post(format!("{}/ui/web", sim.control_url)).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), 303);
    assert_eq!(seen(&sim, "/").await, (500, "<b>".to_owned()));
    let page = client().get(&sim.control_url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("value=\"&lt;b&gt;\""));
}
