use rebound::history::Sample;
use rebound::ids::{AccountId, TargetId};

use super::super::rollup::{HourKey, Writer, hour_of, merged, minute_of};
use super::*;

const NOW: Timestamp = Timestamp::from_ms(1_795_392_000_000 + 10 * HOUR_MS);

fn ago(minutes: i64) -> Timestamp {
    Timestamp::from_ms(NOW.as_ms() - minutes * MINUTE_MS)
}

/// Hours with a number at each of these times.
fn hours(series: Series, writer: u64, read: &[(Timestamp, f64)]) -> Vec<Hour> {
    let mut by_hour: BTreeMap<Timestamp, BTreeMap<u8, Rollup>> = BTreeMap::new();
    for (at, value) in read {
        let sample = Sample { series, value: *value, limit: None };
        let minutes = by_hour.entry(hour_of(*at)).or_default();
        minutes
            .entry(minute_of(*at))
            .and_modify(|minute| minute.add(&sample, *at))
            .or_insert_with(|| Rollup::of(&sample, *at));
    }
    let target = TargetId::try_new("mt5").unwrap();
    let hour = |(hour, minutes): (Timestamp, BTreeMap<u8, Rollup>)| Hour {
        key: HourKey { hour, target: target.clone(), series, writer: Writer(writer) },
        whole: merged(minutes.values()).unwrap(),
        minutes,
    };
    by_hour.into_iter().map(hour).collect()
}

#[test]
fn buckets_are_the_shortest_round_ones_that_fit() {
    let shape = |from, points| {
        let shape = Shape::of(from, NOW, points, NOW, &Kept::default());
        (shape.width_ms / MINUTE_MS, shape.detail, shape.buckets())
    };
    assert_eq!(shape(ago(60), 300), (1, Detail::Minutes, 60));
    assert_eq!(shape(ago(24 * 60), 300), (5, Detail::Minutes, 288));
    assert_eq!(shape(ago(24 * 60), 2_000), (1, Detail::Minutes, 1_440));
    assert_eq!(shape(ago(7 * 24 * 60), 300), (60, Detail::Hours, 168));
    assert_eq!(shape(ago(30 * 24 * 60), 2_000), (30, Detail::Minutes, 1_440));
    assert_eq!(shape(ago(31 * 24 * 60), 2_000), (60, Detail::Hours, 744), "minutes are gone by then");
    assert_eq!(shape(ago(730 * 24 * 60), 100), (14 * 24 * 60, Detail::Hours, 53));
    assert_eq!(shape(ago(3_650 * 24 * 60), 2).2, 2);
}

#[test]
fn no_shape_has_more_buckets_than_were_asked_for() {
    for points in [0, 1, 2, 3, 7, 100, 2_000, u32::MAX] {
        for minutes in [1, 2, 59, 61, 1_439, 50_000, 1_000_000, 5_000_000] {
            let shape = Shape::of(ago(minutes), NOW, points, NOW, &Kept::default());
            let most = usize::try_from(points.clamp(POINTS_MIN, POINTS_MAX)).unwrap();
            assert!((1..=most).contains(&shape.buckets()), "{points} points, {minutes} min: {shape:?}");
            assert!(shape.from <= ago(minutes) && shape.to >= NOW);
        }
    }
}

#[test]
fn a_time_in_which_nothing_was_read_is_a_gap_and_not_zero() {
    let read = [(ago(10), 5.0), (ago(10), 7.0), (ago(7), 9.0)];
    let found = hours(Series::ResponseTime, 1, &read);
    let shape = Shape::of(ago(10), ago(6), 300, NOW, &Kept::default());
    let buckets = buckets(Series::ResponseTime, &found, &shape);
    let counts: Vec<u64> = buckets.iter().map(|bucket| bucket.count).collect();
    assert_eq!(counts, [2, 0, 0, 1]);
    assert_eq!(buckets[1], Bucket { at: ago(9), ..Bucket::default() });
    let Bucket { min, max, mean, last, .. } = buckets[0];
    assert_eq!((min, max, mean, last), (Some(5.0), Some(7.0), Some(6.0), Some(7.0)));
}

#[test]
fn what_two_servers_saw_is_added_up_once() {
    let mut both = hours(Series::ResponseTime, 1, &[(ago(5), 10.0), (ago(4), 20.0)]);
    both.extend(hours(Series::ResponseTime, 2, &[(ago(4), 40.0), (ago(3), 50.0)]));
    let shape = Shape::of(ago(5), ago(2), 300, NOW, &Kept::default());
    let found: Vec<(u64, Option<f64>)> = buckets(Series::ResponseTime, &both, &shape)
        .iter()
        .map(|bucket| (bucket.count, bucket.max))
        .collect();
    assert_eq!(found, [(1, Some(10.0)), (2, Some(40.0)), (1, Some(50.0))]);
}

#[test]
fn percentiles_of_a_day_come_from_its_parts_and_lie_within_what_was_read() {
    let read: Vec<(Timestamp, f64)> =
        (1..=1_000).map(|number| (ago(number % 600), f64::from(u32::try_from(number).unwrap()))).collect();
    let shape = Shape { from: ago(600), to: NOW, width_ms: 600 * MINUTE_MS, detail: Detail::Hours };
    let [all] = buckets(Series::ResponseTime, &hours(Series::ResponseTime, 1, &read), &shape)[..] else {
        panic!("one bucket")
    };
    let near = |found: Option<f64>, truth: f64| (found.unwrap() - truth).abs() <= truth * 0.011;
    assert!(near(all.p50, 500.0) && near(all.p95, 950.0), "{all:?}");
    let one = hours(Series::ResponseTime, 1, &[(ago(5), 1_000.0)]);
    let shape = Shape::of(ago(5), ago(4), 300, NOW, &Kept::default());
    assert_eq!(buckets(Series::ResponseTime, &one, &shape)[0].p95, Some(1_000.0));
}

#[test]
fn money_has_no_mean_and_no_percentiles() {
    let series = Series::Balance(AccountId::new(1_000_001));
    let found = hours(series, 1, &[(ago(5), 0.1), (ago(5), 0.2)]);
    let shape = Shape::of(ago(5), ago(4), 300, NOW, &Kept::default());
    let bucket = buckets(series, &found, &shape)[0];
    assert_eq!((bucket.mean, bucket.p50, bucket.last), (None, None, Some(0.2)));
}
