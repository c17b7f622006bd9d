//! The course of an incident: opened, healed, verified, escalated, closed.
//!
//! The only place that changes a target's phase. A heal needs a failure that is believed and seen now; a recovery needs
//! good observations asked after the act.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::desk::{Desk, Matter};
use super::watch::{CheckState, TargetState};
use super::{AskedState, Command, Fact, words};
use crate::alert::AlertReason;
use crate::check::CheckId;
use crate::heal::{HealPlan, Refusal, Remedy, Situation, StepOutcome, StepRequest, StepResult, plan};
use crate::ids::{IncidentId, StepId};
use crate::incident::{
    Cause, Closing, EventKind, Incident, Phase, Proof, Recovery, Severity, Signature, Step, StepEnd,
};
use crate::reason::Reason;
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::verdict::Verdict;
use crate::view::{INCIDENTS_SHOWN, LastHeal};

/// Refusals after which an incident is given to a person.
const REFUSALS_MAX: u32 = 3;
/// How long a heal that could not start, or whose cause cannot be seen just now, waits for the next look.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long a critical incident may come and go, neither good nor believed to fail, before a person is called.
const FLAPPING_MAX: Duration = Duration::from_secs(30 * 60);
/// How much longer verification may go on once the first good observation came.
const PROOF_EXTENSION: Duration = Duration::from_secs(30);

/// How an open incident looks in the newest observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Good,
    Failing,
    CannotTell,
}

impl TargetState {
    /// Draws the conclusions from the newest verdicts.
    pub(super) fn advance(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) {
        if self.incident.is_none() {
            self.open_or_suspect(spec, desk);
            return;
        }
        match self.phase.clone() {
            // What is seen while a remedy is at work may be the remedy's own doing: it neither proves nor worsens anything.
            Phase::Healing { .. } => {}
            Phase::Verifying { from, .. } if asked_at < from => {}
            Phase::Verifying { .. } => {
                let news = self.merge_causes(desk);
                self.count(spec, desk, asked_at);
                if news.worse && self.incident.is_some() {
                    self.tell_worse(spec, desk);
                }
            }
            Phase::Healthy | Phase::Suspect { .. } | Phase::Waiting { .. } | Phase::Escalated { .. } => {
                let news = self.merge_causes(desk);
                self.count(spec, desk, asked_at);
                if news.another && self.incident.is_some() {
                    let called = self.reminded_at;
                    self.pursue(spec, desk);
                    // Who is called now hears of the worsening by that.
                    if news.worse && self.reminded_at == called {
                        self.tell_worse(spec, desk);
                    }
                }
            }
        }
    }

    /// Takes in how a heal step ended. Results of steps that are no longer awaited are ignored.
    pub(super) fn step_finished(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, result: &StepResult) {
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
        incident.note(now, EventKind::Done, said(&remedy, result));
        desk.record(Some(&self.id), Some(incident.id), Fact::StepFinished(result.clone()));
        if result.outcome == StepOutcome::Refused {
            self.budget.take_back(started_at);
        } else {
            self.budget.last = Some((incident.id, now));
        }
        if happened {
            let policy = spec.heal.ladder.iter().find(|known| known.name == remedy);
            let (after, within) = policy
                .map_or((LOOK_AGAIN, LOOK_AGAIN * 10), |known| (known.verify_after, known.verify_within));
            incident.successes = 0;
            self.good_since = None;
            let from = now.after(after);
            // Nothing is called useless before somebody looked, and looked again.
            let two_looks = (spec.watch.interval + spec.watch.timeout) * 2;
            let until = now.after(within).max(from.after(two_looks));
            let phase = Phase::Verifying { step, attempt, from, until };
            self.enter(
                desk,
                phase,
                format!("\"{remedy}\" {}; now observations must prove it", result.outcome.word()),
            );
            self.save(desk);
        } else if result.outcome == StepOutcome::Refused && incident.refusals() < REFUSALS_MAX {
            let because = if desk.shared.store_trouble.is_some() {
                Refusal::StoreDown
            } else {
                Refusal::NothingHelps(result.output.clone())
            };
            self.wait(desk, now.after(LOOK_AGAIN), because);
        } else if result.outcome == StepOutcome::Refused {
            let because = Refusal::NothingHelps(format!(
                "it was refused {REFUSALS_MAX} times, last: {}",
                result.output
            ));
            self.escalate(spec, desk, because);
        } else {
            self.pursue(spec, desk);
        }
    }

    /// Acts on the phase's own time.
    pub(super) fn phase_due(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        match self.phase.clone() {
            Phase::Healthy | Phase::Suspect { .. } => {}
            Phase::Waiting { until, .. } if until <= desk.now => self.pursue(spec, desk),
            Phase::Healing { step, deadline, .. } if deadline.after(super::desk::GRACE) <= desk.now => {
                let lost = StepResult {
                    step,
                    target: self.id.clone(),
                    outcome: StepOutcome::TimedOut,
                    output: String::from("no result came by the deadline"),
                    link: None,
                };
                self.step_finished(spec, desk, &lost);
            }
            Phase::Verifying { until, .. } if until <= desk.now => self.verification_over(spec, desk),
            Phase::Escalated { because } => self.remind(spec, desk, &because),
            Phase::Waiting { .. } | Phase::Healing { .. } | Phase::Verifying { .. } => {}
        }
    }

    /// Starts the heal plan because a person wants it. What is not done is said, and nothing is changed then.
    pub(super) fn force_heal(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        by: &str,
        lift_cooldown: bool,
    ) -> Result<String, String> {
        if let Phase::Healing { attempt, .. } = &self.phase {
            return Err(format!("A heal is already running (attempt {attempt}). Follow it on the page."));
        }
        let asked = Reason::AskedByPerson(String::from(by));
        let mut causes: Vec<&Reason> = self.believed().map(|(_, reason, _)| reason).collect();
        if causes.is_empty() {
            causes.push(&asked);
        }
        let next_id = crate::ids::IncidentId::new(desk.shared.next_incident);
        let situation = Situation {
            incident: self.incident.as_ref().map_or(next_id, |incident| incident.id),
            causes: &causes,
            tried: &[],
            attempts: 0,
            used: &self.budget,
            cooldown_lifted: lift_cooldown,
            store_works: desk.shared.store_trouble.is_none(),
        };
        let steps = match plan(&spec.heal, &situation, desk.now) {
            HealPlan::Steps(steps) => steps,
            HealPlan::Wait(until, because) => {
                return Err(format!(
                    "Not started: {because}. It may start from {}, or now if the cooldown is lifted.",
                    until.clock()
                ));
            }
            HealPlan::Person(because) => return Err(format!("Not started: {because}.")),
        };
        if self.incident.is_none() {
            let cause = Cause { check: None, reason: asked, severity: Severity::Warning, since: desk.now };
            self.open(desk, alloc::vec![cause]);
        }
        if let Some(incident) = self.incident.as_mut() {
            incident.note(desk.now, EventKind::Asked, format!("{by} asked for a heal"));
        }
        let Some(remedy) = steps.first() else {
            return Err(String::from("Not started: the plan is empty."));
        };
        self.start(desk, remedy, Some(by));
        Ok(format!("Started \"{}\" ({}). Its steps are shown as they happen.", remedy.name, remedy.rung))
    }

    /// Notes that somebody has seen the open incident.
    pub(super) fn acknowledge(&mut self, desk: &mut Desk<'_>, by: &str) {
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        if incident.acknowledged.is_none() {
            incident.acknowledged = Some(Signature { by: String::from(by), at: desk.now });
            incident.note(desk.now, EventKind::Asked, format!("{by} has seen it"));
            self.save(desk);
        }
    }

    /// Ends what is open because the target is no longer configured.
    pub(super) fn retire(&mut self, desk: &mut Desk<'_>) {
        for (request, _) in core::mem::take(&mut self.probe.syncs) {
            let gone = AskedState::Refused(String::from("The target is no longer watched."));
            desk.answer(request, Some(&self.id), gone);
        }
        if let Some(mut incident) = self.incident.take() {
            incident.closed =
                Some(Closing { recovered_at: desk.now, at: desk.now, how: Recovery::NotWatched });
            desk.record_incident(&incident);
        }
        desk.resolve(|alert| alert.target.as_ref() == Some(&self.id));
    }

    /// When the next reminder is due, if nobody has seen the escalation.
    pub(super) fn reminder_due(&self, repeat_every: Duration) -> Option<Timestamp> {
        let incident = self.incident.as_ref()?;
        let wanted = incident.severity == Severity::Critical && incident.acknowledged.is_none();
        let at = self.reminded_at?.after(repeat_every);
        wanted.then_some(at)
    }

    fn open_or_suspect(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let causes: Vec<Cause> = self
            .believed()
            .map(|(check, reason, severity)| Cause {
                check: Some(check),
                reason: reason.clone(),
                severity,
                since: self.checks.get(&check).and_then(|state| state.first_failure).unwrap_or(desk.now),
            })
            .collect();
        if causes.is_empty() {
            let since = self.checks.values().filter_map(|check| check.first_failure).min();
            let phase = since.map_or(Phase::Healthy, |since| Phase::Suspect { since });
            if phase != self.phase {
                self.phase = phase;
            }
            return;
        }
        self.open(desk, causes);
        self.pursue(spec, desk);
        self.tell_opened(spec, desk);
    }

    fn open(&mut self, desk: &mut Desk<'_>, causes: Vec<Cause>) {
        let severity = causes.iter().map(|cause| cause.severity).max().unwrap_or(Severity::Warning);
        let first_failure = causes.iter().map(|cause| cause.since).min().unwrap_or(desk.now);
        let mut incident = Incident {
            id: desk.take_incident_id(),
            target: self.id.clone(),
            severity,
            last_good: self.last_good,
            first_failure,
            opened_at: desk.now,
            alerted_at: None,
            causes,
            steps: Vec::new(),
            successes: 0,
            events: Vec::new(),
            acknowledged: None,
            closed: None,
        };
        for cause in incident.causes.clone() {
            incident.note(cause.since, EventKind::Seen, cause.reason.to_string());
        }
        incident.note(
            desk.now,
            EventKind::Judged,
            format!("believed {} after the first failure: {severity}", spoken(incident.time_to_detect())),
        );
        self.good_since = None;
        self.announced = None;
        self.reminded_at = None;
        self.incident = Some(incident);
    }

    /// Takes new failures into the open incident.
    fn merge_causes(&mut self, desk: &Desk<'_>) -> News {
        let believed: Vec<(CheckId, Reason, Severity)> =
            self.believed().map(|(check, reason, severity)| (check, reason.clone(), severity)).collect();
        let mut news = News::default();
        let Some(incident) = self.incident.as_mut() else {
            return news;
        };
        for (check, reason, severity) in believed {
            match incident.causes.iter_mut().find(|cause| cause.check == Some(check)) {
                Some(cause) => {
                    if cause.reason.code() != reason.code() {
                        news.another = true;
                        let text = format!("now: {reason}");
                        cause.severity = cause.severity.max(severity);
                        cause.reason = reason;
                        incident.note(desk.now, EventKind::Seen, text);
                    } else {
                        cause.reason = reason;
                    }
                }
                None => {
                    news.another = true;
                    incident.note(desk.now, EventKind::Seen, format!("also: {reason}"));
                    incident.causes.push(Cause { check: Some(check), reason, severity, since: desk.now });
                }
            }
            if severity > incident.severity {
                incident.severity = severity;
                incident.note(desk.now, EventKind::Judged, format!("worse: {severity}"));
                // What somebody has seen was milder.
                incident.acknowledged = None;
                news.worse = true;
            }
        }
        news
    }

    /// Counts good observations in a row and closes when there are enough.
    fn count(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) {
        let look = self.look();
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        match look {
            Look::CannotTell => {}
            Look::Failing => {
                incident.successes = 0;
                self.good_since = None;
            }
            Look::Good => {
                incident.successes += 1;
                let recovered_at = *self.good_since.get_or_insert(asked_at);
                if incident.successes == 1 {
                    incident.note(desk.now, EventKind::Seen, String::from("good again, once"));
                }
                if incident.successes >= spec.thresholds.successes_to_close {
                    self.close(spec, desk, recovered_at);
                }
            }
        }
    }

    fn close(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, recovered_at: Timestamp) {
        let Some(mut incident) = self.incident.take() else {
            return;
        };
        let how = match incident.steps.iter_mut().rev().find(|step| step.may_have_helped()) {
            Some(step) => {
                step.proof = Proof::Recovered(recovered_at);
                Recovery::AfterHeal(step.remedy.clone())
            }
            None => Recovery::ByItself,
        };
        let text = format!("{how}: {} good observations in a row", incident.successes);
        incident.note(desk.now, EventKind::Proven, text.clone());
        incident.closed = Some(Closing { recovered_at, at: desk.now, how });
        if let Some(took) = incident.time_to_heal() {
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            self.last_heal = Some(LastHeal { incident: incident.id, at: desk.now, took_ms });
        }
        self.phase = Phase::Healthy;
        desk.record(
            Some(&self.id),
            Some(incident.id),
            Fact::Phase { phase: String::from("Healthy"), because: text },
        );
        desk.resolve(|alert| alert.incident == Some(incident.id));
        if let Some(announced) = self.announced.take() {
            incident.note(desk.now, EventKind::Told, String::from("the recovery was announced"));
            let message = words::recovered(desk.policy, spec, &incident, desk.now);
            let _channels = desk.raise(Matter {
                reason: AlertReason::Recovered,
                severity: Severity::Info,
                target: Some(&self.id),
                incident: Some(incident.id),
                same_as: None,
                announced: &announced,
                message,
            });
        }
        desk.record_incident(&incident);
        self.good_since = None;
        self.reminded_at = None;
        self.recent.insert(0, incident);
        self.recent.truncate(INCIDENTS_SHOWN);
    }

    /// Decides what to do about the open incident now, and does it.
    fn pursue(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        if self.incident.is_none() {
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
            causes: &causes,
            tried: &tried,
            attempts: incident.attempts(),
            used: &self.budget,
            cooldown_lifted: false,
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

    /// The target fails after all: of what was done before, nothing helped.
    fn withdraw_credit(&mut self, now: Timestamp) {
        let steps = self.incident.iter_mut().flat_map(|incident| incident.steps.iter_mut());
        for step in steps.filter(|step| step.may_have_helped()) {
            step.proof = Proof::DidNotHelp(now);
        }
    }

    fn start(&mut self, desk: &mut Desk<'_>, remedy: &Remedy, asked_by: Option<&str>) {
        let now = desk.now;
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        let attempt = incident.attempts() + 1;
        let number = incident.steps.len() + 1;
        let step = StepId::new(format!("{}-{}-{number}-{}", self.id, incident.id, now.as_ms()));
        let because = words::main_sentence(incident);
        let deadline = now.after(remedy.timeout);
        incident.steps.push(Step {
            id: step.clone(),
            remedy: remedy.name.clone(),
            rung: remedy.rung,
            action: remedy.action,
            because: because.clone(),
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
        desk.out.push(Command::RunStep(request));
    }

    fn wait(&mut self, desk: &mut Desk<'_>, until: Timestamp, because: Refusal) {
        let known = matches!(&self.phase, Phase::Waiting { because: before, .. }
            if core::mem::discriminant(before) == core::mem::discriminant(&because));
        if !known && let Some(incident) = self.incident.as_mut() {
            incident.note(
                desk.now,
                EventKind::Planned,
                format!("a heal waits until {}: {because}", until.clock()),
            );
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

    fn escalate(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, because: Refusal) {
        if matches!(&self.phase, Phase::Escalated { because: before } if *before == because) {
            return;
        }
        let now = desk.now;
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        incident.note(now, EventKind::Judged, format!("a person is needed: {because}"));
        // An incident that needs a person from its first moment is told once, by its opening.
        let opens_now = incident.opened_at == now && incident.alerted_at.is_none();
        let critical = incident.severity == Severity::Critical;
        let incident_id = incident.id;
        self.reminded_at = Some(now);
        self.enter(desk, Phase::Escalated { because: because.clone() }, because.to_string());
        if critical && !opens_now {
            self.call_a_person(spec, desk, incident_id, &because);
        }
        self.save(desk);
    }

    fn call_a_person(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        incident: IncidentId,
        because: &Refusal,
    ) {
        let (now, once) = (desk.now, format!("escalated/{incident}"));
        let _told = self.tell(spec, desk, AlertReason::Escalated, Some(once), |policy, spec, incident, _| {
            words::escalated(policy, spec, incident, because, now)
        });
    }

    fn verification_over(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let Phase::Verifying { step, attempt, from, until } = self.phase.clone() else {
            return;
        };
        let look = self.look();
        let why = self.why_unknown();
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        if look == Look::Good && until.since(from) < Duration::from_secs(24 * 3_600) {
            // Good at the last look, though not often enough: a little more time instead of a further act.
            self.phase = Phase::Verifying { step, attempt, from, until: desk.now.after(PROOF_EXTENSION) };
            return;
        }
        let Some(record) = incident.steps.iter_mut().find(|record| record.id == step) else {
            return;
        };
        let remedy = record.remedy.clone();
        match look {
            Look::Failing => {
                record.proof = Proof::DidNotHelp(desk.now);
                incident.note(desk.now, EventKind::Proven, format!("\"{remedy}\" did not help"));
                self.pursue(spec, desk);
            }
            Look::Good | Look::CannotTell => {
                record.proof = Proof::NotTold(desk.now);
                incident.note(
                    desk.now,
                    EventKind::Proven,
                    format!("whether \"{remedy}\" helped cannot be told: {why}"),
                );
                self.wait(desk, desk.now.after(LOOK_AGAIN), Refusal::CannotTell(why));
            }
        }
    }

    fn remind(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, because: &Refusal) {
        let due = self.reminder_due(desk.policy.repeat_every).is_some_and(|at| at <= desk.now);
        if !due {
            return;
        }
        self.reminded_at = Some(desk.now);
        if self.look() != Look::Failing {
            return;
        }
        let now = desk.now;
        let _told = self.tell(spec, desk, AlertReason::Reminder, None, |policy, spec, incident, _| {
            words::escalated(policy, spec, incident, because, now)
        });
        self.save(desk);
    }

    fn tell_opened(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let key = self
            .incident
            .as_ref()
            .and_then(Incident::main_cause)
            .map_or("opened", |cause| cause.reason.code());
        let told = self.tell(spec, desk, AlertReason::Opened, Some(format!("opened/{key}")), words::opened);
        if let (Told::HeldBack, Phase::Escalated { because }, Some(incident)) =
            (told, self.phase.clone(), self.incident.as_ref())
            && incident.severity == Severity::Critical
        {
            // The same opened a short time ago, but then Rebound could still do something about it.
            let id = incident.id;
            self.call_a_person(spec, desk, id, &because);
        }
        self.save(desk);
    }

    fn tell_worse(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        if self.reminded_at.is_some() {
            self.reminded_at = Some(desk.now);
        }
        let _told = self.tell(spec, desk, AlertReason::Worsened, None, words::opened);
        self.save(desk);
    }

    fn tell(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        reason: AlertReason,
        same_as: Option<String>,
        contents: impl FnOnce(&crate::alert::AlertPolicy, &TargetSpec, &Incident, &Phase) -> crate::alert::Message,
    ) -> Told {
        let Some(incident) = self.incident.as_mut() else {
            return Told::HeldBack;
        };
        let message = contents(desk.policy, spec, incident, &self.phase);
        let told = desk.raise(Matter {
            reason,
            severity: incident.severity,
            target: Some(&self.id),
            incident: Some(incident.id),
            same_as,
            announced: &[],
            message,
        });
        let Some(channels) = told else {
            incident.note(
                desk.now,
                EventKind::Told,
                String::from("not told again: the same was told a short time ago"),
            );
            return Told::HeldBack;
        };
        incident.alerted_at.get_or_insert(desk.now);
        let ways = if channels.is_empty() {
            String::from("on the page")
        } else {
            format!("on the page and by {}", channels.join(", "))
        };
        incident.note(
            desk.now,
            EventKind::Told,
            format!("{} alert ({}) {ways}", incident.severity, reason.code()),
        );
        let announced = self.announced.get_or_insert_with(Vec::new);
        for channel in channels {
            if !announced.contains(&channel) {
                announced.push(channel);
            }
        }
        Told::Now
    }

    fn look(&self) -> Look {
        let Some(incident) = &self.incident else {
            return Look::Good;
        };
        let fails = |check: &CheckState| {
            check.verdict.failure().is_some_and(|(_, severity)| severity >= incident.severity)
        };
        if self.checks.values().any(fails) {
            return Look::Failing;
        }
        let known_good = |check: Option<CheckId>| match check.and_then(|id| self.checks.get(&id)) {
            Some(state) => match &state.verdict {
                Verdict::Up => true,
                Verdict::Degraded(_) => incident.severity == Severity::Critical,
                Verdict::Down(_) | Verdict::Unknown(_) | Verdict::Resting(_) => false,
            },
            None => true,
        };
        let relevant = incident.causes.iter().filter(|cause| cause.severity >= incident.severity);
        let answers =
            self.checks.get(&CheckId::BridgeReachable).is_none_or(|check| check.verdict == Verdict::Up);
        if answers && relevant.map(|cause| cause.check).all(known_good) {
            Look::Good
        } else {
            Look::CannotTell
        }
    }

    /// Checks that are believed to fail now.
    fn believed(&self) -> impl Iterator<Item = (CheckId, &Reason, Severity)> {
        self.checks.iter().filter_map(|(id, check)| {
            check.believed_failure().map(|(reason, severity)| (*id, reason, severity))
        })
    }

    fn why_unknown(&self) -> String {
        let unknown = self.checks.values().find_map(|check| match &check.verdict {
            Verdict::Unknown(reason) | Verdict::Resting(reason) => Some(reason.to_string()),
            Verdict::Up | Verdict::Degraded(_) | Verdict::Down(_) => None,
        });
        unknown.unwrap_or_else(|| String::from("the last look was good, but not often enough"))
    }

    fn enter(&mut self, desk: &mut Desk<'_>, phase: Phase, because: String) {
        let word = String::from(phase.word());
        self.phase = phase;
        let incident = self.incident.as_ref().map(|incident| incident.id);
        desk.record(Some(&self.id), incident, Fact::Phase { phase: word, because });
    }

    fn save(&self, desk: &mut Desk<'_>) {
        if let Some(incident) = &self.incident {
            desk.record_incident(incident);
        }
    }
}

/// Whether people heard of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Now,
    /// The same was told a short time ago.
    HeldBack,
}

/// What is new about an open incident.
#[derive(Clone, Copy, Debug, Default)]
struct News {
    another: bool,
    worse: bool,
}

fn said(remedy: &str, result: &StepResult) -> String {
    if result.output.is_empty() {
        format!("\"{remedy}\" {}", result.outcome.word())
    } else {
        format!("\"{remedy}\" {}: {}", result.outcome.word(), result.output)
    }
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
