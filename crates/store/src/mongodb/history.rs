//! The history in the same database as the store, in three collections of its own.
//!
//! Each row has a key made of what it is about, so that writing again replaces. It is acknowledged by the primary alone: a change
//! of primaries may take the last seconds of numbers, and holds up nothing. Nothing here is read by the store.

mod older;
mod rows;
mod years;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::history::port::{Batch, Detail, HistoryStore, Horizon, RECORDINGS_MAX, Removed};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::{HOUR_MS, Hour};
use rebound_engine::history::uptime::{DayTotal, UptimeDay};
use rebound_engine::ports::StoreError;

use super::failure::{Fault, Speaker};
use super::form::{date, whole};
use super::projection::{UPDATE_BYTES_MAX, UPDATES_MAX, updates};
use super::schema::ours;
use super::{MongodbStore, within};
use crate::history::readable;
use older::ROLLUPS;
use rows::{damaged, day_of, field, hour_in, of_day, of_hours, of_recording, recording_of};

/// Hours of targets, each with all of its series and their minutes packed.
pub(super) const HOURS: &str = "rollup_hours";
/// Days of targets.
pub(super) const UPTIME: &str = "uptime";
/// The same days without their hours, a year of a target in one document.
pub(super) const YEARS: &str = "uptime_years";
/// What was seen, packed.
pub(super) const RECORDINGS: &str = "recordings";

/// Longest time for a write. The engine waits longer.
const KEEP_TIME_MAX: Duration = Duration::from_secs(20);
/// Longest time for a query.
const READ_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest time for one slice of retention.
const PRUNE_TIME_MAX: Duration = Duration::from_secs(20);
/// Most documents that one slice of retention removes.
const PRUNE_SLICE: i64 = 1_000;
/// Most slices of one call of `prune`.
const PRUNE_SLICES_MAX: u32 = 200;

/// The history in a MongoDB database.
pub struct MongodbHistory {
    store: Arc<MongodbStore>,
    database: Database,
    speaker: Speaker,
    /// Whether the indexes were made.
    prepared: AtomicBool,
    /// Whether there are hours that an older Rebound kept.
    older: AtomicBool,
}

impl MongodbHistory {
    /// The history beside `store`, in the same database.
    #[must_use]
    pub fn of(store: &Arc<MongodbStore>) -> Self {
        Self {
            database: store.database.clone(),
            speaker: store.speaker.clone(),
            store: Arc::clone(store),
            prepared: AtomicBool::new(false),
            older: AtomicBool::new(false),
        }
    }

    fn collection(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// Makes sure that the database is one of ours, and has the indexes.
    async fn be_prepared(&self) -> Result<(), Fault> {
        if self.prepared.load(Ordering::Acquire) {
            return Ok(());
        }
        self.store.be_prepared().await?;
        for (collection, keys) in [
            (HOURS, doc! { "target": 1, "hour": 1 }),
            (HOURS, doc! { "hour": 1 }),
            (UPTIME, doc! { "day": 1, "target": 1 }),
            (YEARS, doc! { "year": 1 }),
            (RECORDINGS, doc! { "target": 1, "from": 1 }),
            (RECORDINGS, doc! { "to": 1 }),
        ] {
            let index = IndexModel::builder().keys(keys).options(IndexOptions::default()).build();
            match self.collection(collection).create_index(index).await.map_err(Fault::from) {
                Ok(_) => {}
                // Somebody made one of his own over the same fields: it serves as well.
                Err(fault) if fault.is_other_index() => {}
                Err(fault) => return Err(fault),
            }
        }
        self.sum_up().await?;
        self.older.store(self.has_older().await?, Ordering::Release);
        self.prepared.store(true, Ordering::Release);
        Ok(())
    }

    async fn run<T>(
        &self,
        what: &str,
        limit: Duration,
        work: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, StoreError> {
        let prepared = async {
            self.be_prepared().await?;
            work.await
        };
        within(limit, prepared).await.map_err(|fault| self.speaker.say(what, fault))
    }

    /// Writes documents by their key, in parts that a command can take.
    async fn write(&self, collection: &str, changes: Vec<Document>) -> Result<(), Fault> {
        let mut part = Vec::new();
        let mut bytes = 0;
        for change in changes {
            let size = change.to_vec().map_err(mongodb::error::Error::from)?.len();
            if part.len() >= UPDATES_MAX || (bytes + size > UPDATE_BYTES_MAX && !part.is_empty()) {
                self.send(collection, std::mem::take(&mut part)).await?;
                bytes = 0;
            }
            bytes += size;
            part.push(change);
        }
        if part.is_empty() { Ok(()) } else { self.send(collection, part).await }
    }

    /// A key that is taken is one of a day that knows more, and stays.
    async fn send(&self, collection: &str, part: Vec<Document>) -> Result<(), Fault> {
        updates(&self.database, collection, part, doc! { "w": 1 }).await.map(|_| ())
    }

    /// Removes the documents that match, oldest first by `sort`, until none is left or it was enough for once.
    async fn remove(&self, collection: &str, filter: Document) -> Result<u64, Fault> {
        let mut removed = 0;
        for _ in 0..PRUNE_SLICES_MAX {
            let ids = self.ids(collection, filter.clone()).await?;
            if ids.is_empty() {
                break;
            }
            let gone = self.collection(collection).delete_many(doc! { "_id": { "$in": ids } }).await?;
            removed += gone.deleted_count;
        }
        Ok(removed)
    }

    async fn ids(&self, collection: &str, filter: Document) -> Result<Vec<Bson>, Fault> {
        let all = self.collection(collection);
        let found = all.find(ours(collection, filter)).projection(doc! { "_id": 1 });
        let found = found.limit(PRUNE_SLICE).await?;
        let found: Vec<Document> = found.try_collect().await?;
        Ok(found.into_iter().filter_map(|mut document| document.remove("_id")).collect())
    }

    /// Takes the minutes of hours before `before` away. Hours that lost theirs long ago are not looked at again.
    async fn remove_minutes(&self, collection: &str, before: Timestamp) -> Result<u64, Fault> {
        let mut removed = 0;
        let old = ours(collection, doc! { "hour": { "$lt": date(before) }, "minutes": { "$exists": true } });
        for _ in 0..PRUNE_SLICES_MAX {
            let hours = self.collection(collection);
            let oldest = hours.find_one(old.clone()).sort(doc! { "hour": 1 });
            let Some(oldest) = oldest.projection(doc! { "hour": 1 }).await? else { break };
            let hour = oldest.get_datetime("hour").map_err(|_| damaged("an hour without a date"))?;
            let next = DateTime::from_millis(hour.timestamp_millis().saturating_add(HOUR_MS));
            let of_hour = ours(
                collection,
                doc! { "hour": { "$gte": *hour, "$lt": next }, "minutes": { "$exists": true } },
            );
            let taken = hours.update_many(of_hour, doc! { "$unset": { "minutes": "" } }).await?;
            removed += taken.modified_count;
        }
        Ok(removed)
    }

    /// Removes the oldest recordings until the others have at most `bytes_max`.
    async fn shorten_recordings(&self, bytes_max: u64) -> Result<u64, Fault> {
        let recordings = self.collection(RECORDINGS);
        let sizes = recordings.find(ours(RECORDINGS, Document::new())).projection(doc! { "bytes": 1 });
        let mut newest_first = sizes.sort(doc! { "to": -1 }).await?;
        let (mut bytes, mut surplus) = (0_u64, Vec::new());
        while let Some(mut document) = newest_first.try_next().await? {
            let size = document.get("bytes").and_then(whole).unwrap_or(0);
            bytes = bytes.saturating_add(u64::try_from(size).unwrap_or(0));
            if bytes > bytes_max {
                surplus.extend(document.remove("_id"));
            }
        }
        let mut removed = 0;
        for part in surplus.chunks(usize::try_from(PRUNE_SLICE).unwrap_or(usize::MAX)) {
            let gone = recordings.delete_many(doc! { "_id": { "$in": part.to_vec() } }).await?;
            removed += gone.deleted_count;
        }
        Ok(removed)
    }
}

#[async_trait]
impl HistoryStore for MongodbHistory {
    async fn keep(&self, batch: &Batch) -> Result<(), StoreError> {
        if batch.rows() == 0 {
            return Ok(());
        }
        let hours = of_hours(&batch.hours);
        let days = batch.days.iter().map(of_day).collect();
        let years = batch.days.iter().map(|day| years::of_day(&DayTotal::of(day))).collect();
        let recordings = batch.recordings.iter().filter_map(of_recording).collect();
        let writing = async {
            self.write(HOURS, hours).await?;
            self.write(UPTIME, days).await?;
            self.write(YEARS, years).await?;
            self.write(RECORDINGS, recordings).await
        };
        self.run("keep the history", KEEP_TIME_MAX, writing).await
    }

    async fn hours(
        &self,
        target: &TargetId,
        series: Series,
        from: Timestamp,
        to: Timestamp,
        detail: Detail,
    ) -> Result<Vec<Hour>, StoreError> {
        let when = doc! { "$gte": date(from), "$lt": date(to) };
        let with_minutes = detail == Detail::Minutes;
        let name = field(series);
        let mut fields = doc! { "_id": 0, "hour": 1, "writer": 1, "version": 1 };
        fields.insert(format!("series.{name}"), 1);
        if with_minutes {
            fields.insert(format!("minutes.{name}"), 1);
        }
        let filter = doc! { "target": target.as_str(), "hour": when.clone() };
        let reading = async {
            let found = self.collection(HOURS).find(filter).projection(fields).await?;
            let found: Vec<Document> = found.try_collect().await?;
            let hours = found.iter().filter_map(|document| readable(hour_in(document, target, series)));
            let mut hours: Vec<Hour> = hours.flatten().collect();
            if self.older.load(Ordering::Acquire) {
                hours.extend(self.older_hours((target, series), when, with_minutes).await?);
            }
            hours.sort_by(|one, other| one.key.cmp(&other.key));
            Ok(hours)
        };
        self.run("read a series", READ_TIME_MAX, reading).await
    }

    async fn series_of(&self, target: &TargetId, from: Timestamp) -> Result<Vec<Series>, StoreError> {
        let newest = doc! { "target": target.as_str(), "hour": { "$gte": date(from) } };
        let reading = async {
            let mut named = self.collection(HOURS).distinct("names", newest.clone()).await?;
            if self.older.load(Ordering::Acquire) {
                named.extend(self.collection(ROLLUPS).distinct("series", newest).await?);
            }
            // One that a newer Rebound keeps is not known here.
            let known = named.iter().filter_map(Bson::as_str).filter_map(|name| name.parse().ok());
            let series: BTreeSet<Series> = known.collect();
            Ok(series.into_iter().collect())
        };
        self.run("list series", READ_TIME_MAX, reading).await
    }

    async fn days(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UptimeDay>, StoreError> {
        let mut filter = doc! { "day": { "$gte": date(from), "$lt": date(to) } };
        if let Some(target) = target {
            filter.insert("target", target.as_str());
        }
        let fields = doc! { "target": 1, "day": 1, "hours": 1, "version": 1, "_id": 0 };
        let reading = async {
            let found =
                self.collection(UPTIME).find(filter).projection(fields).batch_size(DAYS_BATCH).await?;
            let found: Vec<Document> = found.try_collect().await?;
            // The same few names come again and again.
            let mut known: BTreeMap<&str, TargetId> = BTreeMap::new();
            let mut days = Vec::with_capacity(found.len());
            for document in &found {
                let Ok(name) = document.get_str("target") else { continue };
                if !known.contains_key(name)
                    && let Ok(target) = TargetId::try_new(name)
                {
                    known.insert(name, target);
                }
                let Some(target) = known.get(name) else { continue };
                days.extend(readable(day_of(document, target)));
            }
            days.sort_by(|one, other| (&one.target, one.day).cmp(&(&other.target, other.day)));
            Ok(days)
        };
        self.run("read days", READ_TIME_MAX, reading).await
    }

    async fn totals(&self, from: Timestamp, to: Timestamp) -> Result<Vec<DayTotal>, StoreError> {
        self.run("read days", READ_TIME_MAX, self.days_of_years(from, to)).await
    }

    async fn recordings(
        &self,
        of: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Recording>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let name = of.map_or("", |target| target.as_str());
        let filter = doc! { "target": name, "from": { "$gte": date(from), "$lt": date(to) } };
        let limit = i64::from(limit.min(RECORDINGS_MAX));
        let reading = async {
            let found =
                self.collection(RECORDINGS).find(filter).sort(doc! { "from": 1 }).limit(limit).await?;
            let found: Vec<Document> = found.try_collect().await?;
            Ok(found.iter().filter_map(|document| readable(recording_of(document, of))).collect())
        };
        self.run("read recordings", READ_TIME_MAX, reading).await
    }

    async fn prune(&self, horizon: &Horizon) -> Result<Removed, StoreError> {
        let slice = async |what, work| self.run(what, PRUNE_TIME_MAX, work).await;
        let before = |field: &str, at| {
            let mut filter = Document::new();
            filter.insert(field, doc! { "$lt": date(at) });
            filter
        };
        let (mut minutes, mut hours) = (0, 0);
        // An older Rebound may have run beside this one until now.
        let older = self.run("look for older hours", PRUNE_TIME_MAX, self.has_older()).await?;
        self.older.store(older, Ordering::Release);
        for collection in std::iter::once(HOURS).chain(older.then_some(ROLLUPS)) {
            let old = self.remove_minutes(collection, horizon.minutes);
            minutes += self.run("prune minutes", PRUNE_TIME_MAX, old).await?;
            hours += slice("prune hours", self.remove(collection, before("hour", horizon.hours))).await?;
        }
        hours += slice("prune days", self.remove(UPTIME, before("day", horizon.hours))).await?;
        self.run("prune days", PRUNE_TIME_MAX, self.remove_days_of_years(horizon.hours)).await?;
        let old = self.remove(RECORDINGS, before("to", horizon.recordings));
        let mut recordings = slice("prune recordings", old).await?;
        let surplus = self.shorten_recordings(horizon.recordings_bytes_max);
        recordings += self.run("prune recordings", PRUNE_TIME_MAX, surplus).await?;
        Ok(Removed { minutes, hours, recordings })
    }
}

/// Days that the server sends at once: half a year of fifty targets.
const DAYS_BATCH: u32 = 10_000;

impl fmt::Debug for MongodbHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongodbHistory").field("database", &self.database.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
