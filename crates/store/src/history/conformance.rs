//! One story that every history passes: what is written comes back bit by bit, what is written again replaces, what is old goes.

use std::collections::BTreeMap;

use rebound::history::{Sample, Series};
use rebound::ids::{AccountId, TargetId};
use rebound::time::Timestamp;
use rebound::uptime::{UptimeFigures, UptimeState};
use rebound_engine::history::port::{Batch, Detail, HistoryStore, Horizon};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::{HOUR_MS, Hour, HourKey, MINUTE_MS, Rollup, Writer, merged, minute_of};
use rebound_engine::history::uptime::{DAY_MS, DayTotal, UptimeDay};

use crate::conformance::samples::target;

/// Tells the whole story to histories that `open` makes; each must be empty.
///
/// # Panics
/// If a history does not do what [`HistoryStore`] promises.
pub async fn story<S: HistoryStore>(open: impl AsyncFn() -> S) {
    an_empty_history_holds_nothing(&open().await).await;
    every_number_comes_back_bit_by_bit(&open().await).await;
    what_is_written_again_replaces(&open().await).await;
    two_writers_of_an_hour_stand_side_by_side(&open().await).await;
    a_query_is_of_one_series_and_one_time(&open().await).await;
    series_are_listed_while_they_are_new(&open().await).await;
    days_come_back_in_order(&open().await).await;
    a_day_that_knows_less_comes_too_late(&open().await).await;
    recordings_come_back_as_they_were(&open().await).await;
    old_minutes_go_and_their_hours_stay(&open().await).await;
    what_is_old_goes(&open().await).await;
    recordings_keep_to_their_bytes(&open().await).await;
    much_is_written_at_once(&open().await).await;
}

/// The beginning of an hour, so many hours into the story.
pub(crate) fn hour(number: i64) -> Timestamp {
    // 2026-11-23 00:00 UTC.
    Timestamp::from_ms(1_795_392_000_000 + number * HOUR_MS)
}

/// The beginning of a day of the story.
pub(crate) fn day(number: i64) -> Timestamp {
    Timestamp::from_ms(hour(0).as_ms() + number * DAY_MS)
}

/// An hour with these numbers, one in each of its first minutes.
pub(crate) fn an_hour(number: i64, of: &TargetId, series: Series, writer: u64, values: &[f64]) -> Hour {
    let mut minutes = BTreeMap::new();
    for (minute, value) in values.iter().enumerate() {
        let offset = i64::try_from(minute).expect("few minutes") * MINUTE_MS + 7;
        let at = Timestamp::from_ms(hour(number).as_ms() + offset);
        let limit = (series == Series::ReadAge).then_some(900.0);
        minutes.insert(minute_of(at), Rollup::of(&Sample { series, value: *value, limit }, at));
    }
    let whole = merged(minutes.values()).expect("an hour has a number");
    let key = HourKey { hour: hour(number), target: of.clone(), series, writer: Writer(writer) };
    Hour { key, whole, minutes }
}

/// A day on which a target was up for so long, in its first hours.
pub(crate) fn a_day(number: i64, of: &TargetId, hours_up: usize) -> UptimeDay {
    let mut up = UptimeDay::empty(of.clone(), day(number));
    for figures in up.hours.iter_mut().take(hours_up) {
        figures.spend(UptimeState::Up, 3_599_000);
        figures.spend(UptimeState::Down, 1_000);
    }
    up
}

fn a_recording(of: Option<&TargetId>, from: Timestamp, line: &str) -> Recording {
    let lines = format!("{line}\n").into_bytes();
    let to = Timestamp::from_ms(from.as_ms() + 1);
    Recording { of: of.cloned(), from, to, writer: Writer(17), count: 1, lines }
}

fn hours_of(hours: Vec<Hour>) -> Batch {
    Batch { hours, ..Batch::default() }
}

fn balance() -> Series {
    Series::Balance(AccountId::new(1_000_001))
}

fn without_minutes(hour: &Hour) -> Hour {
    Hour { minutes: BTreeMap::new(), ..hour.clone() }
}

async fn all_hours(store: &impl HistoryStore, of: &TargetId, series: Series, detail: Detail) -> Vec<Hour> {
    let found = store.hours(of, series, hour(-10_000), hour(10_000), detail).await;
    found.expect("a series can be read")
}

async fn an_empty_history_holds_nothing(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    assert_eq!(store.keep(&Batch::default()).await, Ok(()));
    assert_eq!(all_hours(store, &mt5, balance(), Detail::Minutes).await, []);
    assert_eq!(store.series_of(&mt5, hour(0)).await, Ok(vec![]));
    assert_eq!(store.days(None, day(-1), day(1)).await, Ok(vec![]));
    assert_eq!(store.recordings(None, hour(0), hour(1), 10).await, Ok(vec![]));
}

async fn every_number_comes_back_bit_by_bit(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    // No sum of two's powers, the largest amount, the smallest, and a debt.
    let money = [10_000.1, 0.07, 1e13, -0.01, 10_000.1];
    let hours = vec![
        an_hour(0, &mt5, balance(), 3, &money),
        an_hour(1, &mt5, balance(), 3, &[0.1 + 0.2; 3]),
        an_hour(0, &mt5, Series::ResponseTime, 3, &[12.0, 4_294_967_295.0, 0.0]),
        an_hour(0, &mt5, Series::ReadAge, 3, &[0.25, 901.5]),
    ];
    assert_eq!(store.keep(&hours_of(hours.clone())).await, Ok(()));
    assert_eq!(all_hours(store, &mt5, balance(), Detail::Minutes).await, hours[..2]);
    for kept in &hours[2..] {
        let found = all_hours(store, &mt5, kept.key.series, Detail::Minutes).await;
        assert_eq!(found, std::slice::from_ref(kept));
        let found = all_hours(store, &mt5, kept.key.series, Detail::Hours).await;
        assert_eq!(found, [without_minutes(kept)]);
    }
    let bits = |hour: &Hour| hour.minutes.values().map(|minute| minute.last.to_bits()).collect::<Vec<_>>();
    let found = all_hours(store, &mt5, balance(), Detail::Minutes).await;
    assert_eq!(bits(&found[0]), money.map(f64::to_bits));
}

async fn what_is_written_again_replaces(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    let first = an_hour(0, &mt5, Series::ResponseTime, 1, &[5.0]);
    let more = an_hour(0, &mt5, Series::ResponseTime, 1, &[5.0, 6.0, 7.0]);
    let recording = a_recording(Some(&mt5), hour(0), "one");
    let batch = |hour: &Hour| Batch {
        hours: vec![hour.clone()],
        days: vec![a_day(0, &mt5, 1)],
        recordings: vec![recording.clone()],
    };
    assert_eq!(store.keep(&batch(&first)).await, Ok(()));
    assert_eq!(store.keep(&batch(&more)).await, Ok(()));
    assert_eq!(store.keep(&batch(&more)).await, Ok(()), "and once more");
    assert_eq!(all_hours(store, &mt5, Series::ResponseTime, Detail::Minutes).await, [more]);
    assert_eq!(store.days(None, day(0), day(1)).await, Ok(vec![a_day(0, &mt5, 1)]));
    assert_eq!(store.recordings(Some(&mt5), hour(0), hour(1), 10).await, Ok(vec![recording]));
}

async fn two_writers_of_an_hour_stand_side_by_side(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    let early = an_hour(0, &mt5, Series::ResponseTime, 1, &[5.0, 6.0]);
    let late = an_hour(0, &mt5, Series::ResponseTime, 2, &[7.0]);
    assert_eq!(store.keep(&hours_of(vec![late.clone()])).await, Ok(()));
    assert_eq!(store.keep(&hours_of(vec![early.clone()])).await, Ok(()));
    assert_eq!(all_hours(store, &mt5, Series::ResponseTime, Detail::Minutes).await, [early, late]);
}

async fn a_query_is_of_one_series_and_one_time(store: &impl HistoryStore) {
    let (mt5, other) = (target("mt5"), target("mt5.other"));
    let mut hours: Vec<Hour> = (0..5).map(|number| an_hour(number, &mt5, balance(), 1, &[1.0])).collect();
    hours.push(an_hour(2, &mt5, Series::Equity(AccountId::new(1_000_001)), 1, &[2.0]));
    hours.push(an_hour(2, &mt5, Series::Balance(AccountId::new(100_000)), 1, &[3.0]));
    hours.push(an_hour(2, &other, balance(), 1, &[4.0]));
    assert_eq!(store.keep(&hours_of(hours.clone())).await, Ok(()));
    let found = store.hours(&mt5, balance(), hour(1), hour(3), Detail::Minutes).await;
    assert_eq!(found, Ok(hours[1..3].to_vec()), "from the first on, and before the last");
}

async fn series_are_listed_while_they_are_new(store: &impl HistoryStore) {
    let (mt5, other) = (target("mt5"), target("mt5-2"));
    let hours = vec![
        an_hour(0, &mt5, Series::ReadAge, 1, &[1.0]),
        an_hour(5, &mt5, Series::ResponseTime, 1, &[1.0]),
        an_hour(4, &mt5, balance(), 1, &[1.0]),
        an_hour(5, &mt5, balance(), 2, &[1.0]),
        an_hour(5, &other, Series::SyncShare, 1, &[1.0]),
    ];
    assert_eq!(store.keep(&hours_of(hours)).await, Ok(()));
    assert_eq!(store.series_of(&mt5, hour(1)).await, Ok(vec![Series::ResponseTime, balance()]));
    assert_eq!(store.series_of(&mt5, hour(0)).await.map(|found| found.len()), Ok(3));
    assert_eq!(store.series_of(&target("mt"), hour(0)).await, Ok(vec![]));
}

async fn days_come_back_in_order(store: &impl HistoryStore) {
    let (mt5, other) = (target("mt5"), target("a"));
    let mut every_state = UptimeDay::empty(mt5.clone(), day(1));
    every_state.hours[23] = UptimeFigures {
        up_ms: 1,
        degraded_ms: 2,
        down_ms: 3,
        unknown_ms: 3_599_000,
        maintenance_ms: 400,
        market_closed_ms: 594,
    };
    let days = vec![every_state, a_day(2, &mt5, 24), a_day(0, &mt5, 3), a_day(1, &other, 24)];
    assert_eq!(store.keep(&Batch { days: days.clone(), ..Batch::default() }).await, Ok(()));
    let [every_state, last, first, others] = days.as_slice() else { panic!("four days") };
    let all = vec![others.clone(), first.clone(), every_state.clone(), last.clone()];
    assert_eq!(store.days(None, day(0), day(3)).await, Ok(all.clone()));
    let totals: Vec<DayTotal> = all.iter().map(DayTotal::of).collect();
    assert_eq!(store.totals(day(0), day(3)).await, Ok(totals), "and the same without their hours");
    let some = store.days(Some(&mt5), day(0), day(2)).await;
    assert_eq!(some, Ok(vec![first.clone(), every_state.clone()]));
}

async fn a_day_that_knows_less_comes_too_late(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    let keep = async |day: UptimeDay| store.keep(&Batch { days: vec![day], ..Batch::default() }).await;
    assert_eq!(keep(a_day(0, &mt5, 5)).await, Ok(()));
    assert_eq!(keep(a_day(0, &mt5, 4)).await, Ok(()), "a frozen server that goes on does no harm");
    assert_eq!(store.days(None, day(0), day(1)).await, Ok(vec![a_day(0, &mt5, 5)]));
    assert_eq!(store.totals(day(0), day(1)).await, Ok(vec![DayTotal::of(&a_day(0, &mt5, 5))]));
    let mut corrected = a_day(0, &mt5, 5);
    corrected.hours[4] = UptimeFigures { down_ms: 3_600_000, ..UptimeFigures::default() };
    assert_eq!(keep(corrected.clone()).await, Ok(()), "what knows as much is the newer");
    assert_eq!(store.days(None, day(0), day(1)).await, Ok(vec![corrected]));
}

async fn recordings_come_back_as_they_were(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    let text = "{\"name\":\"Kein Anschluß\\u0000 接続なし\"}";
    let recordings = vec![
        a_recording(Some(&mt5), hour(2), text),
        a_recording(Some(&mt5), hour(0), &"long ".repeat(100_000)),
        a_recording(None, hour(1), text),
        a_recording(Some(&mt5), hour(3), text),
    ];
    assert_eq!(store.keep(&Batch { recordings: recordings.clone(), ..Batch::default() }).await, Ok(()));
    let [second, first, own, third] = recordings.as_slice() else { panic!("four recordings") };
    let found = store.recordings(Some(&mt5), hour(0), hour(3), 10).await;
    assert_eq!(found, Ok(vec![first.clone(), second.clone()]));
    assert_eq!(store.recordings(Some(&mt5), hour(1), hour(9), 1).await, Ok(vec![second.clone()]));
    assert_eq!(store.recordings(Some(&mt5), hour(3), hour(9), 0).await, Ok(vec![]));
    assert_eq!(store.recordings(None, hour(0), hour(9), 10).await, Ok(vec![own.clone()]));
    assert_eq!(store.recordings(Some(&mt5), hour(3), hour(9), 10).await, Ok(vec![third.clone()]));
}

/// A horizon before which nothing lies.
fn nothing_is_old() -> Horizon {
    let never = hour(-9_000);
    Horizon { minutes: never, hours: never, recordings: never, recordings_bytes_max: u64::MAX }
}

async fn old_minutes_go_and_their_hours_stay(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    let hours: Vec<Hour> = (0..4).map(|number| an_hour(number, &mt5, balance(), 1, &[1.5, 2.5])).collect();
    assert_eq!(store.keep(&hours_of(hours.clone())).await, Ok(()));
    for horizon in [2, 2, 1] {
        let horizon = Horizon { minutes: hour(horizon), ..nothing_is_old() };
        store.prune(&horizon).await.expect("old minutes can be removed");
    }
    let left =
        vec![without_minutes(&hours[0]), without_minutes(&hours[1]), hours[2].clone(), hours[3].clone()];
    assert_eq!(all_hours(store, &mt5, balance(), Detail::Minutes).await, left);
    let whole: Vec<Hour> = hours.iter().map(without_minutes).collect();
    assert_eq!(all_hours(store, &mt5, balance(), Detail::Hours).await, whole);
}

async fn what_is_old_goes(store: &impl HistoryStore) {
    let (mt5, other) = (target("mt5"), target("other"));
    let both = [&mt5, &other];
    let hours = both.iter().flat_map(|of| (0..30).map(|number| an_hour(number, of, balance(), 1, &[1.0])));
    let days = both.iter().flat_map(|of| (0..3).map(|number| a_day(number, of, 24)));
    let recordings = (0..3).map(|number| a_recording(Some(&mt5), hour(number), "line"));
    let batch = Batch { hours: hours.collect(), days: days.collect(), recordings: recordings.collect() };
    assert_eq!(store.keep(&batch).await, Ok(()));
    let horizon =
        Horizon { minutes: hour(25), hours: hour(24), recordings: hour(1), recordings_bytes_max: u64::MAX };
    let removed = store.prune(&horizon).await.expect("what is old can be removed");
    assert_eq!(removed.recordings, 1);
    for of in both {
        let left: Vec<Timestamp> =
            all_hours(store, of, balance(), Detail::Hours).await.iter().map(|hour| hour.key.hour).collect();
        assert_eq!(left, (24..30).map(hour).collect::<Vec<_>>());
    }
    let days = store.days(None, day(0), day(9)).await.expect("days can be read");
    assert_eq!(days.iter().map(|left| left.day).collect::<Vec<_>>(), [day(1), day(2), day(1), day(2)]);
    let totals: Vec<DayTotal> = days.iter().map(DayTotal::of).collect();
    assert_eq!(store.totals(day(0), day(9)).await, Ok(totals), "also without their hours");
    let left = store.recordings(Some(&mt5), hour(0), hour(9), 10).await.expect("recordings can be read");
    assert_eq!(left.iter().map(|one| one.from).collect::<Vec<_>>(), [hour(1), hour(2)]);
}

async fn recordings_keep_to_their_bytes(store: &impl HistoryStore) {
    let mt5 = target("mt5");
    // Packs to about its size, so that each takes more than 1,000 bytes.
    let noise = |seed: u64| -> String {
        let next = |state: &mut u64| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b' ' + u8::try_from(*state >> 58).expect("six bits"))
        };
        let mut state = seed;
        (0..2_000).map(|_| next(&mut state)).collect()
    };
    let recordings = (0..10).map(|number| {
        let seed = u64::try_from(number).expect("a small number");
        a_recording(Some(&mt5), hour(number), &noise(seed))
    });
    assert_eq!(store.keep(&Batch { recordings: recordings.collect(), ..Batch::default() }).await, Ok(()));
    let horizon = Horizon { recordings_bytes_max: 6_000, ..nothing_is_old() };
    store.prune(&horizon).await.expect("what is too much can be removed");
    let left = store.recordings(Some(&mt5), hour(0), hour(99), 100).await.expect("recordings can be read");
    assert!((2..=5).contains(&left.len()), "{} are left", left.len());
    assert_eq!(left.last().map(|one| one.from), Some(hour(9)), "the oldest go");
    let horizon = Horizon { recordings_bytes_max: 0, ..nothing_is_old() };
    store.prune(&horizon).await.expect("all of it can be removed");
    assert_eq!(store.recordings(Some(&mt5), hour(0), hour(99), 100).await, Ok(vec![]));
}

async fn much_is_written_at_once(store: &impl HistoryStore) {
    let targets: Vec<TargetId> = (0..50).map(|number| target(&format!("t{number}"))).collect();
    let hours = targets.iter().flat_map(|of| {
        (0..20).map(|account| an_hour(0, of, Series::Balance(AccountId::new(account)), 1, &[1.0]))
    });
    let days = targets.iter().map(|of| a_day(0, of, 24));
    let batch = Batch { hours: hours.collect(), days: days.collect(), recordings: Vec::new() };
    assert_eq!(store.keep(&batch).await, Ok(()));
    for of in &targets {
        assert_eq!(store.series_of(of, hour(0)).await.map(|found| found.len()), Ok(20));
    }
    assert_eq!(store.days(None, day(0), day(1)).await.map(|found| found.len()), Ok(50));
}
