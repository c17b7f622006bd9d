//! By what a target is judged: what is good by other limits than those its incident was opened with did not recover by that.

use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::target::{TargetKind, TargetSpec, Thresholds};

/// What decides whether an observation is good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::monitor) struct Limits {
    kind: TargetKind,
    thresholds: Thresholds,
    /// Accounts that must be read, and whether each is a reserve.
    accounts: Vec<(AccountId, bool)>,
}

impl Limits {
    pub(super) fn of(spec: &TargetSpec) -> Self {
        Self {
            kind: spec.kind.clone(),
            // When an incident closes and who hears of it is no judgement.
            thresholds: Thresholds {
                successes_to_close: 0,
                unknown_alert_after: Duration::ZERO,
                flap_incidents: 0,
                flap_hold: Duration::ZERO,
                ..spec.thresholds
            },
            accounts: spec.accounts.iter().map(|account| (account.id, account.reserve)).collect(),
        }
    }
}
