//! How every store takes over what another one held, told once.
//!
//! Panics where a store breaks a promise of [`Recipient`].

use rebound::ids::IncidentId;
use rebound_engine::ports::{AlertFilter, PAGE_MAX};

use super::samples::{
    acknowledged, alert, closed, every_fact, fact_of_alert, fact_of_incident, incident, numbers, phase,
    record,
};
use crate::transfer::{Begun, Recipient};

/// Tells the story to stores that `open` makes; each must be empty.
///
/// # Panics
/// If a store does not do what [`Recipient`] promises.
pub async fn transfer_story<S: Recipient>(open: impl AsyncFn() -> S) {
    a_mark_says_what_was_begun_and_how_far_it_came(&open().await).await;
    what_is_not_empty_is_not_begun(&open().await).await;
    the_journal_is_taken_over_as_it_was(&open().await).await;
    what_is_put_counts_and_not_what_the_journal_says(&open().await).await;
    a_store_goes_on_after_a_transfer(&open().await).await;
}

async fn a_mark_says_what_was_begun_and_how_far_it_came(store: &impl Recipient) {
    let begun = |journal| Ok(Some(Begun { whole: "a hash".to_owned(), journal }));
    assert_eq!(store.begun().await, Ok(None));
    assert_eq!(store.begin("a hash").await, Ok(()));
    assert_eq!(store.begun().await, begun(0));
    assert_eq!(store.append(&[phase(1), phase(2), phase(3)]).await, Ok(()));
    assert_eq!(store.append(&[phase(4)]).await, Ok(()));
    assert_eq!(store.begun().await, begun(4));
    assert_eq!(store.commit(&[], &[record("alive", "1")]).await, Ok(()));
    assert_eq!(store.begun().await, begun(4), "the state is no journal entry");
    assert_eq!(store.finish().await, Ok(()));
    assert_eq!(store.begun().await, Ok(None));
}

async fn what_is_not_empty_is_not_begun(store: &impl Recipient) {
    assert_eq!(store.begin("a hash").await, Ok(()));
    assert!(store.begin("another").await.is_err(), "it was begun already");
    assert_eq!(store.append(&[phase(1)]).await, Ok(()));
    assert_eq!(store.finish().await, Ok(()));
    assert!(store.begin("another").await.is_err(), "it has a journal");
}

async fn the_journal_is_taken_over_as_it_was(store: &impl Recipient) {
    let many: Vec<_> = (0..i64::from(PAGE_MAX)).map(phase).collect();
    assert_eq!(store.begin("a hash").await, Ok(()));
    assert_eq!(store.append(&many).await, Ok(()));
    assert_eq!(store.append(&every_fact()).await, Ok(()));
    let first = store.journal(0, PAGE_MAX).await.expect("the journal can be read");
    let last = first.last().map(|(last, _)| *last).expect("it has entries");
    let rest = store.journal(last, PAGE_MAX).await.expect("the journal can be read");
    let read: Vec<_> = first.into_iter().chain(rest).map(|(_, entry)| entry).collect();
    assert_eq!(read, [many, every_fact()].concat());
}

/// The journal has forgotten incident 1, and how incident 2 ended; incident 3 came after that.
async fn what_is_put_counts_and_not_what_the_journal_says(store: &impl Recipient) {
    let old = closed(incident(1, "mt5"));
    let (second, third) = (incident(2, "mt5"), incident(3, "mt5"));
    let journal =
        [fact_of_incident(second.clone()), fact_of_incident(third.clone()), fact_of_alert(alert(2))];
    let incidents = [third, closed(second), old];
    let alerts = [acknowledged(alert(2)), alert(1)];
    assert_eq!(store.begin("a hash").await, Ok(()));
    assert_eq!(store.append(&journal).await, Ok(()), "two open ones of a target, as it happened elsewhere");
    for _ in 0..2 {
        assert_eq!(store.put(&incidents, &alerts).await, Ok(()));
    }
    assert_eq!(store.incidents(None, PAGE_MAX).await, Ok(incidents.to_vec()));
    let all = AlertFilter { limit: PAGE_MAX, ..AlertFilter::default() };
    assert_eq!(store.alerts(&all).await, Ok(alerts.to_vec()));
    assert_eq!(
        store.journal(0, PAGE_MAX).await.map(|page| page.len()),
        Ok(3),
        "nothing was put into the journal"
    );
}

async fn a_store_goes_on_after_a_transfer(store: &impl Recipient) {
    assert_eq!(store.begin("a hash").await, Ok(()));
    assert_eq!(store.append(&[phase(1), phase(2)]).await, Ok(()));
    assert_eq!(store.put(&[incident(1, "mt5")], &[alert(1)]).await, Ok(()));
    assert_eq!(store.commit(&[], &[record("shared", "old")]).await, Ok(()));
    assert_eq!(store.finish().await, Ok(()));

    let second = fact_of_incident(incident(2, "mt5"));
    assert!(store.commit(&[second], &[]).await.is_err(), "incident 1 is open still");
    let ended = [fact_of_incident(closed(incident(1, "mt5"))), fact_of_alert(acknowledged(alert(1)))];
    assert_eq!(store.commit(&ended, &[record("shared", "new")]).await, Ok(()));

    assert_eq!(store.incident(IncidentId::new(1)).await, Ok(Some(closed(incident(1, "mt5")))));
    let all = AlertFilter { limit: PAGE_MAX, ..AlertFilter::default() };
    assert_eq!(store.alerts(&all).await, Ok(vec![acknowledged(alert(1))]));
    assert_eq!(store.load_state().await, Ok(vec![record("shared", "new")]));
    let journal = store.journal(0, PAGE_MAX).await.expect("the journal can be read");
    assert_eq!(journal.len(), 4);
    let seqs = numbers(&journal, |(seq, _)| *seq);
    assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
}
