//! What a store does beside [`Store`] to take over what another one held.

use async_trait::async_trait;
use rebound::alert::Alert;
use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound_engine::ports::{Store, StoreError};

/// A transfer into a store that is not at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The hash of everything that the source holds.
    pub whole: String,
    /// Journal entries that the store has by now.
    pub journal: u64,
}

/// A store that can take over what another one held.
///
/// It is written by one transfer at a time and by nobody else. What a method has returned is safe from a crash. State records
/// come by [`Store::commit`], after everything else.
#[async_trait]
pub trait Recipient: Store {
    /// The transfer that was begun and is not at its end.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn begun(&self) -> Result<Option<Begun>, StoreError>;

    /// Marks the store, which must be empty: from now on it is half done. `whole` is the hash of everything to come.
    ///
    /// # Errors
    /// [`StoreError`], also if it is marked already.
    async fn begin(&self, whole: &str) -> Result<(), StoreError>;

    /// Appends to the journal, all or none. Which incidents and alerts come of it does not count: those are put.
    ///
    /// # Errors
    /// [`StoreError`]; unlike with a commit, whether it was kept is then not known. [`Recipient::begun`] tells.
    async fn append(&self, entries: &[JournalEntry]) -> Result<(), StoreError>;

    /// Puts incidents and alerts under their numbers, whatever the journal says of them. To be called once the journal is
    /// whole. Putting the same twice changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; then some of them may be there.
    async fn put(&self, incidents: &[Incident], alerts: &[Alert]) -> Result<(), StoreError>;

    /// Takes the mark away: the store is whole.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn finish(&self) -> Result<(), StoreError>;
}

/// Says that `name` cannot be opened because a transfer into it is not at its end.
pub(crate) fn half_done(name: &str) -> StoreError {
    StoreError::Unavailable(format!(
        "{name} holds a part of a migration or import that did not come to its end. Run the same `rebound store` command again, \
         which goes on where it was, or remove it and begin again"
    ))
}

/// Says that a transfer cannot begin or go on in `name`: it is not empty, was begun already, or somebody else writes it.
pub(crate) fn cannot_begin(name: &str) -> StoreError {
    StoreError::Unavailable(format!(
        "{name} is not empty, or another program writes it at the same time. End that, or name another store"
    ))
}
