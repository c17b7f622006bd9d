//! Planned work.

use rebound::maintenance::{Scope, When, current};
use rebound::time::Timestamp;
use rstest::rstest;

use super::{TARGET, right, wrong};

const ONCE: &str = r#"
[[maintenance]]
name = "move"
targets = ["mt5"]
from = "2026-12-05T02:00:00+01:00"
to = "2026-12-05T04:30:00+01:00"
"#;

const DAILY: &str = r#"
[[maintenance]]
name = "backup"
zone = "UTC"
from = "23:30"
to = "00:15"
"#;

const WEEKLY: &str = r#"
[[maintenance]]
name = "updates"
zone = "Europe/Berlin"
spans = [{ from = "sat 02:00", to = "sat 04:00" }, { days = "mon-fri", from = "05:00", to = "05:10" }]
"#;

fn at(day: u8, hour: u8, minute: u8) -> Timestamp {
    Timestamp::from_civil(2026, 12, day, hour, minute)
}

#[rstest]
#[case::once_before(ONCE, at(5, 0, 59), None)]
#[case::once(ONCE, at(5, 1, 0), Some(at(5, 3, 30)))]
#[case::once_after(ONCE, at(5, 3, 30), None)]
#[case::daily_over_midnight(DAILY, at(7, 23, 45), Some(at(8, 0, 15)))]
#[case::daily_every_day(DAILY, at(6, 0, 10), Some(at(6, 0, 15)))]
#[case::daily_outside(DAILY, at(6, 12, 0), None)]
#[case::weekly_on_saturday(WEEKLY, at(5, 1, 30), Some(at(5, 3, 0)))]
#[case::weekly_on_monday(WEEKLY, at(7, 4, 5), Some(at(7, 4, 10)))]
#[case::weekly_on_sunday(WEEKLY, at(6, 1, 30), None)]
fn work_lasts_as_long_as_it_is_planned(
    #[case] text: &str,
    #[case] now: Timestamp,
    #[case] ends: Option<Timestamp>,
) {
    let settings = right(&format!("{text}{TARGET}"));
    let id = &settings.core.targets[0].id;
    let found = current(&settings.core.maintenance, id, now);
    assert_eq!(found.map(|(_, ends)| ends), ends);
}

#[test]
fn work_is_about_the_targets_that_it_names_or_about_all() {
    let settings = right(&format!("{ONCE}{DAILY}{TARGET}"));
    let scopes: Vec<bool> =
        settings.core.maintenance.iter().map(|window| window.scope == Scope::All).collect();
    assert_eq!(scopes, [false, true]);
}

#[test]
fn moments_may_be_written_as_toml_knows_them_and_may_be_over() {
    let native = ONCE.replace('"', "").replace("[mt5]", "[\"mt5\"]").replace("= move", "= \"move\"");
    let read = |text: &str| right(&format!("{text}{TARGET}")).core.maintenance;
    assert_eq!(read(&native), read(ONCE));
    let over = ONCE.replace("2026", "2021");
    assert!(matches!(read(&over)[0].when, When::Once { .. }));
}

#[rstest]
#[case::an_unknown_target(ONCE, "[\"mt5\"]", "[\"mt6\"]", "targets: \"mt6\" is the id of no target")]
#[case::no_target(ONCE, "[\"mt5\"]", "[]", "targets: is empty")]
#[case::an_end_before_its_beginning(
    ONCE,
    "T04:30",
    "T01:30",
    "to = 2026-12-05 00:30:00 UTC is not after from"
)]
#[case::eight_days(ONCE, "05T04:30", "13T04:30", "lasts 8 d 2 h, longer than 7 d")]
#[case::no_offset(ONCE, "02:00:00+01:00", "02:00:00", "from = \"2026-12-05T02:00:00\" is no moment")]
#[case::a_zone_beside_a_moment(
    ONCE,
    "targets",
    "zone = \"UTC\"\ntargets",
    "zone: has no use for work that is done once"
)]
#[case::days_beside_a_moment(
    ONCE,
    "targets",
    "days = \"mon\"\ntargets",
    "days: has no use for work that is done once"
)]
#[case::no_end(ONCE, "to = \"2026-12-05T04:30:00+01:00\"", "", "to: is missing")]
#[case::no_beginning(DAILY, "from = \"23:30\"", "", "from: is missing")]
#[case::no_time(DAILY, "23:30", "late", "\"backup\": from = \"late\" is no time")]
#[case::the_end_of_a_day(DAILY, "23:30", "24:00", "\"backup\": from = \"24:00\" is on the next day")]
#[case::a_moment_and_a_time(ONCE, "2026-12-05T04:30:00+01:00", "04:30", "to = \"04:30\" is no moment")]
#[case::no_zone(DAILY, "zone = \"UTC\"", "", "zone: is missing")]
#[case::an_unknown_zone(DAILY, "UTC", "Mars", "zone = \"Mars\" is no time zone")]
#[case::no_name(DAILY, "backup", " ", "name: has 1 characters, outside of 1 to 100")]
#[case::no_time_at_all(DAILY, "from = \"23:30\"\nto = \"00:15\"", "", "does not say when")]
#[case::twice(WEEKLY, "spans", "from = \"01:00\"\nto = \"02:00\"\nspans", "says twice when")]
#[case::days_beside_spans(WEEKLY, "spans", "days = \"mon\"\nspans", "days: stands beside spans")]
#[case::the_whole_week(WEEKLY, "to = \"sat 04:00\"", "to = \"sat 02:00\"", "covers the whole week")]
#[case::the_whole_day(DAILY, "00:15", "23:30", "covers the whole week")]
fn work_that_cannot_be_planned_says_why(
    #[case] text: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] why: &str,
) {
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "the case replaces something");
    let told = wrong(&format!("{changed}{TARGET}"));
    assert!(told.contains(why), "{told}");
    assert!(told.starts_with("rebound.toml has 1 problem\n"), "{told}");
}
