//! Days without their hours, a year of a target in one document: ninety days of a hundred targets are one or two hundred documents
//! then, and not nine thousand.
//!
//! Made from the days, which are what counts: each day is written here right after it. What a crash left out in between is made up
//! for at the next start.

use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::raw::{RawBsonRef, RawDocumentBuf};
use mongodb::bson::{DateTime, Document, doc};
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::history::uptime::{DAY_MS, DayTotal};
use rebound_engine::ports::StoreError;

use super::super::failure::Fault;
use super::super::form::date;
use super::super::schema::{META, RECORD_VERSION, ours};
use super::rows::{bytes, column, damaged, total_of};
use super::{MongodbHistory, UPTIME, YEARS};
use crate::history::{pack, readable};

/// Days before the newest that are looked at with every start: a late belief corrects no more than that.
const MADE_UP_FOR_MS: i64 = 3 * DAY_MS;
/// Years that are written at once where all are made.
const SLICE: usize = 100;

/// Beginning of the year in which `day` lies, in UTC.
fn year_of(day: Timestamp) -> Timestamp {
    Timestamp::from_civil(day.civil().year, 1, 1, 0, 0)
}

/// Which day of its year it is, from 0.
fn number_of(day: Timestamp) -> i64 {
    (day.as_ms() - year_of(day).as_ms()) / DAY_MS
}

/// The update that writes a day, unless the one that is there knows more.
pub(super) fn of_day(total: &DayTotal) -> Document {
    let DayTotal { target, day, figures } = total;
    let (year, number) = (year_of(*day), number_of(*day));
    let (of_day, covered) = (format!("days.{number}"), format!("covered_ms.{number}"));
    let covers = column(figures.total_ms());
    let mut set =
        doc! { "target": target.as_str(), "year": date(year), "version": i64::from(RECORD_VERSION) };
    set.insert(of_day, bytes(pack::total(figures)));
    set.insert(covered.clone(), covers);
    let mut filter = doc! { "_id": format!("{target}/{}", year.civil().year) };
    // Where the one that is there knows more, the document's key is taken.
    filter.insert(covered, doc! { "$not": { "$gt": covers } });
    doc! { "q": filter, "u": { "$set": set }, "upsert": true }
}

/// The days in a document that begin from `from` on and before `to`.
fn days_in(found: &RawDocumentBuf, from: Timestamp, to: Timestamp) -> Result<Vec<DayTotal>, StoreError> {
    let version = found.get("version").ok().flatten();
    if !matches!(version, Some(RawBsonRef::Int64(version)) if version == i64::from(RECORD_VERSION)) {
        return Err(StoreError::Damaged(format!(
            "a year has form {version:?}, this Rebound understands {RECORD_VERSION}"
        )));
    }
    let name = found.get_str("target").map_err(|_| damaged("target"))?;
    let target = TargetId::try_new(name).map_err(|_| damaged("target"))?;
    let year = found.get_datetime("year").map_err(|_| damaged("year"))?.timestamp_millis();
    let mut days = Vec::new();
    for entry in found.get_document("days").map_err(|_| damaged("days"))? {
        let (number, packed) = entry.map_err(|_| damaged("days"))?;
        let number: i64 = number.as_str().parse().map_err(|_| damaged("days"))?;
        let day = Timestamp::from_ms(year.saturating_add(number.saturating_mul(DAY_MS)));
        if from <= day && day < to {
            let RawBsonRef::Binary(packed) = packed else { return Err(damaged("days")) };
            days.push(DayTotal { target: target.clone(), day, figures: pack::total_from(packed.bytes)? });
        }
    }
    Ok(days)
}

impl MongodbHistory {
    /// The days that begin from `from` on and before `to`, in the order of target and day.
    pub(super) async fn days_of_years(&self, from: Timestamp, to: Timestamp) -> Result<Vec<DayTotal>, Fault> {
        let years: Collection<RawDocumentBuf> = self.database.collection(YEARS);
        let filter = doc! { "year": { "$gte": date(year_of(from)), "$lt": date(to) } };
        let found: Vec<RawDocumentBuf> =
            years.find(filter).batch_size(super::DAYS_BATCH).await?.try_collect().await?;
        let days = found.iter().filter_map(|year| readable(days_in(year, from, to)));
        let mut days: Vec<DayTotal> = days.flatten().collect();
        days.sort_by(|one, other| (&one.target, one.day).cmp(&(&other.target, other.day)));
        Ok(days)
    }

    /// Takes the days before `before` away.
    pub(super) async fn remove_days_of_years(&self, before: Timestamp) -> Result<(), Fault> {
        let years = self.collection(YEARS);
        let year = year_of(before);
        years.delete_many(ours(YEARS, doc! { "year": { "$lt": date(year) } })).await?;
        let mut gone = Document::new();
        for number in 0..number_of(before) {
            gone.insert(format!("days.{number}"), "");
            gone.insert(format!("covered_ms.{number}"), "");
        }
        if !gone.is_empty() {
            years.update_many(ours(YEARS, doc! { "year": date(year) }), doc! { "$unset": gone }).await?;
        }
        Ok(())
    }

    /// Makes up for what the years may lack: everything where they were never made, else the newest days.
    pub(super) async fn sum_up(&self) -> Result<(), Fault> {
        let meta = self.collection(META);
        let made = doc! { "_id": YEARS };
        if meta.find_one(made.clone()).await?.is_none() {
            self.make_years().await?;
            let whole = doc! { "$set": { "version": i64::from(RECORD_VERSION) } };
            meta.update_one(made, whole).upsert(true).await?;
        }
        let days = self.collection(UPTIME);
        let newest = days.find_one(doc! {}).sort(doc! { "day": -1 }).projection(doc! { "day": 1 }).await?;
        let Some(newest) = newest.as_ref().and_then(|day| day.get_datetime("day").ok()) else {
            return Ok(());
        };
        let from = DateTime::from_millis(newest.timestamp_millis() - MADE_UP_FOR_MS);
        let found = days.find(doc! { "day": { "$gte": from } }).projection(doc! { "hours": 0, "_id": 0 });
        let found: Vec<Document> = found.await?.try_collect().await?;
        let totals = found.iter().filter_map(|day| readable(total_of(day)));
        self.write(YEARS, totals.map(|total| of_day(&total)).collect()).await
    }

    /// Makes all years from all days. What another server writes meanwhile is newer by a minute, and comes again with the next.
    async fn make_years(&self) -> Result<(), Fault> {
        // In the order of their ids all days of a target come in a row.
        let kept = self.collection(UPTIME);
        let mut days = kept.find(doc! {}).projection(doc! { "hours": 0 }).sort(doc! { "_id": 1 }).await?;
        let (mut changes, mut year): (Vec<Document>, Vec<DayTotal>) = (Vec::new(), Vec::new());
        while let Some(day) = days.try_next().await? {
            let Some(total) = readable(total_of(&day)) else { continue };
            let belongs =
                |last: &DayTotal| last.target == total.target && year_of(last.day) == year_of(total.day);
            if !year.last().is_none_or(belongs) {
                changes.extend(of_year(&std::mem::take(&mut year)));
            }
            if changes.len() >= SLICE {
                self.write(YEARS, std::mem::take(&mut changes)).await?;
            }
            year.push(total);
        }
        changes.extend(of_year(&year));
        self.write(YEARS, changes).await
    }
}

/// The update that writes days of one target and year, whatever is there.
fn of_year(totals: &[DayTotal]) -> Option<Document> {
    let mut whole = of_day(totals.last()?);
    for total in totals {
        let mut one = of_day(total);
        let set = one
            .get_document_mut("u")
            .and_then(|update| update.get_document_mut("$set"))
            .ok()
            .map(std::mem::take);
        let into = whole.get_document_mut("u").and_then(|update| update.get_document_mut("$set")).ok()?;
        into.extend(set.into_iter().flatten());
    }
    let id = whole.get_document("q").ok()?.get("_id")?.clone();
    whole.insert("q", doc! { "_id": id });
    Some(whole)
}
