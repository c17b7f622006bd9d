//! What is done about an open incident: planned, started, waited for, looked at.
//!
//! A heal needs a failure that is believed and seen now. Nothing is done twice blindly: after every act the target is looked
//! at before anything else is done.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::super::desk::Desk;
use super::super::watch::TargetState;
use super::super::{Command, Fact, words};
use super::closing::{AtEnd, note_in_ledger};
use super::{LOOK_AGAIN, Look};
use crate::heal::{
    HealPlan, Mode, Refusal, Remedy, Rung, Situation, StepOutcome, StepRequest, StepResult, plan,
};
use crate::ids::StepId;
use crate::incident::{EventKind, Phase, Proof, Severity, Step, StepEnd};
use crate::reason::Reason;
use crate::target::TargetSpec;
use crate::time::Timestamp;

/// Refusals after which an incident is given to a person.
const REFUSALS_MAX: u32 = 3;
/// How long a critical incident may come and go, neither good nor believed to fail, before a person is called.
const FLAPPING_MAX: Duration = Duration::from_secs(30 * 60);
/// How much longer verification may go on once the first good observation came.
const PROOF_EXTENSION: Duration = Duration::from_secs(30);

impl TargetState {
    /// Takes in how a heal step ended. Results of steps that are no longer awaited are ignored.
    pub(in crate::monitor) fn step_finished(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        result: &StepResult,
    ) {
        let Phase::Healing { step, attempt, .. } = &self.phase else {
            return;
        };
        if *step != result.step {
            return;
        }
        let (step, attempt, now) = (step.clone(), *attempt, desk.now);
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        let Some(record) = incident.steps.iter_mut().find(|record| record.id == step) else {
            return;
        };
        record.result = Some(StepEnd {
            at: now,
            outcome: result.outcome,
            output: result.output.clone(),
            link: result.link.clone(),
        });
        let remedy = record.remedy.clone();
        let started_at = record.started_at;
        let happened = result.outcome.may_have_happened();
        if !happened {
            record.proof = Proof::NotTold(now);
        }
        note_in_ledger(&mut self.ledger, record, AtEnd::No, now);
        let within = self.ledger.verify_within_of(&record.fault, spec.heal.ladder.iter(), &record.remedy);
        self.positions.heal_ended(result.outcome == StepOutcome::Refused, now);
        incident.note(now, EventKind::Done, said(&remedy, result));
        desk.record(Some(&self.id), Some(incident.id), Fact::StepFinished(result.clone()));
        if result.outcome == StepOutcome::Refused {
            self.budget.take_back(started_at);
        } else {
            self.budget.last = Some((incident.id, now));
        }
        if result.outcome != StepOutcome::Refused {
            incident.successes = 0;
            self.good_since = None;
            let (from, until) = looks(spec, &remedy, within, result.outcome, now);
            let word = result.outcome.word();
            let because = format!("\"{remedy}\" {word}; now observations tell how the target is");
            self.enter(desk, Phase::Verifying { step, attempt, from, until }, because);
            self.save(desk);
        } else if incident.refusals() < REFUSALS_MAX {
            let because = if desk.shared.store_trouble.is_some() {
                Refusal::StoreDown
            } else {
                Refusal::NothingHelps(result.output.clone())
            };
            self.wait(desk, now.after(LOOK_AGAIN), because);
        } else {
            let because = Refusal::NothingHelps(format!(
                "it was refused {REFUSALS_MAX} times, last: {}",
                result.output
            ));
            self.escalate(spec, desk, because);
        }
    }

    /// Whether nothing is really done.
    pub(in crate::monitor) fn is_dry_run(&self, spec: &TargetSpec) -> bool {
        self.dry_run.unwrap_or(spec.heal.dry_run)
    }

    /// Decides what to do about the open incident now, and does it.
    pub(in crate::monitor) fn pursue(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        if self.incident.is_none() {
            return;
        }
        let held = desk.around.held(desk.now, LOOK_AGAIN);
        if let Some((
            until,
            because @ (Refusal::Maintenance(_) | Refusal::ParentDown(_) | Refusal::ParentSettles(_)),
        )) = &held
        {
            self.wait(desk, *until, because.clone());
            return;
        }
        if self.is_old(spec, desk.now) {
            self.probe.next_at = self.probe.next_at.min(desk.now);
            self.wait(desk, desk.now, Refusal::LookFirst);
            return;
        }
        match self.look() {
            Look::Failing => {}
            Look::Good | Look::CannotTell => {
                let why = self.why_unknown();
                self.wait(desk, desk.now.after(LOOK_AGAIN), Refusal::CannotTell(why));
                return;
            }
        }
        if self.news_are_held(desk, self.looked_at.unwrap_or(desk.now)) {
            let because = Refusal::CannotTell(String::from("what it depends on is asked first"));
            self.wait(desk, desk.now.after(LOOK_AGAIN), because);
            return;
        }
        self.withdraw_credit(desk.now);
        let Some(incident) = self.incident.as_ref() else {
            return;
        };
        let tried = incident.tried();
        let causes: Vec<&Reason> = self
            .believed()
            .filter(|(_, _, severity)| *severity >= incident.severity)
            .map(|(_, reason, _)| reason)
            .collect();
        if causes.is_empty() {
            let because = Refusal::CannotTell(String::from("it fails again, but too seldom to be believed"));
            let lasting = desk.now.since(incident.opened_at);
            if incident.severity == Severity::Critical && lasting >= FLAPPING_MAX {
                self.escalate(spec, desk, because);
            } else {
                self.wait(desk, desk.now.after(LOOK_AGAIN), because);
            }
            return;
        }
        let situation = Situation {
            incident: incident.id,
            opened_at: incident.opened_at,
            causes: &causes,
            tried: &tried,
            attempts: incident.own_attempts(),
            used: &self.budget,
            ledger: &self.ledger,
            positions: self.positions.seen(),
            mode: Mode::Own,
            held: held.as_ref(),
            stopped: incident.stopped.as_ref().map(|stopped| stopped.by.as_str()),
            dry_run: self.is_dry_run(spec),
            store_works: desk.shared.store_trouble.is_none(),
        };
        match plan(&spec.heal, &situation, desk.now) {
            HealPlan::Steps(steps) => match steps.first() {
                Some(remedy) => self.start(desk, remedy, None),
                None => self.escalate(spec, desk, Refusal::LadderSpent),
            },
            HealPlan::Wait(until, because) => self.wait(desk, until, because),
            HealPlan::Person(because) => self.escalate(spec, desk, because),
        }
    }

    /// Whether the last look is too old to act on.
    fn is_old(&self, spec: &TargetSpec, now: Timestamp) -> bool {
        let fresh = spec.watch.retry_every + spec.watch.timeout;
        self.looked_at.is_none_or(|at| now.since(at) > fresh)
    }

    /// The target fails after all: of what was done before, nothing helped. Where nothing could be seen after an act, and what it was
    /// for is not what fails now, it stays untold for good.
    pub(super) fn withdraw_credit(&mut self, now: Timestamp) {
        let failing: Vec<&str> = self.believed().map(|(_, reason, _)| reason.code()).collect();
        let steps = self.incident.iter_mut().flat_map(|incident| incident.steps.iter_mut());
        for step in steps.filter(|step| step.may_have_helped()) {
            let is_blind = matches!(step.proof, Proof::NotTold(_)) && !step.fault.is_empty();
            if is_blind && !failing.contains(&step.fault.as_str()) {
                if !failing.is_empty() {
                    note_in_ledger(&mut self.ledger, step, AtEnd::Yes, now);
                }
                continue;
            }
            step.proof = Proof::DidNotHelp(now);
            note_in_ledger(&mut self.ledger, step, AtEnd::No, now);
        }
    }

    /// Positions or orders differ since a heal: whatever else it did, it did that.
    pub(super) fn blame_for_lost_positions(&mut self, now: Timestamp) {
        let Some(change) = &self.positions.change else {
            return;
        };
        let mut steps = self.incident.iter_mut().flat_map(|incident| incident.steps.iter_mut());
        if let Some(step) = steps.rfind(|step| step.result.is_some() && step.remedy == change.remedy) {
            step.proof = Proof::LostPositions(now);
            note_in_ledger(&mut self.ledger, step, AtEnd::No, now);
        }
    }

    pub(super) fn start(&mut self, desk: &mut Desk<'_>, remedy: &Remedy, asked_by: Option<&str>) {
        let now = desk.now;
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        let attempt = incident.attempts() + 1;
        let number = incident.steps.len() + 1;
        let step = StepId::new(format!("{}-{}-{number}-{}", self.id, incident.id, now.as_ms()));
        let because = words::main_sentence(incident);
        let seen = incident.main_cause().filter(|cause| cause.check.is_some());
        let fault = seen.map_or("", |cause| cause.reason.code());
        let deadline = now.after(remedy.timeout);
        if remedy.rung >= Rung::Medium {
            self.positions.heal_starts(&remedy.name, now);
        }
        incident.steps.push(Step {
            id: step.clone(),
            remedy: remedy.name.clone(),
            rung: remedy.rung,
            action: remedy.action,
            because: because.clone(),
            fault: String::from(fault),
            noted: false,
            asked_by: asked_by.map(String::from),
            started_at: now,
            result: None,
            proof: Proof::Pending,
        });
        incident.successes = 0;
        incident.note(
            now,
            EventKind::Planned,
            format!("\"{}\" ({}, {}), attempt {attempt}", remedy.name, remedy.rung, remedy.action),
        );
        let request = StepRequest {
            step: step.clone(),
            target: self.id.clone(),
            incident: incident.id,
            remedy: remedy.name.clone(),
            because,
            deadline,
        };
        self.good_since = None;
        self.budget.start(now);
        let id = incident.id;
        self.enter(
            desk,
            Phase::Healing { step, attempt, deadline },
            format!("\"{}\" is started", remedy.name),
        );
        self.save(desk);
        desk.record(Some(&self.id), Some(id), Fact::StepIntended(request.clone()));
        desk.out.push(Command::RunStep(Box::new(request)));
    }

    pub(super) fn wait(&mut self, desk: &mut Desk<'_>, until: Timestamp, because: Refusal) {
        let known = matches!(&self.phase, Phase::Waiting { because: before, .. }
            if core::mem::discriminant(before) == core::mem::discriminant(&because));
        let told = !known && because != Refusal::LookFirst;
        if told && let Some(incident) = self.incident.as_mut() {
            incident.note(desk.now, EventKind::Planned, words::waits(until, &because));
        }
        let text = because.to_string();
        let phase = Phase::Waiting { until, because };
        if known {
            self.phase = phase;
        } else {
            self.enter(desk, phase, text);
            self.save(desk);
        }
    }

    pub(super) fn verification_over(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let Phase::Verifying { step, attempt, from, .. } = self.phase.clone() else {
            return;
        };
        let (look, why) = match (self.look(), desk.around.holder()) {
            // What is seen of a target that is worked on, or whose host is gone, says nothing about a heal.
            (Look::Failing, Some(by)) => (Look::CannotTell, by.to_string()),
            (look, _) => (look, self.why_unknown()),
        };
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        if look == Look::Good && !incident.flapping {
            // Good at the last look, though not often enough: a little more time instead of a further act.
            self.phase = Phase::Verifying { step, attempt, from, until: desk.now.after(PROOF_EXTENSION) };
            return;
        }
        let Some(record) = incident.steps.iter_mut().find(|record| record.id == step) else {
            return;
        };
        self.positions.heal_over();
        let remedy = record.remedy.clone();
        match look {
            Look::Failing => {
                record.proof = Proof::DidNotHelp(desk.now);
                note_in_ledger(&mut self.ledger, record, AtEnd::No, desk.now);
                incident.note(desk.now, EventKind::Proven, format!("\"{remedy}\" did not help"));
                self.pursue(spec, desk);
            }
            Look::Good | Look::CannotTell => {
                if record.proof == Proof::Pending {
                    record.proof = Proof::NotTold(desk.now);
                }
                incident.note(
                    desk.now,
                    EventKind::Proven,
                    format!("whether \"{remedy}\" helped cannot be told: {why}"),
                );
                self.wait(desk, desk.now.after(LOOK_AGAIN), Refusal::CannotTell(why));
            }
        }
    }
}

/// From when and until when observations tell what a step did. Nothing is called useless before somebody looked, and looked
/// again. What failed may have changed something, too, and is looked at before anything else is done.
fn looks(
    spec: &TargetSpec,
    remedy: &str,
    within: Option<Duration>,
    outcome: StepOutcome,
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    let two_looks = (spec.watch.retry_every + spec.watch.timeout) * 2;
    if !outcome.may_have_happened() {
        return (now, now.after(two_looks));
    }
    let policy = spec.heal.ladder.iter().find(|known| known.name == remedy);
    let (after, configured) =
        policy.map_or((LOOK_AGAIN, LOOK_AGAIN * 10), |known| (known.verify_after, known.verify_within));
    // What was cut off may be going on elsewhere for as long as it is allowed: no other act may meet it there.
    let goes_on = match outcome {
        StepOutcome::TimedOut | StepOutcome::Lost | StepOutcome::Stopped => {
            policy.map_or(LOOK_AGAIN, |known| known.timeout)
        }
        StepOutcome::Done | StepOutcome::Failed | StepOutcome::Refused => Duration::ZERO,
    };
    let within = goes_on + within.unwrap_or(configured);
    let from = now.after(after);
    (from, now.after(within).max(from.after(two_looks)))
}

fn said(remedy: &str, result: &StepResult) -> String {
    if result.output.is_empty() {
        format!("\"{remedy}\" {}", result.outcome.word())
    } else {
        format!("\"{remedy}\" {}: {}", result.outcome.word(), result.output)
    }
}
