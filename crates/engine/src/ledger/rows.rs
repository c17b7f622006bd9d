//! What servers that share a store remember, each in a row of its own.

use std::collections::BTreeMap;

use rebound::ids::TargetId;
use rebound::monitor::{Monitor, SAVED_VERSION, Saved, Shared, TargetState};
use rebound::time::Timestamp;

use super::{
    Alive, KEY_ALIVE, KEY_SHARED, KEY_TARGET, Ledger, drills_of, key_of, key_of_drills, key_of_target, read,
};
use crate::cluster::Cluster;
use crate::ports::{StateRecord, StoreError};
use crate::waiting::Mark;

/// What a row remembers.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Version of whoever wrote it.
    version: u32,
    /// When its server last said that it is alive.
    pub(crate) alive_at: Option<Timestamp>,
    /// Up to where everything of it was written.
    pub(crate) mark: Option<Mark>,
    pub(crate) shared: Option<Shared>,
    pub(crate) targets: Vec<TargetState>,
}

impl Row {
    /// What `records` say of `row`, and of the targets among them.
    ///
    /// # Errors
    /// [`StoreError`] if one cannot be understood, or a newer Rebound wrote them.
    pub(super) fn read(records: Vec<StateRecord>, row: u64) -> Result<Self, StoreError> {
        let (alive, shared) = (key_of(KEY_ALIVE, row), key_of(KEY_SHARED, row));
        let mut found = Self::default();
        let mut drills = BTreeMap::new();
        for record in records {
            drills.extend(drills_of(&record)?);
            if record.key == alive {
                let alive: Alive = read(&record)?;
                if alive.version > SAVED_VERSION {
                    return Err(StoreError::TooNew { found: alive.version, known: SAVED_VERSION });
                }
                (found.version, found.alive_at) = (alive.version, Some(alive.at));
                found.mark = alive.written;
            } else if record.key == shared {
                found.shared = Some(read(&record)?);
            } else if record.key.starts_with(KEY_TARGET) {
                // A target that left is kept as nothing.
                found.targets.extend(read::<Option<TargetState>>(&record)?);
            }
        }
        let with_drills = |target: TargetState| match drills.remove(&target.id) {
            Some(drills) => target.with_drills(drills),
            None => target,
        };
        found.targets = std::mem::take(&mut found.targets).into_iter().map(with_drills).collect();
        Ok(found)
    }

    /// As the memory of one who was stopped; `None` if the row was never used.
    pub(crate) fn saved(self) -> Option<Saved> {
        let (alive_at, shared) = (self.alive_at?, self.shared?);
        Some(Saved { version: self.version, alive_at, shared, targets: self.targets })
    }
}

/// Reads what `row` remembers, and these targets.
pub(crate) async fn load_row(
    cluster: &dyn Cluster,
    row: u64,
    targets: &[TargetId],
) -> Result<Row, StoreError> {
    let mut keys: Vec<String> =
        targets.iter().flat_map(|id| [key_of_target(id), key_of_drills(id)]).collect();
    keys.extend([key_of(KEY_ALIVE, row), key_of(KEY_SHARED, row)]);
    Row::read(cluster.state_of(&keys).await?, row)
}

impl Ledger {
    /// The last state of targets that are let go.
    pub(crate) fn state_of(
        &self,
        monitor: &Monitor,
        targets: &[TargetId],
        now: Timestamp,
    ) -> Result<Vec<StateRecord>, StoreError> {
        self.state(monitor, targets, self.mark, now)
    }

    /// These targets are another's: whatever was last written of them here is not what stands there by now.
    pub(crate) fn forget(&mut self, targets: &[TargetId]) {
        for id in targets {
            self.untouch(id);
            self.written.remove(&key_of_target(id));
            self.written.remove(&key_of_drills(id));
        }
    }
}
