//! Runs probes, heal steps and deliveries as tasks with deadlines; each ends in exactly one event.
//!
//! A task that panics or overruns still gives its event: the one that claims least.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use rebound::alert::{DeliveryReport, DeliveryResult, SendRequest};
use rebound::check::{NoAnswer, Observation, ProbeOutcome, ProbeRequest};
use rebound::drill::{ReadBack, ReadBackRequest};
use rebound::heal::{StepOutcome, StepRequest, StepResult};
use rebound::ids::{StepId, TargetId};
use rebound::monitor::Event;
use rebound::readiness::{Finding, LookRequest, Looked, PingRequest, Pinged, Trouble};
use rebound::time::Timestamp;
use tokio::task::{Id, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::ledger::drills_in;
use crate::ports::{Clock, Healer, Notifier, Outside, Preflight, Prober, Store};

/// How much longer than its deadline an adapter may take before it is cut off.
const ADAPTER_GRACE: Duration = Duration::from_secs(2);

/// What the next emergency needs: who look at it, and who takes signs of life.
#[derive(Clone, Default)]
pub(crate) struct Lookout {
    pub(crate) preflights: Vec<Arc<dyn Preflight>>,
    pub(crate) outside: Option<Arc<dyn Outside>>,
}

/// The adapters and what they are doing.
pub(crate) struct Tasks {
    clock: Arc<dyn Clock>,
    prober: Arc<dyn Prober>,
    healer: Arc<dyn Healer>,
    notifiers: BTreeMap<String, Arc<dyn Notifier>>,
    lookout: Lookout,
    running: JoinSet<Event>,
    if_broken: HashMap<Id, Event>,
    /// Ends the steps that run.
    stops: HashMap<StepId, (TargetId, CancellationToken)>,
}

impl Tasks {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        prober: Arc<dyn Prober>,
        healer: Arc<dyn Healer>,
        notifiers: Vec<Arc<dyn Notifier>>,
        lookout: Lookout,
    ) -> Self {
        let notifiers =
            notifiers.into_iter().map(|notifier| (notifier.channel().to_owned(), notifier)).collect();
        Self {
            clock,
            prober,
            healer,
            notifiers,
            lookout,
            running: JoinSet::new(),
            if_broken: HashMap::new(),
            stops: HashMap::new(),
        }
    }

    pub(crate) fn probe(&mut self, request: ProbeRequest) {
        let prober = Arc::clone(&self.prober);
        let limit = self.limit(request.deadline);
        let late = observation(
            &request,
            limit,
            ProbeOutcome::NoAnswer(NoAnswer::TimedOut(u32::try_from(limit.as_millis()).unwrap_or(u32::MAX))),
        );
        let broken = observation(
            &request,
            Duration::ZERO,
            ProbeOutcome::NotAsked("the probe broke; this is an error in Rebound".to_owned()),
        );
        let span = tracing::debug_span!("probe", subject = ?request.subject);
        self.spawn(Event::Observed(broken), span, async move {
            let seen = timeout(limit, prober.probe(&request)).await.unwrap_or(late);
            // The answer is known by its question: whatever the prober puts there, it belongs to this one, and counts from
            // when the question was given.
            Event::Observed(Observation { subject: request.subject, asked_at: request.asked_at, ..seen })
        });
    }

    pub(crate) fn run_step(&mut self, request: StepRequest) {
        let healer = Arc::clone(&self.healer);
        let limit = self.limit(request.deadline);
        let late = result(&request, StepOutcome::TimedOut, "no result came by the deadline");
        let broken =
            result(&request, StepOutcome::Lost, "the healer broke while it ran; this is an error in Rebound");
        let span = tracing::info_span!(
            "heal_step",
            step.id = %request.step,
            target.id = %request.target,
            incident.id = %request.incident
        );
        let stop = CancellationToken::new();
        self.stops.insert(request.step.clone(), (request.target.clone(), stop.clone()));
        let stopped = result(
            &request,
            StepOutcome::Stopped,
            "a person stopped it; what was sent already is not taken back, e.g. a workflow that was started goes on",
        );
        self.spawn(Event::StepFinished(broken), span, async move {
            let ended = tokio::select! {
                biased;
                () = stop.cancelled() => stopped,
                ended = timeout(limit, healer.run(&request)) => ended.unwrap_or(late),
            };
            // What was started goes on: people must be able to look at it.
            let link = ended.link.clone().or_else(|| healer.link(&request.step));
            Event::StepFinished(StepResult { link, ..ended })
        });
    }

    /// Stops a step that runs; it ends as `Stopped`. One that has ended is left alone.
    pub(crate) fn stop_step(&mut self, step: &StepId) {
        if let Some((_, stop)) = self.stops.get(step) {
            stop.cancel();
        }
    }

    /// Ends the steps that run for targets that another server watches now.
    pub(crate) fn let_go(&mut self, targets: &[TargetId]) {
        for (target, stop) in self.stops.values() {
            if targets.contains(target) {
                stop.cancel();
            }
        }
    }

    pub(crate) fn send(&mut self, request: SendRequest) {
        let limit = self.limit(request.deadline);
        let report = |result| {
            Event::Delivered(DeliveryReport {
                alert: request.alert.id,
                channel: request.channel.clone(),
                result,
            })
        };
        let broken =
            report(DeliveryResult::Retry("the notifier broke; this is an error in Rebound".to_owned()));
        let Some(notifier) = self.notifiers.get(&request.channel).cloned() else {
            let missing = format!("no channel \"{}\" is configured any more", request.channel);
            let event = report(DeliveryResult::Permanent(missing));
            self.spawn(broken, tracing::Span::none(), async move { event });
            return;
        };
        let span = tracing::info_span!("notify", alert.id = %request.alert.id, channel = %request.channel);
        self.spawn(broken, span, async move {
            let late = DeliveryResult::Retry("no answer came by the deadline".to_owned());
            let outcome = timeout(limit, notifier.send(&request)).await.unwrap_or(late);
            Event::Delivered(DeliveryReport {
                alert: request.alert.id,
                channel: request.channel,
                result: outcome,
            })
        });
    }

    /// Has everybody look who can; who breaks or is late leaves out what was found before.
    pub(crate) fn look(&mut self, request: LookRequest) {
        let limit = self.limit(request.deadline);
        let drill = request.drill.clone();
        let looked = move |findings| Event::Looked(Looked { drill, asked_at: request.asked_at, findings });
        let (broken, preflights) = (looked.clone()(Vec::new()), self.lookout.preflights.clone());
        self.spawn(broken, tracing::debug_span!("look"), async move {
            let mut looks: JoinSet<Vec<Finding>> = JoinSet::new();
            for preflight in preflights {
                let request = request.clone();
                looks.spawn(
                    async move { timeout(limit, preflight.look(&request)).await.unwrap_or_default() }
                        .in_current_span(),
                );
            }
            let mut findings = Vec::new();
            while let Some(found) = looks.join_next().await {
                match found {
                    Ok(found) => findings.extend(found),
                    Err(error) => tracing::error!(%error, "a preflight broke"),
                }
            }
            looked(findings)
        });
    }

    /// Reads from the store what was made durable for a fire drill.
    pub(crate) fn read_back(&mut self, store: Arc<dyn Store>, request: ReadBackRequest) {
        let limit = self.limit(request.deadline);
        let ReadBackRequest { target, due, .. } = request;
        let whose = target.clone();
        let read = move |result| Event::ReadBack(ReadBack { target: whose, due, result });
        let broken = read.clone()(Err("what reads it broke; this is an error in Rebound".to_owned()));
        self.spawn(broken, tracing::debug_span!("read_back"), async move {
            let result = timeout(limit, drill_in(store.as_ref(), &target, due)).await;
            read(result.unwrap_or_else(|_| Err("the store gave no answer in time".to_owned())))
        });
    }

    /// Gives a sign of life.
    pub(crate) fn ping(&mut self, request: PingRequest) {
        let limit = self.limit(request.deadline);
        let pinged = move |result| Event::Pinged(Pinged { asked_at: request.asked_at, result });
        let broken = pinged(Err(Trouble::new("what sends it broke", "this is an error in Rebound")));
        let outside = self.lookout.outside.clone();
        self.spawn(broken, tracing::debug_span!("ping"), async move {
            let Some(outside) = outside else {
                return pinged(Err(Trouble::new(
                    "nobody is named to take it",
                    "name an address under [outside] ping",
                )));
            };
            let late =
                || Err(Trouble::new("no answer came in time", "see whether this machine can reach it"));
            pinged(timeout(limit, outside.ping(&request)).await.unwrap_or_else(|_| late()))
        });
    }

    /// The event of the next task that ends. Never returns while none runs.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            match self.running.join_next_with_id().await {
                None => std::future::pending().await,
                Some(Ok((id, event))) => {
                    self.if_broken.remove(&id);
                    return self.ended(event);
                }
                Some(Err(error)) => {
                    tracing::error!(%error, "a task broke");
                    if let Some(event) = self.if_broken.remove(&error.id()) {
                        return self.ended(event);
                    }
                }
            }
        }
    }

    fn ended(&mut self, event: Event) -> Event {
        if let Event::StepFinished(result) = &event {
            self.stops.remove(&result.step);
        }
        event
    }

    fn limit(&self, deadline: Timestamp) -> Duration {
        deadline.since(self.clock.now()) + ADAPTER_GRACE
    }

    fn spawn(
        &mut self,
        if_broken: Event,
        span: tracing::Span,
        task: impl Future<Output = Event> + Send + 'static,
    ) {
        let handle = self.running.spawn(task.instrument(span));
        self.if_broken.insert(handle.id(), if_broken);
    }
}

/// Whether the store has a drill as it was written.
async fn drill_in(store: &dyn Store, target: &TargetId, due: Timestamp) -> Result<(), String> {
    let drills = drills_in(store).await.map_err(|error| error.to_string())?;
    let kept = drills.iter().find(|(id, _)| id == target);
    let is_there = kept.is_some_and(|(_, drills)| drills.list().iter().any(|drill| drill.due == due));
    if is_there { Ok(()) } else { Err("it is not there".to_owned()) }
}

fn observation(request: &ProbeRequest, took: Duration, outcome: ProbeOutcome) -> Observation {
    Observation {
        subject: request.subject.clone(),
        asked_at: request.asked_at,
        latency_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
        outcome,
    }
}

fn result(request: &StepRequest, outcome: StepOutcome, output: &str) -> StepResult {
    StepResult {
        step: request.step.clone(),
        target: request.target.clone(),
        outcome,
        output: output.to_owned(),
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use rebound::check::Subject;

    use super::*;
    use crate::clock::SystemClock;

    /// Begins a little after it was told to, and says so.
    struct LateBeginner;

    #[async_trait]
    impl Prober for LateBeginner {
        async fn probe(&self, request: &ProbeRequest) -> Observation {
            let began = ProbeRequest {
                asked_at: request.asked_at.after(Duration::from_millis(3)),
                ..request.clone()
            };
            observation(
                &began,
                Duration::ZERO,
                ProbeOutcome::Beacons { answered: 1, asked: 1, dates: Vec::new() },
            )
        }
    }

    struct NoHealer;

    #[async_trait]
    impl Healer for NoHealer {
        async fn run(&self, request: &StepRequest) -> StepResult {
            result(request, StepOutcome::Refused, "not asked for here")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_belongs_to_the_question_that_was_given() {
        let start = Timestamp::from_ms(1_000_000);
        let clock = Arc::new(SystemClock::starting_at(start));
        let mut tasks =
            Tasks::new(clock, Arc::new(LateBeginner), Arc::new(NoHealer), Vec::new(), Lookout::default());
        let subject = Subject::Target(TargetId::try_new("mt5").unwrap());
        tasks.probe(ProbeRequest { subject, asked_at: start, deadline: start.after(Duration::from_secs(5)) });
        let Event::Observed(seen) = tasks.next().await else { panic!("a probe ends in an observation") };
        assert_eq!(seen.asked_at, start);
    }
}
