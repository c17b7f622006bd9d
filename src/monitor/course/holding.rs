//! What keeps trouble from being an incident of the target's own, and where its fault lies: parents, planned work, layers.
//!
//! Starts no heal and tells nobody.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::around::{PARENT_FAILS_MAX, PARENT_HEARD_MAX};
use super::super::desk::Desk;
use super::super::watch::{CheckState, TargetState};
use crate::check::CheckId;
use crate::heal::Refusal;
use crate::ids::TargetId;
use crate::incident::{Cause, EventKind, Holder, Phase, Severity};
use crate::reason::Layer;
use crate::target::TargetSpec;
use crate::time::Timestamp;
use crate::verdict::Verdict;

impl TargetState {
    pub(super) fn suppress(&mut self, desk: &mut Desk<'_>, by: Holder) {
        let phase = Phase::Suppressed { by: by.clone() };
        if self.phase.word() == phase.word() {
            self.phase = phase;
        } else {
            self.enter(desk, phase, by.to_string());
        }
    }

    /// Whether what is held cannot be seen just now. It is held all the same, and explains those that stand on it: that nobody
    /// can tell is no recovery.
    pub(super) fn is_held_out_of_sight(&self) -> bool {
        let unseen =
            |check: &CheckState| check.is_believed() && matches!(check.verdict(), Verdict::Unknown(_));
        matches!(self.phase, Phase::Suppressed { .. }) && self.checks.values().any(unseen)
    }

    /// Trouble may come from a target that this one depends on, and that was not seen well since the trouble began: it is asked,
    /// and heard first. Silence about it for too long is no reason to wait, but longer where Rebound itself was held up and
    /// could not hear. `asked_at`: when the trouble was last seen.
    pub(super) fn waits_for_parents(
        &self,
        desk: &mut Desk<'_>,
        causes: &[Cause],
        asked_at: Timestamp,
    ) -> bool {
        let critical = causes.iter().filter(|cause| cause.severity == Severity::Critical);
        let Some(since) = critical.map(|cause| cause.since).min() else {
            return false;
        };
        let one_fails = desk.around.parents.iter().any(|parent| parent.fails);
        let held_up = desk.shared.own.held_up(desk.around.own.lag_max, since).is_some();
        let most = if one_fails || held_up { PARENT_FAILS_MAX } else { PARENT_HEARD_MAX };
        if desk.now.since(since) >= most {
            return false;
        }
        let unheard = desk.around.unheard(since, asked_at);
        let unheard: Vec<TargetId> = unheard.map(|parent| parent.spec.id.clone()).collect();
        let waits = !unheard.is_empty();
        desk.wanted.extend(unheard);
        waits
    }

    /// As [`Self::news_are_held`]. What was held and is held no longer is looked at afresh before it is the target's own.
    pub(super) fn hold_news(&mut self, desk: &mut Desk<'_>, asked_at: Timestamp) -> bool {
        let held = desk.around.holds();
        if !held && self.news_held {
            let news = self.checks.iter_mut().filter(|(_, check)| !check.is_taken());
            news.for_each(|(_, check)| check.afresh());
        }
        self.news_held = held;
        self.news_are_held(desk, asked_at)
    }

    /// Whether what fails newly beside an open incident is, or may be, none of the target's own.
    pub(super) fn news_are_held(&self, desk: &mut Desk<'_>, asked_at: Timestamp) -> bool {
        if desk.around.holds() {
            return true;
        }
        if self.incident.is_none() {
            return false;
        }
        let taken = |check: CheckId| self.checks.get(&check).is_some_and(CheckState::is_taken);
        let mut news = self.causes(desk.now);
        news.retain(|cause| !cause.check.is_some_and(taken));
        self.waits_for_parents(desk, &news, asked_at)
    }

    /// Planned work begins: nothing is told and nothing healed until its end.
    pub(in crate::monitor) fn work_begins(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
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
    pub(in crate::monitor) fn work_ends(&mut self, desk: &mut Desk<'_>) {
        if self.incident.is_none() {
            self.be_suspect_or_healthy();
        } else if let Phase::Waiting { until, because: Refusal::Maintenance(_) } = &mut self.phase {
            *until = desk.now;
        }
    }

    /// Which layer fails, from all that is seen together: a host that cannot be reached is not gone while something on it answers.
    pub(super) fn localise(&mut self, desk: &Desk<'_>) {
        let own =
            self.believed().max_by_key(|(_, _, severity)| *severity).map(|(_, reason, _)| reason.layer());
        let Some(incident) = self.incident.as_mut() else {
            return;
        };
        // Where a person only asked for a heal there is no fault.
        let of_incident =
            || incident.main_cause().filter(|cause| cause.check.is_some()).map(|cause| cause.reason.layer());
        let Some(own) = own.or_else(of_incident) else {
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
            let text = format!("the fault lies in {}{also}", layer.word());
            // What comes and goes must not fill the story.
            if incident.events.iter().all(|event| event.text != text) {
                incident.note(desk.now, EventKind::Judged, text);
            }
        }
    }
}

#[cfg(test)]
#[path = "holding_tests.rs"]
mod tests;
