//! Points in time on a page.
//!
//! The server and the first render in the browser show UTC. Once the page is alive it shows the reader's zone and ages
//! that tick. The machine-readable time and the full UTC time are always there.

use std::time::Duration;

use leptos::prelude::*;
use rebound::time::{Timestamp, Weekday, spoken};

use crate::live::clock::{Clock, zone_behind_utc};
use crate::parts::follow::follow;
use crate::sheet::Told;
use crate::tongue::{t, tell};

/// A point in time.
#[component]
pub(crate) fn Moment(
    /// Which.
    at: Timestamp,
    /// How.
    told: Told,
) -> impl IntoView {
    let clock = Clock::of_page();
    let text = follow(move || words(at, told, clock.rendered_at, clock.now()).into_any());
    view! { <time datetime=at.rfc3339() title=at.to_string()>{text}</time> }.into_any()
}

/// The words for a point in time; `now` is `None` where no clock ticks.
pub(crate) fn words(at: Timestamp, told: Told, rendered_at: Timestamp, now: Option<Timestamp>) -> String {
    let Some(now) = now else {
        let clock = clock_words(at, rendered_at, Zone::Utc);
        return match told {
            Told::Clock | Told::Ago => clock,
            Told::Day | Told::DayLeft => day_words(at, rendered_at, Zone::Utc),
            Told::Minute => minute_words(at, Zone::Utc),
            Told::Date | Told::DateUtc => date_words(at, Zone::Utc),
            Told::For => tell(format!("since {clock}")),
            Told::In => tell(format!("at {clock}")),
            Told::Left => String::new(),
        };
    };
    match told {
        Told::Clock => clock_words(at, now, Zone::BehindUtc(zone_behind_utc(at))),
        Told::Minute => minute_words(at, Zone::BehindUtc(zone_behind_utc(at))),
        Told::Date => date_words(at, Zone::BehindUtc(zone_behind_utc(at))),
        Told::DateUtc => date_words(at, Zone::Utc),
        Told::Day => day_words(at, now, Zone::BehindUtc(zone_behind_utc(at))),
        Told::DayLeft => {
            let day = day_words(at, now, Zone::BehindUtc(zone_behind_utc(at)));
            format!("{day}{}", words(at, Told::Left, rendered_at, Some(now)))
        }
        Told::Ago => tell(format!("{} ago", ticked(now.since(at)))),
        Told::For => tell(format!("for {}", ticked(now.since(at)))),
        Told::In if is_now(at, now) => t("now").to_owned(),
        Told::In => tell(format!("in {}", ticked(at.since(now)))),
        Told::Left if is_now(at, now) => t(", now").to_owned(),
        Told::Left => tell(format!(", in {}", ticked(at.since(now)))),
    }
}

/// `12:00:05`, without its day: for sentences that name none. With its zone where no clock ticks.
pub(crate) fn time_of_day(at: Timestamp, now: Option<Timestamp>) -> String {
    let zone = if now.is_some() { Zone::BehindUtc(zone_behind_utc(at)) } else { Zone::Utc };
    // Of its own day, no day is told.
    clock_words(at, at, zone)
}

/// Whether less than a second is left.
fn is_now(at: Timestamp, now: Timestamp) -> bool {
    at.since(now).as_secs() == 0
}

/// Whose time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    /// Everybody's, and named.
    Utc,
    /// The reader's own, by its minutes behind UTC.
    BehindUtc(i64),
}

impl Zone {
    const fn shift(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Utc => at,
            Self::BehindUtc(minutes) => {
                Timestamp::from_ms(at.as_ms().saturating_sub(minutes.saturating_mul(60_000)))
            }
        }
    }
}

/// `12:00:05`; with the day where it is not today's, with the year where it is not this one.
fn clock_words(at: Timestamp, today: Timestamp, zone: Zone) -> String {
    let (at, today) = (zone.shift(at).civil(), zone.shift(today).civil());
    let clock = format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second);
    let dated = if (at.year, at.month, at.day) == (today.year, today.month, today.day) {
        clock
    } else if at.year == today.year {
        format!("{} {} {clock}", at.day, t(month(at.month)))
    } else {
        format!("{} {} {} {clock}", at.day, t(month(at.month)), at.year)
    };
    match zone {
        Zone::Utc => format!("{dated} UTC"),
        Zone::BehindUtc(_) => dated,
    }
}

/// `Sunday 22:00` within a week, `22:00` today; else the date.
fn day_words(at: Timestamp, today: Timestamp, zone: Zone) -> String {
    const DAY_MS: i64 = 86_400_000;
    let (at, today) = (zone.shift(at), zone.shift(today));
    let days = at.as_ms().div_euclid(DAY_MS).saturating_sub(today.as_ms().div_euclid(DAY_MS));
    let (civil, this_year) = (at.civil(), today.civil().year);
    let clock = format!("{:02}:{:02}", civil.hour, civil.minute);
    let dated = match days {
        0 => clock,
        1..7 => format!("{} {clock}", t(weekday(civil.weekday))),
        _ if civil.year == this_year => format!("{} {} {clock}", civil.day, t(month(civil.month))),
        _ => format!("{} {} {} {clock}", civil.day, t(month(civil.month)), civil.year),
    };
    match zone {
        Zone::Utc => format!("{dated} UTC"),
        Zone::BehindUtc(_) => dated,
    }
}

/// `12:05`. Without its zone: for axes, where the reader's own is meant once the page is alive.
fn minute_words(at: Timestamp, zone: Zone) -> String {
    let at = zone.shift(at).civil();
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// `24 Nov`.
fn date_words(at: Timestamp, zone: Zone) -> String {
    let at = zone.shift(at).civil();
    format!("{} {}", at.day, t(month(at.month)))
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Sunday => "Sunday",
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
    }
}

const fn month(number: u8) -> &'static str {
    match number {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

/// A span that ticks on the page, in whole seconds: parts of one would only flicker.
fn ticked(span: Duration) -> String {
    spoken(Duration::from_secs(span.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_ms(1_795_435_205_000);

    fn ago(seconds: i64) -> Timestamp {
        Timestamp::from_ms(NOON.as_ms() - seconds * 1_000)
    }

    #[test]
    fn before_the_page_is_alive_every_time_is_absolute_and_utc() {
        assert_eq!(words(NOON, Told::Ago, NOON, None), "12:00:05 UTC");
        assert_eq!(words(NOON, Told::For, NOON, None), "since 12:00:05 UTC");
        assert_eq!(words(ago(86_400), Told::In, NOON, None), "at 22 Nov 12:00:05 UTC");
        assert_eq!(words(NOON, Told::Left, NOON, None), "");
    }

    #[test]
    fn a_living_page_tells_ages() {
        assert_eq!(words(ago(130), Told::Ago, NOON, Some(NOON)), "2 min 10 s ago");
        assert_eq!(words(ago(130), Told::For, NOON, Some(NOON)), "for 2 min 10 s");
        assert_eq!(words(NOON, Told::In, NOON, Some(ago(60))), "in 1 min");
        assert_eq!(words(ago(1), Told::In, NOON, Some(NOON)), "now");
    }

    #[test]
    fn the_readers_zone_may_be_on_another_day() {
        assert_eq!(clock_words(NOON, NOON, Zone::BehindUtc(-60)), "13:00:05");
        assert_eq!(clock_words(ago(12 * 3_600), NOON, Zone::BehindUtc(300)), "22 Nov 19:00:05");
    }

    #[test]
    fn what_lies_days_ahead_is_told_by_its_weekday_and_beyond_a_week_by_its_date() {
        // NOON is a Monday.
        assert_eq!(day_words(ago(-3_600), NOON, Zone::Utc), "13:00 UTC");
        assert_eq!(day_words(ago(-6 * 86_400), NOON, Zone::Utc), "Sunday 12:00 UTC");
        assert_eq!(day_words(ago(-6 * 86_400), NOON, Zone::BehindUtc(13 * 60)), "Saturday 23:00");
        assert_eq!(day_words(ago(-7 * 86_400), NOON, Zone::Utc), "30 Nov 12:00 UTC");
        assert_eq!(day_words(ago(-60 * 86_400), NOON, Zone::Utc), "22 Jan 2027 12:00 UTC");
    }
}
