//! How much history a store takes, and how fast pages get it: `cargo run --release -p rebound-store --example history`, with
//! `-- memory`, `-- sqlite` or `-- mongodb` for one of them.
//!
//! A benchmark, no test: it measures and prints. MongoDB is the stand-in of the tests, or the server in `REBOUND_TEST_MONGODB_URL`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rebound::alert::AlertPolicy;
use rebound::amount::Amount;
use rebound::check::{
    AccountRead, AccountReading, AccountState, AccountsReading, BridgeReading, Observation, ProbeOutcome,
    Subject,
};
use rebound::history::{Sample, Series, Silence, Witnessed, samples};
use rebound::ids::{AccountId, TargetId};
use rebound::target::{Config, OwnNetworkSpec, TargetSpec};
use rebound::time::Timestamp;
use rebound::uptime::{Stretch, UptimeState};
use rebound::verdict::{AccountFigures, AccountMemory};
use rebound_engine::history::Kept;
use rebound_engine::history::aggregate::Aggregator;
use rebound_engine::history::pending::Pending;
use rebound_engine::history::port::{Batch, HistoryStore};
use rebound_engine::history::query::{Shape, buckets};
use rebound_engine::history::recorder::Recorder;
use rebound_engine::history::rollup::{HOUR_MS, MINUTE_MS, Writer};
use rebound_engine::history::uptime::{DAY_MS, UptimeDay};
use rebound_store::{MemoryHistory, MongodbAddress, MongodbHistory, MongodbStore, SqliteHistory};

/// Bridges that are watched.
const TARGETS: usize = 100;
/// Accounts of each.
const ACCOUNTS: u64 = 7;
/// Minutes of the world that are taken in.
const MINUTES: i64 = 30;
/// Looks at each bridge in a minute.
const LOOKS: i64 = 6;
/// Days of rows that queries meet.
const DAYS: i64 = 90;
/// Queries of each kind.
const QUERIES: usize = 200;
/// 2026-11-23 00:00 UTC.
const NOW: Timestamp = Timestamp::from_ms(1_795_392_000_000);

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let only = std::env::args().nth(1);
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if is_wanted("memory") {
        measure("memory", &MemoryHistory::new(), TARGETS).await?;
    }
    if is_wanted("sqlite") {
        let folder = tempfile::tempdir()?;
        let history = SqliteHistory::at(&folder.path().join("rebound.history.db"));
        measure("SQLite", &history, TARGETS).await?;
    }
    if is_wanted("mongodb") {
        let name = format!("rebound_bench_{}", std::process::id());
        let address = MongodbAddress::try_new(rebound_test_mongodb::url().await, None)?.with_database(&name);
        let store = Arc::new(MongodbStore::open(&address, None).await?);
        // The stand-in takes about a thousand rows a second: a tenth of the series, and all of the days.
        measure("MongoDB", &MongodbHistory::of(&store), TARGETS / 10).await?;
    }
    Ok(())
}

async fn measure(name: &str, store: &dyn HistoryStore, targets_with_series: usize) -> Result<(), Failure> {
    let targets: Vec<TargetId> = (0..TARGETS)
        .map(|number| TargetId::try_new(&format!("mt5-{number:03}")))
        .collect::<Result<_, _>>()?;
    take_in(name, store, &targets).await?;
    let began = now();
    let rows = fill(store, &targets, targets_with_series).await?;
    println!("{name}: {rows} rows of {DAYS} days written in {:.1} s", began.elapsed().as_secs_f64());
    ask(name, store, &targets, targets_with_series).await
}

/// Observations that go all the way: numbers, minutes, recordings, the store.
async fn take_in(name: &str, store: &dyn HistoryStore, targets: &[TargetId]) -> Result<(), Failure> {
    let config = Config {
        targets: targets.iter().cloned().map(TargetSpec::bridge).collect(),
        alerts: AlertPolicy::default(),
        own_network: OwnNetworkSpec::default(),
        maintenance: Vec::new(),
        readiness: rebound::readiness::ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    };
    let (mut aggregator, mut recorder, mut pending) =
        (Aggregator::new(Writer(1)), Recorder::new(Writer(1)), Pending::default());
    recorder.configure(Arc::new(config.clone()));
    let start = Timestamp::from_ms(NOW.as_ms() - 200 * DAY_MS);
    let (began, mut writing, mut slowest) = (now(), Duration::ZERO, Duration::ZERO);
    for minute in 0..MINUTES {
        for look in 0..LOOKS {
            let at = Timestamp::from_ms(start.as_ms() + minute * MINUTE_MS + look * MINUTE_MS / LOOKS);
            for spec in &config.targets {
                let seen = observation(&spec.id, at)?;
                aggregator.add(&spec.id, at, &numbers(spec, &seen, at));
                let stretch = Stretch { from: start, to: at, state: UptimeState::Up };
                aggregator.charge(&spec.id, &[stretch]);
                recorder.record(Some(spec.id.clone()), at, seen);
            }
        }
        let at = Timestamp::from_ms(start.as_ms() + (minute + 1) * MINUTE_MS);
        while let Some((target, from, to)) = aggregator.not_loaded() {
            let kept = store.days(Some(&target), from, to).await?;
            aggregator.load(&target, kept);
        }
        let (hours, days) = aggregator.give(at);
        pending.add(hours, days, recorder.give(at));
        let began = now();
        while let Some(batch) = pending.next_part() {
            store.keep(&batch).await?;
        }
        writing += began.elapsed();
        slowest = slowest.max(began.elapsed());
    }
    let looks = f64::from(u32::try_from(MINUTES * LOOKS)?) * f64::from(u32::try_from(targets.len())?);
    println!(
        "{name}: {:.0} observations a second end to end; the writes of a minute of {TARGETS} bridges took {:.0} ms, {:.0} ms at worst",
        looks / began.elapsed().as_secs_f64(),
        writing.as_secs_f64() * 1_000.0 / f64::from(u32::try_from(MINUTES)?),
        slowest.as_secs_f64() * 1_000.0,
    );
    Ok(())
}

fn observation(target: &TargetId, at: Timestamp) -> Result<Observation, Failure> {
    let second = u32::try_from(at.as_ms() / 1_000 % 1_000)?;
    let account = |number: u64| -> Result<AccountReading, Failure> {
        let balance = Amount::try_new(10_000.17 + f64::from(second))?;
        let read = AccountRead {
            read_at: at,
            balance,
            equity: Some(balance),
            currency: Some("USD".into()),
            server: Some("Example-Live".into()),
            transfer: None,
        };
        Ok(AccountReading {
            id: AccountId::new(1_000_001 + number),
            name: Some(format!("Account {number}")),
            state: AccountState::Read(read),
        })
    };
    let accounts = AccountsReading::Listed((0..ACCOUNTS).map(account).collect::<Result<_, _>>()?);
    let outcome = ProbeOutcome::Bridge(Box::new(BridgeReading { accounts, ..BridgeReading::default() }));
    Ok(Observation {
        subject: Subject::Target(target.clone()),
        asked_at: at,
        latency_ms: 5 + second % 90,
        outcome,
    })
}

fn numbers(spec: &TargetSpec, seen: &Observation, at: Timestamp) -> Vec<Sample> {
    let mut memory = AccountMemory::default();
    if let ProbeOutcome::Bridge(reading) = &seen.outcome {
        memory.learn(reading, &spec.accounts, at);
    }
    let accounts = Some(AccountFigures { newest_age: Some(Duration::from_secs(3)), synced: Some((7, 7)) });
    samples(&Witnessed { spec, seen, memory: &memory, accounts, silence: Silence::Targets, now: at })
}

/// Ninety days of uptime of every target, and of response time and share synced of some of them.
async fn fill(store: &dyn HistoryStore, targets: &[TargetId], with_series: usize) -> Result<usize, Failure> {
    let mut rows = 0;
    let start = NOW.as_ms() - (DAYS - 1) * DAY_MS;
    for target in targets {
        let days = (0..DAYS).map(|day| {
            let mut of_day = UptimeDay::empty(target.clone(), Timestamp::from_ms(start + day * DAY_MS));
            for hour in &mut of_day.hours {
                hour.spend(UptimeState::Up, 3_590_000);
                hour.spend(UptimeState::Down, 10_000);
            }
            of_day
        });
        let batch = Batch { days: days.collect(), ..Batch::default() };
        rows += batch.rows();
        store.keep(&batch).await?;
    }
    for target in targets.iter().take(with_series) {
        let (mut aggregator, mut pending) = (Aggregator::new(Writer(2)), Pending::default());
        for hour in 0..DAYS * 24 {
            let begins = start + hour * HOUR_MS;
            for look in 0..60 * LOOKS {
                let at = Timestamp::from_ms(begins + look * MINUTE_MS / LOOKS);
                let value = f64::from(u32::try_from(5 + (hour * 7 + look * 13) % 90)?);
                let of = |series, value| Sample { series, value, limit: Some(50.0) };
                aggregator.add(target, at, &[of(Series::ResponseTime, value), of(Series::SyncShare, 100.0)]);
            }
            let (hours, _) = aggregator.give(Timestamp::from_ms(begins + HOUR_MS));
            pending.add(hours, Vec::new(), Vec::new());
        }
        while let Some(batch) = pending.next_part() {
            rows += batch.rows();
            store.keep(&batch).await?;
        }
    }
    Ok(rows)
}

/// What the pages ask for.
async fn ask(
    name: &str,
    store: &dyn HistoryStore,
    targets: &[TargetId],
    with_series: usize,
) -> Result<(), Failure> {
    let end = Timestamp::from_ms(NOW.as_ms() + DAY_MS);
    let mut took = Vec::new();
    for _ in 0..QUERIES {
        let began = now();
        let from = Timestamp::from_ms(end.as_ms() - DAYS * DAY_MS);
        let days = store.totals(from, end).await?;
        let up: u64 = days.iter().map(|day| day.figures.up_ms).sum();
        took.push(began.elapsed());
        assert!(up > 0 && days.len() == targets.len() * usize::try_from(DAYS)?, "all days are there");
    }
    tell(name, &format!("{DAYS} days of uptime of {TARGETS} targets"), took);
    for (what, series, span_ms) in [
        ("24 h of response time", Series::ResponseTime, DAY_MS),
        ("30 days of share synced", Series::SyncShare, 30 * DAY_MS),
    ] {
        let mut took = Vec::new();
        for query in 0..QUERIES {
            let Some(target) = targets.get(query % with_series) else { continue };
            let began = now();
            let from = Timestamp::from_ms(end.as_ms() - span_ms);
            let shape = Shape::of(from, end, 300, end, &Kept::default());
            let hours = store.hours(target, series, shape.from, shape.to, shape.detail).await?;
            let shown = buckets(series, &hours, &shape);
            took.push(began.elapsed());
            assert!(shown.iter().all(|bucket| bucket.count > 0), "no bucket is empty");
        }
        tell(name, what, took);
    }
    Ok(())
}

fn tell(name: &str, what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at =
        |share: usize| took.get(took.len() * share / 100).map_or(0.0, |span| span.as_secs_f64() * 1_000.0);
    println!("{name}: {what}: p50 {:.2} ms, p99 {:.2} ms", at(50), at(99));
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures with the machine's own clock")]
fn now() -> Instant {
    Instant::now()
}
