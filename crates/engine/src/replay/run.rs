//! One monitor in a world of recorded answers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::Duration;

use rebound::alert::{AlertReason, DeliveryReport, DeliveryResult};
use rebound::check::{Observation, ProbeRequest, Subject};
use rebound::heal::{StepOutcome, StepResult};
use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::monitor::{Command, Event, Fact, Monitor};
use rebound::target::Config;
use rebound::time::Timestamp;

use super::Outcome;
use super::seen::Seen;

/// How long a heal step is taken to last, and a delivery.
const STEP_TAKES: Duration = Duration::from_secs(5);
const DELIVERY_TAKES: Duration = Duration::from_secs(1);
/// A stretch without any answer that is left out: nobody watched then.
const BLIND: Duration = Duration::from_secs(5 * 60);

/// What was recorded of each target, and of Rebound's own network.
pub(super) type Answers = BTreeMap<Option<TargetId>, Seen>;

/// A monitor, what it waits for, and what it came to.
pub(super) struct Run {
    monitor: Monitor,
    now: Timestamp,
    /// What comes, by time and by the order in which it was asked for.
    coming: BinaryHeap<Reverse<(Timestamp, u64)>>,
    events: BTreeMap<u64, Event>,
    next: u64,
    outcome: Outcome,
    incidents: BTreeSet<IncidentId>,
    alerts: BTreeSet<AlertId>,
    open: BTreeMap<IncidentId, Timestamp>,
}

impl Run {
    /// Begins at `at`.
    pub(super) fn new(config: Config, at: Timestamp) -> Self {
        Self {
            monitor: Monitor::new(config, at),
            now: at,
            coming: BinaryHeap::new(),
            events: BTreeMap::new(),
            next: 0,
            outcome: Outcome::default(),
            incidents: BTreeSet::new(),
            alerts: BTreeSet::new(),
            open: BTreeMap::new(),
        }
    }

    /// Goes on until `end`.
    pub(super) fn run_to(&mut self, end: Timestamp, answers: &Answers) {
        loop {
            let coming = self.coming.peek().map(|Reverse((at, _))| *at);
            let waking = self.monitor.next_wakeup();
            let Some(at) = coming.into_iter().chain(waking).min() else { return };
            let at = at.max(self.now);
            if at > end {
                return;
            }
            if let Some(later) = blind_until(at, answers) {
                if later > end {
                    return;
                }
                // Woken late, a monitor knows that nobody watched; what was on its way then never came.
                self.coming.clear();
                self.events.clear();
                self.step(later, Event::Woke, answers);
            } else if coming.is_some_and(|coming| coming <= at) {
                let event = self.pop();
                self.step(at, event, answers);
            } else {
                self.step(at, Event::Woke, answers);
            }
        }
    }

    /// What it came to by `end`.
    pub(super) fn ended(mut self, end: Timestamp) -> Outcome {
        for since in std::mem::take(&mut self.open).into_values() {
            self.charge(since, end);
        }
        self.outcome
    }

    fn charge(&mut self, since: Timestamp, until: Timestamp) {
        let span = u64::try_from(until.since(since).as_millis()).unwrap_or(u64::MAX);
        self.outcome.trouble_ms = self.outcome.trouble_ms.saturating_add(span);
    }

    fn pop(&mut self) -> Event {
        let found = self.coming.pop().and_then(|Reverse((_, number))| self.events.remove(&number));
        found.unwrap_or(Event::Woke)
    }

    fn step(&mut self, at: Timestamp, event: Event, answers: &Answers) {
        self.now = at;
        for command in self.monitor.handle(at, event) {
            match command {
                Command::Record(entry) => self.count(&entry.fact),
                Command::Probe(request) => {
                    if let Some((when, seen)) = answer(&request, answers) {
                        self.expect(when, Event::Observed(seen));
                    }
                }
                Command::RunStep(request) => {
                    let done = StepResult {
                        step: request.step.clone(),
                        target: request.target.clone(),
                        outcome: StepOutcome::Done,
                        output: String::new(),
                        link: None,
                    };
                    self.expect(at.after(STEP_TAKES).min(request.deadline), Event::StepFinished(done));
                }
                Command::Send(request) => {
                    let report = DeliveryReport {
                        alert: request.alert.id,
                        channel: request.channel.clone(),
                        result: DeliveryResult::Delivered,
                    };
                    self.expect(at.after(DELIVERY_TAKES), Event::Delivered(report));
                }
                Command::StopStep(_)
                | Command::Look(_)
                | Command::Ping(_)
                | Command::ReadBack(_)
                | Command::Publish => {}
            }
        }
    }

    fn expect(&mut self, at: Timestamp, event: Event) {
        self.next += 1;
        self.coming.push(Reverse((at, self.next)));
        self.events.insert(self.next, event);
    }

    fn count(&mut self, fact: &Fact) {
        match fact {
            Fact::Incident(incident) => {
                if self.incidents.insert(incident.id) {
                    self.outcome.incidents += 1;
                    self.open.insert(incident.id, incident.opened_at);
                }
                if let Some(closed) = &incident.closed
                    && let Some(since) = self.open.remove(&incident.id)
                {
                    self.charge(since, closed.at);
                }
            }
            Fact::Alert(alert) => {
                if alert.reason != AlertReason::Reminder && self.alerts.insert(alert.id) {
                    self.outcome.alerts += 1;
                }
            }
            Fact::StepIntended(_) => self.outcome.heals += 1,
            Fact::StepFinished(_)
            | Fact::Asked(_)
            | Fact::Phase { .. }
            | Fact::Drill(_)
            | Fact::Began { .. } => {}
        }
    }
}

/// What was seen of targets.
pub(super) fn of_targets(answers: &Answers) -> impl Iterator<Item = &Seen> {
    answers.iter().filter(|(of, _)| of.is_some()).map(|(_, seen)| seen)
}

/// Until when nobody watched, if nobody did at `at`; the end of time where nothing follows.
fn blind_until(at: Timestamp, answers: &Answers) -> Option<Timestamp> {
    if of_targets(answers).any(|seen| seen.near(at).is_some()) {
        return None;
    }
    let next = of_targets(answers).filter_map(|seen| seen.next_after(at)).min();
    next.map_or(Some(Timestamp::from_ms(i64::MAX)), |next| (next.since(at) >= BLIND).then_some(next))
}

/// What was seen nearest to a question, as the answer to it.
fn answer(request: &ProbeRequest, answers: &Answers) -> Option<(Timestamp, Observation)> {
    let of = match &request.subject {
        Subject::Target(id) => Some(id.clone()),
        Subject::OwnNetwork => None,
    };
    let mut seen = answers.get(&of)?.near(request.asked_at)?.clone();
    seen.asked_at = request.asked_at;
    let back = request.asked_at.after(Duration::from_millis(u64::from(seen.latency_ms)));
    Some((back.min(request.deadline), seen))
}
