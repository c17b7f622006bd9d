//! Who is logged in, who may do what, and the hashes of passwords and keys: kept where every server of one store finds them.
//!
//! Never holds the id of a session: what is kept is named by a hash of it, so whoever reads this can log in as nobody. Reads no
//! clock, and checks no password.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use rebound::time::Timestamp;
use rebound_engine::ports::StoreError;

pub mod conformance;

mod roster;

pub use roster::{Amendment, Deed};

/// The name of a session: a hash of its id, from which the id cannot be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(String);

impl SessionKey {
    /// Wraps the hash, as text.
    #[must_use]
    pub const fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSession {
    /// Its name.
    pub key: SessionKey,
    /// What is known of its visitor, as JSON.
    pub data: String,
    /// From then on it counts for nothing.
    pub ends_at: Timestamp,
}

/// Keeps sessions, the roster, and the hash of a password that was made up.
#[async_trait]
pub trait Logins: Send + Sync + fmt::Debug {
    /// Keeps a new session. `false`: there is one of that name, and it stays as it is.
    ///
    /// # Errors
    /// [`StoreError`]; it may be kept all the same, and again does no harm.
    async fn begin(&self, session: &KeptSession) -> Result<bool, StoreError>;

    /// Replaces what is kept of a session. `false`: it was ended, and is not brought back.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn go_on(&self, session: &KeptSession) -> Result<bool, StoreError>;

    /// The session of that name, unless it is over at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn session(&self, key: &SessionKey, now: Timestamp) -> Result<Option<KeptSession>, StoreError>;

    /// Ends a session, for every server. One that is not there is no error.
    ///
    /// # Errors
    /// [`StoreError`]; then it may go on.
    async fn end(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// Ends every session.
    ///
    /// # Errors
    /// [`StoreError`]; then some may go on.
    async fn end_all(&self) -> Result<(), StoreError>;

    /// Removes sessions that were over at `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn remove_over(&self, before: Timestamp) -> Result<(), StoreError>;

    /// The hash of somebody's password.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn hash_of(&self, username: &str) -> Result<Option<String>, StoreError>;

    /// Keeps the hash of somebody's password if there is none, and returns the one that counts: of two servers that start at the
    /// same time one is first.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn keep_first_hash(&self, username: &str, hash: &str) -> Result<String, StoreError>;

    /// Keeps the hash of somebody's password in the place of the one that was there.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn replace_hash(&self, username: &str, hash: &str) -> Result<(), StoreError>;

    /// The roster as it is now, with the number of the change that made it so. `None`: nothing was ever changed.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn roster(&self) -> Result<Option<(u64, String)>, StoreError>;

    /// Makes a change whose number is one more than that of the roster it was made from. `false`: somebody else was first, and
    /// nothing was changed. Of earlier rosters nothing is kept but what was changed.
    ///
    /// # Errors
    /// [`StoreError`]; it may be made all the same.
    async fn amend(&self, amendment: &Amendment) -> Result<bool, StoreError>;

    /// What was changed, newest first, below the number `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn deeds(&self, before: Option<u64>, limit: u32) -> Result<Vec<Deed>, StoreError>;

    /// Notes that a key was used then. An earlier time than the one that is there changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn note_use(&self, key: &str, at: Timestamp) -> Result<(), StoreError>;

    /// When each key was last used. Those that never were are not in it.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn uses(&self) -> Result<BTreeMap<String, Timestamp>, StoreError>;
}
