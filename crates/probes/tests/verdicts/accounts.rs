//! Accounts in the situations that were recorded: placeholders, zeros, old reads, other accounts' data.

use rebound::ids::AccountId;
use rebound::target::ExpectedAccount;
use rebound::verdict::Reallocation;
use rstest::rstest;

use super::{Around, Page, expect, numbered};
use crate::probing::{LONG, NOW};

const ROOT: Page = ("/", 200, "root");
const HEALTHY: Page = ("/api/mt5/bridge/health", 200, "health_healthy");
const NO_POSITIONS: &str = "positions.kept Unknown not_told";

fn summary(status: u16, file: &'static str) -> Page {
    ("/api/mt5/accounts/summary", status, file)
}

/// F-2 with these accounts expected.
async fn f2(health: &'static str, accounts: Page, expected: &[ExpectedAccount], not_up: &[&str]) {
    let around = Around { accounts: expected.to_vec(), ..Around::default() };
    expect("f2", &[ROOT, ("/api/mt5/bridge/health", 200, health), accounts], around, not_up).await;
}

#[rstest]
#[case::live_data_null_and_stored_data(200, "accounts_live_null", &[
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    NO_POSITIONS,
])]
#[case::accounts_is_an_object(200, "accounts_offline", &[
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    NO_POSITIONS,
])]
#[case::stored_and_failed(200, "accounts_stored", &[
    "accounts.fresh Down never_read",
    "accounts.syncing Down never_read",
    "accounts.zero Unknown not_read_yet",
    "account.failed Unknown not_read_yet",
    NO_POSITIONS,
])]
#[case::balances_null(200, "accounts_null_balances", &[
    "accounts.fresh Down placeholders_only",
    "accounts.syncing Down placeholders_only",
    "accounts.zero Unknown not_read_yet",
    "account.failed Unknown not_read_yet",
    NO_POSITIONS,
])]
#[case::numbers_four_days_old_and_all_green(200, "accounts_four_days_old", &[
    "accounts.fresh Down stale",
    "accounts.syncing Down few_syncing",
    "account.failed Unknown not_read_yet",
    NO_POSITIONS,
])]
#[case::one_of_three_at_zero(200, "accounts_one_zero", &[NO_POSITIONS])]
#[case::one_of_three_failed(200, "accounts_one_failed", &["account.failed Degraded accounts_failed", NO_POSITIONS])]
#[case::updated_at_in_every_shape(200, "accounts_times", &["account.failed Degraded accounts_failed", NO_POSITIONS])]
#[tokio::test]
async fn f2_accounts(#[case] status: u16, #[case] file: &'static str, #[case] not_up: &[&str]) {
    f2("health_healthy", summary(status, file), &[], not_up).await;
}

#[tokio::test]
async fn accounts_behind_a_store_that_is_down_are_nobodys_failure() {
    let not_up = [
        "accounts.fresh Unknown not_listed",
        "accounts.syncing Unknown not_listed",
        "accounts.zero Unknown not_listed",
        "account.failed Unknown not_listed",
        "account.identity Unknown not_listed",
        NO_POSITIONS,
    ];
    f2("health_store_down", summary(503, "accounts_store_down"), &numbered(&[1001]), &not_up).await;
}

#[rstest]
#[case::placeholders("f4", "accounts_first_refresh", &[
    "terminal.trading_allowed Degraded trading_off",
    "accounts.fresh Down placeholders_only",
    "accounts.syncing Down placeholders_only",
    "accounts.zero Unknown not_read_yet",
    "account.failed Unknown not_read_yet",
    NO_POSITIONS,
])]
#[case::ten_placeholders_and_one_that_may_be_old("f3", "accounts_ten_placeholders", &[
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    NO_POSITIONS,
])]
#[case::placeholders_only("f3", "accounts_placeholders_only", &[
    "accounts.fresh Down placeholders_only",
    "accounts.syncing Down placeholders_only",
    "accounts.zero Unknown not_read_yet",
    "account.failed Unknown not_read_yet",
    NO_POSITIONS,
])]
#[tokio::test]
async fn zeros_that_were_never_read_are_no_zeros(
    #[case] name: &str,
    #[case] file: &'static str,
    #[case] not_up: &[&str],
) {
    expect(name, &[HEALTHY, summary(200, file)], Around::default(), not_up).await;
}

#[rstest]
#[case::by_reallocation_with_fresh_reads("health_healthy", &[
    "accounts.zero Degraded all_zero_live",
    NO_POSITIONS,
])]
#[case::and_not_connected("health_link_lost", &[
    "terminal.broker_link Down link_lost",
    "accounts.zero Down all_zero_not_live",
    NO_POSITIONS,
])]
#[tokio::test]
async fn all_zero(#[case] health: &'static str, #[case] not_up: &[&str]) {
    f2(health, summary(200, "accounts_all_zero"), &[], not_up).await;
}

#[tokio::test]
async fn all_zero_by_a_declared_reallocation_is_no_trouble() {
    let declared = Reallocation {
        accounts: Vec::new(),
        from: NOW.before(LONG),
        until: NOW.after(LONG),
        by: "ana".to_owned(),
    };
    let around = Around { declared: vec![declared], ..Around::default() };
    let pages = [ROOT, HEALTHY, summary(200, "accounts_all_zero")];
    expect("f2", &pages, around, &[NO_POSITIONS]).await;
}

#[tokio::test]
async fn all_zero_on_reserve_accounts_only_is_their_ordinary_state() {
    let reserve = |id| ExpectedAccount { reserve: true, ..ExpectedAccount::numbered(AccountId::new(id)) };
    let accounts: Vec<ExpectedAccount> = [1001, 1002, 1003, 1004].map(reserve).to_vec();
    f2("health_healthy", summary(200, "accounts_all_zero"), &accounts, &[NO_POSITIONS]).await;
}

#[tokio::test]
async fn an_account_that_never_appears_is_told() {
    let not_up = ["account.failed Degraded accounts_failed", NO_POSITIONS];
    let expected = numbered(&[1001, 1002, 1003, 1009]);
    f2("health_healthy", summary(200, "accounts_healthy"), &expected, &not_up).await;
}

#[tokio::test]
async fn an_account_that_answers_from_another_server_is_not_believed() {
    let expected = [1001, 1002].map(|id| ExpectedAccount {
        server: Some("Northwind-Live".into()),
        currency: Some("USD".into()),
        ..ExpectedAccount::numbered(AccountId::new(id))
    });
    let not_up = ["account.identity Down accounts_mixed_up", NO_POSITIONS];
    f2("health_healthy", summary(200, "accounts_other_server"), &expected, &not_up).await;
}
