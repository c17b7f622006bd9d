//! Facts about sessions that several servers share, in virtual time.

use std::sync::atomic::{AtomicI64, Ordering};

use rebound_store::MemoryLogins;

use super::*;

const HOUR: i64 = 3_600_000;

/// A clock that is set by hand. The tower's own is the machine's, so it begins near that.
#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
}

/// Two servers on one store.
struct Stage {
    logins: Arc<MemoryLogins>,
    clock: Arc<Hands>,
    one: Sessions,
    other: Sessions,
}

impl Stage {
    fn new() -> Self {
        let logins = Arc::new(MemoryLogins::new());
        let clock = Arc::new(Hands(AtomicI64::new(1_795_392_000_000)));
        let server =
            || Sessions::new(Arc::clone(&logins) as Arc<dyn Logins>, Arc::clone(&clock) as Arc<dyn Clock>);
        let (one, other) = (server(), server());
        Self { logins, clock, one, other }
    }

    fn store_is_away(&self, away: Away) {
        let failure = StoreError::Unavailable("frozen".to_owned());
        self.logins.fail_with(matches!(away, Away::Yes).then_some(failure));
    }

    fn passes(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A session of twelve hours.
    fn record(&self) -> Record {
        let ends_at = i128::from(self.clock.now().as_ms() + 12 * HOUR) * 1_000_000;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(ends_at).unwrap();
        let data = [("name".to_owned(), serde_json::json!("admin"))].into_iter().collect();
        Record { id: Id::default(), data, expiry_date }
    }

    async fn logged_in(&self) -> Record {
        let mut record = self.record();
        self.one.create(&mut record).await.unwrap();
        record
    }
}

enum Away {
    Yes,
    No,
}

async fn knows(server: &Sessions, record: &Record) -> bool {
    match server.load(&record.id).await {
        Ok(found) => {
            assert!(found.as_ref().is_none_or(|found| found.data == record.data));
            found.is_some()
        }
        Err(_) => false,
    }
}

#[tokio::test]
async fn a_session_of_one_server_is_good_on_every_other() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    assert!(knows(&stage.one, &session).await);
    assert!(knows(&stage.other, &session).await);
}

#[tokio::test]
async fn a_logout_on_one_server_ends_it_on_all_at_once() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    assert!(knows(&stage.other, &session).await);
    stage.other.delete(&session.id).await.unwrap();
    assert!(!knows(&stage.one, &session).await);
    // A request that began before the logout ends after it.
    stage.one.save(&session).await.unwrap();
    assert!(!knows(&stage.one, &session).await);
    assert!(!knows(&stage.other, &session).await);
}

#[tokio::test]
async fn what_was_checked_lately_counts_while_the_store_is_away() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    stage.passes(12 * HOUR - 2 * HOUR);
    assert!(knows(&stage.one, &session).await);
    stage.store_is_away(Away::Yes);
    stage.passes(HOUR - 1);
    assert!(knows(&stage.one, &session).await);
    stage.one.save(&session).await.unwrap();
    stage.passes(1);
    assert!(!knows(&stage.one, &session).await, "an hour is over");
    stage.store_is_away(Away::No);
    stage.passes(10_000);
    assert!(knows(&stage.one, &session).await, "it is good again with the store");
}

#[tokio::test]
async fn what_was_never_checked_here_is_not_called_ended() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    stage.store_is_away(Away::Yes);
    assert!(stage.other.load(&session.id).await.is_err(), "it cannot be told");
    stage.store_is_away(Away::No);
    assert!(stage.other.load(&session.id).await.is_err(), "a store that was away is left alone for a moment");
    stage.passes(5_000);
    assert!(knows(&stage.other, &session).await);
}

#[tokio::test]
async fn a_login_while_the_store_is_away_is_good_here_and_everywhere_once_it_is_back() {
    let stage = Stage::new();
    stage.store_is_away(Away::Yes);
    let session = stage.logged_in().await;
    assert!(knows(&stage.one, &session).await);
    stage.one.save(&session).await.unwrap();
    stage.store_is_away(Away::No);
    stage.one.catch_up().await;
    assert!(knows(&stage.other, &session).await);
    stage.other.delete(&session.id).await.unwrap();
    stage.passes(5_000);
    assert!(!knows(&stage.one, &session).await, "it is written once, and not brought back");
}

#[tokio::test]
async fn a_logout_while_the_store_is_away_counts_here_at_once_and_everywhere_once_it_is_back() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    stage.store_is_away(Away::Yes);
    stage.one.delete(&session.id).await.unwrap();
    assert!(!knows(&stage.one, &session).await);
    stage.store_is_away(Away::No);
    assert!(!knows(&stage.one, &session).await);
    stage.one.catch_up().await;
    assert!(!knows(&stage.other, &session).await);
}

#[tokio::test]
async fn a_session_ended_before_it_was_written_is_never_written() {
    let stage = Stage::new();
    stage.store_is_away(Away::Yes);
    let session = stage.logged_in().await;
    stage.one.delete(&session.id).await.unwrap();
    stage.store_is_away(Away::No);
    stage.one.catch_up().await;
    stage.passes(5_000);
    assert!(!knows(&stage.one, &session).await);
    assert!(!knows(&stage.other, &session).await);
}

#[tokio::test]
async fn use_moves_the_end_and_not_every_use_is_written() {
    let stage = Stage::new();
    let mut session = stage.logged_in().await;
    let end = async || stage.other.ends_at(&session.id).await.unwrap().unwrap();
    let before = end().await;
    session.expiry_date += Duration::from_secs(59);
    stage.one.save(&session).await.unwrap();
    assert_eq!(end().await, before);
    session.expiry_date += Duration::from_secs(1);
    stage.one.save(&session).await.unwrap();
    let end = stage.other.ends_at(&session.id).await.unwrap().unwrap();
    assert_eq!(end, before.after(Duration::from_secs(60)));
}

#[tokio::test]
async fn nothing_is_kept_of_strangers_and_nothing_is_replaced_by_nothing() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    let empty = Record { data: Default::default(), ..session.clone() };
    stage.one.save(&empty).await.unwrap();
    assert!(knows(&stage.other, &session).await);
    let mut stranger = Record { id: Id::default(), ..empty };
    stage.one.create(&mut stranger).await.unwrap();
    assert_eq!(stage.other.load(&stranger.id).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_kept_does_not_hold_the_id() {
    let stage = Stage::new();
    let session = stage.logged_in().await;
    let kept = kept(&session).unwrap();
    assert!(!format!("{kept:?}").contains(&session.id.to_string()));
    assert_eq!(kept.key.as_str().len(), 64);
    assert!(!kept.key.as_str().contains(&format!("{:x}", session.id.0)));
}
