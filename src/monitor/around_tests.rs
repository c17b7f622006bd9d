//! Parents, and Rebound's doubts about itself.

use super::super::scene_tests::{
    Scene, bridge, config, good, healthy, link_lost, minutes, noon, seconds, silent, target, trading_off,
};
use super::super::{AskedState, Event, RequestKind, SelfSeen};
use super::*;
use crate::alert::AlertReason;
use crate::calendar::{WeekSpan, Zone};
use crate::check::{EndpointReading, NoAnswer, ProbeOutcome, ProbeRequest, Subject};
use crate::heal::StepOutcome;
use crate::incident::Phase;
use crate::maintenance::{Scope, When};
use crate::target::{Config, EndpointSpec, EndpointWay, TargetKind};

#[path = "planned_tests.rs"]
mod planned;

/// A host that accepts connections, with a bridge on it.
fn host_and_bridge() -> Config {
    let host = TargetSpec::new(target("host"), TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Tcp)));
    let on_it = TargetSpec { depends_on: alloc::vec![target("host")], ..bridge("mt5") };
    config(alloc::vec![host, on_it])
}

fn unreachable() -> ProbeOutcome {
    ProbeOutcome::NoAnswer(NoAnswer::Unreachable(5_000))
}

fn well(name: &str, now: Timestamp) -> ProbeOutcome {
    if name == "host" { ProbeOutcome::Endpoint(EndpointReading::default()) } else { good(now) }
}

fn host_dead(_: &str, _: Timestamp) -> ProbeOutcome {
    unreachable()
}

fn bridge_dead(name: &str, now: Timestamp) -> ProbeOutcome {
    if name == "host" { well(name, now) } else { unreachable() }
}

#[test]
fn a_dead_host_raises_one_alert_and_names_itself_to_those_on_it() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    scene.lives(minutes(10), host_dead);
    assert_eq!(scene.alerts.len(), 1, "{:?}", scene.alerts);
    assert_eq!(scene.alerts[0].target, Some(target("host")));
    let by = Holder::Parent { id: target("host"), name: String::from("host"), settles: false };
    assert_eq!(scene.phase_of("mt5"), Phase::Suppressed { by });
    assert!(scene.steps.is_empty(), "nothing on a dead host is healed");
}

#[test]
fn after_the_host_the_bridge_is_looked_at_afresh_and_opens_only_if_it_stays_away() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    scene.lives(minutes(5), host_dead);
    scene.lives(seconds(80), bridge_dead);
    assert_eq!(scene.told(AlertReason::Opened), 1, "it is given time to start");
    scene.lives(minutes(4), bridge_dead);
    assert_eq!(scene.told(AlertReason::Opened), 2);
    assert_eq!(scene.alerts.last().unwrap().target, Some(target("mt5")));
}

#[test]
fn a_bridge_that_comes_back_with_its_host_was_never_an_incident() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    scene.lives(minutes(5), host_dead);
    scene.lives(minutes(5), well);
    assert_eq!(scene.phase_of("mt5"), Phase::Healthy);
    assert!(scene.closed.iter().all(|incident| incident.target == target("host")));
}

#[test]
fn a_dead_host_worsens_nothing_that_is_open_on_those_that_stand_on_it() {
    let mut scene = Scene::new(host_and_bridge());
    let off = |name: &str, now| if name == "host" { well(name, now) } else { trading_off(now) };
    scene.lives(minutes(2), off);
    assert_eq!(scene.incident().unwrap().severity, Severity::Warning);
    scene.lives(minutes(10), host_dead);
    assert!(scene.steps.is_empty(), "nothing on a dead host is healed");
    assert_eq!((scene.told(AlertReason::Opened), scene.told(AlertReason::Worsened)), (2, 0));
    let incident = scene.incident().unwrap();
    assert_eq!((incident.severity, incident.causes.len()), (Severity::Warning, 1), "{:?}", incident.causes);
    scene.lives(minutes(5), well);
    assert_eq!(scene.closed.len(), 2);
}

#[test]
fn a_host_that_dies_while_a_heal_is_looked_at_says_nothing_about_the_heal() {
    let mut scene = Scene::new(host_and_bridge());
    let unlinked = |name: &str, now| if name == "host" { well(name, now) } else { link_lost(now) };
    scene.lives(minutes(1), well);
    while scene.steps.is_empty() {
        scene.lives(seconds(1), unlinked);
    }
    scene.step_ends(StepOutcome::Done);
    scene.lives(minutes(12), host_dead);
    assert_eq!(scene.steps.len(), 1, "nothing on a dead host is healed");
    let state = scene.monitor.target(&target("mt5")).unwrap();
    assert!(state.ledger.lines().iter().all(|line| line.failed == 0), "{:?}", state.ledger);
    assert_eq!(state.incident.as_ref().unwrap().flaps, 0);
}

#[test]
fn a_dead_host_is_no_new_reason_of_a_bridge_that_fails_already() {
    let mut scene = Scene::new(host_and_bridge());
    let broken = |name: &str, now: Timestamp| {
        if name == "host" {
            return well(name, now);
        }
        let (path, detail) = (String::from("/health"), String::from("expected value"));
        ProbeOutcome::BadAnswer(crate::check::BadAnswer::NotJson { path, detail })
    };
    scene.lives(minutes(1), well);
    scene.lives(minutes(5), broken);
    assert!(scene.incident().is_some());
    scene.lives(minutes(10), host_dead);
    assert!(scene.steps.is_empty(), "nothing on a dead host is healed");
    assert_eq!(scene.incident().unwrap().main_cause().unwrap().reason.code(), "bridge_broken");
}

/// A remedy did not help, and when the next is due the bridge is silent, because its host has just died.
#[rstest::rstest]
fn a_heal_that_is_due_does_not_start_on_a_host_that_has_just_died(
    #[values(5, 11, 13, 15, 17, 20, 25, 40)] before_s: u64,
) {
    let mut config = host_and_bridge();
    config.targets[0].watch.interval = minutes(1);
    let mut scene = Scene::new(config);
    let unlinked = |name: &str, now| if name == "host" { well(name, now) } else { link_lost(now) };
    scene.lives(minutes(1), well);
    while scene.steps.is_empty() {
        scene.lives(seconds(1), unlinked);
    }
    scene.step_ends(StepOutcome::Done);
    let Phase::Verifying { until, .. } = scene.phase() else { panic!("it is looked at") };
    scene.lives(until.since(scene.now) - seconds(before_s), unlinked);
    scene.lives(minutes(3), host_dead);
    assert_eq!(scene.steps.len(), 1, "nothing on a dead host is healed");
}

/// The bridge is asked while its host is gone, and its silence is heard after the host was seen well again.
#[test]
fn a_host_that_was_gone_for_a_moment_makes_no_incident_of_those_that_stand_on_it() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    let is_host = |question: &ProbeRequest| question.subject == Subject::Target(target("host"));
    let mut failures = 0;
    let late = loop {
        let question = scene.next_question();
        if is_host(&question) {
            scene.reply(&question, unreachable());
        } else if failures == 2 {
            break question;
        } else {
            scene.reply(&question, unreachable());
            failures += 1;
        }
    };
    let of_host = scene.next_question();
    assert!(is_host(&of_host) && of_host.asked_at > late.asked_at);
    scene.reply(&of_host, well("host", scene.now));
    scene.reply(&late, unreachable());
    scene.lives(minutes(2), well);
    assert!(scene.alerts.is_empty() && scene.steps.is_empty(), "{:?}", scene.alerts);
}

#[test]
fn a_dead_bridge_on_a_living_host_is_its_own_incident_in_its_own_layer() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    scene.lives(minutes(1), bridge_dead);
    let incident = scene.incident().unwrap();
    assert_eq!(incident.layer, Some(crate::reason::Layer::BridgeProcess));
    assert!(incident.time_to_detect() <= seconds(30), "{:?}", incident.time_to_detect());
    assert_eq!(scene.steps.len(), 1);
}

fn good_then_unreachable(_: &str, _: Timestamp) -> ProbeOutcome {
    unreachable()
}

#[test]
fn a_bridge_without_a_host_to_ask_may_have_lost_its_host() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.lives(minutes(1), good_then_unreachable);
    assert_eq!(scene.incident().unwrap().layer, Some(crate::reason::Layer::Host));
}

#[test]
fn silence_while_rebound_itself_was_held_up_is_nobodys_failure() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), good);
    for _ in 0..6 {
        let request = scene.next_question();
        scene.now = scene.now.after(seconds(6));
        scene.handle(Event::SelfSeen(SelfSeen { lag_ms: 6_000, store_ms: None }));
        scene.reply(&request, silent(scene.now));
    }
    assert!(scene.incident().is_none());
    scene.sees(4, silent);
    assert!(scene.incident().is_some(), "silence is believed again when nothing held Rebound up");
}

#[test]
fn a_wrong_clock_of_our_own_makes_what_rests_on_it_unknown_and_nothing_else() {
    let mut config = config(alloc::vec![bridge("mt5")]);
    config.own_network.watched = true;
    let mut scene = Scene::new(config);
    let ahead = minutes(20);
    for _ in 0..6 {
        let request = scene.next_question();
        let outcome = match &request.subject {
            crate::check::Subject::OwnNetwork => {
                let date = request.asked_at.after(ahead);
                ProbeOutcome::Beacons { answered: 2, asked: 2, dates: alloc::vec![date, date] }
            }
            crate::check::Subject::Target(_) => link_lost(scene.now),
        };
        scene.reply(&request, outcome);
    }
    assert!(scene.incident().is_none(), "whether the market is open is not known");
    let board = scene.monitor.board(1, scene.now);
    assert!(board.own.clock_wrong);
    let ipc = board.targets[0].checks.iter().find(|check| check.id.name() == "terminal.ipc").unwrap();
    assert_eq!(ipc.verdict, "Up");
}

#[test]
fn one_bridge_with_a_wrong_clock_does_not_make_ours_wrong() {
    let mut witnesses = Witnesses::default();
    let now = noon();
    witnesses.hear("mt5", now.after(minutes(20)), now);
    assert_eq!(witnesses.ahead_ms(now), None);
    for (index, skew) in [1_200_000, 1_201_000, 1_199_000].into_iter().enumerate() {
        let date = Timestamp::from_ms(now.as_ms() + skew);
        witnesses.hear(&alloc::format!("bridge-{index}"), date, now);
    }
    assert!(witnesses.ahead_ms(now).is_some_and(|ahead| ahead > 1_000_000), "four hosts agree");
    witnesses.hear(&alloc::format!("{BEACON}0"), now, now);
    assert_eq!(witnesses.ahead_ms(now), Some(0), "a beacon knows better");
    assert_eq!(witnesses.ahead_ms(now.after(minutes(11))), None, "old news is no news");
}

/// A network that is gone for a while takes the witnesses along; the clock does not mend itself meanwhile.
#[test]
fn a_clock_that_was_found_wrong_stays_so_until_somebody_tells_it_right() {
    let (mut own, minute) = (OwnState::default(), minutes(1));
    let told = |own: &mut OwnState, date: Timestamp, at: Timestamp| {
        own.witnesses.hear(&alloc::format!("{BEACON}0"), date, at);
    };
    told(&mut own, noon().after(minutes(120)), noon());
    assert!(own.clock_wrong(minute).is_some());
    told(&mut own, noon().after(minutes(41)), noon().after(minutes(41)));
    assert_eq!(own.clock_wrong(minute), None);
}

/// Another start has another clock.
#[test]
fn what_was_found_of_the_clock_of_an_earlier_start_is_forgotten() {
    let mut scene = Scene::of(bridge("mt5"));
    let date = scene.now.after(minutes(120));
    scene.monitor.shared.own.witnesses.hear(&alloc::format!("{BEACON}0"), date, scene.now);
    scene.restarts(seconds(10));
    assert_eq!(scene.monitor.shared.own.clock_wrong(minutes(1)), None);
}

#[test]
fn a_parent_that_is_not_heard_in_time_holds_nothing_back() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    let not_told = |name: &str, now: Timestamp| {
        if name == "host" {
            ProbeOutcome::NotAsked(String::from("busy"))
        } else {
            let mut reading = healthy(now);
            reading.terminal.connected = Some(false);
            ProbeOutcome::Bridge(alloc::boxed::Box::new(reading))
        }
    };
    scene.lives(PARENT_HEARD_MAX + seconds(30), not_told);
    assert!(scene.incident().is_some());
}

/// It had been silent by itself; then its link was lost; then its host died. The old silence does not explain the new one.
#[test]
fn a_cause_that_was_over_is_news_when_it_comes_back() {
    let mut config = host_and_bridge();
    config.targets[0].watch.interval = minutes(1);
    config.targets[1].heal.budget.attempts_max = 9;
    let mut scene = Scene::new(config);
    let unlinked = |name: &str, now| if name == "host" { well(name, now) } else { link_lost(now) };
    scene.lives(minutes(1), well);
    while scene.steps.is_empty() {
        scene.lives(seconds(1), bridge_dead);
    }
    scene.step_ends(StepOutcome::Done);
    scene.lives(minutes(4), unlinked);
    assert!(scene.incident().is_some());
    let steps = scene.steps.len();
    let Phase::Verifying { until, .. } = scene.phase() else { panic!("{:?}", scene.phase()) };
    scene.lives(until.since(scene.now) - seconds(20), unlinked);
    scene.lives(minutes(3), host_dead);
    assert_eq!(scene.steps.len(), steps, "nothing on a dead host is healed");
}

/// Its silence was believed when the host was dead for the first time; that says nothing an hour later.
#[test]
fn what_was_believed_before_nobody_could_tell_is_not_believed_after() {
    let mut scene = Scene::new(host_and_bridge());
    let stranger = |name: &str, now: Timestamp| {
        if name == "host" { well(name, now) } else { super::super::scene_tests::wrong_service(now) }
    };
    scene.lives(minutes(1), well);
    scene.lives(minutes(5), stranger);
    scene.lives(minutes(5), host_dead);
    scene.lives(minutes(30), stranger);
    assert!(scene.incident().is_some());
    scene.lives(minutes(5), host_dead);
    assert!(scene.steps.is_empty(), "nothing on a dead host is healed");
}

fn slow(_: Timestamp) -> ProbeOutcome {
    ProbeOutcome::Endpoint(EndpointReading::default())
}

/// A host with a warning works; what stands on it is not waited for a minute.
#[test]
fn a_parent_with_a_mere_warning_is_heard_as_well() {
    let mut config = host_and_bridge();
    if let TargetKind::Endpoint(endpoint) = &mut config.targets[0].kind {
        // The scene answers after 12 ms.
        endpoint.latency_warning = Duration::from_millis(5);
        endpoint.latency_good = Duration::from_millis(4);
    }
    let mut scene = Scene::new(config);
    scene.lives(minutes(3), |name, now| if name == "host" { slow(now) } else { good(now) });
    assert!(scene.monitor.target(&target("host")).unwrap().incident.is_some());
    scene.lives(seconds(30), |name, now| if name == "host" { slow(now) } else { unreachable() });
    assert_eq!(scene.steps.len(), 1, "{:?}", scene.phase_of("mt5"));
}

/// A certificate that has ended is critical and explains no silence of others.
#[test]
fn a_parent_whose_certificate_has_ended_hides_nobody() {
    let mut config = host_and_bridge();
    config.targets[0].kind = TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Http));
    config.targets[0].checks = config.targets[0].kind.checks().iter().map(|id| id.default_spec()).collect();
    let mut scene = Scene::new(config);
    let ended = |now: Timestamp| {
        let reading = EndpointReading {
            status: Some(200),
            certificate_ends: Some(now.before(minutes(5))),
            ..EndpointReading::default()
        };
        ProbeOutcome::Endpoint(reading)
    };
    scene.lives(minutes(3), |name, now| if name == "host" { ended(now) } else { good(now) });
    assert!(scene.monitor.target(&target("host")).unwrap().incident.is_some());
    scene.lives(seconds(30), |name, now| if name == "host" { ended(now) } else { unreachable() });
    assert_eq!(scene.steps.len(), 1, "{:?}", scene.phase_of("mt5"));
}

/// The database broke first, then the service before it by itself; when the database is back, the service still explains its
/// page.
#[test]
fn what_one_parent_explained_is_looked_at_afresh_before_it_is_the_targets_own() {
    let endpoint =
        |name: &str| TargetSpec::new(target(name), TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Tcp)));
    let service = TargetSpec { depends_on: alloc::vec![target("database")], ..endpoint("host") };
    let page = TargetSpec { depends_on: alloc::vec![target("host")], ..bridge("mt5") };
    let mut scene = Scene::new(config(alloc::vec![endpoint("database"), service, page]));
    let all_well = |name: &str, now| if name == "mt5" { trading_off(now) } else { well("host", now) };
    scene.lives(minutes(2), all_well);
    assert_eq!(scene.incident().unwrap().severity, Severity::Warning);
    scene.lives(minutes(10), |_, _| unreachable());
    scene.lives(minutes(5), |name, now| if name == "database" { well("host", now) } else { unreachable() });
    let incident = scene.incident().unwrap();
    assert_eq!(
        (incident.severity, scene.told(AlertReason::Worsened)),
        (Severity::Warning, 0),
        "{:?}",
        incident.causes
    );
    assert!(scene.steps.is_empty());
}

/// Its first failures say more than that it was not heard.
#[test]
fn a_host_that_fails_and_is_not_believed_yet_is_waited_for_longer() {
    let mut config = host_and_bridge();
    config.targets[0].checks[0].failures_to_open = 25;
    let mut scene = Scene::new(config);
    scene.lives(minutes(2), well);
    scene.lives(PARENT_HEARD_MAX + seconds(40), host_dead);
    assert!(scene.steps.is_empty() && scene.incident().is_none(), "{:?}", scene.alerts);
    scene.lives(minutes(1), host_dead);
    assert_eq!((scene.alerts.len(), scene.steps.len()), (1, 0));
}

#[test]
fn a_host_that_flaps_does_not_hide_a_bridge_that_is_dead_by_itself() {
    let mut scene = Scene::new(host_and_bridge());
    scene.lives(minutes(2), well);
    for _ in 0..4 {
        scene.lives(minutes(1), host_dead);
        scene.lives(minutes(3), well);
    }
    let held = scene.monitor.target(&target("host")).unwrap().incident.as_ref();
    assert!(held.is_some_and(|incident| incident.flapping), "the host's incident stays open");
    scene.lives(minutes(1), bridge_dead);
    assert!(scene.incident().is_some(), "{:?}", scene.phase_of("mt5"));
}
