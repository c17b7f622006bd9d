//! What an earlier run left because the store refused it until the run ended: written before anything newer, once.
//!
//! Nothing is written onto a history that it does not continue, and nothing of a run that was put out: that is moved to where
//! people find it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rebound::ids::TargetId;
use rebound::monitor::{JournalEntry, Saved};

use super::outage::{Outage, in_time, set_aside};
use super::rows::Row;
use super::{COMMIT_ENTRIES_MAX, KEY_ALIVE, KEY_TARGET, Ledger, key_of};
use crate::cluster::Cluster;
use crate::ports::{StateRecord, Store, StoreError};
use crate::waiting::{Mark, Owner, Waited, Waiting};

/// Why it is not written.
const OTHER_HISTORY: &str = "the store is another one by now, or was used meanwhile without it";
const PUT_OUT: &str =
    "the server that left it was put out meanwhile, so that another may have watched its targets";

/// What is not in the store yet.
struct Left {
    /// The mark of the last part.
    mark: Mark,
    entries: Vec<(u64, JournalEntry)>,
    state: BTreeMap<String, String>,
}

impl Left {
    /// What of `parts` a store with this mark does not have; `None`: it has everything.
    ///
    /// # Errors
    /// If they do not continue what it has.
    fn of(parts: &[Waited], stored: Option<Mark>) -> Result<Option<Self>, &'static str> {
        let has = |number: u64, in_it: fn(Mark) -> u64| stored.is_some_and(|mark| number <= in_it(mark));
        let continues = |part: &Waited| match stored {
            None => part.since.entries == 0 && part.since.state == 0,
            Some(mark) => {
                let Mark { chain, entries, state } = part.since;
                (mark.chain, mark.entries >= entries, mark.state >= state) == (chain, true, true)
            }
        };
        let missing: Vec<&Waited> =
            parts.iter().filter(|part| !has(part.number, |mark| mark.state)).collect();
        let Some(last) = missing.last() else { return Ok(None) };
        if !missing.iter().all(|part| continues(part)) {
            return Err(OTHER_HISTORY);
        }
        let mark = Mark { chain: last.since.chain, entries: last.number, state: last.number };
        let mut left = Self { mark, entries: Vec::new(), state: BTreeMap::new() };
        for part in missing {
            let new = part.entries.iter().filter(|(number, _)| !has(*number, |mark| mark.entries));
            left.entries.extend(new.cloned());
            left.state.extend(part.state.iter().map(|record| (record.key.clone(), record.body.clone())));
        }
        Ok(Some(left))
    }

    fn records(&self) -> Vec<StateRecord> {
        self.state.iter().map(|(key, body)| StateRecord { key: key.clone(), body: body.clone() }).collect()
    }
}

impl Ledger {
    /// The ledger of one who watches alone, and the memory of an earlier run, if there was one. What that left waits as if it
    /// had happened now, and is written with the first commit.
    ///
    /// # Errors
    /// [`StoreError`] if the store or what was left cannot be read.
    pub(crate) async fn load(
        store: Arc<dyn Store>,
        waiting: Option<Arc<dyn Waiting>>,
    ) -> Result<(Self, Option<Saved>), StoreError> {
        let mut records = store.load_state().await?;
        let stored = Row::read(records.clone(), 0)?.mark;
        let Some(file) = waiting else {
            return Ok((Self::new(store, 0, stored), Row::read(records, 0)?.saved()));
        };
        let parts = read_all(file.as_ref()).await?;
        let of_servers = parts.iter().any(|part| part.owner.is_some());
        let left = if of_servers { Err(OTHER_HISTORY) } else { Left::of(&parts, stored) };
        let mut ledger = Self::new(store, 0, stored);
        match left {
            Ok(Some(left)) => {
                tracing::info!(
                    entries = left.entries.len(),
                    "what happened while the store was away is written with the first commit"
                );
                let keys = left.state.keys().filter_map(|key| key.strip_prefix(KEY_TARGET));
                ledger.touched.extend(keys.filter_map(|id| TargetId::try_new(id).ok()));
                records.retain(|record| !left.state.contains_key(&record.key));
                records.extend(left.records());
                ledger.mark.chain = left.mark.chain;
                ledger.next = left.mark.entries.max(left.mark.state) + 1;
                ledger.backlog.extend(left.entries);
                ledger.outage = Some(Outage::holding(file, &parts));
            }
            // Written, and the file could not be emptied.
            Ok(None) => ledger.outage = Some(Outage::holding(file, &parts)),
            Err(why) => {
                if set_aside(file.as_ref(), why).await {
                    ledger = ledger.with_outage(Some(file), None);
                }
            }
        }
        Ok((ledger, Row::read(records, 0)?.saved()))
    }
}

/// Writes what an earlier run of this server left, as that run: nobody can have watched its targets since, or it is refused.
/// Returns where what waits from now on is kept.
///
/// # Errors
/// [`StoreError`] if that is not possible now.
pub(crate) async fn write_as_left(
    cluster: &dyn Cluster,
    store: &Arc<dyn Store>,
    waiting: Option<&Arc<dyn Waiting>>,
) -> Result<Option<Arc<dyn Waiting>>, StoreError> {
    let Some(file) = waiting else { return Ok(None) };
    let parts = read_all(file.as_ref()).await?;
    if parts.is_empty() {
        return Ok(Some(Arc::clone(file)));
    }
    let refused = match one_owner(&parts) {
        None => Some(OTHER_HISTORY),
        Some(owner) => write_as(cluster, store, owner, &parts).await?,
    };
    let is_empty = match refused {
        Some(why) => set_aside(file.as_ref(), why).await,
        None => match in_time(file.replace(&[])).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "what waited for the store was written, and its file cannot be emptied");
                false
            }
        },
    };
    Ok(is_empty.then(|| Arc::clone(file)))
}

/// Everything that an earlier run left.
///
/// # Errors
/// [`StoreError::Unavailable`] if it cannot be read.
pub(crate) async fn read_all(file: &dyn Waiting) -> Result<Vec<Waited>, StoreError> {
    in_time(file.read()).await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// The run that left all of it; `None`: it is not of one run among several servers.
fn one_owner(parts: &[Waited]) -> Option<&Owner> {
    let owner = parts.last()?.owner.as_ref();
    owner.filter(|_| parts.iter().all(|part| part.owner.as_ref() == owner))
}

/// Returns why it is not written, if it is not.
async fn write_as(
    cluster: &dyn Cluster,
    store: &Arc<dyn Store>,
    owner: &Owner,
    parts: &[Waited],
) -> Result<Option<&'static str>, StoreError> {
    let stored = cluster.state_of(&[key_of(KEY_ALIVE, owner.row)]).await?;
    let stored = Row::read(stored, owner.row)?.mark;
    let left = match Left::of(parts, stored) {
        Ok(Some(left)) => left,
        Ok(None) => return Ok(None),
        Err(why) => return Ok(Some(why)),
    };
    cluster.resume(&owner.member);
    let mut ledger = Ledger::new(Arc::clone(store), owner.row, stored);
    ledger.mark.chain = left.mark.chain;
    match ledger.write_left(&left, cluster).await {
        Ok(()) => {
            tracing::info!(entries = left.entries.len(), "what happened while the store was away is written");
            Ok(None)
        }
        Err(StoreError::Fenced(_)) => Ok(Some(PUT_OUT)),
        Err(error) => Err(error),
    }
}

impl Ledger {
    async fn write_left(&mut self, left: &Left, cluster: &dyn Cluster) -> Result<(), StoreError> {
        let (early, last) = left.entries.split_at(left.entries.len().saturating_sub(COMMIT_ENTRIES_MAX));
        for part in early.chunks(COMMIT_ENTRIES_MAX) {
            let Some((entries, newest)) = part.last() else { continue };
            // Nobody is to put the run out between two parts.
            cluster.renew().await?;
            let mark = Mark { entries: *entries, ..self.mark };
            // It was alive then, and not since.
            self.write(mark, part, vec![self.alive(mark, newest.at)?]).await?;
        }
        self.write(left.mark, last, left.records()).await
    }
}
