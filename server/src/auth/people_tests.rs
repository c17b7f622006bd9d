//! Facts about people and keys, on two servers that share a store.

use std::sync::atomic::{AtomicI64, Ordering};

use rebound_store::MemoryLogins;
use rebound_store::logins::Logins;

use super::*;

const START: Timestamp = Timestamp::from_ms(1_795_000_000_000);

/// A clock that is set by hand.
#[derive(Debug)]
struct Hands(AtomicI64);

impl Hands {
    fn passes(&self, span: Duration) {
        self.0.store(self.now().after(span).as_ms(), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
}

fn clock() -> Arc<Hands> {
    Arc::new(Hands(AtomicI64::new(START.as_ms())))
}

/// Two servers on one store, and their clock.
struct Two {
    store: Arc<MemoryLogins>,
    clock: Arc<Hands>,
    one: People,
    other: People,
}

fn two() -> Two {
    let (store, clock) = (Arc::new(MemoryLogins::new()), clock());
    let server = || {
        let logins = Arc::clone(&store) as Arc<dyn Logins>;
        People::of(Hashes { logins, copy: None }, "admin", Arc::clone(&clock) as Arc<dyn Clock>)
    };
    let (one, other) = (server(), server());
    Two { store, clock, one, other }
}

impl Two {
    /// Somebody who logged in just now.
    async fn with(&self, name: &str, role: Role) -> Credential {
        self.one.add("admin", name, role).await.unwrap();
        let (_, claim) = self.one.may_enter(name).await.unwrap();
        Credential::Person(claim)
    }

    fn store_is_away(&self) {
        self.store.fail_with(Some(StoreError::Unavailable("frozen".to_owned())));
    }
}

fn known(name: &str, role: Role) -> Standing {
    Standing::Known(Principal::with(name, role))
}

#[tokio::test]
async fn whoever_is_disabled_is_nobody_on_every_server_with_the_next_request() {
    let two = two();
    let anna = two.with("anna", Role::Operator).await;
    assert_eq!(two.other.standing(&anna).await, known("anna", Role::Operator));
    two.one.disable("admin", "anna").await.unwrap();
    assert_eq!(two.other.standing(&anna).await, Standing::Nobody);
    assert!(two.other.may_enter("anna").await.is_none());
    two.one.enable("admin", "anna").await.unwrap();
    assert_eq!(two.other.standing(&anna).await, Standing::Nobody, "the session of before stays over");
    assert!(two.other.may_enter("anna").await.is_some());
}

#[tokio::test]
async fn another_role_holds_with_the_next_request_and_ends_no_session() {
    let two = two();
    let anna = two.with("anna", Role::Admin).await;
    two.other.set_role("admin", "anna", Role::Viewer).await.unwrap();
    assert_eq!(two.one.standing(&anna).await, known("anna", Role::Viewer));
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_the_one_that_took_it() {
    let two = two();
    let other_session = two.with("anna", Role::Viewer).await;
    let own = Credential::Person(two.one.own_password("anna", "another hash").await.unwrap());
    assert_eq!(two.other.standing(&other_session).await, Standing::Nobody);
    assert_eq!(two.other.standing(&own).await, known("anna", Role::Viewer));
}

#[tokio::test]
async fn the_admin_of_the_file_is_known_without_a_roster_and_until_he_takes_another_password() {
    let two = two();
    let before = Credential::Admin(Claim { name: "admin".to_owned(), since: 0 });
    assert_eq!(two.one.standing(&before).await, known("admin", Role::Admin));
    let after = Credential::Admin(two.one.admins_password("admin").await.unwrap());
    assert_eq!(two.other.standing(&before).await, Standing::Nobody);
    assert_eq!(two.other.standing(&after).await, known("admin", Role::Admin));
}

#[tokio::test]
async fn somebodys_session_is_never_taken_for_the_admins() {
    let two = two();
    let anna = two.with("anna", Role::Viewer).await;
    let logins = Arc::clone(&two.store) as Arc<dyn Logins>;
    let clock = Arc::clone(&two.clock) as Arc<dyn Clock>;
    let renamed = People::of(Hashes { logins, copy: None }, "anna", clock);
    assert_eq!(renamed.standing(&anna).await, Standing::Nobody);
    assert!(renamed.may_enter("anna").await.is_none(), "the file's admin has the name now");
}

#[tokio::test]
async fn a_key_counts_until_it_is_revoked_or_over() {
    let two = two();
    let key = two.one.make_key("admin", "backup", Role::Operator, Some(30)).await.unwrap();
    let whole = two.one.make_key("admin", "board", Role::Viewer, None).await.unwrap();
    let (standing, credential) = two.other.of_key(&key).await;
    assert_eq!(standing, known("key backup", Role::Operator));
    assert_eq!(two.other.standing(&credential.unwrap()).await, standing);
    let wrong = format!("{}0", key.split_at(key.len() - 1).0);
    let wrong = if wrong == key { format!("{}1", key.split_at(key.len() - 1).0) } else { wrong };
    assert_eq!(two.other.of_key(&wrong).await.0, Standing::Nobody);
    two.clock.passes(Duration::from_secs(30 * 86_400));
    assert_eq!(two.other.of_key(&key).await.0, Standing::Nobody, "its time is over");
    assert_eq!(two.other.of_key(&whole).await.0, known("key board", Role::Viewer));
    two.one.revoke("admin", "board").await.unwrap();
    assert_eq!(two.other.of_key(&whole).await.0, Standing::Nobody);
}

#[tokio::test]
async fn the_use_of_a_key_is_written_down_once_a_minute() {
    let two = two();
    let key = two.one.make_key("admin", "backup", Role::Viewer, None).await.unwrap();
    assert_eq!(two.one.everybody().await.unwrap().uses, Some(BTreeMap::new()), "it was never used");
    for _ in 0..3 {
        two.one.of_key(&key).await;
        two.clock.passes(Duration::from_secs(25));
    }
    let used = |everybody: Everybody| everybody.uses.unwrap().into_values().next().unwrap();
    assert_eq!(used(two.one.everybody().await.unwrap()), START);
    two.one.of_key(&key).await;
    assert_eq!(used(two.one.everybody().await.unwrap()), START.after(Duration::from_secs(75)));
}

#[tokio::test]
async fn while_the_store_is_away_what_was_read_within_an_hour_counts() {
    let two = two();
    let anna = two.with("anna", Role::Viewer).await;
    two.store_is_away();
    assert_eq!(two.one.standing(&anna).await, known("anna", Role::Viewer));
    assert_eq!(two.other.standing(&anna).await, Standing::Unchecked, "nothing was read there");
    let admin = Credential::Admin(Claim { name: "admin".to_owned(), since: 0 });
    assert_eq!(two.other.standing(&admin).await, known("admin", Role::Admin));
    two.clock.passes(Duration::from_secs(3_600));
    assert_eq!(two.one.standing(&anna).await, Standing::Unchecked);
    two.store.fail_with(None);
    two.clock.passes(AWAY_FOR);
    assert_eq!(two.one.standing(&anna).await, known("anna", Role::Viewer));
}

#[tokio::test]
async fn nothing_is_changed_while_the_store_is_away() {
    let two = two();
    two.store_is_away();
    let refused = two.one.add("admin", "anna", Role::Viewer).await;
    assert!(matches!(refused, Err(PeopleError::NotBegun(_))), "{refused:?}");
}

#[tokio::test]
async fn every_change_is_kept_with_who_made_it() {
    let two = two();
    two.with("anna", Role::Admin).await;
    two.other.add("anna", "ben", Role::Viewer).await.unwrap();
    two.one.make_key("anna", "backup", Role::Viewer, None).await.unwrap();
    two.one.remove("anna", "ben").await.unwrap();
    let deeds = two.other.deeds(None, 10).await.unwrap();
    let told: Vec<(u64, &str, String)> = deeds
        .iter()
        .map(|deed| (deed.number, deed.by.as_str(), deed.what.split(" (").next().unwrap().to_owned()))
        .collect();
    let told: Vec<(u64, &str, &str)> =
        told.iter().map(|(number, by, what)| (*number, *by, what.as_str())).collect();
    assert_eq!(
        told,
        [
            (4, "anna", "removed ben"),
            (3, "anna", "made the key backup"),
            (2, "anna", "added ben as viewer"),
            (1, "admin", "added anna as admin"),
        ]
    );
}

#[tokio::test]
async fn people_of_before_servers_shared_the_store_are_taken_over_once() {
    let (store, copy) = (Arc::new(MemoryLogins::new()), Arc::new(MemoryLogins::new()));
    let clock = clock() as Arc<dyn Clock>;
    let of = |logins: &Arc<MemoryLogins>, copy: Option<&Arc<MemoryLogins>>| {
        let hashes = Hashes {
            logins: Arc::clone(logins) as Arc<dyn Logins>,
            copy: copy.map(|copy| Arc::clone(copy) as Arc<dyn Logins>),
        };
        People::of(hashes, "admin", Arc::clone(&clock))
    };
    of(&copy, None).add("admin", "anna", Role::Viewer).await.unwrap();
    let shared = of(&store, Some(&copy));
    shared.take_over().await;
    assert!(shared.may_enter("anna").await.is_some());
    shared.remove("admin", "anna").await.unwrap();
    shared.take_over().await;
    assert!(shared.may_enter("anna").await.is_none(), "who was removed does not come back");
}
