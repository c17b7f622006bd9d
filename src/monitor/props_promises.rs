//! The promises, each looked at after every event.

use super::super::roll::Watched;
use super::super::watch::TargetState;
use super::worlds::BALANCE;
use super::*;

/// Most commands that one event may lead to, for each target and each message under way, and besides.
const COMMANDS_MAX: usize = 40;

/// Most times that people are told of outages of the store within one cooldown of 30 min: one at once, and those that lasted 1, 2, 4
/// and 8 min.
const STORE_TOLD_MAX: usize = 5;

/// What was promised, and what is needed to see whether it is kept.
pub(super) struct Promises {
    cooldown: Duration,
    repeat_every: Duration,
    attempts_max: u32,
    per_hour_max: u32,
    in_flight: BTreeMap<TargetId, StepId>,
    started: BTreeMap<TargetId, Vec<(StepId, Timestamp)>>,
    told: BTreeMap<String, Timestamp>,
    store_told: Vec<Timestamp>,
    alerts_seen: BTreeSet<AlertId>,
    opened: BTreeSet<IncidentId>,
    /// Incidents of which a person was told that nothing more happens by itself.
    pub(super) person_called: BTreeSet<IncidentId>,
}

impl Promises {
    pub(super) fn new(config: &Config) -> Self {
        let budget = config.targets[0].heal.budget;
        Self {
            cooldown: config.alerts.cooldown,
            repeat_every: config.alerts.repeat_every,
            attempts_max: budget.attempts_max,
            per_hour_max: budget.per_hour_max,
            in_flight: BTreeMap::new(),
            started: BTreeMap::new(),
            told: BTreeMap::new(),
            store_told: Vec::new(),
            alerts_seen: BTreeSet::new(),
            opened: BTreeSet::new(),
            person_called: BTreeSet::new(),
        }
    }

    /// A target that leaves takes its step and its budget with it.
    pub(super) fn forget_absent(&mut self, config: &Config) {
        let there = |id: &TargetId| config.targets.iter().any(|spec| spec.id == *id);
        self.in_flight.retain(|id, _| there(id));
        self.started.retain(|id, _| there(id));
    }

    /// After every turn the next wake-up lies ahead; only a monitor that just began is due at once.
    pub(super) fn wakes_later(after: &Monitor) {
        let later = after.next_wakeup().is_none_or(|at| at > after.now);
        assert!(later, "the next wake-up is later than now");
    }

    pub(super) fn look(&mut self, before: &Monitor, after: &Monitor, event: &Event, out: &[Command]) {
        assert!(after.next_wakeup().is_some() || after.watched.len() == 0, "a watched target is asked again");
        let bound = COMMANDS_MAX * (2 + before.watched.len().max(after.watched.len()))
            + 2 * before.shared.alerts.iter().map(|alert| alert.deliveries.len()).sum::<usize>();
        assert!(out.len() <= bound, "{} commands of one event", out.len());
        let mut intended: BTreeSet<StepId> = BTreeSet::new();
        for command in out {
            match command {
                Command::Record(entry) => match &entry.fact {
                    Fact::StepIntended(step) => {
                        intended.insert(step.step.clone());
                    }
                    Fact::StepFinished(result) => self.step_ended(result),
                    Fact::Alert(alert) if self.alerts_seen.insert(alert.id) => self.alert(after, alert, out),
                    Fact::Incident(incident) => self.incident(incident, event),
                    Fact::Alert(_)
                    | Fact::Asked(_)
                    | Fact::Phase { .. }
                    | Fact::Drill(_)
                    | Fact::Began { .. } => {}
                },
                Command::RunStep(step) => {
                    assert!(intended.contains(&step.step), "the intent stands before the act");
                    self.step_started(after, &step.target, &step.step);
                    assert!(step.deadline > after.now);
                    self.heal_has_evidence(after, &step.target, event);
                }
                Command::Probe(request) => assert!(request.deadline > after.now),
                Command::Send(request) => assert!(request.deadline > after.now),
                Command::StopStep(step) => {
                    assert!(self.in_flight.values().any(|known| known == step), "only what runs is stopped");
                    assert!(matches!(event, Event::PersonAsked(_)), "only a person stops a heal");
                }
                Command::Look(request) => assert!(request.deadline > after.now),
                Command::Ping(request) => assert!(request.deadline > after.now),
                Command::ReadBack(request) => assert!(request.deadline > after.now),
                Command::Publish => {}
            }
        }
        self.nothing_follows_from_the_unknown(before, after, event, out);
        self.board(after);
    }

    fn step_started(&mut self, after: &Monitor, target: &TargetId, step: &StepId) {
        let earlier = self.in_flight.insert(target.clone(), step.clone());
        assert_eq!(earlier, None, "one step in flight for a target");
        let started = self.started.entry(target.clone()).or_default();
        started.push((step.clone(), after.now));
        let recent = started.iter().filter(|(_, at)| after.now.since(*at) < HOUR).count();
        assert!(recent <= self.per_hour_max as usize, "{recent} heals in an hour");
    }

    fn step_ended(&mut self, result: &StepResult) {
        self.in_flight.remove(&result.target);
        if result.outcome == StepOutcome::Refused {
            // It was not started: it neither acts nor counts.
            self.started.entry(result.target.clone()).or_default().retain(|(step, _)| *step != result.step);
        }
    }

    fn heal_has_evidence(&self, after: &Monitor, id: &TargetId, event: &Event) {
        let asked =
            |what: &RequestKind| matches!(what, RequestKind::ForceHeal { target, .. } if target == id);
        if matches!(event, Event::PersonAsked(request) if asked(&request.what)) {
            return;
        }
        let state = &after.watched[id].state;
        let believed = state.checks.values().any(|check| check.believed_failure().is_some());
        assert!(believed, "a heal needs a failure that is believed and seen now");
        assert!(after.shared.store_trouble.is_none(), "no heal without a store");
        let Watched { spec, state, .. } = &after.watched[id];
        assert!(!state.is_dry_run(spec), "a dry run does nothing");
        let around = after.around(&after.watched[id], after.now);
        assert_eq!(around.held(after.now, seconds(1)), None, "nothing that holds heals is passed over");
        assert!(
            state.incident.as_ref().is_none_or(|incident| incident.stopped.is_none()),
            "a stopped heal stays stopped"
        );
    }

    fn incident(&mut self, incident: &Incident, event: &Event) {
        let by_itself = incident.steps.iter().filter(|step| step.asked_by.is_none());
        let refused = |step: &&crate::incident::Step| {
            step.result.as_ref().is_some_and(|end| end.outcome == StepOutcome::Refused)
        };
        let acts = by_itself.filter(|step| !refused(step)).count();
        assert!(acts <= self.attempts_max as usize, "{acts} heals in one incident");
        if let Some(closed) = &incident.closed {
            assert!(closed.recovered_at <= closed.at && incident.first_failure <= closed.at);
            let seen =
                matches!(event, Event::Observed(seen) if matches!(seen.outcome, ProbeOutcome::Bridge(_)));
            assert!(seen || closed.how == Recovery::NotWatched, "only a true answer closes an incident");
            if let Recovery::AfterHeal(_) = closed.how {
                let proof =
                    incident.steps.iter().filter_map(|step| step.result.as_ref()).map(|end| end.at).max();
                assert!(proof.is_some_and(|ended| ended <= closed.recovered_at), "proof comes after the act");
            }
        }
    }

    fn alert(&mut self, after: &Monitor, alert: &Alert, out: &[Command]) {
        if let Some(watched) = alert.target.as_ref().and_then(|id| after.watched.get(id)) {
            let planned = after.around(watched, after.now).maintenance;
            assert_eq!(
                planned, None,
                "nobody is told of a target during planned work: {}",
                alert.message.title
            );
        }
        let incident = out.iter().rev().find_map(|command| {
            let Command::Record(entry) = command else {
                return None;
            };
            let Fact::Incident(incident) = &entry.fact else {
                return None;
            };
            (Some(incident.id) == alert.incident).then_some(incident.as_ref())
        });
        let subject = format!("{:?}/{:?}", alert.target, alert.severity);
        let cause = incident.and_then(Incident::main_cause).map(|cause| cause.reason.code());
        let once = match alert.reason {
            AlertReason::Opened => {
                let id = alert.incident.unwrap();
                assert!(self.opened.insert(id), "an incident opens once");
                Some((format!("opened/{subject}/{cause:?}"), self.cooldown))
            }
            AlertReason::Escalated => {
                Some((format!("escalated/{:?}/{cause:?}", alert.incident), self.cooldown))
            }
            AlertReason::Reminder => Some((format!("reminder/{:?}", alert.incident), self.repeat_every)),
            AlertReason::UnknownTooLong => Some((format!("unknown/{subject}"), self.cooldown)),
            AlertReason::StoreDown => {
                self.store_told.retain(|at| after.now.since(*at) < self.cooldown);
                self.store_told.push(after.now);
                assert!(self.store_told.len() <= STORE_TOLD_MAX, "told of the store {:?}", self.store_told);
                None
            }
            AlertReason::NotGoingOut => Some((alert.message.title.clone(), self.cooldown)),
            AlertReason::Worsened => Some((format!("worse/{:?}/{subject}", alert.incident), self.cooldown)),
            AlertReason::NotReady
            | AlertReason::Recovered
            | AlertReason::Ended
            | AlertReason::SeenAgain
            | AlertReason::StoreBack
            | AlertReason::ReadyAgain
            | AlertReason::Drill
            | AlertReason::DrillFailed
            | AlertReason::DrillPassed
            | AlertReason::DrillMissed
            | AlertReason::Test => None,
        };
        if let Some((key, rest)) = once
            && let Some(at) = self.told.insert(key.clone(), after.now)
        {
            assert!(after.now.since(at) >= rest, "\"{key}\" was told twice");
        }
        let state =
            alert.target.as_ref().and_then(|id| after.watched.get(id)).map(|watched| &watched.state.phase);
        let escalated = matches!(state, Some(Phase::Escalated { .. }));
        if escalated || alert.reason == AlertReason::Escalated {
            self.person_called.extend(alert.incident);
        }
    }

    /// Unknown never opens, heals or closes.
    fn nothing_follows_from_the_unknown(
        &self,
        before: &Monitor,
        after: &Monitor,
        event: &Event,
        out: &[Command],
    ) {
        let Event::Observed(Observation { subject: Subject::Target(id), .. }) = event else {
            return;
        };
        let (Some(old), Some(new)) = (before.watched.get(id), after.watched.get(id)) else {
            return;
        };
        let all_unknown = new
            .state
            .checks
            .values()
            .all(|check| matches!(check.verdict(), Verdict::Unknown(_) | Verdict::Resting(_)));
        if all_unknown {
            let number = |state: &TargetState| state.incident.as_ref().map(|incident| incident.id);
            assert_eq!(number(&old.state), number(&new.state));
            let heals =
                out.iter().any(|command| matches!(command, Command::RunStep(step) if step.target == *id));
            assert!(!heals, "nothing is healed that cannot be seen");
        }
    }

    fn board(&self, after: &Monitor) {
        let board = after.board(1, after.now);
        for view in &board.targets {
            let open = view.incident.as_ref().map(|incident| incident.id);
            let over: Vec<IncidentId> = view.recent.iter().map(|incident| incident.id).collect();
            assert!(open.is_none_or(|id| !over.contains(&id)), "an incident is open or over");
            assert_eq!(over.iter().collect::<BTreeSet<_>>().len(), over.len(), "an incident is over once");
            assert!(view.recent.iter().all(|incident| incident.closed.is_some()));
            assert_eq!(
                open.is_none(),
                matches!(
                    view.phase.as_str(),
                    "Healthy" | "Not known" | "Suspect" | "Suppressed" | "Maintenance"
                ),
                "{}",
                view.phase
            );
            for account in &view.accounts {
                let shown = account.balance.map(crate::amount::Amount::value);
                assert!(shown.is_none_or(|sum| sum == BALANCE), "{shown:?} was never told");
            }
            self.uptime(after, &view.id);
        }
    }

    fn uptime(&self, after: &Monitor, id: &TargetId) {
        let log = &after.watched[id].state.uptime;
        for window in [seconds(1), minutes(7), HOUR, HOUR * 24, HOUR * 24 * 90] {
            let figures = log.figures(after.now.before(window), after.now);
            assert!(u128::from(figures.total_ms()) <= window.as_millis(), "no second counts twice");
        }
    }
}
