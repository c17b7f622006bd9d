//! A server's place among several: how it begins to watch its share, and takes it up again after a crash.
//!
//! As the engine does once it holds the targets. That another server takes them over meanwhile does not happen here.

use rebound::alert::Alert;
use rebound::ids::TargetId;
use rebound::monitor::{Command, Event, Handover, Monitor, Numbering, Saved};
use rebound::target::Config;
use rebound::time::Timestamp;

/// A server's place among several.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The whole configuration, which all servers have.
    pub config: Config,
    /// Which numbers the server gives.
    pub numbering: Numbering,
}

/// What the store holds of a server's earlier run.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// What its row remembered; `None`: nothing was written yet.
    pub saved: Option<Saved>,
    /// The newest alerts, newest first.
    pub alerts: Vec<Alert>,
}

impl Seat {
    /// Begins a run that watches these targets.
    ///
    /// # Panics
    /// If the memory of the earlier run is not understood.
    #[must_use]
    pub fn begins(&self, targets: Vec<TargetId>, left: Left, now: Timestamp) -> (Monitor, Vec<Command>) {
        let Left { saved, alerts } = left;
        let (mut monitor, mut first) =
            Monitor::sharing(self.config.clone(), self.numbering, saved.clone(), &[], now)
                .unwrap_or_else(|error| panic!("{error}"));
        let mut handover = Handover { targets, alerts, ..Handover::default() };
        if let Some(saved) = saved {
            handover.states = saved.targets;
            (handover.alive_at, handover.shared) = (Some(saved.alive_at), Some(saved.shared));
        }
        first.extend(monitor.handle(now, Event::Gained(Box::new(handover))));
        (monitor, first)
    }
}
