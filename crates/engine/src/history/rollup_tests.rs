use super::*;

fn sample(value: f64) -> Sample {
    Sample { series: Series::ResponseTime, value, limit: Some(value * 2.0) }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn of(values: &[(i64, f64)]) -> Rollup {
    let mut values = values.iter();
    let (ms, first) = values.next().unwrap();
    let mut rollup = Rollup::of(&sample(*first), at(*ms));
    values.for_each(|(ms, value)| rollup.add(&sample(*value), at(*ms)));
    rollup
}

#[test]
fn minutes_that_are_merged_are_the_hour_in_whatever_order() {
    let values: Vec<(i64, f64)> =
        (0..600).map(|number| (number * 6_000, f64::from(u32::try_from(number % 37).unwrap()))).collect();
    let whole = of(&values);
    let minutes: Vec<Rollup> = values.chunks(10).map(of).collect();
    assert_eq!(merged(&minutes), Some(whole.clone()));
    assert_eq!(merged(minutes.iter().rev()), Some(whole.clone()));
    let (even, odd): (Vec<_>, Vec<_>) = minutes.iter().enumerate().partition(|(number, _)| number % 2 == 0);
    let mixed = odd.into_iter().chain(even).map(|(_, minute)| minute);
    assert_eq!(merged(mixed), Some(whole));
}

#[test]
fn the_last_is_what_was_read_last_with_the_limit_of_that_time() {
    let rollup = of(&[(1, 5.0), (3, 9.0), (2, 7.0)]);
    assert_eq!((rollup.last, rollup.limit, rollup.last_at), (9.0, Some(18.0), at(3)));
    assert_eq!((rollup.count, rollup.min, rollup.max, rollup.sum), (3, 5.0, 9.0, 21.0));
}

#[test]
fn of_two_at_the_same_moment_the_order_of_merging_does_not_choose() {
    let (one, other) = (of(&[(7, 5.0)]), of(&[(7, 6.0)]));
    assert_eq!(merged([&one, &other]), merged([&other, &one]));
}

#[test]
fn nothing_merged_is_nothing() {
    assert_eq!(merged([]), None);
}

#[test]
fn a_time_has_its_hour_and_its_minute_also_before_the_epoch() {
    assert_eq!((hour_of(at(HOUR_MS + 61_000)), minute_of(at(HOUR_MS + 61_000))), (at(HOUR_MS), 1));
    assert_eq!((hour_of(at(-1)), minute_of(at(-1))), (at(-HOUR_MS), 59));
}

#[test]
fn runs_of_two_rows_that_began_together_are_told_apart() {
    assert_ne!(Writer::new(at(5), 0), Writer::new(at(5), 1));
    assert_ne!(Writer::new(at(5), 9), Writer::new(at(6), 0));
}
