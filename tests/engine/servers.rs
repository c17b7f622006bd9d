//! Several servers that share one store, in virtual time: who watches what, and that no heal happens twice.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::monitor::AskedState;
use rebound::time::Timestamp;
use rebound::view::Tone;
use rebound_engine::cluster::{Cluster, MemberId, ServerName};
use rebound_engine::history::port::{Detail, HistoryStore as _};
use rebound_engine::ports::Store;
use rebound_engine::service::{Cooldown, ServiceError};

use crate::stage::{Stage, admin, id, many, passes};

/// Longest time until what one server let go is watched by another.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(15);

fn shares(expected: &[(&str, usize)]) -> Vec<(String, usize)> {
    expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[tokio::test(start_paused = true)]
async fn one_server_watches_everything() {
    let stage = Stage::new(many(3));
    let a = stage.server("a").await;
    assert_eq!(a.tone(&id(0)), Tone::Unknown, "nothing is known before it was looked at");
    passes(5).await;
    assert_eq!(a.shares(), shares(&[("a", 3)]));
    assert_eq!(a.tone(&id(0)), Tone::Good);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_comes_gets_its_share_and_everybody_shows_everything() {
    let stage = Stage::new(many(9));
    let a = stage.server("a").await;
    passes(60).await;
    let b = stage.server("b").await;
    let c = stage.server("c").await;
    passes(60).await;
    for server in [&a, &b, &c] {
        assert_eq!(server.shares(), shares(&[("a", 3), ("b", 3), ("c", 3)]));
        assert!(
            server.board().targets.iter().all(|view| view.tone == Tone::Good),
            "{:#?}",
            server.board().sentence
        );
        assert_eq!(server.board().targets.len(), 9);
    }
    assert_eq!(stage.world.told.lock().unwrap().len(), 0, "nobody is told of a change of hands");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_is_replaced_within_three_leases_and_its_faults_are_healed_once() {
    let stage = Stage::new(many(6));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let of_b: Vec<TargetId> = (0..6).map(id).filter(|id| a.watcher(id).as_deref() == Some("b")).collect();
    assert_eq!(of_b.len(), 3);
    b.way.cut_off(true);
    drop(b);
    stage.loses_link(&of_b[0]);
    tokio::time::sleep(TAKEN_OVER_WITHIN).await;
    for target in &of_b {
        assert_eq!(a.watcher(target).as_deref(), Some("a"));
    }
    passes(120).await;
    assert_eq!(a.shares(), shares(&[("a", 6)]));
    assert_eq!(a.tone(&of_b[0]), Tone::Good);
}

#[tokio::test(start_paused = true)]
async fn a_heal_whose_server_vanished_is_looked_at_and_not_repeated() {
    let stage = Stage::new(many(2));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let target = (0..2).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    stage.world.heals_hang.store(true, Ordering::SeqCst);
    stage.loses_link(&target);
    while stage.healed(&target).is_empty() {
        passes(1).await;
    }
    // The heal worked, but its server does not live to see it.
    b.way.cut_off(true);
    stage.world.lost.lock().unwrap().clear();
    passes(180).await;
    assert_eq!(stage.healed(&target), ["b"]);
    assert_eq!(a.tone(&target), Tone::Good);
    let incident = &a.board().targets.iter().find(|view| view.id == target).unwrap().recent[0].clone();
    assert_eq!(incident.steps.len(), 1, "{incident:#?}");
    assert_eq!(stage.told(&format!("recovered {target} by a")), 1);
}

/// A server that was stopped in its tracks and goes on with an old lease.
#[tokio::test(start_paused = true)]
async fn a_server_that_comes_back_after_it_was_put_out_heals_nothing_of_its_old_targets() {
    let stage = Stage::new(many(4));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let of_b: Vec<TargetId> = (0..4).map(id).filter(|id| a.watcher(id).as_deref() == Some("b")).collect();
    b.way.cut_off(true);
    stage.world.heals_help.store(false, Ordering::SeqCst);
    for target in &of_b {
        stage.loses_link(target);
    }
    // It sees the fault, and cannot write down that it wants to heal.
    passes(40).await;
    for target in &of_b {
        assert_eq!(stage.healed(target), ["a"], "the one that watches it now");
    }
    b.way.cut_off(false);
    passes(20).await;
    for target in &of_b {
        assert!(stage.healed(target).iter().all(|server| server == "a"));
    }
    passes(60).await;
    assert!(b.engine.is_running());
    assert_eq!(b.shares().len(), 2, "it takes part again");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_lets_go_at_once() {
    let stage = Stage::new(many(2));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    b.engine.stop().await;
    passes(4).await;
    assert_eq!(a.shares(), shares(&[("a", 2)]));
}

#[tokio::test(start_paused = true)]
async fn the_same_server_started_again_goes_on_at_once() {
    let stage = Stage::new(many(2));
    let first = stage.server("a").await;
    passes(30).await;
    first.way.cut_off(true);
    let again = stage.server("a").await;
    passes(3).await;
    assert_eq!(again.shares(), shares(&[("a", 2)]));
}

#[tokio::test(start_paused = true)]
async fn two_servers_of_one_name_do_not_both_take_part() {
    let stage = Stage::new(many(1));
    let a = stage.server("a").await;
    passes(5).await;
    let way = stage.cluster.server();
    let refused = way.join(&ServerName { name: "a".to_owned(), instance: "another".to_owned() }).await;
    assert!(refused.unwrap_err().to_string().contains("server.name"));
    drop(a);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_of_any_server_reaches_the_one_that_watches() {
    let stage = Stage::new(many(2));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let of_b = (0..2).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    let asked = a.engine.service.force_heal(&admin(), of_b.as_str(), Cooldown::Kept, None).await.unwrap();
    assert!(matches!(asked.state, AskedState::Done(_) | AskedState::Running(_)), "{asked:?}");
    passes(5).await;
    assert_eq!(stage.healed(&of_b), ["b"]);

    let asked = a.engine.service.pause(&admin(), None, Duration::from_secs(600)).await.unwrap();
    assert!(matches!(&asked.state, AskedState::Done(said) if !said.contains("not done")), "{asked:?}");
    passes(3).await;
    assert!(b.board().pause.is_some());
    let asked = b.engine.service.resume(&admin(), None).await.unwrap();
    assert!(matches!(&asked.state, AskedState::Done(said) if !said.contains("not done")), "{asked:?}");
    passes(3).await;
    assert!(a.board().pause.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_no_server_begins_with_is_taken_back_and_said_so() {
    let stage = Stage::new(many(2));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let of_b = (0..2).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    b.way.cut_off(true);
    let refused = a.engine.service.force_heal(&admin(), of_b.as_str(), Cooldown::Kept, None).await;
    assert_eq!(refused, Err(ServiceError::OtherSilent("b".to_owned())));
    b.way.cut_off(false);
    passes(60).await;
    assert!(stage.healed(&of_b).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_all_holds_on_a_server_that_comes_later() {
    let stage = Stage::new(many(4));
    let a = stage.server("a").await;
    passes(30).await;
    a.engine.service.pause(&admin(), None, Duration::from_secs(3_600)).await.unwrap();
    passes(3).await;
    let b = stage.server("b").await;
    passes(60).await;
    let of_b = (0..4).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    stage.loses_link(&of_b);
    passes(120).await;
    assert!(stage.healed(&of_b).is_empty());
    drop(b);
}

#[tokio::test(start_paused = true)]
async fn what_a_silent_server_watched_is_not_known_and_not_good() {
    let stage = Stage::new(many(2));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let of_b = (0..2).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    b.way.cut_off(true);
    passes(8).await;
    assert_eq!(a.tone(&of_b), Tone::Unknown);
    assert!(a.board().banners.iter().any(|banner| banner.title.contains("\"b\" is silent")));
    // The one that is cut off goes on with its own, and knows nothing of the other's.
    let banners = b.board().banners.clone();
    assert!(
        banners.iter().any(|banner| banner.title.contains("nothing is heard of the other")),
        "{banners:?}"
    );
    assert_eq!(b.tone(&of_b), Tone::Good);
    let of_a = (0..2).map(id).find(|id| *id != of_b).unwrap();
    assert_eq!(b.tone(&of_a), Tone::Unknown);
}

#[tokio::test(start_paused = true)]
async fn numbers_of_incidents_are_given_once_and_what_is_newer_is_higher() {
    let stage = Stage::new(many(4));
    let a = stage.server("a").await;
    let _b = stage.server("b").await;
    passes(60).await;
    for number in 0..4 {
        stage.loses_link(&id(number));
        passes(90).await;
    }
    let incidents = stage.cluster.store().incidents(None, 100).await.unwrap();
    assert_eq!(incidents.len(), 4);
    let times: Vec<Timestamp> = incidents.iter().map(|incident| incident.opened_at).collect();
    assert!(times.is_sorted_by(|a, b| a > b), "newest first: {times:?}");
    drop(a);
}

/// Its folder was lost with the machine, and it comes back on another under the same name.
#[tokio::test(start_paused = true)]
async fn a_name_whose_server_is_gone_for_good_can_be_used_again_after_a_lease() {
    let stage = Stage::new(many(2));
    let gone = stage.server("a").await;
    passes(30).await;
    gone.way.cut_off(true);
    let again = stage.server_of("a", "another machine").await;
    passes(30).await;
    assert_eq!(again.shares(), shares(&[("a", 2)]));
}

/// A copy of a virtual machine has the same instance, and must not put the original out again and again.
#[tokio::test(start_paused = true)]
async fn of_two_copies_of_one_machine_one_watches_and_the_other_waits() {
    let stage = Stage::new(many(2));
    let original = stage.server("a").await;
    passes(30).await;
    let copy = stage.server("a").await;
    passes(300).await;
    assert_eq!(copy.shares(), shares(&[("a", 2)]));
    assert!(original.engine.is_running(), "it waits, and is not dead");
    stage.loses_link(&id(0));
    passes(120).await;
    assert_eq!(stage.healed(&id(0)).len(), 1);
}

/// The machine that all of them run on was suspended: nobody was silent, nobody looked.
#[tokio::test(start_paused = true)]
async fn after_a_suspension_nobody_is_put_out() {
    let stage = Stage::new(many(4));
    let a = stage.server("a").await;
    let b = stage.server("b").await;
    passes(60).await;
    let runs = async || -> Vec<MemberId> {
        a.way.look().await.unwrap().members.into_iter().map(|member| member.id).collect()
    };
    let before = runs().await;
    // The other one was a little late before, and comes to itself a little later.
    b.way.cut_off(true);
    passes(2).await;
    stage.clock.jumps(3_600);
    passes(3).await;
    b.way.cut_off(false);
    passes(60).await;
    assert_eq!(runs().await, before);
    assert_eq!(b.shares(), shares(&[("a", 2), ("b", 2)]));
}

/// A machine that starts while the database is away must not leave its targets unwatched.
#[tokio::test(start_paused = true)]
async fn a_server_that_starts_without_the_store_watches_and_tells_and_heals_only_when_it_is_back() {
    let stage = Stage::new(many(2));
    let way = stage.cluster.server();
    way.cut_off(true);
    let a = stage.server_by(way, "a", "a").await;
    passes(30).await;
    assert_eq!(a.tone(&id(0)), Tone::Good);
    let trouble = a.board().own.store_trouble.clone().unwrap();
    assert!(trouble.starts_with("server \"a\": "), "whoever reads it must know who says so: {trouble}");
    stage.loses_link(&id(0));
    passes(120).await;
    assert_eq!(a.tone(&id(0)), Tone::Bad);
    assert!(stage.told("opened t000 by a") >= 1);
    assert!(stage.healed(&id(0)).is_empty());
    let title = a.board().banners.iter().map(|banner| banner.title.clone()).collect::<Vec<_>>().join("; ");
    assert!(title.contains("knows nothing from before it started"), "{title}");
    let paused = a.engine.service.pause(&admin(), None, Duration::from_secs(3_600)).await.unwrap();
    let AskedState::Refused(why) = paused.state else { panic!("it would be forgotten: {paused:?}") };
    assert!(why.contains("would forget it"), "{why}");
    assert!(a.engine.is_running());

    a.way.cut_off(false);
    passes(120).await;
    assert_eq!(stage.healed(&id(0)), ["a"]);
    assert!(a.board().own.store_trouble.is_none());
    assert_eq!(a.tone(&id(0)), Tone::Good);
    let told = ["store_down", "store_back"].map(|what| stage.told(&format!("{what} rebound by a")));
    assert_eq!(told, [1, 1], "whoever heard of it hears of its end");
}

/// Others may watch the same targets all the while, and their numbers stand there already.
#[tokio::test(start_paused = true)]
async fn what_a_server_sees_before_it_takes_part_is_in_no_history() {
    let stage = Stage::new(many(1));
    let _a = stage.server("a").await;
    passes(60).await;
    let way = stage.cluster.server();
    way.cut_off(true);
    let b = stage.server_by(way, "b", "b").await;
    passes(240).await;
    assert_eq!(b.tone(&id(0)), Tone::Good, "it watches all the same");
    b.way.cut_off(false);
    passes(120).await;
    let noon = Timestamp::from_civil(2026, 11, 23, 12, 0);
    let hour = noon.after(Duration::from_secs(3_600));
    let hours = stage.history.hours(&id(0), Series::ResponseTime, noon, hour, Detail::Minutes).await.unwrap();
    let mut looks: BTreeMap<u8, u64> = BTreeMap::new();
    for (minute, part) in hours.iter().flat_map(|hour| &hour.minutes) {
        *looks.entry(*minute).or_default() += part.count;
    }
    assert!(looks.len() >= 5 && looks.values().all(|count| *count <= 6), "one look in 10 s: {looks:?}");
}

/// Its last signs of life came when nobody could look.
#[tokio::test(start_paused = true)]
async fn a_server_that_died_while_the_store_was_away_is_not_known_when_that_is_back() {
    let stage = Stage::new(many(2));
    let (a, b) = (stage.server("a").await, stage.server("b").await);
    passes(60).await;
    let of_b = (0..2).map(id).find(|id| a.watcher(id).as_deref() == Some("b")).unwrap();
    a.way.cut_off(true);
    passes(8).await;
    stage.kill("b", &b);
    a.way.cut_off(false);
    passes(2).await;
    let view = a.board().targets.iter().find(|view| view.id == of_b).cloned().unwrap();
    assert_eq!((view.phase.as_str(), view.tone), ("Not known", Tone::Unknown), "{}", view.sentence);
    assert!(view.heal.forecast.contains("not known here"), "{}", view.heal.forecast);
    assert!(view.explain.iter().all(|told| told.answer.contains("Not known")), "{:?}", view.explain);
    passes(15).await;
    assert_eq!(a.watcher(&of_b).as_deref(), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn what_is_paused_while_the_store_is_away_says_that_others_do_not_know() {
    let stage = Stage::new(many(1));
    let a = stage.server("a").await;
    passes(40).await;
    a.way.cut_off(true);
    passes(15).await;
    let paused = a.engine.service.pause(&admin(), Some("t000"), Duration::from_secs(600)).await.unwrap();
    let AskedState::Done(said) = paused.state else { panic!("{paused:?}") };
    assert!(said.contains("other servers do not know of it"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_gone_is_noticed_by_the_signs_of_life_and_a_short_absence_is_told_to_nobody() {
    let stage = Stage::new(many(1));
    let a = stage.server("a").await;
    passes(40).await;
    a.way.cut_off(true);
    passes(4).await;
    a.way.cut_off(false);
    passes(60).await;
    assert_eq!(stage.told("store_down rebound by a"), 0);
    a.way.cut_off(true);
    passes(12).await;
    assert!(a.board().own.store_trouble.is_some());
    assert_eq!(stage.told("store_down rebound by a"), 1);
    a.way.cut_off(false);
    passes(12).await;
    assert!(a.board().own.store_trouble.is_none());
    assert_eq!(stage.told("store_back rebound by a"), 1);
}
