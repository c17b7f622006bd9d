//! The monitor itself: routes events to targets, keeps the index of due times, survives restarts.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::around::Around;
use super::desk::{Desk, Shared};
use super::drill::Rehearsals;
use super::due::{DueTimes, Slot};
use super::readiness::Readiness;
use super::roll::{Place, Roll, Watched};
use super::watch::TargetState;
use super::{Asked, Command, Event, Fact};
use crate::check::{Observation, ProbeOutcome, Subject};
use crate::ids::TargetId;
use crate::incident::Phase;
use crate::target::{Config, TargetSpec};
use crate::time::Timestamp;
use crate::uptime::UptimeState;

/// Version of [`Saved`] that this monitor writes; it reads this one only.
pub const SAVED_VERSION: u32 = 1;
/// A wake-up that comes so late was slept through: the machine stood still, or its clock was put forward.
const STOOD_STILL: Duration = Duration::from_secs(60);
/// A gap up to this long between saving and restoring is no gap.
const GAP_MIN_MS: i64 = 1;

/// Decides what to do about what was seen. Does no I/O and reads no clock.
#[derive(Clone, Debug)]
pub struct Monitor {
    pub(super) config: Config,
    pub(super) now: Timestamp,
    pub(super) shared: Shared,
    pub(super) watched: Roll,
    /// The targets that this server watches, where several share them; `None`: all.
    pub(super) held: Option<BTreeSet<TargetId>>,
    pub(super) due: DueTimes,
    pub(super) readiness: Readiness,
    pub(super) rehearsals: Rehearsals,
    /// What happens in this run is written nowhere, and forgotten with it.
    pub(super) forgets: bool,
}

/// The monitor's memory, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// [`SAVED_VERSION`] of the writer.
    pub version: u32,
    /// When the monitor last took note of the time.
    pub alive_at: Timestamp,
    /// What belongs to no target.
    pub shared: Shared,
    /// The targets.
    pub targets: Vec<TargetState>,
}

/// Why a memory cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the saved state has version {found}, this Rebound understands {SAVED_VERSION}")]
pub struct RestoreError {
    found: u32,
}

impl Monitor {
    /// Begins to watch without a memory.
    #[must_use]
    pub fn new(config: Config, now: Timestamp) -> Self {
        let mut monitor = Self {
            config: config.clone(),
            now,
            shared: Shared::new(now),
            watched: Roll::default(),
            held: None,
            due: DueTimes::default(),
            readiness: Readiness::new(now),
            rehearsals: Rehearsals::default(),
            forgets: false,
        };
        monitor.take_config(config, BTreeMap::new());
        monitor
    }

    /// Begins to watch without a memory, and without anything to write to: nothing of this run will be remembered.
    #[must_use]
    pub fn without_memory(config: Config, now: Timestamp) -> Self {
        Self { forgets: true, ..Self::new(config, now) }
    }

    /// Takes up the memory of an earlier run. A heal step that was running comes back as `Lost`: look, do not repeat. Time in
    /// which nobody watched is charged as unknown. `now` may lie before the memory: then the clock was set back.
    ///
    /// # Errors
    /// [`RestoreError`] if the memory has a version that is not understood.
    pub fn restore(
        config: Config,
        saved: Saved,
        now: Timestamp,
    ) -> Result<(Self, Vec<Command>), RestoreError> {
        if saved.version != SAVED_VERSION {
            return Err(RestoreError { found: saved.version });
        }
        let mut saved = saved;
        let is_set_back = now < saved.alive_at;
        if is_set_back {
            saved.set_back(now);
        }
        let mut monitor = Self::new(config.clone(), now);
        let gap_from = saved.alive_at;
        let gap = is_set_back || now.as_ms() - gap_from.as_ms() >= GAP_MIN_MS;
        monitor.shared = saved.shared;
        monitor.shared.own.starts_again();
        let mut states: BTreeMap<TargetId, TargetState> =
            saved.targets.into_iter().map(|state| (state.id.clone(), state)).collect();
        for state in states.values_mut() {
            state.wake_up(gap.then_some(gap_from), now);
        }
        let mut out = Vec::new();
        monitor.retire_missing(&mut states, &config, &mut out);
        monitor.take_config(config, states);
        if gap {
            monitor.shared.watching_since = now;
        }
        for place in monitor.watched.places() {
            monitor.with_place(place, &mut out, |state, spec, desk| state.step_was_lost(spec, desk));
        }
        for id in monitor.target_ids() {
            monitor.drill_was_lost(&id, &mut out);
        }
        monitor.desk(&mut out).record(None, None, Fact::Began { again: true });
        monitor.reschedule_all();
        out.push(Command::Publish);
        Ok((monitor, out))
    }

    /// Applies `event` at `now` and returns what must now be done, in order.
    #[must_use = "a command that is not carried out is lost"]
    pub fn handle(&mut self, now: Timestamp, event: Event) -> Vec<Command> {
        if self.next_wakeup().is_some_and(|due| now.since(due) >= STOOD_STILL) {
            self.stood_still(now);
        }
        self.now = self.now.max(now);
        let mut out = Vec::new();
        let woke = matches!(event, Event::Woke);
        let delivered = matches!(event, Event::Delivered(_));
        match event {
            Event::Observed(seen) => self.observed(&seen, &mut out),
            Event::StepFinished(result) => {
                let id = result.target.clone();
                self.with_target(&id, &mut out, |state, spec, desk| state.step_finished(spec, desk, &result));
            }
            Event::Delivered(report) => self.desk(&mut out).delivered(&report),
            Event::ConfigChanged(config) => self.config_changed(*config, &mut out),
            Event::PersonAsked(request) => self.asked(request, &mut out),
            Event::SelfSeen(seen) => self.self_seen(seen),
            Event::StoreChanged(state) => self.store_changed(state, &mut out),
            Event::Looked(looked) => self.looked(looked, &mut out),
            Event::Pinged(pinged) => self.pinged(pinged, &mut out),
            Event::ReadBack(read) => self.read_back(&read),
            Event::Gained(handover) => self.gained(*handover, &mut out),
            Event::Yielded(ids) => self.yielded(&ids),
            Event::NumbersHeard { incident, alert } => self.shared.hear_numbers(incident, alert),
            Event::Woke => {}
        }
        self.follow_drills(&mut out);
        self.reschedule_own_network();
        self.reschedule_readiness();
        self.reschedule_store();
        if delivered || touches_alerts(&out) {
            self.reschedule_deliveries();
        }
        self.run_due(&mut out);
        // What came due may have opened an incident.
        self.follow_drills(&mut out);
        if !woke || !out.is_empty() {
            out.push(Command::Publish);
        }
        out
    }

    /// When `Event::Woke` must next be delivered if nothing else happens first. Always later than the last `now`.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.due.earliest()
    }

    /// The whole memory.
    #[must_use]
    pub fn save(&self) -> Saved {
        Saved {
            version: SAVED_VERSION,
            alive_at: self.now,
            shared: self.shared.clone(),
            targets: self.watched.values().map(|watched| watched.state.clone()).collect(),
        }
    }

    /// The part of the memory that belongs to no target.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Why the store does not accept writes, as far as it is known; also from an earlier run.
    #[must_use]
    pub fn store_trouble(&self) -> Option<&str> {
        self.shared.store_trouble.as_deref()
    }

    /// The part of the memory that belongs to one target.
    #[must_use]
    pub fn target(&self, id: &TargetId) -> Option<&TargetState> {
        self.watched.get(id).map(|watched| &watched.state)
    }

    /// Every target, in the order of ids.
    #[must_use]
    pub fn target_ids(&self) -> Vec<TargetId> {
        self.watched.ids().cloned().collect()
    }

    /// A request and what became of it.
    #[must_use]
    pub fn request(&self, id: u64) -> Option<&Asked> {
        self.shared.requests.iter().find(|asked| asked.id == id)
    }

    /// Phase of a target.
    #[must_use]
    pub fn phase(&self, id: &TargetId) -> Option<&Phase> {
        self.target(id).map(|state| &state.phase)
    }

    /// Nobody watched since the last event: what was seen then is old, and neither good nor bad time is charged for it.
    fn stood_still(&mut self, now: Timestamp) {
        let since = self.now;
        for watched in self.watched.values_mut() {
            watched.state.wake_up(Some(since), now.max(since));
        }
    }

    fn observed(&mut self, seen: &Observation, out: &mut Vec<Command>) {
        match &seen.subject {
            Subject::Target(id) => {
                if let Some(date) = http_date(&seen.outcome) {
                    self.shared.own.witnesses.hear(id.as_str(), date, seen.asked_at);
                }
                let Some(place) = self.watched.place(id) else {
                    return;
                };
                let was_down = self.is_parent_down(place);
                self.with_place(place, out, |state, spec, desk| state.observe(spec, desk, seen));
                if was_down != self.is_parent_down(place) {
                    self.ask_children_of(place);
                }
            }
            Subject::OwnNetwork => self.own_network_seen(seen),
        }
    }

    /// Whether others depend on it, and it is down.
    fn is_parent_down(&self, place: Place) -> bool {
        self.watched.at(place).is_some_and(|watched| watched.is_parent && watched.state.is_down())
    }

    /// Whoever depends on `parent` is looked at now: what it shows has another meaning than a moment ago.
    fn ask_children_of(&mut self, parent: Place) {
        for place in self.watched.places() {
            if let Some(watched) = self.watched.at_mut(place)
                && watched.parents.contains(&parent)
            {
                watched.state.probe.next_at = self.now;
                self.reschedule(place);
            }
        }
    }

    /// The windows of planned work changed: every target looks anew which it is in.
    pub(super) fn windows_changed(&mut self) {
        for watched in self.watched.values_mut() {
            watched.hours.forget();
            watched.state.probe.next_at = self.now;
        }
        self.reschedule_all();
    }

    fn config_changed(&mut self, config: Config, out: &mut Vec<Command>) {
        let mut states = core::mem::take(&mut self.watched).into_states();
        self.retire_missing(&mut states, &config, out);
        self.take_config(config, states);
    }

    fn retire_missing(
        &mut self,
        states: &mut BTreeMap<TargetId, TargetState>,
        config: &Config,
        out: &mut Vec<Command>,
    ) {
        let missing: Vec<TargetId> =
            states.keys().filter(|id| !config.targets.iter().any(|spec| spec.id == **id)).cloned().collect();
        for id in missing {
            if let Some(mut state) = states.remove(&id) {
                state.retire(&mut self.desk(out));
            }
        }
    }

    pub(super) fn take_config(&mut self, config: Config, states: BTreeMap<TargetId, TargetState>) {
        self.config = config;
        self.watched = Roll::new(&self.own_specs(), states, self.now);
        self.drills_changed();
        self.reschedule_all();
    }

    /// For what is about no target.
    pub(super) fn desk<'a>(&'a mut self, out: &'a mut Vec<Command>) -> Desk<'a> {
        Desk {
            now: self.now,
            policy: &self.config.alerts,
            around: Around::nothing(self.config.own_network),
            shared: &mut self.shared,
            wanted: Vec::new(),
            out,
        }
    }

    pub(super) fn with_target<R>(
        &mut self,
        id: &TargetId,
        out: &mut Vec<Command>,
        act: impl FnOnce(&mut TargetState, &TargetSpec, &mut Desk<'_>) -> R,
    ) -> Option<R> {
        self.with_place(self.watched.place(id)?, out, act)
    }

    fn with_place<R>(
        &mut self,
        place: Place,
        out: &mut Vec<Command>,
        act: impl FnOnce(&mut TargetState, &TargetSpec, &mut Desk<'_>) -> R,
    ) -> Option<R> {
        let windows = self.config.maintenance.iter().chain(&self.shared.windows);
        let watched = self.watched.at_mut(place)?;
        watched.hours.refresh(&watched.spec, windows, self.now);
        let around = self.around(self.watched.at(place)?, self.now);
        let watched = self.watched.at_mut(place)?;
        let mut desk = Desk {
            now: self.now,
            policy: &self.config.alerts,
            around,
            shared: &mut self.shared,
            wanted: Vec::new(),
            out,
        };
        let result = act(&mut watched.state, &watched.spec, &mut desk);
        let wanted = desk.wanted;
        self.reschedule(place);
        for other in wanted {
            self.ask_soon(&other);
        }
        Some(result)
    }

    /// What surrounds a target at `now`.
    pub(super) fn around(&self, watched: &Watched, now: Timestamp) -> Around {
        let Watched { spec, state, hours, .. } = watched;
        let windows = self.config.maintenance.iter().chain(&self.shared.windows);
        let pauses = [&self.shared.pause, &state.pause].into_iter().flatten();
        Around {
            session: hours.session(spec, now),
            maintenance: hours.maintenance(spec, windows, now),
            pause: pauses.filter(|pause| pause.until > now).max_by_key(|pause| pause.until).cloned(),
            parents: self
                .parents_of(watched)
                .map(|parent| parent.state.as_parent(&parent.spec, now))
                .collect(),
            own: self.config.own_network,
        }
    }

    /// The targets that it depends on.
    pub(super) fn parents_of<'a>(&'a self, watched: &'a Watched) -> impl Iterator<Item = &'a Watched> {
        watched.parents.iter().filter_map(|place| self.watched.at(*place))
    }

    /// Whether a target that is due needs nothing but its next question: no time of its phase, of planned work, of its market
    /// or of a question that waits has come. That is so nearly always, and needs nothing of what surrounds it.
    pub(super) fn only_asks(&self, place: Place) -> bool {
        self.watched.at(place).is_some_and(|watched| {
            watched.hours.are_known_without_work(self.now) && watched.state.only_waits_to_ask(self.now)
        })
    }

    /// All that [`Self::turn`] comes to where that is so.
    pub(super) fn ask(&mut self, place: Place, out: &mut Vec<Command>) {
        if let Some(watched) = self.watched.at_mut(place) {
            watched.state.ask(&watched.spec, self.now, out);
        }
        self.reschedule(place);
    }

    /// Does for a target whatever is due.
    pub(super) fn turn(&mut self, place: Place, out: &mut Vec<Command>) {
        self.with_place(place, out, |state, spec, desk| {
            state.mind_the_work(spec, desk);
            state.ask_if_due(spec, desk);
            state.phase_due(spec, desk);
            state.mind_the_unknown(spec, desk);
        });
    }

    fn run_due(&mut self, out: &mut Vec<Command>) {
        while let Some((at, slot)) = self.due.first()
            && at <= self.now
        {
            let (before, deliveries) = (out.len(), slot == Slot::Deliveries);
            match slot {
                Slot::Target(place) if self.only_asks(place) => self.ask(place, out),
                Slot::Target(place) => self.turn(place, out),
                Slot::OwnNetwork => self.ask_own_network(out),
                Slot::Deliveries => self.desk(out).retry_deliveries(),
                Slot::Readiness => self.mind_readiness(out),
                Slot::Drills => self.mind_drills(out),
                Slot::Store => self.mind_the_store(out),
            }
            self.reschedule_own_network();
            self.reschedule_readiness();
            if slot == Slot::Drills {
                self.reschedule_drills();
            }
            if slot == Slot::Store {
                self.reschedule_store();
            }
            if deliveries || out.get(before..).is_some_and(touches_alerts) {
                self.reschedule_deliveries();
            }
        }
    }
}

impl TargetState {
    /// Comes back after a stop. `gap_from`: since when nobody watched, if there was such a time.
    pub(super) fn wake_up(&mut self, gap_from: Option<Timestamp>, now: Timestamp) {
        self.probe.asked_at = None;
        if self.probe.in_flight_until.take().is_some() {
            self.probe.next_at = now;
        }
        let Some(gap_from) = gap_from else {
            return;
        };
        self.probe.next_at = now;
        self.uptime.set(gap_from.max(self.watching_since), UptimeState::Unknown);
        self.silent_since = None;
        self.able_since = None;
        // People hear of the time in which somebody looked and could not tell.
        self.unknown_since = self.unknown_since.map(|_| now);
        self.good_since = None;
        if let Some(incident) = self.incident.as_mut() {
            incident.successes = 0;
        }
        for check in self.checks.values_mut() {
            check.forget(now);
        }
    }
}

/// Whether an alert was raised, changed or sent.
fn touches_alerts(out: &[Command]) -> bool {
    out.iter().any(|command| match command {
        Command::Send(_) => true,
        Command::Record(entry) => matches!(entry.fact, Fact::Alert(_)),
        Command::Probe(_)
        | Command::RunStep(_)
        | Command::StopStep(_)
        | Command::Look(_)
        | Command::Ping(_)
        | Command::ReadBack(_)
        | Command::Publish => false,
    })
}

/// The time that the other side told in a `Date` header.
const fn http_date(outcome: &ProbeOutcome) -> Option<Timestamp> {
    match outcome {
        ProbeOutcome::Bridge(reading) => reading.http_date,
        ProbeOutcome::Endpoint(reading) => reading.http_date,
        ProbeOutcome::NoAnswer(_)
        | ProbeOutcome::BadAnswer(_)
        | ProbeOutcome::WrongService { .. }
        | ProbeOutcome::Beacons { .. }
        | ProbeOutcome::NotAsked(_) => None,
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
