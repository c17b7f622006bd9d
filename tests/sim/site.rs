//! A site in virtual time: the monitor, what it asks for, and a world that answers.
//!
//! Carries out commands as the engine's driver does: what must be durable first, then the acts; without a store, heal steps
//! are refused and everything else goes on. The site's time is the true one; Rebound's own clock may be wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use rebound::alert::Alert;
use rebound::heal::{StepOutcome, StepRequest, StepResult};
use rebound::ids::{StepId, TargetId};
use rebound::monitor::{Command, Event, Fact, Monitor, Request, RequestKind, Saved, SelfSeen};
use rebound::target::{Config, Reach};
use rebound::time::Timestamp;

use super::dice::Dice;
use super::fault::Fault;
use super::kept::Kept;
use super::notes::Notes;
use super::operator::Operator;
use super::own::{CUT_WAITS, Cut, Own};
use super::share::Share;
use super::thing::Thing;
use super::trouble::Trouble;
use coming::Coming;
use seat::Left;

pub use seat::Seat;

mod coming;

mod seat;

mod outside;

mod store;

/// How long the engine's pulse goes on until it tells that all is well.
const PULSE_EVERY: Duration = Duration::from_secs(10);

/// A site in virtual time.
#[derive(Debug)]
pub struct Site {
    /// The product.
    pub monitor: Monitor,
    /// What it decided, for people and for checks.
    pub notes: Notes,
    /// The true time.
    pub now: Timestamp,
    /// What happens to Rebound itself.
    pub own: Own,
    /// Who clicks.
    pub operator: Operator,
    /// Its settings; of several servers', with its own targets.
    pub config: Config,
    seat: Option<Seat>,
    /// The world's things, in the order of their ids.
    things: Vec<Thing>,
    ids: HashMap<TargetId, usize>,
    /// For each thing, whether it is on Rebound's machine.
    local: Vec<bool>,
    /// For each thing, those that it stands on.
    parents: Vec<Vec<usize>>,
    dice: Dice,
    skew_ms: i64,
    coming: Coming,
    running: BTreeMap<StepId, (Timestamp, StepResult)>,
    asked: u64,
    kept: Kept,
    touched: BTreeSet<TargetId>,
    /// Alerts that are not written yet, where they are not written with the rest.
    alerts_wait: Vec<Alert>,
    waits_for_store: bool,
    store_fails: bool,
    store_took: Option<Duration>,
    beats: u32,
    next_beat: Timestamp,
    next_pulse: Timestamp,
    is_dead: bool,
    /// Every run of Rebound: when it began and ended in true time, and how far its clock was ahead, in ms.
    pub runs: Vec<Run>,
    /// When nothing of Rebound ran for a while, and for how long.
    pub held_up: Vec<(Timestamp, Duration)>,
    /// What came and went, for the speed of a run.
    pub events: u64,
}

/// One run of Rebound, from its start to a crash.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// When it began, in true time.
    pub from: Timestamp,
    /// When it was killed, if it was.
    pub to: Option<Timestamp>,
    /// How far its clock is ahead of the true time, in ms.
    pub skew_ms: i64,
}

impl Site {
    /// A site of one server that begins to watch `things`, one for each target, at `now`.
    #[must_use]
    pub fn new(config: Config, things: Vec<Thing>, own: Own, now: Timestamp, seed: u64) -> Self {
        let share = Share { config, things, own, operator: Operator::default(), seat: None };
        Self::of(share, now, seed)
    }

    /// One server's part of a site, which begins at `now`.
    #[must_use]
    pub fn of(share: Share, now: Timestamp, seed: u64) -> Self {
        let Share { config, things, own, operator, seat } = share;
        let ids: HashMap<TargetId, usize> =
            config.targets.iter().enumerate().map(|(index, spec)| (spec.id.clone(), index)).collect();
        let parents = config
            .targets
            .iter()
            .map(|spec| spec.depends_on.iter().filter_map(|id| ids.get(id).copied()).collect())
            .collect();
        let local = config.targets.iter().map(|spec| spec.reach == Reach::Loopback).collect();
        let skew_ms = own.skew_ms;
        let notes = Notes::default();
        let monitor = Monitor::new(config.clone(), clock(now, skew_ms));
        let mut site = Self {
            monitor,
            notes,
            now,
            own,
            operator,
            config,
            seat,
            things,
            ids,
            local,
            parents,
            dice: Dice::new(seed),
            skew_ms,
            coming: Coming::default(),
            running: BTreeMap::new(),
            asked: 0,
            kept: Kept::default(),
            touched: BTreeSet::new(),
            alerts_wait: Vec::new(),
            waits_for_store: false,
            store_fails: false,
            store_took: None,
            beats: 0,
            next_beat: now,
            next_pulse: now.after(PULSE_EVERY),
            is_dead: false,
            runs: vec![Run { from: now, to: None, skew_ms }],
            held_up: Vec::new(),
            events: 0,
        };
        if site.seat.is_some() {
            let first = site.begins(None);
            site.carry_out(first);
        }
        site
    }

    /// What Rebound's clock shows.
    #[must_use]
    pub fn clock(&self) -> Timestamp {
        clock(self.now, self.skew_ms)
    }

    /// The thing behind a target.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn thing(&self, id: &TargetId) -> &Thing {
        &self.things[self.ids[id]]
    }

    /// The thing behind a target, to change it.
    ///
    /// # Panics
    /// If there is none.
    pub fn thing_mut(&mut self, id: &TargetId) -> &mut Thing {
        &mut self.things[self.ids[id]]
    }

    /// Breaks a thing from `after` on for `lasts`, unless a heal ends it.
    pub fn breaks(&mut self, id: &TargetId, fault: Fault, after: Duration, lasts: Duration) {
        let from = self.now.after(after);
        self.thing_mut(id).troubles.add(Trouble::new(fault, from, from.after(lasts)));
    }

    /// A person asks for something now.
    pub fn asks(&mut self, what: RequestKind) {
        self.asked += 1;
        let request = Request { id: self.asked, by: "ann".to_owned(), what };
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
            if self.is_dead
                && let Some(kill) = self.own.kills.pop_front()
            {
                self.is_dead = false;
                self.skew_ms = kill.skew_ms;
                self.is_killed(kill.gap);
            }
        }
        self.now = until.max(self.now);
    }

    /// Rebound is killed, and started again after `gap`. Nothing that it waited for reaches it.
    ///
    /// # Panics
    /// If its memory is not understood.
    pub fn is_killed(&mut self, gap: Duration) {
        self.notes.says(self.now, || "-- Rebound is killed".to_owned());
        self.notes.forget(self.now);
        self.coming.clear();
        self.running.clear();
        if let Some(run) = self.runs.last_mut() {
            run.to = Some(self.now);
        }
        self.now = self.now.after(gap);
        self.runs.push(Run { from: self.now, to: None, skew_ms: self.skew_ms });
        self.touched.clear();
        self.waits_for_store = false;
        self.store_fails = false;
        self.next_beat = self.now;
        self.next_pulse = self.now.after(PULSE_EVERY);
        self.alerts_wait.clear();
        let saved = self.kept.load();
        let first = self.begins(saved);
        self.notes.says(self.now, || "-- Rebound starts again".to_owned());
        self.notes.runs += 1;
        self.carry_out(first);
    }

    /// Begins a run with what an earlier one has written, and returns what it wants first.
    fn begins(&mut self, saved: Option<Saved>) -> Vec<Command> {
        let clock = self.clock();
        let (monitor, first) = match (&self.seat, saved) {
            (Some(seat), saved) => {
                let targets = self.config.targets.iter().map(|spec| spec.id.clone()).collect();
                seat.begins(targets, Left { saved, alerts: self.kept.alerts() }, clock)
            }
            (None, None) => (Monitor::new(self.config.clone(), clock), Vec::new()),
            (None, Some(saved)) => {
                Monitor::restore(self.config.clone(), saved, clock).unwrap_or_else(|error| panic!("{error}"))
            }
        };
        self.monitor = monitor;
        first
    }

    fn next_moment(&self) -> Timestamp {
        let coming = self.coming.next();
        let wakes = self.monitor.next_wakeup().map(|at| clock(at, -self.skew_ms));
        let ends = self.running.values().map(|(at, _)| *at).min();
        let held_up = self.own.held_up.front().map(|(at, _)| *at);
        let killed = self.own.kills.front().map(|kill| match kill.cut {
            Cut::Between => kill.at,
            Cut::BeforeWriting | Cut::AfterWriting | Cut::AfterStart => kill.at.after(CUT_WAITS),
        });
        [coming, wakes, ends, held_up, killed, self.operator.next(), Some(self.next_pulse)]
            .into_iter()
            .flatten()
            .fold(self.next_beat, Timestamp::min)
    }

    fn one_thing_happens(&mut self) {
        self.events += 1;
        let now = self.now;
        if self.own.held_up.front().is_some_and(|(at, _)| *at <= now) {
            self.is_held_up();
        } else if self.own.kills.front().is_some_and(|kill| kill.cut == Cut::Between && kill.at <= now)
            || self.own.kills.front().is_some_and(|kill| kill.at.after(CUT_WAITS) <= now)
        {
            self.is_dead = true;
        } else if self.next_beat <= now {
            self.beat();
        } else if self.operator.next().is_some_and(|at| at <= now) {
            if let Some(what) = self.operator.clicks(self.clock()) {
                self.asks(what);
            }
        } else if self.coming.next().is_some_and(|at| at <= now) {
            if let Some(sent) = self.coming.pop() {
                let event = self.opened(sent);
                self.handle(event);
            }
        } else if let Some(step) = self.step_that_ends() {
            if let Some((_, result)) = self.running.remove(&step) {
                self.handle(Event::StepFinished(result));
            }
        } else if self.next_pulse <= now {
            self.next_pulse = now.after(PULSE_EVERY);
            self.notes_itself(Duration::ZERO);
        } else {
            self.handle(Event::Woke);
        }
    }

    fn step_that_ends(&self) -> Option<StepId> {
        self.running.iter().find(|(_, (at, _))| *at <= self.now).map(|(step, _)| step.clone())
    }

    /// Tells the core how Rebound itself fares.
    fn notes_itself(&mut self, late: Duration) {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let seen = SelfSeen { lag_ms: ms(late), store_ms: self.store_took.take().map(ms) };
        self.handle(Event::SelfSeen(seen));
    }

    fn handle(&mut self, event: Event) {
        let commands = self.monitor.handle(self.clock(), event);
        self.carry_out(commands);
    }

    fn carry_out(&mut self, commands: Vec<Command>) {
        let (mut first, mut batches) = (Some(commands), VecDeque::new());
        while let Some(batch) = first.take().or_else(|| batches.pop_front()) {
            let cut = self.cut(&batch);
            if cut == Some(Cut::BeforeWriting) {
                self.is_dead = true;
                return;
            }
            for command in &batch {
                if let Command::Record(entry) = command {
                    if let Some(alert) = self.notes.take(self.now, entry) {
                        self.operator.reads(alert, self.now, self.notes.alerts.last());
                    }
                    self.touched.extend(entry.target.clone());
                    // A server among several is given its alerts from the store, not from its own memory.
                    if let (Fact::Alert(alert), Some(_)) = (&entry.fact, &self.seat) {
                        self.alerts_wait.push(alert.as_ref().clone());
                    }
                    self.waits_for_store = true;
                }
            }
            let durable = self.commit(&mut batches);
            if cut == Some(Cut::AfterWriting) {
                self.is_dead = true;
                return;
            }
            for act in batch {
                match act {
                    Command::Record(_)
                    | Command::Look(_)
                    | Command::Ping(_)
                    | Command::ReadBack(_)
                    | Command::Publish => {}
                    Command::Probe(request) => self.probe(request),
                    Command::Send(request) => self.send(*request),
                    Command::StopStep(step) => self.stop_step(&step),
                    Command::RunStep(request) if durable => self.run_step(*request),
                    Command::RunStep(request) => {
                        let why = "its intent could not be written down, so it was not started";
                        let event = Event::StepFinished(ended(&request, StepOutcome::Refused, why));
                        batches.push_back(self.monitor.handle(self.clock(), event));
                    }
                }
            }
            if cut == Some(Cut::AfterStart) {
                self.is_dead = true;
                return;
            }
        }
    }

    /// Where this batch is cut off by a crash, if it is.
    fn cut(&self, batch: &[Command]) -> Option<Cut> {
        let kill = self.own.kills.front().filter(|kill| kill.cut != Cut::Between && kill.at <= self.now)?;
        batch.iter().any(|command| matches!(command, Command::RunStep(_))).then_some(kill.cut)
    }
}

/// What a clock shows that is so far ahead.
fn clock(now: Timestamp, skew_ms: i64) -> Timestamp {
    Timestamp::from_ms(now.as_ms().saturating_add(skew_ms))
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
