//! `[targets.checks]`: which questions are asked of a target, and how they are weighed.

use std::collections::BTreeMap;

use rebound::check::{CheckId, CheckSpec};
use serde::Deserialize;

use super::Problems;
use super::targets::BridgeSettings;
use super::thresholds::count;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckSection {
    enabled: Option<bool>,
    failures: Option<u32>,
    market_hours: Option<bool>,
}

/// What may be asked of a target.
#[derive(Debug)]
pub(crate) struct Askable {
    /// Every question of its kind.
    pub(crate) all: &'static [CheckId],
    /// Those of these that are asked only if the file names them, because no answer is expected.
    pub(crate) if_named: Vec<CheckId>,
    /// The one of these that cannot be asked, and why.
    pub(crate) never: Option<(CheckId, &'static str)>,
}

/// The checks of a target. `noun` is what it is called in a problem.
pub(crate) fn check(
    at: &str,
    noun: &str,
    askable: &Askable,
    sections: &BTreeMap<CheckId, CheckSection>,
    problems: &mut Problems,
) -> Vec<CheckSpec> {
    for id in sections.keys() {
        let key = format!("{at}: checks.\"{id}\"");
        if !askable.all.contains(id) {
            let names: Vec<&str> = askable.all.iter().map(|id| id.name()).collect();
            let help = format!("Leave it out. Its checks are {}.", names.join(", "));
            problems.add(&key, &format!("is no check of {noun}"), &help);
        } else if let Some((_, why)) = askable.never.filter(|(never, _)| never == id) {
            problems.add(&key, why, "Leave it out.");
        }
    }
    let possible = askable.all.iter().filter(|id| askable.never.is_none_or(|(never, _)| never != **id));
    let mut checks = Vec::new();
    for id in possible {
        let default = id.default_spec();
        let Some(section) = sections.get(id) else {
            if !askable.if_named.contains(id) {
                checks.push(default);
            }
            continue;
        };
        let key = format!("{at}: checks.\"{id}\".failures");
        let failures_to_open = count(&key, section.failures, default.failures_to_open, 1, problems);
        if section.enabled.unwrap_or(true) {
            let market_hours = section.market_hours.unwrap_or(default.market_hours);
            checks.push(CheckSpec { id: *id, failures_to_open, market_hours });
        }
    }
    if checks.is_empty() {
        let first = askable.all.first().map_or("one", |id| id.name());
        problems.add(at, "has every check switched off", &format!("Leave at least \"{first}\" on."));
    }
    checks
}

/// The questions that a bridge of its dialect never answers, nor whoever else knows its accounts. Asked all the same, they would
/// make the whole target unknown for ever.
pub(crate) fn never_told(bridge: &BridgeSettings) -> Vec<CheckId> {
    let elsewhere = bridge.accounts_from.is_some();
    let dialect = bridge.dialect.clone();
    let dialect = if elsewhere { dialect.without_accounts() } else { dialect };
    let tells_accounts = elsewhere || dialect.tells_accounts();
    let told = [
        (CheckId::BridgeIdentity, dialect.tells_service()),
        (CheckId::TerminalBrokerLink, dialect.tells_broker_link()),
        (CheckId::TerminalTradingAllowed, dialect.tells_trading()),
        (CheckId::AccountsFresh, tells_accounts),
        (CheckId::AccountsSyncing, tells_accounts),
        (CheckId::AccountsZero, tells_accounts),
        (CheckId::AccountFailed, tells_accounts),
        (CheckId::AccountIdentity, tells_accounts || dialect.tells_login()),
        (CheckId::PositionsKept, dialect.tells_positions()),
    ];
    told.into_iter().filter_map(|(check, told)| (!told).then_some(check)).collect()
}
