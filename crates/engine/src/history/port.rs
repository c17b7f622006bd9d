//! What the history needs of a store.
//!
//! Everything is written by key: what is written once more replaces what stood there, so a call whose end is not known is simply
//! repeated.

use async_trait::async_trait;
use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;

use super::recording::Recording;
use super::rollup::Hour;
use super::uptime::{DayTotal, UptimeDay};
use crate::ports::StoreError;

/// What is written at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Hours of series.
    pub hours: Vec<Hour>,
    /// Days of targets. One that knows less of its day than what is kept is left out: it comes from a server that was too late.
    pub days: Vec<UptimeDay>,
    /// Recordings.
    pub recordings: Vec<Recording>,
}

impl Batch {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.hours.len() + self.days.len() + self.recordings.len()
    }
}

/// How much of the hours is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The hours alone.
    Hours,
    /// With their minutes.
    Minutes,
}

/// What has been kept long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// Minutes of hours that began before this go; the hours stay.
    pub minutes: Timestamp,
    /// Hours and days that began before this go.
    pub hours: Timestamp,
    /// Recordings that ended before this go.
    pub recordings: Timestamp,
    /// Most bytes of recordings, packed; beyond it the oldest go first.
    pub recordings_bytes_max: u64,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Hours that lost their minutes.
    pub minutes: u64,
    /// Hours and days.
    pub hours: u64,
    /// Recordings.
    pub recordings: u64,
}

/// Most recordings that one query returns.
pub const RECORDINGS_MAX: u32 = 500;

/// Keeps the history. It may be slow, and it may fail: nothing that decides waits for it.
#[async_trait]
pub trait HistoryStore: Send + Sync {
    /// Writes all of it. Need not be safe from a power failure when it returns. Where it fails, a part may have been kept.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn keep(&self, batch: &Batch) -> Result<(), StoreError>;

    /// The hours of a series that begin from `from` on and before `to`, in the order of time; of one hour perhaps several, each
    /// by another writer.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn hours(
        &self,
        target: &TargetId,
        series: Series,
        from: Timestamp,
        to: Timestamp,
        detail: Detail,
    ) -> Result<Vec<Hour>, StoreError>;

    /// The series of a target of which an hour from `from` on is kept, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn series_of(&self, target: &TargetId, from: Timestamp) -> Result<Vec<Series>, StoreError>;

    /// The days that begin from `from` on and before `to`, of one target or of all, in the order of target and day.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn days(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UptimeDay>, StoreError>;

    /// The days of all targets that begin from `from` on and before `to`, without their hours, in the order of target and day: what
    /// the page of ninety days asks for.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn totals(&self, from: Timestamp, to: Timestamp) -> Result<Vec<DayTotal>, StoreError> {
        Ok(self.days(None, from, to).await?.iter().map(DayTotal::of).collect())
    }

    /// Recordings of a target, or of Rebound's own network, that begin from `from` on and before `to`, in the order of time; at
    /// most [`RECORDINGS_MAX`].
    ///
    /// # Errors
    /// [`StoreError`].
    async fn recordings(
        &self,
        of: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Recording>, StoreError>;

    /// Gives back what it holds open, after the last write of an orderly stop. A later call opens it again.
    async fn end(&self) {}

    /// Removes what has been kept long enough, in slices. What a call leaves is removed by a later one.
    ///
    /// # Errors
    /// [`StoreError`]; what was removed stays removed.
    async fn prune(&self, horizon: &Horizon) -> Result<Removed, StoreError>;
}
