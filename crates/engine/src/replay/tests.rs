use std::sync::Mutex;

use async_trait::async_trait;
use rebound::check::{NoAnswer, Observation, ProbeOutcome, Subject};
use rebound::history::Series;
use rebound::target::{EndpointSpec, EndpointWay, OwnNetworkSpec, TargetKind, TargetSpec};

use super::*;
use crate::history::port::{Batch, Detail, Horizon, Removed};
use crate::history::recorder::Recorder;
use crate::history::recording::Recording;
use crate::history::rollup::{Hour, Writer};
use crate::history::uptime::UptimeDay;

const SECOND_MS: i64 = 1_000;
const START: i64 = 1_795_000_000_000;

/// Recordings and nothing else.
struct Recordings(Mutex<Vec<Recording>>);

#[async_trait]
impl HistoryStore for Recordings {
    async fn keep(&self, _: &Batch) -> Result<(), StoreError> {
        Ok(())
    }
    async fn hours(
        &self,
        _: &TargetId,
        _: Series,
        _: Timestamp,
        _: Timestamp,
        _: Detail,
    ) -> Result<Vec<Hour>, StoreError> {
        Ok(vec![])
    }
    async fn series_of(&self, _: &TargetId, _: Timestamp) -> Result<Vec<Series>, StoreError> {
        Ok(vec![])
    }
    async fn days(
        &self,
        _: Option<&TargetId>,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<UptimeDay>, StoreError> {
        Ok(vec![])
    }
    async fn recordings(
        &self,
        of: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Recording>, StoreError> {
        let all = self.0.lock().unwrap();
        let mut found: Vec<Recording> = all
            .iter()
            .filter(|part| part.of.as_ref() == of && part.from >= from && part.from < to)
            .cloned()
            .collect();
        found.sort_by_key(|part| part.from);
        found.truncate(limit as usize);
        Ok(found)
    }
    async fn prune(&self, _: &Horizon) -> Result<Removed, StoreError> {
        Ok(Removed::default())
    }
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
        alerts: rebound::alert::AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: ReadinessSpec { watched: false, ping_every: None },
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_ms(START + second * SECOND_MS)
}

/// What is recorded of a service that is looked at every ten seconds, in these stretches of seconds, and is silent in those.
fn recorded(stretches: &[(i64, i64)], silent: &[(i64, i64)]) -> Recordings {
    let within =
        |second: i64, spans: &[(i64, i64)]| spans.iter().any(|(from, to)| (*from..*to).contains(&second));
    let mut recorder = Recorder::new(Writer(1));
    let last = stretches.iter().map(|(_, to)| *to).max().unwrap_or(0);
    let mut parts = Vec::new();
    for second in (0..last).step_by(10).filter(|second| within(*second, stretches)) {
        let outcome = if within(second, silent) {
            ProbeOutcome::NoAnswer(NoAnswer::Refused)
        } else {
            ProbeOutcome::Endpoint(rebound::check::EndpointReading::default())
        };
        let seen =
            Observation { subject: Subject::Target(id()), asked_at: at(second), latency_ms: 5, outcome };
        recorder.record(Some(id()), at(second), seen);
        parts.extend(recorder.give(at(second)));
    }
    parts.extend(recorder.give(at(last + 3_600)));
    Recordings(Mutex::new(parts))
}

async fn replayed(recordings: &Recordings, before: u32, after: u32, until: i64) -> Replayed {
    replay(recordings, &config(before), &config(after), at(until), &|_| {}).await.unwrap()
}

#[tokio::test]
async fn patience_costs_late_alerts_and_saves_false_ones() {
    // Silent for 25 s once, and for ten minutes once.
    let seen = recorded(&[(0, 7_200)], &[(600, 630), (3_000, 3_600)]);
    let found = replayed(&seen, 2, 6, 7_200).await;
    assert_eq!((found.before.incidents, found.after.incidents), (2, 1));
    assert!(found.before.alerts > found.after.alerts, "{found:?}");
    assert!(found.before.trouble_ms >= 580 * 1_000, "{found:?}");
    assert_eq!((found.targets, found.touched, found.observations), (1, 1, 720));
    assert_eq!(found.from, at(0));
}

#[tokio::test]
async fn the_same_settings_come_to_the_same() {
    let seen = recorded(&[(0, 3_600)], &[(600, 900)]);
    let mut other = config(2);
    other.targets.first_mut().unwrap().name = "Another name".to_owned();
    let found = replay(&seen, &config(2), &other, at(3_600), &|_| {}).await.unwrap();
    assert_eq!(found.before, found.after);
    assert_eq!(found.before.incidents, 1);
}

#[tokio::test]
async fn a_time_in_which_nobody_watched_is_no_trouble() {
    let seen = recorded(&[(0, 1_800), (36_000, 37_800)], &[]);
    let found = replayed(&seen, 2, 3, 40_000).await;
    assert_eq!((found.before.incidents, found.before.alerts), (0, 0), "{found:?}");
}

#[tokio::test]
async fn nothing_recorded_is_nothing_said() {
    let found = replayed(&recorded(&[], &[]), 2, 3, 7_200).await;
    assert_eq!(found.observations, 0);
}

#[test]
fn only_what_stands_on_a_change_is_touched() {
    let named = |name: &str, on: &[&str]| {
        let mut spec = config(2).targets.remove(0);
        spec.id = TargetId::try_new(name).unwrap();
        spec.depends_on = on.iter().map(|on| TargetId::try_new(on).unwrap()).collect();
        spec
    };
    let mut before = config(2);
    before.targets = vec![named("host", &[]), named("bridge", &["host"]), named("other", &[])];
    let mut after = before.clone();
    after.targets.first_mut().unwrap().thresholds.successes_to_close = 5;
    let touched: Vec<String> = touched(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(touched, ["bridge", "host"]);
    after.alerts.cooldown = Duration::from_secs(60);
    assert_eq!(super::touched(&before, &after).len(), 3);
}
