//! Logins in memory: forgotten at the end. They can be told to fail.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rebound::time::Timestamp;
use rebound_engine::ports::StoreError;

use crate::logins::{Amendment, Deed, KeptSession, Logins, SessionKey};

/// Logins in memory.
#[derive(Debug, Default)]
pub struct MemoryLogins {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    sessions: BTreeMap<SessionKey, KeptSession>,
    hashes: BTreeMap<String, String>,
    deeds: BTreeMap<u64, Deed>,
    /// That of the newest deed.
    roster: String,
    uses: BTreeMap<String, Timestamp>,
    failure: Option<StoreError>,
}

impl MemoryLogins {
    /// Nobody is logged in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail with `failure` from now on; `None` makes it work again, with everything it had.
    pub fn fail_with(&self, failure: Option<StoreError>) {
        self.lock().failure = failure;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing that can panic is done while it is held.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.lock();
        kept.failure.clone().map_or(Ok(kept), Err)
    }
}

#[async_trait]
impl Logins for MemoryLogins {
    async fn begin(&self, session: &KeptSession) -> Result<bool, StoreError> {
        let mut kept = self.working()?;
        let is_new = !kept.sessions.contains_key(&session.key);
        if is_new {
            kept.sessions.insert(session.key.clone(), session.clone());
        }
        Ok(is_new)
    }

    async fn go_on(&self, session: &KeptSession) -> Result<bool, StoreError> {
        let mut kept = self.working()?;
        let found = kept.sessions.get_mut(&session.key);
        Ok(found.map(|found| session.clone_into(found)).is_some())
    }

    async fn session(&self, key: &SessionKey, now: Timestamp) -> Result<Option<KeptSession>, StoreError> {
        let kept = self.working()?;
        Ok(kept.sessions.get(key).filter(|session| session.ends_at > now).cloned())
    }

    async fn end(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.working()?.sessions.remove(key);
        Ok(())
    }

    async fn end_all(&self) -> Result<(), StoreError> {
        self.working()?.sessions.clear();
        Ok(())
    }

    async fn remove_over(&self, before: Timestamp) -> Result<(), StoreError> {
        self.working()?.sessions.retain(|_, session| session.ends_at > before);
        Ok(())
    }

    async fn hash_of(&self, username: &str) -> Result<Option<String>, StoreError> {
        Ok(self.working()?.hashes.get(username).cloned())
    }

    async fn keep_first_hash(&self, username: &str, hash: &str) -> Result<String, StoreError> {
        let mut kept = self.working()?;
        Ok(kept.hashes.entry(username.to_owned()).or_insert_with(|| hash.to_owned()).clone())
    }

    async fn replace_hash(&self, username: &str, hash: &str) -> Result<(), StoreError> {
        self.working()?.hashes.insert(username.to_owned(), hash.to_owned());
        Ok(())
    }

    async fn roster(&self) -> Result<Option<(u64, String)>, StoreError> {
        let kept = self.working()?;
        Ok(kept.deeds.last_key_value().map(|(number, _)| (*number, kept.roster.clone())))
    }

    async fn amend(&self, amendment: &Amendment) -> Result<bool, StoreError> {
        let mut kept = self.working()?;
        let number = amendment.deed.number;
        if kept.deeds.contains_key(&number) {
            return Ok(false);
        }
        kept.deeds.insert(number, amendment.deed.clone());
        kept.roster.clone_from(&amendment.roster);
        Ok(true)
    }

    async fn deeds(&self, before: Option<u64>, limit: u32) -> Result<Vec<Deed>, StoreError> {
        let kept = self.working()?;
        let below = kept.deeds.range(..before.unwrap_or(u64::MAX)).rev().map(|(_, deed)| deed.clone());
        Ok(below.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn note_use(&self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut kept = self.working()?;
        let last = kept.uses.entry(key.to_owned()).or_insert(at);
        *last = at.max(*last);
        Ok(())
    }

    async fn uses(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        Ok(self.working()?.uses.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logins::conformance;

    #[tokio::test]
    async fn memory_passes_the_story_of_every_keeper_of_logins() {
        conformance::story(async || MemoryLogins::new()).await;
    }
}
