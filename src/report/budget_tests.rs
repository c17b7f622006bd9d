use alloc::vec;

use super::*;
use crate::report::{Known, report};

const HOUR_MS_I: i64 = 3_600_000;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_ms(hours * HOUR_MS_I)
}

fn up(down_ms: u64) -> UptimeFigures {
    UptimeFigures { up_ms: HOUR_MS - down_ms, down_ms, ..UptimeFigures::default() }
}

fn hours(of: &[(i64, UptimeFigures)]) -> Hours {
    of.iter().map(|(hour, figures)| (at(*hour), *figures)).collect()
}

fn sum(hours: &Hours) -> UptimeFigures {
    hours.values().fold(UptimeFigures::default(), |sum, figures| sum.plus(*figures))
}

#[test]
fn the_last_number_is_the_one_that_a_report_tells() {
    let one = hours(&[(0, up(0)), (1, up(700)), (2, up(0)), (3, up(20))]);
    let other =
        hours(&[(1, up(100)), (2, UptimeFigures { unknown_ms: HOUR_MS, ..UptimeFigures::default() })]);
    let (a, b) = (TargetId::try_new("a").unwrap(), TargetId::try_new("b").unwrap());
    let known = Known { targets: vec![(a.clone(), sum(&one)), (b, sum(&other))], ..Known::default() };
    let told = report((at(0), at(720)), &[], &[], &known);
    let burnt = burn(None, (at(0), at(720)), at(4), &[one.clone(), other]);
    assert_eq!(burnt.used_percent, told.whole.budget_used_percent);
    assert_eq!((burnt.uptime, burnt.steps.len()), (told.whole.uptime, 4));
    assert_eq!(burnt.steps.last().map(|step| step.down_ms), Some(told.whole.uptime.down_ms));
    let own = burn(Some(&a), (at(0), at(720)), at(4), &[one]);
    assert_eq!(own.used_percent, told.targets[0].figures.budget_used_percent);
}

#[test]
fn even_use_of_a_whole_month_ends_at_its_budget() {
    let month: Vec<(i64, UptimeFigures)> = (0..720).map(|hour| (hour, up(360))).collect();
    let burnt = burn(None, (at(0), at(720)), at(720), &[hours(&month)]);
    let last = burnt.steps.last().unwrap();
    assert_eq!((burnt.budget_ms, burnt.used_percent), (259_200, Some(100)));
    assert_eq!((last.at, last.down_ms, last.allowed_ms), (at(720), 259_200, 259_200));
    assert_eq!((last.unknown_ms, last.unwatched_ms), (0, 0));
}

#[test]
fn what_is_not_known_uses_nothing_allows_nothing_and_is_told() {
    let blind = UptimeFigures { unknown_ms: HOUR_MS, ..UptimeFigures::default() };
    let burnt = burn(None, (at(0), at(24)), at(3), &[hours(&[(1, blind), (2, up(0))])]);
    let told: Vec<_> =
        burnt.steps.iter().map(|step| (step.unwatched_ms, step.unknown_ms, step.is_known)).collect();
    assert_eq!(told, [(HOUR_MS, 0, false), (HOUR_MS, HOUR_MS, false), (HOUR_MS, HOUR_MS, true)]);
    assert_eq!(burnt.steps.iter().map(|step| step.allowed_ms).collect::<Vec<_>>(), [0, 0, 360]);
}

#[test]
fn an_hour_that_goes_on_lacks_nothing_yet() {
    let now = Timestamp::from_ms(at(1).as_ms() + 600_000);
    let half = UptimeFigures { up_ms: 540_000, ..UptimeFigures::default() };
    let burnt = burn(None, (at(0), at(24)), now, &[hours(&[(0, up(0)), (1, half)])]);
    let last = burnt.steps.last().unwrap();
    assert_eq!((last.at, last.unwatched_ms), (now, 0));
    assert_eq!(burn(None, (at(0), at(24)), at(0), &[]).used_percent, None);
}
