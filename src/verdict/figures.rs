//! What is told of a bridge's accounts, as numbers: the same that the checks judge.
//!
//! Judges nothing. Where an account's market is closed, its data is in doubt or its times cannot be trusted, it gives no number.

use core::time::Duration;

use super::accounts::{clock_ahead, due, is_fresh};
use super::awaited::Awaited;
use super::{Evidence, count};
use crate::check::{AccountsReading, BridgeReading, CheckId, CheckSpec};

/// What is told of a bridge's accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountFigures {
    /// Age of the newest read.
    pub newest_age: Option<Duration>,
    /// How many of the expected accounts sync, and how many are expected.
    pub synced: Option<(u32, u32)>,
}

/// The numbers of a list that was told. `None` where there is none, or the times in it cannot be trusted.
pub(crate) fn account_figures(reading: &BridgeReading, evidence: &Evidence<'_>) -> Option<AccountFigures> {
    if matches!(reading.accounts, AccountsReading::NotListed(_))
        || reading.store_connected == Some(false)
        || evidence.own_clock_wrong.is_some()
        || clock_ahead(evidence).is_some()
    {
        return None;
    }
    let newest_age = due(spec_of(CheckId::AccountsFresh, evidence), evidence).ok().and_then(|due| {
        let newest = due.filter_map(|account| account.read.map(|read| read.read_at)).max();
        newest.map(|read_at| evidence.now.since(read_at))
    });
    Some(AccountFigures { newest_age, synced: synced(evidence) })
}

fn synced(evidence: &Evidence<'_>) -> Option<(u32, u32)> {
    let check = spec_of(CheckId::AccountsSyncing, evidence);
    let due = due(check, evidence).ok()?;
    // Before the first read nobody knows.
    if due.clone().all(|account| account.read.is_none()) {
        return None;
    }
    let window = evidence.spec.thresholds.sync_window;
    let within = |account: &&Awaited<'_>| {
        account.read.is_some_and(|read| is_fresh(check, account, read.read_at, window, evidence))
    };
    Some((count(due.clone().filter(within).count()), count(due.count())))
}

/// How a check is weighed, also where it is not asked.
fn spec_of(id: CheckId, evidence: &Evidence<'_>) -> CheckSpec {
    evidence.spec.checks.iter().find(|check| check.id == id).copied().unwrap_or_else(|| id.default_spec())
}
