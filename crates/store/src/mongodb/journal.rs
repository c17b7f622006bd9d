//! The journal: how a commit becomes one document, in its turn, exactly once.
//!
//! Decides by `_id` alone who is first. Never leaves a number out, and never writes anew while it is not known whether the
//! last insert happened.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, DateTime, Document, doc};
use rebound::ids::{IncidentId, TargetId};
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::cluster::{MemberId, Roster};
use rebound_engine::ports::{StateRecord, StoreError};

use super::MongodbStore;
use super::failure::Fault;
use super::form::{date, number, to_bson, whole};
use super::reading;
use super::schema::{self, JOURNAL, RECORD_VERSION, ours};
use super::standing;
use crate::leases::{Change, Standing};
use crate::memory::open_after;

/// Most times that a commit is tried because another writer was first. Each time another commit was kept, so it only runs
/// out where many servers write without end.
const TURNS_MAX: u32 = 32;

/// Largest commit, in bytes of BSON. A document can have 16 MB; the rest is for what the driver puts round it.
pub(super) const COMMIT_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Commits that are brought into the other collections with one query of the journal.
const CATCH_UP_PAGE: i64 = 100;

/// Commits at the end of the journal that are never pruned, whatever their age: more than can be written while any call of
/// another server lasts, so that none takes a number that was taken before.
const NEWEST_KEPT: i64 = 10_000;

/// Most commits removed with one call, so that commits in between do not wait.
pub(super) const PRUNE_SLICE: u64 = 1_000;

/// Most slices that one call of [`MongodbStore::prune`] removes.
pub(super) const PRUNE_SLICES_MAX: u32 = 1_000;

/// What the one who writes knows.
#[derive(Default)]
pub(super) struct Writer {
    /// Up to where the other collections are made; `None` until that was read.
    known: Option<Known>,
    /// The last insert, while its end is not known.
    doubt: Option<Doubt>,
    /// Entries that are kept, though whoever sent them was told that they failed: they will be sent again.
    untold: Vec<JournalEntry>,
}

struct Known {
    /// Number of the last entry that the other collections have.
    last: i64,
    /// The open incident of each target at that point.
    open: BTreeMap<TargetId, IncidentId>,
    /// Who takes part and who watches what at that point.
    standing: Standing,
    /// The highest numbers of an incident and an alert.
    numbers: (u64, u64),
}

struct Doubt {
    batch: Batch,
    /// Number under which it was sent.
    first: i64,
}

/// A commit, ready to be written.
#[derive(Clone)]
pub(super) struct Batch {
    /// Recognises it, whatever its number.
    pub(super) commit: ObjectId,
    entries: Vec<JournalEntry>,
    state: Vec<StateRecord>,
    /// The run that writes it; `None` where nobody takes part.
    member: Option<MemberId>,
    /// It is the beginning or the end of a run, which nobody has to allow.
    is_free: bool,
    /// The document, still without its numbers.
    document: Document,
}

impl Batch {
    /// Prepares a commit.
    pub(super) fn try_new(
        entries: &[JournalEntry],
        state: &[StateRecord],
        member: Option<MemberId>,
    ) -> Result<Self, StoreError> {
        let commit = ObjectId::new();
        let mut document = doc! { "version": i64::from(RECORD_VERSION), "commit": commit };
        if let Some(newest) = entries.iter().map(|entry| entry.at).max() {
            document.insert("at", date(newest));
            let written: Vec<Bson> = entries.iter().map(written).collect::<Result<_, _>>()?;
            document.insert("entries", written);
        }
        if !state.is_empty() {
            let record = |record: &StateRecord| doc! { "key": &record.key, "body": &record.body };
            document.insert("state", state.iter().map(record).collect::<Vec<_>>());
        }
        let size = document.to_vec().map_err(|error| Fault::Driver(error.into()));
        let size = size.map_or_else(|_| usize::MAX, |bytes| bytes.len());
        if size > COMMIT_BYTES_MAX {
            return Err(StoreError::Unavailable(format!(
                "a commit of {} entries has {size} bytes, one may have {COMMIT_BYTES_MAX}",
                entries.len()
            )));
        }
        let (entries, state) = (entries.to_vec(), state.to_vec());
        Ok(Self { commit, entries, state, member, is_free: false, document })
    }

    /// Prepares a change of who watches what.
    pub(super) fn of_change(
        change: Change,
        state: &[StateRecord],
        member: Option<MemberId>,
    ) -> Result<Self, StoreError> {
        let mut batch = Self::try_new(&[], state, member)?;
        batch.document.insert("change", standing::written(&change)?);
        batch.is_free = matches!(change, Change::Joined { .. } | Change::Ended { .. });
        Ok(batch)
    }

    /// The document under the number `first`.
    pub(super) fn numbered(&self, first: i64) -> Document {
        let mut document = doc! { "_id": first, "last": self.last(first) };
        document.extend(self.document.clone());
        let mut next = first;
        if let Ok(entries) = document.get_array_mut("entries") {
            for entry in entries.iter_mut().filter_map(Bson::as_document_mut) {
                entry.insert("seq", next);
                next = next.saturating_add(1);
            }
        }
        document
    }

    /// A commit without entries has a number of its own as well.
    pub(super) fn last(&self, first: i64) -> i64 {
        let more = self.entries.len().saturating_sub(1);
        first.saturating_add(i64::try_from(more).unwrap_or(i64::MAX))
    }
}

fn written(entry: &JournalEntry) -> Result<Bson, StoreError> {
    let mut document = doc! { "at": date(entry.at), "kind": entry.fact.kind() };
    if let Some(target) = &entry.target {
        document.insert("target", target.as_str());
    }
    if let Some(incident) = entry.incident {
        document.insert("incident", number(incident.number())?);
    }
    document.insert("fact", to_bson(&entry.fact)?);
    if let Some(own_number) = own_number(&entry.fact) {
        number(own_number)?;
    }
    Ok(Bson::Document(document))
}

/// The number under which a fact is kept in a collection of its own.
fn own_number(fact: &Fact) -> Option<u64> {
    match fact {
        Fact::Incident(incident) => Some(incident.id.number()),
        Fact::Alert(alert) => Some(alert.id.number()),
        Fact::StepIntended(_)
        | Fact::StepFinished(_)
        | Fact::Asked(_)
        | Fact::Phase { .. }
        | Fact::Drill(_)
        | Fact::Began { .. } => None,
    }
}

impl Writer {
    /// How many of `entries` are kept already: those that were sent before come first.
    pub(super) fn kept_of(&self, entries: &[JournalEntry]) -> usize {
        overlap(&self.untold, entries)
    }

    /// Whoever sends entries knows from here on that all of them are kept.
    pub(super) fn has_told(&mut self) {
        self.untold.clear();
    }

    /// Who takes part and who watches what, once the journal was read.
    pub(super) fn standing(&self) -> Option<&Standing> {
        self.known.as_ref().map(|known| &known.standing)
    }

    /// The same, as the engine sees it.
    pub(super) fn roster(&self, beats: impl Fn(&MemberId) -> u64) -> Option<Roster> {
        let known = self.known.as_ref()?;
        Some(Roster {
            seq: u64::try_from(known.last).unwrap_or(0),
            members: known.standing.members(beats),
            leases: known.standing.leases(),
            incident: known.numbers.0,
            alert: known.numbers.1,
        })
    }
}

#[cfg(test)]
impl Writer {
    /// Takes up a doubt whether `batch` was inserted, and returns the document that would have been.
    pub(super) fn doubt_about(&mut self, batch: Batch) -> Document {
        let first = self.known.as_ref().map_or(1, |known| known.last + 1);
        let document = batch.numbered(first);
        self.doubt = Some(Doubt { batch, first });
        document
    }
}

impl MongodbStore {
    /// Clears up the last insert, if its end is not known: afterwards it is kept, and its entries are untold.
    pub(super) async fn settle(&self, writer: &mut Writer) -> Result<(), Fault> {
        let Some(doubt) = &writer.doubt else { return Ok(()) };
        let batch = doubt.batch.clone();
        // Inserted once more where it is not there: under the same number, so that of the two only one can be.
        match self.append(writer, batch.clone()).await {
            Ok(_) => {
                writer.untold.extend(batch.entries);
                Ok(())
            }
            // Its run was put out before it was there, so it never will be.
            Err(Fault::Store(StoreError::Fenced(_))) => {
                writer.doubt = None;
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    /// Puts `batch` at the end of the journal, and returns the number that it has there.
    pub(super) async fn append(&self, writer: &mut Writer, batch: Batch) -> Result<i64, Fault> {
        for _ in 0..TURNS_MAX {
            self.up_to_date(writer).await?;
            let Some(known) = &writer.known else { continue };
            let first = known.last.saturating_add(1);
            let sent_as = writer.doubt.as_ref().filter(|doubt| doubt.batch.commit == batch.commit);
            if let Some(sent_as) = sent_as.map(|doubt| doubt.first).filter(|sent_as| *sent_as < first) {
                // That number is taken by now, by this commit or for good by another.
                let is_kept = self.holds(sent_as, batch.commit).await?;
                writer.doubt = None;
                if is_kept {
                    return Ok(sent_as);
                }
            }
            if !batch.is_free {
                known.standing.may_write(batch.member.as_ref(), &batch.entries, &batch.state)?;
            }
            open_after(&known.open, &batch.entries)?;
            let document = batch.numbered(first);
            // What was sent before may still arrive, even if this time nothing is sent.
            let was_sent_before = writer.doubt.is_some();
            // Noted before it is sent, so that it also holds if this call is given up in the middle.
            writer.doubt = Some(Doubt { batch: batch.clone(), first });
            self.behind.store(true, Ordering::Release);
            match self.collection(JOURNAL).insert_one(document).await.map_err(Fault::from) {
                Ok(_) => {
                    writer.doubt = None;
                    return Ok(first);
                }
                // Another writer was first, or the driver itself tried twice: the next turn looks which.
                Err(fault) if fault.is_duplicate() => {}
                Err(fault) => {
                    if fault.nothing_happened() && !was_sent_before {
                        writer.doubt = None;
                    }
                    return Err(fault);
                }
            }
        }
        let text = format!("another server was first {TURNS_MAX} times in a row");
        Err(StoreError::Unavailable(text).into())
    }

    pub(super) async fn holds(&self, first: i64, commit: ObjectId) -> Result<bool, Fault> {
        let journal = self.collection(JOURNAL);
        let found = journal.find_one(doc! { "_id": first, "commit": commit }).projection(doc! { "_id": 1 });
        Ok(found.await?.is_some())
    }

    /// Brings the other collections up to the end of the journal, in its order.
    pub(super) async fn up_to_date(&self, writer: &mut Writer) -> Result<(), Fault> {
        self.be_prepared().await?;
        if writer.known.is_none() {
            let last = schema::projected(&self.database).await?;
            writer.known = Some(Known {
                last,
                open: reading::open_incidents(&self.database).await?,
                standing: standing::load(&self.database).await?,
                numbers: reading::numbers(&self.database).await?,
            });
        }
        let Some(known) = &mut writer.known else { return Ok(()) };
        loop {
            let page = self.page_after(known.last).await?;
            if page.is_empty() {
                self.behind.store(false, Ordering::Release);
                return Ok(());
            }
            // What another server has made already need not be made again.
            let made = schema::projected(&self.database).await?;
            for mut document in page {
                let seq = document.get("_id").and_then(whole).unwrap_or_default();
                let last = document.get("last").and_then(whole).unwrap_or(seq);
                let name = || format!("commit {seq} of the journal");
                let entries = reading::entries_of(&mut document, &name)?;
                let state = reading::state_of(&document);
                if let Some(change) = standing::read(&document, &name)? {
                    known.standing.follow(u64::try_from(last).unwrap_or(0), &change);
                }
                if last > made {
                    self.project(last, &entries, &state, &known.standing).await?;
                }
                // What is in the journal is true, even if an older Rebound would have refused it.
                for (_, entry) in &entries {
                    follow(&mut known.open, &mut known.numbers, entry);
                }
                known.last = last;
            }
            if known.last > made {
                schema::note_projected(&self.database, known.last).await?;
            }
        }
    }

    async fn page_after(&self, last: i64) -> Result<Vec<Document>, Fault> {
        let journal = self.collection(JOURNAL);
        let later =
            journal.find(doc! { "last": { "$gt": last } }).sort(doc! { "last": 1 }).limit(CATCH_UP_PAGE);
        Ok(later.await?.try_collect().await?)
    }
}

fn follow(open: &mut BTreeMap<TargetId, IncidentId>, numbers: &mut (u64, u64), entry: &JournalEntry) {
    if let Fact::Alert(alert) = &entry.fact {
        numbers.1 = numbers.1.max(alert.id.number());
    }
    let Fact::Incident(incident) = &entry.fact else { return };
    numbers.0 = numbers.0.max(incident.id.number());
    open.retain(|_, id| *id != incident.id);
    if incident.closed.is_none() {
        open.insert(incident.target.clone(), incident.id);
    }
}

/// How many of `again` stand at the end of `kept`. Some of its first ones may have been given up meanwhile.
fn overlap(kept: &[JournalEntry], again: &[JournalEntry]) -> usize {
    let most = kept.len().min(again.len());
    let stands = |count: &usize| kept.get(kept.len() - count..) == again.get(..*count);
    (0..=most).rev().find(stands).unwrap_or(0)
}

/// Removes commits from before `before` and copies of the state that were replaced; returns how many.
pub(super) async fn remove_slice(database: &Database, before: Timestamp) -> Result<u64, Fault> {
    let journal = database.collection::<Document>(JOURNAL);
    let newest = schema::projected(database).await?.saturating_sub(NEWEST_KEPT);
    let replaced = doc! { "$or": [
        { "at": { "$lt": DateTime::from_millis(before.as_ms()) } },
        { "entries": { "$exists": false } },
    ] };
    let mut filter = ours(JOURNAL, doc! { "_id": { "$lt": newest } });
    filter.extend(replaced);
    let slice = i64::try_from(PRUNE_SLICE).unwrap_or(i64::MAX);
    let found =
        journal.find(filter).projection(doc! { "_id": 1 }).sort(doc! { "_id": 1 }).limit(slice).await?;
    let found: Vec<Document> = found.try_collect().await?;
    let ids: Vec<Bson> = found.into_iter().filter_map(|mut document| document.remove("_id")).collect();
    // What remains of older commits are their entries: their state has long been replaced.
    let with_state =
        doc! { "_id": { "$lt": newest }, "state": { "$exists": true }, "entries": { "$exists": true } };
    journal.update_many(with_state, doc! { "$unset": { "state": "" } }).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    Ok(journal.delete_many(doc! { "_id": { "$in": ids } }).await?.deleted_count)
}

#[cfg(test)]
mod tests {
    use rebound::monitor::Fact;

    use super::*;

    fn entry(ms: i64) -> JournalEntry {
        let fact = Fact::Began { again: true };
        JournalEntry { at: Timestamp::from_ms(ms), target: None, incident: None, fact }
    }

    #[test]
    fn what_is_sent_again_is_known_by_how_it_begins() {
        let kept = [1, 2, 3].map(entry);
        assert_eq!(overlap(&kept, &[1, 2, 3, 4].map(entry)), 3);
        assert_eq!(overlap(&kept, &[2, 3, 4].map(entry)), 2, "the oldest was given up");
        assert_eq!(overlap(&kept, &[4].map(entry)), 0);
        assert_eq!(overlap(&kept, &[]), 0);
        assert_eq!(overlap(&[], &kept), 0);
    }

    #[test]
    fn a_commit_that_no_document_can_hold_is_refused() {
        let long = "x".repeat(1024 * 1024);
        let fact = || Fact::Phase { phase: "Suspect".to_owned(), because: long.clone() };
        let entries: Vec<_> = (0..12).map(|ms| JournalEntry { fact: fact(), ..entry(ms) }).collect();
        assert!(Batch::try_new(&entries[1..], &[], None).is_ok());
        let refused = Batch::try_new(&entries, &[], None).map(|_| ());
        let Err(StoreError::Unavailable(text)) = refused else { panic!("{refused:?}") };
        assert!(text.contains("a commit of 12 entries has 125"), "{text}");
    }
}
