//! What is written: one commit is one transaction; pruning goes in small ones.
//!
//! Never touches incidents and alerts but to replace them with a newer version.

use rebound::alert::Alert;
use rebound::incident::{Incident, Severity};
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::{StateRecord, StoreError};
use rebound_engine::settings::Revision;
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi, params};
use serde::Serialize;

use super::failure::{Fault, code};
use super::line::Gate;
use super::schema::RECORD_VERSION;
use crate::memory::second_open_incident;

/// Most journal entries removed in one transaction, so that a commit never waits long for its turn.
pub(super) const PRUNE_SLICE: u32 = 5_000;

/// Most pages given back to the disk after one slice, for the same reason.
const PAGES_GIVEN_BACK_MAX: u32 = 4_000;

/// A commit, ready to be written: owned, and already JSON.
pub(super) struct Batch {
    entries: Vec<Entry>,
    state: Vec<StateRecord>,
}

/// A journal entry, ready to be written.
pub(super) struct Entry {
    at_ms: i64,
    target: Option<String>,
    incident: Option<i64>,
    kind: &'static str,
    body: String,
    document: Option<Document>,
}

/// What replaces its former version.
pub(super) enum Document {
    Incident { is: Box<Incident>, id: i64, body: String },
    Alert { is: Box<Alert>, id: i64, body: String },
}

/// Keeps a change of the settings, if its number is free. Whether it is kept, now or by an earlier call.
pub(super) fn revise(connection: &mut Connection, gate: &Gate, revision: &Revision) -> Result<bool, Fault> {
    let (number, body) = (column(revision.number)?, json(revision)?);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT OR IGNORE INTO settings (number, body, version) VALUES (?1, ?2, ?3)",
        params![number, body, RECORD_VERSION],
    )?;
    let there: String =
        transaction.query_row("SELECT body FROM settings WHERE number = ?1", [number], |row| row.get(0))?;
    gate.may_commit()?;
    transaction.commit()?;
    Ok(there == body)
}

impl Batch {
    /// Prepares a commit.
    pub(super) fn of(entries: &[JournalEntry], state: &[StateRecord]) -> Result<Self, StoreError> {
        let entries = entries.iter().map(Entry::of).collect::<Result<_, _>>()?;
        Ok(Self { entries, state: state.to_vec() })
    }
}

impl Entry {
    pub(super) fn of(entry: &JournalEntry) -> Result<Self, StoreError> {
        Ok(Self {
            at_ms: entry.at.as_ms(),
            target: entry.target.as_ref().map(ToString::to_string),
            incident: entry.incident.map(|id| column(id.number())).transpose()?,
            kind: entry.fact.kind(),
            body: json(&entry.fact)?,
            document: Document::of(&entry.fact)?,
        })
    }
}

impl Document {
    pub(super) fn of(fact: &Fact) -> Result<Option<Self>, StoreError> {
        Ok(match fact {
            Fact::Incident(is) => {
                Some(Self::Incident { is: is.clone(), id: column(is.id.number())?, body: json(is)? })
            }
            Fact::Alert(is) => {
                Some(Self::Alert { is: is.clone(), id: column(is.id.number())?, body: json(is)? })
            }
            Fact::StepIntended(_)
            | Fact::StepFinished(_)
            | Fact::Asked(_)
            | Fact::Phase { .. }
            | Fact::Drill(_)
            | Fact::Began { .. } => None,
        })
    }

    /// Puts it in the place of its former version.
    pub(super) fn keep(&self, transaction: &Transaction<'_>) -> Result<(), Fault> {
        match self {
            Self::Incident { is, id, body } => keep_incident(transaction, is, *id, body),
            Self::Alert { is, id, body } => keep_alert(transaction, is, *id, body),
        }
    }
}

/// Writes all of `batch`, or nothing.
pub(super) fn commit(connection: &mut Connection, gate: &Gate, batch: &Batch) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for entry in &batch.entries {
        append(&transaction, entry)?;
        if let Some(document) = &entry.document {
            document.keep(&transaction)?;
        }
    }
    for record in &batch.state {
        keep_state(&transaction, record)?;
    }
    gate.may_commit()?;
    Ok(transaction.commit()?)
}

/// Removes the oldest entries from before `before`, at most [`PRUNE_SLICE`], and returns how many.
pub(super) fn remove_slice(
    connection: &mut Connection,
    gate: &Gate,
    before: Timestamp,
) -> Result<u64, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removed = transaction
        .prepare_cached(
            "DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
        )?
        .execute(params![before.as_ms(), PRUNE_SLICE])?;
    gate.may_commit()?;
    transaction.commit()?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

/// Makes the file smaller by pages that nothing uses. Changes no data, so it may stop anywhere.
pub(super) fn give_back_room(connection: &Connection) -> Result<(), Fault> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES_GIVEN_BACK_MAX})"))?;
    let mut rows = statement.query([])?;
    // Each step gives one page back.
    while rows.next()?.is_some() {}
    Ok(())
}

pub(super) fn append(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO journal (at_ms, target, incident, kind, body, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            entry.at_ms,
            entry.target,
            entry.incident,
            entry.kind,
            entry.body,
            RECORD_VERSION
        ])?;
    Ok(())
}

fn keep_incident(transaction: &Transaction<'_>, is: &Incident, id: i64, body: &str) -> Result<(), Fault> {
    let kept = transaction
        .prepare_cached(
            "INSERT INTO incidents (id, target, opened_at_ms, closed_at_ms, severity, body, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET target = excluded.target, opened_at_ms = excluded.opened_at_ms,
                 closed_at_ms = excluded.closed_at_ms, severity = excluded.severity, body = excluded.body,
                 version = excluded.version",
        )?
        .execute(params![
            id,
            is.target.as_str(),
            is.opened_at.as_ms(),
            is.closed.as_ref().map(|closing| closing.at.as_ms()),
            severity_word(is.severity),
            body,
            RECORD_VERSION
        ]);
    match kept {
        Ok(_) => Ok(()),
        Err(error) if code(&error) == Some(ffi::SQLITE_CONSTRAINT_UNIQUE) => {
            Err(second_open_incident(is, None).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn keep_alert(transaction: &Transaction<'_>, is: &Alert, id: i64, body: &str) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO alerts (id, at_ms, severity, target, acknowledged, body, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms, severity = excluded.severity,
                 target = excluded.target, acknowledged = excluded.acknowledged, body = excluded.body,
                 version = excluded.version",
        )?
        .execute(params![
            id,
            is.at.as_ms(),
            severity_word(is.severity),
            is.target.as_ref().map(|target| target.as_str()),
            is.acknowledged.is_some(),
            body,
            RECORD_VERSION
        ])?;
    Ok(())
}

fn keep_state(transaction: &Transaction<'_>, record: &StateRecord) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO state (key, body, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET body = excluded.body, version = excluded.version",
        )?
        .execute(params![record.key, record.body, RECORD_VERSION])?;
    Ok(())
}

/// The word of a severity in its column. Must not change: filters look for it.
pub(crate) const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

fn column(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|_| StoreError::Unavailable(format!("number {number} is above the highest, {}", i64::MAX)))
}

fn json<T: Serialize>(record: &T) -> Result<String, StoreError> {
    serde_json::to_string(record)
        .map_err(|error| StoreError::Unavailable(format!("a record cannot be written as JSON: {error}")))
}
