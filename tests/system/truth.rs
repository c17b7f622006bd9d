//! What was not read is never a number, and what is not known is never called up or down.

use rebound::check::CheckId;
use rebound::incident::Severity;
use rebound_sim::Fault;

use crate::browser::Browser;
use crate::configuration::Plan;
use crate::site::{Site, a_site, check, site};

#[tokio::test]
async fn balances_that_are_null_are_not_read_and_nothing_is_restarted() {
    never_read(Fault::NullBalances).await;
}

#[tokio::test]
async fn placeholders_are_not_read_and_nothing_is_restarted() {
    never_read(Fault::Placeholders).await;
}

/// Since its start Rebound has seen nothing but this.
async fn never_read(fault: Fault) {
    let site = a_site().await.with(fault).await.start().await;

    site.until("accounts that are not read", |board| {
        board.targets[0].accounts.iter().all(|account| account.state == "Not read")
    })
    .await;
    site.after_looks(4).await;

    let view = site.target().await;
    assert_eq!(view.accounts.len(), 7);
    for account in &view.accounts {
        assert_eq!((account.balance, account.equity, account.read_at), (None, None, None));
        assert!(!account.live && account.note.is_some());
    }
    shows_no_sum(&site).await;
    let status: serde_json::Value = site.get("/api/system/mt5-watchdog/status").await;
    assert!(status["data_fresh"].is_null() && status["accounts_syncing"].is_null(), "{status}");
    site.was_left_alone().await;
    assert!(site.host.mails().await.is_empty());
}

/// Neither the interface nor the page shows a sum of money.
async fn shows_no_sum(site: &Site) {
    let board = site.text("/api/v1/board").await;
    assert!(board.contains("\"balance\":null") && !board.contains("\"balance\":0"), "{board}");
    let page = Browser::logged_in(site).await.page("/").await;
    assert!(page.contains("Not read") && page.contains("1000001"), "{page}");
    let accounts = page.split("<table").find(|part| part.contains("1000001")).unwrap();
    for sum in ["class=\"money\"", "0.00", "$0", ">0<"] {
        assert!(!accounts.contains(sum), "the page shows {sum}: {accounts}");
    }
    for text in [board, page] {
        assert!(!text.contains("$0"), "{text}");
    }
}

#[tokio::test]
async fn the_last_true_read_stays_and_looks_old() {
    let site = site().await;
    let before = site.target().await.accounts[0].clone();

    site.host.fault(Fault::NullBalances).await;
    site.until("an account that is not read", |board| board.targets[0].accounts[0].state == "Not read").await;

    let after = site.target().await.accounts[0].clone();
    assert!(before.balance.is_some() && after.balance.is_some());
    assert!(!after.balance.unwrap().is_zero());
    assert!(!after.live);
}

#[tokio::test]
async fn zeros_on_live_reads_are_a_warning_and_nothing_is_restarted() {
    let site = site().await;

    site.host.fault(Fault::ZeroBalances).await;
    let mail = site.mail("WARNING").await;
    site.after_looks(3).await;

    let incident = &site.incidents().await[0];
    assert_eq!(incident.severity, Severity::Warning);
    assert_eq!(incident.main_cause().unwrap().reason.code(), "all_zero_live");
    assert!(mail.text.contains("capital may have been moved"), "{}", mail.text);
    site.was_left_alone().await;
}

#[tokio::test]
async fn a_bridge_without_its_database_is_unknown_and_not_restarted() {
    let site = a_site().await.with(Fault::BridgeStoreDown).await.start().await;

    site.finds(CheckId::BridgeReachable, "Up").await;
    site.after_looks(3).await;

    let board = site.board().await;
    for id in [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountsZero] {
        assert_eq!(check(&board, id).verdict, "Unknown");
    }
    assert!(board.targets[0].incident.is_none());
    site.was_left_alone().await;
}

#[tokio::test]
async fn a_wrong_clock_at_the_bridge_is_neither_fresh_nor_stale() {
    let site = site().await;

    site.host.fault(Fault::ClockSkew).await;
    site.after_looks(4).await;

    assert!(site.target().await.incident.is_none());
    site.was_left_alone().await;
}

#[tokio::test]
async fn reads_that_stopped_are_found_though_everything_else_looks_well() {
    // A terminal that came back has time for a round of reads, up to 360 s where accounts need not be read more often.
    let often = |plan: &mut Plan| plan.target.push_str("\nthresholds = { sync_window = \"10s\" }");
    let site = a_site().await.planned(often).start().await;
    site.is_well().await;

    site.host.fault(Fault::SyncStopped).await;
    let incident = site.recovers().await;

    let codes: Vec<&str> = incident.causes.iter().map(|cause| cause.reason.code()).collect();
    assert!(codes.contains(&"stale") && codes.contains(&"few_syncing"), "{codes:?}");
    // The bridge's own restart does not start its read loop again; the host's does.
    let tried: Vec<&str> = incident.steps.iter().map(|step| step.remedy.as_str()).collect();
    assert_eq!(tried, ["reconnect terminal", "restart host"]);
}
