//! Wake-ups, the own network and restarts.

use super::super::scene_tests::{Scene, bridge, config, good, link_lost, minutes, seconds, target};
use super::*;
use crate::check::ProbeRequest;
use crate::heal::StepOutcome;
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

#[test]
fn time_in_which_rebound_did_not_run_is_no_unknown_that_people_hear_of() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees_for(minutes(5), super::super::scene_tests::not_asked);
    scene.restarts(minutes(60));
    scene.sees(2, super::super::scene_tests::not_asked);
    assert_eq!(scene.told(crate::alert::AlertReason::UnknownTooLong), 0);
    scene.sees_for(minutes(16), super::super::scene_tests::not_asked);
    assert_eq!(scene.told(crate::alert::AlertReason::UnknownTooLong), 1);
}

/// Stops, and comes back under a clock that shows an earlier time than before.
fn clock_set_back(scene: &mut Scene, by: Duration) {
    let saved = super::super::scene_tests::written_and_read(&scene.monitor.save());
    scene.now = scene.now.before(by);
    let (monitor, _) = Monitor::restore(scene.monitor.config.clone(), saved, scene.now).unwrap();
    scene.monitor = monitor;
}

#[test]
fn a_clock_that_was_set_back_before_a_start_makes_nobody_deaf() {
    let mut scene = with_beacons();
    scene.sees_for(minutes(10), good);
    clock_set_back(&mut scene, minutes(180));
    let back = scene.now;
    scene.sees_for(minutes(1), good);
    assert!(scene.now.since(back) <= minutes(2), "it watches again at once, not in three hours");
    while scene.steps.is_empty() {
        scene.sees(1, link_lost);
    }
    assert!(scene.now.since(back) <= minutes(3), "and heals");
    let state = scene.monitor.target(&target("mt5")).unwrap();
    assert!(state.uptime.figures(back, scene.now).total_ms() > 0);
}

#[test]
fn a_clock_that_was_set_back_holds_no_heal_and_no_alert_until_it_caught_up() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    assert_eq!((scene.steps.len(), scene.told(crate::alert::AlertReason::Opened)), (1, 1));
    clock_set_back(&mut scene, minutes(600));
    scene.sees_for(minutes(35), good);
    scene.sees(2, link_lost);
    assert_eq!((scene.steps.len(), scene.told(crate::alert::AlertReason::Opened)), (2, 2));
}

#[test]
fn what_was_read_under_a_clock_that_was_ahead_does_not_stay_fresh_for_hours() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    clock_set_back(&mut scene, minutes(600));
    let back = scene.now;
    let placeholders = |now: Timestamp| {
        let listed = (1..=7).map(super::super::scene_tests::not_read).collect();
        let accounts = crate::check::AccountsReading::Listed(listed);
        super::super::scene_tests::answer(crate::check::BridgeReading {
            accounts,
            ..super::super::scene_tests::healthy(now)
        })
    };
    scene.sees_for(minutes(20), placeholders);
    assert!(scene.incident().is_some() && scene.now.since(back) < minutes(30));
}
