//! `[drills]`: when emergencies are rehearsed.

use rebound::drill::{DrillPolicy, Every};
use rebound::maintenance::Scope;
use rebound::time::Weekday;
use rstest::rstest;

use super::{TARGET, right, wrong};

fn drills(lines: &str) -> DrillPolicy {
    right(&format!("[drills]\n{lines}\n{TARGET}")).core.drills
}

#[test]
fn without_the_section_no_drill_is_scheduled() {
    assert_eq!(right(TARGET).core.drills, DrillPolicy::default());
}

#[test]
fn every_week_means_saturday_at_ten_of_all_targets_unless_it_is_said() {
    let drills = drills("every = \"week\"");
    let schedule = drills.schedule.unwrap();
    assert_eq!((schedule.every, schedule.minute), (Every::Week(Weekday::Saturday), 600));
    assert_eq!((drills.scope, drills.deliver), (Scope::All, true));
}

#[test]
fn day_time_zone_targets_and_delivery_can_be_said() {
    let lines = "every = \"month\"\non = \"sun\"\nat = 08:30:00\nzone = \"Europe/Berlin\"\ntargets = [\"mt5\"]\ndeliver = false";
    let drills = drills(lines);
    let schedule = drills.schedule.unwrap();
    assert_eq!((schedule.every, schedule.minute), (Every::Month(Weekday::Sunday), 510));
    assert_eq!(schedule.zone.name, "Europe/Berlin");
    assert!(matches!(drills.scope, Scope::Targets(ids) if ids.len() == 1));
    assert!(!drills.deliver);
}

#[rstest]
#[case::often("every = \"hour\"", "drills.every = \"hour\" is none of off, day, week, month")]
#[case::day("on = \"caturday\"", "drills.on = \"caturday\" is no day of the week")]
#[case::time("at = \"25:00\"", "drills.at = \"25:00\" is no time of day")]
#[case::end_of_day("at = \"24:00\"", "drills.at = \"24:00\" is no time of day")]
#[case::zone("zone = \"Mars\"", "drills.zone = \"Mars\" is no time zone")]
#[case::target("targets = [\"mt6\"]", "drills.targets \"mt6\" is the id of no target")]
fn what_is_wrong_is_said_with_its_key(#[case] line: &str, #[case] said: &str) {
    let told = wrong(&format!("[drills]\n{line}\n{TARGET}"));
    assert!(told.replace(": ", " ").contains(said), "{told}");
}
