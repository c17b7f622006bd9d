//! When markets are open.
//!
//! Decides only from the time handed in. Outside the sessions of a target's calendar the checks about the market rest.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{Date, Timestamp, Weekday};

mod zone;

pub use zone::{Zone, ZoneRule};

/// The sessions of what a target trades, in one time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Its name for people: `always`, `forex`, `crypto` or one of the user's own.
    pub name: String,
    /// The zone of every time below.
    pub zone: Zone,
    /// The sessions of a week; none means that it never closes for the week.
    pub week: Vec<WeekSpan>,
    /// Stretches of each day in which the market is closed, e.g. the broker's nightly break.
    pub breaks: Vec<DaySpan>,
    /// Days on which the market is closed, or closes early.
    pub holidays: Vec<Holiday>,
}

/// A stretch of each week: from a minute of the week, counted from Sunday 00:00, to a later one, which may lie in the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekSpan {
    /// First minute, 0 to 10,079.
    pub from: u32,
    /// First minute after it; up to a week after `from`.
    pub to: u32,
}

/// A stretch of each day, from a minute of the day to a later one, which may lie in the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySpan {
    /// First minute, 0 to 1,439.
    pub from: u32,
    /// First minute after it; up to a day after `from`.
    pub to: u32,
}

/// A day on which the market is closed, or closes early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day, in the calendar's zone.
    pub day: Date,
    /// First minute of the day that is closed; 0 closes all of it.
    pub closes: u32,
}

/// Whether the market is open, and until when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Session {
    /// Open since the first time, closes at the second; `None` where no change lies within [`HORIZON_DAYS`].
    Open {
        /// Since when.
        since: Option<Timestamp>,
        /// Until when.
        until: Option<Timestamp>,
    },
    /// Closed until the time.
    Closed(Timestamp),
}

impl Session {
    /// Until when this answer holds.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::Open { until, .. } => until,
            Self::Closed(until) => Some(until),
        }
    }
}

/// How far ahead and back a change of session is looked for. Longer closures are told as closed until its end, and looked at again.
pub const HORIZON_DAYS: i64 = 21;
/// A closure at least this long begins the waiting for reads afresh: after a weekend the host has to come back first.
pub const AFRESH_AFTER: Duration = Duration::from_secs(4 * 3_600);

/// Minutes of a day and of a week.
pub const DAY_MINUTES: u32 = 24 * 60;
/// Minutes of a week.
pub const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;
const MINUTE_MS: i64 = 60_000;

impl Default for Calendar {
    fn default() -> Self {
        Self::always()
    }
}

impl Calendar {
    /// Never closes: a target without a market.
    #[must_use]
    pub fn always() -> Self {
        Self::open_all_week("always")
    }

    /// Never closes, because what it trades does not.
    #[must_use]
    pub fn crypto() -> Self {
        Self::open_all_week("crypto")
    }

    /// Sunday 17:00 to Friday 17:00 in New York, with that city's daylight saving time.
    #[must_use]
    pub fn forex() -> Self {
        const FIVE_PM: u32 = 17 * 60;
        let week = WeekSpan { from: FIVE_PM, to: 5 * DAY_MINUTES + FIVE_PM };
        Self { zone: Zone::new_york(), week: alloc::vec![week], ..Self::open_all_week("forex") }
    }

    fn open_all_week(name: &str) -> Self {
        Self {
            name: String::from(name),
            zone: Zone::utc(),
            week: Vec::new(),
            breaks: Vec::new(),
            holidays: Vec::new(),
        }
    }

    /// Whether it never closes.
    #[must_use]
    pub fn never_closes(&self) -> bool {
        self.week.is_empty() && self.breaks.is_empty() && self.holidays.is_empty()
    }

    /// Whether the market is open at `now`.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        if self.never_closes() {
            return true;
        }
        let local = self.zone.local(now);
        let civil = local.civil();
        let of_day = u32::from(civil.hour) * 60 + u32::from(civil.minute);
        let of_week = civil.weekday.from_sunday_days() * DAY_MINUTES + of_day;
        let in_week = self.week.is_empty() || self.week.iter().any(|span| span.has(of_week));
        let on_break = self.breaks.iter().any(|span| span.has(of_day));
        let day = Date { year: civil.year, month: civil.month, day: civil.day };
        let on_holiday = self.holidays.iter().any(|holiday| holiday.day == day && of_day >= holiday.closes);
        in_week && !on_break && !on_holiday
    }

    /// The session at `now`.
    #[must_use]
    pub fn session(&self, now: Timestamp) -> Session {
        if self.never_closes() {
            return Session::Open { since: None, until: None };
        }
        match self.closed_until(now) {
            Some(until) => Session::Closed(until),
            None => Session::Open { since: self.last_change(now), until: self.next_change(now) },
        }
    }

    /// Until when the market is closed; `None` while it is open. Takes less work than [`Self::session`].
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        let far = || now.after(days(HORIZON_DAYS));
        (!self.is_open(now)).then(|| self.next_change(now).unwrap_or_else(far))
    }

    /// How much of the time from `from` to `to` the market was open, at most all of it, counted from the last opening after a
    /// closure of at least [`AFRESH_AFTER`]. `session` is the session at `to`.
    #[must_use]
    pub fn open_time(&self, from: Timestamp, to: Timestamp, session: Session) -> Duration {
        if from >= to || self.never_closes() {
            return to.since(from);
        }
        let (mut end, mut counted) = match session {
            Session::Open { since: Some(since), .. } if since > from => (since, to.since(since)),
            Session::Open { .. } => return to.since(from),
            Session::Closed(_) => (to, Duration::ZERO),
        };
        // Backwards: a closure, then the session before it, until a long closure or `from` is met.
        for _ in 0..CHANGES_MAX {
            let closed_from = self.last_change(end.before(MINUTE)).unwrap_or(from);
            if end.since(closed_from) >= AFRESH_AFTER || closed_from <= from {
                break;
            }
            let opened = self.last_change(closed_from.before(MINUTE)).unwrap_or(from);
            counted += closed_from.since(opened.max(from));
            if opened <= from {
                break;
            }
            end = opened;
        }
        counted
    }

    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.is_open(now);
        let today = day_start(self.zone.local(now));
        (0..=HORIZON_DAYS).find_map(|ahead| {
            let mut edges = self.edges(shift(today, ahead * i64::from(DAY_MINUTES)));
            edges.sort_unstable();
            edges.into_iter().find(|edge| *edge > now && self.is_open(*edge) != open)
        })
    }

    /// The last moment at or before `now` at which it opened or closed.
    fn last_change(&self, now: Timestamp) -> Option<Timestamp> {
        let today = day_start(self.zone.local(now));
        (0..=HORIZON_DAYS).find_map(|back| {
            let mut edges = self.edges(shift(today, -back * i64::from(DAY_MINUTES)));
            edges.sort_unstable();
            edges
                .into_iter()
                .rev()
                .find(|edge| *edge <= now && self.is_open(*edge) != self.is_open(edge.before(MINUTE)))
        })
    }

    /// Every moment of a local day at which something may change.
    fn edges(&self, local_day: Timestamp) -> Vec<Timestamp> {
        let civil = local_day.civil();
        let first = civil.weekday.from_sunday_days() * DAY_MINUTES;
        let of_day = |minute: u32| minute % DAY_MINUTES;
        let mut minutes: Vec<u32> = Vec::new();
        for span in &self.week {
            for edge in [span.from % WEEK_MINUTES, span.to % WEEK_MINUTES] {
                if (first..first + DAY_MINUTES).contains(&edge) {
                    minutes.push(of_day(edge));
                }
            }
        }
        for span in &self.breaks {
            minutes.extend([of_day(span.from), of_day(span.to)]);
        }
        let today = Date { year: civil.year, month: civil.month, day: civil.day };
        if let Some(holiday) = self.holidays.iter().find(|holiday| holiday.day == today) {
            minutes.push(holiday.closes);
        }
        let yesterday = today.yesterday();
        if self.holidays.iter().any(|holiday| holiday.day == yesterday) {
            minutes.push(0);
        }
        minutes.into_iter().map(|minute| self.zone.utc_of(shift(local_day, i64::from(minute)))).collect()
    }
}

/// Most sessions counted back; beyond it an age is as old as it needs to be.
const CHANGES_MAX: usize = 40;
const MINUTE: Duration = Duration::from_secs(60);

impl WeekSpan {
    fn has(self, minute: u32) -> bool {
        (self.from..self.to).contains(&minute) || (self.from..self.to).contains(&(minute + WEEK_MINUTES))
    }
}

impl DaySpan {
    /// Whether a minute of the day lies in it.
    #[must_use]
    pub fn has(self, minute: u32) -> bool {
        (self.from..self.to).contains(&minute) || (self.from..self.to).contains(&(minute + DAY_MINUTES))
    }
}

fn day_start(local: Timestamp) -> Timestamp {
    let ms = local.as_ms();
    Timestamp::from_ms(ms - ms.rem_euclid(i64::from(DAY_MINUTES) * MINUTE_MS))
}

fn shift(local: Timestamp, minutes: i64) -> Timestamp {
    Timestamp::from_ms(local.as_ms().saturating_add(minutes * MINUTE_MS))
}

fn days(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0) * 24 * 3_600)
}

impl Weekday {
    /// Days since Sunday.
    #[must_use]
    pub const fn from_sunday_days(self) -> u32 {
        match self {
            Self::Sunday => 0,
            Self::Monday => 1,
            Self::Tuesday => 2,
            Self::Wednesday => 3,
            Self::Thursday => 4,
            Self::Friday => 5,
            Self::Saturday => 6,
        }
    }
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
