//! Several servers share the targets: each watches those that it holds, and takes over those that another let go.
//!
//! Decides nothing about who holds what: that is agreed on outside. A target that comes over is looked at afresh, as after a
//! start: old evidence counts for nothing, and a heal step that ran elsewhere is looked at, not repeated.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::desk::Shared;
use super::run::{Monitor, RestoreError, SAVED_VERSION, Saved};
use super::watch::TargetState;
use super::{Command, Fact};
use crate::alert::{Alert, DeliveryState};
use crate::heal::{StepOutcome, StepResult};
use crate::ids::TargetId;
use crate::incident::Phase;
use crate::maintenance::{Scope, Window};
use crate::target::{Config, TargetSpec};
use crate::time::Timestamp;

/// Which numbers a server gives to incidents and alerts: every `of`-th, so that no two servers give the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Numbering {
    of: u64,
    row: u64,
}

impl Default for Numbering {
    fn default() -> Self {
        Self { of: 1, row: 0 }
    }
}

impl Numbering {
    /// Row `row` of `of` rows, counted from 0.
    #[must_use]
    pub const fn row(row: u64, of: u64) -> Self {
        let of = if of == 0 { 1 } else { of };
        Self { of, row: row % of }
    }

    /// The first number of the row that is not below `least`, and not 0.
    #[must_use]
    pub const fn from(self, least: u64) -> u64 {
        let least = if least == 0 { 1 } else { least };
        least + (self.of + self.row - least % self.of) % self.of
    }
}

/// Oldest that a state in the store can be while its target is watched.
const STATE_AGE_MAX: Duration = Duration::from_secs(5 * 60);

/// What a server leaves of targets to the one that watches them next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handover {
    /// Which targets.
    pub targets: Vec<TargetId>,
    /// What was remembered of them; a target without a state begins anew.
    pub states: Vec<TargetState>,
    /// When they were last certainly watched; `None`: never.
    pub alive_at: Option<Timestamp>,
    /// What their former server remembered beside them.
    pub shared: Option<Shared>,
    /// The newest alerts, newest first; those of other targets are passed over.
    pub alerts: Vec<Alert>,
}

impl Monitor {
    /// Begins as one of several servers. Watches nothing until an [`super::Event::Gained`] comes.
    ///
    /// `saved` is what the row's last run remembered; `others` is what the servers that work remember, so that a pause of all
    /// holds here as well.
    ///
    /// # Errors
    /// [`RestoreError`] if the memory has a version that is not understood.
    pub fn sharing(
        config: Config,
        numbering: Numbering,
        saved: Option<Saved>,
        others: &[Shared],
        now: Timestamp,
    ) -> Result<(Self, Vec<Command>), RestoreError> {
        let again = saved.is_some();
        let mut saved = saved.unwrap_or_else(|| Saved {
            version: SAVED_VERSION,
            alive_at: now,
            shared: Shared::new(now),
            targets: Vec::new(),
        });
        // Targets come with their alerts from whoever had them last, which need not be this row.
        saved.targets.clear();
        saved.shared.alerts.retain(|alert| alert.target.is_none());
        saved.shared.numbering = numbering;
        saved.shared.hear_numbers(0, 0);
        if !others.is_empty() {
            saved.shared.join(others, now);
        }
        let alone = Config { targets: Vec::new(), ..config.clone() };
        let (mut monitor, _) = Self::restore(alone, saved, now)?;
        monitor.held = Some(BTreeSet::new());
        monitor.config = config;
        monitor.shared.watching_since = now;
        let mut out = Vec::new();
        monitor.desk(&mut out).record(None, None, Fact::Began { again });
        out.push(Command::Publish);
        Ok((monitor, out))
    }

    /// Whether it can be handed to another server without anybody noticing: nothing is open, waited for or on its way.
    #[must_use]
    pub fn may_move(&self, id: &TargetId) -> bool {
        let pending = |alert: &Alert| {
            alert.target.as_ref() == Some(id)
                && alert.deliveries.values().any(|state| matches!(state, DeliveryState::Pending { .. }))
        };
        self.watched.get(id).is_some_and(|watched| {
            let state = &watched.state;
            state.incident.is_none()
                && state.phase == Phase::Healthy
                && state.probe.syncs.is_empty()
                && !state.drills.runs()
        }) && !self.shared.alerts.iter().any(pending)
    }

    /// Takes over targets.
    pub(super) fn gained(&mut self, handover: Handover, out: &mut Vec<Command>) {
        let Handover { targets, states: left, alive_at, shared, alerts } = handover;
        let now = self.now;
        let ids: BTreeSet<TargetId> = targets.into_iter().collect();
        let mut states: BTreeMap<TargetId, TargetState> = core::mem::take(&mut self.watched).into_states();
        for mut state in left.into_iter().filter(|state| ids.contains(&state.id)) {
            // The row may be in use again, and its server alive: then the state tells how old it is.
            let written = state.observed_at.map_or(state.watching_since, |at| at.after(STATE_AGE_MAX));
            let alive_at = alive_at.unwrap_or(written).min(written);
            if now < alive_at {
                state.set_back(alive_at, now);
            }
            state.wake_up((now != alive_at).then_some(alive_at.min(now)), now);
            states.insert(state.id.clone(), state);
        }
        self.shared.take_over(&ids, shared, alerts, now);
        self.held.get_or_insert_default().extend(ids.iter().cloned());
        self.take_config(self.config.clone(), states);
        for id in &ids {
            self.with_target(id, out, |state, spec, desk| state.step_was_lost(spec, desk));
            self.drill_was_lost(id, out);
        }
        self.look_soon();
        self.reschedule_all();
    }

    /// Lets targets go: nothing is ended, closed or told, because another server goes on with them.
    pub(super) fn yielded(&mut self, ids: &[TargetId]) {
        let mut states = core::mem::take(&mut self.watched).into_states();
        for id in ids {
            states.remove(id);
        }
        let all = || self.config.targets.iter().map(|spec| spec.id.clone()).collect();
        self.held.get_or_insert_with(all).retain(|id| !ids.contains(id));
        self.shared.alerts.retain(|alert| alert.target.as_ref().is_none_or(|target| !ids.contains(target)));
        self.take_config(self.config.clone(), states);
    }

    /// The targets of the configuration that this server watches.
    pub(super) fn own_specs(&self) -> Vec<TargetSpec> {
        let is_own = |spec: &&TargetSpec| self.held.as_ref().is_none_or(|held| held.contains(&spec.id));
        self.config.targets.iter().filter(is_own).cloned().collect()
    }

    /// Whether a window of planned work is about anything that this server watches.
    pub(super) fn concerns(&self, window: &Window) -> bool {
        match &window.scope {
            Scope::All => true,
            Scope::Targets(ids) => ids.iter().any(|id| self.watched.get(id).is_some()),
        }
    }
}

impl TargetState {
    /// A step that ran when its server went may have happened or not.
    pub(super) fn step_was_lost(&mut self, spec: &TargetSpec, desk: &mut super::desk::Desk<'_>) {
        let Phase::Healing { step, .. } = &self.phase else {
            return;
        };
        let lost = StepResult {
            step: step.clone(),
            target: self.id.clone(),
            outcome: StepOutcome::Lost,
            output: String::from("Rebound was stopped while it ran; it is looked at, not repeated"),
            link: None,
        };
        self.step_finished(spec, desk, &lost);
    }
}

impl Shared {
    /// Numbers below these are taken, here or by another server: the next ones are higher, so that what is newer has the higher
    /// number.
    pub(super) fn hear_numbers(&mut self, incident: u64, alert: u64) {
        self.next_incident = self.numbering.from(self.next_incident.max(incident.saturating_add(1)));
        self.next_alert = self.numbering.from(self.next_alert.max(alert.saturating_add(1)));
    }

    /// What holds for all targets is what the servers that work know of it: what this one remembers may long be over.
    fn join(&mut self, others: &[Self], now: Timestamp) {
        let pauses = others.iter().filter_map(|other| other.pause.as_ref());
        self.pause = pauses.filter(|pause| pause.until > now).max_by_key(|pause| pause.until).cloned();
        self.windows.retain(|window| window.scope != Scope::All);
        for window in others.iter().flat_map(|other| &other.windows) {
            let current = window.scope == Scope::All && window.when.ends(now).is_some();
            if current && !self.windows.contains(window) {
                self.windows.push(window.clone());
            }
        }
    }

    /// What `former` remembered of these targets counts, and nothing that this server still has from an earlier time.
    fn take_over(
        &mut self,
        ids: &BTreeSet<TargetId>,
        former: Option<Self>,
        mut alerts: Vec<Alert>,
        now: Timestamp,
    ) {
        let is_about = |window: &Window| match &window.scope {
            Scope::All => false,
            Scope::Targets(targets) => targets.iter().any(|id| ids.contains(id)),
        };
        if let Some(former) = former {
            self.windows.retain(|window| !is_about(window));
            let current = |window: &&Window| is_about(window) && window.when.ends(now).is_some();
            self.windows.extend(former.windows.iter().filter(current).cloned());
            self.log.take_over(&former.log, |target| ids.contains(target));
            self.unready.take_over(&former.unready, |target| ids.contains(target));
            self.hear_numbers(former.next_incident.saturating_sub(1), former.next_alert.saturating_sub(1));
        }
        let has = |alert: &Alert| alert.target.as_ref().is_some_and(|target| ids.contains(target));
        alerts.retain(has);
        for delivery in alerts.iter_mut().flat_map(|alert| alert.deliveries.values_mut()) {
            delivery.set_back(now);
        }
        self.alerts.retain(|alert| !has(alert));
        self.alerts.append(&mut alerts);
        self.alerts.sort_by_key(|alert| core::cmp::Reverse(alert.id));
        self.forget_old_alerts();
    }
}

#[cfg(test)]
#[path = "sharing_tests.rs"]
mod tests;
