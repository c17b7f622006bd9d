//! Days and times of day as people write them, turned into stretches of the week.
//!
//! `"09:00"` is a time of each day named beside it, `"sun 17:00"` one of the week.

use std::collections::BTreeSet;

use chrono::{NaiveTime, Timelike as _};
use rebound::calendar::{DAY_MINUTES, DaySpan, WEEK_MINUTES, WeekSpan};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Problems;

/// Most stretches in one list. A market with a lunch break has ten a week.
pub(crate) const SPANS_MAX: usize = 50;

const WEEK_DAYS: u32 = 7;
/// As they are written in the file, and told to people.
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const DAYS_WRONG: &str =
    "no days of the week; write \"mon\", \"mon-fri\" or a list such as [\"mon\", \"wed\"]";
const DAY_HELP: &str = "Write \"mon\", \"mon-fri\" or a list such as [\"mon\", \"wed\"].";
const TIME_HELP: &str = "Write a time of day as \"09:00\", or one of the week as \"sun 17:00\".";

/// A text, or a date or time that TOML knows by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written(pub(crate) String);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Datetime(time) => Ok(Self(time.to_string())),
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Array(_)
            | toml::Value::Table(_) => Err(D::Error::custom("write a text, e.g. \"09:00\"")),
        }
    }
}

/// Days of the week: one text, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Days(Vec<String>);

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(vec![text])),
            list @ toml::Value::Array(_) => {
                Vec::deserialize(list).map(Self).map_err(|_| D::Error::custom(DAYS_WRONG))
            }
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Table(_) => Err(D::Error::custom(DAYS_WRONG)),
        }
    }
}

/// One entry of `sessions` or `spans`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanSection {
    days: Option<Days>,
    from: Written,
    to: Written,
}

/// One entry of `breaks`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakSection {
    from: Written,
    to: Written,
}

/// The stretches of a list.
pub(crate) fn spans(key: &str, sections: &[SpanSection], problems: &mut Problems) -> Vec<WeekSpan> {
    let mut spans = Vec::new();
    for (index, section) in too_many(key, sections, SPANS_MAX, problems).iter().enumerate() {
        let key = format!("{key}[{index}]");
        let place = Place { whole: &key, part: &format!("{key}.") };
        spans.extend(one(place, section.days.as_ref(), &section.from, &section.to, problems));
    }
    spans
}

/// Where an entry stands, for problems.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The entry itself.
    whole: &'a str,
    /// What comes before the name of one of its keys.
    part: &'a str,
}

/// The stretches of one entry: on each of its days, or one of the week.
fn one(
    place: Place<'_>,
    days: Option<&Days>,
    from: &Written,
    to: &Written,
    problems: &mut Problems,
) -> Vec<WeekSpan> {
    let key = |name: &str| format!("{}{name}", place.part);
    let edges = (edge(&key("from"), from, problems), edge(&key("to"), to, problems));
    let (Some(from), Some(to)) = edges else {
        return Vec::new();
    };
    let (what, help) = match (from, to, days) {
        (Edge::OfDay(DAY_MINUTES), _, _) => {
            problems.add(&key("from"), "= \"24:00\" is on the next day", "Write 00:00 of the next day.");
            return Vec::new();
        }
        (Edge::OfDay(from), Edge::OfDay(to), Some(days)) => {
            let length = if to <= from { to + DAY_MINUTES - from } else { to - from };
            let beginnings = numbers(&key("days"), days, problems).into_iter();
            let beginnings = beginnings.map(|day| day * DAY_MINUTES + from);
            return beginnings.map(|from| WeekSpan { from, to: from + length }).collect();
        }
        (Edge::OfWeek(from), Edge::OfWeek(to), None) => {
            return vec![WeekSpan { from, to: if to <= from { to + WEEK_MINUTES } else { to } }];
        }
        (Edge::OfWeek(_), Edge::OfWeek(_), Some(_)) => {
            ("names days twice: in days, and in from and to", "Leave days out.")
        }
        (Edge::OfDay(_), Edge::OfDay(_), None) => ("does not say on which days", DAY_HELP),
        (Edge::OfDay(_), Edge::OfWeek(_), _) | (Edge::OfWeek(_), Edge::OfDay(_), _) => (
            "names a day in one of from and to only",
            "Write both as \"09:00\" with days beside them, or both as \"sun 17:00\".",
        ),
    };
    problems.add(place.whole, what, help);
    Vec::new()
}

/// The same stretch on each of `days`, or on every day. It runs into the next day where `to` is not later than `from`. `at` is what
/// the keys belong to.
pub(crate) fn daily(
    at: &str,
    days: Option<&Days>,
    from: &Written,
    to: &Written,
    problems: &mut Problems,
) -> Vec<WeekSpan> {
    let every = Days(vec!["sun-sat".to_owned()]);
    let place = Place { whole: at, part: &format!("{at}: ") };
    one(place, Some(days.unwrap_or(&every)), from, to, problems)
}

/// The days that are named, from Sunday = 0, each once.
fn numbers(key: &str, days: &Days, problems: &mut Problems) -> BTreeSet<u32> {
    let mut named = BTreeSet::new();
    for text in &days.0 {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (Some(first), Some(last)) = (day(first), day(last)) else {
            problems.add(key, &format!("\"{text}\" is no day of the week"), DAY_HELP);
            continue;
        };
        // From the first day on until the last, over the end of the week where it has to be.
        let steps = (last + WEEK_DAYS - first) % WEEK_DAYS;
        named.extend((0..=steps).map(|step| (first + step) % WEEK_DAYS));
    }
    if days.0.is_empty() {
        problems.add(key, "is empty", DAY_HELP);
    }
    named
}

/// Its place in the week, from Sunday = 0.
fn day(text: &str) -> Option<u32> {
    (0..WEEK_DAYS).zip(DAYS).find_map(|(number, name)| (name == text.trim()).then_some(number))
}

/// A beginning or an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// A minute of each day, up to 1,440 for its end.
    OfDay(u32),
    /// A minute of the week.
    OfWeek(u32),
}

fn edge(key: &str, written: &Written, problems: &mut Problems) -> Option<Edge> {
    let text = written.0.trim();
    let read = match text.split_once(' ') {
        None => minute_of_day(text).map(Edge::OfDay),
        Some((name, time)) => day(name)
            .zip(minute_of_day(time))
            .map(|(day, minute)| Edge::OfWeek((day * DAY_MINUTES + minute) % WEEK_MINUTES)),
    };
    if read.is_none() {
        problems.add(key, &format!("= \"{text}\" is no time"), TIME_HELP);
    }
    read
}

/// `09:00`, or `24:00` for the end of a day. Seconds, which TOML may add, must be 0.
pub(crate) fn minute_of_day(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(DAY_MINUTES);
    }
    let time =
        NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
    time.ok().filter(|time| time.second() == 0).map(|time| time.hour() * 60 + time.minute())
}

/// The stretches of each day in a list.
pub(crate) fn breaks(key: &str, sections: &[BreakSection], problems: &mut Problems) -> Vec<DaySpan> {
    let mut spans = Vec::new();
    for (index, section) in too_many(key, sections, SPANS_MAX, problems).iter().enumerate() {
        let key = format!("{key}[{index}]");
        let mut read = |name: &str, written: &Written| {
            let (key, text) = (format!("{key}.{name}"), written.0.trim());
            let minute = minute_of_day(text);
            if minute.is_none() {
                let help = "A break is the same each day: write a time of day as \"23:59\".";
                problems.add(&key, &format!("= \"{text}\" is no time of day"), help);
            }
            minute
        };
        let edges = (read("from", &section.from), read("to", &section.to));
        let (Some(from), Some(to)) = edges else {
            continue;
        };
        let from = from % DAY_MINUTES;
        spans.push(DaySpan { from, to: if to <= from { to + DAY_MINUTES } else { to } });
    }
    spans
}

/// The list, cut to `most`; a problem if it is longer.
pub(crate) fn too_many<'a, T>(key: &str, list: &'a [T], most: usize, problems: &mut Problems) -> &'a [T] {
    if list.len() > most {
        let what = format!("has {} entries, at most {most} are read", list.len());
        problems.add(key, &what, "Leave out or join some.");
    }
    list.get(..most).unwrap_or(list)
}

/// Which minutes of a week lie in `spans`.
pub(crate) fn minutes(spans: &[WeekSpan]) -> Vec<bool> {
    let mut covered = vec![false; WEEK_MINUTES as usize];
    for span in spans {
        for minute in span.from..span.to {
            if let Some(place) = covered.get_mut((minute % WEEK_MINUTES) as usize) {
                *place = true;
            }
        }
    }
    covered
}

/// A stretch as it is written in the file: `sun 17:00 to fri 17:00`.
pub(crate) fn spoken(span: WeekSpan) -> String {
    let edge = |minute: u32| {
        let day = DAYS.get((minute / DAY_MINUTES % WEEK_DAYS) as usize).copied().unwrap_or_default();
        let of_day = minute % DAY_MINUTES;
        format!("{day} {:02}:{:02}", of_day / 60, of_day % 60)
    };
    format!("{} to {}", edge(span.from), edge(span.to))
}
