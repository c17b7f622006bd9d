//! `[[calendars]]`: the sessions of markets that are not built in.
//!
//! Reads and checks them, and finds a calendar by the name that a target or an account gives it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use rebound::calendar::{Calendar, DAY_MINUTES, Holiday, WEEK_MINUTES, WeekSpan, Zone, ZoneRule};
use rebound::time::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Problems;
use super::week::{self, BreakSection, SpanSection, Written};
use super::zone::{self, YEAR_FIRST, YEAR_LAST};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarSection {
    name: String,
    extends: Option<String>,
    zone: Option<String>,
    #[serde(default)]
    sessions: Vec<SpanSection>,
    #[serde(default)]
    breaks: Vec<BreakSection>,
    #[serde(default)]
    holidays: Vec<HolidaySection>,
}

/// A day that is closed, or the table of one that closes early.
#[derive(Debug)]
struct HolidaySection {
    day: Written,
    closes: Option<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EarlyClose {
    day: Written,
    closes: Option<Written>,
}

impl<'de> Deserialize<'de> for HolidaySection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        if matches!(value, toml::Value::Table(_)) {
            let read = EarlyClose::deserialize(value);
            let EarlyClose { day, closes } = read.map_err(|error| D::Error::custom(error.message()))?;
            return Ok(Self { day, closes });
        }
        let day = Written::deserialize(value);
        day.map(|day| Self { day, closes: None }).map_err(|_| D::Error::custom(HOLIDAY_HELP))
    }
}

const HOLIDAY_HELP: &str =
    "no holiday; write \"2026-12-25\", or { day = \"2026-12-24\", closes = \"13:00\" }";

/// Most calendars of one file.
const CALENDARS_MAX: usize = 50;
/// Most holidays of one calendar: ten a year for every year that is known.
const HOLIDAYS_MAX: usize = 400;

/// The calendars that can be named.
#[derive(Debug)]
pub(crate) struct Calendars {
    known: BTreeMap<String, Calendar>,
    /// Names of those that are wrong: they were told once, and whoever names them is not told again.
    wrong: BTreeSet<String>,
}

fn built_in() -> BTreeMap<String, Calendar> {
    let all = [Calendar::always(), Calendar::forex(), Calendar::crypto()];
    all.into_iter().map(|calendar| (calendar.name.clone(), calendar)).collect()
}

impl Calendars {
    /// Checks all entries of `[[calendars]]`.
    pub(crate) fn check(sections: &[(usize, CalendarSection)], problems: &mut Problems) -> Self {
        let mut calendars = Self { known: built_in(), wrong: BTreeSet::new() };
        for (index, section) in week::too_many("calendars", sections, CALENDARS_MAX, problems) {
            let at = format!("calendars[{index}] \"{}\"", section.name);
            calendars.check_name(&at, &section.name, problems);
            match check(&at, section, problems) {
                Some(calendar) => {
                    calendars.known.entry(section.name.clone()).or_insert(calendar);
                }
                None => {
                    calendars.wrong.insert(section.name.clone());
                }
            }
        }
        calendars
    }

    fn check_name(&self, at: &str, name: &str, problems: &mut Problems) {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let key = format!("{at}: name");
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(allowed) {
            let what = format!("= \"{name}\" is not 1 to {NAME_MAX} of a-z, 0-9, '-', '_' and '.'");
            problems.add(&key, &what, "Choose a short name in small letters, e.g. \"xetra\".");
        } else if built_in().contains_key(name) {
            let help = "Choose another name; extends = takes a built-in one over.";
            problems.add(&key, &format!("= \"{name}\" is built in"), help);
        } else if self.known.contains_key(name) || self.wrong.contains(name) {
            problems.add(
                &key,
                &format!("= \"{name}\" is used twice"),
                "Give each calendar a name of its own.",
            );
        }
    }

    /// The calendar called `name`.
    pub(crate) fn find(&self, key: &str, name: &str, problems: &mut Problems) -> Option<Calendar> {
        let found = self.known.get(name).cloned();
        if found.is_none() && !self.wrong.contains(name) {
            let known: Vec<&str> = self.known.keys().map(String::as_str).collect();
            let what = format!("= \"{name}\" is no calendar; known are {}", known.join(", "));
            problems.add(key, &what, "Name one of them, or describe it under [[calendars]].");
        }
        found
    }
}

/// Longest name of a calendar, as of a target.
const NAME_MAX: usize = 64;

fn check(at: &str, section: &CalendarSection, problems: &mut Problems) -> Option<Calendar> {
    let told = problems.count();
    let frame = frame(at, section, problems);
    let sessions = week::spans(&format!("{at}: sessions"), &section.sessions, problems);
    let breaks = week::breaks(&format!("{at}: breaks"), &section.breaks, problems);
    let holidays = holidays(at, &section.holidays, problems);
    let frame = frame.filter(|_| problems.count() == told)?;
    let calendar = Calendar {
        name: section.name.clone(),
        week: if sessions.is_empty() { frame.week } else { sessions },
        zone: frame.zone,
        breaks,
        holidays,
    };
    if calendar.never_closes() {
        let help = "Give it sessions, breaks or holidays, or name \"always\" instead of it.";
        problems.add(at, "never closes", help);
        return None;
    }
    if never_opens(&calendar) {
        problems.add(at, "never opens: its breaks cover its sessions", "Look at from and to of its breaks.");
        return None;
    }
    Some(calendar)
}

/// The zone of a calendar, and the week that it has if it gives itself none.
struct Frame {
    zone: Zone,
    week: Vec<WeekSpan>,
}

fn frame(at: &str, section: &CalendarSection, problems: &mut Problems) -> Option<Frame> {
    let zone = match &section.zone {
        Some(text) => Some(zone::check(&format!("{at}: zone"), text, problems)?),
        None => None,
    };
    let Some(parent) = &section.extends else {
        if zone.is_none() {
            let help = "Say where the market is, e.g. zone = \"Europe/Berlin\", or zone = \"broker\".";
            problems.add(&format!("{at}: zone"), "is missing", help);
        }
        return zone.map(|zone| Frame { zone, week: Vec::new() });
    };
    let Some(parent) = built_in().remove(parent) else {
        let known = built_in().into_keys().collect::<Vec<_>>().join(", ");
        let what = format!("= \"{parent}\" is not built in; built in are {known}");
        problems.add(&format!("{at}: extends"), &what, "Name one of them, or leave extends out.");
        return None;
    };
    if !section.sessions.is_empty() {
        let help = "Leave sessions out, or leave extends out and give all of them.";
        problems.add(&format!("{at}: sessions"), "stand beside extends, which brings its own", help);
        return None;
    }
    extended(at, parent, zone, problems)
}

/// A built-in calendar told in another zone. A week is the same in both only if their clocks change together.
fn extended(at: &str, parent: Calendar, zone: Option<Zone>, problems: &mut Problems) -> Option<Frame> {
    let Some(zone) = zone else {
        return Some(Frame { zone: parent.zone, week: parent.week });
    };
    if parent.week.is_empty() {
        return Some(Frame { zone, week: Vec::new() });
    }
    let ahead = match (&parent.zone.rule, &zone.rule) {
        (ZoneRule::NewYorkPlus(from), ZoneRule::NewYorkPlus(to)) => u32::try_from(to - from).ok(),
        (ZoneRule::Fixed(_) | ZoneRule::NewYorkPlus(_) | ZoneRule::Table(..), _) => None,
    };
    let Some(ahead) = ahead else {
        let what = format!(
            "= \"{}\" changes its clocks on other days than New York, whose week it extends",
            zone.name
        );
        let help = "Leave zone out, or write zone = \"broker\", which is New York + 7 h.";
        problems.add(&format!("{at}: zone"), &what, help);
        return None;
    };
    let moved = |span: &WeekSpan| {
        let from = (span.from + ahead) % WEEK_MINUTES;
        WeekSpan { from, to: from + (span.to - span.from) }
    };
    Some(Frame { zone, week: parent.week.iter().map(moved).collect() })
}

fn holidays(at: &str, sections: &[HolidaySection], problems: &mut Problems) -> Vec<Holiday> {
    let mut holidays: Vec<Holiday> = Vec::new();
    let key = format!("{at}: holidays");
    for (index, section) in week::too_many(&key, sections, HOLIDAYS_MAX, problems).iter().enumerate() {
        let key = format!("{key}[{index}]");
        let day = day(&key, &section.day.0, problems);
        let closes = match &section.closes {
            None => Some(0),
            Some(Written(text)) => {
                let minute = week::minute_of_day(text).filter(|minute| *minute < DAY_MINUTES);
                if minute.is_none() {
                    let help = "Write when the market closes on that day, e.g. \"13:00\".";
                    problems.add(&format!("{key}.closes"), &format!("= \"{text}\" is no time of day"), help);
                }
                minute
            }
        };
        let (Some(day), Some(closes)) = (day, closes) else {
            continue;
        };
        if holidays.iter().any(|holiday| holiday.day == day) {
            problems.add(&key, &format!("= \"{}\" is listed twice", section.day.0), "Remove one of the two.");
            continue;
        }
        holidays.push(Holiday { day, closes });
    }
    holidays
}

fn day(key: &str, text: &str, problems: &mut Problems) -> Option<Date> {
    let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") else {
        problems.add(key, &format!("= \"{text}\" is no date"), "Write it as \"2026-12-25\".");
        return None;
    };
    let year = i64::from(date.year());
    if !(YEAR_FIRST..=YEAR_LAST).contains(&year) {
        let what = format!("= \"{text}\" is outside of {YEAR_FIRST} to {YEAR_LAST}");
        problems.add(key, &what, "Give a day whose time zone is known.");
        return None;
    }
    let part = |number: u32| u8::try_from(number).ok();
    Some(Date { year, month: part(date.month())?, day: part(date.day())? })
}

/// Whether no minute of the week is both in a session and outside of every break. Holidays do not count: they pass.
fn never_opens(calendar: &Calendar) -> bool {
    let sessions = week::minutes(&calendar.week);
    let closed = |minute: u32| calendar.breaks.iter().any(|span| span.has(minute % DAY_MINUTES));
    (0..WEEK_MINUTES)
        .zip(sessions)
        .all(|(minute, open)| closed(minute) || !(open || calendar.week.is_empty()))
}
