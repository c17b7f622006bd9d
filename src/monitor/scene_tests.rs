//! A stage for tests: a monitor, a time that only the test moves, and words for what a bridge shows.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::{AskedState, Command, Event, Fact, Monitor, Request, RequestKind, Saved};
use crate::alert::{
    Alert, AlertPolicy, AlertReason, ChannelSpec, DeliveryReport, DeliveryResult, SendRequest,
};
use crate::amount::Amount;
use crate::check::{
    AccountRead, AccountReading, AccountState, AccountsFrom, AccountsReading, BridgeReading, NoAnswer,
    NotRead, Observation, ProbeOutcome, ProbeRequest, Subject, TerminalReading,
};
use crate::drill::{DrillPolicy, ReadBackRequest};
use crate::heal::{ActionKind, HealPolicy, Remedy, Rung, StepOutcome, StepRequest, StepResult};
use crate::ids::{AccountId, TargetId};
use crate::incident::{Incident, Phase, Severity};
use crate::readiness::{LookRequest, PingRequest, ReadinessSpec};
use crate::target::{Config, OwnNetworkSpec, TargetSpec};
use crate::time::Timestamp;

/// A Monday noon.
pub(super) fn noon() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 12, 0)
}

pub(super) const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(super) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub(super) fn target(name: &str) -> TargetId {
    TargetId::try_new(name).unwrap()
}

pub(super) fn remedy(name: &str, rung: Rung, through_bridge: bool) -> Remedy {
    Remedy {
        name: String::from(name),
        rung,
        action: ActionKind::HttpCall,
        through_bridge,
        slot: None,
        timeout: seconds(60),
        verify_within: minutes(5),
        verify_after: seconds(30),
    }
}

/// A bridge with every check, a ladder of three rungs, and no calendar.
pub(super) fn bridge(name: &str) -> TargetSpec {
    TargetSpec {
        heal: HealPolicy {
            ladder: alloc::vec![
                remedy("refresh", Rung::Soft, true),
                remedy("restart bridge", Rung::Medium, false),
                remedy("restart all", Rung::Hard, false),
            ],
            ..HealPolicy::default()
        },
        ..TargetSpec::bridge(target(name))
    }
}

/// One or more bridges; alerts go out by mail.
pub(super) fn config(targets: Vec<TargetSpec>) -> Config {
    Config {
        targets,
        alerts: AlertPolicy {
            channels: alloc::vec![ChannelSpec {
                name: String::from("mail"),
                severities: alloc::vec![Severity::Critical, Severity::Warning],
                recoveries: true,
            }],
            ..AlertPolicy::default()
        },
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: ReadinessSpec::default(),
        drills: DrillPolicy::default(),
    }
}

/// What a healthy bridge tells at `now`: seven accounts, each just read.
pub(super) fn healthy(now: Timestamp) -> BridgeReading {
    BridgeReading {
        service: Some("MT5 Bridge".into()),
        key_refused: None,
        bridge_time: Some(now),
        terminal: TerminalReading {
            available: Some(true),
            connected: Some(true),
            trading_allowed: Some(true),
            ..TerminalReading::default()
        },
        store_connected: Some(true),
        accounts: AccountsReading::Listed((1..=7).map(|id| read(id, now, 1_000.0)).collect()),
        accounts_from: AccountsFrom::Bridge,
        nameless: None,
        positions: None,
        http_date: None,
    }
}

pub(super) fn read(id: u64, at: Timestamp, balance: f64) -> AccountReading {
    let balance = Amount::try_new(balance).unwrap();
    let state = AccountState::Read(AccountRead {
        read_at: at,
        balance,
        equity: Some(balance),
        currency: None,
        server: None,
        transfer: None,
    });
    AccountReading { id: AccountId::new(id), name: None, state }
}

pub(super) fn not_read(id: u64) -> AccountReading {
    let state = AccountState::NotRead(NotRead::BalanceMissing);
    AccountReading { id: AccountId::new(id), name: None, state }
}

pub(super) fn answer(reading: BridgeReading) -> ProbeOutcome {
    ProbeOutcome::Bridge(Box::new(reading))
}

pub(super) fn good(now: Timestamp) -> ProbeOutcome {
    answer(healthy(now))
}

pub(super) fn link_lost(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.terminal.connected = Some(false);
    answer(reading)
}

pub(super) fn trading_off(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.terminal.trading_allowed = Some(false);
    answer(reading)
}

pub(super) fn wrong_service(_: Timestamp) -> ProbeOutcome {
    ProbeOutcome::WrongService { expected: String::from("MT5 Bridge"), seen: String::from("nginx") }
}

pub(super) fn silent(_: Timestamp) -> ProbeOutcome {
    ProbeOutcome::NoAnswer(NoAnswer::Refused)
}

pub(super) fn not_asked(_: Timestamp) -> ProbeOutcome {
    ProbeOutcome::NotAsked(String::from("no idea"))
}

pub(super) fn observation(request: &ProbeRequest, outcome: ProbeOutcome) -> Observation {
    Observation { subject: request.subject.clone(), asked_at: request.asked_at, latency_ms: 12, outcome }
}

/// A monitor and everything it asked for.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) monitor: Monitor,
    pub(super) now: Timestamp,
    pub(super) steps: Vec<StepRequest>,
    pub(super) stops: Vec<crate::ids::StepId>,
    pub(super) sends: Vec<SendRequest>,
    pub(super) alerts: Vec<Alert>,
    pub(super) closed: Vec<Incident>,
    pub(super) looks: Vec<LookRequest>,
    pub(super) pings: Vec<PingRequest>,
    pub(super) read_backs: Vec<ReadBackRequest>,
    probes: VecDeque<ProbeRequest>,
    requests: u64,
}

impl Scene {
    pub(super) fn new(config: Config) -> Self {
        let now = noon();
        Self {
            monitor: Monitor::new(config, now),
            now,
            steps: Vec::new(),
            stops: Vec::new(),
            sends: Vec::new(),
            alerts: Vec::new(),
            closed: Vec::new(),
            looks: Vec::new(),
            pings: Vec::new(),
            read_backs: Vec::new(),
            probes: VecDeque::new(),
            requests: 0,
        }
    }

    /// One bridge called "mt5".
    pub(super) fn of(spec: TargetSpec) -> Self {
        Self::new(config(alloc::vec![spec]))
    }

    pub(super) fn handle(&mut self, event: Event) -> Vec<Command> {
        let out = self.monitor.handle(self.now, event);
        self.take(&out);
        out
    }

    fn take(&mut self, out: &[Command]) {
        for command in out {
            match command {
                Command::Probe(request) => self.probes.push_back(request.clone()),
                Command::RunStep(request) => self.steps.push(request.as_ref().clone()),
                Command::Send(request) => self.sends.push(request.as_ref().clone()),
                Command::Record(entry) => self.reads(&entry.fact),
                Command::StopStep(step) => self.stops.push(step.clone()),
                Command::Look(request) => self.looks.push(request.clone()),
                Command::Ping(request) => self.pings.push(*request),
                Command::ReadBack(request) => self.read_backs.push(request.clone()),
                Command::Publish => {}
            }
        }
    }

    fn reads(&mut self, fact: &Fact) {
        if let Fact::Alert(alert) = fact
            && self.alerts.iter().all(|known| known.id != alert.id)
        {
            self.alerts.push(alert.as_ref().clone());
        }
        if let Fact::Incident(incident) = fact
            && incident.closed.is_some()
        {
            self.closed.push(incident.as_ref().clone());
        }
    }

    /// Goes on to the next question that is put to a target or the beacons.
    pub(super) fn next_question(&mut self) -> ProbeRequest {
        for _ in 0..1_000 {
            if let Some(request) = self.probes.pop_front() {
                return request;
            }
            self.wake();
        }
        panic!("no question in a thousand wake-ups");
    }

    /// Goes on to the next time that the monitor asked for.
    pub(super) fn wake(&mut self) -> Vec<Command> {
        self.now = self.monitor.next_wakeup().unwrap();
        self.handle(Event::Woke)
    }

    /// Answers the next `times` questions to targets by `outcome`; the beacons answer that all is well.
    pub(super) fn sees(&mut self, times: u32, outcome: fn(Timestamp) -> ProbeOutcome) {
        for _ in 0..times {
            let mut request = self.next_question();
            while request.subject == Subject::OwnNetwork {
                self.reply(&request, ProbeOutcome::Beacons { answered: 2, asked: 2, dates: Vec::new() });
                request = self.next_question();
            }
            let outcome = outcome(self.now);
            self.reply(&request, outcome);
        }
    }

    /// Answers every question by `outcome` until `span` is over; deliveries succeed.
    pub(super) fn sees_for(&mut self, span: Duration, outcome: fn(Timestamp) -> ProbeOutcome) {
        let until = self.now.after(span);
        while self.now < until {
            self.sees(1, outcome);
            self.deliver_all();
        }
    }

    /// Answers every question to a target by what `world` shows of it then, until `span` is over; deliveries succeed.
    pub(super) fn lives(&mut self, span: Duration, world: impl Fn(&str, Timestamp) -> ProbeOutcome) {
        let until = self.now.after(span);
        while self.now < until {
            let request = self.next_question();
            let outcome = match &request.subject {
                Subject::Target(id) => world(id.as_str(), self.now),
                Subject::OwnNetwork => ProbeOutcome::Beacons { answered: 2, asked: 2, dates: Vec::new() },
            };
            self.reply(&request, outcome);
            self.deliver_all();
        }
    }

    pub(super) fn phase_of(&self, name: &str) -> Phase {
        self.monitor.phase(&target(name)).unwrap().clone()
    }

    /// What became of a request.
    pub(super) fn answer_to(&self, request: u64) -> AskedState {
        self.monitor.request(request).unwrap().state.clone()
    }

    pub(super) fn reply(&mut self, request: &ProbeRequest, outcome: ProbeOutcome) -> Vec<Command> {
        self.handle(Event::Observed(observation(request, outcome)))
    }

    /// The step in flight ends so.
    pub(super) fn step_ends(&mut self, outcome: StepOutcome) {
        let step = self.steps.last().unwrap().clone();
        let result =
            StepResult { step: step.step, target: step.target, outcome, output: String::new(), link: None };
        self.handle(Event::StepFinished(result));
    }

    pub(super) fn deliver_all(&mut self) {
        for send in core::mem::take(&mut self.sends) {
            self.delivery_ends(&send, DeliveryResult::Delivered);
        }
    }

    pub(super) fn delivery_ends(&mut self, send: &SendRequest, result: DeliveryResult) {
        let report = DeliveryReport { alert: send.alert.id, channel: send.channel.clone(), result };
        self.handle(Event::Delivered(report));
    }

    pub(super) fn asks(&mut self, what: RequestKind) -> u64 {
        self.requests += 1;
        self.handle(Event::PersonAsked(Request { id: self.requests, by: String::from("ann"), what }));
        self.requests
    }

    pub(super) fn passes(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// Stops and comes back after `gap`, through the JSON of the store.
    pub(super) fn restarts(&mut self, gap: Duration) {
        let saved = written_and_read(&self.monitor.save());
        self.now = self.now.after(gap);
        let (monitor, out) = Monitor::restore(self.monitor.config.clone(), saved, self.now).unwrap();
        self.monitor = monitor;
        self.probes.clear();
        self.take(&out);
    }

    pub(super) fn phase(&self) -> Phase {
        self.monitor.phase(&target("mt5")).unwrap().clone()
    }

    pub(super) fn incident(&self) -> Option<&Incident> {
        self.monitor.target(&target("mt5")).unwrap().incident.as_deref()
    }

    pub(super) fn told(&self, reason: AlertReason) -> usize {
        self.alerts.iter().filter(|alert| alert.reason == reason).count()
    }
}

/// As the store keeps it: drills have a record of their own.
pub(super) fn written_and_read(saved: &Saved) -> Saved {
    let mut read: Saved = serde_json::from_str(&serde_json::to_string(saved).unwrap()).unwrap();
    let drills = saved.targets.iter().map(|state| serde_json::to_string(state.drills()).unwrap());
    let with = |(state, drills): (super::TargetState, String)| {
        state.with_drills(serde_json::from_str(&drills).unwrap())
    };
    read.targets = read.targets.into_iter().zip(drills).map(with).collect();
    read
}
