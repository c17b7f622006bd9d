//! Wake-ups, the own network and restarts.

use super::super::scene_tests::{Scene, bridge, config, good, link_lost, minutes, seconds, target};
use super::*;
use crate::check::ProbeRequest;
use crate::target::OwnNetworkSpec;

/// One bridge, and beacons that tell whether Rebound's own network works.
fn with_beacons() -> Scene {
    let own_network = OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() };
    Scene::new(Config { own_network, ..config(alloc::vec![bridge("mt5")]) })
}

fn next_of(scene: &mut Scene, subject: &Subject) -> ProbeRequest {
    let mut request = scene.next_question();
    while request.subject != *subject {
        request = scene.next_question();
    }
    request
}

#[test]
fn beacons_that_never_answer_are_asked_again() {
    let mut scene = with_beacons();
    let first = next_of(&mut scene, &Subject::OwnNetwork);
    let second = next_of(&mut scene, &Subject::OwnNetwork);
    assert_eq!(second.asked_at.since(first.asked_at), seconds(30));
}

#[test]
fn no_beacon_asked_is_no_sign_of_a_lost_network() {
    let mut scene = with_beacons();
    let request = next_of(&mut scene, &Subject::OwnNetwork);
    scene.reply(&request, ProbeOutcome::Beacons { answered: 0, asked: 0, dates: Vec::new() });
    assert_eq!(scene.monitor.shared.own.seen, None);
}

#[test]
fn an_old_answer_of_the_beacons_does_not_replace_a_newer_one() {
    let mut scene = with_beacons();
    let old = next_of(&mut scene, &Subject::OwnNetwork);
    let new = next_of(&mut scene, &Subject::OwnNetwork);
    scene.reply(&new, ProbeOutcome::Beacons { answered: 0, asked: 2, dates: Vec::new() });
    scene.reply(&old, ProbeOutcome::Beacons { answered: 2, asked: 2, dates: Vec::new() });
    assert_eq!(scene.monitor.shared.own.seen, Some((new.asked_at, false)));
}

#[test]
fn a_machine_that_stood_still_heals_nothing_on_what_it_saw_before() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    let stopped = scene.now;
    scene.sees(1, link_lost);
    scene.passes(minutes(60));
    scene.handle(Event::Woke);
    assert_eq!(scene.steps.len(), 1, "what was seen an hour ago is no failure seen now");
    scene.sees_for(minutes(1), good);
    assert!(scene.incident().is_none());
    let figures = scene.monitor.target(&target("mt5")).unwrap().uptime.figures(stopped, scene.now);
    assert!(figures.unknown_ms >= 59 * 60_000, "{figures:?}");
}
