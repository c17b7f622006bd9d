//! Sessions of people: good on every server that shares the store, and for a while also where it cannot be asked.
//!
//! Every request asks the store, so a session that was ended anywhere is over everywhere. Only while the store gives no answer
//! does what was checked lately count. Never shows or keeps the id of a session, only a hash of it.

mod remembered;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rebound::time::Timestamp;
use rebound_engine::ports::{Clock, StoreError};
use rebound_store::logins::{KeptSession, Logins, SessionKey};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use remembered::{Remembered, Standing};

/// How long a store that gave no answer is not asked again: each try would hold a page up.
const AWAY_FOR: Duration = Duration::from_secs(5);
/// Longest time by which the end of a session in the store is behind its last use: not every request writes.
const BEHIND_MAX: Duration = Duration::from_secs(60);
/// Of a short session the end is behind by no more than this part of what it has left.
const BEHIND_PART: u32 = 20;
/// Times that another id is tried because one was taken. An id has 128 bits by chance.
const IDS_TRIED_MAX: u32 = 3;
/// How long sessions that are over stay in the store: the clock of another server may be behind this one's.
const OVER_KEPT: Duration = Duration::from_secs(24 * 3_600);

/// The sessions of one store, as this server knows them.
#[derive(Clone)]
pub struct Sessions {
    shared: Arc<Shared>,
}

struct Shared {
    logins: Arc<dyn Logins>,
    clock: Arc<dyn Clock>,
    remembered: Mutex<Remembered>,
}

impl Sessions {
    /// The sessions that `logins` keeps.
    #[must_use]
    pub fn new(logins: Arc<dyn Logins>, clock: Arc<dyn Clock>) -> Self {
        let remembered = Mutex::default();
        Self { shared: Arc::new(Shared { logins, clock, remembered }) }
    }

    /// Writes what could not be written while the store was away, as soon as it is back, until `stop`.
    pub async fn keep_up(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(AWAY_FOR) => self.catch_up().await,
            }
        }
    }

    async fn catch_up(&self) {
        let late = self.remembered().late(self.now());
        for (session, standing) in late {
            match standing {
                Standing::Unwritten => {
                    self.write_late(session).await;
                }
                Standing::Ending => self.end(session.key, Some(session.ends_at)).await,
                Standing::Checked(_) | Standing::Ended => {}
            }
        }
    }

    /// Removes sessions that ended long ago.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_over(&self) -> std::result::Result<(), StoreError> {
        self.shared.logins.remove_over(self.now().before(OVER_KEPT)).await
    }

    /// Until when a session goes on. `None`: it was ended, or is over.
    ///
    /// # Errors
    /// If that cannot be told.
    pub async fn ends_at(&self, id: &Id) -> Result<Option<Timestamp>> {
        Ok(self.find(&key_of(id)).await?.map(|session| session.ends_at))
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // Nothing that can panic is done while it is held.
        self.shared.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_away(&self) -> bool {
        self.remembered().is_away(self.now())
    }

    /// Notes that the store gave no answer, and says so once.
    fn note_away(&self, error: &StoreError) {
        let is_new = self.remembered().is_away_until(self.now().after(AWAY_FOR));
        if is_new {
            tracing::warn!(%error, "sessions cannot be checked; those that were checked lately count until they can");
        } else {
            tracing::debug!(%error, "sessions cannot be checked");
        }
    }

    async fn find(&self, key: &SessionKey) -> Result<Option<KeptSession>> {
        let standing = self.remembered().standing(key);
        if matches!(standing, Some(Standing::Ending | Standing::Ended)) {
            return Ok(None);
        }
        if self.is_away() {
            return self.without_store(key);
        }
        let asked = self.shared.logins.session(key, self.now()).await;
        match &asked {
            Ok(_) => self.remembered().is_back(),
            Err(error) => self.note_away(error),
        }
        match asked {
            Ok(Some(found)) => {
                self.remembered().checked(found.clone(), self.now());
                Ok(Some(found))
            }
            Ok(None) => {
                let late = self.remembered().missing(key);
                match late {
                    Some(late) => Ok(self.write_late(late).await),
                    None => Ok(None),
                }
            }
            Err(_) => self.without_store(key),
        }
    }

    /// The session as it is remembered. One that is not known here may be a good one all the same.
    fn without_store(&self, key: &SessionKey) -> Result<Option<KeptSession>> {
        let found = self.remembered().good(key, self.now());
        found.map(Some).ok_or_else(|| Error::Backend("the store gives no answer".to_owned()))
    }

    /// Writes a session that began while the store was away; `None`: it was ended meanwhile.
    async fn write_late(&self, session: KeptSession) -> Option<KeptSession> {
        let begun = self.shared.logins.begin(&session).await;
        let key = session.key.clone();
        let standing = self.remembered().standing(&key);
        match (begun, standing) {
            // A logout came in between, and must not come too early.
            (_, Some(Standing::Ending | Standing::Ended)) => {
                self.end(key, None).await;
                None
            }
            (Ok(_), _) => {
                self.remembered().checked(session.clone(), self.now());
                Some(session)
            }
            (Err(error), _) => {
                self.note_away(&error);
                Some(session)
            }
        }
    }

    async fn end(&self, key: SessionKey, ends_at: Option<Timestamp>) {
        let is_told = self.remembered().standing(&key) == Some(Standing::Ending);
        let ended = self.shared.logins.end(&key).await;
        let standing = if ended.is_ok() { Standing::Ended } else { Standing::Ending };
        if let Err(error) = &ended {
            self.note_away(error);
            if !is_told {
                tracing::warn!(%error, "a session is ended here, and in the store when that is back");
            }
        }
        self.remembered().over(key, standing, ends_at, self.now());
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        if is_a_strangers(record) {
            return Ok(());
        }
        for _ in 0..IDS_TRIED_MAX {
            let session = kept(record)?;
            match self.shared.logins.begin(&session).await {
                Ok(true) => {
                    self.remembered().checked(session, self.now());
                    return Ok(());
                }
                Ok(false) => record.id = Id::default(),
                Err(error) => {
                    self.note_away(&error);
                    tracing::warn!("a session begins on this server alone, until the store is back");
                    return self.remembered().unwritten(session, self.now());
                }
            }
        }
        Err(Error::Backend(format!("{IDS_TRIED_MAX} ids in a row were taken")))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        if is_a_strangers(record) {
            return Ok(());
        }
        let session = kept(record)?;
        let behind_max = BEHIND_MAX.min(session.ends_at.since(self.now()) / BEHIND_PART);
        if self.remembered().is_new_enough(&session, behind_max) {
            return Ok(());
        }
        if self.is_away() {
            self.remembered().changed(session);
            return Ok(());
        }
        match self.shared.logins.go_on(&session).await {
            Ok(true) => self.remembered().checked(session, self.now()),
            // It was ended while this request was under way, or was never written.
            Ok(false) => {
                let late = self.remembered().missing(&session.key);
                if late.is_some() {
                    self.write_late(session).await;
                }
            }
            Err(error) => {
                self.note_away(&error);
                self.remembered().changed(session);
            }
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.find(&key_of(id)).await?;
        found.map(|session| record_of(*id, &session)).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let key = key_of(id);
        let ends_at = self.remembered().ends_at(&key);
        self.end(key, ends_at).await;
        Ok(())
    }
}

/// Whether nobody is known to have it: then there is nothing to keep, and nothing may be replaced by it.
fn is_a_strangers(record: &Record) -> bool {
    record.data.is_empty()
}

/// The name under which a session is kept. Its id has 128 bits by chance, so nobody finds it by trying.
fn key_of(id: &Id) -> SessionKey {
    let hash = Sha256::new().chain_update("rebound session ").chain_update(id.0.to_le_bytes()).finalize();
    SessionKey::new(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn kept(record: &Record) -> Result<KeptSession> {
    let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let ends_at = i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1_000_000)
        .map_err(|error| Error::Encode(error.to_string()))?;
    Ok(KeptSession { key: key_of(&record.id), data, ends_at: Timestamp::from_ms(ends_at) })
}

fn record_of(id: Id, session: &KeptSession) -> Result<Record> {
    let data = serde_json::from_str(&session.data).map_err(|error| Error::Decode(error.to_string()))?;
    let expiry_date =
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(session.ends_at.as_ms()) * 1_000_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
    Ok(Record { id, data, expiry_date })
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("logins", &self.shared.logins).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
