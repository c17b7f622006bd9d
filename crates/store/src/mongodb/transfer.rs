//! How a database takes over what another store held.
//!
//! While it is half done, the collection `meta` has a document `transfer`: the mark. Never opens such a database for anything
//! else. The journal is written commit by commit, as always, so that what other collections lack is made from it; incidents and
//! alerts are then put as they are, because the journal no longer knows those that are old.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Error;
use rebound::alert::Alert;
use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound_engine::ports::StoreError;

use super::failure::Fault;
use super::form::{number, whole};
use super::journal::{Batch, Writer};
use super::projection::{UPDATE_BYTES_MAX, whole_alert, whole_incident};
use super::schema::{self, ALERTS, INCIDENTS, JOURNAL, META, RECORD_VERSION};
use super::{MongodbStore, TRANSFER_TIME_MAX, within};
use crate::leases::Standing;
use crate::transfer::{Begun, Recipient, cannot_begin};

/// The id of the mark.
const MARK: &str = "transfer";

/// Journal entries in one commit, about as many as the engine writes at once: a page is read commit by commit.
const COMMIT_ENTRIES: usize = 20;

#[async_trait]
impl Recipient for MongodbStore {
    async fn begun(&self) -> Result<Option<Begun>, StoreError> {
        self.transfer("read the mark", async {
            let Some(whole) = mark(&self.database).await? else { return Ok(None) };
            let journal = last_entry(&self.database).await?;
            Ok(Some(Begun { whole, journal: u64::try_from(journal).unwrap_or(0) }))
        })
        .await
    }

    async fn begin(&self, whole: &str) -> Result<(), StoreError> {
        self.transfer("mark", async {
            if self.collection(JOURNAL).find_one(doc! {}).await?.is_some() {
                return Err(cannot_begin(self.speaker.shown()).into());
            }
            let mark = doc! { "_id": MARK, "whole": whole, "version": i64::from(RECORD_VERSION) };
            match self.collection(META).insert_one(mark).await.map_err(Fault::from) {
                Ok(_) => Ok(()),
                Err(fault) if fault.is_duplicate() => Err(cannot_begin(self.speaker.shown()).into()),
                Err(fault) => Err(fault),
            }
        })
        .await
    }

    async fn append(&self, entries: &[JournalEntry]) -> Result<(), StoreError> {
        self.transfer("append", self.append_entries(entries)).await
    }

    async fn put(&self, incidents: &[Incident], alerts: &[Alert]) -> Result<(), StoreError> {
        self.transfer("put", async {
            // Which incidents are open is read again by the next commit.
            *self.writer.lock().await = Writer::default();
            // As new as anything of the journal, and older than the next commit.
            let last = last_entry(&self.database).await?;
            let updates = incidents.iter().map(|incident| {
                Ok(replacement(number(incident.id.number())?, whole_incident(incident)?, last))
            });
            self.replace(INCIDENTS, updates.collect::<Result<_, StoreError>>()?).await?;
            let updates = alerts
                .iter()
                .map(|alert| Ok(replacement(number(alert.id.number())?, whole_alert(alert)?, last)));
            self.replace(ALERTS, updates.collect::<Result<_, StoreError>>()?).await
        })
        .await
    }

    async fn finish(&self) -> Result<(), StoreError> {
        self.transfer("take the mark away", async {
            self.collection(META).delete_one(doc! { "_id": MARK }).await?;
            Ok(())
        })
        .await
    }
}

impl MongodbStore {
    async fn transfer<T>(
        &self,
        act: &str,
        work: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, StoreError> {
        within(TRANSFER_TIME_MAX, work).await.map_err(|fault| self.speaker.say(act, fault))
    }

    /// Puts entries at the end of the journal, without a look at open incidents: what another store kept is true.
    async fn append_entries(&self, entries: &[JournalEntry]) -> Result<(), Fault> {
        let mut writer = self.writer.lock().await;
        // What it knows is read again when it is needed, and until then the other collections may be behind.
        *writer = Writer::default();
        self.behind.store(true, Ordering::Release);
        let mut last = last_entry(&self.database).await?;
        for batch in batches(entries, COMMIT_ENTRIES)? {
            let first = last.saturating_add(1);
            match self.collection(JOURNAL).insert_one(batch.numbered(first)).await.map_err(Fault::from) {
                Ok(_) => {}
                // The driver itself may have tried twice.
                Err(fault) if fault.is_duplicate() => {
                    if !self.holds(first, batch.commit).await? {
                        return Err(cannot_begin(self.speaker.shown()).into());
                    }
                }
                Err(fault) => return Err(fault),
            }
            last = batch.last(first);
        }
        let numbered: Vec<(u64, JournalEntry)> = (0_u64..).zip(entries.iter().cloned()).collect();
        self.project(last, &numbered, &[], &Standing::default()).await?;
        schema::note_projected(&self.database, last).await?;
        self.behind.store(false, Ordering::Release);
        Ok(())
    }

    /// Runs `update` commands that replace whole documents, in parts that a server takes.
    async fn replace(&self, collection: &str, updates: Vec<Document>) -> Result<(), Fault> {
        let mut command = Vec::new();
        let mut bytes = 0;
        for update in updates {
            let size = update.to_vec().map_err(Error::from)?.len();
            if bytes + size > UPDATE_BYTES_MAX && !command.is_empty() {
                self.replace_all(collection, &std::mem::take(&mut command)).await?;
                bytes = 0;
            }
            bytes += size;
            command.push(update);
        }
        if command.is_empty() { Ok(()) } else { self.replace_all(collection, &command).await }
    }

    async fn replace_all(&self, collection: &str, updates: &[Document]) -> Result<(), Fault> {
        let taken = self.update(collection, updates).await?;
        let Some(update) = taken.first().and_then(|index| updates.get(*index)) else { return Ok(()) };
        let number = update.get_document("u").ok().and_then(|document| document.get("_id").and_then(whole));
        let number = number.unwrap_or_default();
        Err(StoreError::Unavailable(format!(
            "{collection} has a document {number} of another program, which stays as it is. Give Rebound a database of its own"
        ))
        .into())
    }
}

/// The hash in the mark, if there is one.
pub(super) async fn mark(database: &Database) -> Result<Option<String>, Fault> {
    let found = database.collection::<Document>(META).find_one(doc! { "_id": MARK }).await?;
    Ok(found.map(|found| found.get_str("whole").unwrap_or_default().to_owned()))
}

/// Number of the newest journal entry. Nothing but entries is written before all of them are there, so it is their count.
async fn last_entry(database: &Database) -> Result<i64, Fault> {
    let journal = database.collection::<Document>(JOURNAL);
    let with_entries = doc! { "entries": { "$exists": true } };
    let newest = journal.find_one(with_entries).sort(doc! { "last": -1 }).projection(doc! { "last": 1 });
    Ok(newest.await?.and_then(|newest| newest.get("last").and_then(whole)).unwrap_or(0))
}

/// Commits of at most `most` entries; fewer where they are too large for one document.
fn batches(entries: &[JournalEntry], most: usize) -> Result<Vec<Batch>, StoreError> {
    let mut batches = Vec::new();
    for chunk in entries.chunks(most) {
        match Batch::try_new(chunk, &[], None) {
            Ok(batch) => batches.push(batch),
            Err(_) if chunk.len() > 1 => batches.extend(self::batches(chunk, chunk.len().div_ceil(2))?),
            Err(error) => return Err(error),
        }
    }
    Ok(batches)
}

/// Puts `document` under `id`, whatever there is of ours.
fn replacement(id: i64, document: Document, seq: i64) -> Document {
    let mut whole = doc! { "_id": id };
    whole.extend(document);
    whole.extend(doc! { "seq": seq, "version": i64::from(RECORD_VERSION) });
    doc! { "q": { "_id": id, "seq": { "$exists": true } }, "u": whole, "upsert": true }
}
