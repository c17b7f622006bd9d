//! A store in a MongoDB database, which several machines can reach.
//!
//! One commit is one document of the collection `journal`, so that one insert is the moment of truth: it is there as a whole,
//! or not at all. Its number is one more than the last; of two that write at once one is first, and the other looks again.
//! All other collections are made from the journal, and made again where that was cut off.
//!
//! Every call has a time limit. An insert whose end is not known is looked for before anything else is written, so that
//! nothing stands there twice. Uses no transactions, and never shows the connection string.

mod address;
mod cluster;
mod failure;
mod form;
mod health;
pub mod history;
mod journal;
pub mod logins;
mod projection;
mod reading;
mod schema;
mod settings;
mod standing;
mod transfer;

use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::Document;
use mongodb::{Client, Collection, Database};
use rebound::alert::Alert;
use rebound::ids::{IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound::time::Timestamp;
use rebound_engine::cluster::MemberId;
use rebound_engine::ports::{AlertFilter, StateRecord, Store, StoreError};
use rebound_engine::settings::Revision;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use failure::{Fault, Speaker};
use journal::{Batch, Writer};

use crate::transfer::{Recipient as _, half_done};

pub use address::{AddressError, MongodbAddress};

/// Longest time for a commit to be in the journal. With [`PROJECTION_TIME_MAX`] it is shorter than the engine waits.
const COMMIT_TIME_MAX: Duration = Duration::from_millis(3_500);

/// Longest time after that in which a commit also brings the other collections up to date. What is late is done later.
const PROJECTION_TIME_MAX: Duration = Duration::from_secs(1);

/// Longest time for a query, with the wait until the collections are up to date.
const READ_TIME_MAX: Duration = Duration::from_secs(5);

/// Longest time for opening: login, indexes, and what an earlier run left undone.
const OPEN_TIME_MAX: Duration = Duration::from_secs(60);

/// Longest time for a server to be found at the start, before Rebound begins without its store.
const REACH_TIME_MAX: Duration = Duration::from_secs(10);

/// Longest time for one slice of pruning.
const PRUNE_TIME_MAX: Duration = Duration::from_secs(10);

/// Longest time for one page of a transfer from another store.
const TRANSFER_TIME_MAX: Duration = Duration::from_secs(60);

/// A store in a MongoDB database. Dropping it is safe at any time.
pub struct MongodbStore {
    database: Database,
    speaker: Speaker,
    /// The target whose status is also kept as `current`.
    first: Option<TargetId>,
    writer: Mutex<Writer>,
    /// This run, once it takes part among the servers.
    member: std::sync::Mutex<Option<MemberId>>,
    /// Whether the journal may be ahead of the other collections.
    behind: AtomicBool,
    /// Whether the database was looked at, and what it lacks was made.
    prepared: AtomicBool,
}

impl MongodbStore {
    /// Logs in, makes indexes that are missing, and brings to an end what an earlier run left undone. `first` is the target
    /// whose status is also kept as `current`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if no server takes writes, the login or its rights are refused, or a transfer into the
    /// database is not at its end.
    /// [`StoreError::Damaged`] if the database holds what cannot be understood.
    /// [`StoreError::TooNew`] if a newer Rebound wrote it; nothing was changed.
    pub async fn open(address: &MongodbAddress, first: Option<TargetId>) -> Result<Self, StoreError> {
        let store = Self::open_recipient(address, first).await?;
        if store.begun().await?.is_some() {
            return Err(half_done(&address.to_string()));
        }
        Ok(store)
    }

    /// Like [`MongodbStore::open`], where there is a store already: nothing is made in a database that has none.
    ///
    /// # Errors
    /// As [`MongodbStore::open`], and [`StoreError::Unavailable`] if there is none.
    pub async fn open_existing(
        address: &MongodbAddress,
        first: Option<TargetId>,
    ) -> Result<Self, StoreError> {
        let speaker = Speaker::of(address);
        let looking = async {
            let store = Self::unprepared(address, first.clone()).await?;
            schema::is_there(&store.database).await
        };
        let is_there =
            within(OPEN_TIME_MAX, looking).await.map_err(|fault: Fault| speaker.say("open", fault))?;
        if !is_there {
            return Err(StoreError::Unavailable(format!(
                "{address}: there is no store of Rebound. Name the database that Rebound uses at the end of its address"
            )));
        }
        Self::open(address, first).await
    }

    /// Like [`MongodbStore::open`], and also if no server can be reached: then it logs in, and does the rest, with the first
    /// call that finds one.
    ///
    /// # Errors
    /// As [`MongodbStore::open`], but for a server that cannot be reached.
    pub async fn open_or_wait(address: &MongodbAddress, first: Option<TargetId>) -> Result<Self, StoreError> {
        let speaker = Speaker::of(address);
        let store = Self::unprepared(address, first).await.map_err(|fault| speaker.say("open", fault))?;
        let opening = async { store.up_to_date(&mut *store.writer.lock().await).await };
        match within(REACH_TIME_MAX, opening).await {
            Err(fault) if fault.is_out_of_reach() => {
                let error = speaker.say("open", fault);
                tracing::warn!(%error, "the store cannot be reached yet");
            }
            opened => opened.map_err(|fault| speaker.say("open", fault))?,
        }
        Ok(store)
    }

    /// Like [`MongodbStore::open`], and also if a transfer into the database is not at its end: to go on with that.
    ///
    /// # Errors
    /// As [`MongodbStore::open`].
    pub async fn open_recipient(
        address: &MongodbAddress,
        first: Option<TargetId>,
    ) -> Result<Self, StoreError> {
        let speaker = Speaker::of(address);
        let opening = async {
            let store = Self::unprepared(address, first).await?;
            schema::prepare(&store.database).await?;
            store.prepared.store(true, Ordering::Release);
            store.up_to_date(&mut *store.writer.lock().await).await?;
            Ok(store)
        };
        within(OPEN_TIME_MAX, opening).await.map_err(|fault: Fault| speaker.say("open", fault))
    }

    async fn unprepared(address: &MongodbAddress, first: Option<TargetId>) -> Result<Self, Fault> {
        let client = Client::with_options(address.options().await?)?;
        Ok(Self {
            database: client.database(address.database()),
            speaker: Speaker::of(address),
            first,
            writer: Mutex::new(Writer::default()),
            member: std::sync::Mutex::default(),
            behind: AtomicBool::new(true),
            prepared: AtomicBool::new(false),
        })
    }

    /// Makes sure that the database is one of ours, whole, and has what it needs.
    async fn be_prepared(&self) -> Result<(), Fault> {
        if self.prepared.load(Ordering::Acquire) {
            return Ok(());
        }
        schema::prepare(&self.database).await?;
        if self.begun().await?.is_some() {
            return Err(half_done(self.speaker.shown()).into());
        }
        self.prepared.store(true, Ordering::Release);
        Ok(())
    }

    /// Removes journal entries older than `before` and returns how many commits went; incidents, alerts and state stay for
    /// ever. Also removes copies of the state that later commits replaced. Never removes the newest commits, and nothing that
    /// other collections do not have yet.
    ///
    /// # Errors
    /// [`StoreError`]; slices removed before stay removed.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        for _ in 0..journal::PRUNE_SLICES_MAX {
            let slice = within(PRUNE_TIME_MAX, journal::remove_slice(&self.database, before)).await;
            let slice = slice.map_err(|fault| self.speaker.say("prune", fault))?;
            removed += slice;
            if slice < journal::PRUNE_SLICE {
                break;
            }
        }
        Ok(removed)
    }

    fn member(&self) -> Option<MemberId> {
        // Nothing that can panic is done while it is locked.
        self.member.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn become_member(&self, member: MemberId) {
        *self.member.lock().unwrap_or_else(PoisonError::into_inner) = Some(member);
    }

    fn collection(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// Runs a query on collections that have everything of the journal.
    async fn read<T>(
        &self,
        what: &str,
        query: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, StoreError> {
        let reading = async {
            if self.behind.load(Ordering::Acquire) {
                self.up_to_date(&mut *self.writer.lock().await).await?;
            }
            query.await
        };
        within(READ_TIME_MAX, reading).await.map_err(|fault| self.speaker.say(what, fault))
    }

    /// Puts a commit into the journal, and returns once it is there. The writer's lock comes back with it.
    async fn place(
        &self,
        entries: &[JournalEntry],
        state: &[StateRecord],
    ) -> Result<Option<MutexGuard<'_, Writer>>, Fault> {
        let mut writer = self.writer.lock().await;
        self.settle(&mut writer).await?;
        let rest = entries.get(writer.kept_of(entries)..).unwrap_or_default();
        if rest.is_empty() && state.is_empty() {
            return Ok(None);
        }
        let batch = Batch::try_new(rest, state, self.member())?;
        self.append(&mut writer, batch).await?;
        if !entries.is_empty() {
            writer.has_told();
        }
        Ok(Some(writer))
    }
}

#[async_trait]
impl Store for MongodbStore {
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        let placed = within(COMMIT_TIME_MAX, self.place(entries, state)).await;
        let Some(mut writer) = placed.map_err(|fault| self.speaker.say("commit", fault))? else {
            return Ok(());
        };
        // From here on it is kept, whatever becomes of the rest.
        match timeout(PROJECTION_TIME_MAX, self.up_to_date(&mut writer)).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => {
                let error = self.speaker.say("bring collections up to date", fault);
                tracing::debug!(%error, "a commit is kept; the other collections follow later");
            }
            Err(_) => tracing::debug!("a commit is kept; the other collections follow later"),
        }
        Ok(())
    }

    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
        self.read("read the state", reading::state(&self.database, Document::new())).await
    }

    async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
        self.read("read alerts", reading::alerts(&self.database, filter)).await
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.read("read an incident", reading::incident(&self.database, id)).await
    }

    async fn incidents(&self, before: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, StoreError> {
        self.read("read incidents", reading::incidents(&self.database, before, limit)).await
    }

    async fn journal(&self, after: u64, limit: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError> {
        self.read("read the journal", reading::journal(&self.database, after, limit)).await
    }

    async fn revise(&self, revision: &Revision) -> Result<bool, StoreError> {
        let keeping = async {
            self.be_prepared().await?;
            settings::keep(&self.database, revision).await
        };
        within(COMMIT_TIME_MAX, keeping).await.map_err(|fault| self.speaker.say("change the settings", fault))
    }

    async fn revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, StoreError> {
        let reading = settings::read(&self.database, before, limit);
        within(READ_TIME_MAX, reading).await.map_err(|fault| self.speaker.say("read settings", fault))
    }
}

impl fmt::Debug for MongodbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongodbStore").field("database", &self.database.name()).finish_non_exhaustive()
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    timeout(limit, work).await.unwrap_or(Err(Fault::Slow(limit)))
}

#[cfg(test)]
mod tests;
