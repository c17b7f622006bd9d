//! Open positions over a restart.

use rebound_sim::{Dialect, Fault, RestartMode, Sim};
use serde_json::Value;

use crate::{ask, client, post, read, speaking};

/// A host whose restarts are done when they answer.
async fn sim() -> Sim {
    let sim = speaking(Dialect::Mt5Httpapi).await;
    sim.restart_mode(RestartMode::Slow).await;
    sim
}

async fn tickets(sim: &Sim) -> Vec<u64> {
    let (_, positions) = ask(sim, "/positions").await;
    positions.as_array().unwrap().iter().map(|one| one["ticket"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_restart_keeps_positions_and_orders() {
    let sim = sim().await;
    let (before, orders) = (tickets(&sim).await, ask(&sim, "/orders").await);
    post(&sim, "/terminal/restart").await;
    assert_eq!((tickets(&sim).await, ask(&sim, "/orders").await), (before, orders));
}

#[tokio::test]
async fn a_restart_that_loses_a_position_loses_one() {
    let sim = sim().await;
    let before = tickets(&sim).await;
    sim.fault(Fault::PositionsLost).await;
    assert_eq!(tickets(&sim).await, before, "nothing is lost without a restart");
    post(&sim, "/terminal/restart").await;
    assert_eq!(tickets(&sim).await, before[..2]);
    assert_eq!(sim.positions().await, before[..2]);
}

#[tokio::test]
async fn what_was_lost_comes_back_when_the_fault_is_off() {
    let sim = sim().await;
    let before = tickets(&sim).await;
    sim.fault(Fault::PositionsLost).await;
    post(&sim, "/terminal/restart").await;
    sim.clear_all().await;
    assert_eq!(tickets(&sim).await, before);
}

#[tokio::test]
async fn a_restart_that_only_says_so_loses_nothing() {
    let sim = sim().await;
    sim.restart_mode(RestartMode::Lies).await;
    sim.fault(Fault::PositionsLost).await;
    let before = tickets(&sim).await;
    post(&sim, "/terminal/restart").await;
    crate::some_ticks(&sim).await;
    assert_eq!(tickets(&sim).await, before);
}

#[tokio::test]
async fn the_control_port_tells_what_is_open_and_what_was_lost() {
    let sim = sim().await;
    sim.fault(Fault::PositionsLost).await;
    post(&sim, "/terminal/restart").await;
    let (_, state) = read(client().get(format!("{}/state", sim.control_url))).await;
    let count = |name: &str| state["book"][name].as_array().map(Vec::len);
    assert_eq!((count("positions"), count("orders"), count("lost")), (Some(2), Some(2), Some(1)));
    let page = client().get(&sim.control_url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Positions (2), and 2 pending orders"));
}

#[tokio::test]
async fn f1_loses_it_too_and_f2_shows_none() {
    let sim = speaking(Dialect::F1).await;
    sim.restart_mode(RestartMode::Slow).await;
    sim.fault(Fault::PositionsLost).await;
    post(&sim, "/api/mt5/initialize").await;
    assert_eq!(ask(&sim, "/api/mt5/positions").await.1["count"], 2);
    let sim = crate::started().await;
    assert_eq!(ask(&sim, "/api/mt5/positions").await, (404, serde_json::json!({ "detail": "Not Found" })));
    assert_eq!(crate::get(&sim, "/api/mt5/accounts").await[0].get("positions"), None::<&Value>);
}
