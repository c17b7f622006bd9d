//! The history of numbers on its way: all of it arrives bit by bit, again and again, and what differs is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::history::port::{Batch, Detail, HistoryStore};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::Writer;
use rebound_test_mongodb::url;

use super::*;
use crate::conformance::samples::target;
use crate::history::conformance::{a_day, an_hour, day, hour};
use crate::transfer::{Numbers, copy_numbers};
use crate::{MemoryHistory, MongodbAddress, MongodbHistory, MongodbStore, SqliteHistory};

/// Two targets with forty days, hours of two series and of two runs, and more recordings than are copied at once.
async fn a_history() -> MemoryHistory {
    let history = MemoryHistory::new();
    for name in ["mt5", "website"] {
        let of = target(name);
        let series = [Series::ResponseTime, Series::ReadAge];
        let batch = Batch {
            days: (0..40).map(|number| a_day(number, &of, 20)).collect(),
            hours: (0..960)
                .step_by(7)
                .flat_map(|number| {
                    let of = of.clone();
                    series.into_iter().flat_map(move |series| {
                        let of = of.clone();
                        [1, 2].map(move |writer| an_hour(number, &of, series, writer, &[0.1, 37.5]))
                    })
                })
                .collect(),
            recordings: (0..130).map(|number| a_recording(Some(&of), number)).collect(),
        };
        history.keep(&batch).await.unwrap();
    }
    let own = (0..3).map(|number| a_recording(None, number)).collect();
    history.keep(&Batch { recordings: own, ..Batch::default() }).await.unwrap();
    history
}

/// Three begin at each moment, as of three servers.
fn a_recording(of: Option<&TargetId>, number: i64) -> Recording {
    let from = Timestamp::from_ms(hour(0).as_ms() + number / 3 * 600_000);
    let to = Timestamp::from_ms(from.as_ms() + 599_000);
    let writer = Writer(u64::try_from(number % 3).unwrap());
    let lines = format!("{{\"number\":{number}}}\n").into_bytes();
    Recording { of: of.cloned(), from, to, writer, count: 1, lines }
}

/// The hours from 0 to 959 in steps of seven, of two targets, two series and two runs.
const ALL: Numbers = Numbers { days: 80, hours: 138 * 8, recordings: 263 };

async fn copied(from: &dyn HistoryStore, to: &dyn HistoryStore) -> Result<Numbers, TransferError> {
    copy_numbers(from, to, &mut |_| {}).await
}

#[tokio::test]
async fn every_number_arrives_in_a_file_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let (from, back) = (a_history().await, MemoryHistory::new());
    let file = SqliteHistory::at(&folder.path().join("new.history.db"));
    let mut told = 0;
    assert_eq!(copy_numbers(&from, &file, &mut |rows| told += rows).await.unwrap(), ALL);
    assert_eq!(told, ALL.days + ALL.hours + ALL.recordings);
    assert_eq!(copied(&file, &back).await.unwrap(), ALL);
    assert_eq!(copied(&back, &from).await.unwrap(), ALL, "everything was there already");
    let minutes = back.hours(&target("mt5"), Series::ResponseTime, hour(0), hour(1), Detail::Minutes).await;
    let of = |writer| an_hour(0, &target("mt5"), Series::ResponseTime, writer, &[0.1, 37.5]);
    assert_eq!(minutes.unwrap(), [of(1), of(2)]);
    file.close().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn every_number_arrives_in_a_true_mongodb_and_back() {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rebound_numbers_{}_{number}", std::process::id());
    let address = MongodbAddress::try_new(url().await, None).unwrap().with_database(&name);
    let store = Arc::new(MongodbStore::open_recipient(&address, None).await.unwrap());
    let (from, back) = (a_history().await, MemoryHistory::new());
    let database = MongodbHistory::of(&store);
    assert_eq!(copied(&from, &database).await.unwrap(), ALL);
    assert_eq!(copied(&database, &back).await.unwrap(), ALL);
    assert_eq!(back.totals(day(0), day(40)).await.unwrap(), from.totals(day(0), day(40)).await.unwrap());
}

#[tokio::test]
async fn what_is_there_of_others_stays_and_what_differs_is_told() {
    let (from, to) = (a_history().await, MemoryHistory::new());
    let others = Batch { days: vec![a_day(3, &target("elsewhere"), 5)], ..Batch::default() };
    to.keep(&others).await.unwrap();
    assert_eq!(copied(&from, &to).await.unwrap(), ALL);
    assert_eq!(to.days(Some(&target("elsewhere")), day(0), day(9)).await.unwrap(), others.days);

    // The destination has lived on, and knows more of a day.
    let more = Batch { days: vec![a_day(39, &target("mt5"), 24)], ..Batch::default() };
    to.keep(&more).await.unwrap();
    let refused = copied(&from, &to).await.unwrap_err().to_string();
    assert!(refused.contains("did not arrive as it is in the source: days of \"mt5\" differ"), "{refused}");
    assert_eq!(to.days(Some(&target("mt5")), day(39), day(40)).await.unwrap(), more.days, "and it stays");
}
