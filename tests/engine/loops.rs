//! What the loop must do, whatever the outside does.

use std::sync::Arc;
use std::time::Duration;

use rebound::time::Timestamp;
use rebound::view::Board;
use rebound_engine::clock::SystemClock;
use rebound_engine::driver::Engine;
use rebound_engine::ports::{Clock as _, Store};
use rebound_engine::service::Principal;
use tokio::time::sleep;

use crate::outside::{Manner, Outside, RUN, config};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Lets time go by: the runtime's clock stands still and jumps to the next time that anybody waits for.
async fn passes(span: Duration) {
    sleep(span).await;
}

async fn with_a_lost_link(outside: &Arc<Outside>) -> Engine {
    let engine = outside.engine().await;
    passes(seconds(15)).await;
    outside.link(false);
    engine
}

fn board(engine: &Engine) -> Arc<Board> {
    engine.service.board(&Principal::named("ann"))
}

fn phase(engine: &Engine) -> String {
    board(engine).targets[0].phase.clone()
}

fn all_checks_are(engine: &Engine, verdict: &str) -> bool {
    board(engine).targets[0].checks.iter().all(|check| check.verdict == verdict)
}

#[tokio::test(start_paused = true)]
async fn the_intent_is_durable_before_the_act() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    passes(seconds(30)).await;
    let intended = outside.position("stored step_intended").unwrap();
    let healed = outside.position("healed refresh").unwrap();
    assert!(intended < healed, "{:?}", outside.done());
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_store_nothing_is_healed_and_people_are_told() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    Outside::becomes(&outside.storing, Manner::Fails);
    passes(seconds(60)).await;
    assert_eq!(outside.count("healed refresh"), 0);
    assert_eq!((outside.count("told opened"), outside.count("told store_down")), (1, 1));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_the_store_is_written_in_order_when_it_is_back() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    Outside::becomes(&outside.storing, Manner::Fails);
    passes(seconds(60)).await;
    Outside::becomes(&outside.storing, Manner::Good);
    passes(seconds(120)).await;
    let journal = outside.memory.journal(0, 500).await.unwrap();
    let times: Vec<Timestamp> = journal.iter().map(|(_, entry)| entry.at).collect();
    assert!(times.is_sorted(), "the journal is in the order of events");
    let kinds: Vec<&str> = journal.iter().map(|(_, entry)| entry.fact.kind()).collect();
    assert_eq!(kinds[0], "began");
    assert!(outside.count("healed refresh") == 1, "the heal goes on when the store is back");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_does_not_stop_the_watch() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    Outside::becomes(&outside.storing, Manner::NeverReturns);
    passes(seconds(90)).await;
    assert_eq!(outside.count("healed refresh"), 0);
    assert_eq!((outside.count("told opened"), outside.count("told store_down")), (1, 1));
    let board = board(&engine);
    assert!(board.own.store_trouble.is_some());
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_nobody_up_once_it_is_known() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    Outside::becomes(&outside.storing, Manner::NeverReturns);
    passes(seconds(40)).await;
    assert!(board(&engine).own.store_trouble.is_some());
    let clock = SystemClock::starting_at(Timestamp::from_ms(0));
    for _ in 0..30 {
        passes(Duration::from_millis(1_300)).await;
        let asked_at = clock.now();
        engine.service.test_alert(&Principal::named("ann")).await.unwrap();
        assert_eq!(clock.now(), asked_at, "the loop stands still while the store is tried");
    }
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_panics_makes_unknown_and_nothing_worse() {
    let outside = Outside::new();
    let engine = outside.engine().await;
    Outside::becomes(&outside.probing, Manner::Panics);
    passes(seconds(60)).await;
    assert!(engine.is_running());
    assert!(all_checks_are(&engine, "Unknown"));
    Outside::becomes(&outside.probing, Manner::Good);
    passes(seconds(30)).await;
    assert!(all_checks_are(&engine, "Up"));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_never_returns_is_cut_off_and_asked_again() {
    let outside = Outside::new();
    let engine = outside.engine().await;
    Outside::becomes(&outside.probing, Manner::NeverReturns);
    passes(seconds(60)).await;
    Outside::becomes(&outside.probing, Manner::Good);
    passes(seconds(60)).await;
    assert!(all_checks_are(&engine, "Up"));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_healer_that_panics_is_looked_after_and_not_repeated() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    Outside::becomes(&outside.healing, Manner::Panics);
    passes(seconds(40)).await;
    assert_eq!(phase(&engine), "Verifying");
    assert_eq!(outside.count("healed refresh"), 1);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_healer_that_never_returns_is_cut_off() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    Outside::becomes(&outside.healing, Manner::NeverReturns);
    passes(seconds(40)).await;
    assert_eq!(phase(&engine), "Healing");
    passes(seconds(60)).await;
    assert_eq!(phase(&engine), "Verifying");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_notifier_that_panics_or_never_returns_is_tried_again() {
    for manner in [Manner::Panics, Manner::NeverReturns, Manner::Fails] {
        let outside = Outside::new();
        Outside::becomes(&outside.telling, manner);
        let engine = with_a_lost_link(&outside).await;
        passes(seconds(60)).await;
        Outside::becomes(&outside.telling, Manner::Good);
        passes(seconds(60)).await;
        assert!(outside.count("told opened") >= 2, "{manner:?}: {:?}", outside.done());
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_takes_up_what_was_open() {
    let outside = Outside::new();
    Outside::becomes(&outside.healing, Manner::NeverReturns);
    let engine = with_a_lost_link(&outside).await;
    passes(seconds(30)).await;
    engine.stop().await;
    let engine = outside.engine_at(Timestamp::from_civil(2026, 11, 23, 12, 5)).await;
    passes(seconds(1)).await;
    assert_eq!(phase(&engine), "Verifying");
    assert_eq!(outside.count("healed refresh"), 1, "a step lost in a stop is looked at, not repeated");
    outside.link(true);
    passes(seconds(60)).await;
    assert_eq!(phase(&engine), "Healthy");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_left_does_not_come_back_with_its_old_trouble() {
    let outside = Outside::new();
    let engine = with_a_lost_link(&outside).await;
    passes(seconds(30)).await;
    let nothing = rebound::target::Config { targets: Vec::new(), ..config() };
    engine.reconfigure(nothing).await;
    passes(seconds(30)).await;
    engine.stop().await;
    let closings = |outside: &Arc<Outside>| outside.count("stored incident");
    let before = closings(&outside);
    outside.link(true);
    let engine = outside.engine_at(Timestamp::from_civil(2026, 11, 23, 12, 30)).await;
    passes(seconds(60)).await;
    assert_eq!(closings(&outside), before, "an incident that is over is not written again");
    assert!(board(&engine).targets[0].incident.is_none());
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_heal_that_a_person_stops_ends_at_once_and_is_looked_at() {
    let outside = Outside::new();
    Outside::becomes(&outside.healing, Manner::NeverReturns);
    let engine = with_a_lost_link(&outside).await;
    passes(seconds(20)).await;
    assert_eq!(phase(&engine), "Healing");
    let asked = engine.service.stop_heal(&Principal::named("ann"), "mt5").await.unwrap();
    assert!(matches!(asked.state, rebound::monitor::AskedState::Done(_)), "{asked:?}");
    passes(seconds(1)).await;
    assert_eq!(phase(&engine), "Verifying");
    let board = board(&engine);
    let step = &board.targets[0].incident.as_ref().unwrap().steps[0];
    let end = step.result.as_ref().unwrap();
    assert_eq!(end.outcome, rebound::heal::StepOutcome::Stopped);
    assert_eq!(end.link.as_deref(), Some(RUN), "what was started goes on, and can be looked at");
    passes(seconds(600)).await;
    assert_eq!(outside.count("healed refresh") + outside.count("healed restart"), 1, "no other follows");
    engine.stop().await;
}
