//! The steps of a drill: the intent is kept, each fault has a plan, each remedy could be carried out, an alert arrives.
//!
//! Plans are made by the planner itself, looks are the same as those for readiness. No remedy is called.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::Command;
use super::super::desk::{Matter, TRIES_QUIET};
use super::super::roll::Watched;
use super::super::run::Monitor;
use super::{Drills, telling};
use crate::alert::{AlertReason, DeliveryState};
use crate::drill::{DrillPart, DrillState, DrillStep, Proof, ReadBack, ReadBackRequest, faults};
use crate::heal::{ActionKind, HealPlan, Refusal, Remedy};
use crate::ids::{AlertId, TargetId};
use crate::incident::Severity;
use crate::readiness::{LookRequest, Looked, Part, RemedyOf, judge};
use crate::reason::{Help, Reason};
use crate::time::Timestamp;
use crate::view::ReadinessState;

/// Longest time for a fresh look.
const LOOK_MAX: Duration = Duration::from_secs(30);
/// Longest time for the store to give back what it took.
const READ_BACK_MAX: Duration = Duration::from_secs(10);

impl Monitor {
    /// Begins a drill: writes its intent, has everything looked at, and sends the test alert.
    pub(super) fn begin_drill(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        let Some(watched) = self.watched.get(id) else { return };
        let steps = self.steps_of(watched);
        let now = self.now;
        let Some(drill) = self.drills_of(id).and_then(Drills::current) else { return };
        (drill.state, drill.began) = (DrillState::Running, Some(now));
        let due = drill.due;
        drill.steps = steps;
        self.rehearsals.waiting.remove(id);
        self.rehearsals.running.insert(id.clone());
        if self.config.drills.deliver {
            let alert = self.test_alert_of(id, due, out);
            if let Some(drill) = self.drills_of(id).and_then(Drills::current) {
                drill.alert = alert;
            }
        }
        self.record_drill(id, out);
        let deadline = now.after(READ_BACK_MAX);
        out.push(Command::ReadBack(ReadBackRequest { target: id.clone(), due, deadline }));
        self.look_for_drill(id, out);
        self.ask_soon(id);
        self.reschedule_drills();
    }

    /// Takes in what the store gave back.
    pub(in crate::monitor) fn read_back(&mut self, read: &ReadBack) {
        let proof = match &read.result {
            Ok(()) => Proven::passed("It was written down and read back.".to_owned()),
            Err(why) => Proven::failed(
                format!("What was written down could not be read back: {why}. No heal could start."),
                "Mend the store; the item \"Store\" says more.".to_owned(),
            ),
        };
        self.prove(&read.target, read.due, &DrillPart::Store, proof);
    }

    /// Takes in what a drill's own look found. What it did not look at stays unknown.
    pub(in crate::monitor) fn looked_for_drill(&mut self, id: &TargetId, looked: &Looked) {
        let Some(drill) = self.drill(id).filter(|drill| drill.state == DrillState::Running) else { return };
        if drill.began != Some(looked.asked_at) {
            return;
        }
        let (due, now) = (drill.due, self.now);
        let parts: Vec<Part> = drill.with(Proof::Waiting).filter_map(|step| look_of(&step.part)).collect();
        for part in parts {
            let found = looked.findings.iter().find(|finding| finding.part == part);
            let proof = match found.map(|finding| judge(finding, now)) {
                None => Proven::not_known("It was not looked at.".to_owned()),
                Some(judged) => {
                    let proof = match judged.state {
                        ReadinessState::Ready => Proof::Passed,
                        ReadinessState::AtRisk | ReadinessState::NotReady | ReadinessState::NotSetUp => {
                            Proof::Failed
                        }
                        ReadinessState::Unknown => Proof::NotKnown,
                    };
                    Proven { proof, said: judged.detail, mend: judged.mend, took: Took::Known }
                }
            };
            self.prove(id, due, &DrillPart::Look(part), proof);
        }
    }

    /// Proves what needs nobody's answer to the drill itself: the target's own answer, and the deliveries of the test alert.
    pub(super) fn prove_by_what_is_known(&mut self, id: &TargetId) {
        let Some(watched) = self.watched.get(id) else { return };
        let Some(drill) = watched.state.drills.last() else { return };
        let mut proven: Vec<(DrillPart, Proven)> = Vec::new();
        for step in drill.with(Proof::Waiting) {
            let proof = match &step.part {
                DrillPart::Through(_) => answers(watched, drill.began),
                DrillPart::Way(channel) => drill.alert.and_then(|alert| self.delivered_to(alert, channel)),
                DrillPart::Store | DrillPart::Plan(_) | DrillPart::Look(_) => None,
            };
            proven.extend(proof.map(|proof| (step.part.clone(), proof)));
        }
        let due = drill.due;
        for (part, proof) in proven {
            self.prove(id, due, &part, proof);
        }
    }

    /// Nothing more is waited for.
    pub(super) fn prove_by_silence(&mut self, id: &TargetId) {
        let Some(drill) = self.drill(id) else { return };
        let waited: Vec<DrillPart> = drill.with(Proof::Waiting).map(|step| step.part.clone()).collect();
        let (due, alert) = (drill.due, drill.alert);
        for part in waited {
            let proof = match &part {
                DrillPart::Way(channel) => {
                    let why = alert.and_then(|alert| self.last_error(alert, channel));
                    let why = why.unwrap_or_else(|| "no answer came".to_owned());
                    not_delivered(channel, &why)
                }
                DrillPart::Through(_) => Proven::failed(
                    "The target did not answer as it should while it was rehearsed.".to_owned(),
                    "Look at the target's page, which says what it does not answer.".to_owned(),
                ),
                DrillPart::Store | DrillPart::Plan(_) | DrillPart::Look(_) => {
                    Proven::not_known("No answer came in time.".to_owned())
                }
            };
            self.prove(id, due, &part, Proven { took: Took::Never, ..proof });
        }
    }

    fn prove(&mut self, id: &TargetId, due: Timestamp, part: &DrillPart, proven: Proven) {
        let now = self.now;
        let Some(drill) = self.drills_of(id).and_then(Drills::current).filter(|drill| drill.due == due)
        else {
            return;
        };
        let took = drill.began.map(|began| now.since(began)).filter(|_| proven.took == Took::Known);
        let waits = |step: &&mut DrillStep| step.part == *part && step.proof == Proof::Waiting;
        if let Some(step) = drill.steps.iter_mut().find(waits) {
            (step.proof, step.said, step.mend) = (proven.proof, proven.said, proven.mend);
            step.took_ms = took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        }
    }

    /// Every step; what can be said at once is said.
    fn steps_of(&self, watched: &Watched) -> Vec<DrillStep> {
        let mut steps = alloc::vec![waiting(DrillPart::Store, "The intent is kept".to_owned())];
        for fault in faults(&watched.spec, self.now) {
            let proven = self.planned(watched, &fault);
            let name = crate::drill::name_of(&fault);
            steps.push(proven.at_once(DrillPart::Plan(fault.code().to_owned()), name));
        }
        for remedy in &watched.spec.heal.ladder {
            steps.extend(self.steps_of_remedy(watched, remedy));
        }
        let ways = self.config.alerts.channels_for(Severity::Critical, AlertReason::Drill, &[]);
        for way in &ways {
            let name = format!("A test alert by {way}");
            steps.push(if self.config.drills.deliver {
                waiting(DrillPart::Way(way.clone()), name)
            } else {
                self.looked_at(Part::Channel(way.clone()), &watched.spec.name)
            });
        }
        if ways.is_empty() {
            let mend = if self.config.alerts.channels.is_empty() {
                "Write an [alerts.email] section; docs/CONFIG.md has an example."
            } else {
                "Let a channel carry critical alerts: severities in its section under [alerts]."
            };
            let said = "No way to people carries a critical alert: it would stand on the page only.";
            let none = Proven::failed(said.to_owned(), mend.to_owned());
            steps.push(none.at_once(DrillPart::Way(String::new()), "A test alert".to_owned()));
        }
        steps
    }

    fn steps_of_remedy(&self, watched: &Watched, remedy: &Remedy) -> Vec<DrillStep> {
        if remedy.through_bridge {
            let name = format!("\"{}\" goes through the {}", remedy.name, watched.spec.kind.noun());
            return alloc::vec![waiting(DrillPart::Through(remedy.name.clone()), name)];
        }
        let of = RemedyOf { target: watched.spec.id.clone(), remedy: remedy.name.clone() };
        let parts = match remedy.action {
            ActionKind::GithubDispatch => {
                alloc::vec![Part::GithubToken(of.clone()), Part::GithubWorkflow(of)]
            }
            ActionKind::HttpCall => alloc::vec![Part::HttpCall(of)],
        };
        parts.into_iter().map(|part| self.looked_at(part, &watched.spec.name)).collect()
    }

    fn looked_at(&self, part: Part, about: &str) -> DrillStep {
        let name = part.name(about);
        let part = DrillPart::Look(part);
        if self.config.readiness.watched {
            return waiting(part, name);
        }
        let said = "What an emergency needs is not looked at here.";
        Proven::not_known(said.to_owned()).at_once(part, name)
    }

    /// What the planner would do about a fault now.
    fn planned(&self, watched: &Watched, fault: &Reason) -> Proven {
        let store_works = self.shared.store_trouble.is_none();
        let plan = watched.state.rehearsed_plan(&watched.spec, fault, store_works, self.now);
        let id = &watched.spec.id;
        match plan {
            HealPlan::Steps(steps) => {
                let names: Vec<String> =
                    steps.iter().map(|remedy| format!("\"{}\" ({})", remedy.name, remedy.rung)).collect();
                Proven::passed(format!("It would start {}.", names.join(", then ")))
            }
            HealPlan::Wait(_, Refusal::StoreDown) => Proven::failed(
                "No heal could start, because the store does not accept writes.".to_owned(),
                "Mend the store; the item \"Store\" says more.".to_owned(),
            ),
            HealPlan::Wait(until, because) => {
                Proven::passed(format!("It would wait until {}: {because}.", until.clock()))
            }
            HealPlan::Person(because) => match mend_of(&because, id) {
                Some(mend) => Proven::failed(format!("Nothing would be done: {because}."), mend),
                None => Proven::passed(called(&because, fault)),
            },
        }
    }

    fn look_for_drill(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        let Some(watched) = self.watched.get(id).filter(|_| self.config.readiness.watched) else { return };
        let ladder = watched.spec.heal.ladder.iter().filter(|remedy| !remedy.through_bridge);
        let remedies =
            ladder.map(|remedy| RemedyOf { target: id.clone(), remedy: remedy.name.clone() }).collect();
        let (asked_at, deadline) = (self.now, self.now.after(LOOK_MAX));
        out.push(Command::Look(LookRequest { remedies, drill: Some(id.clone()), asked_at, deadline }));
    }

    /// The test alert of all drills that were due together: raised by the first of them.
    fn test_alert_of(&mut self, id: &TargetId, due: Timestamp, out: &mut Vec<Command>) -> Option<AlertId> {
        let others = self.watched.values().filter_map(|watched| {
            let drill = watched.state.drills.last().filter(|drill| drill.due == due)?;
            Some((watched.spec.name.clone(), drill.alert, drill.is_over()))
        });
        let others: Vec<(String, Option<AlertId>, bool)> = others.collect();
        if let Some(alert) = others.iter().find_map(|(_, alert, _)| *alert) {
            return Some(alert);
        }
        let names = others.into_iter().filter(|(_, _, over)| !over).map(|(name, _, _)| name).collect();
        let by = self.drill(id).and_then(|drill| drill.by.clone());
        let message = telling::test_message(&self.config.alerts, names, by.as_deref());
        let alert = AlertId::new(self.shared.next_alert);
        let told = self.desk(out).raise(Matter::of_rebound(AlertReason::Drill, Severity::Info, message));
        told.map(|_| alert)
    }

    /// How the test alert fared on a channel, once that is settled.
    fn delivered_to(&self, alert: AlertId, channel: &str) -> Option<Proven> {
        let alert = self.shared.alerts.iter().find(|known| known.id == alert)?;
        match alert.deliveries.get(channel)? {
            DeliveryState::Delivered { attempts: 1, .. } => {
                Some(Proven::passed(format!("It was taken by {channel} at the first try.")))
            }
            DeliveryState::Delivered { attempts, .. } => {
                Some(Proven::passed(format!("It was taken by {channel} after {attempts} tries.")))
            }
            DeliveryState::GaveUp { error, .. } | DeliveryState::CalledOff { error: Some(error), .. } => {
                Some(not_delivered(channel, error))
            }
            DeliveryState::CalledOff { error: None, .. } => {
                Some(Proven::not_known(format!("Whether it arrived by {channel} is not known.")))
            }
            DeliveryState::Pending { attempts, error: Some(error), .. } if *attempts > TRIES_QUIET => {
                Some(not_delivered(channel, error))
            }
            DeliveryState::Pending { .. } => None,
        }
    }

    fn last_error(&self, alert: AlertId, channel: &str) -> Option<String> {
        let alert = self.shared.alerts.iter().find(|known| known.id == alert)?;
        match alert.deliveries.get(channel)? {
            DeliveryState::Pending { error, .. } | DeliveryState::CalledOff { error, .. } => error.clone(),
            DeliveryState::GaveUp { error, .. } => Some(error.clone()),
            DeliveryState::Delivered { .. } => None,
        }
    }
}

/// What was found of a step.
struct Proven {
    proof: Proof,
    said: String,
    mend: Option<String>,
    took: Took,
}

/// Whether it is known how long a step took.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Took {
    Known,
    Never,
}

impl Proven {
    const fn passed(said: String) -> Self {
        Self { proof: Proof::Passed, said, mend: None, took: Took::Known }
    }

    const fn failed(said: String, mend: String) -> Self {
        Self { proof: Proof::Failed, said, mend: Some(mend), took: Took::Known }
    }

    const fn not_known(said: String) -> Self {
        Self { proof: Proof::NotKnown, said, mend: None, took: Took::Known }
    }

    fn at_once(self, part: DrillPart, name: String) -> DrillStep {
        let Self { proof, said, mend, .. } = self;
        DrillStep { part, name, proof, said, mend, took_ms: Some(0) }
    }
}

const fn waiting(part: DrillPart, name: String) -> DrillStep {
    DrillStep { part, name, proof: Proof::Waiting, said: String::new(), mend: None, took_ms: None }
}

fn look_of(part: &DrillPart) -> Option<Part> {
    match part {
        DrillPart::Look(part) => Some(part.clone()),
        DrillPart::Store | DrillPart::Plan(_) | DrillPart::Through(_) | DrillPart::Way(_) => None,
    }
}

fn not_delivered(channel: &str, why: &str) -> Proven {
    Proven::failed(
        format!("It did not arrive by {channel}: {}.", why.trim_end_matches('.')),
        format!("Mend the settings of {channel} under [alerts.{channel}], then rehearse again."),
    )
}

/// Whether the target answered a question that was asked after the drill began.
fn answers(watched: &Watched, began: Option<Timestamp>) -> Option<Proven> {
    let state = &watched.state;
    let asked = state.looked_at.is_some_and(|at| began.is_some_and(|began| at >= began));
    let good = asked && state.silent_since.is_none() && state.observed_at == state.answered_at;
    good.then(|| Proven::passed(format!("The {} answers.", watched.spec.kind.noun())))
}

/// What to do where a refusal is no plan but a lack.
fn mend_of(because: &Refusal, id: &TargetId) -> Option<String> {
    let mend = match because {
        Refusal::DryRun(_) => {
            format!(
                "Switch the dry run off: `rebound dry-run {id} off`, or dry_run = false under [targets.heal]."
            )
        }
        Refusal::HourSpent(_) | Refusal::AttemptsSpent(_) => {
            String::from("Look why it was healed so often; the budget is free again within the hour.")
        }
        Refusal::BreakerOpen { until, .. } => {
            format!("Look on the target's page why it failed; it is tried again from {until}.")
        }
        Refusal::PositionsLost => String::from(
            "Compare positions and orders with the broker's own statement, then acknowledge the alert.",
        ),
        Refusal::Cooldown(_)
        | Refusal::LadderSpent
        | Refusal::NoLadder
        | Refusal::NothingHelps(_)
        | Refusal::NeedsPerson
        | Refusal::StoreDown
        | Refusal::CannotTell(_)
        | Refusal::LookFirst
        | Refusal::Paused { .. }
        | Refusal::Maintenance(_)
        | Refusal::ParentDown(_)
        | Refusal::ParentSettles(_)
        | Refusal::Stopped(_)
        | Refusal::PositionsOpen(..)
        | Refusal::PositionsAsk(..)
        | Refusal::NoSuchRemedy(_) => return None,
    };
    Some(mend)
}

/// A person is the plan.
fn called(because: &Refusal, fault: &Reason) -> String {
    match fault.help() {
        Help::Person(advice) | Help::Slots(advice) => {
            format!("A person would be called: {because}. The alert says what to do: {advice}")
        }
        Help::Heal { .. } | Help::Nothing => format!("A person would be called: {because}."),
    }
}
