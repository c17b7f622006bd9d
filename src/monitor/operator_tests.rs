//! The operator's hand: stop a heal, choose a rung, dry run, declare moved capital; and what heals came to.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::scene_tests::{
    Scene, bridge, good, healthy, link_lost, minutes, read, seconds, target, trading_off, wrong_service,
};
use super::{AskedState, RequestKind};
use crate::alert::AlertReason;
use crate::check::{AccountsReading, ProbeOutcome};
use crate::heal::{Refusal, StepOutcome};
use crate::ids::AccountId;
use crate::incident::{Phase, Proof, Recovery, Severity};
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
    scene.sees(1, link_lost);
    assert_eq!(scene.steps.len(), 1, "what was held back starts");
}

#[test]
fn whoever_ends_a_dry_run_is_told_what_happens_next() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    let ends = |scene: &mut Scene| {
        let asked = scene.asks(RequestKind::SetDryRun { target: mt5(), dry_run: Some(false) });
        let AskedState::Done(said) = scene.answer_to(asked) else { panic!("refused") };
        said
    };
    assert!(ends(&mut scene).ends_with("Nothing is to be healed just now."));
    scene.asks(RequestKind::SetDryRun { target: mt5(), dry_run: Some(true) });
    scene.sees_for(minutes(2), link_lost);
    let said = ends(&mut scene);
    let starts = scene.steps.len() == 1 && said.contains("Healing: \"refresh\" is running");
    assert!(starts || said.contains("A heal waits: it is looked at once more"), "{said}");
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
fn a_declaration_is_taken_back() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    let none = scene.asks(RequestKind::TakeBackMoves(mt5()));
    assert!(matches!(scene.answer_to(none), AskedState::Refused(_)));
    let until = scene.now.after(minutes(300));
    for _ in 0..2 {
        scene.asks(RequestKind::DeclareMove { target: mt5(), accounts: Vec::new(), until });
    }
    assert_eq!(scene.monitor.board(1, scene.now).targets[0].declared.len(), 1, "the same is declared once");
    scene.sees_for(minutes(10), all_at_zero);
    assert!(scene.alerts.is_empty());
    let back = scene.asks(RequestKind::TakeBackMoves(mt5()));
    assert!(matches!(scene.answer_to(back), AskedState::Done(_)));
    scene.sees_for(minutes(3), all_at_zero);
    assert_eq!(scene.told(AlertReason::Opened), 1);
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

/// What it had begun may have helped, or not, or somebody else did.
#[test]
fn a_heal_that_a_person_stopped_is_not_credited() {
    let mut scene = failing();
    scene.asks(RequestKind::StopHeal(mt5()));
    scene.step_ends(StepOutcome::Stopped);
    scene.sees_for(minutes(2), good);
    let closed = scene.closed[0].closed.as_ref().unwrap();
    assert_eq!(closed.how, Recovery::Unproven);
    assert!(matches!(scene.closed[0].steps[0].proof, Proof::NotTold(_)));
    let board = scene.monitor.board(1, scene.now);
    let line = &board.targets[0].ledger[0];
    assert_eq!((line.helped, line.failed, line.unclear), (0, 0, 1));
}

#[test]
fn a_heal_asked_for_while_nothing_fails_tells_the_ledger_nothing() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.asks(forced("refresh"));
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    assert_eq!(scene.closed.len(), 1);
    assert!(scene.closed[0].layer.is_none(), "no fault, no place of it");
    assert!(scene.monitor.board(1, scene.now).targets[0].ledger.is_empty());
}

/// What was seen a minute ago is no ground for a heal now.
#[test]
fn what_was_held_back_starts_after_a_fresh_look_that_still_fails() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.asks(RequestKind::SetDryRun { target: mt5(), dry_run: Some(true) });
    scene.sees_for(minutes(2), link_lost);
    scene.passes(seconds(50));
    scene.asks(RequestKind::SetDryRun { target: mt5(), dry_run: None });
    assert!(scene.steps.is_empty(), "an old look");
    scene.sees(1, good);
    assert!(scene.steps.is_empty());
    scene.sees_for(minutes(1), link_lost);
    assert_eq!(scene.steps.len(), 1);
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
    let waits = scene.monitor.board(1, scene.now).targets[0].explain[2].answer.clone();
    assert!(waits.contains("It comes and goes: its incident ends if it stays good until"), "{waits}");
    let sentence = scene.monitor.board(1, scene.now).targets[0].sentence.clone();
    assert!(sentence.starts_with("good since "), "{sentence}");
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
fn what_no_heal_can_help_against_is_not_said_to_be_helped() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees_for(minutes(1), wrong_service);
    let view = scene.monitor.board(1, scene.now).targets.remove(0);
    for rung in &view.heal.rungs {
        assert_eq!(rung.says, "cannot help: a person is needed.", "{}", rung.name);
    }
}

/// What was stopped may be going on elsewhere: nothing else meets it there, and nothing is said of it before its time.
#[test]
fn what_was_stopped_is_given_the_time_that_it_may_take() {
    let mut scene = failing();
    scene.asks(RequestKind::StopHeal(mt5()));
    scene.step_ends(StepOutcome::Stopped);
    let Phase::Verifying { until, .. } = scene.phase() else { panic!("{:?}", scene.phase()) };
    assert!(until >= scene.now.after(minutes(6)), "a minute for the remedy, five for its proof");
}

/// The deadline of the proof falls in a good moment again and again.
/// An incident that is only held open because its target comes and goes must not swallow what is new.
#[test]
fn a_fault_of_its_own_is_told_while_an_incident_is_only_held_open() {
    let mut scene = Scene::of(bridge("mt5"));
    flaps(&mut scene, 12);
    scene.sees_for(minutes(2), good);
    assert!(scene.incident().is_some_and(|incident| incident.flapping), "it is held open");
    let opened = scene.told(AlertReason::Opened);

    scene.sees_for(minutes(1), trading_off);

    assert_eq!(scene.told(AlertReason::Opened), opened + 1);
    let told = scene.alerts.iter().rfind(|alert| alert.reason == AlertReason::Opened).unwrap();
    assert_eq!(told.severity, Severity::Warning, "as grave as it is, not as what was before it");
    assert!(told.message.title.contains("trading"), "{}", told.message.title);
    scene.sees_for(minutes(2), good);
    scene.sees_for(minutes(1), trading_off);
    assert_eq!(scene.told(AlertReason::Opened), opened + 1, "the same again is not told again");
}

#[test]
fn a_target_that_goes_on_flapping_after_a_remedy_was_not_healed_by_it() {
    let mut scene = failing();
    scene.step_ends(StepOutcome::Done);
    for _ in 0..40 {
        scene.sees(1, link_lost);
        scene.sees(1, good);
    }
    assert!(scene.incident().unwrap().flapping);
    assert!(!matches!(scene.phase(), Phase::Verifying { .. }), "{:?}", scene.phase());
    scene.sees_for(minutes(15), good);
    let closed = scene.closed.last().unwrap();
    assert_eq!(closed.closed.as_ref().unwrap().how, Recovery::ByItself);
    assert!(matches!(closed.steps[0].proof, Proof::DidNotHelp(_)));
}

/// The third incident within an hour is held open for long. That says nothing about a remedy whose time is not over.
#[test]
fn a_remedy_in_the_third_incident_of_an_hour_has_its_time_as_well() {
    let mut spec = bridge("mt5");
    spec.heal.budget.cooldown = seconds(0);
    let mut scene = Scene::of(spec);
    scene.sees_for(minutes(1), good);
    for _ in 0..2 {
        scene.sees(2, link_lost);
        scene.step_ends(StepOutcome::Done);
        scene.sees_for(minutes(12), good);
    }
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), link_lost);
    assert_eq!(scene.incident().unwrap().steps[0].proof, Proof::Pending);
    scene.sees_for(minutes(15), good);
    let closed = scene.closed.last().unwrap();
    assert_eq!(scene.closed.len(), 3);
    assert_eq!(closed.closed.as_ref().unwrap().how, Recovery::AfterHeal(String::from("refresh")));
}

#[test]
fn a_pause_of_all_is_said_where_one_is_resumed() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    let until = scene.now.after(minutes(60));
    scene.asks(RequestKind::Pause { target: None, until });
    let asked = scene.asks(RequestKind::Resume { target: Some(mt5()) });
    let AskedState::Refused(said) = scene.answer_to(asked) else { panic!("resumed") };
    assert!(said.contains("resume all"), "{said}");
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

#[test]
fn a_forced_heal_says_that_it_would_start_again_what_was_tried() {
    let mut spec = bridge("mt5");
    spec.heal.ladder.truncate(1);
    spec.heal.budget.cooldown = seconds(0);
    let mut scene = Scene::of(spec);
    scene.sees_for(minutes(1), good);
    let forecast = |scene: &Scene| scene.monitor.board(1, scene.now).targets[0].heal.forecast.clone();
    assert!(forecast(&scene).contains("(soft, HTTP call) now and look"), "{}", forecast(&scene));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(10), link_lost);
    let said = forecast(&scene);
    assert!(said.contains("again, though it was tried in this incident, and look"), "{said}");
}
