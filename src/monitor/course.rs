//! The course of an incident: opened, healed, verified, escalated, closed.
//!
//! The only place that changes a target's phase. A heal needs a failure that is believed and seen now; a recovery needs
//! good observations asked after the act.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::around::PARENT_HEARD_MAX;
use super::desk::{Desk, Matter};
use super::watch::{CheckState, TargetState};
use super::{AskedState, Fact, words};
use crate::alert::AlertReason;
use crate::check::CheckId;
use crate::heal::{HOUR, Refusal, StepOutcome, StepResult};
use crate::ids::TargetId;
use crate::incident::{
    Cause, Closing, EventKind, Holder, Incident, Phase, Proof, Recovery, Severity, Signature, Step,
};
use crate::ledger::{Ledger, Outcome};
use crate::reason::{Layer, Reason};
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::verdict::Verdict;
use crate::view::{INCIDENTS_SHOWN, LastHeal};

mod acting;

mod telling;

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
        self.localise(desk);
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
            Phase::Healthy
            | Phase::Suspect { .. }
            | Phase::Suppressed { .. }
            | Phase::Waiting { .. }
            | Phase::Escalated { .. } => {
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

    /// Acts on the phase's own time.
    pub(super) fn phase_due(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        match self.phase.clone() {
            Phase::Healthy | Phase::Suspect { .. } | Phase::Suppressed { .. } => {}
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

    /// Notes that somebody has seen the open incident.
    pub(super) fn acknowledge(&mut self, desk: &mut Desk<'_>, by: &str) {
        // What a heal left different was seen by a person: it is no trouble any more.
        self.positions.change = None;
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
        let holder = desk.around.holder();
        if matches!(self.phase, Phase::Suppressed { .. }) && holder.is_none() {
            // What held it is over: whether trouble is left is looked at afresh.
            self.checks.values_mut().for_each(CheckState::afresh);
            self.be_suspect_or_healthy();
            return;
        }
        if causes.is_empty() {
            self.be_suspect_or_healthy();
            return;
        }
        if let Some(by) = holder {
            self.suppress(desk, by);
            return;
        }
        if self.waits_for_parents(desk, &causes) {
            self.be_suspect_or_healthy();
            return;
        }
        self.open(desk, causes);
        self.localise(desk);
        self.pursue(spec, desk);
        self.tell_opened(spec, desk);
    }

    fn be_suspect_or_healthy(&mut self) {
        let since = self.checks.values().filter_map(|check| check.first_failure).min();
        self.phase = since.map_or(Phase::Healthy, |since| Phase::Suspect { since });
    }

    fn suppress(&mut self, desk: &mut Desk<'_>, by: Holder) {
        let phase = Phase::Suppressed { by: by.clone() };
        if self.phase.word() == phase.word() {
            self.phase = phase;
        } else {
            self.enter(desk, phase, by.to_string());
        }
    }

    /// Trouble may come from a target that this one depends on, and that was not seen well since the trouble began: it is asked,
    /// and heard first. Silence about it for too long is no reason to wait.
    fn waits_for_parents(&self, desk: &mut Desk<'_>, causes: &[Cause]) -> bool {
        let critical = causes.iter().filter(|cause| cause.severity == Severity::Critical);
        let Some(since) = critical.map(|cause| cause.since).min() else {
            return false;
        };
        if desk.now.since(since) >= PARENT_HEARD_MAX {
            return false;
        }
        let unheard: Vec<TargetId> = desk.around.unheard(since).map(|parent| parent.id.clone()).collect();
        let waits = !unheard.is_empty();
        desk.wanted.extend(unheard);
        waits
    }

    /// Planned work begins: nothing is told and nothing healed until its end.
    pub(super) fn work_begins(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        match &self.phase {
            Phase::Waiting { .. } | Phase::Escalated { .. } => self.pursue(spec, desk),
            Phase::Healthy
            | Phase::Suspect { .. }
            | Phase::Suppressed { .. }
            | Phase::Healing { .. }
            | Phase::Verifying { .. } => {}
        }
    }

    /// Planned work is over: what it left is looked at afresh.
    pub(super) fn work_ends(&mut self, desk: &mut Desk<'_>) {
        if self.incident.is_none() {
            self.be_suspect_or_healthy();
        } else if let Phase::Waiting { until, because: Refusal::Maintenance(_) } = &mut self.phase {
            *until = desk.now;
        }
    }

    /// Which layer fails, from all that is seen together: a host that cannot be reached is not gone while something on it answers.
    fn localise(&mut self, desk: &Desk<'_>) {
        let own =
            self.believed().max_by_key(|(_, _, severity)| *severity).map(|(_, reason, _)| reason.layer());
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        let Some(own) = own.or_else(|| incident.main_cause().map(|cause| cause.reason.layer())) else {
            return;
        };
        let host_answers = desk
            .around
            .parents
            .iter()
            .any(|parent| !parent.down && parent.good_at >= Some(incident.first_failure));
        let layer = if own == Layer::Host && host_answers { Layer::BridgeProcess } else { own };
        if incident.layer != Some(layer) {
            incident.layer = Some(layer);
            let also = if layer == own { "" } else { ": what it depends on answers" };
            incident.note(desk.now, EventKind::Judged, format!("the fault lies in {}{also}", layer.word()));
        }
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
            stopped: None,
            repeat: self.count_opening(desk.now),
            flaps: 0,
            flapping: false,
            layer: None,
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
        if let Some(fault) = incident.main_cause().map(|cause| cause.reason.code()) {
            self.ledger.relapse(fault, desk.now);
        }
        self.good_since = None;
        self.announced = None;
        self.reminded_at = None;
        self.incident = Some(incident);
    }

    /// Notes that an incident opens. Returns which one it is within an hour, from 1.
    fn count_opening(&mut self, now: Timestamp) -> u32 {
        self.openings.retain(|at| now.since(*at) < HOUR);
        self.openings.push(now);
        u32::try_from(self.openings.len()).unwrap_or(u32::MAX)
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
        if news.worse {
            // People were called for something milder.
            self.reminded_at = None;
        }
        news
    }

    /// Counts good observations in a row and closes when there are enough: for a target that comes and goes, when it was good
    /// for long enough.
    fn count(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) {
        let look = self.look();
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        match look {
            Look::CannotTell => {}
            Look::Failing => {
                if incident.successes > 0 {
                    incident.flaps += 1;
                }
                incident.successes = 0;
                self.good_since = None;
                mind_the_flapping(incident, spec, desk.now);
            }
            Look::Good => {
                mind_the_flapping(incident, spec, desk.now);
                incident.successes += 1;
                let recovered_at = *self.good_since.get_or_insert(asked_at);
                if incident.successes == 1 && incident.flaps == 0 {
                    incident.note(desk.now, EventKind::Seen, String::from("good again, once"));
                }
                let often = incident.successes >= spec.thresholds.successes_to_close;
                let long = !incident.flapping || desk.now.since(recovered_at) >= spec.thresholds.flap_hold;
                // What is announced must be told when it is over, and nothing is told during planned work.
                if often && long && desk.around.maintenance.is_none() {
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
        for step in incident.steps.iter_mut().filter(|step| step.proof == Proof::Pending) {
            step.proof = Proof::NotTold(desk.now);
        }
        for step in &mut incident.steps {
            note_in_ledger(&mut self.ledger, step, AtEnd::Yes, desk.now);
        }
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
            let message = words::recovered(desk.policy, spec, &incident, &self.still_wrong(), desk.now);
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

    /// What is believed to fail although the incident is over: a recovery from the worst is not a recovery from all.
    fn still_wrong(&self) -> Vec<String> {
        self.believed().map(|(_, reason, _)| reason.to_string()).collect()
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
        let reached =
            [CheckId::BridgeReachable, CheckId::EndpointHttp, CheckId::EndpointTcp, CheckId::EndpointMongodb];
        let answers = reached
            .iter()
            .filter_map(|id| self.checks.get(id))
            .all(|check| check.verdict == Verdict::Up || check.verdict.failure().is_some());
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

/// Whether an incident is over, so that what is not proven by now never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtEnd {
    Yes,
    No,
}

/// Notes once what became of a step, as soon as that is known.
fn note_in_ledger(ledger: &mut Ledger, step: &mut Step, at_end: AtEnd, now: Timestamp) {
    let Some(end) = &step.result else {
        return;
    };
    if step.noted || end.outcome == StepOutcome::Refused {
        return;
    }
    let outcome = match step.proof {
        Proof::Recovered(at) => Outcome::Helped(at.since(step.started_at)),
        Proof::DidNotHelp(_) => Outcome::Failed,
        Proof::NotTold(_) if end.outcome == StepOutcome::Failed => Outcome::Failed,
        Proof::Pending | Proof::NotTold(_) if at_end == AtEnd::Yes => Outcome::Unclear,
        Proof::Pending | Proof::NotTold(_) => return,
    };
    step.noted = true;
    ledger.note(&step.fault, &step.remedy, step.rung, outcome, now);
}

/// A target that opened too many incidents within an hour, or failed again too often within one, is flapping.
fn mind_the_flapping(incident: &mut Incident, spec: &TargetSpec, now: Timestamp) {
    let most = spec.thresholds.flap_incidents;
    if incident.flapping || (incident.repeat < most && incident.flaps < most) {
        return;
    }
    incident.flapping = true;
    let text = format!(
        "it comes and goes ({} incidents within an hour, {} times within this one): it stays open until it was good for {}",
        incident.repeat,
        incident.flaps,
        spoken(spec.thresholds.flap_hold)
    );
    incident.note(now, EventKind::Judged, text);
}

/// What is new about an open incident.
#[derive(Clone, Copy, Debug, Default)]
struct News {
    another: bool,
    worse: bool,
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
