//! Facts about the history with a true server: each test has a database of its own.

use super::super::tests::{a_database, open};
use super::*;
use crate::conformance::samples::target;
use crate::history::conformance::{self, a_day, an_hour, day, hour};

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
    let hours = vec![an_hour(0, &mt5, Series::ReadAge, 10, &[5.0, 6.5])];
    history.keep(&Batch { hours, days: vec![a_day(0, &mt5, 24)], ..Batch::default() }).await.unwrap();
    let found = history.collection(ROLLUPS).find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found.get_str("_id").unwrap(), format!("mt5/read_age/{}/10", hour(0).as_ms()));
    assert_eq!(*found.get_datetime("hour").unwrap(), date(hour(0)));
    assert_eq!((found.get_i64("count").unwrap(), found.get_f64("last").unwrap()), (2, 6.5));
    assert_eq!(found.get_f64("limit").unwrap(), 900.0);
    assert!(!found.contains_key("sketch"), "it has no percentiles");
    let found = history.collection(UPTIME).find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found.get_i64("down_ms").unwrap(), 24_000);
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
