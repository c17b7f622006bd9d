//! The course of an incident: who is told, what is done, what counts as proof.

use super::super::scene_tests::{
    Scene, bridge, config, good, healthy, link_lost, minutes, observation, read, seconds, silent, target,
    trading_off, wrong_service,
};
use super::*;
use crate::alert::AlertReason;
use crate::check::{AccountsReading, EndpointReading, Observation, ProbeOutcome, TerminalError};
use crate::heal::{HealBudget, Refusal};
use crate::ids::AlertId;
use crate::incident::Recovery;
use crate::monitor::{Event, RequestKind};
use crate::target::{EndpointSpec, EndpointWay, TargetKind};

fn with_budget(budget: HealBudget) -> Scene {
    let mut spec = bridge("mt5");
    spec.heal.budget = budget;
    Scene::of(spec)
}

/// Link lost, trading switched off as well.
fn link_lost_and_trading_off(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.terminal.connected = Some(false);
    reading.terminal.trading_allowed = Some(false);
    ProbeOutcome::Bridge(alloc::boxed::Box::new(reading))
}

/// The link is lost, the first heal is done, and nothing changes until its time for proof is over.
fn heal_that_lies(scene: &mut Scene) {
    scene.sees(2, link_lost);
    let steps = scene.steps.len();
    scene.step_ends(StepOutcome::Done);
    while scene.steps.len() == steps && !matches!(scene.phase(), Phase::Escalated { .. }) {
        scene.sees(1, link_lost);
    }
}

fn login_refused(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.terminal.available = Some(false);
    reading.terminal.connected = None;
    reading.terminal.error = Some(TerminalError { code: -6, text: String::from("Authorization failed") });
    ProbeOutcome::Bridge(alloc::boxed::Box::new(reading))
}

/// What was wrong an hour ago must not be told as if it were now.
#[test]
fn who_is_called_hears_what_fails_now_and_not_what_failed_before() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(12), login_refused);
    let called = scene.alerts.iter().find(|alert| alert.reason == AlertReason::Escalated).unwrap();
    assert!(called.message.title.contains("login"), "{}", called.message.title);
}

/// While another program answers on the bridge's port nothing is healed; whoever was called for that must not be needed for what is left.
#[test]
fn what_forbade_a_heal_and_is_over_forbids_none_of_what_is_left() {
    let budget = HealBudget { cooldown: minutes(10), per_hour_max: 5, attempts_max: 3 };
    let mut scene = with_budget(budget);
    scene.sees(2, good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    assert_eq!((scene.closed.len(), scene.steps.len()), (1, 1));

    scene.sees(2, link_lost);
    assert!(
        matches!(scene.phase(), Phase::Waiting { because: Refusal::Cooldown(_), .. }),
        "{:?}",
        scene.phase()
    );
    scene.sees_for(minutes(1), wrong_service);
    assert!(
        matches!(scene.phase(), Phase::Escalated { because: Refusal::NeedsPerson }),
        "{:?}",
        scene.phase()
    );
    scene.sees_for(minutes(15), wrong_service);
    assert_eq!(scene.steps.len(), 1, "nothing is healed while another program answers");

    scene.sees(3, link_lost);
    assert!(matches!(scene.phase(), Phase::Healing { .. }), "{:?}", scene.phase());
    assert_eq!(scene.steps.len(), 2);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    assert_eq!(scene.closed.len(), 2);
}

/// Somebody was called for another program on the port. That is over; what follows is a need of its own.
#[test]
fn a_need_that_is_over_does_not_silence_the_next() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    // It comes and goes, so its incident stays open while it is good.
    for _ in 0..3 {
        scene.sees(2, wrong_service);
        scene.sees_for(minutes(2), good);
    }
    scene.sees(2, wrong_service);
    assert!(
        matches!(scene.phase(), Phase::Escalated { because: Refusal::NeedsPerson }),
        "{:?}",
        scene.phase()
    );
    scene.sees_for(minutes(2), good);
    let banner = |scene: &Scene| scene.monitor.board(1, scene.now).banners.remove(0).text;
    let text = banner(&scene);
    assert!(text.contains("Now: good since "), "what is over is not told as if it were now: {text}");
    let before = scene.alerts.len();
    heal_that_lies(&mut scene);
    while !matches!(scene.phase(), Phase::Escalated { .. }) {
        if matches!(scene.phase(), Phase::Healing { .. }) {
            scene.step_ends(StepOutcome::Done);
        }
        scene.sees(1, link_lost);
    }
    let of_incident = |alert: &&crate::alert::Alert| alert.incident.is_some();
    let alerts: Vec<&crate::alert::Alert> = scene.alerts[before..].iter().filter(of_incident).collect();
    let told: Vec<AlertReason> = alerts.iter().map(|alert| alert.reason).collect();
    assert_eq!(told, [AlertReason::Opened, AlertReason::Escalated]);
    let called = &alerts[1].message;
    assert!(called.title.contains("broker"), "{}", called.title);
}

#[test]
fn a_healed_link_closes_after_two_good_answers_asked_after_the_act() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    let done = scene.now;
    scene.sees_for(minutes(2), good);
    let closed = scene.closed.last().unwrap();
    assert_eq!(closed.closed.as_ref().unwrap().how, Recovery::AfterHeal(String::from("refresh")));
    assert!(closed.closed.as_ref().unwrap().recovered_at >= done.after(seconds(30)));
}

#[test]
fn what_failed_is_looked_at_before_anything_else_is_done() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Failed);
    assert_eq!(scene.steps.len(), 1);
    assert!(matches!(scene.phase(), Phase::Verifying { .. }));
    scene.sees_for(minutes(2), link_lost);
    assert_eq!(scene.steps.len(), 2);
}

#[test]
fn a_target_that_recovers_after_a_failed_act_recovered_by_itself() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Failed);
    scene.sees_for(minutes(1), good);
    assert_eq!(scene.steps.len(), 1);
    assert_eq!(scene.closed.last().unwrap().closed.as_ref().unwrap().how, Recovery::ByItself);
}

#[test]
fn a_person_who_is_needed_at_once_is_told_even_if_the_same_opened_a_moment_ago() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, wrong_service);
    scene.sees(3, good);
    assert_eq!(scene.closed.len(), 1);
    let before = scene.alerts.len();
    scene.sees(2, wrong_service);
    assert!(matches!(scene.phase(), Phase::Escalated { .. }));
    let told = &scene.alerts[before..];
    assert!(told.iter().any(|alert| alert.severity == Severity::Critical), "nobody was told");
}

#[test]
fn an_escalation_is_told_even_if_the_opening_was_held_back() {
    let mut scene = with_budget(HealBudget { cooldown: seconds(1), per_hour_max: 5, attempts_max: 1 });
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    assert_eq!((scene.closed.len(), scene.told(AlertReason::Opened)), (1, 1));
    heal_that_lies(&mut scene);
    assert_eq!(scene.told(AlertReason::Opened), 1, "the same opened a short time ago");
    assert_eq!(scene.told(AlertReason::Escalated), 1);
}

#[test]
fn an_incident_that_nobody_heard_of_has_no_time_of_an_alert() {
    let mut scene = with_budget(HealBudget { cooldown: seconds(1), per_hour_max: 5, attempts_max: 3 });
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(2), good);
    scene.sees(2, link_lost);
    assert_eq!(scene.incident().unwrap().alerted_at, None);
}

#[test]
fn a_failure_inside_the_cooldown_does_not_heal_again() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(1), good);
    scene.sees(3, link_lost);
    assert_eq!(scene.steps.len(), 1);
    assert!(matches!(scene.phase(), Phase::Waiting { because: Refusal::Cooldown(_), .. }));
    scene.sees_for(minutes(5), link_lost);
    assert_eq!(scene.steps.len(), 2);
}

#[test]
fn an_acknowledged_warning_does_not_silence_what_becomes_critical() {
    let mut spec = bridge("mt5");
    spec.heal.ladder.clear();
    let mut scene = Scene::of(spec);
    scene.sees(2, trading_off);
    scene.asks(RequestKind::Acknowledge(AlertId::new(1)));
    assert!(scene.incident().unwrap().acknowledged.is_some());
    scene.sees_for(minutes(65), link_lost_and_trading_off);
    assert_eq!(scene.told(AlertReason::Reminder), 2);
}

#[test]
fn what_becomes_critical_and_needs_a_person_is_told_once() {
    let mut spec = bridge("mt5");
    spec.heal.dry_run = true;
    let mut scene = Scene::of(spec);
    scene.sees_for(minutes(40), trading_off);
    scene.sees(4, link_lost_and_trading_off);
    let critical = scene.alerts.iter().filter(|alert| alert.severity == Severity::Critical).count();
    assert_eq!(critical, 1);
}

#[test]
fn an_incident_is_escalated_once_whatever_else_comes_up() {
    let mut scene = with_budget(HealBudget { cooldown: seconds(1), per_hour_max: 5, attempts_max: 1 });
    heal_that_lies(&mut scene);
    scene.sees_for(minutes(40), link_lost);
    scene.sees_for(minutes(40), wrong_service);
    assert_eq!(scene.told(AlertReason::Escalated), 1);
    assert_eq!(scene.told(AlertReason::Reminder), 2);
}

#[test]
fn heals_that_fail_after_a_warning_grew_critical_call_a_person() {
    let mut scene = with_budget(HealBudget { cooldown: seconds(1), per_hour_max: 5, attempts_max: 1 });
    scene.sees(3, trading_off);
    scene.sees(3, link_lost_and_trading_off);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(6), link_lost_and_trading_off);
    assert_eq!((scene.told(AlertReason::Worsened), scene.told(AlertReason::Escalated)), (1, 1));
}

#[test]
fn a_remedy_is_not_called_useless_before_anybody_looked() {
    let mut spec = bridge("mt5");
    for remedy in &mut spec.heal.ladder {
        remedy.verify_within = remedy.verify_after;
    }
    let mut scene = Scene::of(spec);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    let helps_after = scene.now.after(seconds(25));
    while scene.now < helps_after {
        scene.sees(1, link_lost);
    }
    scene.sees_for(minutes(2), good);
    assert_eq!(scene.steps.len(), 1, "it helped; nothing more was to be done");
}

#[test]
fn a_refused_heal_uses_nothing_of_the_hourly_budget() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Refused);
    let state = scene.monitor.target(&target("mt5")).unwrap();
    assert_eq!(state.budget.in_last_hour(scene.now), 0);
}

#[test]
fn a_heal_refused_three_times_is_given_to_a_person() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    for _ in 0..3 {
        scene.step_ends(StepOutcome::Refused);
        scene.sees_for(seconds(40), link_lost);
    }
    assert_eq!(scene.steps.len(), 3);
    assert!(matches!(scene.phase(), Phase::Escalated { .. }));
    assert_eq!(scene.told(AlertReason::Escalated), 1);
}

#[test]
fn a_target_that_leaves_takes_its_alerts_along() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(20), super::super::scene_tests::not_asked);
    assert_eq!(scene.told(AlertReason::UnknownTooLong), 1);
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(Vec::new()))));
    assert!(scene.monitor.board(1, scene.now).banners.is_empty());
}

/// A bridge that reads no account since the scene began.
fn late(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    let long_ago = Scene::of(bridge("mt5")).now;
    reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, long_ago, 1_000.0)).collect());
    ProbeOutcome::Bridge(alloc::boxed::Box::new(reading))
}

/// Who raises the limit in the middle of an incident has healed nothing: nothing became better but the rule.
#[test]
fn a_limit_that_is_raised_proves_no_heal() {
    let spec = bridge("mt5");
    let mut milder = spec.clone();
    milder.thresholds.fresh_age_max = minutes(120);
    milder.thresholds.sync_window = minutes(120);
    let mut scene = Scene::of(spec);
    scene.sees(2, good);
    scene.sees_for(minutes(20), late);
    assert!(!scene.steps.is_empty(), "{:?}", scene.incident());
    scene.step_ends(StepOutcome::Done);
    scene.sees(1, late);
    assert!(matches!(scene.phase(), Phase::Verifying { .. }), "{:?}", scene.phase());

    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(alloc::vec![milder]))));
    scene.sees_for(minutes(3), late);

    assert_eq!(scene.closed.len(), 1);
    let closed = &scene.closed[0];
    assert_eq!(closed.closed.as_ref().unwrap().how, Recovery::OtherLimits);
    assert!(
        !closed.steps.iter().any(|step| matches!(step.proof, crate::incident::Proof::Recovered(_))),
        "{closed:?}"
    );
    assert_eq!((scene.told(AlertReason::Recovered), scene.told(AlertReason::Ended)), (0, 1));
    let end = scene.alerts.iter().find(|alert| alert.reason == AlertReason::Ended).unwrap();
    assert!(end.message.title.contains("other limits"), "{}", end.message.title);
}

/// A limit that has nothing to do with the fault, or one that was made tighter, takes no true recovery its proof.
#[test]
fn a_limit_that_is_not_what_it_recovered_by_leaves_the_heal_its_proof() {
    let spec = bridge("mt5");
    let mut other = spec.clone();
    other.thresholds.zero_accounts_min = 5;
    other.thresholds.fresh_age_max = minutes(10);
    let mut scene = Scene::of(spec);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(alloc::vec![other]))));
    scene.sees(1, link_lost);
    let told = &scene.incident().unwrap().events;
    assert!(told.iter().any(|event| event.text.contains("limits were changed")), "{told:?}");

    scene.sees_for(minutes(3), good);

    let how = &scene.closed[0].closed.as_ref().unwrap().how;
    assert!(matches!(how, Recovery::AfterHeal(_)), "{how:?}");
}

/// What has nothing to do with what is good or bad takes no heal its proof.
#[test]
fn a_name_that_is_changed_in_an_incident_leaves_the_heal_its_proof() {
    let spec = bridge("mt5");
    let mut renamed = spec.clone();
    renamed.name = String::from("Bridge in London");
    renamed.thresholds.flap_hold = minutes(20);
    let mut scene = Scene::of(spec);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(alloc::vec![renamed]))));

    scene.sees_for(minutes(3), good);

    let how = &scene.closed[0].closed.as_ref().unwrap().how;
    assert!(matches!(how, Recovery::AfterHeal(_)), "{how:?}");
}

/// The same check and the same reason grew from a warning to the worst: what was asked all the time is not called "no longer watched".
#[test]
fn a_service_that_grew_slower_and_is_fast_again_recovered() {
    let way = TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Tcp));
    let mut scene = Scene::of(TargetSpec::new(target("host"), way));
    let mut answers_in = |latency_ms: u32, times: u32| {
        for _ in 0..times {
            let request = scene.next_question();
            let seen = observation(&request, ProbeOutcome::Endpoint(EndpointReading::default()));
            scene.handle(Event::Observed(Observation { latency_ms, ..seen }));
        }
        (
            scene.monitor.target(&target("host")).unwrap().incident.as_ref().map(|now| now.severity),
            scene.closed.clone(),
        )
    };
    assert_eq!(answers_in(3_000, 6).0, Some(Severity::Warning));
    assert_eq!(answers_in(5_000, 6).0, Some(Severity::Critical));

    let (open, closed) = answers_in(10, 6);

    assert_eq!((open, closed.len()), (None, 1));
    assert_eq!(closed[0].closed.as_ref().unwrap().how, Recovery::ByItself);
}

/// Who switches the check off that fails has healed nothing, and neither has the remedy before that.
#[test]
fn a_check_that_is_switched_off_proves_no_heal() {
    let spec = bridge("mt5");
    let mut without = spec.clone();
    without.checks.retain(|check| check.id != CheckId::TerminalBrokerLink);
    let mut scene = Scene::of(spec);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.sees(1, link_lost);
    assert!(matches!(scene.phase(), Phase::Verifying { .. }));

    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(alloc::vec![without]))));
    scene.sees_for(minutes(3), link_lost);

    assert_eq!(scene.closed.len(), 1);
    let closed = &scene.closed[0];
    assert_eq!(closed.closed.as_ref().unwrap().how, Recovery::NotWatched);
    assert!(
        !closed.steps.iter().any(|step| matches!(step.proof, crate::incident::Proof::Recovered(_))),
        "{closed:?}"
    );
    assert_eq!(scene.told(AlertReason::Recovered), 0, "nothing recovered");
    assert_eq!(scene.told(AlertReason::Ended), 1, "who was called hears that nobody watches it any more");
}

/// A milder trouble beside it is none of its proof: it is an incident of its own then.
#[test]
fn what_was_switched_off_is_not_proven_by_what_is_milder() {
    let mut spec = bridge("mt5");
    spec.heal.ladder.clear();
    let mut without = spec.clone();
    without.checks.retain(|check| check.id != CheckId::TerminalBrokerLink);
    let mut scene = Scene::of(spec);
    scene.sees(6, link_lost_and_trading_off);
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(alloc::vec![without]))));

    scene.sees_for(minutes(3), link_lost_and_trading_off);

    assert_eq!(scene.closed.len(), 1);
    assert_eq!(scene.closed[0].closed.as_ref().unwrap().how, Recovery::NotWatched);
    assert_eq!(scene.incident().map(|open| open.severity), Some(Severity::Warning));
}

#[test]
fn a_bridge_that_becomes_silent_under_a_forced_heal_is_not_called_healed() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.asks(RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: false, remedy: None });
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(3), silent);
    assert!(scene.closed.is_empty());
}

#[test]
fn a_step_lost_in_a_crash_is_looked_at_not_repeated() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.restarts(seconds(20));
    assert!(matches!(scene.phase(), Phase::Verifying { .. }));
    scene.sees_for(minutes(2), good);
    assert_eq!(scene.steps.len(), 1);
    assert_eq!(scene.closed[0].steps[0].result.as_ref().unwrap().outcome, StepOutcome::Lost);
}

/// Neither good nor believed: it must not stay like this without a word.
#[test]
fn a_link_that_flaps_for_an_hour_is_given_to_a_person() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    let until = scene.now.after(minutes(60));
    while scene.now < until {
        scene.sees(1, good);
        scene.sees(1, link_lost);
    }
    assert!(scene.told(AlertReason::Escalated) >= 1);
}

#[test]
fn a_forced_heal_waits_until_the_last_remedy_was_looked_at() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.asks(RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: false, remedy: None });
    assert_eq!(scene.steps.len(), 1);
    scene.asks(RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: true, remedy: None });
    assert_eq!(scene.steps.len(), 2);
}

#[test]
fn forced_heals_leave_an_incident_its_own_attempts() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Done);
    scene.asks(RequestKind::ForceHeal { target: target("mt5"), lift_cooldown: true, remedy: None });
    scene.step_ends(StepOutcome::Done);
    assert_eq!(scene.incident().unwrap().own_attempts(), 1);
}

#[test]
fn a_recovery_says_what_is_still_wrong() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, link_lost_and_trading_off);
    scene.step_ends(StepOutcome::Done);
    scene.sees_for(minutes(1), trading_off);
    let recovered = scene.alerts.iter().find(|alert| alert.reason == AlertReason::Recovered).unwrap();
    assert!(recovered.message.facts.iter().any(|(label, _)| label == "Still wrong"));
}

fn no_json(_: Timestamp) -> ProbeOutcome {
    let (path, detail) = (String::from("/health"), String::from("expected value"));
    ProbeOutcome::BadAnswer(crate::check::BadAnswer::NotJson { path, detail })
}

#[test]
fn another_reason_beside_an_open_incident_must_be_seen_as_often_as_the_first() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(3, no_json);
    assert!(matches!(scene.phase(), Phase::Escalated { .. }), "no restart makes it tell JSON");
    scene.sees(1, silent);
    scene.sees(1, no_json);
    scene.sees(2, silent);
    assert!(scene.steps.is_empty(), "a moment of silence is no reason to restart anything");
    let since = scene.now;
    scene.sees(1, silent);
    assert_eq!(scene.steps.len(), 1);
    assert!(scene.now.since(since) <= seconds(5), "and it is asked as fast as at the beginning");
}
