//! The operator's hand: stop a heal, choose a rung, dry run, declare moved capital; and what heals leave behind.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::scene_tests::{Scene, bridge, config, good, healthy, link_lost, minutes, read, seconds, target};
use super::{AskedState, RequestKind};
use crate::alert::AlertReason;
use crate::check::{AccountsReading, Position, PositionBook, ProbeOutcome};
use crate::heal::{PositionPolicy, Refusal, StepOutcome};
use crate::ids::AccountId;
use crate::incident::{Phase, Severity};
use crate::time::Timestamp;

fn mt5() -> crate::ids::TargetId {
    target("mt5")
}

fn failing() -> Scene {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    scene
}

fn forced(remedy: &str) -> RequestKind {
    RequestKind::ForceHeal { target: mt5(), lift_cooldown: true, remedy: Some(String::from(remedy)) }
}

#[test]
fn a_stopped_heal_is_looked_at_and_no_other_follows() {
    let mut scene = failing();
    let stop = scene.asks(RequestKind::StopHeal(mt5()));
    assert!(matches!(scene.answer_to(stop), AskedState::Done(_)));
    assert_eq!(scene.stops, [scene.steps[0].step.clone()]);
    scene.step_ends(StepOutcome::Stopped);
    assert!(matches!(scene.phase(), Phase::Verifying { .. }), "it may have happened");
    scene.sees_for(minutes(20), link_lost);
    assert_eq!(scene.steps.len(), 1);
    assert!(matches!(scene.phase(), Phase::Escalated { because: Refusal::Stopped(_) }));
    assert_eq!(scene.told(AlertReason::Escalated), 0, "whoever stopped it knows");
    scene.sees_for(minutes(1), good);
    assert_eq!(scene.closed.len(), 1);
}

#[test]
fn a_stopped_heal_stays_stopped_over_a_restart_until_a_person_heals_again() {
    let mut scene = failing();
    scene.asks(RequestKind::StopHeal(mt5()));
    scene.step_ends(StepOutcome::Stopped);
    scene.restarts(seconds(20));
    scene.sees_for(minutes(10), link_lost);
    assert_eq!(scene.steps.len(), 1);
    scene.asks(forced("restart all"));
    assert_eq!(scene.steps.last().unwrap().remedy, "restart all");
    assert!(scene.incident().unwrap().stopped.is_none());
}

#[test]
fn where_nothing_is_healed_nothing_can_be_stopped() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    let stop = scene.asks(RequestKind::StopHeal(mt5()));
    assert!(matches!(scene.answer_to(stop), AskedState::Refused(_)));
}

#[test]
fn a_chosen_rung_is_started_and_an_unknown_one_refused() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    let refused = scene.asks(forced("reboot the moon"));
    assert!(matches!(scene.answer_to(refused), AskedState::Refused(_)));
    assert!(scene.incident().is_none(), "what was refused opens nothing");
    scene.asks(forced("restart bridge"));
    assert_eq!(scene.steps[0].remedy, "restart bridge");
    assert_eq!(scene.incident().unwrap().steps[0].asked_by.as_deref(), Some("ann"));
}

#[test]
fn a_dry_run_can_be_switched_on_and_off_again_for_one_target() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.asks(RequestKind::SetDryRun { target: mt5(), dry_run: Some(true) });
    scene.sees_for(minutes(2), link_lost);
    assert!(scene.steps.is_empty());
    assert!(matches!(scene.phase(), Phase::Escalated { because: Refusal::DryRun(_) }));
    scene.asks(RequestKind::SetDryRun { target: mt5(), dry_run: None });
    assert_eq!(scene.steps.len(), 1, "what was held back starts");
}

fn all_at_zero(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, now, 0.0)).collect());
    ProbeOutcome::Bridge(Box::new(reading))
}

#[test]
fn declared_moves_are_no_trouble_until_the_declaration_ends() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    let until = scene.now.after(minutes(30));
    scene.asks(RequestKind::DeclareMove { target: mt5(), accounts: Vec::new(), until });
    scene.sees_for(minutes(29), all_at_zero);
    assert!(scene.alerts.is_empty());
    scene.sees_for(minutes(3), all_at_zero);
    assert_eq!(scene.alerts[0].severity, Severity::Warning);
}

#[test]
fn a_declaration_for_one_account_does_not_explain_seven() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    let until = scene.now.after(minutes(30));
    scene.asks(RequestKind::DeclareMove { target: mt5(), accounts: alloc::vec![AccountId::new(1)], until });
    scene.sees_for(minutes(3), all_at_zero);
    assert_eq!(scene.told(AlertReason::Opened), 1);
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
    let alert = scene.alerts.iter().find(|alert| alert.incident == Some(incident.id)).unwrap().id;
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
    assert!(
        matches!(step.proof, crate::incident::Proof::DidNotHelp(_)),
        "a heal that loses positions is none"
    );
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
fn heals_that_people_ask_for_are_no_flapping() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    for _ in 0..4 {
        scene.asks(forced("refresh"));
        scene.step_ends(StepOutcome::Done);
        scene.sees_for(minutes(2), good);
    }
    assert_eq!(scene.closed.len(), 4);
}

#[test]
fn a_remedy_whose_rest_is_over_is_tried_once_more_in_the_same_incident() {
    let mut spec = bridge("mt5");
    spec.heal.ladder.truncate(1);
    spec.heal.budget.cooldown = seconds(0);
    let mut scene = Scene::of(spec);
    for _ in 0..3 {
        scene.sees_for(minutes(12), good);
        scene.sees(2, link_lost);
        scene.step_ends(StepOutcome::Done);
        scene.sees_for(minutes(6), link_lost);
    }
    scene.sees_for(minutes(12), good);
    scene.sees_for(minutes(5), link_lost);
    assert_eq!(scene.steps.len(), 3);
    assert!(matches!(scene.phase(), Phase::Escalated { because: Refusal::BreakerOpen { .. } }));
    scene.sees_for(minutes(61), link_lost);
    assert_eq!(scene.steps.len(), 4, "the trial");
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

/// Good for `up` and lost for `down`, again and again.
fn flaps(scene: &mut Scene, times: u32) {
    for _ in 0..times {
        scene.sees_for(seconds(40), link_lost);
        scene.sees_for(seconds(40), good);
    }
}

#[test]
fn a_flapping_target_is_one_incident_with_a_count() {
    let mut spec = bridge("mt5");
    spec.heal.ladder.clear();
    let mut scene = Scene::of(spec);
    scene.sees_for(minutes(1), good);
    flaps(&mut scene, 12);
    let incident = scene.incident().unwrap();
    assert!(incident.flapping && incident.flaps >= 5, "{incident:?}");
    assert!(scene.closed.len() <= 2, "{} closed", scene.closed.len());
    assert!(scene.alerts.len() <= 5, "{} alerts", scene.alerts.len());
    scene.sees_for(minutes(9), good);
    assert!(scene.incident().is_some(), "a flapping target must be good for ten minutes");
    scene.sees_for(minutes(2), good);
    assert!(scene.incident().is_none());
}

#[test]
fn what_heals_came_to_is_counted_and_a_remedy_that_keeps_failing_rests() {
    let mut spec = bridge("mt5");
    spec.heal.budget.per_hour_max = 60;
    spec.heal.budget.cooldown = seconds(0);
    let mut scene = Scene::of(spec);
    for _ in 0..4 {
        scene.sees_for(minutes(11), good);
        scene.sees(2, link_lost);
        while scene.steps.last().unwrap().remedy != "restart bridge" {
            scene.step_ends(StepOutcome::Done);
            scene.sees_for(minutes(6), link_lost);
        }
        scene.step_ends(StepOutcome::Done);
        scene.sees_for(minutes(12), good);
    }
    let board = scene.monitor.board(1, scene.now);
    let line = |remedy: &str| board.targets[0].ledger.iter().find(|line| line.remedy == remedy).unwrap();
    let (refresh, restart) = (line("refresh"), line("restart bridge"));
    assert_eq!((refresh.helped, refresh.failed), (0, 3), "the fourth time it was skipped: {refresh:?}");
    assert_eq!((restart.helped, restart.failed, restart.relapses), (4, 0, 3), "{restart:?}");
    assert!(restart.took_p50_ms.is_some());
    assert!(refresh.rests_until.is_some());
}

#[test]
fn every_target_explains_itself() {
    let mut scene = failing();
    let explained = |scene: &Scene| {
        let board = scene.monitor.board(1, scene.now);
        board.targets[0].explain.iter().map(|line| line.answer.clone()).collect::<Vec<_>>()
    };
    let [why, heal, waiting, next] = explained(&scene).try_into().unwrap();
    assert!(why.contains("terminal.broker_link") && why.contains("the link to the broker"), "{why}");
    assert!(heal.contains("\"refresh\" (soft): was tried in this incident"), "{heal}");
    assert!(waiting.contains("For the remedy to end"), "{waiting}");
    assert!(!next.is_empty());
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    let [why, heal, waiting, _] = explained(&scene).try_into().unwrap();
    assert!(why.starts_with("Healthy: No check fails."), "{why}");
    assert!(heal.starts_with("Nothing is to be healed."), "{heal}");
    assert_eq!(waiting, "Nothing.");
}
