//! What every store does, told once: each store's tests run [`story`] against it.
//!
//! Says nothing of files, crashes and limits of one kind of store; those tests live with the store. Panics where a store
//! breaks a promise of [`Store`].

pub mod servers;

pub(crate) mod samples;

mod transfer;

use rebound::ids::{AlertId, IncidentId};
use rebound::incident::Severity;
use rebound_engine::ports::{AlertFilter, PAGE_MAX, Store};

pub use transfer::transfer_story;

use samples::{
    alert, alert_of, at, closed, every_fact, fact_of_alert, fact_of_incident, incident, numbers, phase,
    record, revision, target,
};

/// Tells the whole story to stores that `open` makes; each must be empty.
///
/// # Panics
/// If a store does not do what [`Store`] promises.
pub async fn story<S: Store>(open: impl AsyncFn() -> S) {
    an_empty_store_holds_nothing(&open().await).await;
    every_fact_comes_back_as_written(&open().await).await;
    the_journal_is_read_in_order_page_by_page(&open().await).await;
    a_page_is_never_longer_than_its_maximum(&open().await).await;
    documents_replace_their_former_version(&open().await).await;
    incidents_are_listed_newest_first(&open().await).await;
    alerts_are_filtered(&open().await).await;
    state_is_replaced_by_key(&open().await).await;
    a_target_has_one_open_incident_at_most(&open().await).await;
    a_commit_that_fails_in_the_middle_keeps_nothing(&open().await).await;
    a_change_of_the_settings_has_a_number_of_its_own(&open().await).await;
}

async fn a_change_of_the_settings_has_a_number_of_its_own(store: &impl Store) {
    assert_eq!(store.revisions(None, PAGE_MAX).await, Ok(vec![]));
    for number in 1..=3 {
        assert_eq!(store.revise(&revision(number, "anna")).await, Ok(true));
    }
    assert_eq!(store.revise(&revision(3, "anna")).await, Ok(true), "it is kept already");
    assert_eq!(store.revise(&revision(3, "ben")).await, Ok(false), "somebody else was first");
    let all = [revision(3, "anna"), revision(2, "anna"), revision(1, "anna")];
    assert_eq!(store.revisions(None, PAGE_MAX).await, Ok(all.to_vec()));
    assert_eq!(store.revisions(None, 1).await, Ok(vec![revision(3, "anna")]));
    assert_eq!(store.revisions(Some(3), 1).await, Ok(vec![revision(2, "anna")]));
    assert_eq!(store.revisions(Some(1), PAGE_MAX).await, Ok(vec![]));
}

async fn an_empty_store_holds_nothing(store: &impl Store) {
    assert_eq!(store.load_state().await, Ok(vec![]));
    assert_eq!(store.journal(0, PAGE_MAX).await, Ok(vec![]));
    assert_eq!(store.incidents(None, PAGE_MAX).await, Ok(vec![]));
    assert_eq!(store.incident(IncidentId::new(1)).await, Ok(None));
    assert_eq!(store.alerts(&all_alerts()).await, Ok(vec![]));
    assert_eq!(store.commit(&[], &[]).await, Ok(()));
    assert_eq!(store.journal(0, PAGE_MAX).await, Ok(vec![]));
}

async fn every_fact_comes_back_as_written(store: &impl Store) {
    let written = every_fact();
    assert_eq!(store.commit(&written, &[]).await, Ok(()));
    let read =
        store.journal(0, PAGE_MAX).await.map(|page| page.into_iter().map(|(_, entry)| entry).collect());
    assert_eq!(read, Ok(written));
}

async fn the_journal_is_read_in_order_page_by_page(store: &impl Store) {
    for number in 0..7 {
        assert_eq!(store.commit(&[phase(number), phase(number + 100)], &[]).await, Ok(()));
    }
    let mut times = Vec::new();
    let mut after = 0;
    loop {
        let page = store.journal(after, 3).await.expect("the journal can be read");
        assert!(page.len() <= 3, "a page of 3 has {} entries", page.len());
        let Some((last, _)) = page.last() else { break };
        assert!(
            page.iter().all(|(number, _)| *number > after),
            "an entry at or below {after} was read again"
        );
        assert!(page.is_sorted_by(|(a, _), (b, _)| a < b), "numbers do not grow within a page");
        after = *last;
        times.extend(page.iter().map(|(_, entry)| entry.at));
    }
    let expected: Vec<_> = (0..7).flat_map(|number| [at(number), at(number + 100)]).collect();
    assert_eq!(times, expected, "entries come in the order written, not in the order of their times");
    assert_eq!(store.journal(u64::MAX, 3).await, Ok(vec![]));
}

async fn a_page_is_never_longer_than_its_maximum(store: &impl Store) {
    let many = PAGE_MAX + 1;
    let mut entries = Vec::new();
    for number in 1..=u64::from(many) {
        entries.push(fact_of_incident(closed(incident(number, "mt5"))));
        entries.push(fact_of_alert(alert(number)));
    }
    // In parts, as the engine does.
    for part in entries.chunks(200) {
        assert_eq!(store.commit(part, &[]).await, Ok(()));
    }
    let page_max = PAGE_MAX as usize;
    assert_eq!(store.journal(0, u32::MAX).await.map(|page| page.len()), Ok(page_max));
    assert_eq!(store.incidents(None, u32::MAX).await.map(|page| page.len()), Ok(page_max));
    let filter = AlertFilter { limit: u32::MAX, ..AlertFilter::default() };
    assert_eq!(store.alerts(&filter).await.map(|page| page.len()), Ok(page_max));

    assert_eq!(store.journal(0, 0).await, Ok(vec![]), "a limit of 0 returns nothing");
    assert_eq!(store.incidents(None, 0).await, Ok(vec![]));
    assert_eq!(store.alerts(&AlertFilter::default()).await, Ok(vec![]));
}

async fn documents_replace_their_former_version(store: &impl Store) {
    let opened = incident(1, "mt5");
    let ended = closed(opened.clone());
    let raised = alert(1);
    let seen = samples::acknowledged(raised.clone());
    let first = [fact_of_incident(opened.clone()), fact_of_alert(raised.clone())];
    assert_eq!(store.commit(&first, &[]).await, Ok(()));
    assert_eq!(store.incident(opened.id).await, Ok(Some(opened)));
    assert_eq!(store.alerts(&all_alerts()).await, Ok(vec![raised]));

    let second = [fact_of_incident(ended.clone()), fact_of_alert(seen.clone())];
    assert_eq!(store.commit(&second, &[]).await, Ok(()));
    assert_eq!(store.incident(ended.id).await, Ok(Some(ended.clone())));
    assert_eq!(store.incidents(None, PAGE_MAX).await, Ok(vec![ended]));
    assert_eq!(store.alerts(&all_alerts()).await, Ok(vec![seen]));
    let history =
        store.journal(0, PAGE_MAX).await.map(|page| page.into_iter().map(|(_, entry)| entry).collect());
    assert_eq!(history, Ok([first, second].concat()), "the journal keeps every version");
}

async fn incidents_are_listed_newest_first(store: &impl Store) {
    let ended: Vec<_> = [3, 1, 4, 2].map(|number| fact_of_incident(closed(incident(number, "mt5")))).into();
    assert_eq!(store.commit(&ended, &[]).await, Ok(()));
    let listed = async |before: Option<u64>, limit| {
        store
            .incidents(before.map(IncidentId::new), limit)
            .await
            .map(|page| numbers(&page, |one| one.id.number()))
    };
    assert_eq!(listed(None, PAGE_MAX).await, Ok(vec![4, 3, 2, 1]));
    assert_eq!(listed(None, 2).await, Ok(vec![4, 3]));
    assert_eq!(listed(Some(3), 2).await, Ok(vec![2, 1]));
    assert_eq!(listed(Some(1), 2).await, Ok(vec![]));
}

async fn alerts_are_filtered(store: &impl Store) {
    let alerts = [
        alert_of(1, Some("mt5"), Severity::Warning),
        samples::acknowledged(alert_of(2, Some("mt5"), Severity::Critical)),
        alert_of(3, Some("other"), Severity::Critical),
        samples::acknowledged(alert_of(4, None, Severity::Info)),
        alert_of(5, Some("mt5"), Severity::Critical),
    ];
    assert_eq!(store.commit(&alerts.map(fact_of_alert), &[]).await, Ok(()));
    let listed = async |filter: AlertFilter| {
        store.alerts(&filter).await.map(|page| numbers(&page, |one| one.id.number()))
    };
    let all = all_alerts();
    assert_eq!(listed(all.clone()).await, Ok(vec![5, 4, 3, 2, 1]), "newest first");
    let critical = AlertFilter { severity: Some(Severity::Critical), ..all.clone() };
    assert_eq!(listed(critical.clone()).await, Ok(vec![5, 3, 2]));
    let of_mt5 = AlertFilter { target: Some(target("mt5")), ..all.clone() };
    assert_eq!(listed(of_mt5.clone()).await, Ok(vec![5, 2, 1]));
    let unknown = AlertFilter { target: Some(target("nobody")), ..all.clone() };
    assert_eq!(listed(unknown).await, Ok(vec![]));
    let seen = AlertFilter { acknowledged: Some(true), ..all.clone() };
    assert_eq!(listed(seen).await, Ok(vec![4, 2]));
    let not_seen = AlertFilter { acknowledged: Some(false), ..all.clone() };
    assert_eq!(listed(not_seen).await, Ok(vec![5, 3, 1]));
    let older = AlertFilter { before: Some(AlertId::new(4)), limit: 2, ..all.clone() };
    assert_eq!(listed(older).await, Ok(vec![3, 2]));
    let everything = AlertFilter {
        severity: Some(Severity::Critical),
        acknowledged: Some(false),
        before: Some(AlertId::new(u64::MAX)),
        limit: 1,
        ..of_mt5
    };
    assert_eq!(listed(everything).await, Ok(vec![5]), "all conditions hold together");
}

async fn state_is_replaced_by_key(store: &impl Store) {
    assert_eq!(store.commit(&[], &[record("target/b", "1"), record("shared", "1")]).await, Ok(()));
    assert_eq!(store.commit(&[], &[record("target/a", "2"), record("shared", "2")]).await, Ok(()));
    let expected = vec![record("shared", "2"), record("target/a", "2"), record("target/b", "1")];
    assert_eq!(store.load_state().await, Ok(expected), "in the order of keys");
}

async fn a_target_has_one_open_incident_at_most(store: &impl Store) {
    let first = incident(1, "mt5");
    assert_eq!(store.commit(&[fact_of_incident(first.clone())], &[]).await, Ok(()));
    assert!(store.commit(&[fact_of_incident(incident(2, "mt5"))], &[]).await.is_err());
    assert_eq!(store.incident(IncidentId::new(2)).await, Ok(None));

    let elsewhere = fact_of_incident(incident(3, "other"));
    assert_eq!(store.commit(&[elsewhere], &[]).await, Ok(()), "another target may have its own");
    let handover = [fact_of_incident(closed(first)), fact_of_incident(incident(4, "mt5"))];
    assert_eq!(store.commit(&handover, &[]).await, Ok(()), "one ends, the next begins, in one commit");
}

async fn a_commit_that_fails_in_the_middle_keeps_nothing(store: &impl Store) {
    let before = [phase(1), fact_of_incident(incident(1, "mt5"))];
    assert_eq!(store.commit(&before, &[record("shared", "old")]).await, Ok(()));

    let doomed = [
        phase(2),
        fact_of_incident(incident(2, "other")),
        fact_of_alert(alert(1)),
        fact_of_incident(incident(3, "mt5")),
        phase(3),
    ];
    assert!(store.commit(&doomed, &[record("shared", "new"), record("more", "new")]).await.is_err());

    let journal =
        store.journal(0, PAGE_MAX).await.map(|page| page.into_iter().map(|(_, entry)| entry).collect());
    assert_eq!(journal, Ok(before.to_vec()));
    assert_eq!(store.load_state().await, Ok(vec![record("shared", "old")]));
    assert_eq!(store.incident(IncidentId::new(2)).await, Ok(None));
    assert_eq!(store.alerts(&all_alerts()).await, Ok(vec![]));
    assert_eq!(store.commit(&[phase(4)], &[]).await, Ok(()), "the next commit works");
    assert_eq!(store.journal(0, PAGE_MAX).await.map(|page| page.len()), Ok(3));
}

fn all_alerts() -> AlertFilter {
    AlertFilter { limit: PAGE_MAX, ..AlertFilter::default() }
}
