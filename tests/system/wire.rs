//! Whatever a bridge sends: the board names it, the server lives on, no number is made up.

use rebound::check::CheckId;
use rebound_sim::Fault;

use crate::site::{a_site, check};

macro_rules! named_on_the_board {
    ($($name:ident: $fault:ident, $reason:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            is_named_and_survived(Fault::$fault, $reason).await;
        }
    )*};
}

named_on_the_board! {
    a_bridge_that_hangs: Hang, "no complete answer within";
    a_bridge_that_is_too_slow: Slow, "no complete answer within";
    a_body_that_comes_byte_by_byte: SlowLoris, "no complete answer within";
    a_body_that_breaks_off: HalfBody, "the connection broke in the middle of the answer";
    a_body_that_is_no_json: GarbageJson, "did not answer with JSON";
    a_body_of_megabytes: HugeBody, "answered with more than";
    a_redirect: Redirect, "redirects are refused";
    an_error_of_the_bridge: Http500, "answered with status 500";
    a_port_that_is_closed: ProcessDown, "the connection was refused";
}

async fn is_named_and_survived(fault: Fault, reason: &str) {
    let site = a_site().await.without_remedies().start().await;
    site.is_well().await;

    site.host.fault(fault).await;
    let named = |board: &rebound::view::Board| {
        let found = check(board, CheckId::BridgeReachable);
        found.verdict == "Down" && found.reason.as_ref().is_some_and(|told| told.contains(reason))
    };
    let board = site.until(reason, named).await;

    for account in &board.targets[0].accounts {
        assert!(!account.live, "account {} looks live behind a bridge that does not answer", account.id);
        assert!(account.balance.is_some_and(|balance| !balance.is_zero()) || account.reserve);
    }
    assert_eq!(site.host.redirects_followed().await, 0);
    site.shows("Needs a person").await;
    assert_eq!(
        site.alerts().await.len(),
        1,
        "accounts behind a dead bridge are blind, not alerts of their own"
    );
    site.host.clear(fault).await;
    site.is_well().await;
    assert_eq!(site.api.get::<serde_json::Value>("/health").await["status"], "ok");
}

#[tokio::test]
async fn numbers_that_no_account_can_have_are_not_read() {
    are_not_read(Fault::HugeNumbers).await;
}

#[tokio::test]
async fn numbers_that_are_none_are_not_read() {
    are_not_read(Fault::Nan).await;
}

async fn are_not_read(fault: Fault) {
    let site = a_site().await.without_remedies().with(fault).await.start().await;

    let board = site.finds(CheckId::BridgeReachable, "Up").await;

    for account in &board.targets[0].accounts {
        assert_eq!((account.balance, account.live), (None, false), "account {}", account.id);
        assert!(account.note.as_ref().is_some_and(|note| note.contains("no number")), "{:?}", account.note);
    }
}
