//! What the end of an incident says of its heals and of its time.

use super::super::super::RequestKind;
use super::super::super::scene_tests::{Scene, bridge, good, link_lost, minutes, not_asked, silent, target};
use super::*;
use crate::heal::HealPolicy;
use core::time::Duration;

#[test]
fn a_remedy_that_was_later_seen_not_to_help_gets_no_credit() {
    let mut spec = bridge("mt5");
    spec.heal.ladder.truncate(1);
    let mut scene = Scene::of(spec);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(6), not_asked);
    scene.sees_for(minutes(10), link_lost);
    assert!(matches!(scene.phase(), Phase::Escalated { .. }));
    scene.sees(3, good);
    assert_eq!(scene.closed[0].closed.as_ref().unwrap().how, Recovery::ByItself);
}

/// Nothing was seen after the heal, and what it was for is not seen when something else fails.
#[test]
fn a_heal_of_which_nothing_can_be_told_is_neither_credited_nor_blamed_when_something_else_fails() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(6), not_asked);
    assert!(matches!(scene.incident().unwrap().steps[0].proof, Proof::NotTold(_)));
    scene.sees_for(minutes(2), silent);
    let proof = scene.incident().unwrap().steps[0].proof;
    assert!(matches!(proof, Proof::NotTold(_)), "{proof:?}");
    scene.sees_for(minutes(2), good);
    let closed = &scene.closed[0];
    assert_eq!(closed.closed.as_ref().unwrap().how, Recovery::AfterHeal(String::from("restart bridge")));
    let ledger = &scene.monitor.target(&target("mt5")).unwrap().ledger;
    let line = ledger.lines().iter().find(|line| line.remedy == "refresh").unwrap();
    assert_eq!((line.unclear, line.failed, line.helped), (1, 0, 0));
}

#[test]
fn the_good_time_of_what_comes_and_goes_is_no_downtime() {
    let mut scene = Scene::of(TargetSpec { heal: HealPolicy::default(), ..bridge("mt5") });
    scene.sees(3, link_lost);
    for _ in 0..3 {
        scene.sees(1, good);
        scene.sees(3, link_lost);
    }
    for _ in 0..3 {
        scene.sees_for(minutes(4), good);
        scene.sees_for(minutes(1), link_lost);
    }
    scene.sees_for(minutes(40), good);
    let closed = scene.closed.last().unwrap();
    let whole = closed.closed.as_ref().unwrap().recovered_at.since(closed.first_failure);
    let down = closed.downtime(scene.now);
    assert!(closed.flaps > 3 && whole > minutes(15), "{closed:?}");
    assert!(down >= minutes(3) && down < minutes(6), "{down:?} of {whole:?}");
}

#[test]
fn a_heal_of_a_healthy_target_invents_no_downtime() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.asks(RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: false, remedy: None });
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    let closed = scene.closed.last().unwrap();
    assert_eq!(closed.downtime(scene.now), Duration::ZERO);
}
