//! The history in an SQLite file of its own, beside the store.
//!
//! A write is one transaction in the write-ahead log, not synced by itself: a power failure may take the last seconds, and never
//! the store. A file that is damaged or gone is set aside, and begun anew; nothing else stops for it.

mod rows;
mod schema;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::history::port::{Batch, Detail, HistoryStore, Horizon, Removed};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::Hour;
use rebound_engine::history::uptime::{DayTotal, UptimeDay};
use rebound_engine::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::{RwLock, RwLockReadGuard};

use super::failure::{Fault, from_io};
use super::file::{self, Opened};
use super::line::{Access, Gate, Line};
use super::writing;

/// Longest time for a write.
const KEEP_TIME_MAX: Duration = Duration::from_secs(20);
/// Longest time for a query.
const READ_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest time for each part of opening.
const OPEN_TIME_MAX: Duration = Duration::from_secs(20);
/// Longest time for the look at every page when the file is opened. A file too big for it is opened unchecked: what is broken in
/// it is noticed when it is met.
const CHECK_TIME_MAX: Duration = Duration::from_secs(5);
/// Most files that are set aside; after them the last one is replaced, so that a bad disk is not filled as well.
const SET_ASIDE_MAX: u32 = 3;
/// Most slices of recordings that one call of `prune` removes.
const SLICES_MAX: u32 = 100;

/// The history in an SQLite file.
pub struct SqliteHistory {
    path: PathBuf,
    lines: RwLock<Option<Lines>>,
}

struct Lines {
    writer: Line,
    reader: Line,
    opened: Opened,
}

impl SqliteHistory {
    /// The history in the file at `path`, which is made or opened with the first call. The file must be on a local disk, and
    /// belong to one Rebound.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), lines: RwLock::new(None) }
    }

    /// Waits for what is under way, and folds the write-ahead log into the file.
    ///
    /// # Errors
    /// [`StoreError`] if a connection does not close.
    pub async fn close(&self) -> Result<(), StoreError> {
        match self.lines.write().await.take() {
            None => Ok(()),
            Some(lines) => lines.close().await,
        }
    }

    /// Both connections, opened if they are not.
    async fn lines(&self) -> Result<RwLockReadGuard<'_, Option<Lines>>, StoreError> {
        {
            let lines = self.lines.read().await;
            if lines.as_ref().is_some_and(|lines| lines.opened.still_there().is_ok()) {
                return Ok(lines);
            }
        }
        let mut lines = self.lines.write().await;
        if let Some(gone) = lines.take_if(|lines| lines.opened.still_there().is_err()) {
            tracing::warn!(history.path = %self.path.display(), "the history's file was removed or replaced; it is opened anew");
            gone.close().await?;
        }
        if lines.is_none() {
            *lines = Some(match Lines::open(&self.path).await {
                Err(StoreError::Damaged(why)) => {
                    self.set_aside(&why)?;
                    Lines::open(&self.path).await?
                }
                opened => opened?,
            });
        }
        Ok(lines.downgrade())
    }

    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&mut Connection, &Gate) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = {
            let lines = self.lines().await?;
            let Some(lines) = lines.as_ref() else { return Err(not_open()) };
            lines.writer.run(what, KEEP_TIME_MAX, job).await
        };
        self.unless_damaged(done).await
    }

    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = {
            let lines = self.lines().await?;
            let Some(lines) = lines.as_ref() else { return Err(not_open()) };
            lines.reader.run(what, READ_TIME_MAX, move |connection, _| job(connection)).await
        };
        self.unless_damaged(done).await
    }

    /// Sets the file aside if it turned out to be damaged; the next call begins a new one.
    async fn unless_damaged<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Damaged(why)) = &done {
            let mut lines = self.lines.write().await;
            // Closed before it is renamed: SQLite removes a log by its name.
            if let Some(lines) = lines.take() {
                if let Err(error) = lines.close().await {
                    tracing::debug!(%error, "a damaged history does not close");
                }
                self.set_aside(why)?;
            }
        }
        done
    }

    fn set_aside(&self, why: &str) -> Result<(), StoreError> {
        let aside = |number: u32| file::beside(&self.path, &format!(".damaged-{number}"));
        let free = (1..SET_ASIDE_MAX).map(aside).find(|path| !path.exists());
        let aside = free.unwrap_or_else(|| aside(SET_ASIDE_MAX));
        for ending in ["-wal", "-shm", ""] {
            let (from, to) = (file::beside(&self.path, ending), file::beside(&aside, ending));
            match std::fs::rename(&from, &to) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(from_io("set aside", &from, &error)),
            }
        }
        tracing::error!(
            why,
            aside = %aside.display(),
            "the history is damaged and was set aside; it begins anew. Incidents, alerts and the journal are in the store and not touched"
        );
        Ok(())
    }
}

impl Lines {
    async fn open(path: &Path) -> Result<Self, StoreError> {
        let path = file::create_private(path)?;
        let writer = Line::open_with(&path, Access::Write, schema::prepare).await?;
        writer.run("open the history", OPEN_TIME_MAX, |connection, _| schema::recognise(connection)).await?;
        let check = |connection: &mut Connection, _: &Gate| super::schema::check(connection);
        if writer.try_run("check the history", CHECK_TIME_MAX, check).await?.is_none() {
            tracing::debug!(history.path = %path.display(), "the history is too big to be checked and is used unchecked");
        }
        writer.run("settings", OPEN_TIME_MAX, |connection, _| super::schema::settle(connection)).await?;
        writer.run("migration", OPEN_TIME_MAX, |connection, _| schema::migrate(connection)).await?;
        let reader = Line::open_with(&path, Access::Read, schema::prepare).await?;
        let opened = Opened::now(&path)?;
        Ok(Self { writer, reader, opened })
    }

    async fn close(self) -> Result<(), StoreError> {
        let reader = self.reader.close().await;
        // Also where the other did not close: the last one folds the log into the file.
        self.writer.close().await.and(reader)
    }
}

fn not_open() -> StoreError {
    StoreError::Unavailable("the history is being opened. It works by itself in a moment".to_owned())
}

#[async_trait]
impl HistoryStore for SqliteHistory {
    async fn keep(&self, batch: &Batch) -> Result<(), StoreError> {
        let rows = rows::Rows::of(batch);
        self.write("keep the history", move |connection, gate| rows::keep(connection, gate, &rows)).await
    }

    async fn hours(
        &self,
        target: &TargetId,
        series: Series,
        from: Timestamp,
        to: Timestamp,
        detail: Detail,
    ) -> Result<Vec<Hour>, StoreError> {
        let target = target.clone();
        let query =
            move |connection: &Connection| rows::hours(connection, &target, series, (from, to), detail);
        self.read("read a series", query).await
    }

    async fn series_of(&self, target: &TargetId, from: Timestamp) -> Result<Vec<Series>, StoreError> {
        let target = target.clone();
        self.read("list series", move |connection| rows::series_of(connection, &target, from)).await
    }

    async fn days(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UptimeDay>, StoreError> {
        let target = target.cloned();
        self.read("read days", move |connection| rows::days(connection, target.as_ref(), from, to)).await
    }

    async fn totals(&self, from: Timestamp, to: Timestamp) -> Result<Vec<DayTotal>, StoreError> {
        self.read("read days", move |connection| rows::totals(connection, from, to)).await
    }

    async fn recordings(
        &self,
        of: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Recording>, StoreError> {
        let of = of.cloned();
        let query =
            move |connection: &Connection| rows::recordings(connection, of.as_ref(), (from, to), limit);
        self.read("read recordings", query).await
    }

    async fn end(&self) {
        if let Err(error) = self.close().await {
            tracing::debug!(%error, "the history does not close; what was written is kept");
        }
    }

    async fn prune(&self, horizon: &Horizon) -> Result<Removed, StoreError> {
        let horizon = *horizon;
        let mut removed = Removed::default();
        let mark = self.read("read how far retention is", rows::mark).await?;
        let mut after = Some((String::new(), String::new()));
        while let Some(from) = after {
            let job = move |connection: &mut Connection, gate: &Gate| {
                rows::remove_hours(connection, gate, &from, mark, &horizon)
            };
            let slice = self.write("prune the history", job).await?;
            removed.minutes += slice.minutes;
            removed.hours += slice.hours;
            after = slice.after;
        }
        let job =
            move |connection: &mut Connection, gate: &Gate| rows::remove_days(connection, gate, &horizon);
        removed.hours += self.write("prune the history", job).await?;
        for _ in 0..SLICES_MAX {
            let job = move |connection: &mut Connection, gate: &Gate| {
                rows::remove_recordings(connection, gate, &horizon)
            };
            let slice = self.write("prune recordings", job).await?;
            self.write("prune recordings", |connection, _| writing::give_back_room(connection)).await?;
            removed.recordings += slice;
            if slice == 0 {
                break;
            }
        }
        Ok(removed)
    }
}

impl fmt::Debug for SqliteHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteHistory").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
