use alloc::vec;

use super::*;
use crate::incident::Recovery;
use crate::report::tests::{at, incident as an_incident, step as a_step};
use crate::report::{Known, report};

fn step(started: i64, proof: Proof, outcome: Option<StepOutcome>) -> Step {
    let step = a_step(started, proof, outcome.unwrap_or(StepOutcome::Done));
    Step { result: step.result.filter(|_| outcome.is_some()), ..step }
}

fn incident(of: &str, steps: Vec<Step>) -> Incident {
    Incident { steps, ..an_incident(of, 0, None, Recovery::ByItself) }
}

/// Steps of every kind, all on the first day.
fn all_kinds() -> Vec<Step> {
    let told = Proof::NotTold(at(2));
    vec![
        step(1, Proof::Recovered(at(2)), Some(StepOutcome::Done)),
        // What observations proved counts, whatever the doer said.
        step(1, Proof::Recovered(at(2)), Some(StepOutcome::Lost)),
        step(1, Proof::DidNotHelp(at(2)), Some(StepOutcome::Stopped)),
        step(1, Proof::LostPositions(at(2)), Some(StepOutcome::Done)),
        step(1, told, Some(StepOutcome::Lost)),
        step(1, told, Some(StepOutcome::TimedOut)),
        step(1, told, Some(StepOutcome::Failed)),
        step(1, told, Some(StepOutcome::Stopped)),
        step(1, told, Some(StepOutcome::Refused)),
        step(1, Proof::Pending, None),
    ]
}

fn watched(days: &[i64]) -> BTreeMap<Timestamp, UptimeFigures> {
    days.iter()
        .map(|day| (at(day * 24), UptimeFigures { up_ms: 1_000, ..UptimeFigures::default() }))
        .collect()
}

#[test]
fn each_heal_is_counted_once_by_what_was_proven_of_it() {
    let incidents = [incident("a", all_kinds())];
    let known = HealsKnown { incidents: &incidents, days: &watched(&[0]), read_since: None };
    let found = heal_days(None, (at(0), at(24)), known).whole;
    assert_eq!(
        found,
        Outcomes {
            proven: 2,
            did_not_help: 1,
            lost_positions: 1,
            lost: 2,
            not_proven: 1,
            stopped: 1,
            refused: 1,
            going_on: 1,
        }
    );
    assert_eq!((found.all(), found.begun()), (10, 9));
}

#[test]
fn days_add_up_to_what_a_report_says() {
    let incidents = [incident("a", all_kinds()), incident("b", all_kinds())];
    let known = HealsKnown { incidents: &incidents, days: &watched(&[0, 1]), read_since: None };
    let found = heal_days(None, (at(0), at(48)), known).whole;
    let told = report((at(0), at(48)), &incidents, &[], &Known::default()).whole.heals;
    assert_eq!(found.begun(), told.begun);
    assert_eq!(found.proven, told.helped);
    assert_eq!(found.did_not_help + found.lost_positions, told.failed);
    assert_eq!(found.lost + found.not_proven + found.stopped + found.going_on, told.unclear);
}

#[test]
fn a_day_on_which_nobody_watched_is_not_a_day_without_heals() {
    let mut days = watched(&[1]);
    days.insert(at(48), UptimeFigures { unknown_ms: 9_000, ..UptimeFigures::default() });
    let known = HealsKnown { incidents: &[], days: &days, read_since: None };
    let found = heal_days(None, (at(0), at(72)), known);
    let heals: Vec<_> = found.days.iter().map(|day| day.heals).collect();
    assert_eq!(heals, [None, Some(Outcomes::default()), None]);
    assert_eq!(found.days[2].unknown_ms, 9_000);
}

#[test]
fn what_is_written_down_counts_on_a_day_of_which_nothing_else_is_known() {
    let incidents = [incident("a", vec![step(30, Proof::Recovered(at(31)), Some(StepOutcome::Done))])];
    let known = HealsKnown { incidents: &incidents, days: &BTreeMap::new(), read_since: None };
    let found = heal_days(None, (at(0), at(72)), known);
    let heals: Vec<_> = found.days.iter().map(|day| day.heals.map(|heals| heals.proven)).collect();
    assert_eq!(heals, [None, Some(1), None]);
}

#[test]
fn days_of_which_not_all_was_read_are_not_told_in_part() {
    let incidents = [incident("a", vec![step(20, Proof::Recovered(at(21)), Some(StepOutcome::Done))])];
    let known = HealsKnown { incidents: &incidents, days: &watched(&[0, 1]), read_since: Some(at(12)) };
    let found = heal_days(None, (at(0), at(48)), known);
    assert_eq!(found.days.iter().map(|day| day.heals.is_some()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(found.whole, Outcomes::default());
}

#[test]
fn the_heals_of_another_target_are_not_this_ones() {
    let incidents = [incident("a", all_kinds()), incident("b", all_kinds())];
    let known = HealsKnown { incidents: &incidents, days: &watched(&[0]), read_since: None };
    let a = TargetId::try_new("a").unwrap();
    assert_eq!(heal_days(Some(&a), (at(0), at(24)), known).whole.all(), 10);
    assert_eq!(heal_days(None, (at(0), at(24)), known).whole.all(), 20);
}
