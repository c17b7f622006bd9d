//! The program dies in mid-heal: what it had begun is looked at, not repeated.

use std::path::Path;

use rebound::heal::StepOutcome;
use rebound::incident::{Proof, Recovery};
use rebound::monitor::Fact;
use rebound_sim::{RestartMode, Sim};

use crate::configuration::Plan;
use crate::process::{Place, Program};
use crate::site::{PATIENCE, Spoken, a_host, eventually};

#[tokio::test]
async fn killed_as_soon_as_the_restart_is_called() {
    dies_in_mid_heal(0).await;
}

#[tokio::test]
async fn killed_a_moment_into_the_restart() {
    dies_in_mid_heal(4).await;
}

#[tokio::test]
async fn killed_in_the_middle_of_the_restart() {
    dies_in_mid_heal(20).await;
}

#[tokio::test]
async fn killed_just_before_the_restart_ends() {
    dies_in_mid_heal(40).await;
}

#[tokio::test]
async fn killed_twice_in_one_heal() {
    let host = slow_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    program.api.is_well().await;

    host.break_link().await;
    restart_is_called(&host).await;
    program.kill().await;
    let again = place.serve().await;
    again.api.until("the step that was lost", |board| board.targets[0].phase == "Verifying").await;
    again.kill().await;

    let program = place.serve().await;
    looked_and_did_not_repeat(&host, &place, program).await;
}

#[tokio::test]
async fn killed_while_the_proof_is_awaited() {
    let host = slow_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    program.api.is_well().await;

    host.break_link().await;
    program.api.shows("Verifying").await;
    program.kill().await;

    let program = place.serve().await;
    let incident = program.api.recovers().await;
    assert_eq!(incident.steps.len(), 1);
    assert_eq!(incident.steps[0].result.as_ref().unwrap().outcome, StepOutcome::Done);
    assert_eq!(host.restarts().await, 1);
    assert_eq!(program.api.intents().await.len(), 1);
    program.kill().await;
    is_whole(&place.path("rebound.db"));
}

/// Kills the program `ticks` of the host after it called for the restart.
async fn dies_in_mid_heal(ticks: u64) {
    let host = slow_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    program.api.is_well().await;

    host.break_link().await;
    restart_is_called(&host).await;
    let called = host.ticks().await;
    eventually("the moment to die", PATIENCE, async || (host.ticks().await >= called + ticks).then_some(()))
        .await;
    program.kill().await;

    let program = place.serve().await;
    looked_and_did_not_repeat(&host, &place, program).await;
}

async fn looked_and_did_not_repeat(host: &Sim, place: &Place, program: Program) {
    let incident = program.api.recovers().await;

    assert_eq!(host.restarts().await, 1, "the restart was repeated");
    assert!(host.dispatches().await.is_empty(), "a further rung was climbed");
    assert_eq!(incident.steps.len(), 1);
    assert_eq!(incident.steps[0].result.as_ref().unwrap().outcome, StepOutcome::Lost);
    assert!(matches!(incident.steps[0].proof, Proof::Recovered(_)));
    assert_eq!(incident.closed.unwrap().how, Recovery::AfterHeal("reconnect terminal".to_owned()));
    assert_eq!(program.api.incidents().await.len(), 1);
    assert_eq!(program.api.intents().await.len(), 1);
    let began =
        program.api.journal().await.into_iter().filter(|entry| entry.fact == Fact::Began { again: true });
    assert!(began.count() >= 1);
    program.kill().await;
    is_whole(&place.path("rebound.db"));
}

async fn slow_host() -> Sim {
    let host = a_host().await;
    host.restart_mode(RestartMode::Slow).await;
    host.restart_delay(1.s()).await;
    host
}

async fn restart_is_called(host: &Sim) {
    eventually("the restart call", PATIENCE, async || (host.restarts().await == 1).then_some(())).await;
}

/// The file of a store that nobody has open is sound.
fn is_whole(path: &Path) {
    let store = rusqlite::Connection::open(path).unwrap();
    let said: String = store.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
}
