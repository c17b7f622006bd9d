//! What is read: pages of bounded length, each document checked for a form that this Rebound knows.
//!
//! Never writes, and never passes over a document that it cannot read.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};
use rebound::alert::Alert;
use rebound::ids::{IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound::time::Timestamp;
use rebound_engine::ports::{AlertFilter, PAGE_MAX, StateRecord, StoreError};

use super::failure::Fault;
use super::form::{below, from_field, must_know, whole};
use super::schema::{ALERTS, INCIDENTS, JOURNAL, STATE};
use crate::sqlite::severity_word;

/// The parts of the state that match, in the order of keys. As many as there are targets, and a few.
pub(super) async fn state(database: &Database, query: Document) -> Result<Vec<StateRecord>, Fault> {
    let found = database.collection::<Document>(STATE).find(query).sort(doc! { "_id": 1 }).await?;
    let found: Vec<Document> = found.try_collect().await?;
    let mut records = Vec::new();
    for document in found {
        let key = document.get_str("_id").unwrap_or("without a key").to_owned();
        let name = || format!("state \"{key}\"");
        must_know(&document, &name)?;
        let Ok(body) = document.get_str("body") else {
            return Err(StoreError::Damaged(format!("{} has no body", name())).into());
        };
        records.push(StateRecord { body: body.to_owned(), key });
    }
    Ok(records)
}

/// Alerts that match, newest first.
pub(super) async fn alerts(database: &Database, filter: &AlertFilter) -> Result<Vec<Alert>, Fault> {
    if filter.limit == 0 {
        return Ok(Vec::new());
    }
    // Other programs may keep alerts of theirs here.
    let mut query =
        doc! { "_id": { "$lt": below(filter.before.map(|id| id.number())) }, "alert": { "$exists": true } };
    if let Some(severity) = filter.severity {
        query.insert("severity", severity_word(severity));
    }
    if let Some(target) = &filter.target {
        query.insert("target", target.as_str());
    }
    if let Some(acknowledged) = filter.acknowledged {
        query.insert("acknowledged", acknowledged);
    }
    let found = newest_first(database, ALERTS, query, filter.limit).await?;
    found.into_iter().map(|document| record(document, "alert")).collect()
}

/// One incident.
pub(super) async fn incident(database: &Database, id: IncidentId) -> Result<Option<Incident>, Fault> {
    let Ok(id) = i64::try_from(id.number()) else { return Ok(None) };
    let found = database.collection::<Document>(INCIDENTS).find_one(doc! { "_id": id }).await?;
    found.map(|document| record(document, "incident")).transpose()
}

/// Incidents below `before`, newest first.
pub(super) async fn incidents(
    database: &Database,
    before: Option<IncidentId>,
    limit: u32,
) -> Result<Vec<Incident>, Fault> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let query = doc! { "_id": { "$lt": below(before.map(IncidentId::number)) } };
    let found = newest_first(database, INCIDENTS, query, limit).await?;
    found.into_iter().map(|document| record(document, "incident")).collect()
}

/// The highest numbers of an incident and an alert.
pub(super) async fn numbers(database: &Database) -> Result<(u64, u64), Fault> {
    let newest = async |collection, record: &str| -> Result<u64, Fault> {
        let ours = doc! { record: { "$exists": true } };
        let all = database.collection::<Document>(collection);
        let found = all.find_one(ours).sort(doc! { "_id": -1 }).projection(doc! { "_id": 1 }).await?;
        let id = found.as_ref().and_then(|found| found.get("_id")).and_then(whole);
        Ok(id.and_then(|id| u64::try_from(id).ok()).unwrap_or(0))
    };
    Ok((newest(INCIDENTS, "incident").await?, newest(ALERTS, "alert").await?))
}

/// The open incident of each target.
pub(super) async fn open_incidents(database: &Database) -> Result<BTreeMap<TargetId, IncidentId>, Fault> {
    let found = database.collection::<Document>(INCIDENTS).find(doc! { "open": true }).await?;
    let found: Vec<Document> = found.try_collect().await?;
    let mut open = BTreeMap::new();
    for document in found {
        let incident: Incident = record(document, "incident")?;
        open.insert(incident.target, incident.id);
    }
    Ok(open)
}

/// Entries above `after`, in the order written.
pub(super) async fn journal(
    database: &Database,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, JournalEntry)>, Fault> {
    let limit = usize::try_from(limit.min(PAGE_MAX)).unwrap_or(usize::MAX);
    let mut page = Vec::new();
    if limit == 0 {
        return Ok(page);
    }
    let after_column = i64::try_from(after).unwrap_or(i64::MAX);
    let query = doc! { "last": { "$gt": after_column }, "entries": { "$exists": true } };
    let journal = database.collection::<Document>(JOURNAL);
    let later = journal.find(query).projection(doc! { "state": 0 });
    let mut later = later.sort(doc! { "last": 1 }).batch_size(JOURNAL_BATCH).await?;
    while page.len() < limit {
        let Some(mut document) = later.try_next().await? else { break };
        let seq = document.get("_id").and_then(whole).unwrap_or_default();
        let entries = entries_of(&mut document, &|| format!("commit {seq} of the journal"))?;
        let wanted = entries.into_iter().filter(|(seq, _)| *seq > after);
        page.extend(wanted.take(limit - page.len()));
    }
    Ok(page)
}

/// Commits that the server sends at once.
const JOURNAL_BATCH: u32 = 101;

/// The entries of one commit, with their numbers.
pub(super) fn entries_of(
    document: &mut Document,
    name: &dyn Fn() -> String,
) -> Result<Vec<(u64, JournalEntry)>, Fault> {
    must_know(document, name)?;
    let Some(entries) = document.remove("entries") else { return Ok(Vec::new()) };
    let damaged = |why: &str| StoreError::Damaged(format!("{}: {why}", name()));
    let Bson::Array(entries) = entries else { return Err(damaged("its entries are no list").into()) };
    let mut read = Vec::new();
    for entry in entries {
        let Bson::Document(mut entry) = entry else {
            return Err(damaged("an entry is no document").into());
        };
        let seq = entry.get("seq").and_then(whole).and_then(|seq| u64::try_from(seq).ok());
        let seq = seq.ok_or_else(|| damaged("an entry has no number"))?;
        let at = entry.get_datetime("at").map_err(|_| damaged("an entry has no date"))?;
        let at = Timestamp::from_ms(at.timestamp_millis());
        let target = entry.get_str("target").ok().map(TargetId::try_new).transpose();
        let target = target.map_err(|error| damaged(&error.to_string()))?;
        let incident = entry.get("incident").and_then(whole).and_then(|id| u64::try_from(id).ok());
        let incident = incident.map(IncidentId::new);
        let fact = from_field(&mut entry, "fact", &|| format!("journal entry {seq}"))?;
        read.push((seq, JournalEntry { at, target, incident, fact }));
    }
    Ok(read)
}

/// The state records of one commit.
pub(super) fn state_of(document: &Document) -> Vec<StateRecord> {
    let Ok(records) = document.get_array("state") else { return Vec::new() };
    let record = |record: &Document| {
        let text = |key| record.get_str(key).ok().map(str::to_owned);
        Some(StateRecord { key: text("key")?, body: text("body")? })
    };
    records.iter().filter_map(|bson| bson.as_document()).filter_map(record).collect()
}

/// The whole record in a document, in the field named after its kind.
fn record<T: serde::de::DeserializeOwned>(mut document: Document, kind: &str) -> Result<T, Fault> {
    let id = document.get("_id").and_then(whole).unwrap_or_default();
    let name = || format!("{kind} {id}");
    must_know(&document, &name)?;
    from_field(&mut document, kind, &name)
}

async fn newest_first(
    database: &Database,
    collection: &str,
    query: Document,
    limit: u32,
) -> Result<Vec<Document>, Fault> {
    let collection = database.collection::<Document>(collection);
    let found = collection.find(query).sort(doc! { "_id": -1 }).limit(i64::from(limit.min(PAGE_MAX)));
    Ok(found.await?.try_collect().await?)
}
