//! When the monitor must be woken, and for what: the index of due times.
//!
//! Only keeps it; what is done when something is due is routed in [`super::run`].

use alloc::collections::BTreeSet;

use super::roll::Place;
use super::run::Monitor;
use crate::ids::TargetId;
use crate::time::Timestamp;

/// What the monitor must be woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Target(Place),
    OwnNetwork,
    Deliveries,
    Readiness,
}

impl Monitor {
    /// Asks a target at the next turn, unless a question is under way.
    pub(super) fn ask_soon(&mut self, id: &TargetId) {
        let now = self.now;
        if let Some(place) = self.watched.place(id)
            && let Some(watched) = self.watched.at_mut(place)
            && watched.state.probe.next_at > now
            && watched.state.probe.in_flight_until.is_none()
        {
            watched.state.probe.next_at = now;
            self.reschedule(place);
        }
    }

    pub(super) fn reschedule_all(&mut self) {
        self.due.clear();
        (self.own_network_due, self.deliveries_due, self.readiness.due) = (None, None, None);
        for watched in self.watched.values_mut() {
            watched.due = None;
        }
        for place in self.watched.places() {
            self.reschedule(place);
        }
        self.reschedule_own_network();
        self.reschedule_deliveries();
        self.reschedule_readiness();
    }

    pub(super) fn reschedule(&mut self, place: Place) {
        let repeat_every = self.config.alerts.repeat_every;
        let Some(watched) = self.watched.at_mut(place) else {
            return;
        };
        let due = watched.state.due(&watched.spec, repeat_every);
        let due = watched.hours.change_at().map_or(due, |change| due.min(change));
        move_due(&mut self.due, &mut watched.due, Some(due), Slot::Target(place));
    }

    pub(super) fn reschedule_own_network(&mut self) {
        let own = &self.shared.own;
        let due = own.in_flight_until.unwrap_or(own.next_at);
        let due = self.config.own_network.watched.then_some(due);
        move_due(&mut self.due, &mut self.own_network_due, due, Slot::OwnNetwork);
    }

    pub(super) fn reschedule_deliveries(&mut self) {
        let due = self.shared.next_delivery();
        move_due(&mut self.due, &mut self.deliveries_due, due, Slot::Deliveries);
    }

    pub(super) fn reschedule_readiness(&mut self) {
        let due = self.readiness_due();
        move_due(&mut self.due, &mut self.readiness.due, due, Slot::Readiness);
    }
}

/// Moves a slot within the index of due times. `held` is where it stands now.
fn move_due(
    index: &mut BTreeSet<(Timestamp, Slot)>,
    held: &mut Option<Timestamp>,
    at: Option<Timestamp>,
    slot: Slot,
) {
    if *held == at {
        return;
    }
    if let Some(before) = held.take() {
        index.remove(&(before, slot));
    }
    if let Some(at) = at {
        index.insert((at, slot));
    }
    *held = at;
}
