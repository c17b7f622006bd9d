//! Accounts that are read from a database of another program: its silence is nobody's failure and nobody's recovery.

use alloc::string::ToString as _;

use super::*;
use crate::check::AccountsFrom;

const GONE: &str = "the database \"fidus\" on 127.0.0.1:27017: the connection was refused";

/// Accounts that were last read so long ago, all of them with that balance.
fn from_database(age: u64, balance: f64) -> Bench {
    let mut bench = Bench::healthy();
    let at = noon().before(seconds(age));
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, at, balance)).collect());
    bench.reading.accounts_from = AccountsFrom::Database;
    bench
}

/// The database is gone from now on.
fn gone(bench: &mut Bench) {
    bench.reading.accounts = AccountsReading::NotListed(String::from(GONE));
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
#[case::zero(CheckId::AccountsZero)]
#[case::failed(CheckId::AccountFailed)]
fn a_database_that_was_never_reached_is_unknown_and_named(#[case] check: CheckId) {
    for watched in [0, 7_200] {
        let mut bench = from_database(0, 1_000.0);
        bench.watching_since = noon().before(seconds(watched));
        gone(&mut bench);
        let judgement = bench.judges(check);
        assert_eq!(said(&judgement), "Unknown accounts_not_seen");
        let sentence = judgement.verdict.reason().unwrap().to_string();
        assert_eq!(sentence, alloc::format!("the accounts cannot be read: {GONE}"));
    }
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
#[case::zero(CheckId::AccountsZero)]
#[case::failed(CheckId::AccountFailed)]
fn reads_that_grow_old_while_nobody_sees_them_are_unknown(#[case] check: CheckId) {
    for balance in [1_000.0, 0.0] {
        let mut bench = from_database(0, balance);
        bench.judges(check);
        gone(&mut bench);
        for age in [901, 7_200, 48 * 3_600] {
            bench.now = noon().after(seconds(age));
            assert_eq!(said(&bench.judges(check)), "Unknown accounts_not_seen", "{balance} after {age} s");
        }
    }
}

#[test]
fn a_read_that_was_seen_counts_as_long_as_it_is_fresh() {
    let mut bench = from_database(60, 1_000.0);
    bench.judges(CheckId::AccountsFresh);
    gone(&mut bench);
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Up");
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), "Up");
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
#[case::zero(CheckId::AccountsZero)]
#[case::failed(CheckId::AccountFailed)]
fn what_an_incident_is_about_is_not_proven_well_by_reads_of_before(#[case] check: CheckId) {
    let mut bench = from_database(60, 1_000.0);
    bench.judges(check);
    gone(&mut bench);
    bench.cause = Some(Reason::Stale { age: seconds(1_000), age_max: seconds(900) });
    bench.fails_now = true;
    assert_eq!(said(&bench.judges(check)), "Unknown accounts_not_seen");
}

#[test]
fn a_bridge_that_lists_nothing_proves_nothing_either() {
    let mut bench = Bench::healthy();
    bench.judges(CheckId::AccountsFresh);
    bench.reading.accounts = AccountsReading::NotListed(String::from("MongoDB not available"));
    bench.cause = Some(Reason::Stale { age: seconds(1_000), age_max: seconds(900) });
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Unknown not_listed");
}

#[test]
fn nothing_is_healed_for_a_database() {
    let reason = Reason::AccountsNotSeen(String::from(GONE));
    assert_eq!((reason.help(), reason.layer()), (Help::Nothing, crate::reason::Layer::Service));
}

#[test]
fn the_bridge_is_as_well_as_it_says_while_the_database_is_gone() {
    let mut bench = from_database(0, 1_000.0);
    gone(&mut bench);
    for check in [CheckId::BridgeReachable, CheckId::TerminalIpc, CheckId::TerminalBrokerLink] {
        assert_eq!(said(&bench.judges(check)), "Up", "{check}");
    }
}

#[rstest]
#[case::stale(901, 1_000.0, CheckId::AccountsFresh, "Down stale")]
#[case::few(901, 1_000.0, CheckId::AccountsSyncing, "Down few_syncing")]
#[case::zero(60, 0.0, CheckId::AccountsZero, "Degraded all_zero_live")]
#[case::well(60, 1_000.0, CheckId::AccountsFresh, "Up")]
fn what_the_database_tells_is_judged_as_what_a_bridge_tells(
    #[case] age: u64,
    #[case] balance: f64,
    #[case] check: CheckId,
    #[case] expected: &str,
) {
    assert_eq!(said(&from_database(age, balance).judges(check)), expected);
}

#[rstest]
#[case::of_the_bridge(AccountsFrom::Bridge, "Down stale")]
#[case::of_another_program(AccountsFrom::Database, "Up")]
fn a_wrong_clock_of_the_bridge_moves_only_what_the_bridge_read(
    #[case] from: AccountsFrom,
    #[case] expected: &str,
) {
    let mut bench = from_database(300, 1_000.0);
    bench.reading.accounts_from = from;
    bench.reading.bridge_time = Some(noon().after(seconds(3_600)));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), expected);
}

/// The list was away so long, with reads that were fresh before, and is back for so long; no account was read since.
fn back(away: u64, back_for: u64) -> Bench {
    let mut bench = from_database(0, 1_000.0);
    bench.able_since = Some(noon().before(seconds(7_200)));
    bench.judges(CheckId::AccountsFresh);
    let listed = bench.reading.accounts.clone();
    gone(&mut bench);
    bench.now = noon().after(seconds(1));
    bench.judges(CheckId::AccountsFresh);
    bench.reading.accounts = listed;
    bench.now = noon().after(seconds(away));
    bench.judges(CheckId::AccountsFresh);
    bench.now = noon().after(seconds(away + back_for));
    bench
}

#[rstest]
#[case::just_back(7_200, 0, "Unknown not_read_yet")]
#[case::a_round_of_reads_later(7_200, 359, "Unknown not_read_yet")]
#[case::and_still_not_read(7_200, 360, "Down stale")]
#[case::away_for_less_than_a_round(300, 601, "Down stale")]
fn whoever_could_not_write_while_the_database_was_away_is_given_a_round(
    #[case] away: u64,
    #[case] back_for: u64,
    #[case] expected: &str,
) {
    assert_eq!(said(&back(away, back_for).judges(CheckId::AccountsFresh)), expected);
}

#[rstest]
#[case::syncing(CheckId::AccountsSyncing, "Unknown not_read_yet", "Down few_syncing")]
#[case::failed(CheckId::AccountFailed, "Unknown not_read_yet", "Unknown not_read_yet")]
fn no_account_is_late_in_that_round(#[case] check: CheckId, #[case] within: &str, #[case] after: &str) {
    assert_eq!(said(&back(7_200, 10).judges(check)), within);
    assert_eq!(said(&back(7_200, 400).judges(check)), after);
}
