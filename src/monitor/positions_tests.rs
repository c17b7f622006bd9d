//! Positions and orders before, during and after a heal.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::scene_tests::{Scene, bridge, config, healthy, minutes, read, seconds, target};
use super::super::{AskedState, RequestKind};
use crate::alert::AlertReason;
use crate::check::{AccountsReading, CheckId, Position, PositionBook, ProbeOutcome};
use crate::heal::{PositionPolicy, Refusal, StepOutcome};
use crate::incident::{Phase, Proof, Recovery, Severity};
use crate::time::Timestamp;

fn forced(remedy: &str) -> RequestKind {
    RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: true, remedy: Some(String::from(remedy)) }
}

fn with_positions(now: Timestamp, tickets: &[u64], connected: bool) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.terminal.connected = Some(connected);
    let position = |ticket: &u64| Position { ticket: *ticket, symbol: None, stop_loss: Some(false) };
    reading.positions =
        Some(PositionBook { positions: tickets.iter().map(position).collect(), orders: Some(Vec::new()) });
    ProbeOutcome::Bridge(Box::new(reading))
}

fn two_open(now: Timestamp) -> ProbeOutcome {
    with_positions(now, &[1, 2], true)
}

fn two_open_unlinked(now: Timestamp) -> ProbeOutcome {
    with_positions(now, &[1, 2], false)
}

fn one_left(now: Timestamp) -> ProbeOutcome {
    with_positions(now, &[1], true)
}

fn none_open_unlinked(now: Timestamp) -> ProbeOutcome {
    with_positions(now, &[], false)
}

/// A bridge whose mildest remedy restarts something.
fn careful(positions: PositionPolicy) -> Scene {
    let mut spec = bridge("mt5");
    spec.heal.ladder.remove(0);
    spec.heal.positions = positions;
    let mut scene = Scene::new(config(alloc::vec![spec]));
    scene.sees_for(minutes(1), two_open);
    scene
}

#[test]
fn open_positions_are_waited_for_and_not_for_ever() {
    let mut scene = careful(PositionPolicy::WaitUpTo(minutes(10)));
    scene.sees_for(minutes(9), two_open_unlinked);
    assert!(scene.steps.is_empty());
    assert!(matches!(scene.phase(), Phase::Waiting { because: Refusal::PositionsOpen(..), .. }));
    scene.sees_for(minutes(2), two_open_unlinked);
    assert_eq!(scene.steps.len(), 1);
}

#[test]
fn closed_positions_end_the_wait() {
    let mut scene = careful(PositionPolicy::WaitUpTo(minutes(10)));
    scene.sees_for(minutes(2), two_open_unlinked);
    // A terminal that is not connected has no say about what is open: the last good look counts, and grows old.
    scene.sees_for(minutes(1), none_open_unlinked);
    assert!(scene.steps.is_empty());
}

#[test]
fn a_person_is_asked_and_his_word_starts_it() {
    let mut scene = careful(PositionPolicy::Ask);
    scene.sees_for(minutes(2), two_open_unlinked);
    assert!(scene.steps.is_empty());
    assert!(matches!(scene.phase(), Phase::Escalated { because: Refusal::PositionsAsk(..) }));
    let asked = scene.asks(forced("restart bridge"));
    let AskedState::Done(said) = scene.answer_to(asked) else { panic!("started") };
    assert!(said.contains("2 positions without a stop loss"), "{said}");
    assert_eq!(scene.steps.len(), 1);
}

#[test]
fn a_position_that_a_heal_lost_is_critical_until_somebody_has_seen_it() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(3), one_left);
    let incident = scene.incident().unwrap().clone();
    assert!(incident.causes.iter().any(|cause| cause.reason.code() == "positions_changed"));
    assert_eq!(scene.steps.len(), 1, "nothing more is healed then");
    assert!(matches!(
        scene.phase(),
        Phase::Escalated { .. } | Phase::Verifying { .. } | Phase::Waiting { .. }
    ));
    scene.sees_for(minutes(10), one_left);
    assert!(scene.incident().is_some(), "it does not close by itself");
    let alert = scene.alerts.iter().rfind(|alert| alert.incident == Some(incident.id)).unwrap().id;
    scene.asks(RequestKind::Acknowledge(alert));
    scene.sees_for(minutes(1), one_left);
    assert!(scene.incident().is_none());
}

#[test]
fn a_lost_position_calls_a_person_as_soon_as_it_is_seen() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(seconds(50), one_left);
    assert_eq!(scene.told(AlertReason::Escalated), 1);
    let told = scene.alerts.iter().find(|alert| alert.reason == AlertReason::Escalated).unwrap();
    assert!(told.message.title.contains("positions or orders"), "{}", told.message.title);
    let step = &scene.incident().unwrap().steps[0];
    assert!(matches!(step.proof, Proof::LostPositions(_)), "a heal that loses positions is none");
}

fn none_open(now: Timestamp) -> ProbeOutcome {
    with_positions(now, &[], true)
}

#[test]
fn one_empty_look_after_a_heal_is_no_loss() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees(1, none_open);
    scene.sees_for(minutes(2), two_open);
    assert!(scene.incident().is_none());
    assert_eq!(scene.told(AlertReason::Recovered), 1);
}

#[test]
fn the_same_positions_after_a_heal_are_kept_positions() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(3), two_open);
    assert!(scene.incident().is_none());
    assert_eq!(scene.alerts.iter().filter(|alert| alert.severity == Severity::Critical).count(), 1);
}

/// The accounts are read no more; the terminal is connected and tells its positions.
fn stale(now: Timestamp, tickets: &[u64]) -> ProbeOutcome {
    let ProbeOutcome::Bridge(mut reading) = with_positions(now, tickets, true) else { panic!("a bridge") };
    let old = now.before(minutes(120));
    reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, old, 1_000.0)).collect());
    ProbeOutcome::Bridge(reading)
}

fn two_open_stale(now: Timestamp) -> ProbeOutcome {
    stale(now, &[1, 2])
}

fn one_left_stale(now: Timestamp) -> ProbeOutcome {
    stale(now, &[1])
}

fn changed(scene: &Scene) -> bool {
    let incident = scene.incident();
    incident.is_some_and(|incident| {
        incident.causes.iter().any(|cause| cause.reason.code() == "positions_changed")
    })
}

/// The bridge answers from what it knew until the restart really happens.
#[test]
fn a_position_lost_after_the_first_equal_look_is_found() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees(1, two_open);
    scene.sees_for(minutes(1), one_left);
    assert!(changed(&scene), "{:?}", scene.incident());
}

/// What happens to positions later is trading.
#[test]
fn once_the_incident_is_over_and_all_were_there_nothing_is_compared() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), two_open);
    assert!(scene.incident().is_none());
    scene.sees_for(minutes(5), one_left);
    assert!(scene.incident().is_none());
}

/// The remedy did not help, everything was there when its time was over; half an hour later a take-profit closes one.
#[test]
fn a_remedy_whose_time_is_over_is_not_blamed_for_later_trading() {
    let mut scene = careful(PositionPolicy::Now);
    while scene.steps.is_empty() {
        scene.sees(1, two_open_stale);
    }
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(6), two_open_stale);
    assert_eq!(scene.steps.len(), 2, "the next remedy");
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(6), two_open_stale);
    assert!(matches!(scene.phase(), Phase::Escalated { .. }));
    scene.sees_for(minutes(5), one_left_stale);
    assert!(!changed(&scene), "{:?}", scene.incident());
}

#[test]
fn what_was_refused_is_no_ground_for_a_comparison() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Refused);
    scene.sees_for(minutes(2), one_left);
    assert!(scene.incident().is_none(), "{:?}", scene.incident());
}

#[test]
fn a_person_cannot_heal_on_before_he_has_seen_what_was_lost() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(1), one_left);
    let asked = scene.asks(forced("restart all"));
    let AskedState::Refused(said) = scene.answer_to(asked) else { panic!("started") };
    assert!(said.contains("cknowledge"), "{said}");
    assert_eq!(scene.steps.len(), 1);
}

/// He read the first mail, and the positions were lost after it.
#[test]
fn an_older_alert_that_is_acknowledged_says_nothing_of_positions_lost_after_it() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    let opened = scene.alerts[0].id;
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(1), one_left);
    assert!(changed(&scene));
    scene.asks(RequestKind::Acknowledge(opened));
    scene.sees_for(minutes(3), one_left);
    assert!(changed(&scene), "nobody has seen the loss");
    let lost = scene.alerts.iter().find(|alert| alert.reason == AlertReason::Escalated).unwrap().id;
    scene.asks(RequestKind::Acknowledge(lost));
    scene.sees_for(minutes(1), one_left);
    assert!(scene.incident().is_none());
    assert!(matches!(scene.closed[0].steps[0].proof, Proof::LostPositions(_)));
    let view = scene.monitor.board(1, scene.now).targets.remove(0);
    assert_eq!(scene.closed[0].closed.as_ref().unwrap().how, Recovery::SeenByPerson);
    assert!(view.heal.last.is_none(), "it is never called a heal that worked");
    assert_eq!((view.ledger[0].helped, view.ledger[0].failed), (0, 1));
}

/// The incident was seen before by a person; that was before the loss.
#[test]
fn a_loss_in_an_incident_that_was_acknowledged_is_told_and_repeated() {
    let mut scene = careful(PositionPolicy::Now);
    scene.sees(2, two_open_unlinked);
    let opened = scene.alerts[0].id;
    scene.asks(RequestKind::Acknowledge(opened));
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(1), one_left);
    assert_eq!(scene.told(AlertReason::Escalated), 1);
    assert!(scene.incident().unwrap().acknowledged.is_none());
    scene.sees_for(minutes(120), one_left);
    assert!(scene.told(AlertReason::Reminder) > 0);
}

#[test]
fn positions_of_a_terminal_that_is_not_connected_are_not_called_kept() {
    let mut scene = careful(PositionPolicy::WaitUpTo(minutes(10)));
    scene.sees_for(minutes(1), two_open_unlinked);
    let word = |scene: &Scene| {
        let board = scene.monitor.board(1, scene.now);
        let check = board.targets[0].checks.iter().find(|check| check.id == CheckId::PositionsKept).unwrap();
        check.verdict.clone()
    };
    assert_eq!(word(&scene), "Unknown");
    scene.sees_for(minutes(1), two_open);
    assert_eq!(word(&scene), "Up");
}
