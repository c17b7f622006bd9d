//! The targets, each with its settings and its state, in the order of their ids.
//!
//! Only holds them. A target's place is looked up once for each event; what is known by its place needs no look-up.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
#[cfg(test)]
use core::ops::Index;

use super::around::Hours;
use super::watch::TargetState;
use crate::ids::TargetId;
use crate::target::TargetSpec;
use crate::time::Timestamp;

/// A target with its settings.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) spec: Arc<TargetSpec>,
    pub(super) state: TargetState,
    pub(super) hours: Hours,
    /// Where those stand that it depends on.
    pub(super) parents: Vec<Place>,
    /// Whether others depend on it.
    pub(super) is_parent: bool,
}

/// Where a target stands: its number in the order of ids, from 0. Holds until the configuration changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(usize);

impl Place {
    pub(super) const fn new(number: usize) -> Self {
        Self(number)
    }

    pub(super) const fn number(self) -> usize {
        self.0
    }
}

/// The targets, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Roll {
    all: Vec<Watched>,
    places: BTreeMap<TargetId, Place>,
}

impl Roll {
    /// The configured targets, with the states that there are; where there is none, with a new one.
    pub(super) fn new(
        specs: &[TargetSpec],
        mut states: BTreeMap<TargetId, TargetState>,
        now: Timestamp,
    ) -> Self {
        let by_id: BTreeMap<&TargetId, &TargetSpec> = specs.iter().map(|spec| (&spec.id, spec)).collect();
        let numbered = by_id.keys().enumerate();
        let places: BTreeMap<TargetId, Place> =
            numbered.map(|(number, id)| ((*id).clone(), Place(number))).collect();
        let watched = |spec: &TargetSpec| Watched {
            spec: Arc::new(spec.clone()),
            // One name in one place: what was read from the store has its own copy of it.
            state: states.remove(&spec.id).map_or_else(
                || TargetState::new(spec.id.clone(), now),
                |state| TargetState { id: spec.id.clone(), ..state },
            ),
            hours: Hours::default(),
            parents: spec.depends_on.iter().filter_map(|id| places.get(id).copied()).collect(),
            is_parent: specs.iter().any(|other| other.depends_on.contains(&spec.id)),
        };
        Self { all: by_id.into_values().map(watched).collect(), places }
    }

    pub(super) fn place(&self, id: &TargetId) -> Option<Place> {
        self.places.get(id).copied()
    }

    pub(super) fn at(&self, place: Place) -> Option<&Watched> {
        self.all.get(place.0)
    }

    pub(super) fn at_mut(&mut self, place: Place) -> Option<&mut Watched> {
        self.all.get_mut(place.0)
    }

    pub(super) fn get(&self, id: &TargetId) -> Option<&Watched> {
        self.at(self.place(id)?)
    }

    pub(super) fn places(&self) -> impl Iterator<Item = Place> + use<> {
        (0..self.all.len()).map(Place)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &TargetId> {
        self.places.keys()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Watched> {
        self.all.iter()
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Watched> {
        self.all.iter_mut()
    }

    /// Their states, without their settings.
    pub(super) fn into_states(self) -> BTreeMap<TargetId, TargetState> {
        self.all.into_iter().map(|watched| (watched.spec.id.clone(), watched.state)).collect()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

#[cfg(test)]
impl Index<&TargetId> for Roll {
    type Output = Watched;

    fn index(&self, id: &TargetId) -> &Watched {
        self.get(id).unwrap_or_else(|| panic!("nothing is called {id}"))
    }
}
