//! What ends an incident: good observations in a row, for long enough where it comes and goes; and what that says of its heals.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::desk::{Desk, Matter};
use super::super::watch::TargetState;
use super::super::{Fact, words};
use super::Look;
use crate::alert::AlertReason;
use crate::count::counted;
use crate::heal::StepOutcome;
use crate::ids::IncidentId;
use crate::incident::{Closing, EventKind, Incident, Phase, Proof, Recovery, Severity, Step};
use crate::ledger::{Ledger, Outcome};
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::view::{INCIDENTS_SHOWN, LastHeal};

impl TargetState {
    /// Counts good observations in a row and closes when there are enough: for a target that comes and goes, when it was good
    /// for long enough.
    pub(super) fn count(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) {
        let unwatched = |incident: &Incident| self.asked_causes(incident).is_empty();
        let look = self.look();
        if look != Look::Failing && self.incident.as_deref().is_some_and(unwatched) {
            self.close_unwatched(spec, desk);
            return;
        }
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        match look {
            Look::CannotTell => {}
            Look::Failing => {
                let came_back = incident.successes > 0 && !desk.around.holds();
                incident.flaps += u32::from(came_back);
                incident.successes = 0;
                if let Some(since) = self.good_since.take() {
                    incident.was_good(desk.now.since(since));
                }
                mind_the_flapping(incident, spec, desk.now);
                if came_back && incident.flaps >= spec.thresholds.flap_incidents {
                    // What comes and goes after a remedy was not ended by it.
                    self.withdraw_credit(desk.now);
                }
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

    /// Takes the incident away, ended because nothing of it is asked any more. That proves nothing, least of all that a heal helped.
    pub(super) fn end_unwatched(&mut self, now: Timestamp, because: &str) -> Option<Box<Incident>> {
        let mut incident = self.incident.take()?;
        let how = Recovery::NotWatched;
        self.settle_steps(&mut incident, now);
        incident.note(now, EventKind::Judged, format!("{how}: {because}"));
        incident.closed = Some(Closing { recovered_at: now, at: now, how });
        Some(incident)
    }

    fn close_unwatched(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let because = "what it was opened for is not asked any more, because its check was switched off";
        let Some(mut incident) = self.end_unwatched(desk.now, because) else {
            return;
        };
        self.be_healthy(desk, incident.id, String::from(because));
        (self.opened_under, self.fails_as_opened) = (None, None);
        self.tell_end(spec, desk, &mut incident, AlertReason::Ended);
        self.put_away(desk, *incident);
    }

    /// What is not proven by the end of an incident never will be.
    fn settle_steps(&mut self, incident: &mut Incident, now: Timestamp) {
        for step in incident.steps.iter_mut().filter(|step| step.proof == Proof::Pending) {
            step.proof = Proof::NotTold(now);
        }
        for step in &mut incident.steps {
            note_in_ledger(&mut self.ledger, step, AtEnd::Yes, now);
        }
    }

    /// Ends the phase that an incident was in, and what was told of it.
    fn be_healthy(&mut self, desk: &mut Desk<'_>, incident: IncidentId, because: String) {
        self.phase = Phase::Healthy;
        self.positions.heal_over();
        let phase = Fact::Phase { phase: String::from("Healthy"), because };
        desk.record(Some(&self.id), Some(incident), phase);
        desk.resolve(|alert| alert.incident == Some(incident));
    }

    /// Keeps an incident that is over.
    fn put_away(&mut self, desk: &mut Desk<'_>, incident: Incident) {
        desk.record_incident(&incident);
        self.good_since = None;
        self.reminded_at = None;
        self.recent.insert(0, incident);
        self.recent.truncate(INCIDENTS_SHOWN);
    }

    fn close(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, recovered_at: Timestamp) {
        let Some(mut incident) = self.incident.take() else {
            return;
        };
        let lost_some = |step: &Step| matches!(step.proof, Proof::LostPositions(_));
        let stopped = |step: &Step| {
            step.result.as_ref().is_some_and(|end| end.outcome == StepOutcome::Stopped)
                && !matches!(step.proof, Proof::DidNotHelp(_))
        };
        self.opened_under = None;
        let judged_otherwise = self.fails_as_opened.take() == Some(true);
        let how = if incident.steps.iter().any(lost_some) {
            // What lost positions or orders is never called a heal that worked.
            Recovery::SeenByPerson
        } else if judged_otherwise {
            Recovery::OtherLimits
        } else if let Some(step) = incident.steps.iter_mut().rev().find(|step| step.may_have_helped()) {
            step.proof = Proof::Recovered(recovered_at);
            Recovery::AfterHeal(step.remedy.clone())
        } else if incident.steps.iter().any(stopped) {
            Recovery::Unproven
        } else {
            Recovery::ByItself
        };
        self.settle_steps(&mut incident, desk.now);
        let text = format!("{how}: {} good observations in a row", incident.successes);
        let kind = if how.was_seen() { EventKind::Proven } else { EventKind::Judged };
        let reason = if how == Recovery::OtherLimits { AlertReason::Ended } else { AlertReason::Recovered };
        incident.note(desk.now, kind, text.clone());
        incident.closed = Some(Closing { recovered_at, at: desk.now, how });
        if let Some(took) = incident.time_to_heal() {
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            self.last_heal = Some(LastHeal { incident: incident.id, at: desk.now, took_ms });
        }
        self.be_healthy(desk, incident.id, text);
        self.tell_end(spec, desk, &mut incident, reason);
        self.put_away(desk, *incident);
    }

    /// Tells whoever was told of an incident how it ended.
    fn tell_end(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        incident: &mut Incident,
        reason: AlertReason,
    ) {
        let Some(announced) = self.announced.take() else {
            return;
        };
        let what = if reason.is_recovery() { "recovery" } else { "end" };
        incident.note(desk.now, EventKind::Told, format!("the {what} was announced"));
        let message = words::recovered(desk.policy, spec, incident, &self.still_wrong(), desk.now);
        let _channels = desk.raise(Matter {
            reason,
            severity: Severity::Info,
            target: Some(&self.id),
            incident: Some(incident.id),
            same_as: None,
            announced: &announced,
            message,
        });
    }

    /// What is believed to fail although the incident is over: a recovery from the worst is not a recovery from all.
    fn still_wrong(&self) -> Vec<String> {
        self.believed().map(|(_, reason, _)| reason.to_string()).collect()
    }
}

/// Whether an incident is over, so that what is not proven by now never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtEnd {
    Yes,
    No,
}

/// Notes once what became of a step, as soon as that is known.
pub(super) fn note_in_ledger(ledger: &mut Ledger, step: &mut Step, at_end: AtEnd, now: Timestamp) {
    let Some(end) = &step.result else {
        return;
    };
    // A heal that was asked for while nothing failed says nothing about any fault.
    if step.noted || end.outcome == StepOutcome::Refused || step.fault.is_empty() {
        return;
    }
    let outcome = match step.proof {
        Proof::Recovered(at) => Outcome::Helped(at.since(step.started_at)),
        Proof::DidNotHelp(_) | Proof::LostPositions(_) => Outcome::Failed,
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
        "it comes and goes ({} within an hour, {} within this one): it stays open until it was good for {}",
        counted(incident.repeat, "incident", "incidents"),
        counted(incident.flaps, "time", "times"),
        spoken(spec.thresholds.flap_hold)
    );
    incident.note(now, EventKind::Judged, text);
}

#[cfg(test)]
#[path = "closing_tests.rs"]
mod tests;
