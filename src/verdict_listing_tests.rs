//! Account lists that cannot be read in full: entries without an account, and entries that disagree.

use alloc::string::ToString;

use super::*;
use crate::check::NamelessEntries;

const CHECKS: [CheckId; 4] =
    [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountsZero, CheckId::AccountFailed];

fn contradicted(id: u64) -> AccountReading {
    let state = AccountState::NotRead(NotRead::Contradicted(String::from("10.00 and 20.00")));
    AccountReading { id: AccountId::new(id), name: None, state }
}

fn nameless(bench: &mut Bench) {
    bench.reading.nameless =
        Some(NamelessEntries { entries: 2, why: String::from("the entry 8 has no field \"account\"") });
}

fn configured(bench: &mut Bench, accounts: u64) {
    bench.spec.accounts = (1..=accounts).map(|id| ExpectedAccount::numbered(AccountId::new(id))).collect();
}

fn told(judgement: &Judgement) -> (String, String) {
    (said(judgement), value(judgement).unwrap_or_default())
}

#[test]
fn entries_that_name_no_account_are_a_warning_where_the_list_says_what_is_expected() {
    let mut bench = Bench::with(nameless);
    let failed = bench.judges(CheckId::AccountFailed);
    assert_eq!(told(&failed), ("Degraded list_unclear".into(), "0 of 7, 2 unclear".into()));
    let sentence = failed.verdict.reason().unwrap().to_string();
    assert!(sentence.contains("2 entries name no account: the entry 8 has no field"), "{sentence}");
    assert!(matches!(failed.verdict.reason().unwrap().help(), Help::Person(_)));
    assert_eq!(told(&bench.judges(CheckId::AccountsSyncing)), ("Up".into(), "7 of 7, 2 unclear".into()));
}

#[test]
fn entries_that_name_no_account_concern_nobody_where_all_that_is_expected_is_there() {
    let mut bench = Bench::with(nameless);
    configured(&mut bench, 7);
    assert_eq!(told(&bench.judges(CheckId::AccountFailed)), ("Up".into(), "0 of 7".into()));
}

#[test]
fn an_expected_account_that_may_be_the_entry_without_a_number_is_said_so() {
    let mut bench = Bench::with(nameless);
    configured(&mut bench, 8);
    let failed = bench.judges(CheckId::AccountFailed);
    assert_eq!(said(&failed), "Degraded accounts_failed");
    assert!(failed.verdict.reason().unwrap().to_string().contains("the entry 8 has no field"));
}

#[test]
fn entries_that_disagree_about_one_account_are_a_warning_and_no_numbers() {
    let mut bench = Bench::healthy();
    let accounts = (1..=6).map(|id| read(id, noon(), 0.0)).chain([contradicted(7)]);
    bench.reading.accounts = AccountsReading::Listed(accounts.collect());
    let failed = bench.judges(CheckId::AccountFailed);
    assert_eq!(told(&failed), ("Degraded list_unclear".into(), "0 of 6, 1 unclear".into()));
    let sentence = failed.verdict.reason().unwrap().to_string();
    assert!(sentence.contains("7: it is listed more than once"), "{sentence}");
    let zero = bench.judges(CheckId::AccountsZero);
    assert_eq!(told(&zero), ("Degraded all_zero_live".into(), "6 of 6 at 0, 1 unclear".into()));
}

#[test]
fn a_list_that_contradicts_itself_everywhere_heals_nothing() {
    for age in [0, 3_600] {
        let mut bench = Bench::with(|bench| bench.watching_since = noon().before(seconds(age)));
        bench.reading.accounts = AccountsReading::Listed((1..=7).map(contradicted).collect());
        for check in CHECKS {
            let judgement = bench.judges(check);
            let heals = judgement.verdict.reason().map(Reason::help);
            assert!(matches!(heals, Some(Help::Person(_) | Help::Nothing)), "{check}: {judgement:?}");
        }
        assert_eq!(said(&bench.judges(CheckId::AccountFailed)), "Degraded list_unclear");
    }
}

#[test]
fn accounts_that_were_never_read_are_found_beside_one_that_contradicts_itself() {
    let mut bench = Bench::healthy();
    let unread = |id| AccountReading {
        id: AccountId::new(id),
        name: None,
        state: AccountState::NotRead(NotRead::BalanceUnreadable(String::from("NaN"))),
    };
    bench.reading.accounts = AccountsReading::Listed((1..=6).map(unread).chain([contradicted(7)]).collect());
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Down never_read");
}

#[test]
fn an_account_that_fails_is_named_before_the_list() {
    let mut bench = Bench::with(nameless);
    let failed = AccountState::Failed(String::from("login failed"));
    let last = AccountReading { id: AccountId::new(7), name: None, state: failed };
    let accounts = (1..=6).map(|id| read(id, noon(), 1_000.0)).chain([last]);
    bench.reading.accounts = AccountsReading::Listed(accounts.collect());
    let judgement = bench.judges(CheckId::AccountFailed);
    assert_eq!(told(&judgement), ("Degraded accounts_failed".into(), "1 of 7, 2 unclear".into()));
}
