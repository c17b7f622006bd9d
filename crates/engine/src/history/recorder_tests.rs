use rebound::alert::AlertPolicy;
use rebound::check::{NoAnswer, ProbeOutcome, Subject};
use rebound::target::{OwnNetworkSpec, TargetSpec};

use super::*;

fn mt5() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

/// So many seconds into a day.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_ms(1_795_392_000_000 + seconds * 1_000)
}

fn seen(seconds: i64) -> Observation {
    let outcome = ProbeOutcome::NoAnswer(NoAnswer::Refused);
    Observation { subject: Subject::Target(mt5()), asked_at: at(seconds), latency_ms: 5, outcome }
}

fn config(name: &str) -> Arc<Config> {
    let spec = TargetSpec { name: name.to_owned(), ..TargetSpec::bridge(mt5()) };
    Arc::new(Config {
        targets: vec![spec],
        alerts: AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: rebound::readiness::ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    })
}

fn recorder() -> Recorder {
    let mut recorder = Recorder::new(Writer(7));
    recorder.configure(config("MT5"));
    recorder
}

/// What lines tell, in a word each.
fn words(parts: &[Recording]) -> Vec<String> {
    let lines = parts.iter().flat_map(|part| part.lines().unwrap());
    let word = |line: Line| match line.what {
        Recorded::Target { spec, .. } => format!("settings {}", spec.name),
        Recorded::Whole { .. } => "settings of all".to_owned(),
        Recorded::Seen(seen) => format!("seen {}", (seen.asked_at.as_ms() - at(0).as_ms()) / 1_000),
        Recorded::Lost(count) => format!("lost {count}"),
        Recorded::Ended => "ended".to_owned(),
    };
    lines.map(word).collect()
}

#[test]
fn a_part_is_about_ten_minutes_and_begins_with_the_settings_that_hold() {
    let mut recorder = recorder();
    for seconds in [0, 10, 599] {
        recorder.record(Some(mt5()), at(seconds), seen(seconds));
    }
    assert_eq!(recorder.give(at(599)), []);
    let parts = recorder.give(at(600));
    assert_eq!(words(&parts), ["settings MT5", "seen 0", "seen 10", "seen 599"]);
    assert_eq!((parts[0].from, parts[0].to, parts[0].count), (at(0), at(599), 4));
    recorder.record(Some(mt5()), at(605), seen(605));
    assert_eq!(words(&recorder.give(at(1_300))), ["seen 605"], "settings are not told with every part");
}

#[test]
fn what_was_seen_comes_back_as_it_was() {
    let mut recorder = recorder();
    recorder.record(Some(mt5()), at(3), seen(1));
    let parts = recorder.give(at(900));
    let lines = parts[0].lines().unwrap();
    assert_eq!(lines[1], Line { at: at(3), what: Recorded::Seen(Box::new(seen(1))) });
}

#[test]
fn other_settings_are_told_before_what_they_judge_and_the_same_are_not() {
    let mut recorder = recorder();
    recorder.record(Some(mt5()), at(0), seen(0));
    recorder.configure(config("MT5"));
    recorder.record(Some(mt5()), at(1), seen(1));
    recorder.configure(config("MT5 north"));
    recorder.record(Some(mt5()), at(2), seen(2));
    let told = words(&recorder.give(at(900)));
    assert_eq!(told, ["settings MT5", "seen 0", "seen 1", "settings MT5 north", "seen 2"]);
}

#[test]
fn settings_are_told_once_a_day_so_that_they_outlive_what_is_old() {
    let mut recorder = recorder();
    for seconds in [0, 86_399, 86_400, 86_401] {
        recorder.record(Some(mt5()), at(seconds), seen(seconds));
    }
    let told = words(&recorder.give(at(90_000)));
    assert_eq!(told, ["settings MT5", "seen 0", "seen 86399", "settings MT5", "seen 86400", "seen 86401"]);
}

#[test]
fn what_was_not_taken_in_and_the_end_of_a_run_are_told() {
    let mut recorder = recorder();
    recorder.record(Some(mt5()), at(0), seen(0));
    recorder.record(None, at(1), seen(1));
    recorder.lose(12);
    recorder.record(Some(mt5()), at(2), seen(2));
    recorder.end(Some(&[mt5()]), at(3));
    let parts = recorder.give(at(4));
    assert_eq!(words(&parts), ["settings MT5", "seen 0", "lost 12", "seen 2", "ended"]);
    recorder.end(None, at(5));
    assert_eq!(words(&recorder.give(at(5))), ["settings of all", "seen 1", "ended"]);
}

#[test]
fn a_part_that_grows_large_is_closed_early() {
    let mut recorder = recorder();
    let long = ProbeOutcome::NotAsked("x".repeat(1_000));
    for seconds in 0..600 {
        let large = Observation { outcome: long.clone(), ..seen(seconds) };
        recorder.record(Some(mt5()), at(seconds), large);
    }
    let parts = recorder.give(at(599));
    assert_eq!(parts.len(), 2, "600 KiB make two full parts and an open one");
    assert!(parts.iter().all(|part| part.lines.len() < PART_BYTES_MAX + 2_000));
    assert!(parts[0].to < parts[1].from, "each has a key of its own");
}
