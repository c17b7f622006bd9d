//! How questions of the engine find their target and keep their time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rebound::check::{NoAnswer, Observation, ProbeOutcome, ProbeRequest, Subject};
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::{Clock, Prober};
use rebound_probes::{Beacons, EndpointAddress, EndpointProbe, Probers, TargetProbe};
use reqwest::Url;

use crate::probing::{LONG, NOW, healthy, probe_of};
use crate::wire::{Act, Wire};

async fn ask(probers: &Probers, target: &str, asked_at: Timestamp, span: Duration) -> Observation {
    let subject = Subject::Target(TargetId::try_new(target).unwrap());
    probers.probe(&ProbeRequest { subject, asked_at, deadline: asked_at.after(span) }).await
}

fn probers(url: &Url, clock: SystemClock) -> Probers {
    let bridge = TargetProbe::Bridge(probe_of(url));
    let address = format!("127.0.0.1:{}", url.port().unwrap());
    let endpoint = TargetProbe::Endpoint(EndpointProbe::new(EndpointAddress::Tcp(address)).unwrap());
    let targets = HashMap::from([
        (TargetId::try_new("mt5").unwrap(), bridge),
        (TargetId::try_new("port").unwrap(), endpoint),
    ]);
    Probers::new(targets, Beacons::default(), Arc::new(clock))
}

#[tokio::test]
async fn a_question_goes_to_its_target_or_is_not_asked() {
    let wire = Wire::answering(healthy).await;
    let probers = probers(&wire.url, SystemClock::starting_at(NOW));
    let known = ask(&probers, "mt5", NOW, LONG).await;
    assert!(matches!(known.outcome, ProbeOutcome::Bridge(_)), "{known:?}");
    let other_kind = ask(&probers, "port", NOW, LONG).await;
    assert!(matches!(other_kind.outcome, ProbeOutcome::Endpoint(_)), "{other_kind:?}");
    let unknown = ask(&probers, "other", NOW, LONG).await;
    assert!(
        matches!(&unknown.outcome, ProbeOutcome::NotAsked(why) if why.contains("\"other\"")),
        "{unknown:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_latency_is_told_by_the_clock() {
    let wire = Wire::answering(|_| Act::Silence).await;
    let probers = probers(&wire.url, SystemClock::starting_at(NOW));
    let seen = ask(&probers, "mt5", NOW, Duration::from_secs(2)).await;
    assert_eq!(seen.outcome, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(2_000)));
    assert!((2_000..2_010).contains(&seen.latency_ms), "{}", seen.latency_ms);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_waited_has_only_the_rest_of_its_time() {
    let wire = Wire::answering(|_| Act::Silence).await;
    let clock = SystemClock::starting_at(NOW.after(Duration::from_secs(3)));
    let began = clock.now();
    let late = ask(&probers(&wire.url, clock.clone()), "mt5", NOW, Duration::from_secs(5)).await;
    assert_eq!(late.outcome, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(2_000)));
    assert_eq!(late.asked_at, began);
    let over = ask(&probers(&wire.url, clock), "mt5", NOW, Duration::from_secs(3)).await;
    assert_eq!(over.outcome, ProbeOutcome::NotAsked("no time was left to ask".to_owned()));
}
