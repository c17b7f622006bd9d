//! Accounts in the database of another program: its silence is nobody's failure, its numbers are judged like a bridge's.
//!
//! Each story has a server of its own, as it is installed for tests, and a program that writes into it as one of the field does.

use std::time::Duration;

use mongodb::bson::{DateTime, Document, doc};
use mongodb::{Client, Collection};
use rebound::check::CheckId;
use rebound::view::Board;
use rebound_test_mongodb::Server;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::site::{Site, Spoken as _, a_site, check};

/// How often the other program syncs.
const SYNC_EVERY: Duration = Duration::from_millis(200);

/// How old reads may be here. Under what the file allows, so that a story takes seconds.
const FRESH: Duration = Duration::from_secs(8);

const OF_ACCOUNTS: [CheckId; 4] =
    [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountsZero, CheckId::AccountFailed];

/// The program that writes the accounts. It ends with the test.
struct Writer {
    accounts: Collection<Document>,
    syncing: JoinHandle<()>,
}

impl Writer {
    async fn start(server: &Server) -> Self {
        // What is written is on the disk, so that the server may be killed.
        let client = Client::with_uri_str(format!("{}&w=majority&journal=true", server.url())).await.unwrap();
        let accounts = client.database("fidus").collection("mt5_accounts");
        for account in 1_000_001..=1_000_007 {
            let reserve = account == 1_000_007;
            accounts
                .insert_one(doc! { "account": account, "balance": if reserve { 0.0 } else { 1_000.0 }, "currency": "USD" })
                .await
                .unwrap();
        }
        sync(&accounts).await;
        let syncing = syncing(accounts.clone());
        Self { accounts, syncing }
    }

    /// Syncs no more, and goes on to touch its documents.
    fn stops_to_sync(&self) {
        self.syncing.abort();
        let accounts = self.accounts.clone();
        tokio::spawn(async move {
            loop {
                let touched = doc! { "$set": { "updated_at": DateTime::now() } };
                drop(accounts.update_many(doc! {}, touched).await);
                sleep(SYNC_EVERY).await;
            }
        });
    }

    fn syncs_again(&mut self) {
        self.syncing = syncing(self.accounts.clone());
    }
}

fn syncing(accounts: Collection<Document>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            sync(&accounts).await;
            sleep(SYNC_EVERY).await;
        }
    })
}

/// While its database is away it cannot write, and tries again.
async fn sync(accounts: &Collection<Document>) {
    let now = DateTime::now();
    drop(accounts.update_many(doc! {}, doc! { "$set": { "last_sync": now, "updated_at": now } }).await);
}

/// A site whose accounts are in the database of `server`.
async fn site(server: &Server) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("accounts.url");
    std::fs::write(&url, server.url()).unwrap();
    let making = a_site().await.planned(|plan| {
        let from = format!("mongodb = {{ file = {url:?} }}, database = \"fidus\"");
        plan.target = format!("{}\naccounts_from = {{ {from} }}", plan.target);
    });
    let making = making.adjusted(|settings| {
        let thresholds = &mut settings.core.targets[0].thresholds;
        (thresholds.fresh_age_max, thresholds.sync_window) = (FRESH, FRESH);
    });
    let site = making.start().await;
    site.is_well().await;
    site
}

/// Whether every check of accounts is unknown, for the database's sake.
fn is_blind(board: &Board) -> bool {
    OF_ACCOUNTS.iter().all(|id| {
        let check = check(board, *id);
        let reason = check.reason.as_deref().unwrap_or_default();
        check.verdict == "Unknown" && reason.contains("the database \"fidus\" on 127.0.0.1:")
    })
}

/// Whether every check of the bridge itself is good.
fn bridge_is_well(board: &Board) -> bool {
    [CheckId::BridgeReachable, CheckId::BridgeIdentity, CheckId::TerminalIpc, CheckId::TerminalBrokerLink]
        .iter()
        .all(|id| check(board, *id).verdict == "Up")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn while_a_true_mongodb_with_the_accounts_is_away_nothing_is_known_and_nothing_is_healed() {
    let server = Server::start().await;
    let _writer = Writer::start(&server).await;
    let site = site(&server).await;

    server.kill();
    let board = site.until("unknown accounts", is_blind).within(60.s()).await;
    assert!(bridge_is_well(&board));
    site.after_looks(5).await;
    let board = site.until("the same later", is_blind).await;
    assert_eq!((board.targets[0].phase.as_str(), board.targets[0].incident.is_none()), ("Healthy", true));
    let password = server.url().split([':', '@']).nth(2).unwrap().to_owned();
    let shown = serde_json::to_string(&board).unwrap();
    assert!(!shown.contains(&password), "{shown}");

    server.start_again().await;
    site.is_well().await;
    server.freeze();
    let board = site.until("unknown accounts", is_blind).within(60.s()).await;
    assert!(bridge_is_well(&board));
    server.thaw();
    site.is_well().await;
    site.was_left_alone().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn accounts_of_a_true_mongodb_that_are_written_and_not_read_are_healed_and_an_outage_closes_nothing() {
    let server = Server::start().await;
    let mut writer = Writer::start(&server).await;
    let site = site(&server).await;

    writer.stops_to_sync();
    let opened = site.until("an incident", |board| board.targets[0].incident.is_some()).within(60.s()).await;
    assert_eq!(check(&opened, CheckId::AccountsFresh).verdict, "Down");
    server.kill();
    site.until("unknown accounts", is_blind).within(60.s()).await;
    site.after_looks(5).await;
    let board = site.api.board().await;
    assert!(board.targets[0].incident.is_some(), "an outage was taken for a recovery");

    server.start_again().await;
    writer.syncs_again();
    let incident = site.recovers().await;
    assert!(incident.closed.is_some());
    assert_eq!(site.api.board().await.targets[0].phase, "Healthy");
}
