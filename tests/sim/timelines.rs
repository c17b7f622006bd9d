//! Stories that people read and the machine compares. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;
use std::time::Duration;

use rebound::alert::{Alert, AlertReason};
use rebound::calendar::Calendar;
use rebound::heal::{HealBudget, HealPolicy, StepOutcome};
use rebound::ids::TargetId;
use rebound::incident::{Incident, Severity};
use rebound::readiness::ReadinessSpec;
use rebound::target::{Config, OwnNetworkSpec, TargetSpec};
use rebound::time::Timestamp;
use rebound_tests::sim::bridge::Bridge;
use rebound_tests::sim::fault::Fault;
use rebound_tests::sim::own::Own;
use rebound_tests::sim::settings::{ladder, mail};
use rebound_tests::sim::site::Site;
use rebound_tests::sim::spans::Spans;
use rebound_tests::sim::thing::{Act, Kind, Thing};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

fn mt5() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

/// Monday noon: one bridge with seven accounts, mail as the only channel.
fn spec() -> TargetSpec {
    TargetSpec {
        name: "MT5 bridge".to_owned(),
        calendar: Calendar::forex(),
        heal: HealPolicy { ladder: ladder(), ..HealPolicy::default() },
        ..TargetSpec::bridge(mt5())
    }
}

fn site_of(spec: TargetSpec, at: Timestamp) -> Site {
    let config = Config {
        targets: vec![spec],
        alerts: mail(),
        own_network: OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() },
        maintenance: Vec::new(),
        readiness: ReadinessSpec::default(),
        drills: rebound::drill::DrillPolicy::default(),
    };
    let thing = Thing::new(Kind::Bridge(Bridge::new(7)));
    let mut site = Site::new(config, vec![thing], Own::default(), at, 1);
    site.notes.keeps_story = true;
    site
}

fn site() -> Site {
    site_of(spec(), noon())
}

fn noon() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 12, 0)
}

/// Breaks the bridge after a minute, and says so in the story.
fn breaks(site: &mut Site, fault: Fault, lasts: Duration) {
    site.passes(minutes(1));
    site.notes.says(site.now, || format!("-- {}", fault.nature().words));
    site.breaks(&mt5(), fault, Duration::ZERO, lasts);
}

fn acts(site: &mut Site, acts: &[Act]) {
    site.thing_mut(&mt5()).acts.extend(acts.iter().copied());
}

fn works() -> Act {
    Act::Works { takes: seconds(4), then: seconds(20) }
}

fn only_incident(site: &Site) -> &Incident {
    assert_eq!(site.notes.incidents.len(), 1);
    &site.notes.incidents.values().next().unwrap().incident
}

fn critical(site: &Site) -> Vec<&Alert> {
    site.notes
        .alerts
        .iter()
        .map(|told| &told.alert)
        .filter(|alert| alert.severity == Severity::Critical)
        .collect()
}

fn is_golden(name: &str, site: &Site) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sim/timelines").join(format!("{name}.txt"));
    let story = site.notes.story();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &story).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(story, golden, "{name} tells another story; if it is the better one: UPDATE_GOLDEN=1");
}

#[test]
fn a_lost_link_is_healed_and_announced_once() {
    let mut site = site();
    acts(&mut site, &[works()]);
    breaks(&mut site, Fault::LinkLost, minutes(600));
    site.passes(minutes(10));
    assert_eq!(site.notes.steps.len(), 1);
    assert_eq!(site.notes.alerts.len(), 2);
    assert_eq!(only_incident(&site).closed.as_ref().unwrap().how.to_string(), "recovered after \"refresh\"");
    is_golden("link_lost_and_healed", &site);
}

#[test]
fn a_heal_that_lies_ends_with_a_person_within_the_budget() {
    let mut site = site();
    acts(&mut site, &[Act::Lies, Act::Lies, Act::Lies, Act::Lies]);
    breaks(&mut site, Fault::LinkLost, minutes(50));
    site.passes(minutes(60));
    assert_eq!(site.notes.steps.len(), 3);
    assert_eq!(site.notes.told(AlertReason::Escalated), 1);
    assert_eq!(only_incident(&site).closed.as_ref().unwrap().how.to_string(), "recovered by itself");
    is_golden("heals_that_lie", &site);
}

#[test]
fn a_failure_inside_the_cooldown_waits() {
    let mut site = site();
    acts(&mut site, &[works(), works()]);
    breaks(&mut site, Fault::LinkLost, minutes(600));
    site.passes(minutes(1));
    breaks(&mut site, Fault::LinkLost, minutes(600));
    site.passes(minutes(12));
    let starts: Vec<Timestamp> = site.notes.steps.iter().map(|step| step.at).collect();
    assert_eq!(starts.len(), 2);
    assert!(starts[1].since(starts[0]) >= minutes(5));
    is_golden("failure_inside_the_cooldown", &site);
}

#[test]
fn when_the_hour_is_spent_a_person_is_told_at_once() {
    let budget = HealBudget { per_hour_max: 2, ..HealBudget::default() };
    let heal = HealPolicy { budget, ..spec().heal };
    let mut site = site_of(TargetSpec { heal, ..spec() }, noon());
    for _ in 0..3 {
        acts(&mut site, &[works()]);
        breaks(&mut site, Fault::LinkLost, minutes(20));
        site.passes(minutes(7));
    }
    assert_eq!(site.notes.steps.len(), 2);
    assert_eq!(site.notes.told(AlertReason::Escalated), 1);
    is_golden("hour_spent", &site);
}

#[test]
fn a_target_that_comes_and_goes_is_one_incident_and_climbs_the_ladder() {
    let mut site = site();
    for _ in 0..6 {
        acts(&mut site, &[works()]);
        breaks(&mut site, Fault::LinkLost, minutes(20));
        site.passes(minutes(7));
    }
    assert_eq!(site.notes.incidents.len(), 3);
    assert_eq!(site.notes.told(AlertReason::Escalated), 1);
    is_golden("comes_and_goes", &site);
}

#[test]
fn balances_of_null_are_never_shown_as_zero() {
    let mut site = site();
    site.breaks(&mt5(), Fault::Placeholders, Duration::ZERO, minutes(25));
    site.notes.says(site.now, || format!("-- {}", Fault::Placeholders.nature().words));
    site.passes(minutes(10));
    let board = site.monitor.board(1, site.now);
    let json = serde_json::to_string(&board).unwrap();
    assert!(board.targets[0].accounts.iter().all(|account| account.balance.is_none() && !account.live));
    assert!(!json.contains("\"balance\":0") && !json.contains("$0"));
    assert!(site.notes.incidents.is_empty(), "unknown for ten minutes is no trouble yet");
    acts(&mut site, &[Act::Lies]);
    site.passes(minutes(20));
    assert_eq!(only_incident(&site).causes[0].reason.code(), "placeholders_only");
    is_golden("balances_of_null", &site);
}

#[test]
fn in_a_closed_market_a_lost_link_is_nothing() {
    let friday = Timestamp::from_civil(2026, 11, 20, 21, 30);
    let mut site = site_of(spec(), friday);
    site.passes(minutes(40));
    breaks(&mut site, Fault::LinkLost, minutes(40 * 60));
    site.passes(minutes(50 * 60));
    assert!(site.notes.alerts.is_empty() && site.notes.steps.is_empty());
    is_golden("market_closed", &site);
}

#[test]
fn a_week_opens_without_a_false_alarm() {
    let friday = Timestamp::from_civil(2026, 11, 20, 21, 0);
    let mut site = site_of(spec(), friday);
    let late = "-- the bridge stops reading at the close, and begins 5 min after the opening";
    site.notes.says(friday, || late.to_owned());
    site.breaks(&mt5(), Fault::ReadsStop, minutes(60), minutes(48 * 60 + 5));
    site.passes(minutes(51 * 60));
    assert!(site.notes.alerts.is_empty() && site.notes.steps.is_empty());
    is_golden("week_opens", &site);
}

#[test]
fn a_lost_network_of_our_own_is_not_the_bridges() {
    let mut site = site();
    site.passes(minutes(1));
    site.own.network_gone = Spans::of([(site.now, site.now.after(minutes(20)))]);
    site.notes.says(site.now, || "-- Rebound's own network is gone for 20 min".to_owned());
    site.passes(minutes(30));
    assert!(site.notes.incidents.is_empty() && site.notes.steps.is_empty());
    assert_eq!(site.notes.told(AlertReason::UnknownTooLong), 1);
    is_golden("own_network_gone", &site);
}

#[test]
fn another_program_on_the_port_is_for_a_person() {
    let mut site = site();
    breaks(&mut site, Fault::WrongService, minutes(40));
    site.passes(minutes(50));
    assert!(site.notes.steps.is_empty());
    assert!(critical(&site)[0].message.advice.as_ref().unwrap().contains("Nothing was restarted"));
    is_golden("wrong_service", &site);
}

#[test]
fn a_terminal_that_never_answered_is_for_a_person() {
    let mut site = site();
    site.breaks(&mt5(), Fault::TerminalHangs, Duration::ZERO, minutes(20));
    site.notes.says(site.now, || "-- the terminal runs in another session from the beginning".to_owned());
    site.passes(minutes(30));
    assert!(site.notes.steps.is_empty());
    assert_eq!(critical(&site).len(), 1);
    is_golden("terminal_in_another_session", &site);
}

#[test]
fn a_terminal_that_is_only_starting_is_left_alone() {
    let mut site = site();
    breaks(&mut site, Fault::TerminalStarts, seconds(60));
    site.passes(minutes(5));
    assert!(site.notes.steps.is_empty() && site.notes.alerts.is_empty());
    is_golden("terminal_starts", &site);
}

#[test]
fn a_terminal_that_answered_and_hangs_is_restarted_from_outside_its_pipe() {
    let mut site = site();
    acts(&mut site, &[works()]);
    breaks(&mut site, Fault::TerminalHangs, minutes(600));
    site.passes(minutes(10));
    assert_eq!(site.notes.steps.len(), 1);
    assert_eq!(site.notes.steps[0].request.remedy, "restart bridge");
    is_golden("terminal_hangs", &site);
}

#[test]
fn without_a_store_a_heal_is_held_and_people_are_told() {
    let mut site = site();
    acts(&mut site, &[works()]);
    site.passes(seconds(30));
    let back = site.now.after(minutes(5));
    site.own.store_down = Spans::of([(site.now, back)]);
    breaks(&mut site, Fault::LinkLost, minutes(600));
    site.passes(minutes(15));
    assert_eq!(site.notes.told(AlertReason::Opened), 1);
    assert_eq!(site.notes.steps.len(), 1);
    assert!(site.notes.steps[0].at >= back);
    is_golden("store_down_while_a_heal_is_due", &site);
}

#[test]
fn killed_in_the_middle_of_a_heal_it_looks_and_does_not_repeat() {
    let mut site = site();
    acts(&mut site, &[Act::Works { takes: seconds(40), then: seconds(10) }]);
    breaks(&mut site, Fault::LinkLost, minutes(600));
    site.passes(seconds(20));
    site.is_killed(seconds(30));
    site.passes(minutes(10));
    assert_eq!(site.notes.steps.len(), 1);
    let incident = only_incident(&site);
    assert_eq!(incident.steps[0].result.as_ref().unwrap().outcome, StepOutcome::Lost);
    assert!(incident.closed.is_some());
    is_golden("killed_in_the_middle_of_a_heal", &site);
}
