//! The faults of a target that a drill rehearses: of each check those that another plan is made for.
//!
//! Only examples, in the words and with the limits of the target; what would be done about them is said by the planner.

use alloc::string::String;
use alloc::vec::Vec;

use crate::check::{BadAnswer, CheckId, NoAnswer};
use crate::ids::AccountId;
use crate::reason::Reason;
use crate::target::{TargetKind, TargetSpec};
use crate::time::Timestamp;

/// Accounts that a fault is told of where no expected ones are named.
const ACCOUNTS: u32 = 3;

/// What may be wrong with a target, in the order of its checks; `now` is the time of the drill.
#[must_use]
pub fn faults(spec: &TargetSpec, now: Timestamp) -> Vec<Reason> {
    let mut faults: Vec<Reason> = Vec::new();
    for reason in spec.checks.iter().flat_map(|check| of_check(check.id, spec, now)) {
        if !faults.iter().any(|known| known.code() == reason.code()) {
            faults.push(reason);
        }
    }
    faults
}

fn of_check(check: CheckId, spec: &TargetSpec, now: Timestamp) -> Vec<Reason> {
    let limits = &spec.thresholds;
    let first = spec.accounts.first().map_or(AccountId::new(1), |account| account.id);
    let expected = u32::try_from(spec.accounts.len()).ok().filter(|count| *count > 0).unwrap_or(ACCOUNTS);
    match check {
        CheckId::BridgeReachable => {
            let refused = BadAnswer::Status { path: String::from("/"), status: 401 };
            alloc::vec![Reason::BridgeSilent(NoAnswer::Refused), Reason::KeyRefused(refused)]
        }
        CheckId::BridgeIdentity => alloc::vec![Reason::WrongService {
            expected: String::from("the bridge"),
            seen: String::from("another program"),
        }],
        CheckId::TerminalIpc => alloc::vec![
            Reason::TerminalSilent,
            Reason::TerminalNotFound { code: -10_003, text: String::from("IPC initialize failed") },
            Reason::TerminalHangs { text: String::from("IPC timeout") },
            Reason::LoginRefused { text: String::from("authorization failed") },
        ],
        CheckId::TerminalBrokerLink => alloc::vec![Reason::LinkLost],
        CheckId::TerminalTradingAllowed => alloc::vec![Reason::TradingOff],
        CheckId::AccountsFresh => {
            alloc::vec![Reason::Stale { age: limits.fresh_age_max * 2, age_max: limits.fresh_age_max }]
        }
        // With no share that must be read, nothing is ever too little.
        CheckId::AccountsSyncing if limits.sync_share_min == 0 && limits.sync_share_critical == 0 => {
            Vec::new()
        }
        CheckId::AccountsSyncing => {
            alloc::vec![Reason::FewSyncing { read: 0, expected, window: limits.sync_window }]
        }
        CheckId::AccountsZero => {
            let reserves = spec.accounts.iter().filter(|account| account.reserve).count();
            let traded = expected.saturating_sub(u32::try_from(reserves).unwrap_or(u32::MAX));
            // Of fewer accounts than that the check says nothing.
            if traded < limits.zero_accounts_min && !spec.accounts.is_empty() {
                Vec::new()
            } else {
                let traded = traded.max(limits.zero_accounts_min);
                alloc::vec![Reason::AllZeroNotLive(traded), Reason::AllZeroLive(traded)]
            }
        }
        CheckId::AccountFailed => alloc::vec![Reason::AccountsFailed {
            failed: alloc::vec![first],
            listed: expected,
            why: String::new(),
        }],
        CheckId::AccountIdentity => alloc::vec![Reason::AccountsMixedUp {
            accounts: alloc::vec![first],
            detail: String::from("another login answers"),
        }],
        CheckId::PositionsKept => alloc::vec![Reason::PositionsChanged {
            remedy: spec
                .heal
                .ladder
                .first()
                .map_or_else(|| String::from("a heal"), |remedy| remedy.name.clone()),
            gone: 1,
            come: 0,
        }],
        CheckId::EndpointHttp => {
            let expected = String::from("a good one");
            alloc::vec![
                Reason::EndpointSilent(NoAnswer::Refused),
                Reason::EndpointStatus { status: 503, expected }
            ]
        }
        CheckId::EndpointTcp => alloc::vec![Reason::EndpointSilent(NoAnswer::Refused)],
        CheckId::EndpointMongodb => alloc::vec![
            Reason::EndpointSilent(NoAnswer::Refused),
            Reason::DatabaseReadOnly(String::from("no primary")),
        ],
        CheckId::EndpointLatency => match &spec.kind {
            TargetKind::Endpoint(endpoint) => {
                let limit = endpoint.latency_critical;
                alloc::vec![Reason::EndpointSlow { took: limit * 2, limit }]
            }
            TargetKind::Bridge => Vec::new(),
        },
        CheckId::EndpointCertificate => alloc::vec![Reason::CertificateEnded(now)],
    }
}

/// A fault as the name of a step.
pub(crate) fn name_of(fault: &Reason) -> String {
    alloc::format!("If {fault}")
}

#[cfg(test)]
mod tests {
    use crate::ids::TargetId;
    use crate::target::{EndpointSpec, EndpointWay, ExpectedAccount};

    use super::*;

    #[test]
    fn every_check_of_every_kind_has_a_fault_and_none_is_rehearsed_twice() {
        let way = |way| TargetKind::Endpoint(EndpointSpec::new(way));
        let kinds =
            [TargetKind::Bridge, way(EndpointWay::Http), way(EndpointWay::Tcp), way(EndpointWay::Mongodb)];
        for kind in kinds {
            let spec = TargetSpec::new(TargetId::try_new("one").unwrap(), kind);
            let now = Timestamp::from_ms(0);
            for check in &spec.checks {
                assert!(!of_check(check.id, &spec, now).is_empty(), "{} has no fault", check.id);
            }
            let faults = faults(&spec, now);
            let mut codes: Vec<&str> = faults.iter().map(Reason::code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), faults.len());
        }
    }

    #[test]
    fn a_fault_that_could_never_be_found_is_not_rehearsed() {
        let has = |spec: &TargetSpec, code: &str| {
            faults(spec, Timestamp::from_ms(0)).iter().any(|fault| fault.code() == code)
        };
        let mut spec = TargetSpec::bridge(TargetId::try_new("one").unwrap());
        let account = |id| ExpectedAccount::numbered(AccountId::new(id));
        spec.accounts = alloc::vec![account(1), account(2), ExpectedAccount { reserve: true, ..account(3) }];
        let zero = Reason::AllZeroLive(3);
        assert!(
            !has(&spec, zero.code()),
            "two accounts are fewer than the check wants, and a reserve is none"
        );
        spec.accounts.push(account(4));
        assert!(has(&spec, zero.code()));

        let few = Reason::FewSyncing { read: 0, expected: 3, window: spec.thresholds.sync_window };
        assert!(has(&spec, few.code()));
        (spec.thresholds.sync_share_min, spec.thresholds.sync_share_critical) = (0, 0);
        assert!(!has(&spec, few.code()));
    }

    #[test]
    fn a_check_that_is_not_asked_has_no_fault_to_rehearse() {
        let mut spec = TargetSpec::bridge(TargetId::try_new("one").unwrap());
        spec.checks.retain(|check| check.id == CheckId::TerminalBrokerLink);
        assert_eq!(faults(&spec, Timestamp::from_ms(0)), [Reason::LinkLost]);
    }
}
