//! The loop's side of the history: takes a copy of what is seen, and what the monitor made of it. Never waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rebound::check::{Observation, Subject};
use rebound::history::samples;
use rebound::ids::TargetId;
use rebound::monitor::{Event, Monitor};
use rebound::target::Config;
use rebound::time::Timestamp;
use rebound::uptime::KEPT;

use super::ring::{Note, Ring, Seen};
use super::rollup::hour_of;

/// A failure that is believed is charged from its first sight: so far back, hours that are over are told once more.
const TOLD_AGAIN: Duration = Duration::from_secs(2 * 3_600);

/// The loop's side of the history.
#[derive(Debug)]
pub(crate) struct Tap {
    ring: Arc<Ring>,
    /// Up to when it was told how a target's time is charged.
    told: BTreeMap<TargetId, Timestamp>,
}

/// What of an event is for the history.
#[derive(Debug)]
pub(crate) enum Noted {
    Seen(Observation),
    Gone(Vec<TargetId>),
    Settings(Arc<Config>),
}

impl Noted {
    /// Whether it was seen of a target or the network.
    pub(crate) fn is_seen(&self) -> bool {
        matches!(self, Self::Seen(_))
    }
}

impl Tap {
    pub(super) fn new(ring: Arc<Ring>) -> Self {
        Self { ring, told: BTreeMap::new() }
    }

    /// What of `event` is for the history, before the monitor takes it.
    pub(crate) fn look(event: &Event) -> Option<Noted> {
        match event {
            Event::Observed(seen) => Some(Noted::Seen(seen.clone())),
            Event::Yielded(targets) => Some(Noted::Gone(targets.clone())),
            Event::ConfigChanged(config) => Some(Noted::Settings(Arc::new(Config::clone(config)))),
            Event::StepFinished(_)
            | Event::Delivered(_)
            | Event::PersonAsked(_)
            | Event::SelfSeen(_)
            | Event::StoreChanged(_)
            | Event::Looked(_)
            | Event::Pinged(_)
            | Event::ReadBack(_)
            | Event::Gained(_)
            | Event::NumbersHeard { .. }
            | Event::Woke => None,
        }
    }

    /// Lays it down, after `monitor` has taken the event at `now`.
    pub(crate) fn note(&mut self, noted: Noted, monitor: &Monitor, now: Timestamp) {
        match noted {
            Noted::Seen(seen) => self.see(seen, monitor, now),
            Noted::Gone(targets) => {
                self.told.retain(|target, _| !targets.contains(target));
                self.ring.push(Note::Gone(Some(targets)));
            }
            Noted::Settings(config) => self.ring.push(Note::Settings(config)),
        }
    }

    /// This server watches nothing more: another has taken over.
    pub(crate) fn let_go(&mut self) {
        self.told.clear();
        self.ring.push(Note::Gone(None));
    }

    fn see(&mut self, seen: Observation, monitor: &Monitor, now: Timestamp) {
        let (of, samples, stretches) = match &seen.subject {
            Subject::OwnNetwork => (None, Vec::new(), Vec::new()),
            Subject::Target(target) => {
                let Some(witnessed) = monitor.witnessed(&seen) else { return };
                let told = self.told.insert(target.clone(), now);
                let from = told.map_or_else(|| now.before(KEPT), |told| hour_of(told).before(TOLD_AGAIN));
                (Some(target.clone()), samples(&witnessed), monitor.charged_since(target, hour_of(from)))
            }
        };
        self.ring.push(Note::Seen(Box::new(Seen { at: now, of, seen, samples, stretches })));
    }
}
