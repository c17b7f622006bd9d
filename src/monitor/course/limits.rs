//! By what a target is judged: what is good only by other limits than those its incident was opened with did not recover by that.

use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::target::{ExpectedAccount, TargetKind, TargetSpec, Thresholds};

/// What decides whether an observation is good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::monitor) struct Limits {
    kind: TargetKind,
    thresholds: Thresholds,
    /// Accounts that must be read, and whether each is a reserve.
    accounts: Vec<(AccountId, bool)>,
}

impl Limits {
    pub(in crate::monitor) fn of(spec: &TargetSpec) -> Self {
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

    /// The target with these limits, to be judged by them once more.
    pub(in crate::monitor) fn laid_over(&self, spec: &TargetSpec) -> TargetSpec {
        let account = |(id, reserve): &(AccountId, bool)| {
            let known = spec.accounts.iter().find(|account| account.id == *id).cloned();
            let known = known.unwrap_or_else(|| ExpectedAccount::numbered(*id));
            ExpectedAccount { reserve: *reserve, ..known }
        };
        TargetSpec {
            kind: self.kind.clone(),
            thresholds: self.thresholds,
            accounts: self.accounts.iter().map(account).collect(),
            ..spec.clone()
        }
    }
}
