//! What the board shows of readiness without anybody having looked.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rstest::rstest;

use super::{item, ordered};
use crate::check::{BadAnswer, ProbeOutcome};
use crate::monitor::scene_tests::{
    Scene, bridge, config, good, minutes, noon, seconds, silent, target, wrong_service,
};
use crate::monitor::{Event, Heard, OtherServer, RequestKind, SelfSeen};
use crate::readiness::{Finding, Looked, Part, ReadinessSpec, RemedyOf, Seen, Trouble};
use crate::target::{Config, EndpointSpec, EndpointWay, OwnNetworkSpec, TargetKind, TargetSpec};
use crate::time::Timestamp;
use crate::view::{READINESS_SHOWN, ReadinessGroup, ReadinessState, ReadinessView};

fn item_of(scene: &Scene, id: &str) -> ReadinessView {
    let board = scene.monitor.board(1, scene.now);
    let found = board.readiness.iter().find(|view| view.id == id).cloned();
    found.unwrap_or_else(|| panic!("there is no {id}"))
}

fn state_of(scene: &Scene, id: &str) -> ReadinessState {
    item_of(scene, id).state
}

fn a_well_bridge() -> Scene {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, good);
    scene
}

#[test]
fn a_ladder_that_can_be_climbed_is_ready_and_says_what_it_would_do() {
    let view = item_of(&a_well_bridge(), "heals/mt5");
    assert_eq!(view.state, ReadinessState::Ready);
    assert_eq!(
        view.detail,
        "\"refresh\" (soft): ready; \"restart bridge\" (medium): ready; \"restart all\" (hard): ready."
    );
    assert!(view.emergency.starts_with("It would start \"refresh\""), "{}", view.emergency);
}

#[rstest]
#[case::dry_run(RequestKind::SetDryRun { target: target("mt5"), dry_run: Some(true) }, "Dry run")]
#[case::paused(RequestKind::Pause { target: Some(target("mt5")), until: noon().after(minutes(60)) }, "Healing is paused by ann")]
#[case::all_paused(RequestKind::Pause { target: None, until: noon().after(minutes(60)) }, "Healing is paused by ann")]
#[case::planned_work(
    RequestKind::StartMaintenance { target: None, until: noon().after(minutes(60)), name: String::from("new disk") },
    "Planned work until"
)]
fn what_people_hold_is_at_risk_with_its_reason(#[case] asked: RequestKind, #[case] why: &str) {
    let mut scene = a_well_bridge();
    scene.asks(asked);
    let view = item_of(&scene, "heals/mt5");
    assert_eq!(view.state, ReadinessState::AtRisk);
    assert!(view.detail.starts_with(why), "{}", view.detail);
    assert!(view.mend.is_some());
}

#[test]
fn a_bridge_without_a_remedy_is_at_risk_and_an_endpoint_just_has_none() {
    let mut plain = bridge("mt5");
    plain.heal.ladder.clear();
    let page = TargetSpec::new(target("page"), TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Http)));
    let scene = Scene::new(config(alloc::vec![plain, page]));
    assert_eq!(state_of(&scene, "heals/mt5"), ReadinessState::AtRisk);
    assert_eq!(state_of(&scene, "heals/page"), ReadinessState::NotSetUp);
}

#[test]
fn a_store_that_refuses_lets_nothing_be_healed() {
    let mut scene = a_well_bridge();
    scene.handle(Event::SelfSeen(SelfSeen { lag_ms: 3, store_ms: Some(4) }));
    assert_eq!(state_of(&scene, "store.writes"), ReadinessState::Ready);
    scene.handle(Event::StoreChanged(Err(String::from("disk full"))));
    assert_eq!(state_of(&scene, "store.writes"), ReadinessState::NotReady);
    assert_eq!(state_of(&scene, "heals/mt5"), ReadinessState::NotReady);
}

fn key_refused(_: Timestamp) -> ProbeOutcome {
    ProbeOutcome::BadAnswer(BadAnswer::Status { path: String::from("/health"), status: 401 })
}

#[rstest]
#[case::well(good, ReadinessState::Ready, ReadinessState::Ready)]
#[case::silent(silent, ReadinessState::Unknown, ReadinessState::Unknown)]
#[case::key_refused(key_refused, ReadinessState::NotReady, ReadinessState::Unknown)]
#[case::another_program(wrong_service, ReadinessState::Unknown, ReadinessState::NotReady)]
fn key_and_identity_follow_from_what_the_bridge_showed_last(
    #[case] outcome: fn(Timestamp) -> ProbeOutcome,
    #[case] key: ReadinessState,
    #[case] identity: ReadinessState,
) {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(1, outcome);
    assert_eq!(
        (state_of(&scene, "bridge.key/mt5"), state_of(&scene, "bridge.identity/mt5")),
        (key, identity)
    );
}

#[test]
fn a_remedy_through_the_bridge_is_as_ready_as_the_bridge_and_is_never_called() {
    let mut scene = a_well_bridge();
    assert_eq!(state_of(&scene, "http_call/mt5/refresh"), ReadinessState::Ready);
    scene.sees(1, silent);
    assert_eq!(state_of(&scene, "http_call/mt5/refresh"), ReadinessState::Unknown);
}

#[test]
fn alerts_that_were_never_seen_to_arrive_are_unknown_and_then_ready() {
    let mut scene = a_well_bridge();
    assert_eq!(state_of(&scene, "alerts.delivered/mail"), ReadinessState::Unknown);
    scene.asks(RequestKind::TestAlert);
    scene.deliver_all();
    let view = item_of(&scene, "alerts.delivered/mail");
    assert_eq!((view.state, view.checked_at), (ReadinessState::Ready, Some(scene.now)));
    assert_eq!(state_of(&scene, "alerts.second"), ReadinessState::NotSetUp);
}

#[test]
fn without_any_way_to_people_it_says_so() {
    let mut config = config(alloc::vec![bridge("mt5")]);
    config.alerts.channels.clear();
    assert_eq!(state_of(&Scene::new(config), "alerts.ways"), ReadinessState::AtRisk);
}

#[test]
fn beacons_matter_where_something_elsewhere_would_be_healed() {
    assert_eq!(state_of(&a_well_bridge(), "own.network"), ReadinessState::AtRisk);
    let near = TargetSpec { reach: crate::target::Reach::Loopback, ..bridge("mt5") };
    assert_eq!(state_of(&Scene::of(near), "own.network"), ReadinessState::NotSetUp);
    let own_network = OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() };
    let mut scene = Scene::new(Config { own_network, ..config(alloc::vec![bridge("mt5")]) });
    assert_eq!(state_of(&scene, "own.network"), ReadinessState::Unknown);
    scene.sees(2, good);
    assert_eq!(state_of(&scene, "own.network"), ReadinessState::Ready);
}

#[rstest]
#[case::just_in_time(1_999, ReadinessState::Ready)]
#[case::at_the_limit(2_000, ReadinessState::AtRisk)]
fn a_loop_that_is_late_is_at_risk(#[case] lag_ms: u64, #[case] state: ReadinessState) {
    let mut scene = a_well_bridge();
    scene.handle(Event::SelfSeen(SelfSeen { lag_ms, store_ms: None }));
    assert_eq!(state_of(&scene, "own.loop"), state);
}

#[test]
fn nobody_outside_is_no_trouble_and_says_what_it_would_give() {
    let view = item_of(&a_well_bridge(), "outside.ping");
    assert_eq!(view.state, ReadinessState::NotSetUp);
    assert!(view.mend.is_some_and(|mend| mend.contains("[outside] ping")));
}

fn found(scene: &mut Scene, remedies: &[&str]) {
    let look = scene.looks.remove(0);
    let finding = |remedy: &&str| Finding {
        part: Part::HttpCall(RemedyOf { target: target("mt5"), remedy: String::from(*remedy) }),
        at: scene.now,
        seen: Seen::Refused(Trouble::new("it is refused", "allow it")),
    };
    let findings = remedies.iter().map(finding).collect();
    scene.handle(Event::Looked(Looked { drill: None, asked_at: look.asked_at, findings }));
}

#[rstest]
#[case::none(&[], ReadinessState::Ready)]
#[case::one(&["restart all"], ReadinessState::AtRisk)]
#[case::every(&["refresh", "restart bridge", "restart all"], ReadinessState::NotReady)]
fn a_target_is_as_ready_as_its_remedies(#[case] refused: &[&str], #[case] state: ReadinessState) {
    let readiness = ReadinessSpec { watched: true, ping_every: None };
    let mut scene = Scene::new(Config { readiness, ..config(alloc::vec![bridge("mt5")]) });
    scene.sees(2, good);
    found(&mut scene, refused);
    assert_eq!(state_of(&scene, "heals/mt5"), state);
}

fn many(count: usize, state: ReadinessState) -> impl Iterator<Item = ReadinessView> {
    (0..count).map(move |number| ReadinessView {
        state,
        ..item(format!("{}/{number}", state.word()), ReadinessGroup::Heals, String::new())
    })
}

#[test]
fn the_worst_stand_first_and_what_is_left_out_says_how_bad_it_is() {
    let views = many(30, ReadinessState::Ready).chain(many(40, ReadinessState::NotReady)).collect();
    let shown = ordered(views);
    assert_eq!(shown.len(), READINESS_SHOWN + 1);
    assert!(shown[..40].iter().all(|view| view.state == ReadinessState::NotReady));
    let last = shown.last().unwrap();
    assert_eq!((last.id.as_str(), last.state), ("healing.more", ReadinessState::Ready));
    assert_eq!(last.detail, "20 more things are not shown; the worst of them is ready.");
}

#[test]
fn every_id_stands_once_on_a_board() {
    let mut scene = Scene::new(config(alloc::vec![bridge("a"), bridge("b")]));
    scene.sees(4, good);
    let board = scene.monitor.board(1, scene.now);
    let ids: Vec<&str> = board.readiness.iter().map(|view| view.id.as_str()).collect();
    let unique: alloc::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    assert!(board.readiness.is_sorted_by_key(|view| view.group));
}

#[test]
fn several_servers_each_show_their_own_and_a_silent_one_is_not_known() {
    let scene = a_well_bridge();
    let mut other = a_well_bridge();
    other.passes(seconds(1));
    let others = [OtherServer {
        name: String::from("vps-2"),
        board: Some(alloc::sync::Arc::new(other.monitor.board(1, other.now))),
        heard_at: other.now,
        heard: Heard::Silent,
    }];
    let board = scene.monitor.whole_board(scene.monitor.board(1, scene.now), "vps-1", Some(&others));
    let state = |id: &str| board.readiness.iter().find(|view| view.id == id).map(|view| view.state);
    assert_eq!(state("heals/mt5@vps-1"), Some(ReadinessState::Ready));
    assert_eq!(state("heals/mt5@vps-2"), Some(ReadinessState::Unknown));
    assert_eq!(state("own.servers"), Some(ReadinessState::AtRisk));
}
