//! The program itself: its configuration, its signals, its exit codes.

use rebound::monitor::Fact;
use rebound_sim::RestartMode;

use crate::api::Api;
use crate::configuration::Plan;
use crate::process::Place;
use crate::site::{Spoken, a_host, eventually};

#[tokio::test]
async fn a_right_configuration_is_summed_up() {
    let host = a_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);

    let (code, said, _) = place.run(&["check-config"]).await;

    assert_eq!(code, Some(0));
    assert!(said.contains("is right. It would watch:"), "{said}");
    let restart = format!("{}/api/admin/emergency-restart", host.bridge_url);
    let heals = format!("heals by reconnect terminal (soft: POST {restart}), restart host (hard)");
    assert!(said.contains(&heals), "{said}");
    assert!(said.contains("alerts go to: email"), "{said}");
    assert!(!place.path("rebound.db").exists(), "checking makes no store");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let place = Place::with(WRONG);

    let (code, said, complaint) = place.run(&["check-config"]).await;

    assert_eq!((code, said.as_str()), (Some(1), ""));
    let file = place.path("rebound.toml").display().to_string();
    let complaint = complaint.replace(&file, "rebound.toml");
    assert_eq!(complaint, COMPLAINT, "told:\n{complaint}");
}

const WRONG: &str = include_str!("wrong.toml");
const COMPLAINT: &str = include_str!("wrong.txt");

#[tokio::test]
async fn a_file_that_is_missing_or_no_toml_is_told_in_words() {
    let (code, _, complaint) = Place::with("[server").run(&["serve"]).await;
    assert_eq!(code, Some(1));
    assert!(complaint.contains("is not TOML"), "{complaint}");

    let place = Place::with("");
    std::fs::remove_file(place.path("rebound.toml")).unwrap();
    let (code, _, complaint) = place.run(&["serve"]).await;
    assert_eq!(code, Some(1));
    assert!(complaint.contains("cannot be read") && complaint.contains("--config"), "{complaint}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_in_words() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let host = a_host().await;
    let place = Place::planned(&Plan { listen: listen.clone(), ..Plan::usual(&host) }, &host);

    let (code, _, complaint) = place.run(&["serve"]).await;

    assert_eq!(code, Some(1));
    assert!(complaint.contains(&format!("cannot listen on {listen}")), "{complaint}");
}

#[tokio::test]
async fn a_token_of_the_program_opens_the_interfaces() {
    let host = a_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;

    let (code, token, _) = place.run(&["token", "--name", "backup"]).await;
    let api = Api { token: token.trim().to_owned(), ..program.api.clone() };
    let (status, asked) = api.post("/api/v1/test-alert").await;

    assert_eq!((code, status), (Some(0), 202));
    assert_eq!(asked["by"], "backup");
}

#[tokio::test]
async fn asked_to_end_it_ends_in_order_and_remembers() {
    let host = a_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    program.api.is_well().await;
    host.break_link().await;
    let incident = program.api.recovers().await;

    program.ask_to_end();
    let status = program.ends().await;

    assert_eq!(status.code(), Some(0), "{}", place.log());
    assert!(!place.log().contains("could not be written"), "{}", place.log());
    let again = place.serve().await;
    assert_eq!(again.api.incident(incident.id).await, incident);
    let facts: Vec<Fact> = again.api.journal().await.into_iter().map(|entry| entry.fact).collect();
    assert_eq!(facts.last(), Some(&Fact::Began { again: true }));
}

#[tokio::test]
async fn asked_to_end_in_mid_heal_it_does_not_wait_for_the_heal_and_does_not_repeat_it() {
    let host = a_host().await;
    host.restart_mode(RestartMode::Slow).await;
    host.restart_delay(2.s()).await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    program.api.is_well().await;
    host.break_link().await;
    eventually("the restart call", 40.s(), async || (host.restarts().await == 1).then_some(())).await;

    program.ask_to_end();
    assert_eq!(program.ends().await.code(), Some(0));
    let again = place.serve().await;
    again.api.recovers().await;

    assert_eq!(host.restarts().await, 1);
    assert_eq!(again.api.intents().await.len(), 1);
}
