//! One look at a bridge that answers over a true connection, and at one that does not.

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::routing::get;
use rebound_engine::clock::SystemClock;
use tokio::net::TcpListener;

use super::look;
use crate::config::{Problems, Settings, parse};

const HEALTH: &str = r#"{"status":"healthy","mt5":{"available":true,"terminal_info":{"connected":false,"trade_allowed":true}},
    "mongodb":{"connected":true}}"#;
const ACCOUNTS: &str = r#"{"accounts":[{"account":1000001,"balance":0.0,"note":"No cached data"}]}"#;

fn settings(address: SocketAddr) -> Settings {
    let text =
        format!("store = {{ path = \"memory\" }}\n[[targets]]\nid = \"mt5\"\nurl = \"http://{address}\"\n");
    parse(&text, Path::new("."), &|_| None, Problems::new(Path::new("test"))).unwrap()
}

/// The same with its accounts in a database where nothing listens.
fn settings_with_database(address: SocketAddr, database: SocketAddr) -> Settings {
    let text = format!(
        "store = {{ path = \"memory\" }}\n[[targets]]\nid = \"mt5\"\nurl = \"http://{address}\"\ntimeout = \"2s\"\n\
         [targets.accounts_from]\nmongodb = {{ env = \"URL\" }}\n"
    );
    let url = format!("mongodb://reader:hunter2@{database}/fidus");
    parse(&text, Path::new("."), &|_| Some(url.clone()), Problems::new(Path::new("test"))).unwrap()
}

/// A bridge in F-2 that has lost its link and read nothing.
async fn bridge() -> SocketAddr {
    bridge_with(ACCOUNTS).await
}

/// The same with other accounts.
async fn bridge_with(accounts: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/api/mt5/bridge/health", get(|| async { HEALTH }))
        .route("/api/mt5/accounts/summary", get(move || async move { accounts }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn one_look_shows_what_is_read_and_how_it_is_judged() {
    let settings = settings(bridge().await);
    let text = look(&settings, "mt5", &SystemClock::start()).await.unwrap();
    for part in [
        "mt5 \"mt5\": ",
        "GET /api/mt5/bridge/health, status 200, as health of \"f2\"",
        "health.connected           false   (at mt5.terminal_info.connected)",
        "account 1000001 does not count as read",
        "terminal.broker_link      Down      not connected",
        "the terminal has lost its connection to the broker",
        "a remedy may help from the rung soft on",
        "Nothing was healed",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[tokio::test]
async fn entries_that_cannot_be_read_are_shown_as_that() {
    let accounts = r#"{"accounts":[{"account":1,"balance":5.0,"last_sync":"2025-11-04T01:06:37Z"},
        {"account":1,"balance":6.0,"last_sync":"2025-11-04T01:06:37Z"},{"account":"MT4_7","balance":7.0}]}"#;
    let settings = settings(bridge_with(accounts).await);
    let text = look(&settings, "mt5", &SystemClock::start()).await.unwrap();
    for part in [
        "NOT READ: names no account",
        "account 1 does not count as read after all: it is listed more than once",
        "account.failed            Degraded",
        "1: it is listed more than once, and not alike: 5.00 at 2025-11-04 01:06:37 UTC; 6.00 at",
        "an entry names no account: in the entry 2 (from 0), \"account\" is \"MT4_7\", no account number",
        "Remove what is there twice",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_shown_beside_a_bridge_that_does() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let settings = settings_with_database(bridge().await, nobody);
    let text = look(&settings, "mt5", &SystemClock::start()).await.unwrap();
    for part in [
        "GET /api/mt5/bridge/health, status 200, as health of \"f2\"".to_owned(),
        format!(
            "find mt5_accounts in the database \"fidus\" on {nobody}\n  the database \"fidus\" on {nobody}: the connection was refused"
        ),
        "bridge.reachable          Up".to_owned(),
        "accounts.fresh            Unknown   the accounts cannot be read: the database \"fidus\" on"
            .to_owned(),
    ] {
        assert!(text.contains(&part), "{part}\nis not in\n{text}");
    }
    assert!(!text.contains("accounts/summary") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_shown_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = settings(listener.local_addr().unwrap());
    drop(listener);
    let text = look(&settings, "mt5", &SystemClock::start()).await.unwrap();
    assert!(text.contains("the connection was refused") && text.contains("bridge.reachable"), "{text}");
}

#[tokio::test]
async fn a_target_that_is_not_configured_names_those_that_are() {
    let settings = settings("127.0.0.1:1".parse().unwrap());
    let error = look(&settings, "other", &SystemClock::start()).await.unwrap_err().to_string();
    assert_eq!(error, "no target \"other\" is configured; there are mt5");
}
