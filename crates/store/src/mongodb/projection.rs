//! What is made from the journal: each thing as it is now, one document each, also for other programs to read.
//!
//! Each document carries the number of the commit that it comes from, and is never replaced by an older one. Making the same
//! twice changes nothing. A field that a commit does not tell is left out, never made up.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error;
use rebound::alert::{Alert, AlertReason};
use rebound::heal::StepOutcome;
use rebound::ids::{StepId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::{CheckSeen, Fact, JournalEntry, TargetState};
use rebound_engine::ports::{StateRecord, StoreError};

use super::MongodbStore;
use super::failure::{DUPLICATE_KEY, Fault};
use super::form::{date, number, to_bson, whole};
use super::schema::{ALERTS, INCIDENTS, LEASES, RECORD_VERSION, SERVERS, STATE, STATUS, STEPS};
use super::standing;
use crate::leases::{KEY_TARGET, Standing};
use crate::sqlite::severity_word;

/// Most documents of one `update` command; the server takes 100,000.
pub(super) const UPDATES_MAX: usize = 500;

/// Most bytes of one `update` command; the server takes 16 MB, and one document can have 12.
pub(super) const UPDATE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The id of the status of the first target, where earlier systems had their only one.
const CURRENT: &str = "current";

/// Documents of one collection that replace, or add to, what is there: by id.
type Changes = BTreeMap<Id, Change>;

/// Ids in the order of the database's: numbers or texts, never both in one collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Id {
    Number(i64),
    Text(String),
}

enum Change {
    /// The whole document.
    Whole(Document),
    /// Fields of it: some set, some taken away.
    Fields { set: Document, unset: Document },
}

impl MongodbStore {
    /// Makes what a commit says: `last` is its last number. Collections are written side by side.
    pub(super) async fn project(
        &self,
        last: i64,
        entries: &[(u64, JournalEntry)],
        state: &[StateRecord],
        standing: &Standing,
    ) -> Result<(), Fault> {
        let mut incidents = Changes::new();
        let mut alerts = Changes::new();
        let mut steps = Changes::new();
        let mut status = Changes::new();
        // What waited for the store comes with its end: an act that was refused was no attempt.
        let refused: BTreeSet<&StepId> =
            entries.iter().filter_map(|(_, entry)| refused(&entry.fact)).collect();
        for (_, entry) in entries {
            match &entry.fact {
                Fact::Incident(incident) => {
                    incidents.insert(
                        Id::Number(number(incident.id.number())?),
                        Change::Whole(whole_incident(incident)?),
                    );
                }
                Fact::Alert(alert) => {
                    alerts.insert(Id::Number(number(alert.id.number())?), Change::Whole(whole_alert(alert)?));
                }
                Fact::StepIntended(_) | Fact::StepFinished(_) => note_step(&mut steps, entry)?,
                Fact::Asked(_) | Fact::Phase { .. } | Fact::Drill(_) | Fact::Began { .. } => {}
            }
            if !matches!(&entry.fact, Fact::StepIntended(step) if refused.contains(&step.step)) {
                self.note_status(&mut status, entry);
            }
        }
        for record in state {
            self.note_last_look(&mut status, record);
        }
        let state = state
            .iter()
            .map(|record| (Id::Text(record.key.clone()), Change::Whole(doc! { "body": &record.body })));
        let state: Changes = state.collect();
        let (servers, leases) = changed_by(last, standing)?;
        let all = [
            (INCIDENTS, incidents),
            (ALERTS, alerts),
            (STEPS, steps),
            (STATUS, status),
            (STATE, state),
            (SERVERS, servers),
            (LEASES, leases),
        ];
        let written = all.into_iter().map(|(collection, changes)| self.write(collection, last, changes));
        try_join_all(written).await.map(|_| ())
    }

    async fn write(&self, collection: &str, last: i64, changes: Changes) -> Result<(), Fault> {
        // What other programs left under a name of a status is taken over, or it would stand there for ever.
        let takes_over = collection == STATUS;
        let mut updates = Vec::new();
        let mut bytes = 0;
        for (id, change) in changes {
            let update = update(&id, change, last, takes_over);
            let size = update.to_vec().map_err(Error::from)?.len();
            if updates.len() >= UPDATES_MAX || (bytes + size > UPDATE_BYTES_MAX && !updates.is_empty()) {
                self.send(collection, std::mem::take(&mut updates)).await?;
                bytes = 0;
            }
            bytes += size;
            updates.push(update);
        }
        if updates.is_empty() { Ok(()) } else { self.send(collection, updates).await }
    }

    /// Sends updates. Where a document could not be made anew because it is there, with the same number or a newer one, or
    /// because another server made it this moment, it is updated once more if it is older.
    async fn send(&self, collection: &str, updates: Vec<Document>) -> Result<(), Fault> {
        let taken = self.update(collection, &updates).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let again: Vec<Document> = taken
            .into_iter()
            .filter_map(|index| updates.get(index).cloned())
            .map(|mut update| {
                update.insert("upsert", false);
                update
            })
            .collect();
        self.update(collection, &again).await.map(|_| ())
    }

    /// Runs one `update` command, and returns which of the updates met an id that is taken.
    pub(super) async fn update(&self, collection: &str, updates: &[Document]) -> Result<Vec<usize>, Fault> {
        let concern = doc! { "w": "majority", "j": true };
        self::updates(&self.database, collection, updates.to_vec(), concern).await
    }

    /// What an entry tells of its target's status.
    fn note_status(&self, status: &mut Changes, entry: &JournalEntry) {
        let Some(target) = &entry.target else { return };
        let mut set = doc! { "target": target.as_str() };
        let mut unset = Document::new();
        match &entry.fact {
            Fact::Phase { phase, because } => {
                set.extend(doc! { "phase": phase, "because": because });
                set.insert("auto_healing_in_progress", matches!(phase.as_str(), "Healing" | "Verifying"));
                match healthy(phase) {
                    Some(healthy) => set.insert("healthy", healthy),
                    None => unset.insert("healthy", ""),
                };
            }
            Fact::StepIntended(_) => {
                set.insert("last_healing_attempt", date(entry.at));
            }
            Fact::Incident(incident) if incident.closed.is_some() => {
                unset.insert("incident", "");
            }
            Fact::Incident(incident) => {
                // It was checked to be a number that fits when the commit was made.
                set.insert("incident", i64::try_from(incident.id.number()).unwrap_or(i64::MAX));
            }
            // Nobody has seen it for long.
            Fact::Alert(alert)
                if alert.reason == AlertReason::UnknownTooLong && alert.resolved_at.is_none() =>
            {
                unset.insert("healthy", "");
            }
            Fact::Alert(_) | Fact::StepFinished(_) | Fact::Asked(_) | Fact::Drill(_) | Fact::Began { .. } => {
                return;
            }
        }
        set.extend(doc! { "timestamp": date(entry.at), "updated_at": date(entry.at) });
        self.merge_status(status, target, &set, &unset);
    }

    /// What a target's state tells of the last look at it. That is no change of its status, whose time stays.
    fn note_last_look(&self, status: &mut Changes, record: &StateRecord) {
        if !record.key.starts_with(KEY_TARGET) {
            return;
        }
        // A form that is not known here tells nothing: the one who wrote it knows it.
        let state = serde_json::from_str::<Option<TargetState>>(&record.body).ok().flatten();
        let Some(state) = state else { return };
        let mut set = doc! { "target": state.id.as_str() };
        let mut unset = Document::new();
        match state.last_look() {
            Some((at, checks)) => {
                let worst = checks.iter().map(|check| check.failures).max();
                set.extend(doc! { "last_check": date(at), "health_details": details(&checks) });
                set.extend(
                    worst.map(|failures| ("consecutive_failures".to_owned(), i64::from(failures).into())),
                );
            }
            None => {
                unset.extend(doc! { "last_check": "", "health_details": "", "consecutive_failures": "" });
            }
        }
        self.merge_status(status, &state.id, &set, &unset);
    }

    fn merge_status(&self, status: &mut Changes, target: &TargetId, set: &Document, unset: &Document) {
        let mut ids = vec![target.as_str()];
        if self.first.as_ref() == Some(target) {
            ids.push(CURRENT);
        }
        for id in ids {
            merge(status, Id::Text(id.to_owned()), set.clone(), unset.clone());
        }
    }
}

/// The step that a fact says was not started.
fn refused(fact: &Fact) -> Option<&StepId> {
    let Fact::StepFinished(result) = fact else { return None };
    (result.outcome == StepOutcome::Refused).then_some(&result.step)
}

/// Runs one `update` command, written as `concern` says, and returns which of the updates met a key that is taken.
pub(super) async fn updates(
    database: &Database,
    collection: &str,
    updates: Vec<Document>,
    concern: Document,
) -> Result<Vec<usize>, Fault> {
    let answer = database.run_command(doc! {
        "update": collection,
        "updates": updates,
        "ordered": false,
        "writeConcern": concern,
    });
    let answer = answer.await?;
    if let Ok(concern) = answer.get_document("writeConcernError") {
        let why = concern.get_str("errmsg").unwrap_or("not written on most members");
        return Err(StoreError::Unavailable(format!("{collection}: {why}")).into());
    }
    let mut taken = Vec::new();
    for failure in answer.get_array("writeErrors").map(Vec::as_slice).unwrap_or_default() {
        let failure = failure.as_document().cloned().unwrap_or_default();
        let code = failure.get("code").and_then(whole);
        if code != Some(i64::from(DUPLICATE_KEY)) {
            let why = failure.get_str("errmsg").unwrap_or("an update was refused");
            return Err(StoreError::Unavailable(format!("{collection}: {why}")).into());
        }
        let index = failure.get("index").and_then(whole).and_then(|index| usize::try_from(index).ok());
        taken.extend(index);
    }
    Ok(taken)
}

/// The rows and leases that the commit `last` changed.
fn changed_by(last: i64, standing: &Standing) -> Result<(Changes, Changes), StoreError> {
    let seq = u64::try_from(last).unwrap_or(0);
    let (mut servers, mut leases) = (Changes::new(), Changes::new());
    for (row, server) in standing.servers.iter().filter(|(_, server)| server.seq == seq) {
        servers.insert(Id::Number(number(*row)?), Change::Whole(standing::server(server)));
    }
    for (id, held) in standing.leases.iter().filter(|(_, held)| held.seq == seq) {
        leases.insert(Id::Text(id.as_str().to_owned()), Change::Whole(standing::lease(held)?));
    }
    Ok((servers, leases))
}

/// What was seen of each check. A point in a field's name would look like a path, so it is written as `_`.
fn details(checks: &[CheckSeen]) -> Document {
    let detail = |check: &CheckSeen| {
        let failures = i64::from(check.failures);
        let mut detail = doc! { "status": check.verdict, "since": date(check.since), "failures": failures };
        detail.extend(check.reason.clone().map(|reason| ("reason".to_owned(), reason.into())));
        detail.extend(check.value.clone().map(|value| ("value".to_owned(), value.into())));
        (check.id.name().replace('.', "_"), Bson::Document(detail))
    };
    checks.iter().map(detail).collect()
}

/// Whether a target is healthy, by the word of its phase; `None`: the word does not tell. A failure that is not believed yet is
/// no ill health.
fn healthy(phase: &str) -> Option<bool> {
    match phase {
        "Healthy" | "Suspect" => Some(true),
        "Waiting" | "Paused" | "Healing" | "Verifying" | "Needs a person" | "Suppressed" => Some(false),
        _ => None,
    }
}

pub(super) fn whole_incident(incident: &Incident) -> Result<Document, StoreError> {
    let mut document = doc! {
        "target": incident.target.as_str(),
        "severity": severity_word(incident.severity),
        "opened_at": date(incident.opened_at),
        "open": incident.closed.is_none(),
    };
    if let Some(closing) = &incident.closed {
        document.insert("closed_at", date(closing.at));
    }
    document.insert("incident", to_bson(incident)?);
    Ok(document)
}

/// With the fields that scripts of earlier systems read.
pub(super) fn whole_alert(alert: &Alert) -> Result<Document, StoreError> {
    let facts = alert.message.facts.iter();
    let details: Document = facts.map(|(label, value)| (label.clone(), Bson::from(value.as_str()))).collect();
    let mut document = doc! {
        "component": alert.target.as_ref().map_or("rebound", |target| target.as_str()),
        "component_name": &alert.message.about,
        "severity": severity_word(alert.severity),
        "status": alert.reason.code(),
        "message": &alert.message.title,
        "details": details,
        "timestamp": date(alert.at),
        "created_at": date(alert.at),
        "acknowledged": alert.acknowledged.is_some(),
        "resolved": alert.resolved_at.is_some(),
    };
    if let Some(target) = &alert.target {
        document.insert("target", target.as_str());
    }
    if let Some(signature) = &alert.acknowledged {
        document.insert("acknowledged_at", date(signature.at));
        document.insert("acknowledged_by", &signature.by);
    }
    if let Some(resolved_at) = alert.resolved_at {
        document.insert("resolved_at", date(resolved_at));
    }
    document.insert("alert", to_bson(alert)?);
    Ok(document)
}

fn note_step(steps: &mut Changes, entry: &JournalEntry) -> Result<(), StoreError> {
    let (step, set) = match &entry.fact {
        Fact::StepIntended(request) => {
            let set = doc! {
                "target": request.target.as_str(),
                "incident": number(request.incident.number())?,
                "remedy": &request.remedy,
                "because": &request.because,
                "intended_at": date(entry.at),
                "deadline": date(request.deadline),
            };
            (&request.step, set)
        }
        Fact::StepFinished(result) => {
            let mut set = doc! {
                "target": result.target.as_str(),
                "outcome": to_bson(&result.outcome)?,
                "output": &result.output,
                "finished_at": date(entry.at),
            };
            if let Some(link) = &result.link {
                set.insert("link", link);
            }
            (&result.step, set)
        }
        Fact::Incident(_)
        | Fact::Alert(_)
        | Fact::Asked(_)
        | Fact::Phase { .. }
        | Fact::Drill(_)
        | Fact::Began { .. } => {
            return Ok(());
        }
    };
    merge(steps, Id::Text(step.to_string()), set, Document::new());
    Ok(())
}

/// Adds fields to a change; what is said later counts.
fn merge(changes: &mut Changes, id: Id, set: Document, unset: Document) {
    let change = changes.entry(id).or_insert(Change::Fields { set: Document::new(), unset: Document::new() });
    if let Change::Fields { set: kept, unset: gone } = change {
        for key in set.keys() {
            gone.remove(key);
        }
        for key in unset.keys() {
            kept.remove(key);
        }
        kept.extend(set);
        gone.extend(unset);
    }
}

/// One part of an `update` command: makes or changes the document, unless that has a newer number.
fn update(id: &Id, change: Change, last: i64, takes_over: bool) -> Document {
    let id = match id {
        Id::Number(number) => Bson::Int64(*number),
        Id::Text(text) => Bson::String(text.clone()),
    };
    let marks = doc! { "seq": last, "version": i64::from(RECORD_VERSION) };
    let change = match change {
        Change::Whole(document) => {
            let mut whole = doc! { "_id": id.clone() };
            whole.extend(document);
            whole.extend(marks);
            whole
        }
        Change::Fields { mut set, unset } => {
            set.extend(marks);
            let mut change = doc! { "$set": set };
            if !unset.is_empty() {
                change.insert("$unset", unset);
            }
            change
        }
    };
    let mut filter = doc! { "_id": id, "seq": { "$lt": last } };
    if takes_over {
        filter.remove("seq");
        filter.insert("$or", vec![doc! { "seq": { "$lt": last } }, doc! { "seq": { "$exists": false } }]);
    }
    doc! { "q": filter, "u": change, "upsert": true }
}
