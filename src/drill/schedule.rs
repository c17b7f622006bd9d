//! When drills are due: every day, every week, or every month, at a time of day.

use serde::{Deserialize, Serialize};

use crate::calendar::Zone;
use crate::time::{Timestamp, Weekday};

/// When drills are due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// On which days.
    pub every: Every,
    /// The minute of the day, 0 to 1,439.
    pub minute: u32,
    /// The zone of day and minute.
    pub zone: Zone,
}

/// On which days drills are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// On each.
    Day,
    /// On this day of each week.
    Week(Weekday),
    /// On the first such day of each month.
    Month(Weekday),
}

const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// Days within which one is due, whatever the schedule: from a first Sunday to the next are at most five weeks.
const DAYS_AHEAD: i64 = 40;
/// The first such day of a month is one of these.
const FIRST_DAYS: u8 = 7;
/// Most drills that are counted as due while nobody looked: two years of days.
const DUE_MAX: u32 = 731;

impl Schedule {
    /// The first time after `now` at which one is due.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let midnight = self.zone.local(now).as_ms().div_euclid(DAY_MS) * DAY_MS;
        (0..DAYS_AHEAD).map(|days| Timestamp::from_ms(midnight + days * DAY_MS)).find_map(|day| {
            let at = Timestamp::from_ms(day.as_ms() + i64::from(self.minute) * 60_000);
            Some(self.zone.utc_of(at)).filter(|at| *at > now && self.every.falls_on(day))
        })
    }

    /// The last time from after `since` up to `now` at which one was due, and how many there were.
    #[must_use]
    pub fn due(&self, since: Timestamp, now: Timestamp) -> Option<(Timestamp, u32)> {
        let (mut last, mut count) = (None, 0);
        let mut at = self.next(since);
        while let Some(due) = at.filter(|due| *due <= now && count < DUE_MAX) {
            (last, count) = (Some(due), count + 1);
            at = self.next(due);
        }
        last.map(|last| (last, count))
    }
}

impl Every {
    fn falls_on(self, day: Timestamp) -> bool {
        let day = day.civil();
        match self {
            Self::Day => true,
            Self::Week(weekday) => day.weekday == weekday,
            Self::Month(weekday) => day.weekday == weekday && day.day <= FIRST_DAYS,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(month: u8, day: u8, hour: u8) -> Timestamp {
        Timestamp::from_civil(2026, month, day, hour, 0)
    }

    fn ten(every: Every, zone: Zone) -> Schedule {
        Schedule { every, minute: 600, zone }
    }

    #[rstest]
    #[case::later_today(Every::Day, at(11, 23, 9), at(11, 23, 10))]
    #[case::not_twice(Every::Day, at(11, 23, 10), at(11, 24, 10))]
    #[case::on_saturday(Every::Week(Weekday::Saturday), at(11, 23, 9), at(11, 28, 10))]
    #[case::a_week_later(Every::Week(Weekday::Saturday), at(11, 28, 10), at(12, 5, 10))]
    #[case::the_first_sunday(Every::Month(Weekday::Sunday), at(11, 23, 9), at(12, 6, 10))]
    #[case::five_weeks_later(Every::Month(Weekday::Saturday), at(8, 1, 10), at(9, 5, 10))]
    fn the_next_drill_is_due_after_now(
        #[case] every: Every,
        #[case] now: Timestamp,
        #[case] next: Timestamp,
    ) {
        assert_eq!(ten(every, Zone::utc()).next(now), Some(next));
    }

    #[test]
    fn the_hour_is_that_of_the_zone_in_summer_and_in_winter() {
        let schedule = ten(Every::Week(Weekday::Saturday), Zone::new_york());
        assert_eq!(schedule.next(at(7, 1, 0)), Some(at(7, 4, 14)));
        assert_eq!(schedule.next(at(12, 1, 0)), Some(at(12, 5, 15)));
    }

    #[rstest]
    #[case::none(at(11, 22, 0), at(11, 27, 0), None)]
    #[case::just_now(at(11, 22, 0), at(11, 28, 10), Some((at(11, 28, 10), 1)))]
    #[case::three_of_them(at(11, 1, 0), at(11, 25, 0), Some((at(11, 21, 10), 3)))]
    fn what_was_due_while_nobody_looked_is_counted(
        #[case] since: Timestamp,
        #[case] now: Timestamp,
        #[case] due: Option<(Timestamp, u32)>,
    ) {
        assert_eq!(ten(Every::Week(Weekday::Saturday), Zone::utc()).due(since, now), due);
    }
}
