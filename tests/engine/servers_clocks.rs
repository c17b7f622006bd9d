//! Servers whose clocks differ: what one leaves to another has times of a clock that is not the other's.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::incident::Incident;
use rebound::view::Tone;

use crate::stage::{Server, Stage, id, many, passes};

/// So much may a machine's clock be wrong before its own doubts stop it, and then some.
const SKEWS: [u64; 3] = [20, 600, 7_200];

/// Two servers, of which `ahead` has a clock that is ahead, and a target that `b` watches.
async fn two(ahead: &str, seconds: u64) -> (Stage, Server, Server, TargetId) {
    let stage = Stage::new(many(2));
    stage.is_ahead(ahead, Duration::from_secs(seconds));
    let (a, b) = (stage.server("a").await, stage.server("b").await);
    passes(60).await;
    let target = (0..2).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    (stage, a, b, target)
}

/// The last incident of a target, which must be over.
fn over(server: &Server, target: &TargetId) -> Incident {
    let board = server.board();
    let view = board.targets.iter().find(|view| view.id == *target).unwrap();
    assert!(view.incident.is_none(), "{:#?}", view.incident);
    view.recent[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_is_replaced_and_its_fault_healed_once_however_far_its_clock_was_off() {
    for (ahead, seconds) in SKEWS.iter().flat_map(|by| [("a", *by), ("b", *by)]) {
        let (stage, a, b, target) = two(ahead, seconds).await;
        stage.kill("b", &b);
        stage.loses_link(&target);
        passes(15).await;
        assert_eq!(a.watcher(&target).as_deref(), Some("a"), "{ahead} {seconds}");
        passes(180).await;
        assert_eq!(stage.healed(&target), ["a"], "{ahead} {seconds}");
        assert_eq!(a.tone(&target), Tone::Good, "{ahead} {seconds}");
        over(&a, &target);
    }
}

#[tokio::test(start_paused = true)]
async fn a_heal_of_a_dead_server_is_looked_at_and_not_repeated_however_far_its_clock_was_off() {
    for (ahead, seconds) in SKEWS.iter().flat_map(|by| [("a", *by), ("b", *by)]) {
        let (stage, a, b, target) = two(ahead, seconds).await;
        stage.world.heals_hang.store(true, Ordering::SeqCst);
        stage.loses_link(&target);
        while stage.healed(&target).is_empty() {
            passes(1).await;
        }
        // It worked, and nobody lived to see it.
        stage.kill("b", &b);
        stage.world.lost.lock().unwrap().clear();
        passes(300).await;
        assert_eq!(stage.healed(&target), ["b"], "{ahead} {seconds}");
        assert_eq!(a.tone(&target), Tone::Good, "{ahead} {seconds}");
        let incident = over(&a, &target);
        let closed = incident.closed.clone().unwrap();
        assert!(closed.at >= incident.opened_at, "{ahead} {seconds}: {incident:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_heal_of_a_dead_server_that_did_not_help_is_followed_as_if_clocks_agreed() {
    let followed = async |ahead: &str, seconds: u64| {
        let (stage, _a, b, target) = two(ahead, seconds).await;
        stage.world.heals_help.store(false, Ordering::SeqCst);
        stage.world.heals_hang.store(true, Ordering::SeqCst);
        stage.loses_link(&target);
        while stage.healed(&target).is_empty() {
            passes(1).await;
        }
        stage.kill("b", &b);
        passes(900).await;
        (stage.healed(&target), stage.told(&format!("escalated {target} by a")))
    };
    let agreed = followed("a", 0).await;
    for (ahead, seconds) in SKEWS.iter().flat_map(|by| [("a", *by), ("b", *by)]) {
        assert_eq!(followed(ahead, seconds).await, agreed, "{ahead} is {seconds} s ahead");
    }
}
