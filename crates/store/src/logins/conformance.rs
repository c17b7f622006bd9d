//! One story that every keeper of logins passes: what is ended stays ended, of two passwords made up at once one counts, and of
//! two changes of the roster at once one is made.

use std::collections::BTreeMap;

use rebound::time::Timestamp;

use super::{Amendment, Deed, KeptSession, Logins, SessionKey};

/// Tells the whole story to keepers that `open` makes; each must be empty.
///
/// # Panics
/// If one does not do what [`Logins`] promises.
pub async fn story<L: Logins>(open: impl AsyncFn() -> L) {
    a_session_comes_back_as_it_was(&open().await).await;
    a_session_goes_on(&open().await).await;
    a_session_that_is_over_counts_for_nothing(&open().await).await;
    a_session_is_not_begun_twice(&open().await).await;
    what_is_ended_is_not_brought_back(&open().await).await;
    every_session_ends_at_once(&open().await).await;
    what_is_over_goes(&open().await).await;
    the_first_password_counts(&open().await).await;
    a_password_is_replaced(&open().await).await;
    the_newest_roster_counts(&open().await).await;
    of_two_changes_at_once_one_is_made(&open().await).await;
    what_was_changed_is_told_newest_first(&open().await).await;
    the_last_use_of_a_key_is_told(&open().await).await;
}

/// So many minutes into the story.
fn minute(number: i64) -> Timestamp {
    // Far ahead of the machine's clock, which ends sessions in a database by itself.
    Timestamp::from_ms(4_000_000_000_000 + number * 60_000)
}

fn session(name: &str, ends: i64) -> KeptSession {
    let data = format!(r#"{{"name":"{name} \"é\" 接続"}}"#);
    KeptSession { key: SessionKey::new(format!("{name}-hash")), data, ends_at: minute(ends) }
}

async fn a_session_comes_back_as_it_was(logins: &impl Logins) {
    let (one, other) = (session("one", 10), session("other", 10));
    assert_eq!(logins.session(&one.key, minute(0)).await, Ok(None));
    assert_eq!(logins.begin(&one).await, Ok(true));
    assert_eq!(logins.begin(&other).await, Ok(true));
    assert_eq!(logins.session(&one.key, minute(0)).await, Ok(Some(one)));
}

async fn a_session_goes_on(logins: &impl Logins) {
    let begun = session("one", 10);
    let later = KeptSession { data: "{}".to_owned(), ends_at: minute(20), ..begun.clone() };
    logins.begin(&begun).await.expect("it is kept");
    assert_eq!(logins.go_on(&later).await, Ok(true));
    assert_eq!(logins.go_on(&later).await, Ok(true), "the same again is no end");
    assert_eq!(logins.session(&begun.key, minute(15)).await, Ok(Some(later)));
}

async fn a_session_that_is_over_counts_for_nothing(logins: &impl Logins) {
    let one = session("one", 10);
    logins.begin(&one).await.expect("it is kept");
    assert_eq!(logins.session(&one.key, minute(10)).await, Ok(None));
}

async fn a_session_is_not_begun_twice(logins: &impl Logins) {
    let one = session("one", 10);
    logins.begin(&one).await.expect("it is kept");
    let another = KeptSession { data: "{}".to_owned(), ..one.clone() };
    assert_eq!(logins.begin(&another).await, Ok(false));
    assert_eq!(logins.session(&one.key, minute(0)).await, Ok(Some(one)));
}

async fn what_is_ended_is_not_brought_back(logins: &impl Logins) {
    let (one, other) = (session("one", 10), session("other", 10));
    logins.begin(&one).await.expect("it is kept");
    logins.begin(&other).await.expect("it is kept");
    assert_eq!(logins.end(&one.key).await, Ok(()));
    assert_eq!(logins.end(&one.key).await, Ok(()), "again does no harm");
    assert_eq!(logins.go_on(&one).await, Ok(false), "a request was under way");
    assert_eq!(logins.session(&one.key, minute(0)).await, Ok(None));
    assert_eq!(logins.session(&other.key, minute(0)).await, Ok(Some(other)));
}

async fn every_session_ends_at_once(logins: &impl Logins) {
    let (one, other) = (session("one", 10), session("other", 10));
    logins.begin(&one).await.expect("it is kept");
    logins.begin(&other).await.expect("it is kept");
    logins.replace_hash("admin", "hash").await.expect("it is kept");
    assert_eq!(logins.end_all().await, Ok(()));
    assert_eq!(logins.session(&one.key, minute(0)).await, Ok(None));
    assert_eq!(logins.session(&other.key, minute(0)).await, Ok(None));
    assert_eq!(logins.hash_of("admin").await, Ok(Some("hash".to_owned())));
}

async fn what_is_over_goes(logins: &impl Logins) {
    let (old, new) = (session("old", 10), session("new", 20));
    logins.begin(&old).await.expect("it is kept");
    logins.begin(&new).await.expect("it is kept");
    assert_eq!(logins.remove_over(minute(15)).await, Ok(()));
    assert_eq!(logins.session(&old.key, minute(0)).await, Ok(None));
    assert_eq!(logins.session(&new.key, minute(0)).await, Ok(Some(new)));
}

async fn the_first_password_counts(logins: &impl Logins) {
    assert_eq!(logins.hash_of("admin").await, Ok(None));
    assert_eq!(logins.keep_first_hash("admin", "first").await, Ok("first".to_owned()));
    assert_eq!(logins.keep_first_hash("admin", "second").await, Ok("first".to_owned()));
    assert_eq!(logins.keep_first_hash("anna", "hers").await, Ok("hers".to_owned()));
    assert_eq!(logins.hash_of("admin").await, Ok(Some("first".to_owned())));
}

async fn a_password_is_replaced(logins: &impl Logins) {
    logins.replace_hash("admin", "first").await.expect("it is kept");
    logins.replace_hash("admin", "second").await.expect("it is kept");
    assert_eq!(logins.hash_of("admin").await, Ok(Some("second".to_owned())));
    assert_eq!(logins.keep_first_hash("admin", "third").await, Ok("second".to_owned()));
}

fn change(number: u64, by: &str) -> Amendment {
    let at = minute(i64::try_from(number).unwrap_or_default());
    let deed = Deed { number, at, by: by.to_owned(), what: format!("change {number} \"é\"") };
    Amendment { deed, roster: format!(r#"{{"people":["{by} 接続"]}}"#) }
}

async fn the_newest_roster_counts(logins: &impl Logins) {
    assert_eq!(logins.roster().await, Ok(None), "nothing was ever changed");
    for number in 1..=3 {
        let change = change(number, "admin");
        assert_eq!(logins.amend(&change).await, Ok(true));
        assert_eq!(logins.roster().await, Ok(Some((number, change.roster))));
    }
    logins.end_all().await.expect("it works");
    assert!(matches!(logins.roster().await, Ok(Some((3, _)))), "who is logged out is somebody all the same");
}

async fn of_two_changes_at_once_one_is_made(logins: &impl Logins) {
    let (first, second) = (change(1, "anna"), change(1, "ben"));
    assert_eq!(logins.amend(&first).await, Ok(true));
    assert_eq!(logins.amend(&second).await, Ok(false));
    assert_eq!(logins.roster().await, Ok(Some((1, first.roster))));
    assert_eq!(logins.deeds(None, 10).await, Ok(vec![first.deed]));
}

async fn what_was_changed_is_told_newest_first(logins: &impl Logins) {
    let changes = [1, 2, 3].map(|number| change(number, "admin"));
    for change in &changes {
        logins.amend(change).await.expect("it is made");
    }
    let [first, second, third] = changes.map(|change| change.deed);
    assert_eq!(logins.deeds(None, 2).await, Ok(vec![third, second.clone()]));
    assert_eq!(logins.deeds(Some(3), 10).await, Ok(vec![second, first]));
    assert_eq!(logins.deeds(Some(1), 10).await, Ok(Vec::new()));
    assert_eq!(logins.deeds(None, 0).await, Ok(Vec::new()));
}

async fn the_last_use_of_a_key_is_told(logins: &impl Logins) {
    assert_eq!(logins.uses().await, Ok(BTreeMap::new()));
    for (key, at) in [("one", 1), ("other", 2), ("one", 5), ("one", 3)] {
        assert_eq!(logins.note_use(key, minute(at)).await, Ok(()));
    }
    let told = BTreeMap::from([("one".to_owned(), minute(5)), ("other".to_owned(), minute(2))]);
    assert_eq!(logins.uses().await, Ok(told));
}
