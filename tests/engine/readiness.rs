//! What an emergency needs is looked at by the engine's own loop, and the signs of life end with it.

use std::sync::Arc;
use std::time::Duration;

use rebound::readiness::{Seen, Trouble};
use rebound::view::{ReadinessState, ReadinessView};
use rebound_engine::driver::Engine;
use rebound_engine::service::Principal;
use tokio::time::sleep;

use crate::outside::{Manner, Outside};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn ready(outside: &Arc<Outside>) -> Engine {
    let engine = outside.watched_engine().await;
    sleep(MINUTE).await;
    engine
}

fn item(engine: &Engine, id: &str) -> ReadinessView {
    let board = engine.service.board(&Principal::named("ann"));
    board.readiness.iter().find(|view| view.id == id).cloned().unwrap()
}

fn refused() -> Seen {
    Seen::Refused(Trouble::new("the mail server refuses the password", "put the right one in place"))
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_at_the_start_and_once_a_day() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    assert_eq!(outside.count("looked"), 1);
    assert_eq!(item(&engine, "alerts.channel/mail").state, ReadinessState::Ready);
    sleep(DAY * 3).await;
    assert_eq!(outside.count("looked"), 4);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ready_is_told_once_a_day_and_its_mending_once() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    outside.shows(refused());
    sleep(DAY * 2 + MINUTE).await;
    assert_eq!(item(&engine, "alerts.channel/mail").state, ReadinessState::NotReady);
    assert_eq!(outside.count("told not_ready"), 2, "on each of two days");
    outside.shows(Seen::Works("it takes the password".to_owned()));
    sleep(DAY).await;
    assert_eq!((outside.count("told not_ready"), outside.count("told ready_again")), (2, 1));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_asked_for_is_made_once_a_minute_at_most() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    let ann = Principal::named("ann");
    engine.service.check_readiness(&ann).await.unwrap();
    engine.service.check_readiness(&ann).await.unwrap();
    sleep(MINUTE / 2).await;
    engine.service.check_readiness(&ann).await.unwrap();
    sleep(MINUTE / 4).await;
    assert_eq!(outside.count("looked"), 2);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_preflight_that_panics_or_never_returns_stops_nothing() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    for manner in [Manner::Panics, Manner::NeverReturns] {
        Outside::becomes(&outside.looking, manner);
        engine.service.check_readiness(&Principal::named("ann")).await.unwrap();
        sleep(MINUTE * 2).await;
        assert!(engine.is_running());
    }
    Outside::becomes(&outside.looking, Manner::Good);
    let looked = outside.count("looked");
    sleep(DAY + MINUTE).await;
    assert!(outside.count("looked") > looked);
    assert_eq!(
        item(&engine, "alerts.channel/mail").state,
        ReadinessState::Ready,
        "what was found before stays"
    );
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_are_given_while_the_loop_turns_and_end_with_it() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    sleep(MINUTE * 10).await;
    let given = outside.count("pinged");
    assert!((10..=12).contains(&given), "{given}");
    engine.stop().await;
    sleep(MINUTE * 10).await;
    assert_eq!(outside.count("pinged"), given);
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_go_on_without_a_store_while_people_can_be_told() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    Outside::becomes(&outside.storing, Manner::Fails);
    sleep(MINUTE * 2).await;
    let given = outside.count("pinged");
    sleep(MINUTE * 20).await;
    assert!(outside.count("pinged") >= given + 19);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_end_when_every_question_breaks() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    Outside::becomes(&outside.probing, Manner::Panics);
    sleep(MINUTE * 12).await;
    let given = outside.count("pinged");
    sleep(MINUTE * 20).await;
    assert_eq!(outside.count("pinged"), given, "whoever watches from outside is left to tell");
    Outside::becomes(&outside.probing, Manner::Good);
    sleep(MINUTE * 3).await;
    assert!(outside.count("pinged") > given);
    engine.stop().await;
}
