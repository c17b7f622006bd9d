//! What must hold whatever happens, in whatever order: random worlds and random events against the monitor's promises.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;

use super::scene_tests::{bridge, config, minutes, noon, observation, seconds, target, written_and_read};
use super::{Command, Event, Fact, Monitor, Request, RequestKind, SelfSeen};
use crate::alert::{Alert, AlertReason, ChannelSpec, DeliveryReport, DeliveryResult};
use crate::calendar::Calendar;
use crate::check::{Observation, ProbeOutcome, ProbeRequest, Subject};
use crate::heal::{HOUR, Refusal, StepOutcome, StepResult};
use crate::ids::{AlertId, IncidentId, StepId, TargetId};
use crate::incident::{Incident, Phase, Recovery, Severity};
use crate::target::{Config, Reach};
use crate::time::Timestamp;
use crate::verdict::Verdict;

#[path = "props_worlds.rs"]
mod worlds;

#[path = "props_promises.rs"]
mod promises;

use promises::Promises;
use worlds::{Happening, happenings, outcome, worlds};

const STEPS_OF_ONE_CASE: usize = 120;

/// A monitor among random events, with every promise looked at after each.
struct Play {
    config: Config,
    monitor: Monitor,
    /// A restored copy that must answer exactly as the monitor.
    twin: Option<Monitor>,
    now: Timestamp,
    questions: Vec<ProbeRequest>,
    old_questions: Vec<ProbeRequest>,
    steps: Vec<(TargetId, StepId)>,
    sends: Vec<(AlertId, String)>,
    requests: u64,
    promises: Promises,
}

impl Play {
    fn new(config: Config) -> Self {
        let now = noon();
        let monitor = Monitor::new(config.clone(), now);
        Self {
            promises: Promises::new(&config),
            config,
            monitor,
            twin: None,
            now,
            questions: Vec::new(),
            old_questions: Vec::new(),
            steps: Vec::new(),
            sends: Vec::new(),
            requests: 0,
        }
    }

    fn handle(&mut self, event: Event) {
        let before = self.monitor.clone();
        let out = self.monitor.handle(self.now, event.clone());
        if let Some(twin) = self.twin.as_mut() {
            assert_eq!(twin.handle(self.now, event.clone()), out, "a restored monitor answers as the first");
        }
        for command in &out {
            match command {
                Command::Probe(request) => self.questions.push(request.clone()),
                Command::RunStep(request) => self.steps.push((request.target.clone(), request.step.clone())),
                Command::Send(request) => self.sends.push((request.alert.id, request.channel.clone())),
                Command::Record(_)
                | Command::StopStep(_)
                | Command::Look(_)
                | Command::Ping(_)
                | Command::ReadBack(_)
                | Command::Publish => {}
            }
        }
        Promises::wakes_later(&self.monitor);
        self.asks_without_looking_around();
        self.promises.look(&before, &self.monitor, &event, &out);
    }

    fn happens(&mut self, what: &Happening) {
        match what {
            Happening::Answer { which, seen } => {
                if !self.questions.is_empty() {
                    let question = self.questions.remove(which % self.questions.len());
                    let outcome = outcome(*seen, self.now, &question.subject);
                    self.old_questions.push(question.clone());
                    self.handle(Event::Observed(observation(&question, outcome)));
                }
            }
            Happening::AnswerAgain { which, seen } => {
                if !self.old_questions.is_empty() {
                    let question = self.old_questions[which % self.old_questions.len()].clone();
                    let outcome = outcome(*seen, self.now, &question.subject);
                    self.handle(Event::Observed(observation(&question, outcome)));
                }
            }
            Happening::Foreign { name, seen, seconds: off } => {
                let subject = Subject::Target(target(name));
                let asked_at = Timestamp::from_ms(self.now.as_ms() + off * 1_000);
                let outcome = outcome(*seen, self.now, &subject);
                let seen = Observation { subject, asked_at, latency_ms: 1, outcome };
                self.handle(Event::Observed(seen));
            }
            Happening::LoseQuestions => self.questions.clear(),
            Happening::StepEnds { which, outcome, again } => {
                if !self.steps.is_empty() {
                    let index = which % self.steps.len();
                    let (target, step) = self.steps[index].clone();
                    if !again {
                        self.steps.remove(index);
                    }
                    let output = String::from("said");
                    let result = StepResult { step, target, outcome: *outcome, output, link: None };
                    self.handle(Event::StepFinished(result));
                }
            }
            Happening::Delivery { which, result } => {
                if !self.sends.is_empty() {
                    let (alert, channel) = self.sends[which % self.sends.len()].clone();
                    self.handle(Event::Delivered(DeliveryReport { alert, channel, result: result.clone() }));
                }
            }
            Happening::Asked(what) => {
                self.requests += 1;
                let request = Request { id: self.requests, by: String::from("ann"), what: what.clone() };
                self.handle(Event::PersonAsked(request));
            }
            Happening::Store(works) => {
                let state = if *works { Ok(()) } else { Err(String::from("disk full")) };
                self.handle(Event::StoreChanged(state));
            }
            Happening::HeldUp(lag_ms) => {
                self.handle(Event::SelfSeen(SelfSeen { lag_ms: *lag_ms, store_ms: Some(*lag_ms) }));
            }
            Happening::Wakes(times) => {
                for _ in 0..*times {
                    self.now = self.monitor.next_wakeup().unwrap_or(self.now).max(self.now);
                    self.handle(Event::Woke);
                }
            }
            Happening::Passes(ms) => {
                self.now = Timestamp::from_ms(self.now.as_ms() + ms);
                self.handle(Event::Woke);
            }
            Happening::TargetLeaves => {
                let mut less = self.config.clone();
                less.targets.truncate(less.targets.len().saturating_sub(1));
                self.twin = None;
                self.promises.forget_absent(&less);
                self.handle(Event::ConfigChanged(Box::new(less)));
                self.handle(Event::ConfigChanged(Box::new(self.config.clone())));
            }
            Happening::Copies => self.copy(),
            Happening::Restarts { gap_ms } => self.restart(*gap_ms),
        }
    }

    /// Where only a question is due, asking it comes to the same as doing all that may be due.
    fn asks_without_looking_around(&self) {
        let mut monitor = self.monitor.clone();
        monitor.now = monitor.next_wakeup().unwrap_or(self.now).max(monitor.now);
        let Some(place) = monitor.watched.places().find(|place| monitor.only_asks(*place)) else {
            return;
        };
        let (mut whole, mut asked, mut done) = (monitor.clone(), Vec::new(), Vec::new());
        monitor.ask(place, &mut asked);
        whole.turn(place, &mut done);
        assert_eq!(asked, done);
        assert_eq!((monitor.save(), monitor.next_wakeup()), (whole.save(), whole.next_wakeup()));
    }

    /// While nothing is in flight, a restored monitor is the same monitor.
    fn copy(&mut self) {
        let busy = self.monitor.shared.own.in_flight_until.is_some()
            || self.monitor.watched.values().any(|watched| {
                watched.state.probe.in_flight_until.is_some()
                    || matches!(watched.state.phase, Phase::Healing { .. })
            });
        if !busy {
            let saved = written_and_read(&self.monitor.save());
            let (twin, _) = Monitor::restore(self.config.clone(), saved, self.monitor.now).unwrap();
            assert_eq!(twin.save(), self.monitor.save());
            self.twin = Some(twin);
        }
    }

    fn restart(&mut self, gap_ms: i64) {
        let saved = written_and_read(&self.monitor.save());
        self.now = Timestamp::from_ms(self.now.as_ms().max(self.monitor.now.as_ms()) + gap_ms);
        let before = self.monitor.clone();
        let (monitor, out) = Monitor::restore(self.config.clone(), saved, self.now).unwrap();
        self.monitor = monitor;
        self.twin = None;
        self.old_questions.append(&mut self.questions);
        self.promises.look(&before, &self.monitor, &Event::Woke, &out);
        for watched in self.monitor.watched.values() {
            assert!(
                !matches!(watched.state.phase, Phase::Healing { .. }),
                "a step in flight comes back as lost"
            );
        }
    }

    /// Everything answers at once and well, steps are done and messages arrive, until `span` is over.
    fn goes_on(&mut self, span: Duration, target_shows: worlds::Sight) {
        let until = self.now.max(self.monitor.now).after(span);
        self.now = self.now.max(self.monitor.now);
        self.handle(Event::StoreChanged(Ok(())));
        while self.now < until {
            for question in core::mem::take(&mut self.questions) {
                let shown = outcome(target_shows, self.now, &question.subject);
                self.handle(Event::Observed(observation(&question, shown)));
            }
            for (target, step) in core::mem::take(&mut self.steps) {
                let output = String::new();
                let result = StepResult { step, target, outcome: StepOutcome::Done, output, link: None };
                self.handle(Event::StepFinished(result));
            }
            for (alert, channel) in core::mem::take(&mut self.sends) {
                let result = DeliveryResult::Delivered;
                self.handle(Event::Delivered(DeliveryReport { alert, channel, result }));
            }
            self.now = self.monitor.next_wakeup().unwrap_or(until);
            self.handle(Event::Woke);
        }
    }

    fn critical_targets_without_a_word_to_a_person(&self) -> Vec<TargetId> {
        // Whoever stopped the heal has signed for the incident: that it is in a person's hands needs no further word.
        let signed = |incident: &Incident| incident.stopped.is_some() && incident.acknowledged.is_some();
        let told =
            |incident: &Incident| self.promises.person_called.contains(&incident.id) || signed(incident);
        // Whoever is told of the parent is told enough.
        let suppressed = |phase: &Phase| {
            matches!(
                phase,
                Phase::Suppressed { .. }
                    | Phase::Waiting { because: Refusal::ParentDown(_) | Refusal::ParentSettles(_), .. }
            )
        };
        self.monitor
            .watched
            .values()
            .filter(|watched| !suppressed(&watched.state.phase))
            .filter(|watched| watched.state.incident.as_ref().is_none_or(|incident| !told(incident)))
            .map(|watched| watched.state.id.clone())
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_promise_holds_whatever_happens(
        config in worlds(),
        story in prop::collection::vec(happenings(), 1..STEPS_OF_ONE_CASE),
    ) {
        let mut play = Play::new(config);
        for what in &story {
            play.happens(what);
        }
    }

}

/// When planned work, pauses and declarations of every story are over.
fn every_window_is_over() -> Timestamp {
    noon().after(HOUR * 5)
}

proptest! {
    // Each of these goes on for hours of the world's time.
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn in_a_world_that_stays_healthy_every_incident_closes(
        config in worlds(),
        story in prop::collection::vec(happenings(), 1..STEPS_OF_ONE_CASE),
    ) {
        let config = Config {
            targets: config.targets.into_iter().map(|spec| crate::target::TargetSpec { calendar: Calendar::always(), ..spec }).collect(),
            ..config
        };
        let mut play = Play::new(config);
        for what in &story {
            play.happens(what);
        }
        play.now = play.now.max(every_window_is_over());
        play.goes_on(minutes(40), worlds::Sight::Healthy);
        for watched in play.monitor.watched.values() {
            prop_assert_eq!(&watched.state.phase, &Phase::Healthy);
            prop_assert!(watched.state.incident.is_none());
        }
    }

    #[test]
    fn a_heal_that_never_helps_ends_with_a_person(
        config in worlds(),
        story in prop::collection::vec(happenings(), 1..40),
    ) {
        let mut play = Play::new(config);
        for what in &story {
            play.happens(what);
        }
        play.now = play.now.max(every_window_is_over());
        play.goes_on(minutes(90), worlds::Sight::TerminalGone);
        prop_assert_eq!(play.critical_targets_without_a_word_to_a_person(), Vec::<TargetId>::new());
    }
}
