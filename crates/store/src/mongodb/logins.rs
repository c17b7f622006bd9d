//! Logins in the same database as the store, so that they count on every server that shares it.
//!
//! Sessions end by an index of their own as well, by the database's clock. Acknowledged by a majority, like the journal: a session
//! that was ended must not come back with another primary.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use rebound::time::Timestamp;
use rebound_engine::ports::StoreError;

use super::failure::Fault;
use super::form::{date, must_know};
use super::schema::RECORD_VERSION;
use super::{MongodbStore, within};
use crate::logins::{KeptSession, Logins, SessionKey};

/// Sessions, named by a hash of their ids.
const SESSIONS: &str = "sessions";
/// Hashes of passwords that were made up.
const USERS: &str = "users";

/// Longest time for a call. Somebody waits for his page, and there is what was checked lately.
const CALL_TIME_MAX: Duration = Duration::from_millis(1_500);

/// Logins in a MongoDB database.
pub struct MongodbLogins {
    store: Arc<MongodbStore>,
}

impl MongodbLogins {
    /// The logins beside `store`, in the same database.
    #[must_use]
    pub fn of(store: &Arc<MongodbStore>) -> Self {
        Self { store: Arc::clone(store) }
    }

    fn sessions(&self) -> Collection<Document> {
        self.store.collection(SESSIONS)
    }

    fn users(&self) -> Collection<Document> {
        self.store.collection(USERS)
    }

    async fn call<T>(
        &self,
        what: &str,
        work: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, StoreError> {
        let prepared = async {
            self.store.be_prepared().await?;
            work.await
        };
        within(CALL_TIME_MAX, prepared).await.map_err(|fault| self.store.speaker.say(what, fault))
    }
}

/// Lets sessions end by themselves.
pub(super) async fn prepare(database: &Database) -> Result<(), Fault> {
    let options = IndexOptions::builder().expire_after(Duration::ZERO).build();
    let index = IndexModel::builder().keys(doc! { "ends_at": 1 }).options(options).build();
    database.collection::<Document>(SESSIONS).create_index(index).await?;
    Ok(())
}

/// A session as a document, without its name.
fn body_of(session: &KeptSession) -> Document {
    doc! {
        "data": &session.data,
        "ends_at": date(session.ends_at),
        "version": i64::from(RECORD_VERSION),
    }
}

/// The session in a document.
fn session_of(key: &SessionKey, found: &Document) -> Result<KeptSession, Fault> {
    must_know(found, &|| "a session".to_owned())?;
    let damaged = |field: &str| StoreError::Damaged(format!("a session has no `{field}` that can be read"));
    let data = found.get_str("data").map_err(|_| damaged("data"))?.to_owned();
    let ends_at = found.get_datetime("ends_at").map_err(|_| damaged("ends_at"))?;
    Ok(KeptSession { key: key.clone(), data, ends_at: Timestamp::from_ms(ends_at.timestamp_millis()) })
}

/// The hash in a user's document.
fn hash_in(found: &Document) -> Result<String, Fault> {
    must_know(found, &|| "a user".to_owned())?;
    let damaged = || StoreError::Damaged("a user has no `hash` that can be read".to_owned());
    Ok(found.get_str("hash").map_err(|_| damaged())?.to_owned())
}

#[async_trait]
impl Logins for MongodbLogins {
    async fn begin(&self, session: &KeptSession) -> Result<bool, StoreError> {
        let mut document = body_of(session);
        document.insert("_id", session.key.as_str());
        let beginning = async {
            match self.sessions().insert_one(document).await.map_err(Fault::from) {
                Err(fault) if fault.is_duplicate() => Ok(false),
                begun => begun.map(|_| true),
            }
        };
        self.call("begin a session", beginning).await
    }

    async fn go_on(&self, session: &KeptSession) -> Result<bool, StoreError> {
        let changed = doc! { "$set": body_of(session) };
        let going_on = async {
            let done = self.sessions().update_one(doc! { "_id": session.key.as_str() }, changed).await?;
            Ok(done.matched_count > 0)
        };
        self.call("go on with a session", going_on).await
    }

    async fn session(&self, key: &SessionKey, now: Timestamp) -> Result<Option<KeptSession>, StoreError> {
        let filter = doc! { "_id": key.as_str(), "ends_at": { "$gt": date(now) } };
        let reading = async {
            let found = self.sessions().find_one(filter).await?;
            found.map(|found| session_of(key, &found)).transpose()
        };
        self.call("read a session", reading).await
    }

    async fn end(&self, key: &SessionKey) -> Result<(), StoreError> {
        let ending = async {
            self.sessions().delete_one(doc! { "_id": key.as_str() }).await?;
            Ok(())
        };
        self.call("end a session", ending).await
    }

    async fn end_all(&self) -> Result<(), StoreError> {
        let ending = async {
            self.sessions().delete_many(doc! {}).await?;
            Ok(())
        };
        self.call("end every session", ending).await
    }

    async fn remove_over(&self, before: Timestamp) -> Result<(), StoreError> {
        let removing = async {
            self.sessions().delete_many(doc! { "ends_at": { "$lte": date(before) } }).await?;
            Ok(())
        };
        self.call("remove sessions", removing).await
    }

    async fn hash_of(&self, username: &str) -> Result<Option<String>, StoreError> {
        let reading = async {
            let found = self.users().find_one(doc! { "_id": username }).await?;
            found.map(|found| hash_in(&found)).transpose()
        };
        self.call("read a user", reading).await
    }

    async fn keep_first_hash(&self, username: &str, hash: &str) -> Result<String, StoreError> {
        let user = doc! { "_id": username, "hash": hash, "version": i64::from(RECORD_VERSION) };
        let keeping = async {
            match self.users().insert_one(user).await.map_err(Fault::from) {
                Err(fault) if !fault.is_duplicate() => return Err(fault),
                Ok(_) | Err(_) => {}
            }
            let found = self.users().find_one(doc! { "_id": username }).await?;
            let gone = || StoreError::Unavailable("a user was removed while it was written".to_owned());
            hash_in(&found.ok_or_else(gone)?)
        };
        self.call("keep a user", keeping).await
    }

    async fn replace_hash(&self, username: &str, hash: &str) -> Result<(), StoreError> {
        let replacing = async {
            let changed = doc! { "$set": { "hash": hash, "version": i64::from(RECORD_VERSION) } };
            self.users().update_one(doc! { "_id": username }, changed).upsert(true).await?;
            Ok(())
        };
        self.call("keep a user", replacing).await
    }
}

impl fmt::Debug for MongodbLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongodbLogins").field("database", &self.store.database.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{a_database, open};
    use super::*;
    use crate::logins::conformance;

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
    async fn true_mongodb_passes_the_story_of_every_keeper_of_logins() {
        conformance::story(async || MongodbLogins::of(&Arc::new(open(&a_database().await).await))).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
    async fn true_mongodb_ends_sessions_by_an_index_of_their_own() {
        let store = Arc::new(open(&a_database().await).await);
        let indexes = store.database.list_collection_names().await.unwrap();
        assert!(indexes.contains(&SESSIONS.to_owned()), "{indexes:?}");
        let of = doc! { "listIndexes": SESSIONS };
        let found = store.database.run_command(of).await.unwrap();
        assert!(found.to_string().contains("expireAfterSeconds"), "{found}");
    }
}
