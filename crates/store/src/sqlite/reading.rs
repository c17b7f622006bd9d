//! What is read: pages of bounded length, each record checked for a form that this Rebound knows.
//!
//! Never writes, and never passes over a record that it cannot read.

use rebound::alert::Alert;
use rebound::ids::{IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::{AlertFilter, PAGE_MAX, StateRecord, StoreError};
use rebound_engine::settings::Revision;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};
use serde::de::DeserializeOwned;

use super::failure::Fault;
use super::schema::RECORD_VERSION;
use super::writing::severity_word;

/// Every part of the state, in the order of keys. As many as there are targets, and a few.
pub(super) fn state(connection: &Connection) -> Result<Vec<StateRecord>, Fault> {
    let mut statement = connection.prepare_cached("SELECT key, body, version FROM state ORDER BY key")?;
    let mut rows = statement.query([])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get("key")?;
        must_know(row, || format!("state \"{key}\""))?;
        records.push(StateRecord { body: row.get("body")?, key });
    }
    Ok(records)
}

/// Alerts that match, newest first.
pub(super) fn alerts(connection: &Connection, filter: &AlertFilter) -> Result<Vec<Alert>, Fault> {
    let mut conditions = vec!["id < ?"];
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(below(filter.before.map(|id| id.number())))];
    if let Some(severity) = filter.severity {
        conditions.push("severity = ?");
        values.push(Box::new(severity_word(severity)));
    }
    if let Some(target) = &filter.target {
        conditions.push("target = ?");
        values.push(Box::new(target.as_str().to_owned()));
    }
    // Written out, so that the index over those that wait for somebody is used.
    match filter.acknowledged {
        None => {}
        Some(true) => conditions.push("acknowledged = 1"),
        Some(false) => conditions.push("acknowledged = 0"),
    }
    values.push(Box::new(filter.limit.min(PAGE_MAX)));
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT id, body, version FROM alerts WHERE {conditions} ORDER BY id DESC LIMIT ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        alerts.push(document(row, "alert")?);
    }
    Ok(alerts)
}

/// One incident.
pub(super) fn incident(connection: &Connection, id: IncidentId) -> Result<Option<Incident>, Fault> {
    let Ok(id) = i64::try_from(id.number()) else { return Ok(None) };
    let mut statement = connection.prepare_cached("SELECT id, body, version FROM incidents WHERE id = ?1")?;
    let found = statement.query_row([id], |row| Ok(document(row, "incident"))).optional()?;
    found.transpose()
}

/// Incidents below `before`, newest first.
pub(super) fn incidents(
    connection: &Connection,
    before: Option<IncidentId>,
    limit: u32,
) -> Result<Vec<Incident>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT id, body, version FROM incidents WHERE id < ?1 ORDER BY id DESC LIMIT ?2")?;
    let mut rows = statement.query(params![below(before.map(IncidentId::number)), limit.min(PAGE_MAX)])?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        incidents.push(document(row, "incident")?);
    }
    Ok(incidents)
}

/// Entries above `after`, in the order written.
pub(super) fn journal(
    connection: &Connection,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, JournalEntry)>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at_ms, target, incident, body, version FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![after, limit.min(PAGE_MAX)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

/// Changes of the settings below `before`, newest first.
pub(super) fn revisions(
    connection: &Connection,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Revision>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT number AS id, body, version FROM settings WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![below(before), limit.min(PAGE_MAX)])?;
    let mut revisions = Vec::new();
    while let Some(row) = rows.next()? {
        revisions.push(document(row, "change of the settings")?);
    }
    Ok(revisions)
}

fn entry(row: &Row<'_>) -> Result<(u64, JournalEntry), Fault> {
    let seq: i64 = row.get("seq")?;
    let name = || format!("journal entry {seq}");
    must_know(row, name)?;
    let fact: Fact = from_json(row, name)?;
    let target = row
        .get::<_, Option<String>>("target")?
        .map(|text| TargetId::try_new(&text))
        .transpose()
        .map_err(|error| StoreError::Damaged(format!("{}: {error}", name())))?;
    let incident =
        row.get::<_, Option<i64>>("incident")?.map(|id| number(id, name).map(IncidentId::new)).transpose()?;
    let at = Timestamp::from_ms(row.get("at_ms")?);
    Ok((number(seq, name)?, JournalEntry { at, target, incident, fact }))
}

fn document<T: DeserializeOwned>(row: &Row<'_>, noun: &str) -> Result<T, Fault> {
    let id: i64 = row.get("id")?;
    let name = || format!("{noun} {id}");
    must_know(row, name)?;
    from_json(row, name)
}

/// Refuses a record in a form from the future.
fn must_know(row: &Row<'_>, name: impl Fn() -> String) -> Result<(), Fault> {
    let found: i64 = row.get("version")?;
    if (1..=i64::from(RECORD_VERSION)).contains(&found) {
        return Ok(());
    }
    let text = format!("{} has form {found}, this Rebound understands up to {RECORD_VERSION}", name());
    Err(StoreError::Damaged(text).into())
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, name: impl Fn() -> String) -> Result<T, Fault> {
    let body: String = row.get("body")?;
    let read = serde_json::from_str(&body);
    Ok(read.map_err(|error| StoreError::Damaged(format!("{} cannot be read: {error}", name())))?)
}

fn number(column: i64, name: impl Fn() -> String) -> Result<u64, Fault> {
    let number = u64::try_from(column);
    Ok(number.map_err(|_| StoreError::Damaged(format!("{} has a negative number", name())))?)
}

/// The bound for `id < ?`. No id is as high as the bound for all of them.
fn below(before: Option<u64>) -> i64 {
    before.map_or(i64::MAX, |id| i64::try_from(id).unwrap_or(i64::MAX))
}
