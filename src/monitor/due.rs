//! When the monitor must be woken, and for what: the due times.
//!
//! Only keeps them; what is done when something is due is routed in [`super::run`].

use alloc::vec::Vec;

use super::roll::Place;
use super::run::Monitor;
use crate::ids::TargetId;
use crate::time::Timestamp;

/// What the monitor must be woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Target(Place),
    OwnNetwork,
    Deliveries,
    Readiness,
    Drills,
    Store,
}

/// Slots that are no target's.
const OTHERS: usize = 5;

/// The due time of each slot, and the earliest of them: a tree in a row, in which each node is the earlier of the two below it.
///
/// Every question and every answer moves one of them, which writes as many numbers as the tree is high at most and needs no
/// memory. Of slots that are due at the same time the first in the order of targets comes first, as it must be for a run to be
/// the same again.
#[derive(Clone, Debug, Default)]
pub(super) struct DueTimes {
    /// From 1 on; those below `node` are `2 * node` and `2 * node + 1`. The second half are the slots.
    earliest: Vec<Timestamp>,
}

/// What is not due at all is due after everything else.
const NEVER: Timestamp = Timestamp::from_ms(i64::MAX);

impl DueTimes {
    /// Of so many targets, of which nothing is due.
    fn of(targets: usize) -> Self {
        Self { earliest: alloc::vec![NEVER; (targets + OTHERS).next_power_of_two() * 2] }
    }

    /// When something is due first.
    pub(super) fn earliest(&self) -> Option<Timestamp> {
        self.earliest.get(1).copied().filter(|at| *at < NEVER)
    }

    /// What is due first.
    pub(super) fn first(&self) -> Option<(Timestamp, Slot)> {
        let at = self.earliest()?;
        let mut node = 1;
        while node < self.slots() {
            node *= 2;
            if self.earliest.get(node) != Some(&at) {
                node += 1;
            }
        }
        Some((at, self.slot(node - self.slots())))
    }

    fn set(&mut self, slot: Slot, at: Option<Timestamp>) {
        let mut node = self.slots() + self.number(slot);
        let mut earliest = at.unwrap_or(NEVER);
        while node > 0
            && let Some(held) = self.earliest.get_mut(node)
            && *held != earliest
        {
            *held = earliest;
            earliest = earliest.min(self.earliest.get(node ^ 1).copied().unwrap_or(NEVER));
            node /= 2;
        }
    }

    fn slots(&self) -> usize {
        self.earliest.len() / 2
    }

    fn number(&self, slot: Slot) -> usize {
        match slot {
            Slot::Target(place) => place.number(),
            Slot::OwnNetwork => self.slots() - OTHERS,
            Slot::Deliveries => self.slots() - 4,
            Slot::Readiness => self.slots() - 3,
            Slot::Drills => self.slots() - 2,
            Slot::Store => self.slots() - 1,
        }
    }

    fn slot(&self, number: usize) -> Slot {
        match self.slots() - number {
            1 => Slot::Store,
            2 => Slot::Drills,
            3 => Slot::Readiness,
            4 => Slot::Deliveries,
            OTHERS => Slot::OwnNetwork,
            _ => Slot::Target(Place::new(number)),
        }
    }
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
        self.due = DueTimes::of(self.watched.places().count());
        for place in self.watched.places() {
            self.reschedule(place);
        }
        self.reschedule_own_network();
        self.reschedule_deliveries();
        self.reschedule_readiness();
        self.reschedule_drills();
        self.reschedule_store();
    }

    pub(super) fn reschedule(&mut self, place: Place) {
        let Some(watched) = self.watched.at(place) else {
            return;
        };
        let due = watched.state.due(&watched.spec, self.config.alerts.repeat_every);
        let due = watched.hours.change_at().map_or(due, |change| due.min(change));
        self.due.set(Slot::Target(place), Some(due));
    }

    pub(super) fn reschedule_own_network(&mut self) {
        let own = &self.shared.own;
        let due = own.in_flight_until.unwrap_or(own.next_at);
        self.due.set(Slot::OwnNetwork, self.config.own_network.watched.then_some(due));
    }

    pub(super) fn reschedule_deliveries(&mut self) {
        self.due.set(Slot::Deliveries, self.shared.next_delivery());
    }

    pub(super) fn reschedule_readiness(&mut self) {
        self.due.set(Slot::Readiness, self.readiness_due());
    }

    pub(super) fn reschedule_store(&mut self) {
        self.due.set(Slot::Store, self.store_due());
    }

    pub(super) fn reschedule_drills(&mut self) {
        self.due.set(Slot::Drills, self.drills_due());
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::{DueTimes, Place, Slot};
    use crate::time::Timestamp;

    proptest! {
        #[test]
        fn the_earliest_is_first_and_of_equals_the_first_target(
            moves in prop::collection::vec((0_usize..12, prop::option::of(0_i64..5)), 0..60),
        ) {
            let mut times = DueTimes::of(7);
            let mut expected: BTreeSet<(Timestamp, usize)> = BTreeSet::new();
            for (number, at) in moves {
                let slot = [Slot::OwnNetwork, Slot::Deliveries, Slot::Readiness, Slot::Drills, Slot::Store].get(number.wrapping_sub(7)).copied();
                let at = at.map(Timestamp::from_ms);
                times.set(slot.unwrap_or(Slot::Target(Place::new(number))), at);
                expected.retain(|(_, held)| *held != number);
                expected.extend(at.map(|at| (at, number)));
                let first = times.first().map(|(at, slot)| (at, match slot {
                    Slot::Target(place) => place.number(),
                    Slot::OwnNetwork => 7,
                    Slot::Deliveries => 8,
                    Slot::Readiness => 9,
                    Slot::Drills => 10,
                    Slot::Store => 11,
                }));
                prop_assert_eq!(first, expected.first().copied());
            }
        }
    }
}
