use rebound::history::Series;
use rebound::ids::AccountId;
use rebound::uptime::UptimeState;

use super::*;

const DAY: i64 = 1_795_392_000_000;

fn id(name: &str) -> TargetId {
    TargetId::try_new(name).unwrap()
}

/// So many seconds after the beginning of a day.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_ms(DAY + seconds * 1_000)
}

fn sample(value: f64) -> Sample {
    Sample { series: Series::ResponseTime, value, limit: None }
}

fn aggregator() -> Aggregator {
    Aggregator::new(Writer(7))
}

fn stretch(from: i64, to: i64, state: UptimeState) -> Stretch {
    Stretch { from: at(from), to: at(to), state }
}

#[test]
fn what_is_given_out_again_holds_everything_of_its_hour() {
    let mut aggregator = aggregator();
    let mt5 = id("mt5");
    aggregator.add(&mt5, at(0), &[sample(1.0)]);
    aggregator.add(&mt5, at(70), &[sample(2.0)]);
    let (first, _) = aggregator.give(at(80));
    aggregator.add(&mt5, at(90), &[sample(3.0)]);
    let (second, _) = aggregator.give(at(120));
    let counts =
        |hour: &Hour| hour.minutes.iter().map(|(minute, part)| (*minute, part.count)).collect::<Vec<_>>();
    assert_eq!((counts(&first[0]), first[0].whole.count), (vec![(0, 1), (1, 1)], 2));
    assert_eq!((counts(&second[0]), second[0].whole.count), (vec![(0, 1), (1, 2)], 3));
    assert_eq!(first[0].key, second[0].key, "so the second replaces the first");
    assert_eq!(aggregator.give(at(180)).0, [], "what did not change is not written again");
}

#[test]
fn an_hour_that_is_over_is_given_out_once_more_and_forgotten() {
    let mut aggregator = aggregator();
    aggregator.add(&id("mt5"), at(3_590), &[sample(1.0)]);
    aggregator.add(&id("mt5"), at(3_601), &[sample(2.0)]);
    let (given, _) = aggregator.give(at(3_602));
    assert_eq!(given.iter().map(|hour| hour.whole.count).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(aggregator.hours.len(), 1, "the open one");
}

#[test]
fn too_many_series_are_left_out_and_counted_and_the_others_go_on() {
    let mut aggregator = aggregator();
    let of =
        |number: u64| [Sample { series: Series::Balance(AccountId::new(number)), value: 1.0, limit: None }];
    for number in 0..u64::try_from(OPEN_MAX).unwrap() + 5 {
        aggregator.add(&id("mt5"), at(1), &of(number));
    }
    assert_eq!((aggregator.hours.len(), aggregator.lost), (OPEN_MAX, 5));
    aggregator.add(&id("mt5"), at(2), &of(0));
    assert_eq!(aggregator.lost, 5, "a series that is kept stays kept");
}

#[test]
fn days_are_not_given_out_before_what_is_kept_of_them_was_read() {
    let mut aggregator = aggregator();
    let mt5 = id("mt5");
    aggregator.charge(&mt5, &[stretch(7_200, 10_000, UptimeState::Up)]);
    assert_eq!(aggregator.give(at(10_000)).1, []);
    assert_eq!(aggregator.not_loaded(), Some((mt5.clone(), at(0), at(86_400))));

    // An earlier run saw the first two hours; the monitor's stretches of them are gone.
    let mut kept = UptimeDay::empty(mt5.clone(), at(0));
    kept.hours[0].spend(UptimeState::Down, 3_600_000);
    kept.hours[1].spend(UptimeState::Up, 3_600_000);
    aggregator.load(&mt5, vec![kept]);

    let (_, days) = aggregator.give(at(10_000));
    let [day] = days.as_slice() else { panic!("one day, not {days:?}") };
    assert_eq!(
        (day.hours[0].down_ms, day.hours[1].up_ms, day.hours[2].up_ms),
        (3_600_000, 3_600_000, 2_800_000)
    );
    assert_eq!(aggregator.not_loaded(), None);
}

#[test]
fn a_day_that_stands_there_as_it_is_is_not_written_again() {
    let mut aggregator = aggregator();
    let mt5 = id("mt5");
    let old = [stretch(-86_400, 0, UptimeState::Up), stretch(0, 60, UptimeState::Up)];
    aggregator.charge(&mt5, &old);
    let yesterday = days_of(&mt5, &old)[&at(-86_400)].clone();
    aggregator.load(&mt5, vec![yesterday]);
    let days: Vec<Timestamp> = aggregator.give(at(60)).1.iter().map(|day| day.day).collect();
    assert_eq!(days, [at(0)]);
}

#[test]
fn a_failure_that_is_believed_late_corrects_an_hour_that_is_over() {
    let mut aggregator = aggregator();
    let mt5 = id("mt5");
    aggregator.charge(&mt5, &[stretch(0, 3_605, UptimeState::Up)]);
    aggregator.load(&mt5, vec![]);
    drop(aggregator.give(at(3_605)));
    aggregator.charge(&mt5, &[stretch(0, 3_590, UptimeState::Up), stretch(3_590, 3_610, UptimeState::Down)]);
    let (_, days) = aggregator.give(at(3_660));
    assert_eq!((days[0].hours[0].down_ms, days[0].hours[1].down_ms), (10_000, 10_000));
}

#[test]
fn a_machine_that_slept_for_days_loses_nothing_of_the_day_on_which_it_fell_asleep() {
    let mut aggregator = aggregator();
    let mt5 = id("mt5");
    aggregator.charge(&mt5, &[stretch(0, 40_000, UptimeState::Up)]);
    aggregator.load(&mt5, vec![]);
    let (_, kept) = aggregator.give(at(40_000));
    // It wakes three days later; the minute is over before anything is seen.
    let now = 3 * 86_400 + 100;
    drop(aggregator.give(at(now)));
    aggregator.charge(
        &mt5,
        &[stretch(32_400, 40_000, UptimeState::Up), stretch(40_000, now, UptimeState::Unknown)],
    );
    assert!(aggregator.not_loaded().is_some(), "the first part of that day is in the store");
    aggregator.load(&mt5, kept);
    let (_, days) = aggregator.give(at(now));
    assert_eq!(days.len(), 4);
    assert_eq!((days[0].covered_ms(), days[0].whole().up_ms), (86_400_000, 40_000_000));
}

#[test]
fn what_another_server_watches_is_not_written_any_more() {
    let mut aggregator = aggregator();
    for name in ["mt5", "other"] {
        aggregator.charge(&id(name), &[stretch(0, 100, UptimeState::Up)]);
        aggregator.load(&id(name), vec![]);
    }
    aggregator.forget(Some(&[id("mt5")]));
    let left: Vec<TargetId> = aggregator.give(at(100)).1.into_iter().map(|day| day.target).collect();
    assert_eq!(left, [id("other")]);
    aggregator.charge(&id("other"), &[stretch(0, 200, UptimeState::Up)]);
    aggregator.forget(None);
    assert_eq!(aggregator.give(at(200)).1, []);
}
