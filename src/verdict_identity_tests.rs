//! Tables about whose data a bridge tells: login, server and currency.

use super::accounts::placeholder;
use super::*;

fn expected(id: u64, server: &str, currency: &str) -> ExpectedAccount {
    ExpectedAccount {
        server: Some(server.into()),
        currency: Some(currency.into()),
        ..ExpectedAccount::numbered(AccountId::new(id))
    }
}

#[rstest]
#[case::as_expected(Some("Northwind-Live"), Some("USD"), "Up")]
#[case::case_does_not_matter(Some("northwind-live"), Some("usd"), "Up")]
#[case::another_server(Some("Other-Live"), Some("USD"), "Down accounts_mixed_up")]
#[case::another_currency(Some("Northwind-Live"), Some("EUR"), "Down accounts_mixed_up")]
#[case::not_told(None, None, "Unknown not_told")]
fn every_account_must_be_the_one_that_is_expected(
    #[case] server: Option<&str>,
    #[case] currency: Option<&str>,
    #[case] verdict: &str,
) {
    let mut bench = Bench::with(|bench| {
        bench.spec.accounts = alloc::vec![expected(1, "Northwind-Live", "USD")];
        bench.reading.accounts = AccountsReading::Listed(alloc::vec![read_from(1, server, currency, 5.0)]);
    });
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), verdict);
}

#[test]
fn numbers_of_another_account_are_never_used_and_never_make_another_look_stale() {
    let mut bench = Bench::with(|bench| {
        bench.spec.accounts =
            alloc::vec![expected(1, "Northwind-Live", "USD"), expected(2, "Northwind-Live", "USD")];
        bench.reading.accounts = AccountsReading::Listed(alloc::vec![
            read_from(1, Some("Other-Live"), Some("USD"), 999.0),
            read_from(2, Some("Northwind-Live"), Some("USD"), 5.0),
        ]);
    });
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), "Down accounts_mixed_up");
    assert!(!bench.memory.reads.contains_key(&AccountId::new(1)), "999.00 is nobody's balance here");
    for check in [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountFailed] {
        assert_eq!(said(&bench.judges(check)), "Up", "{check}");
    }
}

#[test]
fn a_terminal_on_a_foreign_login_is_a_mix_up_of_all() {
    let mut bench = Bench::with(|bench| {
        bench.spec.accounts = alloc::vec![ExpectedAccount::numbered(AccountId::new(1))];
        bench.reading.terminal.login = Some(AccountId::new(9));
    });
    let judgement = bench.judges(CheckId::AccountIdentity);
    let Some(Reason::AccountsMixedUp { accounts, .. }) = judgement.verdict.reason() else {
        panic!("{judgement:?}");
    };
    assert_eq!(accounts, &[AccountId::new(1)]);
}

#[test]
fn a_bridge_that_logs_in_to_one_account_after_another_mixes_nothing_up() {
    let mut bench = Bench::with(|bench| {
        bench.spec.accounts = alloc::vec![ExpectedAccount::numbered(AccountId::new(1))];
        bench.reading.terminal.login = Some(AccountId::new(7));
    });
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), "Up", "it lists the account itself");
}

#[test]
fn one_account_that_is_none_of_those_expected_is_a_mix_up() {
    let mut bench = Bench::with(|bench| {
        bench.spec.accounts = alloc::vec![ExpectedAccount::numbered(AccountId::new(1))];
        bench.reading.accounts = AccountsReading::Listed(alloc::vec![read(9, noon(), 5.0)]);
    });
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), "Down accounts_mixed_up");
}

fn with_a_stranger(bench: &mut Bench) {
    bench.spec.accounts = (1..=3)
        .map(|id| ExpectedAccount {
            server: Some("Example-Live".into()),
            ..ExpectedAccount::numbered(AccountId::new(id))
        })
        .collect();
    let account = |id: u64| {
        let mut account = read(id, noon(), 1_000.0);
        if let AccountState::Read(read) = &mut account.state {
            read.server = Some(if id == 1 { "Other" } else { "Example-Live" }.into());
        }
        account
    };
    bench.reading.accounts = AccountsReading::Listed((1..=3).map(account).collect());
}

#[test]
fn a_mix_up_is_not_over_until_the_account_is_read_as_its_own() {
    let mut bench = Bench::with(with_a_stranger);
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), "Down accounts_mixed_up");
    bench.fails_now = true;
    let mut accounts = match &bench.reading.accounts {
        AccountsReading::Listed(accounts) => accounts.clone(),
        AccountsReading::NotListed(_) => Vec::new(),
    };
    accounts[0] = placeholder(1);
    bench.reading.accounts = AccountsReading::Listed(accounts);
    assert!(matches!(bench.judges(CheckId::AccountIdentity).verdict, Verdict::Unknown(_)));
}

#[test]
fn a_bridge_that_lists_nothing_now_says_nothing_of_a_mix_up_that_was() {
    let mut bench = Bench::with(with_a_stranger);
    bench.judges(CheckId::AccountIdentity);
    bench.reading.accounts = AccountsReading::NotListed(String::from("its database is gone"));
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), "Unknown not_listed");
}

/// A login that is right says nothing of the account that was mixed up.
#[test]
fn a_mix_up_is_not_over_because_the_list_no_longer_comes() {
    let mut bench = Bench::with(with_a_stranger);
    bench.judges(CheckId::AccountIdentity);
    bench.reading.terminal.login = Some(AccountId::new(2));
    bench.reading.accounts = AccountsReading::NotListed(String::from("its database is gone"));
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), "Unknown not_listed");
}

#[rstest]
#[case::nothing_is_configured(false, None, "Up")]
#[case::the_login_is_told(true, Some(1), "Up")]
#[case::nothing_is_told(true, None, "Unknown not_listed")]
fn without_a_list_accounts_are_known_by_the_login(
    #[case] configured: bool,
    #[case] login: Option<u64>,
    #[case] verdict: &str,
) {
    let mut bench = Bench::with(|bench| {
        if configured {
            bench.spec.accounts = alloc::vec![ExpectedAccount::numbered(AccountId::new(1))];
        }
        bench.reading.terminal.login = login.map(AccountId::new);
        bench.reading.accounts = AccountsReading::NotListed(String::from("it has no such path"));
    });
    assert_eq!(said(&bench.judges(CheckId::AccountIdentity)), verdict);
}
