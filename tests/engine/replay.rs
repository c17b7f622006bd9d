//! What other settings would have done, judged from what a history recorded.

use rebound::alert::AlertPolicy;
use rebound::check::{EndpointReading, NoAnswer, Observation, ProbeOutcome, Subject};
use rebound::ids::TargetId;
use rebound::readiness::ReadinessSpec;
use rebound::target::{Config, EndpointSpec, EndpointWay, OwnNetworkSpec, TargetKind, TargetSpec};
use rebound::time::Timestamp;
use rebound_engine::history::port::{Batch, HistoryStore as _};
use rebound_engine::history::recorder::Recorder;
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::Writer;
use rebound_engine::replay::{Replayed, replay};
use rebound_store::MemoryHistory;

const SECOND_MS: i64 = 1_000;
const START: i64 = 1_795_000_000_000;

async fn kept(recordings: Vec<Recording>) -> MemoryHistory {
    let history = MemoryHistory::new();
    history.keep(&Batch { recordings, ..Batch::default() }).await.unwrap();
    history
}

fn id() -> TargetId {
    TargetId::try_new("api").unwrap()
}

/// One service that is asked every ten seconds, and whose failure is believed after so many looks.
fn config(failures: u32) -> Config {
    let mut spec = TargetSpec::new(id(), TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Tcp)));
    spec.checks.truncate(1);
    for check in &mut spec.checks {
        check.failures_to_open = failures;
    }
    spec.watch.retry_every = spec.watch.interval;
    Config {
        targets: vec![spec],
        alerts: AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: ReadinessSpec { watched: false, ping_every: None },
        drills: rebound::drill::DrillPolicy::default(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_ms(START + second * SECOND_MS)
}

/// What is recorded of a service that is looked at every ten seconds, in these stretches of seconds, and is silent in those.
async fn recorded(stretches: &[(i64, i64)], silent: &[(i64, i64)]) -> MemoryHistory {
    let within =
        |second: i64, spans: &[(i64, i64)]| spans.iter().any(|(from, to)| (*from..*to).contains(&second));
    let mut recorder = Recorder::new(Writer(1));
    let last = stretches.iter().map(|(_, to)| *to).max().unwrap_or(0);
    let mut parts = Vec::new();
    for second in (0..last).step_by(10).filter(|second| within(*second, stretches)) {
        let outcome = if within(second, silent) {
            ProbeOutcome::NoAnswer(NoAnswer::Refused)
        } else {
            ProbeOutcome::Endpoint(EndpointReading::default())
        };
        let seen =
            Observation { subject: Subject::Target(id()), asked_at: at(second), latency_ms: 5, outcome };
        recorder.record(Some(id()), at(second), seen);
        parts.extend(recorder.give(at(second)));
    }
    parts.extend(recorder.give(at(last + 3_600)));
    kept(parts).await
}

async fn replayed(recordings: &MemoryHistory, before: u32, after: u32, until: i64) -> Replayed {
    replay(recordings, &config(before), &config(after), at(until), &|_| {}).await.unwrap()
}

#[tokio::test]
async fn patience_costs_late_alerts_and_saves_false_ones() {
    // Silent for 25 s once, and for ten minutes once.
    let seen = recorded(&[(0, 7_200)], &[(600, 630), (3_000, 3_600)]).await;
    let found = replayed(&seen, 2, 6, 7_200).await;
    assert_eq!((found.before.incidents, found.after.incidents), (2, 1));
    assert!(found.before.alerts > found.after.alerts, "{found:?}");
    assert!(found.before.trouble_ms >= 580 * 1_000, "{found:?}");
    assert_eq!((found.targets, found.touched, found.observations), (1, 1, 720));
    assert_eq!(found.from, at(0));
}

#[tokio::test]
async fn the_same_settings_come_to_the_same() {
    let seen = recorded(&[(0, 3_600)], &[(600, 900)]).await;
    let mut other = config(2);
    other.targets.first_mut().unwrap().name = "Another name".to_owned();
    let found = replay(&seen, &config(2), &other, at(3_600), &|_| {}).await.unwrap();
    assert_eq!(found.before, found.after);
    assert_eq!(found.before.incidents, 1);
}

#[tokio::test]
async fn a_time_in_which_nobody_watched_is_no_trouble() {
    let seen = recorded(&[(0, 1_800), (36_000, 37_800)], &[]).await;
    let found = replayed(&seen, 2, 3, 40_000).await;
    assert_eq!((found.before.incidents, found.before.alerts), (0, 0), "{found:?}");
}

#[tokio::test]
async fn nothing_recorded_is_nothing_said() {
    let found = replayed(&recorded(&[], &[]).await, 2, 3, 7_200).await;
    assert_eq!(found.observations, 0);
}

#[tokio::test]
async fn reminders_that_nobody_could_acknowledge_are_no_alerts() {
    // Nothing can be done about it, and nobody says that it was seen.
    let seen = recorded(&[(0, 14_400)], &[(600, 12_000)]).await;
    let found = replayed(&seen, 2, 3, 14_400).await;
    assert_eq!((found.before.incidents, found.before.alerts), (1, 2), "its begin and its end: {found:?}");
}

#[tokio::test]
async fn what_was_seen_of_the_own_network_alone_says_nothing_of_targets() {
    let mut recorder = Recorder::new(Writer(1));
    let beacons = ProbeOutcome::Beacons { answered: 1, asked: 1, dates: Vec::new() };
    let seen = Observation { subject: Subject::OwnNetwork, asked_at: at(0), latency_ms: 5, outcome: beacons };
    recorder.record(None, at(0), seen);
    let found = replayed(&kept(recorder.give(at(3_600))).await, 2, 3, 7_200).await;
    assert_eq!(found.observations, 0);
}
