//! Alerts and their deliveries.

use super::super::scene_tests::{Scene, bridge, config, good, link_lost, minutes, seconds};
use super::super::{Event, Heard, OtherServer};
use super::*;
use crate::alert::ChannelSpec;
use crate::heal::Refusal;
use crate::incident::Phase;
use crate::target::Config;

fn store_refuses(scene: &mut Scene) {
    scene.handle(Event::StoreChanged(Err(String::from("disk full"))));
}

fn store_works(scene: &mut Scene) {
    scene.handle(Event::StoreChanged(Ok(())));
}

/// Every delivery of "mail" fails for good.
fn mail_is_refused(scene: &mut Scene) {
    for send in core::mem::take(&mut scene.sends) {
        scene.delivery_ends(&send, DeliveryResult::Permanent(String::from("no such address")));
    }
}

#[test]
fn a_store_that_flaps_is_told_once_and_its_return_once() {
    let mut scene = Scene::of(bridge("mt5"));
    for _ in 0..5 {
        store_refuses(&mut scene);
        scene.passes(seconds(5));
        store_works(&mut scene);
    }
    assert_eq!((scene.told(AlertReason::StoreDown), scene.told(AlertReason::StoreBack)), (1, 1));
}

/// Nothing happens but what the monitor asked to be woken for.
fn time_goes(scene: &mut Scene, span: Duration) {
    let until = scene.now.after(span);
    while scene.monitor.next_wakeup().is_some_and(|due| due <= until) {
        scene.wake();
    }
    scene.now = until;
    scene.handle(Event::Woke);
}

/// The titles of the banners that everybody sees now.
fn banners(scene: &Scene) -> Vec<String> {
    scene.monitor.board(1, scene.now).banners.into_iter().map(|banner| banner.title).collect()
}

const DOWN: &str = "Rebound: the store does not accept writes: heals are held";

#[test]
fn a_second_outage_of_the_store_that_lasts_is_told_within_the_cooldown_and_so_is_its_end() {
    let mut scene = Scene::of(bridge("mt5"));
    store_refuses(&mut scene);
    time_goes(&mut scene, minutes(2));
    store_works(&mut scene);
    time_goes(&mut scene, minutes(2));
    store_refuses(&mut scene);
    time_goes(&mut scene, seconds(50));
    assert_eq!(scene.told(AlertReason::StoreDown), 1, "it may be over in a moment");
    time_goes(&mut scene, seconds(20));
    assert_eq!(scene.told(AlertReason::StoreDown), 2);
    store_works(&mut scene);
    assert_eq!(scene.told(AlertReason::StoreBack), 2);
}

#[test]
fn the_page_shows_an_outage_of_the_store_before_people_are_told_and_no_good_news_of_the_one_before() {
    let mut scene = Scene::of(bridge("mt5"));
    store_refuses(&mut scene);
    assert_eq!(banners(&scene), [DOWN]);
    store_works(&mut scene);
    assert_eq!(banners(&scene), ["Rebound: the store accepts writes again: healing goes on"]);
    store_refuses(&mut scene);
    assert_eq!(banners(&scene), [DOWN]);
    time_goes(&mut scene, seconds(61));
    assert_eq!((scene.told(AlertReason::StoreDown), banners(&scene).len()), (2, 1));
}

#[test]
fn of_several_servers_one_says_that_the_store_works_again_and_none_beside_one_that_cannot_reach_it() {
    let mut scene = Scene::of(bridge("mt5"));
    let mut other = Scene::of(bridge("mt5"));
    // Each gives numbers of its own.
    other.handle(Event::NumbersHeard { incident: 0, alert: 100 });
    for server in [&mut scene, &mut other] {
        store_refuses(server);
        store_works(server);
    }
    let others = [OtherServer {
        name: String::from("b"),
        board: Some(alloc::sync::Arc::new(other.monitor.board(1, other.now))),
        heard_at: other.now,
        heard: Heard::Works,
    }];
    let titles = |scene: &Scene| -> Vec<String> {
        let board = scene.monitor.whole_board(scene.monitor.board(1, scene.now), "a", Some(&others));
        board.banners.into_iter().map(|banner| banner.title).collect()
    };
    assert_eq!(titles(&scene), ["Rebound: the store accepts writes again: healing goes on"]);
    store_refuses(&mut scene);
    assert_eq!(titles(&scene), [DOWN]);
}

#[test]
fn a_store_that_comes_and_goes_is_told_ever_more_seldom() {
    let mut scene = Scene::of(bridge("mt5"));
    for _ in 0..12 {
        store_refuses(&mut scene);
        time_goes(&mut scene, seconds(90));
        store_works(&mut scene);
        time_goes(&mut scene, seconds(30));
    }
    assert_eq!(scene.told(AlertReason::StoreDown), 2, "at once, and one that lasted a minute");
    store_refuses(&mut scene);
    time_goes(&mut scene, minutes(3));
    assert_eq!(scene.told(AlertReason::StoreDown), 3);
}

#[test]
fn a_heal_that_waited_for_the_store_goes_on_as_soon_as_that_works() {
    let mut scene = Scene::of(bridge("mt5"));
    store_refuses(&mut scene);
    scene.sees(2, link_lost);
    assert!(matches!(scene.phase(), Phase::Waiting { because: Refusal::StoreDown, .. }));
    store_works(&mut scene);
    assert!(matches!(scene.phase(), Phase::Healing { .. }), "{:?}", scene.phase());
}

#[test]
fn a_fault_that_comes_again_within_the_cooldown_stands_on_the_page_and_not_the_end_of_the_last_one() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(1), link_lost);
    scene.step_ends(crate::heal::StepOutcome::Done);
    scene.sees_for(minutes(3), good);
    assert!(banners(&scene).iter().any(|title| title.contains("recovered")), "{:?}", banners(&scene));
    scene.sees_for(minutes(1), link_lost);
    assert_eq!(scene.told(AlertReason::Opened), 1);
    assert_eq!(banners(&scene), ["mt5: the terminal has lost its connection to the broker"]);
}

#[test]
fn the_return_of_a_store_says_what_was_and_who_said_it() {
    let mut scene = Scene::of(bridge("mt5"));
    let why = "server \"vps-2\": the disk is full";
    scene.handle(Event::StoreChanged(Err(String::from(why))));
    scene.handle(Event::StoreChanged(Ok(())));
    let told = |reason| scene.alerts.iter().find(|alert| alert.reason == reason).unwrap();
    for reason in [AlertReason::StoreDown, AlertReason::StoreBack] {
        assert!(told(reason).message.facts.iter().any(|(_, said)| said == why), "{:?}", told(reason).message);
    }
}

#[test]
fn a_channel_that_delivers_again_is_no_longer_called_broken() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.asks(crate::monitor::RequestKind::TestAlert);
    mail_is_refused(&mut scene);
    assert_eq!(scene.told(AlertReason::NotGoingOut), 1);
    scene.asks(crate::monitor::RequestKind::TestAlert);
    scene.deliver_all();
    let board = scene.monitor.board(1, scene.now.after(minutes(30)));
    assert!(board.banners.is_empty(), "{:?}", board.banners);
}

#[test]
fn a_message_that_gets_no_answer_is_sent_again_and_given_up_at_last() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(2, link_lost);
    let until = scene.now.after(minutes(12 * 60));
    while scene.now < until {
        scene.wake();
    }
    assert_eq!(scene.sends.iter().filter(|send| send.alert.id.number() == 1).count(), 7);
    assert!(scene.told(AlertReason::NotGoingOut) >= 1);
}

#[test]
fn trouble_with_one_channel_is_told_over_the_others() {
    let mut config = config(alloc::vec![bridge("mt5")]);
    let second = ChannelSpec { name: String::from("chat"), ..config.alerts.channels[0].clone() };
    config.alerts.channels.push(second);
    let mut scene = Scene::new(Config { ..config });
    scene.asks(crate::monitor::RequestKind::TestAlert);
    let mail = scene.sends.iter().find(|send| send.channel == "mail").unwrap().clone();
    scene.sends.clear();
    scene.delivery_ends(&mail, DeliveryResult::Permanent(String::from("no such address")));
    let channels: Vec<&str> = scene.sends.iter().map(|send| send.channel.as_str()).collect();
    assert_eq!(channels, ["chat"]);
}
