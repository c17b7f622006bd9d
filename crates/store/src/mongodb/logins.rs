//! Logins in the same database as the store, so that they count on every server that shares it.
//!
//! Sessions end by an index of their own as well, by the database's clock. Acknowledged by a majority, like the journal: a session
//! that was ended must not come back with another primary.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use rebound::time::Timestamp;
use rebound_engine::ports::{PAGE_MAX, StoreError};

use super::failure::Fault;
use super::form::{below, date, must_know, number, whole};
use super::schema::{RECORD_VERSION, ours};
use super::{MongodbStore, within};
use crate::logins::{Amendment, Deed, KeptSession, Logins, SessionKey};

/// Sessions, named by a hash of their ids.
pub(super) const SESSIONS: &str = "sessions";
/// Hashes of passwords that were made up.
pub(super) const USERS: &str = "users";
/// Changes of who may do what, each under its number; the newest has all that holds.
pub(super) const AMENDMENTS: &str = "amendments";
/// When keys were last used.
pub(super) const KEY_USES: &str = "key_uses";

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

    fn amendments(&self) -> Collection<Document> {
        self.store.collection(AMENDMENTS)
    }

    fn key_uses(&self) -> Collection<Document> {
        self.store.collection(KEY_USES)
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

/// The name of a change, for who looks after a damaged one.
fn named(found: &Document) -> String {
    format!("change {} of who may do what", found.get("_id").and_then(whole).unwrap_or_default())
}

fn damaged(found: &Document, field: &str) -> Fault {
    StoreError::Damaged(format!("{} has no `{field}` that can be read", named(found))).into()
}

/// The number of a change.
fn number_of(found: &Document) -> Result<u64, Fault> {
    let number = found.get("_id").and_then(whole).and_then(|id| u64::try_from(id).ok());
    number.ok_or_else(|| damaged(found, "_id"))
}

/// What was changed, in a document.
fn deed_of(found: &Document) -> Result<Deed, Fault> {
    must_know(found, &|| named(found))?;
    let text = |field: &str| found.get_str(field).map(str::to_owned).map_err(|_| damaged(found, field));
    let at = found.get_datetime("at").map_err(|_| damaged(found, "at"))?;
    let at = Timestamp::from_ms(at.timestamp_millis());
    Ok(Deed { number: number_of(found)?, at, by: text("by")?, what: text("what")? })
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
            self.sessions().delete_many(ours(SESSIONS, Document::new())).await?;
            Ok(())
        };
        self.call("end every session", ending).await
    }

    async fn remove_over(&self, before: Timestamp) -> Result<(), StoreError> {
        let removing = async {
            self.sessions().delete_many(ours(SESSIONS, doc! { "ends_at": { "$lte": date(before) } })).await?;
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

    async fn roster(&self) -> Result<Option<(u64, String)>, StoreError> {
        let reading = async {
            let Some(found) = self.amendments().find_one(doc! {}).sort(doc! { "_id": -1 }).await? else {
                return Ok(None);
            };
            must_know(&found, &|| named(&found))?;
            let roster = found.get_str("roster").map_err(|_| damaged(&found, "roster"))?;
            Ok(Some((number_of(&found)?, roster.to_owned())))
        };
        self.call("read the roster", reading).await
    }

    async fn amend(&self, amendment: &Amendment) -> Result<bool, StoreError> {
        let Amendment { deed, roster } = amendment;
        let id = number(deed.number)?;
        let document = doc! {
            "_id": id, "at": date(deed.at), "by": &deed.by, "what": &deed.what, "roster": roster,
            "version": i64::from(RECORD_VERSION),
        };
        let changing = async {
            let all = self.amendments();
            let made = match all.insert_one(document).await.map_err(Fault::from) {
                Ok(_) => true,
                // The driver itself may have tried twice.
                Err(fault) if fault.is_duplicate() => {
                    let there = all.find_one(doc! { "_id": id }).await?;
                    let there = there.as_ref().map(|there| {
                        Ok::<_, Fault>((deed_of(there)?, there.get_str("roster").ok() == Some(roster)))
                    });
                    there.transpose()?.is_some_and(|(there, same)| there == *deed && same)
                }
                Err(fault) => return Err(fault),
            };
            Ok(made)
        };
        let made = self.call("change the roster", changing).await?;
        // An old password's hash has nothing to do there any more. Where that fails the next change does it.
        let forgetting = async {
            let earlier = doc! { "_id": { "$lt": id }, "roster": { "$exists": true } };
            self.amendments().update_many(earlier, doc! { "$unset": { "roster": "" } }).await?;
            Ok(())
        };
        if made && let Err(error) = self.call("forget earlier rosters", forgetting).await {
            tracing::debug!(%error, "earlier rosters stay until the next change");
        }
        Ok(made)
    }

    async fn deeds(&self, before: Option<u64>, limit: u32) -> Result<Vec<Deed>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let reading = async {
            let older = doc! { "_id": { "$lt": below(before) } };
            let all = self.amendments();
            let found = all.find(older).sort(doc! { "_id": -1 }).limit(i64::from(limit.min(PAGE_MAX)));
            let found: Vec<Document> = found.await?.try_collect().await?;
            found.iter().map(deed_of).collect()
        };
        self.call("read what was changed", reading).await
    }

    async fn note_use(&self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let noting = async {
            let used = doc! { "$max": { "at": date(at) }, "$set": { "version": i64::from(RECORD_VERSION) } };
            self.key_uses().update_one(doc! { "_id": key }, used).upsert(true).await?;
            Ok(())
        };
        self.call("note a use", noting).await
    }

    async fn uses(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let reading = async {
            let found: Vec<Document> = self.key_uses().find(doc! {}).await?.try_collect().await?;
            let used = found.iter().map(|found| {
                let damaged = |field: &str| {
                    StoreError::Damaged(format!("the use of a key has no `{field}` that can be read"))
                };
                let key = found.get_str("_id").map_err(|_| damaged("_id"))?;
                let at = found.get_datetime("at").map_err(|_| damaged("at"))?;
                Ok((key.to_owned(), Timestamp::from_ms(at.timestamp_millis())))
            });
            used.collect()
        };
        self.call("read uses", reading).await
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
