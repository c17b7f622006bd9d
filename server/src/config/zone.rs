//! Time zones as people write them: `"UTC"`, `"+02:00"`, `"broker"`, `"Europe/Berlin"`.
//!
//! Turns a name into the data that the core decides with; the core itself knows no list of zones.

use chrono::{DateTime, Offset as _, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use rebound::calendar::{Zone, ZoneRule};
use rebound::time::Timestamp;

use super::Problems;

/// First year whose changes of the clocks are known: older than any history that Rebound reads.
pub(crate) const YEAR_FIRST: i64 = 2020;
/// Last year whose changes of the clocks are known. Laws change sooner than that; a new Rebound brings the new rules.
pub(crate) const YEAR_LAST: i64 = 2060;

/// Minutes that most brokers' servers are ahead of New York, so that their day ends at 17:00 there.
pub(crate) const BROKER_AHEAD_MIN: i32 = 7 * 60;
/// Farthest offsets in use, in minutes: Baker Island and Kiribati.
const OFFSETS_MIN: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;

const HELP: &str =
    "Write an IANA name such as \"Europe/Berlin\", \"UTC\", an offset such as \"+02:00\", or \"broker\".";

/// The zone that `text` names.
pub(crate) fn check(key: &str, text: &str, problems: &mut Problems) -> Option<Zone> {
    match read(text) {
        Ok(zone) => Some(zone),
        Err(what) => {
            problems.add(key, &what, HELP);
            None
        }
    }
}

fn read(text: &str) -> Result<Zone, String> {
    match text {
        "UTC" => Ok(Zone::utc()),
        "broker" => {
            Ok(Zone { name: "broker time".to_owned(), rule: ZoneRule::NewYorkPlus(BROKER_AHEAD_MIN) })
        }
        "America/New_York" => Ok(Zone::new_york()),
        offset if offset.starts_with(['+', '-']) => fixed(offset),
        name => match name.parse::<Tz>() {
            Ok(zone) => Ok(table(zone)),
            Err(_) => Err(unknown(name)),
        },
    }
}

/// `+02:00`.
fn fixed(text: &str) -> Result<Zone, String> {
    let digits = |part: &str, most: i32| {
        let whole = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i32>().ok().filter(|number| whole && *number <= most)
    };
    let unsigned = text.trim_start_matches(['+', '-']);
    let minutes = unsigned
        .split_once(':')
        .filter(|_| unsigned.len() + 1 == text.len())
        .and_then(|(hours, minutes)| Some(digits(hours, 99)? * 60 + digits(minutes, 59)?));
    let minutes = minutes.ok_or_else(|| format!("= \"{text}\" is no offset"))?;
    let minutes = if text.starts_with('-') { -minutes } else { minutes };
    if !OFFSETS_MIN.contains(&minutes) {
        return Err(format!("= \"{text}\" is outside of -12:00 to +14:00"));
    }
    Ok(Zone { name: format!("UTC{text}"), rule: ZoneRule::Fixed(minutes) })
}

/// What is wrong with a name, with the one that was probably meant.
fn unknown(name: &str) -> String {
    let last = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_owned();
    let near =
        |zone: &&Tz| zone.name().eq_ignore_ascii_case(name) || last(zone.name()).eq_ignore_ascii_case(name);
    match TZ_VARIANTS.iter().find(near) {
        Some(meant) => format!("= \"{name}\" is no time zone; \"{}\" is one", meant.name()),
        None => format!("= \"{name}\" is no time zone"),
    }
}

/// Every change of the zone's clocks from [`YEAR_FIRST`] to [`YEAR_LAST`].
///
/// No zone changes its clocks twice within a day, so that a look a day finds each change.
fn table(zone: Tz) -> Zone {
    const DAY: i64 = 24 * 3_600;
    let second = |year: i64| Timestamp::from_civil(year, 1, 1, 0, 0).as_ms() / 1_000;
    let (first, end) = (second(YEAR_FIRST), second(YEAR_LAST + 1));
    let before = offset_min(zone, first);
    let (mut offset, mut changes) = (before, Vec::new());
    let mut day = first;
    while day < end {
        let next = day + DAY;
        let later = offset_min(zone, next);
        if later != offset {
            changes.push((Timestamp::from_ms(change_in(zone, day, next, offset) * 1_000), later));
            offset = later;
        }
        day = next;
    }
    let rule = if changes.is_empty() { ZoneRule::Fixed(before) } else { ZoneRule::Table(before, changes) };
    Zone { name: zone.name().to_owned(), rule }
}

/// The second between `low` and `high` at which the offset is no longer `before`.
fn change_in(zone: Tz, mut low: i64, mut high: i64, before: i32) -> i64 {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset_min(zone, middle) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn offset_min(zone: Tz, second: i64) -> i32 {
    let utc = DateTime::from_timestamp(second, 0).unwrap_or_default().naive_utc();
    zone.offset_from_utc_datetime(&utc).fix().local_minus_utc() / 60
}
