//! A clock that was set back before a start: what was noted for times that have not come yet.
//!
//! Decides nothing about health. Without it, what waits until a time, what is fresh since a time and what was told at a time
//! would wait, be fresh and be held back until the clock has caught up, which may be years.

use super::desk::Shared;
use super::watch::TargetState;
use super::{PAUSE_MAX, Saved};
use crate::incident::Phase;
use crate::maintenance::When;
use crate::time::Timestamp;

impl Saved {
    /// Takes what lies after `now` for something of now. What waits goes on waiting as long as it had to when it was saved.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        let was = self.alive_at;
        self.shared.set_back(now);
        for state in &mut self.targets {
            state.set_back(was, now);
        }
        self.alive_at = now;
    }
}

impl Shared {
    fn set_back(&mut self, now: Timestamp) {
        self.watching_since = self.watching_since.min(now);
        self.log.set_back(now);
        self.unready.set_back(now);
        for delivery in self.alerts.iter_mut().flat_map(|alert| alert.deliveries.values_mut()) {
            delivery.set_back(now);
        }
        if let Some(pause) = &mut self.pause {
            pause.set_back(now);
        }
        for window in &mut self.windows {
            if let When::Once { from, to } = &mut window.when {
                (*from, *to) = ((*from).min(now), (*to).min(now.after(PAUSE_MAX)));
            }
        }
        self.own.set_back(now);
        self.store_failed_at = self.store_failed_at.map(|at| at.min(now));
    }
}

impl TargetState {
    pub(super) fn set_back(&mut self, was: Timestamp, now: Timestamp) {
        let left = |until: Timestamp| now.after(until.since(was));
        let old = |at: &mut Timestamp| *at = (*at).min(now);
        old(&mut self.watching_since);
        self.probe.syncs.iter_mut().for_each(|(_, asked_at)| old(asked_at));
        for at in [
            &mut self.observed_at,
            &mut self.looked_at,
            &mut self.answered_at,
            &mut self.last_good,
            &mut self.reminded_at,
            &mut self.unknown_since,
            &mut self.terminal_answered_at,
            &mut self.able_since,
            &mut self.observed_good_at,
            &mut self.down_at,
        ] {
            at.iter_mut().for_each(old);
        }
        self.openings.iter_mut().for_each(old);
        self.drills.set_back(now);
        self.memory.set_back(now);
        match &mut self.phase {
            Phase::Waiting { until, .. } => *until = left(*until),
            Phase::Healing { deadline, .. } => *deadline = left(*deadline),
            Phase::Verifying { from, until, .. } => (*from, *until) = (left(*from), left(*until)),
            Phase::Healthy | Phase::Suspect { .. } | Phase::Escalated { .. } | Phase::Suppressed { .. } => {}
        }
        if let Some(incident) = &mut self.incident {
            old(&mut incident.opened_at);
            old(&mut incident.first_failure);
        }
        self.budget.started.iter_mut().for_each(old);
        self.budget.last.iter_mut().for_each(|(_, at)| old(at));
        self.ledger.set_back(now);
        if let Some(pause) = &mut self.pause {
            pause.set_back(now);
        }
        for declared in &mut self.declared {
            old(&mut declared.from);
            declared.until = declared.until.min(now.after(PAUSE_MAX));
        }
        self.positions.set_back(now);
    }
}
