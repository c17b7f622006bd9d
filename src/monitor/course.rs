//! The course of an incident: opened, healed, verified, escalated, closed.
//!
//! The only place that changes a target's phase. A heal needs a failure that is believed and seen now; a recovery needs
//! good observations asked after the act.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::desk::Desk;
use super::watch::{CheckState, TargetState, matters, trial_at};
use super::{AskedState, Fact};
use crate::check::CheckId;
use crate::heal::{HOUR, StepOutcome, StepResult, can_be_helped, lies_in_the_causes};
use crate::incident::{Cause, EventKind, Incident, Phase, Severity, Signature};
use crate::reason::Reason;
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::verdict::Verdict;

mod acting;

mod by_hand;

mod closing;

mod holding;

mod limits;

mod telling;

pub(super) use limits::Limits;

/// How long a heal that could not start, or whose cause cannot be seen just now, waits for the next look.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

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
            self.open_or_suspect(spec, desk, asked_at);
            return;
        }
        self.localise(desk);
        match self.phase.clone() {
            // What is seen while a remedy is at work may be the remedy's own doing: it neither proves nor worsens anything.
            Phase::Healing { .. } => {}
            Phase::Verifying { from, .. } if asked_at < from => {}
            Phase::Verifying { .. } => {
                let news = self.merge_causes(desk, asked_at);
                self.count(spec, desk, asked_at);
                if news.worse && self.incident.is_some() {
                    self.tell_worse(spec, desk);
                } else if let Some(check) = news.fresh {
                    self.tell_fresh(spec, desk, check);
                }
                // A heal that lost positions is no heal, and nothing else is to be waited for.
                if news.lost {
                    self.pursue(spec, desk);
                }
            }
            Phase::Healthy
            | Phase::Suspect { .. }
            | Phase::Suppressed { .. }
            | Phase::Waiting { .. }
            | Phase::Escalated { .. } => {
                let news = self.merge_causes(desk, asked_at);
                self.count(spec, desk, asked_at);
                let wait_over = matches!(self.phase, Phase::Waiting { until, .. } if until <= desk.now);
                if (news.another || wait_over || self.can_be_helped_after_all(spec))
                    && self.incident.is_some()
                {
                    if news.fresh.is_some() {
                        // What people were called for is over: a person who is needed for what comes now is called anew.
                        self.reminded_at = None;
                    }
                    let told = desk.alerts_so_far();
                    self.pursue(spec, desk);
                    // Who is called now hears of the worsening by that.
                    let is_told = desk.alerts_so_far() != told;
                    if news.worse && !is_told {
                        self.tell_worse(spec, desk);
                    } else if let Some(check) = news.fresh.filter(|_| !is_told) {
                        self.tell_fresh(spec, desk, check);
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
            Phase::Escalated { because } if trial_at(&because).is_some_and(|at| at <= desk.now) => {
                self.pursue(spec, desk);
            }
            Phase::Escalated { because } => self.remind(spec, desk, &because),
            Phase::Waiting { .. } | Phase::Healing { .. } | Phase::Verifying { .. } => {}
        }
    }

    /// Notes that somebody has seen the open incident, as an alert of `raised_at` told it. Returns whether that is all of it.
    pub(super) fn acknowledge(&mut self, desk: &mut Desk<'_>, by: &str, raised_at: Timestamp) -> bool {
        if let Some(change) = &self.positions.change {
            if raised_at < change.at {
                // He has seen what was told before positions or orders were lost.
                return false;
            }
            // What a heal left different was seen by a person: it is no trouble any more.
            self.positions.change = None;
        }
        if let Some(incident) = self.incident.as_mut()
            && incident.acknowledged.is_none()
        {
            incident.acknowledged = Some(Signature { by: String::from(by), at: desk.now });
            incident.note(desk.now, EventKind::Asked, format!("{by} has seen it"));
            self.save(desk);
        }
        true
    }

    /// Ends what is open because the target is no longer configured.
    pub(super) fn retire(&mut self, desk: &mut Desk<'_>) {
        for (request, _) in core::mem::take(&mut self.probe.syncs) {
            let gone = AskedState::Refused(String::from("The target is no longer watched."));
            desk.answer(request, Some(&self.id), gone);
        }
        if let Some(incident) = self.end_unwatched(desk.now, "its target is no longer configured") {
            desk.record_incident(&incident);
        }
        desk.resolve(|alert| alert.target.as_ref() == Some(&self.id));
    }

    fn open_or_suspect(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) {
        let causes = self.causes(desk.now);
        let holder = desk.around.holder();
        if matches!(self.phase, Phase::Suppressed { .. }) && holder.is_none() {
            // What held it is over: whether trouble is left is looked at afresh.
            self.checks.values_mut().for_each(CheckState::afresh);
            self.be_suspect_or_healthy();
            return;
        }
        if let Some(by) = holder
            && (!causes.is_empty() || self.is_held_out_of_sight())
        {
            self.suppress(desk, by);
            return;
        }
        if causes.is_empty() {
            self.be_suspect_or_healthy();
            return;
        }
        if self.waits_for_parents(desk, &causes, asked_at) {
            self.be_suspect_or_healthy();
            return;
        }
        self.open(desk, causes);
        self.opened_under = Some(Box::new(Limits::of(spec)));
        self.localise(desk);
        self.pursue(spec, desk);
        self.tell_opened(spec, desk);
    }

    fn be_suspect_or_healthy(&mut self) {
        let since = self.checks.values().filter_map(CheckState::first_failure).min();
        self.phase = since.map_or(Phase::Healthy, |since| Phase::Suspect { since });
    }

    fn open(&mut self, desk: &mut Desk<'_>, causes: Vec<Cause>) {
        let severity = causes.iter().map(|cause| cause.severity).max().unwrap_or(Severity::Warning);
        let first_failure = causes.iter().map(|cause| cause.since).min().unwrap_or(desk.now);
        // What people ask for is no coming and going of the target.
        let asked_for = causes.iter().all(|cause| cause.check.is_none());
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
            repeat: if asked_for { 1 } else { self.count_opening(desk.now) },
            flaps: 0,
            good_ms: 0,
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
        if let Some(fault) = incident.main_cause().map(|cause| cause.reason.code())
            && !asked_for
        {
            self.ledger.relapse(fault, desk.now);
        }
        self.good_since = None;
        self.announced = None;
        self.reminded_at = None;
        self.checks.values_mut().for_each(CheckState::take);
        self.incident = Some(Box::new(incident));
    }

    /// Notes that an incident opens. Returns which one it is within an hour, from 1.
    fn count_opening(&mut self, now: Timestamp) -> u32 {
        self.openings.retain(|at| now.since(*at) < HOUR);
        self.openings.push(now);
        u32::try_from(self.openings.len()).unwrap_or(u32::MAX)
    }

    /// Takes new failures into the open incident, unless they may be another target's.
    fn merge_causes(&mut self, desk: &mut Desk<'_>, asked_at: Timestamp) -> News {
        if self.hold_news(desk, asked_at) {
            return News::default();
        }
        let lost_anew = self.checks.get(&CheckId::PositionsKept).is_some_and(|kept| !kept.is_taken());
        self.checks.values_mut().for_each(CheckState::take);
        let believed: Vec<(CheckId, Reason, Severity)> =
            self.believed().map(|(check, reason, severity)| (check, reason.clone(), severity)).collect();
        let mut news = News::default();
        let Some(incident) = self.incident.as_mut() else {
            return news;
        };
        for (check, reason, severity) in believed {
            match incident.causes.iter_mut().find(|cause| cause.check == Some(check)) {
                Some(cause) => {
                    // Also where it says the same in a worse way.
                    cause.severity = cause.severity.max(severity);
                    let is_another = cause.reason.code() != reason.code();
                    let text = is_another.then(|| format!("now: {reason}"));
                    cause.reason = reason;
                    news.another |= is_another;
                    if let Some(text) = text {
                        incident.note(desk.now, EventKind::Seen, text);
                    }
                }
                None => {
                    news.another = true;
                    news.fresh.get_or_insert(check);
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
            if check == CheckId::PositionsKept && lost_anew {
                // What somebody has seen was before the loss.
                incident.acknowledged = None;
                (news.another, news.lost) = (true, true);
            }
        }
        // What fails now is told before what only failed earlier.
        let fails = |check: Option<CheckId>| {
            let held = check.and_then(|id| self.checks.get(&id));
            held.is_some_and(|held| held.verdict().failure().is_some())
        };
        incident.causes.sort_by_key(|cause| !fails(cause.check));
        let is_over = |cause: &Cause| {
            let held = cause.check.and_then(|id| self.checks.get(&id));
            held.is_none_or(|held| *held.verdict() == Verdict::Up)
        };
        // All that it was about before is good, and it is only held open because it comes and goes.
        let others_over = incident.causes.iter().filter(|cause| cause.check != news.fresh).all(is_over);
        news.fresh = news.fresh.filter(|_| incident.flapping && others_over);
        if news.lost {
            self.blame_for_lost_positions(desk.now);
        }
        if news.worse || news.lost {
            // People were called for something milder.
            self.reminded_at = None;
        }
        news
    }

    fn look(&self) -> Look {
        let Some(incident) = &self.incident else {
            return Look::Good;
        };
        let fails = |check: &CheckState| {
            check.verdict().failure().is_some_and(|(_, severity)| severity >= incident.severity)
        };
        if self.checks.values().any(fails) {
            return Look::Failing;
        }
        let known_good = |check: Option<CheckId>| match check.and_then(|id| self.checks.get(&id)) {
            Some(state) => match state.verdict() {
                Verdict::Up => true,
                Verdict::Degraded(_) => incident.severity == Severity::Critical,
                Verdict::Down(_) | Verdict::Unknown(_) | Verdict::Resting(_) => false,
            },
            None => true,
        };
        let relevant = self.asked_causes(incident);
        if relevant.is_empty() {
            return Look::CannotTell;
        }
        let reached =
            [CheckId::BridgeReachable, CheckId::EndpointHttp, CheckId::EndpointTcp, CheckId::EndpointMongodb];
        let answers = reached
            .iter()
            .filter_map(|id| self.checks.get(id))
            .all(|check| *check.verdict() == Verdict::Up || check.verdict().failure().is_some());
        if answers && relevant.into_iter().all(known_good) { Look::Good } else { Look::CannotTell }
    }

    /// The checks of its worst causes that are still asked. A check that was switched off meanwhile says nothing any more.
    fn asked_causes(&self, incident: &Incident) -> Vec<Option<CheckId>> {
        let worst = incident.causes.iter().map(|cause| cause.severity).max();
        let decides = |cause: &&Cause| {
            Some(cause.severity) == worst && cause.check.is_none_or(|id| self.checks.contains_key(&id))
        };
        incident.causes.iter().filter(decides).map(|cause| cause.check).collect()
    }

    /// Whether a person was called because of what failed, and what forbade healing is seen to be over, while what is left can be
    /// healed. Lost positions are never over by themselves.
    fn can_be_helped_after_all(&self, spec: &TargetSpec) -> bool {
        let Phase::Escalated { because } = &self.phase else { return false };
        let Some(incident) = &self.incident else { return false };
        if !lies_in_the_causes(because) {
            return false;
        }
        let believed: Vec<(CheckId, &Reason, Severity)> = self.believed().collect();
        let is_over_or_believed = |cause: &Cause| {
            let known = cause.check.and_then(|id| Some((id, self.checks.get(&id)?)));
            !matches!(cause.reason, Reason::PositionsChanged { .. })
                && known.is_some_and(|(id, held)| {
                    *held.verdict() == Verdict::Up || believed.iter().any(|(check, _, _)| *check == id)
                })
        };
        let left: Vec<&Reason> = believed
            .iter()
            .filter(|(_, _, severity)| *severity >= incident.severity)
            .map(|(_, reason, _)| *reason)
            .collect();
        !left.is_empty()
            && incident.causes.iter().all(is_over_or_believed)
            && can_be_helped(&spec.heal, &left)
    }

    /// What is believed to fail now, as causes of an incident.
    fn causes(&self, now: Timestamp) -> Vec<Cause> {
        self.believed()
            .map(|(check, reason, severity)| Cause {
                check: Some(check),
                reason: reason.clone(),
                severity,
                since: self.checks.get(&check).and_then(CheckState::reason_since).unwrap_or(now),
            })
            .collect()
    }

    /// Checks that are believed to fail now.
    fn believed(&self) -> impl Iterator<Item = (CheckId, &Reason, Severity)> {
        self.checks.iter().filter_map(|(id, check)| {
            check.believed_failure().map(|(reason, severity)| (*id, reason, severity))
        })
    }

    fn why_unknown(&self) -> String {
        if self.look() == Look::Good {
            return String::from("the last look was good, but not for long enough");
        }
        // What matters is told before what a bridge never tells.
        let (first, second): (Vec<_>, Vec<_>) = self.checks.iter().partition(|(id, _)| matters(**id));
        let unknown = first.into_iter().chain(second).find_map(|(_, check)| match check.verdict() {
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

/// What is new about an open incident.
#[derive(Clone, Copy, Debug, Default)]
struct News {
    another: bool,
    worse: bool,
    /// The check of a fault of its own, which came while everything else was good again.
    fresh: Option<CheckId>,
    /// A heal lost positions or orders.
    lost: bool,
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
