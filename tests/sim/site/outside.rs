//! What the world answers: to questions, remedies and messages.

use std::time::Duration;

use rebound::alert::{DeliveryReport, DeliveryResult, SEND_TIMEOUT, SendRequest};
use rebound::check::{NoAnswer, Observation, ProbeOutcome, ProbeRequest, Subject};
use rebound::heal::{StepOutcome, StepRequest};
use rebound::ids::StepId;
use rebound::monitor::Event;

use super::super::bridge::{Known, whole_seconds};
use super::super::thing::Way;
use super::coming::{Answer, Sent};
use super::{Site, ended};

/// What a question leads to.
enum Told {
    Outcome(ProbeOutcome),
    /// The thing of this number tells what it knows.
    Later(usize, Known),
}

/// How much longer than its deadline the engine lets an adapter run.
const ADAPTER_GRACE: Duration = Duration::from_secs(2);
const SEND_TAKES: Duration = Duration::from_secs(1);
const BEACONS_TAKE: Duration = Duration::from_millis(40);

impl Site {
    pub(super) fn comes(&mut self, after: Duration, event: Event) {
        self.coming.push(self.now.after(after), Sent::Event(event));
    }

    /// What has come.
    pub(super) fn opened(&self, sent: Sent) -> Event {
        match sent {
            Sent::Event(event) => event,
            Sent::Answer(Answer { subject, thing, asked_at, latency_ms, known }) => {
                let outcome = self.things[thing].tells(known);
                Event::Observed(Observation { subject, asked_at, latency_ms, outcome })
            }
        }
    }

    pub(super) fn probe(&mut self, request: ProbeRequest) {
        let offline = self.own.network_gone.holds(self.now);
        let timeout = request.deadline.since(request.asked_at);
        let (takes, told) = match &request.subject {
            Subject::OwnNetwork => {
                let answered = if offline { 0 } else { 2 };
                let tells = self.own.beacons_tell_time && !offline;
                let dates = if tells { vec![whole_seconds(self.now); 2] } else { Vec::new() };
                let takes = if offline { timeout } else { BEACONS_TAKE };
                (takes, Told::Outcome(ProbeOutcome::Beacons { answered, asked: 2, dates }))
            }
            Subject::Target(id) => {
                let index = self.ids[id];
                if offline && !self.local[index] {
                    let why = NoAnswer::Other("network is unreachable".to_owned());
                    (Duration::from_millis(1), Told::Outcome(ProbeOutcome::NoAnswer(why)))
                } else {
                    let way = self.way_to(index);
                    let thing = &mut self.things[index];
                    match thing.knows(self.now, way) {
                        Some(known) => (thing.latency, Told::Later(index, known)),
                        None => {
                            let (takes, outcome) = thing.shows(self.now, timeout, way);
                            (takes, Told::Outcome(outcome))
                        }
                    }
                }
            }
        };
        if self.own.answers_lost > 0 && self.dice.below(100_000) < self.own.answers_lost {
            return;
        }
        let latency_ms = u32::try_from(takes.as_millis()).unwrap_or(u32::MAX);
        let ProbeRequest { subject, asked_at, .. } = request;
        let sent = match told {
            Told::Outcome(outcome) => {
                Sent::Event(Event::Observed(Observation { subject, asked_at, latency_ms, outcome }))
            }
            Told::Later(thing, known) => Sent::Answer(Answer { subject, thing, asked_at, latency_ms, known }),
        };
        self.coming.push(self.now.after(takes), sent);
    }

    /// What stands between Rebound and a thing, or keeps it from working.
    fn way_to(&mut self, index: usize) -> Way {
        let mut way = Way::Free;
        for turn in 0..self.parents[index].len() {
            let parent = self.parents[index][turn];
            let beyond = match self.way_to(parent) {
                Way::Free => self.things[parent].way_beyond(self.now),
                blocked @ (Way::Cut | Way::Broken) => blocked,
            };
            if beyond == Way::Cut || way == Way::Free {
                way = beyond;
            }
        }
        way
    }

    pub(super) fn run_step(&mut self, request: StepRequest) {
        self.notes.begins(self.now, self.clock(), &request);
        let limit = request.deadline.since(self.clock()) + ADAPTER_GRACE;
        let index = self.ids[&request.target];
        let ladder = &self.config.targets[index].heal.ladder;
        let Some(remedy) = ladder.iter().find(|remedy| remedy.name == request.remedy) else {
            return;
        };
        let ending = self.things[index].heal(self.now, remedy);
        let (after, outcome, output) = match ending.after {
            Some(after) if after <= limit => (after, ending.outcome, "said the other side"),
            Some(_) | None => (limit, StepOutcome::TimedOut, "no result came by the deadline"),
        };
        let result = ended(&request, outcome, output);
        self.running.insert(request.step, (self.now.after(after), result));
    }

    pub(super) fn stop_step(&mut self, step: &StepId) {
        if let Some((at, result)) = self.running.get_mut(step) {
            *at = self.now;
            result.outcome = StepOutcome::Stopped;
            "a person stopped it".clone_into(&mut result.output);
        }
    }

    pub(super) fn send(&mut self, request: SendRequest) {
        let lost = self.dice.percent(self.own.messages_lost) || self.own.network_gone.holds(self.now);
        let late = self.dice.percent(self.own.messages_late);
        let result = if lost || late {
            DeliveryResult::Retry("451 try again later".to_owned())
        } else {
            DeliveryResult::Delivered
        };
        let takes = if late { SEND_TIMEOUT + ADAPTER_GRACE } else { SEND_TAKES };
        let report = DeliveryReport { alert: request.alert.id, channel: request.channel, result };
        self.comes(takes, Event::Delivered(report));
    }

    /// Nothing of Rebound runs for a while: what comes meanwhile is met late, and half of it looks as if nobody had answered.
    pub(super) fn is_held_up(&mut self) {
        let Some((at, lasts)) = self.own.held_up.pop_front() else {
            return;
        };
        let end = at.after(lasts).max(self.now);
        self.held_up.push((at, lasts));
        self.notes.says(self.now, || format!("-- Rebound itself is held up for {} ms", lasts.as_millis()));
        let mut met = Vec::new();
        while self.coming.next().is_some_and(|at| at < end) {
            met.extend(self.coming.pop().map(|sent| self.opened(sent)));
        }
        self.now = end;
        for mut event in met {
            if let Event::Observed(seen) = &mut event
                && self.dice.percent(50)
            {
                if let ProbeOutcome::Beacons { answered, dates, .. } = &mut seen.outcome {
                    *answered = 0;
                    dates.clear();
                } else {
                    seen.outcome = ProbeOutcome::NoAnswer(NoAnswer::TimedOut(5_000));
                }
            }
            self.comes(Duration::ZERO, event);
        }
        // Woken late, the loop takes what has come first; only then does it hear how late it is.
        while self.coming.next().is_some_and(|at| at <= self.now) {
            if let Some(sent) = self.coming.pop() {
                let event = self.opened(sent);
                self.handle(event);
            }
        }
        self.next_pulse = self.now.after(super::PULSE_EVERY);
        self.notes_itself(lasts);
    }
}
