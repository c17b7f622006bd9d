//! `[drills]`: when emergencies are rehearsed, and of which targets.
//!
//! Off by itself: a drill sends a test alert, which nobody should get unasked.

use rebound::calendar::DAY_MINUTES;
use rebound::drill::{DrillPolicy, Every, Schedule};
use rebound::ids::TargetId;
use rebound::maintenance::Scope;
use rebound::time::Weekday;
use serde::Deserialize;

use super::Problems;
use super::week::{Written, minute_of_day};
use super::zone;

/// How often, as it is written.
pub(crate) const EVERY: [&str; 4] = ["off", "day", "week", "month"];
/// The days, as they are written.
pub(crate) const DAYS: [(&str, Weekday); 7] = [
    ("sun", Weekday::Sunday),
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
];
/// Most markets are closed then, and people are awake.
const DAY: &str = "sat";
const TIME: &str = "10:00";
const ZONE: &str = "UTC";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrillsSection {
    every: Option<String>,
    on: Option<String>,
    at: Option<Written>,
    zone: Option<String>,
    #[serde(default)]
    targets: Vec<String>,
    deliver: Option<bool>,
}

/// When drills are held, as it is written; also where they are off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillSettings {
    /// `off`, `day`, `week` or `month`.
    pub every: String,
    /// The day of the week.
    pub on: String,
    /// The time of day.
    pub at: String,
    /// The zone of both.
    pub zone: String,
}

/// Checks the section. `targets` are the ids that the file names, right or wrong.
pub(crate) fn check(
    section: DrillsSection,
    targets: &[&str],
    problems: &mut Problems,
) -> (DrillPolicy, DrillSettings) {
    let written = DrillSettings {
        every: section.every.unwrap_or_else(|| "off".to_owned()),
        on: section.on.unwrap_or_else(|| DAY.to_owned()),
        at: section.at.map_or_else(|| TIME.to_owned(), |at| at.0.trim().to_owned()),
        zone: section.zone.unwrap_or_else(|| ZONE.to_owned()),
    };
    let day = DAYS.iter().find(|(name, _)| *name == written.on).map(|(_, day)| *day);
    if day.is_none() {
        let help =
            "Write one of sun, mon, tue, wed, thu, fri, sat; a day on which the markets are closed is best.";
        problems.add("drills.on", &format!("= \"{}\" is no day of the week", written.on), help);
    }
    let minute = minute_of_day(&written.at).filter(|minute| *minute < DAY_MINUTES);
    if minute.is_none() {
        let help = "Write a time of day as \"10:00\".";
        problems.add("drills.at", &format!("= \"{}\" is no time of day", written.at), help);
    }
    let zone = zone::check("drills.zone", &written.zone, problems);
    let every = match (written.every.as_str(), day) {
        ("day", _) => Some(Every::Day),
        ("week", Some(day)) => Some(Every::Week(day)),
        ("month", Some(day)) => Some(Every::Month(day)),
        ("off" | "week" | "month", _) => None,
        (other, _) => {
            let what = format!("= \"{other}\" is none of {}", EVERY.join(", "));
            problems.add("drills.every", &what, "Write \"week\" for one a week, or \"off\" for none.");
            None
        }
    };
    let mut ids = Vec::new();
    for name in &section.targets {
        if !targets.contains(&name.as_str()) {
            let what = format!("\"{name}\" is the id of no target");
            problems.add("drills.targets", &what, "Name the id of a [[targets]] section.");
        }
        ids.extend(TargetId::try_new(name).ok());
    }
    let schedule =
        every.zip(minute).zip(zone).map(|((every, minute), zone)| Schedule { every, minute, zone });
    let scope = if section.targets.is_empty() { Scope::All } else { Scope::Targets(ids) };
    (DrillPolicy { schedule, scope, deliver: section.deliver.unwrap_or(true) }, written)
}
