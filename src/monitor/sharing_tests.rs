//! Targets that change hands: what comes along, what is left, and that nothing old counts.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::scene_tests::{Scene, bridge, config, good, link_lost, minutes, noon, seconds, target};
use super::*;
use crate::alert::AlertReason;
use crate::ids::AlertId;
use crate::monitor::{Event, RequestKind};
use crate::uptime::UptimeState;

/// What a scene leaves of all its targets.
fn left_by(scene: &Scene) -> Handover {
    let saved = scene.monitor.save();
    Handover {
        targets: scene.monitor.target_ids(),
        states: saved.targets,
        alive_at: Some(saved.alive_at),
        alerts: saved.shared.alerts.clone(),
        shared: Some(saved.shared),
    }
}

/// A server in row `row` that holds nothing yet, at the time of `scene`.
fn newcomer(scene: &Scene, row: u64) -> Scene {
    let settings = config(alloc::vec![bridge("mt5")]);
    let (monitor, _) = Monitor::sharing(settings, Numbering::row(row, 10), None, &[], scene.now).unwrap();
    let mut other = Scene::new(config(Vec::new()));
    (other.monitor, other.now) = (monitor, scene.now);
    other
}

fn takes_over(scene: &mut Scene, handover: Handover) {
    scene.handle(Event::Gained(Box::new(handover)));
}

#[test]
fn numbers_of_a_row_end_with_its_digit() {
    let third = Numbering::row(3, 10);
    assert_eq!([third.from(0), third.from(3), third.from(4), third.from(57)], [3, 3, 13, 63]);
    let first = Numbering::row(0, 10);
    assert_eq!([first.from(0), first.from(1), first.from(10), first.from(11)], [10, 10, 10, 20]);
    assert_eq!(Numbering::default().from(57), 57);
}

#[test]
fn a_newcomer_watches_nothing_and_asks_nothing() {
    let mut other = newcomer(&Scene::of(bridge("mt5")), 1);
    other.passes(minutes(5));
    assert!(other.monitor.target_ids().is_empty());
    assert_eq!(other.monitor.next_wakeup(), None);
}

#[test]
fn a_target_comes_with_its_incident_and_no_old_evidence() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    let incident = scene.incident().unwrap().clone();
    let mut other = newcomer(&scene, 1);
    takes_over(&mut other, left_by(&scene));
    assert_eq!(other.incident().unwrap().id, incident.id);
    assert!(
        matches!(other.phase(), Phase::Verifying { .. }),
        "the step that ran is looked at: {:?}",
        other.phase()
    );
    assert!(other.steps.is_empty(), "and not repeated");
    other.sees_for(minutes(2), good);
    assert_eq!(other.closed.len(), 1);
    assert_eq!(other.told(AlertReason::Recovered), 1);
}

#[test]
fn time_in_which_nobody_watched_is_not_known() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(10), good);
    let handover = left_by(&scene);
    let mut other = newcomer(&scene, 1);
    other.passes(seconds(40));
    takes_over(&mut other, handover);
    other.sees_for(minutes(10), good);
    let uptime = &other.monitor.target(&target("mt5")).unwrap().uptime;
    let unknown: u64 = uptime
        .between(noon(), other.now)
        .iter()
        .filter(|stretch| stretch.state == UptimeState::Unknown)
        .map(|stretch| stretch.to.since(stretch.from).as_secs())
        .sum();
    assert!((40..=60).contains(&unknown), "{unknown} s");
}

#[test]
fn numbers_go_on_above_those_that_any_server_gave() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.handle(Event::NumbersHeard { incident: 57, alert: 90 });
    let mut other = newcomer(&scene, 2);
    takes_over(&mut other, left_by(&scene));
    other.sees_for(minutes(1), good);
    other.sees(2, link_lost);
    assert_eq!(other.incident().unwrap().id.number(), 62);
    assert_eq!(other.alerts.last().unwrap().id.number(), 92);
}

#[test]
fn what_is_let_go_is_neither_closed_nor_told() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    let told = scene.alerts.len();
    scene.handle(Event::Yielded(scene.monitor.target_ids()));
    assert!(scene.monitor.target_ids().is_empty());
    assert_eq!(scene.alerts.len(), told);
    assert!(scene.closed.is_empty());
    assert!(scene.monitor.shared().alerts.iter().all(|alert| alert.target.is_none()));
}

#[test]
fn what_is_in_trouble_or_asked_for_does_not_move() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    assert!(scene.monitor.may_move(&target("mt5")));
    scene.asks(RequestKind::ForceSync(target("mt5")));
    assert!(!scene.monitor.may_move(&target("mt5")), "somebody waits");
    scene.sees_for(minutes(1), good);
    assert!(scene.monitor.may_move(&target("mt5")));
    scene.sees(1, link_lost);
    assert!(!scene.monitor.may_move(&target("mt5")), "suspect");
    assert!(!scene.monitor.may_move(&target("elsewhere")));
}

#[test]
fn planned_work_that_a_person_began_comes_along_and_what_was_ended_does_not_come_back() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    let until = scene.now.after(minutes(60));
    let work =
        RequestKind::StartMaintenance { target: Some(target("mt5")), until, name: String::from("update") };
    scene.asks(work);
    let mut other = newcomer(&scene, 1);
    takes_over(&mut other, left_by(&scene));
    assert_eq!(other.monitor.shared().windows.len(), 1);

    // It ends there, and the target comes back to the first, which still remembers the work.
    other.asks(RequestKind::EndMaintenance { target: Some(target("mt5")) });
    scene.handle(Event::Yielded(scene.monitor.target_ids()));
    assert_eq!(scene.monitor.shared().windows.len(), 1);
    takes_over(&mut scene, left_by(&other));
    assert!(scene.monitor.shared().windows.is_empty());
}

#[test]
fn the_same_is_not_told_again_by_another_server_within_the_cooldown() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    let mut other = newcomer(&scene, 1);
    takes_over(&mut other, left_by(&scene));
    other.sees_for(minutes(2), link_lost);
    let known: Vec<AlertId> = scene.alerts.iter().map(|alert| alert.id).collect();
    let new = |alert: &&Alert| alert.reason == AlertReason::Opened && !known.contains(&alert.id);
    assert_eq!(other.alerts.iter().find(new), None);
}

#[test]
fn a_pause_of_all_is_what_the_servers_that_work_say() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.asks(RequestKind::Pause { target: None, until: scene.now.after(minutes(60)) });
    let paused = scene.monitor.save();
    let settings = || config(alloc::vec![bridge("mt5")]);
    let joins = |saved: Option<Saved>, others: &[Shared]| {
        Monitor::sharing(settings(), Numbering::row(1, 10), saved, others, scene.now).unwrap().0
    };
    let alone = joins(Some(paused.clone()), &[]);
    assert!(alone.shared().pause.is_some(), "its own memory counts where it is alone");
    let free = Shared::new(scene.now);
    assert!(
        joins(Some(paused.clone()), core::slice::from_ref(&free)).shared().pause.is_none(),
        "it was ended meanwhile"
    );
    assert!(joins(None, core::slice::from_ref(&paused.shared)).shared().pause.is_some());
}

#[test]
fn a_state_from_a_clock_that_is_ahead_is_taken_for_one_of_now() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(30), good);
    let handover = left_by(&scene);
    let mut other = newcomer(&scene, 1);
    other.now = noon().after(minutes(10));
    let (monitor, _) =
        Monitor::sharing(config(alloc::vec![bridge("mt5")]), Numbering::row(1, 10), None, &[], other.now)
            .unwrap();
    other.monitor = monitor;
    takes_over(&mut other, handover);
    other.sees_for(minutes(1), good);
    assert_eq!(other.phase(), Phase::Healthy);
    assert!(other.monitor.next_wakeup().is_some_and(|at| at <= other.now.after(minutes(1))));
}
