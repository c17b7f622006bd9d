//! Faults that come by themselves.

use rebound_sim::{Fault, PlannedFault, SimOptions, start};

use crate::{eventually, speaking};

fn planned(texts: &[&str]) -> SimOptions {
    let planned: Vec<PlannedFault> = texts.iter().map(|text| text.parse().unwrap()).collect();
    SimOptions { planned, ..SimOptions::quick() }
}

#[tokio::test]
async fn a_fault_without_a_time_is_there_from_the_start() {
    let sim = start(planned(&["identity-swap", "slow=7"])).await.unwrap();
    let faults = sim.faults().await;
    assert_eq!((faults.has(Fault::IdentitySwap), faults.value(Fault::Slow)), (true, Some(7)));
}

#[tokio::test]
async fn a_fault_with_a_time_comes_later() {
    let sim = start(planned(&["link_lost@1h", "flapping=9@30ms"])).await.unwrap();
    eventually(async || sim.faults().await.has(Fault::Flapping).then_some(())).await;
    let faults = sim.faults().await;
    assert_eq!((faults.value(Fault::Flapping), faults.has(Fault::LinkLost)), (Some(9), false));
}

#[tokio::test]
async fn a_process_may_be_down_from_the_start() {
    let sim = start(planned(&["process_down"])).await.unwrap();
    assert!(crate::client().get(&sim.bridge_url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_planned_fault_that_cannot_be_stops_the_start() {
    let planned = vec![PlannedFault { fault: Fault::Flapping, value: Some(0), after: Default::default() }];
    let error = start(SimOptions { planned, ..SimOptions::quick() }).await.unwrap_err();
    assert!(error.to_string().contains("from 1 to 3600 (s)"), "{error}");
}

#[tokio::test]
async fn every_dialect_starts_healthy() {
    for dialect in rebound_sim::Dialect::ALL {
        let sim = speaking(dialect).await;
        assert_eq!(sim.faults().await.iter().count(), 0);
        let state = crate::read(crate::client().get(format!("{}/state", sim.control_url))).await.1;
        assert_eq!(state["dialect"], dialect.name());
    }
}
