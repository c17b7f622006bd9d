//! What the store of a simulated site holds: exactly what the engine's ledger would have written by then.

use std::collections::{BTreeMap, BTreeSet};

use rebound::alert::Alert;
use rebound::ids::{AlertId, TargetId};
use rebound::monitor::{Monitor, SAVED_VERSION, Saved, Shared, TargetState};
use rebound::time::Timestamp;

/// State records, as replaced by commits and beats.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    alive_at: Option<Timestamp>,
    shared: Option<Shared>,
    targets: BTreeMap<TargetId, TargetState>,
    alerts: BTreeMap<AlertId, Alert>,
    is_whole: bool,
}

/// Alerts that a new run is given with its targets; source: `ALERTS_TAKEN` of the engine.
const ALERTS_TAKEN: usize = 100;

impl Kept {
    /// Whether anything was written since the beginning or the last crash.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Replaces what belongs to no target, and the state of those named.
    pub fn commit(&mut self, monitor: &Monitor, touched: &BTreeSet<TargetId>, now: Timestamp) {
        self.is_whole = true;
        self.alive_at = Some(now);
        self.shared = Some(monitor.shared().clone());
        for id in touched {
            if let Some(state) = monitor.target(id) {
                self.targets.insert(id.clone(), state.clone());
            }
        }
    }

    /// Replaces alerts as they are written; of the oldest nothing is asked again.
    pub fn write_alerts(&mut self, alerts: impl Iterator<Item = Alert>) {
        self.alerts.extend(alerts.map(|alert| (alert.id, alert)));
        while self.alerts.len() > ALERTS_TAKEN {
            self.alerts.pop_first();
        }
    }

    /// The newest alerts, newest first.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        self.alerts.values().rev().cloned().collect()
    }

    /// What a new start reads, through the JSON of the file. `None` before the first commit.
    ///
    /// # Panics
    /// If the state does not come through JSON, which is what this tests.
    #[must_use]
    pub fn load(&mut self) -> Option<Saved> {
        self.is_whole = false;
        let saved = Saved {
            version: SAVED_VERSION,
            alive_at: self.alive_at?,
            shared: self.shared.clone()?,
            targets: self.targets.values().cloned().collect(),
        };
        let json = serde_json::to_string(&saved).expect("the state is written as JSON");
        Some(serde_json::from_str(&json).expect("the state is read from JSON"))
    }
}
