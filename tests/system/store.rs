//! What happens while the store does not accept writes, and when it cannot be opened at all.

use std::path::Path;

use rebound::alert::AlertReason;
use rusqlite::Connection;

use crate::browser::Browser;
use crate::configuration::Plan;
use crate::interrupted::{is_remembered_once, killed_in_trouble};
use crate::process::Place;
use crate::site::{Spoken, a_host, site};

/// Another program that holds the file; lets go when it is dropped.
struct Holder {
    _held: Connection,
}

impl Holder {
    fn of(path: &Path) -> Self {
        let held = Connection::open(path).unwrap();
        held.busy_timeout(5.s()).unwrap();
        held.execute_batch("begin immediate").unwrap();
        Self { _held: held }
    }
}

#[tokio::test]
async fn while_the_store_is_held_alerts_go_out_and_heals_wait_and_then_all_goes_on() {
    let site = site().await;
    let holder = Holder::of(&site.store());

    site.host.break_link().await;
    let opened = site.mail_within("has lost its connection", 60.s()).await;
    let told = site.mail_within("the store does not accept writes", 60.s()).await;
    let board =
        site.until("the store's trouble", |board| board.own.store_trouble.is_some()).within(60.s()).await;

    assert!(opened.text.contains("lost its connection to the broker"), "{}", opened.text);
    assert!(told.text.contains("no heal starts that cannot be written down first"), "{}", told.text);
    assert!(board.banners.iter().any(|banner| banner.title.contains("the store does not accept writes")));
    assert!(Browser::logged_in(&site).await.page("/").await.contains("the store does not accept writes"));
    let status: serde_json::Value = site.get("/api/system/mt5-watchdog/status").await;
    assert_eq!(status["store_works"], false);
    assert_eq!(site.host.restarts().await, 0, "a heal was started that is written nowhere");

    drop(holder);
    site.until("the store's return", |board| board.own.store_trouble.is_none()).within(60.s()).await;
    site.until("the heal", |board| board.targets[0].recent.len() == 1).within(90.s()).await;
    let incident = site.recovers().await;
    assert_eq!(incident.attempts(), 1);
    assert_eq!(site.host.restarts().await, 1);
    let reasons: Vec<AlertReason> = site.alerts().await.iter().map(|alert| alert.reason).collect();
    for reason in
        [AlertReason::Opened, AlertReason::StoreDown, AlertReason::StoreBack, AlertReason::Recovered]
    {
        assert_eq!(reasons.iter().filter(|told| **told == reason).count(), 1, "{reason:?} in {reasons:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_that_is_moved_away_holds_heals_and_is_told_and_goes_on_when_it_is_back() {
    let site = site().await;
    let away = site.store().with_extension("away");
    std::fs::rename(site.store(), &away).unwrap();

    site.host.break_link().await;
    let told = site.mail_within("the store does not accept writes", 60.s()).await;
    let opened = site.mail_within("has lost its connection", 60.s()).await;
    site.until("the store's trouble", |board| board.own.store_trouble.is_some()).within(60.s()).await;

    assert!(told.text.contains("it was removed, moved or replaced"), "{}", told.text);
    assert!(told.text.contains("Move the file back to its place"), "{}", told.text);
    assert!(opened.text.contains("lost its connection to the broker"), "{}", opened.text);
    assert!(Browser::logged_in(&site).await.page("/").await.contains("the store does not accept writes"));
    assert_eq!(site.host.restarts().await, 0, "a heal was started that is written nowhere");

    std::fs::rename(&away, site.store()).unwrap();
    site.until("the store's return", |board| board.own.store_trouble.is_none()).within(60.s()).await;
    let incident = site.recovers().await;
    assert_eq!((incident.attempts(), site.host.restarts().await), (1, 1));
}

#[tokio::test]
async fn what_happened_while_the_store_was_held_is_in_the_history_once_though_the_program_was_killed() {
    let host = a_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    program.api.is_well().await;
    let holder = Holder::of(&place.path("rebound.db"));
    let seen = killed_in_trouble(program, &place, &host).await;
    drop(holder);

    is_remembered_once(&seen, &place, &host).await;
}

#[tokio::test]
async fn what_was_known_is_known_again_after_a_restart() {
    let mut site = site().await;
    site.host.break_link().await;
    let incident = site.recovers().await;
    site.until("the mails' end", |board| {
        board.alerts.iter().all(|alert| !format!("{:?}", alert.deliveries).contains("Pending"))
    })
    .await;

    site.restart().await;

    site.is_well().await;
    let view = site.target().await;
    assert_eq!(view.recent, [incident]);
    assert!(view.heal.last.is_some());
    assert_eq!(site.alerts().await.len(), 2);
    assert_eq!(site.host.mails().await.len(), 2, "nothing is told again");
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_in_words_and_left_as_it_was() {
    let host = a_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    std::fs::write(place.path("rebound.db"), "these are my notes, not a store".repeat(50)).unwrap();

    let (code, _, complaint) = place.run(&["serve"]).await;

    assert_eq!(code, Some(1));
    assert!(complaint.contains("cannot open the store") && complaint.contains("rebound.db"), "{complaint}");
    assert!(complaint.contains("the store is damaged"), "{complaint}");
    assert!(!complaint.contains("panicked"), "{complaint}");
    assert!(std::fs::read_to_string(place.path("rebound.db")).unwrap().starts_with("these are my notes"));
}

#[tokio::test]
async fn a_store_that_another_rebound_uses_is_refused_in_words() {
    let host = a_host().await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let _first = place.serve().await;

    let (code, _, complaint) = place.run(&["serve"]).await;

    assert_eq!(code, Some(1));
    assert!(complaint.contains("another Rebound uses"), "{complaint}");
}
