//! A site in virtual time: the monitor, what it asks for, and a world that answers.
//!
//! Carries out commands as the engine's driver does: what must be durable first, then the acts; without a store, heal steps
//! are refused and everything else goes on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rebound::alert::{DeliveryReport, DeliveryResult, SendRequest};
use rebound::check::{NoAnswer, Observation, ProbeOutcome, ProbeRequest, Subject};
use rebound::heal::{StepOutcome, StepRequest, StepResult};
use rebound::ids::TargetId;
use rebound::monitor::{Command, Event, Monitor, Request, RequestKind};
use rebound::target::Config;
use rebound::time::Timestamp;

use super::bridge::{Bridge, Fault, Trouble};
use super::dice::Dice;
use super::kept::Kept;
use super::notes::Notes;

/// How much longer than its deadline the engine lets an adapter run.
const ADAPTER_GRACE: Duration = Duration::from_secs(2);
const BEAT_EVERY: Duration = Duration::from_secs(30);
const STORE_RETRY: Duration = Duration::from_secs(5);
const BEATS_PER_FULL_WRITE: u32 = 10;
const SEND_TAKES: Duration = Duration::from_secs(1);

/// A stretch of time in which something does not work.
pub type Outage = (Timestamp, Timestamp);

/// A site in virtual time.
#[derive(Debug)]
pub struct Site {
    /// The product.
    pub monitor: Monitor,
    /// What it decided, for people and for checks.
    pub notes: Notes,
    /// The time.
    pub now: Timestamp,
    /// The world's bridges.
    pub bridges: BTreeMap<TargetId, Bridge>,
    /// When Rebound's own network is gone.
    pub own_network_gone: Vec<Outage>,
    /// When the store refuses.
    pub store_down: Vec<Outage>,
    /// Chance of a message that does not go out at the first try, in percent.
    pub messages_lost: u64,
    config: Config,
    dice: Dice,
    coming: BTreeMap<(Timestamp, u64), Event>,
    serial: u64,
    kept: Kept,
    touched: BTreeSet<TargetId>,
    waits_for_store: bool,
    store_fails: bool,
    beats: u32,
    next_beat: Timestamp,
}

impl Site {
    /// A site that begins to watch at `now`.
    #[must_use]
    pub fn new(config: Config, now: Timestamp, seed: u64) -> Self {
        let bridges = config.targets.iter().map(|spec| (spec.id.clone(), Bridge::default())).collect();
        Self {
            monitor: Monitor::new(config.clone(), now),
            notes: Notes::default(),
            now,
            bridges,
            own_network_gone: Vec::new(),
            store_down: Vec::new(),
            messages_lost: 0,
            config,
            dice: Dice::new(seed),
            coming: BTreeMap::new(),
            serial: 0,
            kept: Kept::default(),
            touched: BTreeSet::new(),
            waits_for_store: false,
            store_fails: false,
            beats: 0,
            next_beat: now,
        }
    }

    /// Breaks a bridge from `after` on for `lasts`, unless a heal ends it.
    pub fn breaks(&mut self, id: &TargetId, fault: Fault, after: Duration, lasts: Duration) {
        let from = self.now.after(after);
        if let Some(bridge) = self.bridges.get_mut(id) {
            bridge.troubles.push(Trouble { fault, from, to: from.after(lasts) });
        }
    }

    /// A person asks for something now.
    pub fn asks(&mut self, what: RequestKind) {
        self.serial += 1;
        let request = Request { id: self.serial, by: "ann".to_owned(), what };
        self.handle(Event::PersonAsked(request));
    }

    /// Lets `span` go by.
    pub fn passes(&mut self, span: Duration) {
        let until = self.now.after(span);
        loop {
            let next = self.next_moment();
            if next > until {
                break;
            }
            self.now = next.max(self.now);
            self.one_thing_happens();
        }
        self.now = until;
    }

    /// Rebound is killed, and started again after `gap`. Nothing that it waited for reaches it.
    pub fn is_killed(&mut self, gap: Duration) {
        self.notes.says(self.now, "-- Rebound is killed");
        self.coming.clear();
        self.now = self.now.after(gap);
        self.touched.clear();
        self.waits_for_store = false;
        self.store_fails = false;
        self.next_beat = self.now;
        let first = match self.kept.load() {
            None => {
                self.monitor = Monitor::new(self.config.clone(), self.now);
                Vec::new()
            }
            Some(saved) => {
                let (monitor, first) = Monitor::restore(self.config.clone(), saved, self.now)
                    .unwrap_or_else(|error| panic!("{error}"));
                self.monitor = monitor;
                first
            }
        };
        self.notes.says(self.now, "-- Rebound starts again");
        self.carry_out(first);
    }

    fn next_moment(&self) -> Timestamp {
        let coming = self.coming.keys().next().map(|(at, _)| *at);
        let wakes = self.monitor.next_wakeup();
        [coming, wakes].into_iter().flatten().fold(self.next_beat, Timestamp::min)
    }

    fn one_thing_happens(&mut self) {
        if self.next_beat <= self.now {
            self.beat();
        } else if self.coming.keys().next().is_some_and(|(at, _)| *at <= self.now) {
            if let Some((_, event)) = self.coming.pop_first() {
                self.handle(event);
            }
        } else {
            self.handle(Event::Woke);
        }
    }

    fn handle(&mut self, event: Event) {
        let commands = self.monitor.handle(self.now, event);
        self.carry_out(commands);
    }

    fn carry_out(&mut self, commands: Vec<Command>) {
        let mut batches = VecDeque::from([commands]);
        while let Some(batch) = batches.pop_front() {
            let (records, acts): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|command| matches!(command, Command::Record(_)));
            for record in &records {
                if let Command::Record(entry) = record {
                    self.notes.take(entry);
                    self.touched.extend(entry.target.clone());
                    self.waits_for_store = true;
                }
            }
            let durable = !self.waits_for_store || self.commit(&mut batches);
            for act in acts {
                match act {
                    Command::Record(_) | Command::Publish => {}
                    Command::Probe(request) => self.probe(request),
                    Command::Send(request) => self.send(request),
                    Command::RunStep(request) if durable => self.run_step(request),
                    Command::RunStep(request) => {
                        let why = "its intent could not be written down, so it was not started";
                        let event = Event::StepFinished(ended(&request, StepOutcome::Refused, why));
                        batches.push_back(self.monitor.handle(self.now, event));
                    }
                }
            }
        }
    }

    fn commit(&mut self, batches: &mut VecDeque<Vec<Command>>) -> bool {
        let works = !within(&self.store_down, self.now);
        if works {
            self.kept.commit(&self.monitor, &self.touched, self.now);
            self.touched.clear();
            self.waits_for_store = false;
        }
        if works == self.store_fails {
            self.store_fails = !works;
            self.notes
                .says(self.now, if works { "-- the store works again" } else { "-- the store refuses" });
            let state = if works { Ok(()) } else { Err("the disk is full".to_owned()) };
            batches.push_back(self.monitor.handle(self.now, Event::StoreChanged(state)));
        }
        works
    }

    fn beat(&mut self) {
        self.beats = self.beats.wrapping_add(1);
        if self.beats.is_multiple_of(BEATS_PER_FULL_WRITE) {
            self.touched.extend(self.monitor.target_ids());
        }
        let mut batches = VecDeque::new();
        self.commit(&mut batches);
        self.next_beat = self.now.after(if self.store_fails { STORE_RETRY } else { BEAT_EVERY });
        while let Some(batch) = batches.pop_front() {
            self.carry_out(batch);
        }
    }

    fn comes(&mut self, after: Duration, event: Event) {
        self.serial += 1;
        self.coming.insert((self.now.after(after), self.serial), event);
    }

    fn probe(&mut self, request: ProbeRequest) {
        let offline = within(&self.own_network_gone, self.now);
        let (takes, outcome) = match &request.subject {
            Subject::OwnNetwork => {
                let answered = if offline { 0 } else { 2 };
                (Duration::from_millis(40), ProbeOutcome::Beacons { answered, asked: 2 })
            }
            Subject::Target(_) if offline => {
                let why = NoAnswer::Other("network is unreachable".to_owned());
                (Duration::from_millis(1), ProbeOutcome::NoAnswer(why))
            }
            Subject::Target(id) => {
                let timeout = request.deadline.since(self.now);
                self.bridges.get(id).map_or_else(
                    || (timeout, ProbeOutcome::NoAnswer(NoAnswer::NameUnknown)),
                    |bridge| bridge.shows(self.now, timeout),
                )
            }
        };
        let latency_ms = u32::try_from(takes.as_millis()).unwrap_or(u32::MAX);
        let seen = Observation { subject: request.subject, asked_at: request.asked_at, latency_ms, outcome };
        self.comes(takes, Event::Observed(seen));
    }

    fn run_step(&mut self, request: StepRequest) {
        self.notes.starts(self.now, &request);
        let limit = request.deadline.since(self.now) + ADAPTER_GRACE;
        let Some(bridge) = self.bridges.get_mut(&request.target) else {
            return;
        };
        let ending = bridge.heal(self.now);
        let (after, outcome, output) = match ending.after {
            Some(after) if after <= limit => (after, ending.outcome, "said the other side"),
            Some(_) | None => (limit, StepOutcome::TimedOut, "no result came by the deadline"),
        };
        self.comes(after, Event::StepFinished(ended(&request, outcome, output)));
    }

    fn send(&mut self, request: SendRequest) {
        let lost = self.dice.percent(self.messages_lost);
        let result = if lost {
            DeliveryResult::Retry("451 try again later".to_owned())
        } else {
            DeliveryResult::Delivered
        };
        let report = DeliveryReport { alert: request.alert.id, channel: request.channel, result };
        self.comes(SEND_TAKES, Event::Delivered(report));
    }
}

/// Whether one of the outages stands at `at`.
#[must_use]
pub fn within(outages: &[Outage], at: Timestamp) -> bool {
    outages.iter().any(|(from, to)| *from <= at && at < *to)
}

fn ended(request: &StepRequest, outcome: StepOutcome, output: &str) -> StepResult {
    StepResult {
        step: request.step.clone(),
        target: request.target.clone(),
        outcome,
        output: output.to_owned(),
        link: None,
    }
}
