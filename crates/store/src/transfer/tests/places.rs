//! The same with files and a true server: opened again, refused while half done, round and round.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rebound::ids::TargetId;
use rebound_test_mongodb::url;

use super::*;
use crate::{MongodbAddress, MongodbStore, SqliteStore};

async fn file(folder: &Path, name: &str) -> SqliteStore {
    SqliteStore::open_recipient(&folder.join(name)).await.unwrap()
}

/// The address of a database that nobody else uses.
async fn a_database() -> MongodbAddress {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rebound_transfer_{}_{number}", std::process::id());
    MongodbAddress::try_new(url().await, None).unwrap().with_database(&name)
}

async fn database(address: &MongodbAddress) -> MongodbStore {
    MongodbStore::open_recipient(address, Some(TargetId::try_new("mt5").unwrap())).await.unwrap()
}

/// Copies the first `pages` pages only.
async fn transfer_cut_off(from: &dyn Store, to: &dyn Recipient, pages: usize) {
    let whole = contents(from).await;
    let begun = start(to, &whole, &mut |_| {}).await.unwrap();
    let mut records = CutOff { records: StoreRecords::of(from), pages };
    copy(&mut records, to, begun.journal(), &mut |_| {}).await.unwrap_err();
}

#[tokio::test]
async fn a_half_done_file_opens_for_its_transfer_only() {
    let folder = tempfile::tempdir().unwrap();
    let from = a_source().await;
    for pages in 0..7 {
        let store = file(folder.path(), "half.db").await;
        transfer_cut_off(&from, &store, pages).await;
        store.close().await.unwrap();
        let refused = SqliteStore::open(&folder.path().join("half.db")).await.unwrap_err().to_string();
        assert!(refused.contains("half.db holds a part of a migration or import"), "{refused}");
    }
    let store = file(folder.path(), "half.db").await;
    assert_eq!(transfer(&from, &store).await.unwrap(), Start::GoesOn { journal: 1_210 });
    store.close().await.unwrap();
    let whole = SqliteStore::open(&folder.path().join("half.db")).await.unwrap();
    assert_eq!(contents(&whole).await, contents(&from).await);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_half_done_database_of_a_true_mongodb_opens_for_its_transfer_only() {
    let address = a_database().await;
    let from = a_source().await;
    for pages in [0, 1, 2, 4, 6] {
        transfer_cut_off(&from, &database(&address).await, pages).await;
        let refused = MongodbStore::open(&address, None).await.unwrap_err().to_string();
        assert!(refused.contains("holds a part of a migration or import"), "{refused}");
    }
    assert_eq!(transfer(&from, &database(&address).await).await.unwrap(), Start::GoesOn { journal: 1_210 });
    let whole = MongodbStore::open(&address, None).await.unwrap();
    assert_eq!(contents(&whole).await, contents(&from).await);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_round_trip_through_a_file_and_a_true_mongodb_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let memory = a_source().await;
    let first = file(folder.path(), "first.db").await;
    transfer(&memory, &first).await.unwrap();
    // Pruned as after 400 days: incidents and alerts stay.
    assert_eq!(first.prune(samples::at(100)).await, Ok(10 + 800 + 99));
    let whole = contents(&first).await;

    let second = file(folder.path(), "second.db").await;
    let mut lines = ExportReader::open("x.jsonl", Box::new(Cursor::new(exported(&first).await))).unwrap();
    start(&second, &whole, &mut |_| {}).await.unwrap();
    copy(&mut lines, &second, 0, &mut |_| {}).await.unwrap();
    finish(&second, &whole, &mut |_| {}).await.unwrap();
    let (third, fourth) = (database(&a_database().await).await, file(folder.path(), "fourth.db").await);
    transfer(&second, &third).await.unwrap();
    transfer(&third, &fourth).await.unwrap();

    assert_eq!(
        whole.counts(),
        [("journal", 301), ("incidents", 401), ("alerts", 401), ("settings", 2), ("state", 3)]
    );
    for store in [&second as &dyn Store, &third, &fourth] {
        assert_eq!(contents(store).await, whole);
    }
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn an_alert_of_another_program_in_a_true_mongodb_is_never_replaced() {
    use mongodb::bson::{Document, doc};
    let (from, address) = (a_source().await, a_database().await);
    let client = mongodb::Client::with_uri_str(url().await).await.unwrap();
    let alerts = client.database(address.database()).collection::<Document>("system_alerts");
    let theirs = doc! { "_id": 7_i64, "component": "backend" };
    alerts.insert_one(theirs.clone()).await.unwrap();

    let refused = transfer(&from, &database(&address).await).await.unwrap_err().to_string();

    assert!(refused.contains("system_alerts has a document 7 of another program"), "{refused}");
    assert_eq!(alerts.find_one(doc! { "_id": 7_i64 }).await.unwrap(), Some(theirs));
}
