//! Kills and freezes a MongoDB server while a store commits, again and again, and looks for what it had been told was kept.

#![expect(clippy::unwrap_used, reason = "a test panics where it cannot go on")]

use std::sync::atomic::{AtomicBool, Ordering};

use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::{PAGE_MAX, StateRecord, Store, StoreError};
use rebound_store::{MongodbAddress, MongodbStore};
use rebound_test_mongodb::Server;
use tokio::sync::watch;

/// Commits that must be acknowledged before the server is killed, one round each.
const ROUNDS: [i64; 8] = [1, 5, 20, 2, 33, 8, 1, 13];

/// Most times that one commit is tried: the server is back before.
const TRIES_MAX: u32 = 100;

async fn a_store(server: &Server) -> MongodbStore {
    MongodbStore::open(&MongodbAddress::try_new(&server.url(), None).unwrap(), None).await.unwrap()
}

fn entry(number: i64) -> JournalEntry {
    let fact = Fact::Phase { phase: "Healthy".to_owned(), because: "x".repeat(200) };
    JournalEntry { at: Timestamp::from_ms(number), target: None, incident: None, fact }
}

fn record(number: i64) -> StateRecord {
    StateRecord { key: "last".to_owned(), body: number.to_string() }
}

/// Sends a commit as the engine does: what was refused stands before what came after it, until all is kept.
async fn commit(
    store: &MongodbStore,
    waiting: &mut Vec<JournalEntry>,
    number: i64,
) -> Result<(), StoreError> {
    waiting.push(entry(number));
    store.commit(waiting, &[record(number)]).await?;
    waiting.clear();
    Ok(())
}

/// The server is back: commits after `number` until one is kept, and returns its number.
async fn goes_on(store: &MongodbStore, waiting: &mut Vec<JournalEntry>, mut number: i64) -> i64 {
    for _ in 0..TRIES_MAX {
        number += 1;
        if commit(store, waiting, number).await.is_ok() {
            return number;
        }
    }
    panic!("the server is back, and the store refuses still");
}

/// The numbers in the journal, in its order.
async fn numbers(store: &MongodbStore) -> Vec<i64> {
    let mut numbers = Vec::new();
    let mut after = 0;
    loop {
        let page = store.journal(after, PAGE_MAX).await.unwrap();
        let Some((last, _)) = page.last() else { return numbers };
        after = *last;
        numbers.extend(page.iter().map(|(_, entry)| entry.at.as_ms()));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_killed_during_commits_has_each_of_them_once() {
    let server = Server::start().await;
    let store = a_store(&server).await;
    let (mut number, mut refused) = (0, 0);
    let mut waiting = Vec::new();
    for until in ROUNDS {
        let is_killed = AtomicBool::new(false);
        let (told, mut heard) = watch::channel(0);
        let writing = async {
            let mut kept = 0;
            while !is_killed.load(Ordering::Relaxed) {
                number += 1;
                match commit(&store, &mut waiting, number).await {
                    Ok(()) => kept += 1,
                    Err(StoreError::Unavailable(_)) => refused += 1,
                    Err(error) => panic!("{error}"),
                }
                told.send_replace(kept);
            }
        };
        let killing = async {
            heard.wait_for(|kept| *kept >= until).await.unwrap();
            tokio::task::block_in_place(|| server.kill());
            is_killed.store(true, Ordering::Relaxed);
        };
        tokio::join!(writing, killing);
        server.start_again().await;
        number = goes_on(&store, &mut waiting, number).await;
        let expected: Vec<i64> = (1..=number).collect();
        assert_eq!(numbers(&store).await, expected, "each number once, in order");
        assert_eq!(store.load_state().await, Ok(vec![record(number)]));
    }
    println!("{} rounds, {number} commits, {refused} refused, none lost, none twice", ROUNDS.len());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_frozen_during_commits_has_each_of_them_once() {
    let server = Server::start().await;
    let store = a_store(&server).await;
    let mut waiting = Vec::new();
    let mut number = 0;
    for _ in 0..3 {
        number += 1;
        commit(&store, &mut waiting, number).await.unwrap();
        server.freeze();
        number += 1;
        let refused = commit(&store, &mut waiting, number).await.unwrap_err();
        assert!(refused.to_string().contains("no answer within 3.5 s"), "{refused}");
        server.thaw();
        number = goes_on(&store, &mut waiting, number).await;
        let expected: Vec<i64> = (1..=number).collect();
        assert_eq!(numbers(&store).await, expected, "each number once, in order");
        // Also for one that reads all of it anew.
        assert_eq!(numbers(&a_store(&server).await).await, expected);
    }
}
