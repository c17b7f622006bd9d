//! Who is told of an incident, and when: as it opens, when it becomes worse, when a person is needed, and again until
//! somebody has seen it.
//!
//! Changes nothing about the incident but the note that people were told.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::super::desk::{Desk, Matter};
use super::super::watch::TargetState;
use super::super::words;
use super::Look;
use crate::alert::{AlertPolicy, AlertReason, Message};
use crate::check::CheckId;
use crate::heal::Refusal;
use crate::ids::IncidentId;
use crate::incident::{EventKind, Incident, Phase, Severity};
use crate::target::TargetSpec;
use crate::time::Timestamp;

impl TargetState {
    /// When the next reminder is due, if nobody has seen the escalation.
    pub(in crate::monitor) fn reminder_due(&self, repeat_every: Duration) -> Option<Timestamp> {
        let incident = self.incident.as_ref()?;
        let wanted = incident.severity == Severity::Critical && incident.acknowledged.is_none();
        let at = self.reminded_at?.after(repeat_every);
        wanted.then_some(at)
    }

    /// The name of what people are told first, so that another trouble is told beside it.
    fn trouble(&self) -> &'static str {
        let cause = self.incident.as_deref().and_then(Incident::main_cause);
        cause.map_or("opened", |cause| cause.reason.code())
    }

    pub(super) fn escalate(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, because: Refusal) {
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
        // Whoever stopped the heal knows that it is stopped.
        let critical = incident.severity == Severity::Critical && !matches!(because, Refusal::Stopped(_));
        let incident_id = incident.id;
        // One escalation for an incident: what else comes up is told by the next reminder.
        let again = self.reminded_at.is_some();
        self.reminded_at.get_or_insert(now);
        self.enter(desk, Phase::Escalated { because: because.clone() }, because.to_string());
        if critical && !opens_now && !again {
            self.call_a_person(spec, desk, incident_id, &because);
        }
        self.save(desk);
    }

    pub(super) fn call_a_person(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        incident: IncidentId,
        because: &Refusal,
    ) {
        let lost = self.positions.change.as_ref().map_or(0, |change| change.at.as_ms());
        // What one was called for before may be over: another trouble is another need.
        let once = format!("escalated/{incident}/{lost}/{}", self.trouble());
        let now = desk.now;
        let _told = self.tell(spec, desk, AlertReason::Escalated, Some(once), |policy, spec, incident, _| {
            words::escalated(policy, spec, incident, because, now)
        });
    }

    pub(super) fn remind(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, because: &Refusal) {
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

    pub(super) fn tell_opened(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let once = format!("opened/{}", self.trouble());
        let told = self.tell(spec, desk, AlertReason::Opened, Some(once), words::opened);
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

    pub(super) fn tell_worse(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        if matches!(self.phase, Phase::Escalated { .. }) {
            self.reminded_at = Some(desk.now);
        }
        let _told = self.tell(spec, desk, AlertReason::Worsened, None, words::opened);
        self.save(desk);
    }

    /// A fault of its own came while the incident is only held open because the target comes and goes: people hear of it as of one
    /// that opens an incident, with its own severity.
    pub(super) fn tell_fresh(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, check: CheckId) {
        let cause = self
            .incident
            .as_ref()
            .and_then(|incident| incident.causes.iter().find(|cause| cause.check == Some(check)));
        let Some(cause) = cause.cloned() else {
            return;
        };
        let once = format!("opened/{}", cause.reason.code());
        let told = Telling { reason: AlertReason::Opened, severity: cause.severity, same_as: Some(once) };
        let _told = self.tell_as(spec, desk, told, |policy, spec, incident, phase| {
            words::also(policy, spec, incident, &cause, phase)
        });
        self.save(desk);
    }

    fn tell(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        reason: AlertReason,
        same_as: Option<String>,
        contents: impl FnOnce(&AlertPolicy, &TargetSpec, &Incident, &Phase) -> Message,
    ) -> Told {
        let severity = self.incident.as_ref().map_or(Severity::Warning, |incident| incident.severity);
        self.tell_as(spec, desk, Telling { reason, severity, same_as }, contents)
    }

    fn tell_as(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        telling: Telling,
        contents: impl FnOnce(&AlertPolicy, &TargetSpec, &Incident, &Phase) -> Message,
    ) -> Told {
        let Some(incident) = self.incident.as_mut().filter(|_| desk.around.maintenance.is_none()) else {
            return Told::HeldBack;
        };
        let Telling { reason, severity, same_as } = telling;
        let message = contents(desk.policy, spec, incident, &self.phase);
        let told = desk.raise(Matter {
            reason,
            severity,
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
        incident.note(desk.now, EventKind::Told, format!("{severity} alert ({}) {ways}", reason.code()));
        let announced = self.announced.get_or_insert_with(Vec::new);
        for channel in channels {
            if !announced.contains(&channel) {
                announced.push(channel);
            }
        }
        Told::Now
    }
}

/// What kind of alert is told.
struct Telling {
    reason: AlertReason,
    severity: Severity,
    /// What the same is told as, so that it is not told twice in a short time.
    same_as: Option<String>,
}

/// Whether people heard of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Now,
    /// The same was told a short time ago.
    HeldBack,
}
