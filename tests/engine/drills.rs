//! Fire drills in the engine's own loop: the intent is durable before the test alert goes out, and is read back from the store.

use std::sync::Arc;
use std::time::Duration;

use rebound::drill::{Drill, DrillPart, DrillState, Proof};
use rebound::monitor::AskedState;
use rebound::readiness::{Seen, Trouble};
use rebound_engine::driver::Engine;
use rebound_engine::service::Principal;
use tokio::time::sleep;

use crate::outside::{Manner, Outside};

const MINUTE: Duration = Duration::from_secs(60);

async fn ready(outside: &Arc<Outside>) -> Engine {
    let engine = outside.watched_engine().await;
    sleep(MINUTE * 2).await;
    engine
}

/// Rehearses, waits until that must be over, and returns what the store has of it.
async fn rehearsed(engine: &Engine) -> Drill {
    let ann = Principal::named("ann");
    let asked = engine.service.drill(&ann, Some("mt5")).await.unwrap();
    assert!(matches!(asked.state, AskedState::Running(_)), "{asked:?}");
    sleep(MINUTE * 4).await;
    engine.service.drills(&ann, Some("mt5"), 1).await.unwrap().remove(0)
}

fn proof(drill: &Drill, part: &DrillPart) -> Proof {
    drill.steps.iter().find(|step| step.part == *part).unwrap().proof
}

#[tokio::test(start_paused = true)]
async fn a_drill_is_durable_before_anybody_hears_of_it_and_passes() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    let drill = rehearsed(&engine).await;
    assert_eq!(drill.state, DrillState::Passed, "{:?}", drill.steps);
    assert!(outside.position("stored drill") < outside.position("told drill"));
    assert_eq!((outside.count("told drill"), outside.count("healed refresh")), (1, 0));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_store_that_refuses_fails_the_drill_and_people_hear_of_it() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    Outside::becomes(&outside.storing, Manner::Fails);
    let ann = Principal::named("ann");
    engine.service.drill(&ann, Some("mt5")).await.unwrap();
    sleep(MINUTE * 4).await;
    assert_eq!((outside.count("told drill"), outside.count("told drill_failed")), (1, 1));

    Outside::becomes(&outside.storing, Manner::Good);
    sleep(MINUTE).await;
    let drill = engine.service.drills(&ann, None, 1).await.unwrap().remove(0);
    assert_eq!((drill.state.clone(), proof(&drill, &DrillPart::Store)), (DrillState::Failed, Proof::Failed));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_forgets_what_it_took_is_found_out() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    outside.forgets_drills(true);
    engine.service.drill(&Principal::named("ann"), None).await.unwrap();
    sleep(MINUTE * 4).await;
    assert_eq!(outside.count("told drill_failed"), 1);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn drills_are_remembered_over_a_restart_and_a_failed_one_is_ended_by_the_next() {
    let outside = Outside::new();
    let engine = ready(&outside).await;
    outside.shows(Seen::Refused(Trouble::new("nothing listens there", "start it")));
    assert_eq!(rehearsed(&engine).await.state, DrillState::Failed);
    engine.stop().await;

    let outside = Outside::with(Arc::clone(&outside.memory), None);
    let engine = ready(&outside).await;
    let ann = Principal::named("ann");
    assert_eq!(engine.service.drills(&ann, Some("mt5"), 9).await.unwrap().len(), 1);
    let shown = engine.service.board(&ann).drills.clone();
    assert_eq!(shown[0].word.as_deref(), Some("failed"));

    assert_eq!(rehearsed(&engine).await.state, DrillState::Passed);
    assert_eq!(outside.count("told drill_passed"), 1);
    engine.stop().await;
}
