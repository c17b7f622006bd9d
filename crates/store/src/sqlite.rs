//! A store in one SQLite file.
//!
//! One connection writes and others read, each on a thread of its own; every call has a time limit. What a commit has
//! returned is on the disk: the journal is written ahead and synced before the call returns.
//!
//! Each commit looks whether the file is still at its path, on Unix: what is written into one that was removed or replaced is
//! not kept, and is not called so.
//!
//! Never shares its file with a second Rebound, never goes on with a file that it does not fully understand, and never
//! deletes an incident or an alert.

pub mod history;

mod failure;
mod file;
mod line;
pub mod logins;
mod reading;
mod schema;
mod transfer;
mod writing;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rebound::alert::Alert;
use rebound::ids::IncidentId;
use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound::time::Timestamp;
use rebound_engine::ports::{AlertFilter, StateRecord, Store, StoreError};
use rebound_engine::settings::Revision;
use rusqlite::Connection;

use failure::Fault;
use file::{FileLock, Opened};
use line::{Access, Gate, Line};
use writing::Batch;

use crate::transfer::{Recipient as _, half_done};

pub(crate) use writing::severity_word;

/// Longest time for a commit, with the wait for its turn. Longer than the wait for SQLite's own lock.
const COMMIT_TIME_MAX: Duration = Duration::from_secs(10);

/// Longest time for a query.
const READ_TIME_MAX: Duration = Duration::from_secs(5);

/// Longest time for each part of opening but the check: settings, migration, recovery after a crash.
const OPEN_TIME_MAX: Duration = Duration::from_secs(60);

/// Longest time for the look at every page when a file is opened. A file too big for it is opened unchecked.
const CHECK_TIME_MAX: Duration = Duration::from_secs(30);

/// Longest time for a copy.
const BACKUP_TIME_MAX: Duration = Duration::from_secs(10 * 60);

/// Connections that read, so that one slow query does not hold up the page.
const READERS: usize = 2;

/// Most slices of [`writing::PRUNE_SLICE`] rows that one call of [`SqliteStore::prune`] removes.
const PRUNE_SLICES_MAX: u32 = 1_000;

/// A store in one SQLite file. Dropping it is safe at any time; [`SqliteStore::close`] also waits until it is done.
pub struct SqliteStore {
    writer: Line,
    readers: [Line; READERS],
    next_reader: AtomicUsize,
    path: PathBuf,
    opened: Opened,
    /// Last, so that it is given back after the connections.
    lock: FileLock,
}

impl SqliteStore {
    /// Opens the file at `path`, or makes a new one that only its owner may read, in a directory that exists.
    ///
    /// The file must be on a local disk. Beside it appear `<path>-wal`, `<path>-shm` and `<path>.lock`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if another Rebound uses the file, it cannot be made, read or written, or a transfer into it
    /// is not at its end.
    /// [`StoreError::Full`] if the disk has no room.
    /// [`StoreError::Damaged`] if it is broken; nothing was changed.
    /// [`StoreError::Foreign`] if it is not a file of Rebound; nothing was changed, and nothing is left beside it.
    /// [`StoreError::TooNew`] if a newer Rebound wrote it; nothing was changed.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let store = Self::open_recipient(path).await?;
        if store.begun().await?.is_some() {
            return Err(half_done(&store.path.display().to_string()));
        }
        Ok(store)
    }

    /// Like [`SqliteStore::open`], and also if a transfer into it is not at its end: to go on with that.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_recipient(path: &Path) -> Result<Self, StoreError> {
        schema::sqlite_is_safe()?;
        // A handful of calls to the file system, once, before anything else runs.
        let path = file::create_private(path)?;
        let lock = FileLock::take(&path)?;
        let writer = Line::open(&path, Access::Write).await?;
        let recognised =
            writer.run("open", OPEN_TIME_MAX, |connection, _| schema::recognise(connection)).await;
        if let Err(error) = recognised {
            if matches!(error, StoreError::Foreign(_)) {
                lock.discard();
            }
            return Err(error);
        }
        if writer.try_run("check", CHECK_TIME_MAX, |connection, _| schema::check(connection)).await?.is_none()
        {
            tracing::warn!(
                store.path = %path.display(),
                "the store is too big to be checked within {} s and is used unchecked",
                CHECK_TIME_MAX.as_secs()
            );
        }
        writer.run("settings", OPEN_TIME_MAX, |connection, _| schema::settle(connection)).await?;
        writer.run("migration", OPEN_TIME_MAX, |connection, _| schema::migrate(connection)).await?;
        let readers = [Line::open(&path, Access::Read).await?, Line::open(&path, Access::Read).await?];
        let opened = Opened::now(&path)?;
        Ok(Self { writer, readers, next_reader: AtomicUsize::new(0), path, opened, lock })
    }

    /// Waits for what is under way, folds the write-ahead log into the file and gives the file back.
    ///
    /// # Errors
    /// [`StoreError`] if a connection does not close; what was committed is kept all the same.
    pub async fn close(self) -> Result<(), StoreError> {
        let Self { writer, readers, lock, .. } = self;
        for reader in readers {
            reader.close().await?;
        }
        writer.close().await?;
        drop(lock);
        Ok(())
    }

    /// Removes journal entries older than `before` and returns how many; incidents, alerts and state stay for ever.
    ///
    /// Works in slices and lets commits in between them. Gives the room back to the disk slice by slice.
    /// One call removes at most five million entries; call again if it returns so many.
    ///
    /// # Errors
    /// [`StoreError`]; slices removed before stay removed.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        for _ in 0..PRUNE_SLICES_MAX {
            let job = move |connection: &mut Connection, gate: &Gate| {
                writing::remove_slice(connection, gate, before)
            };
            let slice = self.writer.run("prune", COMMIT_TIME_MAX, job).await?;
            self.writer
                .run("prune", COMMIT_TIME_MAX, |connection, _| writing::give_back_room(connection))
                .await?;
            removed += slice;
            if slice < u64::from(writing::PRUNE_SLICE) {
                break;
            }
        }
        Ok(removed)
    }

    /// Writes a copy to `target`, as of now, while the store stays in use. Only its owner may read it.
    ///
    /// The copy is whole and on the disk before a file has that name; until then it is called `<target>.part`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if there is such a file already, or it cannot be written.
    /// [`StoreError::Full`] if the disk has no room. No copy is left behind.
    pub async fn backup_to(&self, target: &Path) -> Result<(), StoreError> {
        self.opened.still_there()?;
        let copy = file::Copy::begin(target)?;
        let line = Line::open(&self.path, Access::Read).await?;
        let job = move |connection: &mut Connection, gate: &Gate| -> Result<(), Fault> {
            connection.execute("VACUUM INTO ?1", [copy.part_for_sql()?])?;
            gate.may_commit()?;
            Ok(copy.finish()?)
        };
        line.run("backup", BACKUP_TIME_MAX, job).await?;
        line.close().await
    }

    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        query: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.next_reader.fetch_add(1, Ordering::Relaxed);
        let reader = self.readers.get(turn % READERS).unwrap_or(&self.writer);
        reader.run(what, READ_TIME_MAX, move |connection, _| query(connection)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        if entries.is_empty() && state.is_empty() {
            // Its turn comes when those before it have ended.
            return self.writer.run("commit", COMMIT_TIME_MAX, |_, _| Ok(())).await;
        }
        let batch = Batch::of(entries, state)?;
        let opened = self.opened.clone();
        let job = move |connection: &mut Connection, gate: &Gate| {
            opened.still_there()?;
            writing::commit(connection, gate, &batch)?;
            // Once more: only what is in the file at the path is durable.
            Ok(opened.still_there()?)
        };
        self.writer.run("commit", COMMIT_TIME_MAX, job).await
    }

    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
        self.read("read the state", reading::state).await
    }

    async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
        let filter = filter.clone();
        self.read("read alerts", move |connection| reading::alerts(connection, &filter)).await
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.read("read an incident", move |connection| reading::incident(connection, id)).await
    }

    async fn incidents(&self, before: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, StoreError> {
        self.read("read incidents", move |connection| reading::incidents(connection, before, limit)).await
    }

    async fn journal(&self, after: u64, limit: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError> {
        self.read("read the journal", move |connection| reading::journal(connection, after, limit)).await
    }

    async fn revise(&self, revision: &Revision) -> Result<bool, StoreError> {
        let (opened, revision) = (self.opened.clone(), revision.clone());
        let job = move |connection: &mut Connection, gate: &Gate| {
            opened.still_there()?;
            let kept = writing::revise(connection, gate, &revision)?;
            opened.still_there()?;
            Ok(kept)
        };
        self.writer.run("change the settings", COMMIT_TIME_MAX, job).await
    }

    async fn revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, StoreError> {
        self.read("read settings", move |connection| reading::revisions(connection, before, limit)).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
