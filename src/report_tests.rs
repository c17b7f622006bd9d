use alloc::string::String;
use alloc::vec;

use super::*;
use crate::check::CheckId;
use crate::heal::{ActionKind, Rung, StepOutcome};
use crate::ids::{IncidentId, StepId};
use crate::incident::{Cause, Closing, StepEnd};
use crate::reason::Reason;

const HOUR: i64 = 3_600_000;

pub(super) fn at(hours: i64) -> Timestamp {
    Timestamp::from_ms(hours * HOUR)
}

fn target(name: &str) -> TargetId {
    TargetId::try_new(name).unwrap()
}

fn cause() -> Cause {
    Cause {
        check: Some(CheckId::TerminalBrokerLink),
        reason: Reason::LinkLost,
        severity: Severity::Critical,
        since: Timestamp::default(),
    }
}

pub(super) fn incident(of: &str, from: i64, to: Option<i64>, how: Recovery) -> Incident {
    Incident {
        id: IncidentId::new(1),
        target: target(of),
        severity: Severity::Critical,
        last_good: None,
        first_failure: at(from),
        opened_at: Timestamp::from_ms(at(from).as_ms() + 20_000),
        alerted_at: Some(at(from)),
        causes: vec![cause()],
        steps: Vec::new(),
        successes: 0,
        events: Vec::new(),
        acknowledged: None,
        stopped: None,
        repeat: 1,
        flaps: 0,
        good_ms: 0,
        flapping: false,
        layer: None,
        closed: to.map(|to| Closing { recovered_at: at(to), at: at(to), how }),
    }
}

pub(super) fn step(from: i64, proof: Proof, outcome: StepOutcome) -> Step {
    Step {
        id: StepId::new(String::from("s")),
        remedy: String::from("reconnect"),
        rung: Rung::Soft,
        action: ActionKind::HttpCall,
        because: String::new(),
        fault: String::new(),
        noted: false,
        asked_by: None,
        started_at: at(from),
        result: Some(StepEnd { at: at(from), outcome, output: String::new(), link: None }),
        proof,
    }
}

fn of(name: &str, uptime: UptimeFigures) -> Known {
    Known { targets: vec![(target(name), uptime)], days: BTreeMap::new() }
}

#[test]
fn a_day_on_which_nobody_watched_is_not_a_day_without_trouble() {
    let known = Known {
        targets: Vec::new(),
        days: BTreeMap::from([(at(24), UptimeFigures { up_ms: 5, ..UptimeFigures::default() })]),
    };
    let report = report((at(0), at(48)), &[], &[], &known);
    let watched: Vec<u64> = report.days.iter().map(|day| day.uptime.total_ms()).collect();
    assert_eq!(watched, [0, 5]);
}

#[test]
fn time_in_an_incident_counts_only_within_the_stretch() {
    let all = [incident("a", 5, Some(15), Recovery::ByItself), incident("b", 18, None, Recovery::ByItself)];
    let report = report((at(10), at(20)), &all, &[], &Known::default());
    assert_eq!(report.whole.trouble_ms, 7 * HOUR as u64, "5 h of the first, 2 h of the one that is open");
    assert_eq!(report.whole.incidents, 1, "the first began before");
    assert_eq!(report.whole.open, 1);
    assert_eq!(report.whole.recover_mean_ms, None, "none that began here is over");
}

#[test]
fn what_ended_before_or_begins_later_is_left_out() {
    let all =
        [incident("a", 1, Some(2), Recovery::ByItself), incident("a", 20, Some(21), Recovery::ByItself)];
    let report = report((at(10), at(20)), &all, &[], &Known::default());
    assert_eq!((report.whole.incidents, report.whole.trouble_ms, report.causes.len()), (0, 0, 0));
}

#[test]
fn means_are_of_what_is_known() {
    let all = [
        incident("a", 10, Some(11), Recovery::ByItself),
        incident("a", 12, Some(15), Recovery::AfterHeal(String::from("reconnect"))),
        incident("a", 16, Some(18), Recovery::NotWatched),
    ];
    let report = report((at(10), at(20)), &all, &[], &Known::default());
    assert_eq!(report.whole.detect_mean_ms, Some(20_000));
    assert_eq!(report.whole.recover_mean_ms, Some(2 * HOUR as u64), "what nobody watches did not recover");
    assert_eq!(report.whole.recover_max_ms, Some(3 * HOUR as u64));
    assert_eq!((report.whole.healed, report.whole.by_itself), (1, 1));
}

#[test]
fn heals_are_counted_by_what_was_proven_and_refused_ones_not_at_all() {
    let mut one = incident("a", 10, Some(15), Recovery::AfterHeal(String::from("reconnect")));
    one.steps = vec![
        step(10, Proof::DidNotHelp(at(11)), StepOutcome::Done),
        step(11, Proof::NotTold(at(11)), StepOutcome::Refused),
        step(12, Proof::Recovered(at(13)), StepOutcome::Done),
        step(14, Proof::Pending, StepOutcome::Done),
    ];
    let heals = report((at(10), at(20)), &[one], &[], &Known::default()).whole.heals;
    assert_eq!((heals.begun, heals.helped, heals.failed, heals.unclear), (3, 1, 1, 1));
}

#[test]
fn a_trouble_that_ended_by_itself_untouched_was_told_needlessly() {
    let mut touched = incident("a", 11, Some(12), Recovery::ByItself);
    touched.steps = vec![step(11, Proof::DidNotHelp(at(12)), StepOutcome::Done)];
    let mut untold = incident("a", 13, Some(14), Recovery::ByItself);
    untold.alerted_at = None;
    let all = [incident("a", 10, Some(11), Recovery::ByItself), touched, untold];
    let told = report((at(10), at(20)), &all, &[], &Known::default()).told;
    assert_eq!((told.incidents_told, told.needless), (2, 1));
}

#[test]
fn days_cover_the_stretch_and_add_up_to_it() {
    let all = [incident("a", 20, Some(30), Recovery::ByItself)];
    let report = report((at(0), at(60)), &all, &[], &Known::default());
    let trouble: Vec<u64> = report.days.iter().map(|day| day.trouble_ms / HOUR as u64).collect();
    assert_eq!(trouble, [4, 6, 0]);
    assert_eq!(report.days.iter().map(|day| day.trouble_ms).sum::<u64>(), report.whole.trouble_ms);
    assert_eq!(report.days.iter().map(|day| day.incidents).sum::<u32>(), report.whole.incidents);
}

#[test]
fn a_month_of_99_99_percent_is_the_whole_budget() {
    let month = 30 * 24 * HOUR as u64;
    let down = month / 10_000;
    let uptime =
        UptimeFigures { up_ms: month - down, down_ms: down, unknown_ms: 5, ..UptimeFigures::default() };
    let report = report((at(0), at(720)), &[], &[], &of("a", uptime));
    assert_eq!(report.whole.budget_used_percent, Some(100));
    assert_eq!(report.whole.up_share, Some(UPTIME_AIM));
    assert_eq!(report.targets[0].figures.budget_used_percent, Some(100));
}

#[test]
fn nothing_known_is_no_budget_used() {
    let uptime = UptimeFigures { unknown_ms: 100, ..UptimeFigures::default() };
    let report = report((at(0), at(1)), &[], &[], &of("a", uptime));
    assert_eq!((report.whole.up_share, report.whole.budget_used_percent), (None, None));
}
