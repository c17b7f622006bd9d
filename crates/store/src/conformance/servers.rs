//! What every store that several servers share does, told once.
//!
//! Panics where a store breaks a promise of [`Cluster`].

use std::sync::Arc;

use rebound::ids::TargetId;
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound_engine::cluster::{Cluster, Order, Roster, ServerName};
use rebound_engine::ports::{PAGE_MAX, Store, StoreError};

use super::samples::{at, board, fact_of_incident, incident, phase, record, target};

/// Tells the story to pairs of servers that `open` makes, each pair with an empty store of its own.
///
/// # Panics
/// If a store does not do what [`Cluster`] promises.
pub async fn story<S: Store + Cluster>(open: impl AsyncFn() -> (Arc<S>, Arc<S>)) {
    two_servers_have_different_rows(open().await).await;
    of_two_who_claim_the_same_one_has_it(open().await).await;
    who_was_put_out_can_write_nothing_and_his_targets_are_free(open().await).await;
    what_is_let_go_goes_with_its_state(open().await).await;
    an_instance_that_comes_back_ends_its_earlier_run(open().await).await;
    signs_of_life_are_counted(open().await).await;
    the_highest_numbers_are_heard_of(open().await).await;
    requests_are_carried_out_once_or_taken_back(open().await).await;
    each_sees_what_the_other_shows(open().await).await;
}

fn named(name: &str) -> ServerName {
    ServerName { name: name.to_owned(), instance: format!("instance of {name}") }
}

fn holds(roster: &Roster, name: &str) -> Option<String> {
    let holder = roster.holder(&target(name))?;
    roster.members.iter().find(|one| one.id == *holder).map(|one| one.name.clone())
}

async fn roster(server: &impl Cluster) -> Roster {
    server.renew().await.expect("the roster can be read")
}

async fn two_servers_have_different_rows<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    assert!(matches!(a.renew().await, Err(StoreError::Fenced(_))), "who does not take part gives no sign");
    let first = a.join(&named("a")).await.expect("the first can join");
    let second = b.join(&named("b")).await.expect("the second can join");
    assert_eq!((first.row, second.row), (0, 1));
    let seen = roster(a.as_ref()).await;
    assert!(seen.has(&first.member) && seen.has(&second.member));
    a.leave().await.expect("it can leave");
    assert!(!roster(b.as_ref()).await.has(&first.member));
}

async fn of_two_who_claim_the_same_one_has_it<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    a.join(&named("a")).await.expect("a can join");
    b.join(&named("b")).await.expect("b can join");
    let targets: Vec<TargetId> = (0..20).map(|number| target(&format!("t{number}"))).collect();
    let (one, two) = futures::join!(a.claim(&targets), b.claim(&targets));
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    let (seen_by_a, seen_by_b) = (roster(a.as_ref()).await, roster(b.as_ref()).await);
    assert_eq!(seen_by_a.leases, seen_by_b.leases);
    let holder = holds(&seen_by_a, "t0");
    assert!(holder.is_some());
    assert!(targets.iter().all(|id| holds(&seen_by_a, id.as_str()) == holder), "one claim is one step");
}

async fn who_was_put_out_can_write_nothing_and_his_targets_are_free<S: Store + Cluster>(
    (a, b): (Arc<S>, Arc<S>),
) {
    let first = a.join(&named("a")).await.expect("a can join");
    b.join(&named("b")).await.expect("b can join");
    a.claim(&[target("mt5")]).await.expect("a can claim");
    let opened = fact_of_incident(incident(1, "mt5"));
    assert!(matches!(b.commit(std::slice::from_ref(&opened), &[]).await, Err(StoreError::Fenced(_))));
    assert!(matches!(b.commit(&[], &[record("target/mt5", "{}")]).await, Err(StoreError::Fenced(_))));
    assert_eq!(a.commit(&[opened], &[record("target/mt5", "1")]).await, Ok(()));

    b.put_out(&first.member).await.expect("b can put a out");
    assert!(matches!(a.commit(&[phase(1)], &[]).await, Err(StoreError::Fenced(_))));
    assert!(matches!(a.commit(&[], &[record("shared", "1")]).await, Err(StoreError::Fenced(_))));
    assert!(
        a.claim(&[target("other")]).await.is_err() || holds(&roster(b.as_ref()).await, "other").is_none()
    );
    assert_eq!(holds(&roster(b.as_ref()).await, "mt5"), None);
    b.claim(&[target("mt5")]).await.expect("b can claim");
    assert_eq!(b.commit(&[phase(2)], &[record("target/mt5", "2")]).await, Ok(()));
    assert_eq!(b.journal(0, PAGE_MAX).await.map(|page| page.len()), Ok(2));

    a.join(&named("a")).await.expect("a can join again");
    assert!(matches!(a.commit(&[phase(3)], &[]).await, Err(StoreError::Fenced(_))), "it is b's now");
    assert_eq!(a.commit(&[], &[record("shared", "3")]).await, Ok(()));
}

async fn what_is_let_go_goes_with_its_state<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    a.join(&named("a")).await.expect("a can join");
    let second = b.join(&named("b")).await.expect("b can join");
    b.claim(&[target("mt5")]).await.expect("b can claim");
    let before = roster(a.as_ref()).await;
    let last = record("target/mt5", "last");
    let seq = b.release(&[target("mt5")], std::slice::from_ref(&last)).await.expect("b can let go");
    let after = roster(a.as_ref()).await;
    assert!(after.seq >= seq && seq > before.seq);
    let lease = after.leases.iter().find(|(id, _)| *id == target("mt5")).map(|(_, lease)| lease);
    assert_eq!(lease.map(|lease| (lease.holder.clone(), lease.row)), Some((None, second.row)));
    let keys = ["target/mt5".to_owned(), "target/unheard-of".to_owned()];
    assert_eq!(a.state_of(&keys).await, Ok(vec![last]));
}

async fn an_instance_that_comes_back_ends_its_earlier_run<S: Store + Cluster>((a, again): (Arc<S>, Arc<S>)) {
    let first = a.join(&named("a")).await.expect("a can join");
    a.claim(&[target("mt5")]).await.expect("a can claim");
    let second = again.join(&named("a")).await.expect("the same instance can join");
    assert_eq!(second.row, first.row);
    assert_ne!(second.member, first.member);
    assert!(matches!(a.commit(&[phase(1)], &[]).await, Err(StoreError::Fenced(_))));
    assert_eq!(holds(&roster(again.as_ref()).await, "mt5"), None);
    let other = ServerName { instance: "another machine".to_owned(), ..named("a") };
    assert!(a.join(&other).await.is_err(), "two of one name");
}

async fn signs_of_life_are_counted<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    let first = a.join(&named("a")).await.expect("a can join");
    b.join(&named("b")).await.expect("b can join");
    let beats = async || {
        let seen = roster(b.as_ref()).await;
        seen.members.iter().find(|one| one.id == first.member).map(|one| one.beats)
    };
    let before = beats().await;
    assert_eq!(beats().await, before, "looking is no sign of life of others");
    roster(a.as_ref()).await;
    assert!(beats().await > before);
}

async fn the_highest_numbers_are_heard_of<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    a.join(&named("a")).await.expect("a can join");
    b.join(&named("b")).await.expect("b can join");
    a.claim(&[target("mt5")]).await.expect("a can claim");
    assert_eq!(a.commit(&[fact_of_incident(incident(41, "mt5"))], &[]).await, Ok(()));
    assert_eq!(roster(b.as_ref()).await.incident, 41);
}

async fn requests_are_carried_out_once_or_taken_back<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    a.join(&named("a")).await.expect("a can join");
    let second = b.join(&named("b")).await.expect("b can join");
    let order = |id: &str| Order {
        id: id.to_owned(),
        by: "anna".to_owned(),
        what: RequestKind::ForceSync(target("mt5")),
    };
    for id in ["one", "two"] {
        assert_eq!(a.hand_over(&second.member, &order(id)).await, Ok(()));
    }
    assert_eq!(a.take_back("two").await, Ok(true));
    assert_eq!(a.orders().await, Ok(vec![]), "it is not for the one who asked");
    assert_eq!(b.orders().await, Ok(vec![order("one")]));
    assert_eq!(b.orders().await, Ok(vec![]), "each is given once");
    assert_eq!(a.take_back("one").await, Ok(false), "it has begun");
    assert_eq!(a.answer_to("one").await, Ok(None));
    let asked = Asked {
        id: 7,
        by: "anna".to_owned(),
        what: RequestKind::ForceSync(target("mt5")),
        at: at(7),
        state: AskedState::Done("read".to_owned()),
    };
    assert_eq!(b.answer("one", &asked).await, Ok(()));
    assert_eq!(a.answer_to("one").await, Ok(Some(asked)));
}

async fn each_sees_what_the_other_shows<S: Store + Cluster>((a, b): (Arc<S>, Arc<S>)) {
    let first = a.join(&named("a")).await.expect("a can join");
    b.join(&named("b")).await.expect("b can join");
    assert_eq!(b.boards(&[]).await, Ok(vec![]), "nobody has shown anything");
    let board = |seq| board(seq, 300);
    assert_eq!(a.show(&board(1)).await, Ok(()));
    assert_eq!(a.boards(&[]).await, Ok(vec![]), "its own is not for itself");
    assert_eq!(b.boards(&[]).await, Ok(vec![(first.member.clone(), board(1))]));
    assert_eq!(b.boards(&[(first.member.clone(), 1)]).await, Ok(vec![]), "what is known is not told again");
    assert_eq!(a.show(&board(2)).await, Ok(()));
    assert_eq!(b.boards(&[(first.member.clone(), 1)]).await, Ok(vec![(first.member, board(2))]));
}
