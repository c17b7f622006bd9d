//! `[[maintenance]]`: planned work, once or every week.
//!
//! A window has an end by itself, so that one that was forgotten does not hold healing and alerts for ever.

use std::time::Duration;

use chrono::DateTime;
use rebound::calendar::WEEK_MINUTES;
use rebound::ids::TargetId;
use rebound::maintenance::{Scope, When, Window};
use rebound::time::{Timestamp, spoken};
use serde::Deserialize;

use super::Problems;
use super::called::called;
use super::week::{self, Days, SpanSection, Written};
use super::zone;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaintenanceSection {
    name: String,
    targets: Option<Vec<String>>,
    from: Option<Written>,
    to: Option<Written>,
    zone: Option<String>,
    days: Option<Days>,
    #[serde(default)]
    spans: Vec<SpanSection>,
}

/// Most windows of one file. Each is looked at for every target at every tick.
const WINDOWS_MAX: usize = 100;
/// Longest window: a week of work is planned, more is a target that is not in use.
const WINDOW_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Longest name of a window: it stands in a line of the page.
const NAME_MAX: usize = 100;

/// Checks all entries. `targets` are the ids that the file names, right or wrong.
pub(crate) fn check(
    sections: &[(usize, MaintenanceSection)],
    targets: &[&str],
    problems: &mut Problems,
) -> Vec<Window> {
    let mut windows = Vec::new();
    for (index, section) in week::too_many("maintenance", sections, WINDOWS_MAX, problems) {
        let at = format!("maintenance[{index}] \"{}\"", section.name);
        let length = section.name.chars().count();
        if section.name.trim().is_empty() || length > NAME_MAX {
            let what = format!("has {length} characters, outside of 1 to {NAME_MAX}");
            problems.add(&format!("{at}: name"), &what, "Say in a few words what is done.");
        }
        let scope = scope(&at, section.targets.as_deref(), targets, problems);
        let when = when(&at, section, problems);
        if let (Some(scope), Some(when)) = (scope, when) {
            let name = called(&format!("{at}: name"), section.name.clone(), problems);
            windows.push(Window { name, scope, when, by: None });
        }
    }
    windows
}

fn scope(at: &str, named: Option<&[String]>, targets: &[&str], problems: &mut Problems) -> Option<Scope> {
    let key = format!("{at}: targets");
    let Some(named) = named else {
        return Some(Scope::All);
    };
    if named.is_empty() {
        problems.add(
            &key,
            "is empty: it would be about nothing",
            "Name targets, or leave it out for all of them.",
        );
        return None;
    }
    let mut ids = Vec::new();
    for name in named {
        if !targets.contains(&name.as_str()) {
            let what = format!("\"{name}\" is the id of no target");
            problems.add(&key, &what, "Name the id of a [[targets]] section.");
        }
        ids.extend(TargetId::try_new(name).ok());
    }
    (ids.len() == named.len()).then_some(Scope::Targets(ids))
}

const FORMS: &str = "Write from and to with a date, e.g. \"2026-12-05T02:00:00+01:00\", for work that is done once; or zone \
                     with from and to, e.g. \"02:00\", and days; or zone with spans.";

fn when(at: &str, section: &MaintenanceSection, problems: &mut Problems) -> Option<When> {
    match (&section.from, &section.to, section.spans.is_empty()) {
        (Some(from), Some(to), true) if is_moment(from) || is_moment(to) => {
            once(at, section, from, to, problems)
        }
        (Some(from), Some(to), true) => {
            let zone = needed_zone(at, section, problems);
            let spans = week::daily(at, section.days.as_ref(), from, to, problems);
            weekly(at, zone?, spans, problems)
        }
        (None, None, false) => {
            if section.days.is_some() {
                let help = "Write the days into each span.";
                problems.add(&format!("{at}: days"), "stands beside spans", help);
            }
            let zone = needed_zone(at, section, problems);
            let spans = week::spans(&format!("{at}: spans"), &section.spans, problems);
            weekly(at, zone?, spans, problems)
        }
        (None, None, true) => {
            problems.add(at, "does not say when", FORMS);
            None
        }
        (Some(_), None, true) => {
            problems.add(&format!("{at}: to"), "is missing", FORMS);
            None
        }
        (None, Some(_), true) => {
            problems.add(&format!("{at}: from"), "is missing", FORMS);
            None
        }
        (Some(_), _, false) | (_, Some(_), false) => {
            problems.add(at, "says twice when: by from and to, and by spans", FORMS);
            None
        }
    }
}

/// Whether a text is meant as a moment and not as a time of day: only a moment begins with a year.
fn is_moment(written: &Written) -> bool {
    written.0.trim().as_bytes().get(4) == Some(&b'-')
}

fn once(
    at: &str,
    section: &MaintenanceSection,
    from: &Written,
    to: &Written,
    problems: &mut Problems,
) -> Option<When> {
    let repeating = [("zone", section.zone.is_some()), ("days", section.days.is_some())];
    for (name, _) in repeating.iter().filter(|(_, given)| *given) {
        let help = "Leave it out: a moment carries its own offset and day.";
        problems.add(&format!("{at}: {name}"), "has no use for work that is done once", help);
    }
    let mut moment = |name: &str, written: &Written| {
        let text = written.0.trim();
        let read = DateTime::parse_from_rfc3339(text);
        if read.is_err() {
            let help =
                "Write it with its offset, as \"2026-12-05T02:00:00+01:00\" or \"2026-12-05T01:00:00Z\".";
            problems.add(&format!("{at}: {name}"), &format!("= \"{text}\" is no moment"), help);
        }
        read.ok().map(|time| Timestamp::from_ms(time.timestamp_millis()))
    };
    let ends = (moment("from", from), moment("to", to));
    let (Some(from), Some(to)) = ends else {
        return None;
    };
    if to <= from {
        let what = format!("= {to} is not after from = {from}");
        problems.add(&format!("{at}: to"), &what, "Give an end after the beginning.");
        return None;
    }
    let length = to.since(from);
    if length > WINDOW_MAX {
        let what = format!("lasts {}, longer than {}", spoken(length), spoken(WINDOW_MAX));
        let help = "Make it shorter, or plan several: one that is forgotten must end. A target that is not in use is better left out.";
        problems.add(at, &what, help);
        return None;
    }
    Some(When::Once { from, to })
}

fn needed_zone(
    at: &str,
    section: &MaintenanceSection,
    problems: &mut Problems,
) -> Option<rebound::calendar::Zone> {
    let key = format!("{at}: zone");
    if section.zone.is_none() {
        problems.add(
            &key,
            "is missing",
            "Say whose clock it is, e.g. zone = \"Europe/Berlin\" or zone = \"UTC\".",
        );
    }
    section.zone.as_ref().and_then(|text| zone::check(&key, text, problems))
}

fn weekly(
    at: &str,
    zone: rebound::calendar::Zone,
    spans: Vec<rebound::calendar::WeekSpan>,
    problems: &mut Problems,
) -> Option<When> {
    if spans.is_empty() {
        return None;
    }
    let covered = week::minutes(&spans).into_iter().filter(|minute| *minute).count();
    if covered == WEEK_MINUTES as usize {
        let help = "Leave some time in which trouble is told. To heal nothing by itself, set dry_run = true.";
        problems.add(at, "covers the whole week, so it would never end", help);
        return None;
    }
    Some(When::Weekly { zone, spans })
}
