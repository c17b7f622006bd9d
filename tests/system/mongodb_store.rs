//! The history in MongoDB: what was known is known again, and what happens while its server is away.
//!
//! Each story has a server of its own, as it is installed for tests.

use mongodb::Client;
use mongodb::bson::{Document, doc};
use rebound_test_mongodb::Server;
use serde_json::Value;

use crate::configuration::Plan;
use crate::interrupted::{is_remembered_once, killed_in_trouble};
use crate::process::Place;
use crate::site::{Spoken, a_host, eventually};

/// A place whose program keeps its history in `server`.
fn place(plan: &Plan, host: &rebound_sim::Sim, server: &Server) -> Place {
    let file = "path = \"rebound.db\"";
    let text = plan.text(host);
    assert!(text.contains(file), "{text}");
    let place = Place::with(&text.replace(file, "url = { file = \"mongodb.url\" }"));
    std::fs::write(place.path("mongodb.url"), server.url()).unwrap();
    place
}

/// The status of the first target, as scripts read it.
async fn status(server: &Server) -> Document {
    let client = Client::with_uri_str(server.url()).await.unwrap();
    let statuses = client.database("rebound").collection::<Document>("mt5_watchdog_status");
    statuses.find_one(doc! { "_id": "current" }).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn what_was_known_is_known_again_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let place = place(&Plan::usual(&host), &host, &server);
    let (code, said, _) = place.run(&["check-config"]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("history is kept in: MongoDB, database \"rebound\" on 127.0.0.1:"), "{said}");
    let program = place.serve().await;
    program.api.is_well().await;
    host.break_link().await;
    let incident = program.api.recovers().await;
    let status = status(&server).await;
    assert_eq!(status.get_i64("consecutive_failures").unwrap(), 0);
    let checks = status.get_document("health_details").unwrap();
    let link = checks.get_document("terminal_broker_link").unwrap();
    assert_eq!((link.get_str("status").unwrap(), link.get_str("value").unwrap()), ("Up", "connected"));
    assert!(status.get_datetime("last_check").unwrap() <= status.get_datetime("timestamp").unwrap());
    program.ask_to_end();
    assert_eq!(program.ends().await.code(), Some(0), "{}", place.log());

    let again = place.serve().await;

    again.api.is_well().await;
    assert_eq!(again.api.incident(incident.id).await, incident);
    assert_eq!(again.api.target().await.recent, [incident]);
    assert_eq!((again.api.intents().await.len(), host.restarts().await), (1, 1));
    assert!(!place.path("rebound.db").exists(), "no file is made beside it");
    let password = server.url().split([':', '@']).nth(2).unwrap().to_owned();
    assert!(!place.log().contains(&password), "{}", place.log());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn while_a_true_mongodb_is_away_alerts_go_out_and_heals_wait_and_nothing_is_lost() {
    let (host, server) = (a_host().await, Server::start().await);
    let place = place(&Plan::usual(&host), &host, &server);
    let program = place.serve().await;
    program.api.is_well().await;
    server.kill();

    host.break_link().await;
    let trouble = program.api.until("the store's trouble", |board| board.own.store_trouble.is_some());
    trouble.within(60.s()).await;
    eventually("the mail about the link", 60.s(), async || {
        let mails = host.mails().await;
        mails.iter().any(|mail| mail.subject.contains("has lost its connection")).then_some(())
    })
    .await;
    let status: Value = program.api.get("/api/system/mt5-watchdog/status").await;
    assert_eq!(status["store_works"], false);
    assert_eq!(host.restarts().await, 0, "a heal was started that is written nowhere");

    server.start_again().await;
    let back = program.api.until("the store's return", |board| board.own.store_trouble.is_none());
    back.within(60.s()).await;
    let incident = program.api.recovers().await;
    assert_eq!((incident.attempts(), host.restarts().await), (1, 1));
    let journal = program.api.journal().await;
    for (index, entry) in journal.iter().enumerate() {
        assert!(!journal[index + 1..].contains(entry), "stands there twice: {entry:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_program_that_starts_while_a_true_mongodb_is_away_watches_and_tells_and_heals_once_it_is_back() {
    let (host, server) = (a_host().await, Server::start().await);
    server.kill();
    let place = place(&Plan::usual(&host), &host, &server);
    let program = place.serve().await;
    host.break_link().await;
    eventually("the mail about the link", 60.s(), async || {
        let mails = host.mails().await;
        mails.iter().any(|mail| mail.subject.contains("has lost its connection")).then_some(())
    })
    .await;
    assert!(program.api.board().await.own.store_trouble.is_some());
    assert_eq!(host.restarts().await, 0, "a heal was started that is written nowhere");

    server.start_again().await;
    let back = program.api.until("the store's return", |board| board.own.store_trouble.is_none());
    back.within(60.s()).await;
    let incident = program.api.recovers().await;
    assert_eq!((incident.attempts(), host.restarts().await), (1, 1), "{}", place.log());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn what_happened_while_a_true_mongodb_was_away_is_in_the_history_once_though_the_program_was_killed() {
    let (host, server) = (a_host().await, Server::start().await);
    let place = place(&Plan::usual(&host), &host, &server);
    let program = place.serve().await;
    program.api.is_well().await;
    server.kill();
    let seen = killed_in_trouble(program, &place, &host).await;

    server.start_again().await;
    let _program = is_remembered_once(&seen, &place, &host).await;
    let opened =
        host.mails().await.into_iter().filter(|mail| mail.subject.contains("has lost its connection"));
    assert_eq!(opened.count(), 1, "it was told before");
}
