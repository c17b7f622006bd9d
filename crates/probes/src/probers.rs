//! Sends each question of the engine to whom it is about, and keeps the time.
//!
//! Never lets a question run past its deadline, and never judges what comes back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rebound::check::{NoAnswer, Observation, ProbeOutcome, ProbeRequest, Subject};
use rebound::ids::TargetId;
use rebound_engine::ports::{Clock, Prober};
use tokio::time::timeout;
use tracing::debug;

use crate::beacons::Beacons;
use crate::bridge::BridgeProbe;
use crate::endpoint::EndpointProbe;

/// A question ends at its deadline by itself and says why it has no answer. Were both timers due in the same millisecond, this
/// one could cut it off with a lesser reason.
const SAYS_WHY: Duration = Duration::from_millis(20);

/// What asks one target.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each target, made at the start and never moved again"
)]
pub enum TargetProbe {
    /// It is a bridge.
    Bridge(BridgeProbe),
    /// It is any other service.
    Endpoint(EndpointProbe),
}

/// Every target and the beacons.
#[derive(Debug)]
pub struct Probers {
    targets: HashMap<TargetId, TargetProbe>,
    beacons: Beacons,
    clock: Arc<dyn Clock>,
}

impl Probers {
    /// Probes for `targets` and for the own network.
    #[must_use]
    pub fn new(targets: HashMap<TargetId, TargetProbe>, beacons: Beacons, clock: Arc<dyn Clock>) -> Self {
        Self { targets, beacons, clock }
    }

    /// The outcome, with how long a bridge itself took for it.
    async fn ask(&self, request: &ProbeRequest) -> (ProbeOutcome, Option<Duration>) {
        let outcome = match &request.subject {
            Subject::OwnNetwork => self.beacons.probe(request).await,
            Subject::Target(id) => match self.targets.get(id) {
                Some(TargetProbe::Bridge(bridge)) => {
                    let (outcome, took) = bridge.probe_timed(request).await;
                    return (outcome, Some(took));
                }
                Some(TargetProbe::Endpoint(endpoint)) => endpoint.probe(request).await,
                None => ProbeOutcome::NotAsked(format!(
                    "\"{id}\" is not among the configured targets; restart Rebound after a change of its configuration"
                )),
            },
        };
        (outcome, None)
    }
}

#[async_trait]
impl Prober for Probers {
    async fn probe(&self, request: &ProbeRequest) -> Observation {
        // What passed while the order waited is no longer there to ask in.
        let began = self.clock.now().max(request.asked_at);
        let left = request.deadline.since(began);
        let request = ProbeRequest { asked_at: began, ..request.clone() };
        let ms = |span: Duration| u32::try_from(span.as_millis()).unwrap_or(u32::MAX);
        let asked = timeout(left + SAYS_WHY, Box::pin(self.ask(&request))).await;
        let (outcome, took) =
            asked.unwrap_or_else(|_| (ProbeOutcome::NoAnswer(NoAnswer::TimedOut(ms(left))), None));
        // A slow database makes no slow bridge.
        let latency_ms = ms(took.unwrap_or_else(|| self.clock.now().since(began)));
        let target = match &request.subject {
            Subject::Target(id) => id.as_str(),
            Subject::OwnNetwork => "own network",
        };
        let came = kind(&outcome);
        debug!(target.id = target, duration_ms = latency_ms, because = came, "asked `{target}`: {came}");
        Observation { subject: request.subject.clone(), asked_at: began, latency_ms, outcome }
    }
}

/// One word for a log line; what the answer held is judged and recorded elsewhere.
fn kind(outcome: &ProbeOutcome) -> &'static str {
    match outcome {
        ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_) => "answered",
        ProbeOutcome::NoAnswer(_) => "no answer",
        ProbeOutcome::BadAnswer(_) => "bad answer",
        ProbeOutcome::WrongService { .. } => "wrong service",
        ProbeOutcome::Beacons { .. } => "beacons counted",
        ProbeOutcome::NotAsked(_) => "not asked",
    }
}
