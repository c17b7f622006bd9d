//! Planned work and pauses: what they hold, and what is left when they end.

use super::*;

fn nightly() -> Window {
    // Monday 12:10 to 12:40 UTC; the scene begins on a Monday noon.
    let span = WeekSpan { from: 24 * 60 + 12 * 60 + 10, to: 24 * 60 + 12 * 60 + 40 };
    Window {
        name: String::from("updates"),
        scope: Scope::All,
        when: When::Weekly { zone: Zone::utc(), spans: alloc::vec![span] },
        by: None,
    }
}

#[test]
fn planned_work_is_quiet_and_not_charged_and_what_it_leaves_is_found_afterwards() {
    let mut scene =
        Scene::new(Config { maintenance: alloc::vec![nightly()], ..config(alloc::vec![bridge("mt5")]) });
    scene.sees_for(minutes(11), good);
    scene.sees_for(minutes(28), link_lost);
    assert!(scene.alerts.is_empty() && scene.steps.is_empty());
    assert_eq!(scene.phase().word(), "Maintenance");
    scene.sees_for(minutes(2), link_lost);
    assert_eq!((scene.told(AlertReason::Opened), scene.steps.len()), (1, 1));
    let figures = scene.monitor.target(&target("mt5")).unwrap().uptime.figures(noon(), scene.now);
    assert_eq!(figures.maintenance_ms, 30 * 60_000);
    assert!(figures.down_ms <= 2 * 60_000, "{figures:?}");
    assert!(scene.incident().unwrap().first_failure >= noon().after(minutes(40)));
}

#[test]
fn an_incident_that_planned_work_ends_is_announced_when_the_work_is_over() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.sees(2, link_lost);
    scene.step_ends(StepOutcome::Failed);
    let work = RequestKind::StartMaintenance {
        target: None,
        until: scene.now.after(minutes(20)),
        name: String::from("new disk"),
    };
    scene.asks(work);
    let told = scene.alerts.len();
    scene.sees_for(minutes(10), link_lost);
    scene.sees_for(minutes(9), good);
    assert_eq!((scene.alerts.len(), scene.steps.len()), (told, 1), "nothing is told, nothing healed");
    scene.sees_for(minutes(2), good);
    assert_eq!(scene.told(AlertReason::Recovered), 1);
}

#[test]
fn a_person_ends_the_work_he_began_and_no_other() {
    let mut scene =
        Scene::new(Config { maintenance: alloc::vec![nightly()], ..config(alloc::vec![bridge("mt5")]) });
    scene.sees_for(minutes(15), good);
    let refused = scene.asks(RequestKind::EndMaintenance { target: None });
    assert!(matches!(scene.answer_to(refused), AskedState::Refused(_)));
    let until = scene.now.after(minutes(60));
    let name = String::from("work");
    scene.asks(RequestKind::StartMaintenance { target: Some(target("mt5")), until, name });
    let ended = scene.asks(RequestKind::EndMaintenance { target: Some(target("mt5")) });
    assert!(matches!(scene.answer_to(ended), AskedState::Done(_)));
    assert_eq!(scene.monitor.shared.windows.len(), 0);
}

#[test]
fn a_name_turns_no_words_round_wherever_it_is_told() {
    let mut scene = Scene::of(bridge("mt5"));
    let until = scene.now.after(minutes(60));
    for (given, told) in [("up\u{202e}dates\u{7}", "updates"), (" \u{200b} ", "planned work"), ("x\ny", "xy")]
    {
        let name = String::from(given);
        let asked = scene.asks(RequestKind::StartMaintenance { target: None, until, name });
        let RequestKind::StartMaintenance { name, .. } = &scene.monitor.request(asked).unwrap().what else {
            panic!("another request");
        };
        assert_eq!(name, told);
        assert_eq!(scene.monitor.shared.windows.last().unwrap().name, told);
    }
}

#[test]
fn planned_work_on_a_host_is_planned_work_on_what_depends_on_it() {
    let window = Window { scope: Scope::of(Some(target("host"))), ..nightly() };
    let mut scene = Scene::new(Config { maintenance: alloc::vec![window], ..host_and_bridge() });
    scene.lives(minutes(11), well);
    scene.lives(minutes(20), host_dead);
    assert!(scene.alerts.is_empty());
    assert_eq!(scene.phase_of("mt5").word(), "Maintenance");
}

#[test]
fn a_pause_holds_heals_and_not_alerts_and_ends_by_itself() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.asks(RequestKind::Pause { target: None, until: scene.now.after(minutes(10)) });
    scene.sees_for(minutes(9), link_lost);
    assert_eq!((scene.told(AlertReason::Opened), scene.steps.len()), (1, 0));
    assert_eq!(scene.phase().word(), "Paused");
    scene.sees_for(minutes(2), link_lost);
    assert_eq!(scene.steps.len(), 1);
}

#[test]
fn resuming_starts_what_waited() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    let until = scene.now.after(minutes(60));
    scene.asks(RequestKind::Pause { target: Some(target("mt5")), until });
    scene.sees_for(minutes(3), link_lost);
    scene.asks(RequestKind::Resume { target: Some(target("mt5")) });
    assert_eq!(scene.steps.len(), 1);
    let again = scene.asks(RequestKind::Resume { target: Some(target("mt5")) });
    assert!(matches!(scene.answer_to(again), AskedState::Refused(_)));
}

#[test]
fn nobody_can_pause_for_ever_or_for_the_past() {
    let mut scene = Scene::of(bridge("mt5"));
    for until in [scene.now.after(minutes(8 * 24 * 60)), scene.now] {
        let request = scene.asks(RequestKind::Pause { target: None, until });
        assert!(matches!(scene.answer_to(request), AskedState::Refused(_)));
    }
}

#[test]
fn a_pause_outlives_a_restart() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    scene.asks(RequestKind::Pause { target: None, until: scene.now.after(minutes(30)) });
    scene.restarts(minutes(1));
    scene.sees_for(minutes(5), link_lost);
    assert!(scene.steps.is_empty());
}

#[test]
fn a_restart_in_the_middle_of_planned_work_does_not_end_it() {
    let mut scene =
        Scene::new(Config { maintenance: alloc::vec![nightly()], ..config(alloc::vec![bridge("mt5")]) });
    scene.sees_for(minutes(15), good);
    scene.restarts(minutes(1));
    scene.sees_for(minutes(20), good);
    let figures = scene.monitor.target(&target("mt5")).unwrap().uptime.figures(noon(), scene.now);
    assert!(figures.maintenance_ms >= 24 * 60_000, "{figures:?}");
    assert!(figures.unknown_ms <= 61_000 + 1_000, "{figures:?}");
}
