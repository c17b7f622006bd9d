//! Fire drills that were held, as the store has them.

use std::sync::{Arc, Mutex, PoisonError};

use rebound::drill::Drill;
use rebound::view::DrillView;

use super::{Principal, Service, ServiceError};
use crate::ledger::drills_in;

/// Drills as they were last read, and what the board said of them then: they are read again when that changes, not whenever a page
/// is made.
pub(super) type Known = Arc<Mutex<Option<(Vec<DrillView>, Arc<Vec<Drill>>)>>>;

impl Service {
    /// Drills of `target`, or of all, newest first. Of each target the newest are kept.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Store`].
    pub async fn drills(
        &self,
        who: &Principal,
        target: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Drill>, ServiceError> {
        let target = self.known_or_all(target)?;
        let all = self.all_drills(who).await?;
        let meant = |drill: &&Drill| target.as_ref().is_none_or(|target| drill.target == *target);
        Ok(all.iter().filter(meant).take(limit).cloned().collect())
    }

    async fn all_drills(&self, who: &Principal) -> Result<Arc<Vec<Drill>>, ServiceError> {
        let shown = self.board(who).drills.clone();
        let known = self.drills.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, drills)) = known.filter(|(then, _)| *then == shown) {
            return Ok(drills);
        }
        let kept = drills_in(self.store.as_ref()).await?;
        let mut drills: Vec<Drill> = kept.iter().flat_map(|(_, drills)| drills.list().to_vec()).collect();
        drills.sort_by(|a, b| b.due.cmp(&a.due).then_with(|| a.target.cmp(&b.target)));
        let drills = Arc::new(drills);
        *self.drills.lock().unwrap_or_else(PoisonError::into_inner) = Some((shown, Arc::clone(&drills)));
        Ok(drills)
    }
}
