//! When a target is asked, which answers count, and how its time is charged.

use super::super::scene_tests::{
    Scene, bridge, config, good, healthy, link_lost, minutes, noon, not_asked, seconds, silent, target,
};
use super::*;
use crate::alert::AlertReason;
use crate::check::AccountsReading;
use crate::monitor::{AskedState, Event, RequestKind};
use crate::target::{Config, OwnNetworkSpec};
use crate::verdict::Verdict;

fn state(scene: &Scene) -> &TargetState {
    scene.monitor.target(&target("mt5")).unwrap()
}

/// Algorithmic trading is off, and the bridge lists no accounts.
fn trading_off_and_no_list(now: Timestamp) -> ProbeOutcome {
    let mut reading = healthy(now);
    reading.terminal.trading_allowed = Some(false);
    reading.accounts = AccountsReading::NotListed(String::from("its database is gone"));
    ProbeOutcome::Bridge(alloc::boxed::Box::new(reading))
}

#[test]
fn the_same_answer_twice_is_one_answer() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(3, good);
    let question = scene.next_question();
    scene.reply(&question, link_lost(noon()));
    scene.reply(&question, link_lost(noon()));
    assert!(scene.incident().is_none(), "one failing answer is not two");
}

#[test]
fn an_answer_that_was_given_up_does_not_replace_a_newer_one() {
    let mut scene = Scene::of(bridge("mt5"));
    let lost = scene.next_question();
    scene.sees(1, good);
    scene.reply(&lost, link_lost(noon()));
    assert_eq!(state(&scene).checks[&CheckId::TerminalBrokerLink].verdict(), &Verdict::Up);
}

#[test]
fn an_answer_that_nobody_asked_for_changes_nothing() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(1, good);
    let question =
        ProbeRequest { subject: Subject::Target(target("mt5")), asked_at: scene.now, deadline: scene.now };
    scene.reply(&question, link_lost(noon()));
    assert_eq!(state(&scene).checks[&CheckId::TerminalBrokerLink].failures(), 0);
}

#[test]
fn a_prober_that_never_answers_makes_the_target_unknown() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    let lost = scene.next_question();
    scene.next_question();
    assert_eq!(state(&scene).standing(), Some(UptimeState::Unknown));
    let figures = state(&scene).uptime.figures(lost.asked_at, scene.now);
    assert_eq!(figures.up_ms, 0, "a question without an answer is no time up");
}

#[test]
fn a_prober_that_never_answers_is_told_to_people() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    while scene.now < noon().after(minutes(17)) {
        scene.next_question();
    }
    assert_eq!(scene.told(AlertReason::UnknownTooLong), 1);
}

#[test]
fn a_warning_does_not_hide_that_nobody_knows() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees_for(minutes(40), trading_off_and_no_list);
    assert_eq!(state(&scene).standing(), Some(UptimeState::Unknown));
    assert_eq!(scene.told(AlertReason::UnknownTooLong), 1);
}

/// Nobody looked for an hour between the second failure and the third.
#[test]
fn failures_with_a_long_unknown_between_them_are_no_row() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, silent);
    scene.sees_for(minutes(10), not_asked);
    scene.sees(1, silent);
    assert!(scene.incident().is_none());
    scene.sees(2, silent);
    let incident = scene.incident().unwrap();
    assert!(scene.now.since(incident.first_failure) < minutes(1), "it begins with its own row");
}

#[test]
fn a_short_unknown_does_not_end_a_row_of_failures() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees(2, silent);
    scene.sees(1, not_asked);
    scene.sees(1, silent);
    assert!(scene.incident().is_some());
}

#[test]
fn unknown_is_neither_failure_nor_recovery() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene.sees_for(minutes(10), not_asked);
    assert!(scene.incident().is_none() && scene.steps.is_empty());
    scene.sees(2, link_lost);
    scene.sees_for(minutes(10), not_asked);
    assert!(scene.incident().is_some());
}

#[test]
fn a_silent_bridge_is_not_believed_while_the_own_network_is_gone() {
    let own_network = OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() };
    let mut scene = Scene::new(Config { own_network, ..config(alloc::vec![bridge("mt5")]) });
    while scene.now < noon().after(minutes(30)) {
        let question = scene.next_question();
        let outcome = match question.subject {
            Subject::OwnNetwork => ProbeOutcome::Beacons { answered: 0, asked: 2, dates: Vec::new() },
            Subject::Target(_) => silent(scene.now),
        };
        scene.reply(&question, outcome);
    }
    assert!(scene.incident().is_none() && scene.steps.is_empty());
    assert_eq!(scene.told(AlertReason::UnknownTooLong), 1);
}

/// Whatever Rebound is blind for, people hear of it once, and once of its end.
#[test]
fn a_network_of_our_own_that_is_gone_is_told_once_and_not_for_each_target() {
    let own_network = OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() };
    let three = alloc::vec![bridge("a"), bridge("b"), bridge("c")];
    let mut scene = Scene::new(Config { own_network, ..config(three) });
    scene.lives(minutes(1), |_, now| good(now));
    let back = scene.now.after(minutes(25));
    while scene.now < back {
        let question = scene.next_question();
        let outcome = match question.subject {
            Subject::OwnNetwork => ProbeOutcome::Beacons { answered: 0, asked: 2, dates: Vec::new() },
            Subject::Target(_) => silent(scene.now),
        };
        scene.reply(&question, outcome);
        scene.deliver_all();
    }
    assert_eq!(scene.told(AlertReason::UnknownTooLong), 1);
    assert_eq!(scene.alerts[0].target, None, "it is about Rebound itself");
    scene.lives(minutes(2), |_, now| good(now));
    assert_eq!((scene.told(AlertReason::SeenAgain), scene.alerts.len()), (1, 2));
    assert!(scene.monitor.shared().alerts.iter().all(|alert| alert.resolved_at.is_some()));
}

/// Two bridges, good at first; then Rebound's own network is gone for so long.
fn after_a_gone_network(gone: core::time::Duration) -> Scene {
    let own_network = OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() };
    let mut scene = Scene::new(Config { own_network, ..config(alloc::vec![bridge("a"), bridge("b")]) });
    scene.lives(minutes(1), |_, now| good(now));
    let back = scene.now.after(gone);
    while scene.now < back {
        let question = scene.next_question();
        let outcome = match question.subject {
            Subject::OwnNetwork => ProbeOutcome::Beacons { answered: 0, asked: 2, dates: Vec::new() },
            Subject::Target(_) => silent(scene.now),
        };
        scene.reply(&question, outcome);
    }
    scene
}

/// Its network is back just before the time is over: what is unknown from then on is unknown for a moment.
#[test]
fn an_unknown_of_rebounds_own_is_not_handed_on_to_the_target() {
    let mut scene = after_a_gone_network(minutes(14));
    scene.lives(minutes(3), |name, now| if name == "a" { good(now) } else { not_asked(now) });
    assert_eq!(scene.told(AlertReason::UnknownTooLong), 0, "{:?}", scene.alerts);
}

#[test]
fn what_stays_unknown_after_rebound_sees_again_is_told_for_itself() {
    let mut scene = after_a_gone_network(minutes(20));
    scene.lives(minutes(20), |name, now| if name == "a" { good(now) } else { not_asked(now) });
    let about: Vec<_> = scene.alerts.iter().map(|alert| (alert.reason, alert.target.clone())).collect();
    assert!(about.contains(&(AlertReason::UnknownTooLong, Some(target("b")))), "{about:?}");
}

/// A beacon that answered a moment ago says nothing about a network that flaps.
#[test]
fn a_beacon_counts_for_the_silence_that_it_was_asked_in() {
    let own_network = OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() };
    let mut scene = Scene::new(Config { own_network, ..config(alloc::vec![bridge("mt5")]) });
    scene.sees(1, good);
    let mut beacons = 0;
    while scene.now < noon().after(seconds(50)) {
        let question = scene.next_question();
        let outcome = match question.subject {
            Subject::OwnNetwork => {
                beacons += 1;
                // Up for a moment just as the second question came, gone otherwise.
                ProbeOutcome::Beacons { answered: u32::from(beacons == 2), asked: 2, dates: Vec::new() }
            }
            Subject::Target(_) => silent(scene.now),
        };
        scene.reply(&question, outcome);
    }
    assert!(scene.steps.is_empty(), "a flapping own network heals nobody");
}

#[test]
fn a_forced_sync_is_answered_by_a_question_asked_after_it() {
    let mut scene = Scene::of(bridge("mt5"));
    let before = scene.next_question();
    scene.passes(seconds(1));
    let id = scene.asks(RequestKind::ForceSync(target("mt5")));
    scene.reply(&before, good(scene.now));
    assert!(matches!(scene.monitor.request(id).unwrap().state, AskedState::Running(_)));
    scene.sees(1, good);
    assert!(matches!(scene.monitor.request(id).unwrap().state, AskedState::Done(_)));
}

#[test]
fn a_forced_sync_of_a_target_that_leaves_is_answered() {
    let mut scene = Scene::of(bridge("mt5"));
    let id = scene.asks(RequestKind::ForceSync(target("mt5")));
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(config(Vec::new()))));
    assert!(matches!(scene.monitor.request(id).unwrap().state, AskedState::Refused(_)));
}
