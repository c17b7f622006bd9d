//! What is held, and waits to be heard, while Rebound itself cannot see.

use alloc::string::String;

use super::super::super::scene_tests::{Scene, config, minutes, seconds, target};
use crate::check::{EndpointReading, ProbeOutcome};
use crate::incident::{Holder, Phase};
use crate::monitor::{Event, SelfSeen};
use crate::target::{Config, EndpointSpec, EndpointWay, TargetKind, TargetSpec};
use crate::time::Timestamp;

/// A page that stands on a service, which stands on a database and is asked every minute only.
fn three_in_a_row() -> Config {
    let endpoint = |name: &str, on: &[&str]| TargetSpec {
        depends_on: on.iter().map(|parent| target(parent)).collect(),
        ..TargetSpec::new(target(name), TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Http)))
    };
    let mut service = endpoint("service", &["database"]);
    service.watch.interval = minutes(1);
    config(alloc::vec![endpoint("database", &[]), service, endpoint("page", &["service"])])
}

fn answers(status: u16) -> ProbeOutcome {
    ProbeOutcome::Endpoint(EndpointReading { status: Some(status), ..EndpointReading::default() })
}

fn well(_: &str, _: Timestamp) -> ProbeOutcome {
    answers(200)
}

fn broken(_: &str, _: Timestamp) -> ProbeOutcome {
    answers(500)
}

fn untold(_: &str, _: Timestamp) -> ProbeOutcome {
    ProbeOutcome::NotAsked(String::from("no network"))
}

/// Its parent is held by the database; nobody could tell for a moment, and the page was looked at first after it.
#[test]
fn what_is_held_stays_held_while_nobody_can_see_it() {
    let mut scene = Scene::new(three_in_a_row());
    scene.lives(minutes(2), well);
    scene.lives(minutes(10), broken);
    let seen = |scene: &Scene| {
        let service = scene.monitor.target(&target("service")).unwrap();
        scene.now.since(service.looked_at.unwrap())
    };
    for _ in 0..60 {
        if seen(&scene) < seconds(50) {
            scene.lives(seconds(1), broken);
        }
    }
    scene.lives(seconds(45), untold);
    scene.lives(
        seconds(10),
        |name, now| if name == "service" { untold(name, now) } else { broken(name, now) },
    );
    let held = matches!(scene.phase_of("page"), Phase::Suppressed { by: Holder::Parent { id, .. } } if id == target("service"));
    assert!(held, "{:?}", scene.phase_of("page"));
    assert_eq!(scene.alerts.len(), 1, "{:?}", scene.alerts);
    scene.lives(minutes(5), well);
    assert_eq!(scene.phase_of("page"), Phase::Healthy);
}

/// Found by a simulated world: a host died while Rebound was held up again and again.
#[test]
fn trouble_waits_longer_for_what_it_depends_on_while_rebound_itself_is_held_up() {
    let mut scene = Scene::new(three_in_a_row());
    scene.lives(minutes(2), well);
    for _ in 0..9 {
        let lag = SelfSeen { lag_ms: 6_000, store_ms: None };
        scene.handle(Event::SelfSeen(lag));
        scene.lives(
            seconds(10),
            |name, now| if name == "page" { broken(name, now) } else { untold(name, now) },
        );
    }
    assert!(matches!(scene.phase_of("page"), Phase::Suspect { .. }), "{:?}", scene.phase_of("page"));
    scene.lives(seconds(70), broken);
    assert!(matches!(scene.phase_of("page"), Phase::Suppressed { .. }), "{:?}", scene.phase_of("page"));
    assert_eq!(scene.alerts.len(), 1, "only the database is told of: {:?}", scene.alerts);
}
