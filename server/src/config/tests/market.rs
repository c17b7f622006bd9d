//! Calendars, their zones and the words for days and times.

use rebound::calendar::{Calendar, Session, ZoneRule};
use rebound::time::Timestamp;
use rstest::rstest;

use super::{TARGET, right, wrong};
use crate::config::{Problems, zone};

const XETRA: &str = r#"
[[calendars]]
name = "own"
zone = "Europe/Berlin"
sessions = [{ days = "mon-fri", from = "09:00", to = "17:30" }]
holidays = ["2026-12-25", { day = "2026-12-30", closes = "14:00" }]
"#;

const BROKER: &str = r#"
[[calendars]]
name = "own"
extends = "forex"
zone = "broker"
breaks = [{ from = "23:59", to = "00:02" }]
"#;

const NIGHT: &str = r#"
[[calendars]]
name = "own"
zone = "UTC"
sessions = [{ days = ["sun", "mon"], from = "22:00", to = "21:00" }]
"#;

const ONE_STRETCH: &str = r#"
[[calendars]]
name = "own"
zone = "America/New_York"
sessions = [{ from = "sun 17:00", to = "fri 17:00" }]
"#;

fn own(calendar: &str) -> Calendar {
    let settings = right(&format!("{calendar}{TARGET}calendar = \"own\"\n"));
    settings.core.targets[0].calendar.clone()
}

fn at(month: u8, day: u8, hour: u8, minute: u8) -> Timestamp {
    Timestamp::from_civil(2026, month, day, hour, minute)
}

#[rstest]
#[case::before_the_opening(XETRA, at(7, 6, 6, 59), false)]
#[case::summer_opens_at_seven_utc(XETRA, at(7, 6, 7, 0), true)]
#[case::winter_opens_at_eight_utc(XETRA, at(11, 23, 7, 59), false)]
#[case::winter_has_opened(XETRA, at(11, 23, 8, 0), true)]
#[case::its_last_minute(XETRA, at(11, 23, 16, 29), true)]
#[case::its_end(XETRA, at(11, 23, 16, 30), false)]
#[case::a_saturday(XETRA, at(11, 28, 12, 0), false)]
#[case::a_holiday(XETRA, at(12, 25, 12, 0), false)]
#[case::a_short_day_in_the_morning(XETRA, at(12, 30, 12, 59), true)]
#[case::a_short_day_has_ended(XETRA, at(12, 30, 13, 0), false)]
#[case::a_broker_before_its_break(BROKER, at(11, 24, 21, 58), true)]
#[case::a_broker_in_its_break(BROKER, at(11, 24, 21, 59), false)]
#[case::a_broker_after_its_break(BROKER, at(11, 24, 22, 2), true)]
#[case::a_broker_on_friday_night(BROKER, at(11, 27, 22, 30), false)]
#[case::a_broker_a_week_apart_from_europe(BROKER, at(3, 15, 21, 5), true)]
#[case::a_night_begins_on_its_day(NIGHT, at(11, 22, 22, 0), true)]
#[case::a_night_runs_into_the_next_day(NIGHT, at(11, 24, 20, 59), true)]
#[case::a_night_ends(NIGHT, at(11, 24, 21, 0), false)]
#[case::one_stretch_in_its_middle(ONE_STRETCH, at(11, 25, 3, 0), true)]
#[case::one_stretch_on_saturday(ONE_STRETCH, at(11, 28, 3, 0), false)]
fn a_calendar_of_ones_own_is_open_when_it_says(
    #[case] calendar: &str,
    #[case] now: Timestamp,
    #[case] open: bool,
) {
    assert_eq!(own(calendar).is_open(now), open);
}

#[test]
fn the_week_of_forex_is_the_same_by_the_brokers_clock() {
    let (broker, forex) = (
        own(&BROKER.replace("breaks", "#breaks").replace("zone", "holidays = [\"2026-01-01\"]\nzone")),
        Calendar::forex(),
    );
    for hour in (48..365 * 24).step_by(7) {
        let now = at(1, 1, 0, 0).after(std::time::Duration::from_secs(hour * 3_600));
        assert_eq!(broker.is_open(now), forex.is_open(now), "{now}");
    }
}

#[test]
fn a_date_and_times_may_be_written_as_toml_knows_them() {
    let native = XETRA.replace("\"2026-12-25\"", "2026-12-25").replace("\"09:00\"", "09:00:00");
    assert_eq!(own(&native), own(XETRA));
}

#[test]
fn days_may_be_listed_one_by_one() {
    let listed = XETRA.replace("\"mon-fri\"", "[\"mon\", \"tue-thu\", \"fri\"]");
    assert_eq!(own(&listed), own(XETRA));
}

#[rstest]
#[case::none("", "always")]
#[case::always("calendar = \"always\"", "always")]
#[case::forex("calendar = \"forex\"", "forex")]
#[case::crypto("calendar = \"crypto\"", "crypto")]
fn a_target_names_a_calendar(#[case] line: &str, #[case] name: &str) {
    assert_eq!(right(&format!("{TARGET}{line}\n")).core.targets[0].calendar.name, name);
}

#[test]
fn an_account_may_have_a_calendar_of_its_own() {
    let accounts = "accounts = [{ id = 1000001, calendar = \"crypto\" }, { id = 1000002 }]\n";
    let settings = right(&format!("{TARGET}calendar = \"forex\"\n{accounts}"));
    let names: Vec<Option<&str>> = settings.core.targets[0]
        .accounts
        .iter()
        .map(|account| account.calendar.as_ref().map(|calendar| calendar.name.as_str()))
        .collect();
    assert_eq!(names, [Some("crypto"), None]);
}

#[rstest]
#[case::no_zone("zone = \"Europe/Berlin\"", "", "zone: is missing")]
#[case::an_unknown_zone("Europe/Berlin", "Europe/Bern", "zone = \"Europe/Bern\" is no time zone")]
#[case::another_spelling("Europe/Berlin", "berlin", "\"Europe/Berlin\" is one")]
#[case::an_offset_beyond_all("Europe/Berlin", "+15:00", "= \"+15:00\" is outside of -12:00 to +14:00")]
#[case::half_an_offset("Europe/Berlin", "+2", "= \"+2\" is no offset")]
#[case::no_day("mon-fri", "work days", "sessions[0].days: \"work days\" is no day of the week")]
#[case::no_days("days = \"mon-fri\", ", "", "sessions[0]: does not say on which days")]
#[case::an_empty_list("\"mon-fri\"", "[]", "sessions[0].days: is empty")]
#[case::a_number_for_days(
    "\"mon-fri\"",
    "5",
    "calendars[0].sessions[0].days: no days of the week; write \"mon\""
)]
#[case::no_time("09:00", "nine", "sessions[0].from = \"nine\" is no time")]
#[case::an_hour_too_many("17:30", "24:30", "sessions[0].to = \"24:30\" is no time")]
#[case::days_twice("09:00\", to = \"17:30", "mon 09:00\", to = \"fri 17:30", "names days twice")]
#[case::a_day_at_one_end("17:30", "fri 17:30", "names a day in one of from and to only")]
#[case::no_date("2026-12-25", "25.12.2026", "holidays[0] = \"25.12.2026\" is no date")]
#[case::a_day_that_never_comes("2026-12-25", "2026-02-30", "holidays[0] = \"2026-02-30\" is no date")]
#[case::a_far_year("2026-12-25", "2206-12-25", "is outside of 2020 to 2060")]
#[case::a_holiday_twice("2026-12-25", "2026-12-30", "holidays[1] = \"2026-12-30\" is listed twice")]
#[case::no_closing_time("14:00", "early", "holidays[1].closes = \"early\" is no time of day")]
#[case::a_list_for_a_holiday("\"2026-12-25\"", "[2026]", "no holiday; write \"2026-12-25\", or { day")]
#[case::an_unknown_key(
    "from = \"09:00\"",
    "form = \"09:00\"",
    "calendars[0].sessions[0].form: unknown field"
)]
#[case::a_built_in_name("name = \"own\"", "name = \"forex\"", "name = \"forex\" is built in")]
#[case::a_long_name("name = \"own\"", "name = \"My market\"", "name = \"My market\" is not 1 to 64 of")]
#[case::extends_itself("zone", "extends = \"own\"\nzone", "extends = \"own\" is not built in")]
#[case::sessions_twice("zone", "extends = \"forex\"\nzone", "sessions: stand beside extends")]
#[case::only_a_break(
    "to = \"17:30\" }]",
    "to = \"17:30\" }]\nbreaks = [{ from = \"sat 09:00\", to = \"10:00\" }]",
    "breaks[0].from = \"sat 09:00\" is no time of day"
)]
#[case::never_open(
    "to = \"17:30\" }]",
    "to = \"17:30\" }]\nbreaks = [{ from = \"08:00\", to = \"18:00\" }]",
    "never opens: its breaks cover its sessions"
)]
fn a_calendar_that_cannot_work_says_why(#[case] from: &str, #[case] to: &str, #[case] why: &str) {
    let text = XETRA.replacen(from, to, 1);
    assert_ne!(text, XETRA, "the case replaces something");
    let told = wrong(&format!("{text}{TARGET}"));
    assert!(told.contains(why), "{told}");
}

#[rstest]
#[case::never_closes("zone = \"UTC\"", "never closes")]
#[case::another_clock(
    "extends = \"forex\"\nzone = \"Europe/Berlin\"\nholidays = [\"2026-12-25\"]",
    "changes its clocks on other days than New York"
)]
fn a_calendar_that_says_nothing_of_use_is_told(#[case] lines: &str, #[case] why: &str) {
    let told = wrong(&format!("[[calendars]]\nname = \"own\"\n{lines}\n{TARGET}"));
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_calendar_that_nobody_describes_names_those_there_are() {
    let told =
        wrong(&format!("{XETRA}{TARGET}calendar = \"nyse\"\naccounts = [{{ id = 1, calendar = \"x\" }}]\n"));
    assert!(
        told.contains("\"mt5\": calendar = \"nyse\" is no calendar; known are always, crypto, forex, own"),
        "{told}"
    );
    assert!(told.contains("account 1: calendar = \"x\" is no calendar"), "{told}");
}

#[test]
fn a_calendar_that_is_wrong_is_told_once() {
    let told = wrong(&format!("{}{TARGET}calendar = \"own\"\n", XETRA.replace("Berlin", "Bern")));
    assert!(told.starts_with("rebound.toml has 1 problem\n"), "{told}");
}

#[test]
fn two_calendars_of_one_name_are_a_problem() {
    assert!(
        wrong(&format!("{XETRA}{XETRA}{TARGET}"))
            .contains("calendars[1] \"own\": name = \"own\" is used twice")
    );
}

fn zone_of(text: &str) -> rebound::calendar::Zone {
    let mut problems = Problems::new(std::path::Path::new("x"));
    zone::check("zone", text, &mut problems).unwrap_or_else(|| panic!("{problems}"))
}

#[rstest]
#[case::utc("UTC", ZoneRule::Fixed(0))]
#[case::east("+05:30", ZoneRule::Fixed(330))]
#[case::west("-03:00", ZoneRule::Fixed(-180))]
#[case::without_summer_time("Asia/Tokyo", ZoneRule::Fixed(540))]
#[case::the_brokers("broker", ZoneRule::NewYorkPlus(420))]
#[case::new_york("America/New_York", ZoneRule::NewYorkPlus(0))]
fn a_zone_without_changes_of_its_own_needs_no_table(#[case] text: &str, #[case] rule: ZoneRule) {
    assert_eq!(zone_of(text).rule, rule);
}

#[rstest]
#[case::berlin("Europe/Berlin")]
#[case::nicosia("Asia/Nicosia")]
#[case::fasting_month("Africa/Casablanca")]
#[case::half_an_hour("Australia/Lord_Howe")]
#[case::a_day_skipped_long_ago("Pacific/Apia")]
#[case::new_york_by_its_rule("America/New_York")]
fn a_zone_tells_the_offset_of_its_source_for_forty_years(#[case] name: &str) {
    use chrono::{Offset as _, TimeZone as _};
    let (zone, source) = (zone_of(name), name.parse::<chrono_tz::Tz>().unwrap());
    let (first, end) = (Timestamp::from_civil(2020, 1, 1, 0, 0), Timestamp::from_civil(2061, 1, 1, 0, 0));
    for ms in (first.as_ms()..end.as_ms()).step_by(5 * 3_600_000) {
        let utc = chrono::DateTime::from_timestamp_millis(ms).unwrap().naive_utc();
        let offset = source.offset_from_utc_datetime(&utc).fix().local_minus_utc();
        assert_eq!(zone.offset_min(Timestamp::from_ms(ms)) * 60, offset, "{utc}");
    }
}

#[test]
fn clocks_change_at_the_second() {
    let ZoneRule::Table(before, changes) = zone_of("Europe/Berlin").rule else { panic!("a table") };
    assert_eq!((before, changes.len()), (60, 82));
    assert!(changes.contains(&(at(3, 29, 1, 0), 120)) && changes.contains(&(at(10, 25, 1, 0), 60)));
}

#[test]
fn a_closed_market_says_when_it_opens() {
    let friday_evening = at(11, 27, 20, 0);
    assert_eq!(own(XETRA).session(friday_evening), Session::Closed(at(11, 30, 8, 0)));
}
