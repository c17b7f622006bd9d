//! Weeks of random faults, heals that work, fail or lie, lost messages, outages and crashes.

use rebound_tests::sim::week::run;

/// Runs the seeds and prints the ones that broke a promise.
fn weeks_hold(seeds: std::ops::Range<u64>) {
    let broken: Vec<String> = seeds.filter_map(|seed| run(seed, 7).err()).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

#[test]
fn a_week_keeps_every_promise_in_worlds_1_to_6() {
    weeks_hold(1..7);
}

#[test]
fn a_week_keeps_every_promise_in_worlds_7_to_12() {
    weeks_hold(7..13);
}

#[test]
fn a_week_keeps_every_promise_in_worlds_13_to_18() {
    weeks_hold(13..19);
}

#[test]
fn a_week_keeps_every_promise_in_worlds_19_to_24() {
    weeks_hold(19..25);
}

/// An escalation was told twice.
#[test]
fn a_week_keeps_every_promise_in_a_world_that_once_broke_one() {
    weeks_hold(166..167);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    assert_eq!(run(5, 2), run(5, 2));
}

#[test]
fn a_week_has_faults_and_heals() {
    let report = run(3, 7).unwrap_or_default();
    assert!(report.faults > 5 && report.heals > 3 && report.incidents > 5, "{report:?}");
}
