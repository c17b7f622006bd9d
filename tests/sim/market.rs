//! When the Forex market of the world is open, reckoned apart from the product's own calendars.

use std::time::Duration;

use rebound::time::{Timestamp, Weekday};

/// When clocks in New York stand four hours behind UTC: from and to, as month, day and hour in UTC; for 2026 and 2027.
///
/// Source: Energy Policy Act of 2005, section 110: second Sunday in March to first Sunday in November, 02:00 local time.
const SUMMERS: [(i64, u8, u8); 2] = [(2026, 8, 1), (2027, 14, 7)];
const DAY: Duration = Duration::from_secs(24 * 3_600);
const WEEKEND: Duration = Duration::from_secs(48 * 3_600);

/// The hour in UTC at which it is 17:00 in New York.
fn five_pm(at: Timestamp) -> u8 {
    let year = at.civil().year;
    let summer = SUMMERS.iter().find(|(of, ..)| *of == year).is_some_and(|(_, march, november)| {
        Timestamp::from_civil(year, 3, *march, 7, 0) <= at
            && at < Timestamp::from_civil(year, 11, *november, 6, 0)
    });
    if summer { 21 } else { 22 }
}

/// Whether the market is open.
#[must_use]
pub fn forex_open(at: Timestamp) -> bool {
    let civil = at.civil();
    let evening = civil.hour >= five_pm(at);
    match civil.weekday {
        Weekday::Saturday => false,
        Weekday::Sunday => evening,
        Weekday::Friday => !evening,
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday => true,
    }
}

/// Whether it is closed at both moments, which lie close together.
#[must_use]
pub fn forex_rests(from: Timestamp, to: Timestamp) -> bool {
    !forex_open(from) && !forex_open(to)
}

/// The last moment at which it was open, for a moment at which it is closed.
#[must_use]
pub fn forex_closed_at(at: Timestamp) -> Timestamp {
    let civil = at.civil();
    let days = match civil.weekday {
        Weekday::Saturday => 1,
        Weekday::Sunday => 2,
        Weekday::Friday | Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday => 0,
    };
    let friday = at.before(DAY * days);
    let day = friday.civil();
    let hour = five_pm(friday);
    Timestamp::from_civil(day.year, day.month, day.day, hour, 0).before(Duration::from_millis(1))
}

/// Every stretch in which it is closed and that touches `from` to `to`.
#[must_use]
pub fn forex_closures(from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let mut closures = Vec::new();
    let mut at = from.before(WEEKEND);
    while at < to.after(DAY) {
        if !forex_open(at) {
            let closed = forex_closed_at(at).after(Duration::from_millis(1));
            let mut opens = closed.after(WEEKEND);
            // Clocks change on a Sunday.
            for hour in [20, 21, 22, 23] {
                let civil = opens.civil();
                let try_at = Timestamp::from_civil(civil.year, civil.month, civil.day, hour, 0);
                if forex_open(try_at) {
                    opens = try_at;
                    break;
                }
            }
            closures.push((closed, opens));
            at = opens.after(DAY);
        } else {
            at = at.after(Duration::from_secs(3_600));
        }
    }
    closures
}

#[cfg(test)]
mod tests {
    use rebound::calendar::Calendar;

    use super::*;

    #[test]
    fn the_world_and_the_product_agree_on_every_quarter_hour_of_two_years() {
        let calendar = Calendar::forex();
        let mut at = Timestamp::from_civil(2026, 1, 1, 0, 0);
        while at < Timestamp::from_civil(2028, 1, 1, 0, 0) {
            assert_eq!(calendar.is_open(at), forex_open(at), "{at}");
            at = at.after(Duration::from_secs(900));
        }
    }

    #[test]
    fn a_weekend_over_the_change_of_clocks_is_an_hour_shorter_or_longer() {
        let closed =
            |from, to| forex_closures(from, to).into_iter().map(|(a, b)| b.since(a).as_secs() / 3_600);
        let hours = |month, day| -> Vec<u64> {
            let at = Timestamp::from_civil(2026, month, day, 12, 0);
            closed(at, at.after(DAY)).collect()
        };
        assert_eq!((hours(3, 7), hours(10, 31), hours(7, 4)), (vec![47], vec![49], vec![48]));
    }
}
