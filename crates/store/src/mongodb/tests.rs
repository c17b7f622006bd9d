//! Facts about the store with a true server: each test has a database of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use futures::TryStreamExt as _;
use mongodb::IndexModel;
use mongodb::bson::{Bson, doc};
use rebound::heal::StepOutcome;
use rebound::incident::Severity;
use rebound::monitor::{Fact, RequestKind};
use rebound_engine::cluster::{Cluster as _, Order, ServerName};
use rebound_engine::ports::PAGE_MAX;

use super::*;
use crate::conformance::{self, samples};
use crate::leases::Standing;

fn entry(second: i64) -> JournalEntry {
    samples::phase(second)
}

fn record(body: &str) -> StateRecord {
    StateRecord { key: "shared".to_owned(), body: body.to_owned() }
}

/// The address of a database that nobody else uses.
pub(super) async fn a_database() -> MongodbAddress {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rebound_test_{}_{number}", std::process::id());
    MongodbAddress::try_new(rebound_test_mongodb::url().await, None).unwrap().with_database(&name)
}

pub(super) async fn open(address: &MongodbAddress) -> MongodbStore {
    MongodbStore::open(address, Some(TargetId::try_new("mt5").unwrap())).await.unwrap()
}

impl MongodbStore {
    async fn one(&self, collection: &str, id: impl Into<Bson>) -> Document {
        self.collection(collection).find_one(doc! { "_id": id.into() }).await.unwrap().unwrap()
    }

    async fn times(&self) -> Vec<i64> {
        let page = self.journal(0, PAGE_MAX).await.unwrap();
        page.into_iter().map(|(_, entry)| entry.at.as_ms()).collect()
    }

    /// Makes the store forget that the insert of the last commit was answered, as if the answer had been lost.
    async fn lose_the_last_answer(&self, entries: &[JournalEntry], there: Sent) {
        let mut writer = self.writer.lock().await;
        let batch = Batch::try_new(entries, &[record("sent")], None).unwrap();
        self.up_to_date(&mut writer).await.unwrap();
        let doubtful = writer.doubt_about(batch);
        if matches!(there, Sent::Arrived) {
            self.collection(schema::JOURNAL).insert_one(doubtful).await.unwrap();
        }
        self.behind.store(true, Ordering::Release);
    }
}

/// Whether an insert whose answer was lost did arrive.
enum Sent {
    Arrived,
    Lost,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_passes_the_story_of_every_store() {
    conformance::story(async || open(&a_database().await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_passes_the_story_of_several_servers() {
    conformance::servers::story(async || {
        let address = a_database().await;
        (Arc::new(open(&address).await), Arc::new(open(&address).await))
    })
    .await;
}

/// One that reads the journal for the first time, from collections that others made.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_who_comes_later_knows_who_watches_what() {
    let address = a_database().await;
    let (a, b) = (open(&address).await, open(&address).await);
    let named = |name: &str| ServerName { name: name.to_owned(), instance: name.to_owned() };
    let mt5 = TargetId::try_new("mt5").unwrap();
    a.join(&named("a")).await.unwrap();
    b.join(&named("b")).await.unwrap();
    a.claim(std::slice::from_ref(&mt5)).await.unwrap();
    let of_a = a.renew().await.unwrap();
    drop(a);

    let c = open(&address).await;
    let refused = c.commit(&[entry(1)], &[]).await.unwrap_err().to_string();
    assert!(refused.contains("\"a\" uses this store"), "{refused}");
    c.join(&named("c")).await.unwrap();
    let roster = c.renew().await.unwrap();
    assert_eq!(roster.holder(&mt5), of_a.holder(&mt5));
    assert_eq!(roster.members.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let about = c.one(schema::SERVERS, 0_i64).await;
    assert_eq!(about.get_str("name").unwrap(), "a");
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_has_the_health_of_the_last_day_as_scripts_read_it() {
    let store = open(&a_database().await).await;
    let board = samples::board(1, 1);
    store.note_health(&board).await.unwrap();
    let found = store.collection(schema::HEALTH).find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found.get_str("overall_status").unwrap(), "unknown");
    assert!(!found.contains_key("health_percentage"), "where nothing is known there is no share");
    assert_eq!(found.get_datetime("timestamp").unwrap().timestamp_millis(), samples::at(5).as_ms());
    let component = found.get_array("components").unwrap()[0].as_document().unwrap();
    assert_eq!(component.get_str("component").unwrap(), "t0");
    assert_eq!(component.get_str("status").unwrap(), "unknown");
    assert!(!component.contains_key("response_time"), "it was never asked");
}

/// What an insert that was still on its way does after its run was put out.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_forgets_what_a_run_that_was_put_out_may_have_sent() {
    let address = a_database().await;
    let (a, b) = (open(&address).await, open(&address).await);
    let named = |name: &str| ServerName { name: name.to_owned(), instance: name.to_owned() };
    let first = a.join(&named("a")).await.unwrap();
    b.join(&named("b")).await.unwrap();
    {
        let mut writer = a.writer.lock().await;
        a.up_to_date(&mut writer).await.unwrap();
        let batch = Batch::try_new(&[entry(1)], &[], a.member()).unwrap();
        writer.doubt_about(batch);
    }
    b.put_out(&first.member).await.unwrap();
    let refused = a.commit(&[entry(2)], &[]).await;
    assert!(matches!(refused, Err(StoreError::Fenced(_))), "{refused:?}");
    a.join(&named("a")).await.unwrap();
    a.claim(&[TargetId::try_new("mt5").unwrap()]).await.unwrap();
    assert_eq!(a.commit(&[entry(3)], &[]).await, Ok(()));
    assert_eq!(a.times().await, [entry(3).at.as_ms()]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_takes_over_what_another_store_held() {
    conformance::transfer_story(async || open(&a_database().await).await).await;
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_opened_again_has_everything_and_goes_on() {
    let address = a_database().await;
    let store = open(&address).await;
    store.commit(&[entry(1), entry(2)], &[record("1")]).await.unwrap();
    store.commit(&[], &[record("2")]).await.unwrap();
    drop(store);
    let store = open(&address).await;
    assert_eq!(store.load_state().await, Ok(vec![record("2")]));
    store.commit(&[entry(3)], &[]).await.unwrap();
    assert_eq!(store.journal(2, 10).await, Ok(vec![(4, entry(3))]), "the state took number 3");
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_keeps_an_insert_with_a_lost_answer_once() {
    for there in [Sent::Arrived, Sent::Lost] {
        let store = open(&a_database().await).await;
        store.commit(&[entry(1)], &[]).await.unwrap();
        store.lose_the_last_answer(&[entry(2), entry(3)], there).await;

        store.commit(&[entry(2), entry(3), entry(4)], &[record("now")]).await.unwrap();

        let expected: Vec<_> = [1, 2, 3, 4].map(|second| entry(second).at.as_ms()).into();
        assert_eq!(store.times().await, expected);
        assert_eq!(store.load_state().await, Ok(vec![record("now")]));
    }
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_gives_a_number_taken_by_another_server_to_nobody_else() {
    let address = a_database().await;
    let (one, other) = (open(&address).await, open(&address).await);
    one.lose_the_last_answer(&[entry(1)], Sent::Lost).await;
    other.commit(&[entry(2)], &[]).await.unwrap();
    one.commit(&[entry(1), entry(3)], &[]).await.unwrap();
    let expected: Vec<_> = [2, 1, 3].map(|second| entry(second).at.as_ms()).into();
    assert_eq!(one.times().await, expected);
    assert_eq!(other.times().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_keeps_every_commit_of_two_servers_at_once() {
    let address = a_database().await;
    let (one, other) = (open(&address).await, open(&address).await);
    let write = async |store: &MongodbStore, from: i64| {
        for second in from..from + 20 {
            store.commit(&[entry(second)], &[record(&second.to_string())]).await.unwrap();
        }
    };
    tokio::join!(write(&one, 0), write(&other, 100));
    let mut times = one.times().await;
    assert_eq!(other.times().await, times);
    let numbers = one.journal(0, PAGE_MAX).await.unwrap();
    assert!(numbers.iter().map(|(number, _)| *number).eq(1..=40), "no number is left out");
    let last = numbers.last().map(|(_, entry)| entry.clone()).unwrap();
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), 40);
    let state = open(&address).await.load_state().await.unwrap();
    let newest = (0..200).find(|second| entry(*second) == last).unwrap();
    assert_eq!(state, [record(&newest.to_string())]);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_refuses_a_second_open_incident_of_another_server() {
    let address = a_database().await;
    let (one, other) = (open(&address).await, open(&address).await);
    one.commit(&[samples::fact_of_incident(samples::incident(1, "mt5"))], &[]).await.unwrap();
    let refused = other.commit(&[samples::fact_of_incident(samples::incident(2, "mt5"))], &[]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(text)) if text.contains("still open")));
    assert_eq!(other.journal(0, PAGE_MAX).await.unwrap().len(), 1);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_makes_what_is_missing_from_the_journal() {
    let address = a_database().await;
    let store = open(&address).await;
    let facts =
        [samples::fact_of_incident(samples::incident(1, "mt5")), samples::fact_of_alert(samples::alert(1))];
    store.commit(&facts, &[record("1")]).await.unwrap();
    for collection in [schema::INCIDENTS, schema::ALERTS, schema::STATE] {
        store.collection(collection).delete_many(doc! {}).await.unwrap();
    }
    let back = doc! { "$set": { "projected": 0_i64 } };
    store.collection(schema::META).update_one(doc! {}, back).await.unwrap();

    let store = open(&address).await;

    assert_eq!(store.incident(IncidentId::new(1)).await, Ok(Some(samples::incident(1, "mt5"))));
    assert_eq!(store.load_state().await, Ok(vec![record("1")]));
    let filter = AlertFilter { severity: Some(Severity::Critical), limit: 1, ..AlertFilter::default() };
    assert_eq!(store.alerts(&filter).await, Ok(vec![samples::alert(1)]));
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_replaces_nothing_by_something_older() {
    let store = open(&a_database().await).await;
    let closed = samples::closed(samples::incident(1, "mt5"));
    store.commit(&[samples::fact_of_incident(samples::incident(1, "mt5"))], &[]).await.unwrap();
    store.commit(&[samples::fact_of_incident(closed.clone())], &[]).await.unwrap();
    let older = [(1, samples::fact_of_incident(samples::incident(1, "mt5")))];
    store.project(1, &older, &[], &Standing::default()).await.unwrap();
    assert_eq!(store.incident(IncidentId::new(1)).await, Ok(Some(closed)));
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_documents_have_the_known_fields() {
    let store = open(&a_database().await).await;
    let facts = samples::every_fact();
    store.commit(&facts, &[]).await.unwrap();

    let alert = store.one("system_alerts", 1_i64).await;
    assert_eq!(alert.get_str("component").unwrap(), "mt5");
    assert_eq!(alert.get_str("severity").unwrap(), "critical");
    assert!(alert.get_bool("acknowledged").unwrap());
    assert_eq!(*alert.get_datetime("acknowledged_at").unwrap(), form::date(samples::at(15)));
    assert!(alert.get_document("details").unwrap().contains_key("Since"));

    let status = store.one("mt5_watchdog_status", "current").await;
    assert!(status.get_bool("healthy").unwrap());
    assert_eq!(*status.get_datetime("last_healing_attempt").unwrap(), form::date(samples::at(9)));
    assert!(!status.contains_key("consecutive_failures"), "nothing told it");
    assert!(store.one("mt5_watchdog_status", "mt5").await.get_bool("healthy").unwrap());

    let step = store.one("steps", "mt5-1-1-1795448822007").await;
    assert_eq!(step.get_str("outcome").unwrap(), "timed_out");
    assert_eq!(step.get_i64("incident").unwrap(), 1);
}

/// It waited through an outage, and whoever asked has long gone another way.
#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_gives_no_request_that_is_old() {
    let store = open(&a_database().await).await;
    let me = store.join(&ServerName { name: "b".to_owned(), instance: "b".to_owned() }).await.unwrap().member;
    let order = |id: &str| Order { id: id.to_owned(), by: "anna".to_owned(), what: RequestKind::TestAlert };
    for id in ["old", "new"] {
        store.hand_over(&me, &order(id)).await.unwrap();
    }
    let long_ago = doc! { "$set": { "at": form::date(samples::at(0)) } };
    store.collection("orders").update_one(doc! { "_id": "old" }, long_ago).await.unwrap();
    store.renew().await.unwrap();
    assert_eq!(store.orders().await, Ok(vec![order("new")]));
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_status_calls_no_refused_step_an_attempt() {
    let store = open(&a_database().await).await;
    let mut facts = samples::every_fact();
    for entry in &mut facts {
        if let Fact::StepFinished(result) = &mut entry.fact {
            result.outcome = StepOutcome::Refused;
        }
    }
    store.commit(&facts, &[]).await.unwrap();
    assert!(!store.one("mt5_watchdog_status", "mt5").await.contains_key("last_healing_attempt"));
    let step = store.one("steps", "mt5-1-1-1795448822007").await;
    assert_eq!(step.get_str("outcome").unwrap(), "refused");
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_leaves_alerts_of_other_programs_alone() {
    let store = open(&a_database().await).await;
    let theirs = doc! { "component": "backend", "severity": "critical", "acknowledged": false };
    store.collection("system_alerts").insert_one(theirs).await.unwrap();
    store.commit(&[samples::fact_of_alert(samples::alert(1))], &[]).await.unwrap();
    let filter = AlertFilter { limit: PAGE_MAX, ..AlertFilter::default() };
    assert_eq!(store.alerts(&filter).await, Ok(vec![samples::alert(1)]));
    assert_eq!(store.collection("system_alerts").count_documents(doc! {}).await.unwrap(), 2);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_of_another_program_is_refused_and_left_as_it_is() {
    for (collection, theirs) in [
        ("users", doc! { "email": "ann@example.com" }),
        ("servers", doc! { "_id": "web", "version": "8.0" }),
        ("meta", doc! { "_id": "rebound" }),
    ] {
        let address = a_database().await;
        let database = MongodbStore::unprepared(&address, None).await.unwrap().database;
        database.collection(collection).insert_one(theirs).await.unwrap();
        let Err(StoreError::Foreign(text)) = MongodbStore::open(&address, None).await else {
            panic!("taken")
        };
        assert!(text.contains(&format!("\"{collection}\"")) && text.contains("store.url"), "{text}");
        assert_eq!(database.list_collection_names().await.unwrap(), [collection]);
    }
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_of_a_newer_rebound_is_refused() {
    let address = a_database().await;
    let store = open(&address).await;
    let newer = doc! { "$set": { "schema": 3_i64 } };
    store.collection(schema::META).update_one(doc! {}, newer).await.unwrap();
    let refused = MongodbStore::open(&address, None).await.unwrap_err();
    assert_eq!(refused, StoreError::TooNew { found: 3, known: 2 });
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_of_an_older_rebound_is_taken_over_and_the_older_refuses_from_then_on() {
    let address = a_database().await;
    let store = open(&address).await;
    let older = doc! { "$set": { "schema": 1_i64 } };
    store.collection(schema::META).update_one(doc! {}, older).await.unwrap();
    store.commit(&[entry(1)], &[record("1")]).await.unwrap();
    let store = open(&address).await;
    assert_eq!(store.load_state().await, Ok(vec![record("1")]));
    assert_eq!(store.one(schema::META, "rebound").await.get_i64("schema").unwrap(), 2);
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_with_a_wrong_password_says_so_without_it() {
    let url = rebound_test_mongodb::url().await;
    let (login, rest) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let user = login.split_once(':').unwrap().0;
    let wrong = MongodbAddress::try_new(&format!("mongodb://{user}:s3cr3t-wrong@{rest}"), None).unwrap();
    let refused = MongodbStore::open(&wrong, None).await.unwrap_err();
    let StoreError::Unavailable(text) = refused else { panic!("{refused:?}") };
    assert!(text.contains("Give Rebound a login"), "{text}");
    assert!(!text.contains("s3cr3t"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_soon_and_without_the_login() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("mongodb://anna:s3cr3t@127.0.0.1:{port}/?directConnection=true");
    let address = MongodbAddress::try_new(&url, None).unwrap();
    let opening = timeout(Duration::from_secs(10), MongodbStore::open(&address, None));
    let refused = opening.await.expect("it is told soon").unwrap_err();
    let StoreError::Unavailable(text) = refused else { panic!("{refused:?}") };
    assert!(text.contains("database \"rebound\" on 127.0.0.1"), "{text}");
    assert!(!text.contains("s3cr3t") && !text.contains("anna"), "{text}");
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_is_pruned_but_for_its_newest_commits() {
    let store = open(&a_database().await).await;
    store.commit(&[entry(1)], &[record("1")]).await.unwrap();
    let later = samples::at(100);
    assert_eq!(store.prune(later).await, Ok(0));
    // As if many had followed.
    schema::note_projected(&store.database, 20_000).await.unwrap();
    assert_eq!(store.prune(samples::at(0)).await, Ok(0), "it is not old");
    assert!(!store.one("journal", 1_i64).await.contains_key("state"));
    assert_eq!(store.prune(later).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn true_mongodb_ends_no_document_of_another_program() {
    let store = open(&a_database().await).await;
    store.be_prepared().await.unwrap();
    for (collection, field) in
        [("orders", "at"), ("sessions", "ends_at"), ("system_health_history", "created_at")]
    {
        let indexes: Vec<IndexModel> =
            store.collection(collection).list_indexes().await.unwrap().try_collect().await.unwrap();
        let ending: Vec<_> = indexes
            .into_iter()
            .filter_map(|index| index.options)
            .filter(|options| options.expire_after.is_some())
            .collect();
        assert_eq!(ending.len(), 1, "{collection}");
        assert_eq!(ending[0].name.as_deref(), Some(format!("rebound_{field}").as_str()));
        let ours = schema::ours(collection, Document::new());
        assert!(ours.len() == 2 && ours.contains_key("version"), "{ours}");
        assert_eq!(ending[0].partial_filter_expression.as_ref(), Some(&ours), "{collection}: others stay");
    }
}
