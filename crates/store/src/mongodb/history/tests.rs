//! Facts about the history with a true server: each test has a database of its own.

use rebound::ids::AccountId;
use rebound_engine::cluster::{Cluster as _, ServerName};

use super::super::tests::{a_database, open};
use super::*;
use crate::conformance::samples::target;
use crate::history::conformance::{self, a_day, an_hour, day, hour};
use crate::logins::Logins as _;
use crate::mongodb::logins::MongodbLogins;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_passes_the_story_of_every_history() {
    conformance::story(async || MongodbHistory::of(&Arc::new(open(&a_database().await).await))).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_keeps_what_two_servers_saw_of_a_target_in_one_hour() {
    let address = a_database().await;
    let one = MongodbHistory::of(&Arc::new(open(&address).await));
    let other = MongodbHistory::of(&Arc::new(open(&address).await));
    let mt5 = target("mt5");
    let before = an_hour(0, &mt5, Series::ResponseTime, 10, &[5.0, 6.0]);
    let after = an_hour(0, &mt5, Series::ResponseTime, 21, &[7.0]);
    let write = async |history: &MongodbHistory, hour: &Hour, hours_up| {
        let days = vec![a_day(0, &mt5, hours_up)];
        history.keep(&Batch { hours: vec![hour.clone()], days, ..Batch::default() }).await.unwrap();
    };
    write(&one, &before, 5).await;
    write(&other, &after, 7).await;
    write(&one, &before, 5).await;
    let found = other.hours(&mt5, Series::ResponseTime, hour(0), hour(1), Detail::Minutes).await;
    assert_eq!(found, Ok(vec![before, after]));
    assert_eq!(
        one.days(None, day(0), day(1)).await,
        Ok(vec![a_day(0, &mt5, 7)]),
        "what came late is left out"
    );
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_has_hours_and_days_that_scripts_can_read() {
    let address = a_database().await;
    let store = Arc::new(open(&address).await);
    let history = MongodbHistory::of(&store);
    let mt5 = target("mt5");
    let account = AccountId::new(1_000_001);
    let hours = vec![
        an_hour(0, &mt5, Series::ReadAge, 10, &[5.0, 6.5]),
        an_hour(0, &mt5, Series::Balance(account), 10, &[10_000.1]),
    ];
    history.keep(&Batch { hours, days: vec![a_day(0, &mt5, 24)], ..Batch::default() }).await.unwrap();
    assert_eq!(history.collection(HOURS).count_documents(doc! {}).await.unwrap(), 1, "one for all series");
    let found = history.collection(HOURS).find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found.get_str("_id").unwrap(), format!("mt5/{}/10", hour(0).as_ms()));
    assert_eq!(*found.get_datetime("hour").unwrap(), date(hour(0)));
    let series = found.get_document("series").unwrap();
    let age = series.get_document("read_age").unwrap();
    assert_eq!((age.get_i64("count").unwrap(), age.get_f64("last").unwrap()), (2, 6.5));
    assert_eq!(age.get_f64("limit").unwrap(), 900.0);
    assert!(!age.contains_key("sketch"), "it has no percentiles");
    assert_eq!(series.get_document("balance_1000001").unwrap().get_f64("last").unwrap(), 10_000.1);
    let found = history.collection(UPTIME).find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found.get_i64("down_ms").unwrap(), 24_000);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_reads_hours_of_an_older_rebound_until_they_are_too_old() {
    let address = a_database().await;
    let store = Arc::new(open(&address).await);
    let mt5 = target("mt5");
    let older = an_hour(0, &mt5, Series::ReadAge, 10, &[5.0, 6.5]);
    let document = doc! {
        "_id": format!("mt5/read_age/{}/10", hour(0).as_ms()),
        "target": "mt5",
        "series": "read_age",
        "hour": date(hour(0)),
        "writer": 10_i64,
        "count": 2_i64,
        "min": 5.0,
        "max": 6.5,
        "sum": 11.5,
        "last": 6.5,
        "last_at": date(older.whole.last_at),
        "limit": 900.0,
        "minutes": rows::bytes(crate::history::pack::minutes(hour(0), &older.minutes)),
        "version": 1_i64,
    };
    store.database.collection("rollups").insert_one(document).await.unwrap();
    let history = MongodbHistory::of(&store);
    let newer = an_hour(1, &mt5, Series::ReadAge, 11, &[7.0]);
    history.keep(&Batch { hours: vec![newer.clone()], ..Batch::default() }).await.unwrap();
    let both = async || history.hours(&mt5, Series::ReadAge, hour(0), hour(2), Detail::Minutes).await;
    assert_eq!(both().await, Ok(vec![older.clone(), newer.clone()]));
    assert_eq!(history.series_of(&mt5, hour(0)).await, Ok(vec![Series::ReadAge]));
    let whole = Hour { minutes: BTreeMap::new(), ..older };
    let read = history.hours(&mt5, Series::ReadAge, hour(0), hour(1), Detail::Hours).await;
    assert_eq!(read, Ok(vec![whole.clone()]));
    let prune = async |minutes, hours| {
        let horizon = Horizon {
            minutes: hour(minutes),
            hours: hour(hours),
            recordings: hour(0),
            recordings_bytes_max: 0,
        };
        history.prune(&horizon).await.unwrap();
    };
    prune(1, 0).await;
    assert_eq!(both().await, Ok(vec![whole, newer.clone()]), "its minutes are over");
    prune(1, 1).await;
    assert_eq!(both().await, Ok(vec![newer]), "and now all of it");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_makes_years_of_days_that_were_written_without() {
    let address = a_database().await;
    let store = Arc::new(open(&address).await);
    let (mt5, other) = (target("mt5"), target("other"));
    // Over the end of a year, and one that was corrected after its year knew it.
    let days = vec![a_day(0, &mt5, 24), a_day(38, &mt5, 24), a_day(39, &mt5, 24), a_day(39, &other, 5)];
    let totals: Vec<DayTotal> = days.iter().map(DayTotal::of).collect();
    let first = MongodbHistory::of(&store);
    first.keep(&Batch { days, ..Batch::default() }).await.unwrap();
    assert_eq!(first.totals(day(0), day(50)).await.as_ref(), Ok(&totals));
    assert_eq!(first.collection(YEARS).count_documents(doc! {}).await.unwrap(), 3);
    let newest = doc! { "_id": format!("mt5/{}", day(39).civil().year) };
    let lost = doc! { "$unset": { "days.0": "", "covered_ms.0": "" } };
    first.collection(YEARS).update_one(newest, lost).await.unwrap();
    assert_eq!(first.totals(day(0), day(50)).await.unwrap().len(), 3);
    assert_eq!(MongodbHistory::of(&store).totals(day(0), day(50)).await.as_ref(), Ok(&totals));
    first.collection(YEARS).drop().await.unwrap();
    first.collection("meta").delete_one(doc! { "_id": YEARS }).await.unwrap();
    assert_eq!(MongodbHistory::of(&store).totals(day(0), day(50)).await, Ok(totals));
}

/// A trading program may keep its own under a name of ours. Whatever Rebound removes of its own, that stays.
#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_removes_nothing_of_another_program() {
    let store = Arc::new(open(&a_database().await).await);
    let (history, logins) = (MongodbHistory::of(&store), MongodbLogins::of(&store));
    let old = date(hour(0));
    let theirs = [
        ("sessions", doc! { "user": "ann", "ends_at": old }),
        // Others count versions, too.
        ("sessions", doc! { "user": "bea", "ends_at": old, "version": 1 }),
        ("presence", doc! { "_id": "ann" }),
        ("presence", doc! { "_id": "bea", "version": "2" }),
        ("boards", doc! { "_id": "ann" }),
        ("boards", doc! { "_id": "bea", "version": 3 }),
        (RECORDINGS, doc! { "from": old, "to": old, "bytes": 1_000_000_i64 }),
        (UPTIME, doc! { "day": old }),
        (YEARS, doc! { "year": old }),
        (HOURS, doc! { "hour": old, "minutes": 60 }),
    ];
    for (collection, document) in &theirs {
        store.collection(collection).insert_one(document).await.unwrap();
    }
    logins.remove_over(hour(9_000)).await.unwrap();
    logins.end_all().await.unwrap();
    let now = hour(900_000);
    let horizon = Horizon { minutes: now, hours: now, recordings: now, recordings_bytes_max: 0 };
    history.prune(&horizon).await.unwrap();
    let server = ServerName { name: "a".to_owned(), instance: "a".to_owned() };
    store.join(&server).await.unwrap();
    for (collection, document) in &theirs {
        assert_eq!(
            store.collection(collection).count_documents(document.clone()).await.unwrap(),
            1,
            "{collection}"
        );
    }
}
