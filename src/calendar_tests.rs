//! Sessions in the weeks that go wrong elsewhere: clock changes, breaks, holidays.

use rstest::rstest;

use super::*;

type Civil = (i64, u8, u8, u8, u8);

fn at(civil: Civil) -> Timestamp {
    Timestamp::from_civil(civil.0, civil.1, civil.2, civil.3, civil.4)
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A broker seven hours ahead of New York whose day has a break from 23:59 to 00:02.
fn broker() -> Calendar {
    let server = Zone { name: String::from("broker"), rule: ZoneRule::NewYorkPlus(7 * 60) };
    let week = WeekSpan { from: DAY_MINUTES, to: 6 * DAY_MINUTES };
    let night = DaySpan { from: 23 * 60 + 59, to: DAY_MINUTES + 2 };
    Calendar { zone: server, week: alloc::vec![week], breaks: alloc::vec![night], ..Calendar::always() }
}

#[rstest]
// New York is on summer time until 2026-11-01, Europe only until 2026-10-25: the week between has its own offset.
#[case::friday_before_close_in_summer((2026, 7, 10, 20, 59), true)]
#[case::friday_at_close_in_summer((2026, 7, 10, 21, 0), false)]
#[case::friday_before_close_in_winter((2026, 11, 20, 21, 59), true)]
#[case::friday_at_close_in_winter((2026, 11, 20, 22, 0), false)]
#[case::friday_22_05_utc((2026, 11, 20, 22, 5), false)]
#[case::sunday_21_30_utc_in_winter((2026, 11, 22, 21, 30), false)]
#[case::sunday_at_open_in_winter((2026, 11, 22, 22, 0), true)]
#[case::friday_in_the_gap_week((2026, 10, 30, 20, 59), true)]
#[case::friday_close_in_the_gap_week((2026, 10, 30, 21, 0), false)]
#[case::sunday_after_the_us_change((2026, 11, 1, 21, 59), false)]
#[case::sunday_open_after_the_us_change((2026, 11, 1, 22, 0), true)]
// In spring the US changes on 2026-03-08, Europe on 2026-03-29.
#[case::friday_in_the_spring_gap((2026, 3, 13, 20, 59), true)]
#[case::friday_close_in_the_spring_gap((2026, 3, 13, 21, 0), false)]
#[case::saturday((2026, 11, 21, 12, 0), false)]
#[case::wednesday_night((2026, 11, 25, 3, 0), true)]
fn forex_follows_new_york(#[case] civil: Civil, #[case] open: bool) {
    assert_eq!(Calendar::forex().is_open(at(civil)), open);
}

#[rstest]
#[case::before((2026, 11, 24, 21, 58), true)]
#[case::the_break_begins((2026, 11, 24, 21, 59), false)]
#[case::midnight_of_the_server((2026, 11, 24, 22, 1), false)]
#[case::the_break_ends((2026, 11, 24, 22, 2), true)]
#[case::in_summer((2026, 7, 14, 20, 59), false)]
#[case::after_it_in_summer((2026, 7, 14, 21, 2), true)]
fn a_brokers_nightly_break_follows_its_server(#[case] civil: Civil, #[case] open: bool) {
    assert_eq!(broker().is_open(at(civil)), open);
}

#[test]
fn a_closed_market_says_when_it_opens() {
    let opens = at((2026, 11, 22, 22, 0));
    assert_eq!(Calendar::forex().session(at((2026, 11, 21, 12, 0))), Session::Closed(opens));
}

#[test]
fn an_open_market_says_since_when_and_until_when() {
    let session = Calendar::forex().session(at((2026, 11, 4, 12, 0)));
    let (since, until) = (Some(at((2026, 11, 1, 22, 0))), Some(at((2026, 11, 6, 22, 0))));
    assert_eq!(session, Session::Open { since, until });
    let always = Session::Open { since: None, until: None };
    assert_eq!(Calendar::always().session(at((2026, 11, 4, 12, 0))), always);
}

#[test]
fn the_weekend_of_the_clock_change_opens_at_the_new_offset() {
    let opens = at((2026, 11, 1, 22, 0));
    assert_eq!(Calendar::forex().session(at((2026, 10, 31, 12, 0))), Session::Closed(opens));
}

#[rstest]
#[case::the_eve((2026, 12, 24, 17, 59), true)]
#[case::early_close((2026, 12, 24, 18, 0), false)]
#[case::the_day((2026, 12, 25, 12, 0), false)]
#[case::the_weekend_after_it((2026, 12, 26, 12, 0), false)]
fn holidays_close_a_day_or_its_end(#[case] civil: Civil, #[case] open: bool) {
    let day = |day, closes| Holiday { day: Date { year: 2026, month: 12, day }, closes };
    let calendar = Calendar { holidays: alloc::vec![day(24, 13 * 60), day(25, 0)], ..Calendar::forex() };
    assert_eq!(calendar.is_open(at(civil)), open);
}

#[test]
fn a_holiday_before_a_weekend_opens_on_sunday() {
    let christmas = Holiday { day: Date { year: 2026, month: 12, day: 25 }, closes: 0 };
    let calendar = Calendar { holidays: alloc::vec![christmas], ..Calendar::forex() };
    let opens = at((2026, 12, 27, 22, 0));
    assert_eq!(calendar.session(at((2026, 12, 25, 12, 0))), Session::Closed(opens));
}

#[rstest]
#[case::within_a_session((2026, 11, 24, 12, 0), (2026, 11, 24, 12, 20), 20)]
// Twelve minutes before the break and eight after it; the three of the break do not count.
#[case::over_a_nightly_break((2026, 11, 24, 21, 47), (2026, 11, 24, 22, 10), 20)]
// A weekend begins the waiting afresh.
#[case::over_a_weekend((2026, 11, 20, 21, 0), (2026, 11, 22, 22, 12), 10)]
#[case::in_a_weekend((2026, 11, 20, 21, 0), (2026, 11, 21, 12, 0), 0)]
#[case::over_two_breaks((2026, 11, 23, 21, 0), (2026, 11, 24, 22, 2), 25 * 60 + 2 - 6)]
fn only_open_minutes_make_a_read_old(#[case] from: Civil, #[case] to: Civil, #[case] open: u64) {
    let (from, to) = (at(from), at(to));
    let counted = broker().open_time(from, to, broker().session(to));
    assert_eq!(counted, minutes(open));
}

#[test]
fn a_zone_with_a_table_changes_where_the_table_says() {
    let change = at((2026, 10, 25, 1, 0));
    let athens =
        Zone { name: String::from("Europe/Athens"), rule: ZoneRule::Table(180, alloc::vec![(change, 120)]) };
    assert_eq!(athens.local(at((2026, 10, 25, 0, 59))), at((2026, 10, 25, 3, 59)));
    assert_eq!(athens.local(change), at((2026, 10, 25, 3, 0)));
    assert_eq!(athens.utc_of(at((2026, 10, 26, 12, 0))), at((2026, 10, 26, 10, 0)));
}

#[test]
fn a_session_over_midnight_and_one_over_the_weeks_end_are_one_stretch() {
    let night = WeekSpan { from: 6 * DAY_MINUTES + 22 * 60, to: WEEK_MINUTES + 3 * 60 };
    let calendar = Calendar { week: alloc::vec![night], ..Calendar::always() };
    assert!(calendar.is_open(at((2026, 11, 21, 23, 0))));
    assert!(calendar.is_open(at((2026, 11, 22, 2, 59))));
    assert!(!calendar.is_open(at((2026, 11, 22, 3, 0))));
    assert_eq!(calendar.session(at((2026, 11, 22, 1, 0))).until(), Some(at((2026, 11, 22, 3, 0))));
}
