//! The history of numbers, with a time that stands still until everybody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rebound::amount::Amount;
use rebound::check::{AccountRead, AccountReading, AccountState, NotRead};
use rebound::history::{Bucket, Series, SeriesView};
use rebound::ids::{AccountId, TargetId};
use rebound::time::Timestamp;
use rebound_engine::driver::Engine;
use rebound_engine::history::port::{Batch, Detail, HistoryStore, Horizon, Removed};
use rebound_engine::history::recording::{Recorded, Recording};
use rebound_engine::history::rollup::Hour;
use rebound_engine::history::uptime::UptimeDay;
use rebound_engine::ports::StoreError;
use rebound_engine::service::{Principal, ServiceError};
use rebound_store::MemoryHistory;
use tokio::time::sleep;

use crate::outside::{Manner, Outside, mt5};

/// One way into a history that several runs use.
struct Way {
    to: Arc<MemoryHistory>,
    is_cut: AtomicBool,
    hangs: bool,
}

impl Way {
    fn to(history: &Arc<MemoryHistory>) -> Arc<Self> {
        Arc::new(Self { to: Arc::clone(history), is_cut: AtomicBool::new(false), hangs: false })
    }

    fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }

    async fn open(&self) -> Result<&MemoryHistory, StoreError> {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        if self.is_cut.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("cut off".to_owned()));
        }
        Ok(&self.to)
    }
}

#[async_trait]
impl HistoryStore for Way {
    async fn keep(&self, batch: &Batch) -> Result<(), StoreError> {
        self.open().await?.keep(batch).await
    }
    async fn hours(
        &self,
        target: &TargetId,
        series: Series,
        from: Timestamp,
        to: Timestamp,
        detail: Detail,
    ) -> Result<Vec<Hour>, StoreError> {
        self.open().await?.hours(target, series, from, to, detail).await
    }
    async fn series_of(&self, target: &TargetId, from: Timestamp) -> Result<Vec<Series>, StoreError> {
        self.open().await?.series_of(target, from).await
    }
    async fn days(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UptimeDay>, StoreError> {
        self.open().await?.days(target, from, to).await
    }
    async fn recordings(
        &self,
        of: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Recording>, StoreError> {
        self.open().await?.recordings(of, from, to, limit).await
    }
    async fn prune(&self, horizon: &Horizon) -> Result<Removed, StoreError> {
        self.open().await?.prune(horizon).await
    }
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// Until what was seen up to now is written: that happens at the full minute.
async fn it_is_written() {
    sleep(Duration::from_secs(1)).await;
}

fn noon() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 12, 0)
}

/// An outside whose numbers go into `history` by a way of their own.
fn outside_on(history: &Arc<MemoryHistory>) -> (Arc<Outside>, Arc<Way>) {
    let (outside, way) = (Outside::new(), Way::to(history));
    *outside.history.lock().unwrap() = Arc::clone(&way) as Arc<dyn HistoryStore>;
    (outside, way)
}

fn ann() -> Principal {
    Principal::named("ann")
}

async fn series(engine: &Engine, name: &str, from: Timestamp, to: Timestamp) -> SeriesView {
    engine.service.series(&ann(), "mt5", name, from, to, 2_000).await.unwrap()
}

/// How often something was read in each minute from noon on.
async fn counts(history: &MemoryHistory, of: Series) -> Vec<(i64, u64)> {
    let (from, to) = (noon(), noon().after(minutes(10_000)));
    let hours = history.hours(&mt5(), of, from, to, Detail::Minutes).await.unwrap();
    let number = |hour: &Hour| (hour.key.hour.as_ms() - noon().as_ms()) / 60_000;
    let of_hour = |hour: &Hour| {
        let first = number(hour);
        hour.minutes.iter().map(|(minute, part)| (first + i64::from(*minute), part.count)).collect::<Vec<_>>()
    };
    hours.iter().flat_map(of_hour).collect()
}

#[tokio::test(start_paused = true)]
async fn a_day_of_a_target_gives_its_1440_minutes() {
    let outside = Outside::new();
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(24 * 60)).await;
    it_is_written().await;
    let to = noon().after(minutes(24 * 60));
    for name in ["response_time", "answered"] {
        let view = series(&engine, name, noon(), to).await;
        assert_eq!((view.buckets.len(), view.bucket_ms), (1_440, 60_000));
        assert!(view.buckets.iter().all(|bucket| bucket.count == 6), "each minute was asked six times");
        assert!(view.buckets.iter().all(|bucket| bucket.min == bucket.max), "and answered alike");
    }
    let day = series(&engine, "response_time", noon(), to).await;
    assert_eq!((day.buckets[0].last, day.buckets[0].p95), (Some(1.0), Some(1.0)));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_gap_stays_a_gap() {
    let outside = Outside::new();
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(60)).await;
    Outside::becomes(&outside.probing, Manner::Fails);
    sleep(minutes(60)).await;
    Outside::becomes(&outside.probing, Manner::Good);
    sleep(minutes(60)).await;
    it_is_written().await;
    let to = noon().after(minutes(180));
    let time = series(&engine, "response_time", noon(), to).await;
    let gaps: Vec<usize> = time
        .buckets
        .iter()
        .enumerate()
        .filter(|(_, bucket)| bucket.is_gap())
        .map(|(number, _)| number)
        .collect();
    assert_eq!(gaps, (60..120).collect::<Vec<_>>(), "no answer has no time");
    assert_eq!(time.buckets[60], Bucket { at: noon().after(minutes(60)), ..Bucket::default() });
    let answered = series(&engine, "answered", noon(), to).await;
    assert!(answered.buckets[60..120].iter().all(|bucket| bucket.mean == Some(0.0)), "but it was asked");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_at_most_the_open_minute() {
    let history = Arc::new(MemoryHistory::new());
    let (outside, way) = outside_on(&history);
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(90) + Duration::from_secs(30)).await;
    way.cut(true);
    engine.stop().await;

    *outside.history.lock().unwrap() = Way::to(&history);
    let engine = outside.engine_at(noon().after(minutes(90) + Duration::from_secs(30))).await;
    sleep(minutes(90)).await;
    engine.stop().await;

    let found = counts(&history, Series::ResponseTime).await;
    let of = |minute: i64| {
        found.iter().filter(|(number, _)| *number == minute).map(|(_, count)| count).sum::<u64>()
    };
    assert!((0..90).chain(91..180).all(|minute| of(minute) == 6), "{found:?}");
    assert_eq!(of(90), 3, "the second half of the minute in which it crashed");
}

#[tokio::test(start_paused = true)]
async fn an_orderly_stop_loses_nothing_and_what_two_runs_saw_of_a_minute_is_added_up() {
    let history = Arc::new(MemoryHistory::new());
    let (outside, _way) = outside_on(&history);
    let half = minutes(5) + Duration::from_secs(30);
    let engine = outside.engine_at(noon()).await;
    sleep(half).await;
    engine.stop().await;
    let engine = outside.engine_at(noon().after(half)).await;
    sleep(minutes(5)).await;
    let view = series(&engine, "response_time", noon(), noon().after(minutes(10))).await;
    assert!(view.buckets.iter().all(|bucket| bucket.count == 6), "{view:?}");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_history_that_hangs_holds_up_nothing() {
    let outside = Outside::new();
    let way = Way { to: Arc::new(MemoryHistory::new()), is_cut: AtomicBool::new(false), hangs: true };
    *outside.history.lock().unwrap() = Arc::new(way);
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(2)).await;
    outside.link(false);
    sleep(minutes(3)).await;
    assert!(outside.count("healed refresh") == 1, "{:?}", outside.done());
    assert_eq!(outside.count("told store_down"), 0, "the store works");
    let (since, why) = engine.service.history(&ann()).unwrap().fails.unwrap();
    assert!(since > noon() && why.contains("no answer within 30 s"), "{why}");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_the_history_is_written_when_it_is_back() {
    let history = Arc::new(MemoryHistory::new());
    let (outside, way) = outside_on(&history);
    way.cut(true);
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(200)).await;
    assert!(engine.service.history(&ann()).unwrap().fails.is_some());
    way.cut(false);
    sleep(minutes(10)).await;
    it_is_written().await;
    let view = series(&engine, "response_time", noon(), noon().after(minutes(208))).await;
    assert!(view.buckets.iter().all(|bucket| bucket.count == 6));
    let state = engine.service.history(&ann()).unwrap();
    assert_eq!((state.fails, state.rows_lost, state.observations_lost), (None, 0, 0));
    let days = engine.service.uptime_days(&ann(), 1).await.unwrap();
    assert_eq!(days.targets[0].figures.total_ms() / 60_000, 209, "and how it was since noon");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn days_hold_every_second_in_one_state_over_a_stop() {
    let history = Arc::new(MemoryHistory::new());
    let (outside, _way) = outside_on(&history);
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(60)).await;
    Outside::becomes(&outside.probing, Manner::Fails);
    sleep(minutes(10)).await;
    Outside::becomes(&outside.probing, Manner::Good);
    sleep(minutes(50)).await;
    engine.stop().await;
    let engine = outside.engine_at(noon().after(minutes(180))).await;
    sleep(minutes(13 * 60)).await;
    it_is_written().await;

    let days = engine.service.uptime_days(&ann(), 3).await.unwrap();
    let [before, monday, tuesday] = days.targets[0].days.as_slice() else { panic!("three days") };
    assert_eq!((before.figures.total_ms(), before.up_share), (0, None), "nobody watched yet");
    let of = &monday.figures;
    assert_eq!(of.total_ms(), 12 * 3_600_000, "from noon to midnight");
    assert_eq!(of.down_ms / 1_000, 10 * 60, "from the first failure on");
    assert!(of.unknown_ms >= 3_600_000 && of.unknown_ms < 3_601_000, "the hour of the stop: {of:?}");
    assert!(tuesday.figures.up_ms >= 3 * 3_600_000 + 59 * 60_000, "{tuesday:?}");
    assert_eq!(tuesday.up_share, Some(10_000));
    let kept = history.days(Some(&mt5()), monday.day, tuesday.day).await.unwrap();
    assert!(kept[0].hours[12..].iter().all(|hour| hour.total_ms() == 3_600_000), "{:?}", kept[0].hours);
    engine.stop().await;
}

fn read(number: u64, balance: f64, read_at: Timestamp) -> AccountReading {
    let state = AccountState::Read(AccountRead {
        read_at,
        balance: Amount::try_new(balance).unwrap(),
        equity: None,
        currency: None,
        server: None,
        transfer: None,
    });
    AccountReading { id: AccountId::new(number), name: None, state }
}

#[tokio::test(start_paused = true)]
async fn money_is_kept_to_the_last_digit_and_only_while_it_is_read() {
    let outside = Outside::new();
    let placeholder = AccountReading {
        id: AccountId::new(1_000_002),
        name: None,
        state: AccountState::NotRead(NotRead::BalanceMissing),
    };
    let listed = vec![read(1_000_001, 10_000.17, noon().after(minutes(5))), placeholder];
    *outside.accounts.lock().unwrap() = Some(listed);
    let engine = outside.engine_at(noon().after(minutes(5))).await;
    sleep(minutes(60)).await;
    it_is_written().await;
    let to = noon().after(minutes(60));
    let money = series(&engine, "balance.1000001", noon(), to).await;
    let known: Vec<(usize, Option<f64>)> = money
        .buckets
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.is_gap())
        .map(|(at, one)| (at, one.last))
        .collect();
    assert_eq!(known, (5..=20).map(|minute| (minute, Some(10_000.17))).collect::<Vec<_>>(), "while it syncs");
    let age = series(&engine, "read_age", noon(), to).await;
    assert_eq!((age.buckets[30].last, age.buckets[30].limit), (Some(25.0 * 60.0 + 50.0), Some(900.0)));
    let names = engine.service.series_of(&ann(), "mt5").await.unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["response_time", "answered", "read_age", "sync_share", "balance.1000001"]);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn everything_that_was_judged_is_recorded_with_the_settings_that_held() {
    let history = Arc::new(MemoryHistory::new());
    let (outside, _way) = outside_on(&history);
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(59) + Duration::from_secs(30)).await;
    engine.stop().await;
    let (from, to) = (noon(), noon().after(minutes(100)));
    let parts = history.recordings(Some(&mt5()), from, to, 100).await.unwrap();
    assert_eq!(parts.len(), 6, "one for ten minutes");
    let lines: Vec<_> = parts.iter().flat_map(|part| part.lines().unwrap()).collect();
    assert!(matches!(&lines[0].what, Recorded::Target { spec, .. } if spec.id == mt5()));
    assert!(matches!(lines.last().unwrap().what, Recorded::Ended));
    let seen = lines.iter().filter(|line| matches!(line.what, Recorded::Seen(_))).count();
    let asked: u64 = counts(&history, Series::Answered).await.iter().map(|(_, count)| count).sum();
    assert_eq!(u64::try_from(seen).unwrap(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_question_about_numbers_that_cannot_be_answered_says_why() {
    let outside = Outside::new();
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(5)).await;
    let (from, to) = (noon(), noon().after(minutes(5)));
    let ask = async |target: &str, name: &str, from, to, points| {
        engine.service.series(&ann(), target, name, from, to, points).await.unwrap_err().to_string()
    };
    assert!(ask("mt6", "response_time", from, to, 10).await.contains("no target is called \"mt6\""));
    assert!(ask("mt5", "latency", from, to, 10).await.contains("\"latency\" is no series: it is one of"));
    assert_eq!(ask("mt5", "answered", from, to, 2_001).await, "points = 2001 is out of range: 2 to 2000");
    let backwards = ask("mt5", "answered", to, from, 10).await;
    assert!(
        backwards.starts_with("from = 2026-11-23 12:05:00 UTC is out of range: before to"),
        "{backwards}"
    );
    let far = ask("mt5", "answered", to.after(minutes(60)), to.after(minutes(90)), 10).await;
    assert!(far.contains("at most the present"), "{far}");
    let days = engine.service.uptime_days(&ann(), 732).await.unwrap_err();
    assert_eq!(days.to_string(), "days = 732 is out of range: 1 to 731");
    assert!(matches!(days, ServiceError::OutOfRange { .. }));
    engine.stop().await;
}
