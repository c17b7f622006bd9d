//! Accounts that are read from the database of another program, beside a bridge that answers for itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::{Client, Collection};
use rebound::check::{AccountState, AccountsFrom, AccountsReading, BridgeReading, ProbeOutcome};
use rebound::ids::TargetId;
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Prober as _;
use rebound_probes::{
    ACCOUNTS_MAX, AccountSelection, AccountSource, Beacons, BridgeProbe, BridgeSpec, Dialect, MongodbAddress,
    Probers, SourceError, TargetProbe, Wanted,
};
use rebound_test_mongodb::Server;
use rstest::rstest;
use secrecy::SecretString;
use tokio::time::timeout;

use crate::endpoint_mongo_wire::{MongoWire, Say, hello};
use crate::presets::dialect;
use crate::probing::{LONG, NOW, healthy, request};
use crate::wire::{Act, Wire, nobody};

/// Enough for a server that answers, on a machine that is busy.
const SPAN: Duration = Duration::from_secs(10);
/// For what is waited for to its end.
const SHORT: Duration = Duration::from_secs(3);

fn source(connection: &str, selection: AccountSelection) -> Result<AccountSource, SourceError> {
    AccountSource::try_new(MongodbAddress::new(SecretString::from(connection.to_owned())), selection)
}

/// A probe of a bridge whose accounts are in the database `fidus`.
fn probe(wire: &Wire, connection: &str, only: &[(&str, &str)]) -> BridgeProbe {
    let only =
        only.iter().map(|(field, value)| ((*field).to_owned(), vec![Wanted::Text((*value).to_owned())]));
    let selection = AccountSelection {
        database: Some("fidus".to_owned()),
        only: only.collect(),
        ..AccountSelection::default()
    };
    let accounts_from = Some(source(connection, selection).unwrap());
    BridgeProbe::new(BridgeSpec { accounts_from, ..BridgeSpec::new(wire.url.clone(), dialect("f2")) })
        .unwrap()
}

async fn reading(probe: &BridgeProbe, span: Duration) -> BridgeReading {
    let ProbeOutcome::Bridge(reading) = probe.probe(&request(NOW, span)).await else { panic!("no reading") };
    *reading
}

/// Why no account is told; the bridge is as well as ever.
async fn why_none(probe: &BridgeProbe, span: Duration) -> String {
    let reading = reading(probe, span).await;
    assert_eq!((reading.terminal.connected, reading.store_connected), (Some(true), Some(true)));
    assert_eq!(reading.accounts_from, AccountsFrom::Database);
    let AccountsReading::NotListed(why) = reading.accounts else { panic!("{:?}", reading.accounts) };
    assert!(!why.contains("s3cret") && !why.contains("rebound-test"), "{why}");
    why
}

/// Each account in a word or two.
fn told(reading: &BridgeReading) -> Vec<String> {
    let AccountsReading::Listed(accounts) = &reading.accounts else { panic!("{:?}", reading.accounts) };
    let state = |state: &AccountState| match state {
        AccountState::Read(read) => format!("{} {} s old", read.balance, NOW.since(read.read_at).as_secs()),
        AccountState::NotRead(why) => why.to_string(),
        AccountState::Failed(why) => format!("failed: {why}"),
    };
    accounts.iter().map(|account| format!("{}: {}", account.id, state(&account.state))).collect()
}

/// A server that has these documents.
fn with(documents: Vec<Document>) -> impl Fn(&str) -> Say {
    let documents: Vec<Bson> = documents.into_iter().map(Bson::Document).collect();
    move |command| match command {
        "hello" | "isMaster" => hello(doc! { "isWritablePrimary": true }),
        "find" => Say::This(doc! {
            "cursor": { "id": 0_i64, "ns": "fidus.mt5_accounts", "firstBatch": documents.clone() }, "ok": 1.0,
        }),
        _ => Say::This(doc! { "ok": 1.0 }),
    }
}

/// A server that answers `find` so.
fn finds(said: Say) -> impl Fn(&str) -> Say {
    let others = with(Vec::new());
    move |command| if command == "find" { said.clone() } else { others(command) }
}

fn synced(account: i32, balance: f64, seconds_ago: i64) -> Document {
    let at = DateTime::from_millis(NOW.as_ms() - seconds_ago * 1_000);
    doc! { "account": account, "balance": balance, "server": "Example-Live", "last_sync": at, "updated_at": DateTime::from_millis(NOW.as_ms()) }
}

#[tokio::test]
async fn accounts_are_read_from_the_database_and_the_rest_from_the_bridge() {
    let wire = Wire::answering(healthy).await;
    let database =
        MongoWire::answering(with(vec![synced(1_000_002, 7.0, 60), synced(1_000_001, 12.5, 5)])).await;
    let reading = reading(&probe(&wire, &format!("mongodb://{}/", database.address), &[]), SPAN).await;
    assert_eq!(told(&reading), ["1000001: 12.50 5 s old", "1000002: 7.00 60 s old"]);
    assert_eq!(reading.accounts_from, AccountsFrom::Database);
    assert_eq!(reading.service.as_deref(), Some("FIDUS MT5 Bridge API"));
    assert_eq!(wire.asked("/api/mt5/accounts/summary"), 0, "the bridge is asked for nothing twice");
    let asked: Vec<String> = database.names().into_iter().filter(|name| name != "endSessions").collect();
    assert!(asked.iter().all(|name| ["find", "hello", "isMaster"].contains(&name.as_str())), "{asked:?}");
}

#[rstest]
#[case::nothing_there(
    with(Vec::new()),
    "the collection \"mt5_accounts\" has no document that fits, or is not there"
)]
#[case::no_permission(
    finds(Say::This(doc! { "ok": 0.0, "code": 13, "codeName": "Unauthorized", "errmsg": "not allowed" })),
    "error 13 (Unauthorized): not allowed"
)]
#[case::no_account_number(
    with(vec![doc! { "account": "MT4_7", "balance": 1.0 }]),
    "mt5_accounts lists 1 accounts, none with an account number"
)]
#[case::too_many(
    with((1..=10_001).map(|id| doc! { "account": id }).collect()),
    "more than 10000 documents fit; name fewer by only or except"
)]
#[case::too_large(
    with(vec![doc! { "account": 1, "name": "x".repeat(9 * 1024 * 1024) }]),
    "the documents have more than 8388608 bytes"
)]
#[tokio::test]
async fn a_database_that_gives_no_list_says_why_and_is_named(
    #[case] say: impl Fn(&str) -> Say + Send + Sync + 'static,
    #[case] expected: &str,
) {
    assert_eq!(ACCOUNTS_MAX, 10_000);
    let wire = Wire::answering(healthy).await;
    let database = MongoWire::answering(say).await;
    let url = format!("mongodb://{}/", database.address);
    let why = why_none(&probe(&wire, &url, &[]), SPAN).await;
    let named = format!("the database \"fidus\" on {}: ", database.address);
    assert!(why.starts_with(&named) && why.contains(expected), "{why}");
}

#[tokio::test]
async fn a_refused_login_is_no_trouble_of_the_bridge_and_tells_no_secret() {
    let wire = Wire::answering(healthy).await;
    let said = doc! { "ok": 0.0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no watcher with s3cret" };
    let others = with(Vec::new());
    let database =
        MongoWire::answering(
            move |command| {
                if command == "saslStart" { Say::This(said.clone()) } else { others(command) }
            },
        )
        .await;
    let url = format!("mongodb://watcher:s3cret@{}/?authSource=admin", database.address);
    let why = why_none(&probe(&wire, &url, &[]), SPAN).await;
    assert!(why.contains("the login was refused") && !why.contains("watcher"), "{why}");
}

#[tokio::test]
async fn a_database_where_nothing_listens_is_told_so() {
    let wire = Wire::answering(healthy).await;
    let port = nobody().await.port().unwrap();
    let why = why_none(&probe(&wire, &format!("mongodb://127.0.0.1:{port}/"), &[]), SHORT).await;
    assert_eq!(why, format!("the database \"fidus\" on 127.0.0.1:{port}: the connection was refused"));
}

#[rstest]
#[case::from_the_first_word("isMaster", "no server answers")]
#[case::once_it_is_asked("find", "no complete answer within 2700 ms")]
#[tokio::test]
async fn a_database_that_hangs_is_given_up_before_the_deadline(
    #[case] silent: &'static str,
    #[case] why: &str,
) {
    let wire = Wire::answering(healthy).await;
    let others = with(Vec::new());
    let database =
        MongoWire::answering(move |command| if command == silent { Say::Nothing } else { others(command) })
            .await;
    let said = why_none(&probe(&wire, &format!("mongodb://{}/", database.address), &[]), SHORT).await;
    assert!(said.ends_with(why), "{said}");
}

#[tokio::test]
async fn a_bridge_that_does_not_answer_waits_for_no_database() {
    let database = MongoWire::answering(finds(Say::Nothing)).await;
    let wire = Wire::answering(|_| Act::Close).await;
    let probe = probe(&wire, &format!("mongodb://{}/", database.address), &[]);
    let asked = timeout(SPAN, probe.probe(&request(NOW, LONG))).await;
    assert!(matches!(asked, Ok(ProbeOutcome::NoAnswer(_))), "it waited for the database: {asked:?}");
}

#[tokio::test]
async fn a_slow_database_makes_no_slow_bridge() {
    let wire = Wire::answering(healthy).await;
    let database = MongoWire::answering(finds(Say::Nothing)).await;
    let bridge = TargetProbe::Bridge(probe(&wire, &format!("mongodb://{}/", database.address), &[]));
    let targets = HashMap::from([(TargetId::try_new("mt5").unwrap(), bridge)]);
    let clock = Arc::new(SystemClock::starting_at(NOW));
    let seen = Probers::new(targets, Beacons::default(), clock).probe(&request(NOW, SHORT)).await;
    assert!(matches!(seen.outcome, ProbeOutcome::Bridge(_)), "{seen:?}");
    assert!(seen.latency_ms < 2_000, "the bridge took {} ms", seen.latency_ms);
}

#[test]
fn a_source_that_cannot_work_is_refused_without_a_secret() {
    let refused = |connection: &str| source(connection, AccountSelection::default()).unwrap_err();
    assert_eq!(refused("mongodb://watcher:s3cret@db.example.com/"), SourceError::NoDatabase);
    let error = refused("postgres://watcher:s3cret@db.example.com/fidus").to_string();
    assert!(error.contains("connection string") && !error.contains("s3cret"), "{error}");
}

#[test]
fn a_source_is_shown_with_hosts_and_names_only() {
    let shown =
        source("mongodb://watcher:s3cret@db.example.com:27018/fidus", AccountSelection::default()).unwrap();
    assert_eq!(shown.to_string(), "mt5_accounts in the database \"fidus\" on db.example.com:27018");
    let debug = format!("{shown:?}");
    assert!(!debug.contains("s3cret") && !debug.contains("watcher"), "{debug}");
}

#[test]
fn a_bridge_whose_accounts_are_elsewhere_keeps_the_rest_of_its_dialect() {
    let dialect = Dialect::preset("f2").unwrap().without_accounts();
    assert!(dialect.tells_broker_link() && dialect.tells_service() && !dialect.tells_accounts());
}

async fn collection(url: &str) -> Collection<Document> {
    // What is written is on the disk, so that the server may be killed.
    let url = format!("{url}&w=majority&journal=true");
    Client::with_uri_str(url).await.unwrap().database("fidus").collection("mt5_accounts")
}

/// What a true server must do for the same; each document as a program in the field writes it.
#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_tells_what_is_read_and_what_is_not() {
    let server = Server::start().await;
    let accounts = collection(&server.url()).await;
    let mut stored = synced(1_000_003, 0.0, 0);
    stored.insert("data_source", "VPS_STORED");
    let mut other = synced(1_000_004, 1.0, 0);
    other.insert("server", "Other-Live");
    let text = doc! {
        "account": "1000005", "balance": Bson::Decimal128("12.34".parse().unwrap()), "server": "Example-Live",
        "synced_at": "2025-11-04 01:06:37.03", "positions": ["x".repeat(100_000)],
    };
    let all = [synced(1_000_001, 12.5, 5), synced(1_000_002, 7.0, 7_200), stored, other, text];
    accounts.insert_many(all).await.unwrap();

    let wire = Wire::answering(healthy).await;
    let reading = reading(&probe(&wire, &server.url(), &[("server", "Example-Live")]), SPAN).await;
    assert_eq!(
        told(&reading),
        [
            "1000001: 12.50 5 s old",
            "1000002: 7.00 7200 s old",
            "1000003: it is marked as a placeholder: data_source is \"VPS_STORED\"",
            "1000005: 12.34 22 s old",
        ]
    );
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_that_dies_freezes_and_comes_back_is_followed_by_one_client() {
    let server = Server::start().await;
    let accounts = collection(&server.url()).await;
    accounts.insert_one(synced(1_000_001, 12.5, 5)).await.unwrap();
    let wire = Wire::answering(healthy).await;
    let probe = probe(&wire, &server.url(), &[]);
    let well = ["1000001: 12.50 5 s old".to_owned()];
    assert_eq!(told(&reading(&probe, SPAN).await), well);

    server.kill();
    let why = why_none(&probe, SHORT).await;
    // The connection that was kept may be the first to notice.
    assert!(why.ends_with("the connection was refused") || why.contains("the connection broke"), "{why}");
    let why = why_none(&probe, SHORT).await;
    assert!(why.ends_with("the connection was refused"), "{why}");

    server.start_again().await;
    assert_eq!(told(&reading(&probe, SPAN).await), well);

    server.freeze();
    let why = why_none(&probe, SHORT).await;
    assert!(why.ends_with("no complete answer within 2700 ms"), "{why}");

    server.thaw();
    assert_eq!(told(&reading(&probe, SPAN).await), well);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_refuses_a_wrong_login() {
    let server = Server::start().await;
    let wire = Wire::answering(healthy).await;
    let url = server.url().replacen('@', "-not@", 1);
    let why = why_none(&probe(&wire, &url, &[]), SPAN).await;
    assert!(why.contains("the login was refused"), "{why}");
}
