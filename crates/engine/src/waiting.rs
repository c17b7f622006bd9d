//! What waits for a store that refuses it, kept where the end of this process does not reach it: the seventh port.
//!
//! Everything that is written has a number, and the store is told with each commit up to which number it has everything. So
//! what an earlier run left is written once, however often it is tried, and never onto a history that it does not continue.

use async_trait::async_trait;
use rebound::monitor::JournalEntry;
use serde::{Deserialize, Serialize};

use crate::cluster::MemberId;
use crate::ports::StateRecord;

/// Up to where a store has what was to be written. It is kept in the store itself, in the same commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Made up when the store was first used: another store, or one that was begun anew, has another.
    pub chain: u64,
    /// Entries up to this number are in it.
    pub entries: u64,
    /// State up to this number is in it.
    pub state: u64,
}

impl Mark {
    /// Nothing was written yet.
    pub(crate) const fn beginning(chain: u64) -> Self {
        Self { chain, entries: 0, state: 0 }
    }
}

/// Who wants it written, where several servers share the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The run.
    pub member: MemberId,
    /// Its row.
    pub row: u64,
}

/// A part of what waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// Up to where the store had everything at that time.
    pub since: Mark,
    /// Whose it is; `None` where one watches alone.
    pub owner: Option<Owner>,
    /// Number of the state, above those of the entries.
    pub number: u64,
    /// Journal entries, in order, each with its number.
    pub entries: Vec<(u64, JournalEntry)>,
    /// The state that they led to: what changed since the part before.
    pub state: Vec<StateRecord>,
}

/// Why what waits is not kept, or cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitingError {
    /// A limit is reached.
    #[error("{0}")]
    Full(String),
    /// The place does not do what it was asked.
    #[error("{0}")]
    Failed(String),
}

/// Keeps what waits.
#[async_trait]
pub trait Waiting: Send + Sync {
    /// Everything, in order. What was cut off in the middle of an [`Waiting::append`] is left out.
    ///
    /// # Errors
    /// [`WaitingError`].
    async fn read(&self) -> Result<Vec<Waited>, WaitingError>;

    /// Adds a part, and returns after it is safe from a crash of process and machine.
    ///
    /// # Errors
    /// [`WaitingError`]. Then it may be there in part, and everything must be replaced.
    async fn append(&self, part: &Waited) -> Result<(), WaitingError>;

    /// Replaces everything; all of it is there afterwards, or what was before. Without parts nothing waits any more.
    ///
    /// # Errors
    /// As [`Waiting::append`].
    async fn replace(&self, all: &[Waited]) -> Result<(), WaitingError>;

    /// Moves everything to where people find it and nobody writes it any more, and says where.
    ///
    /// # Errors
    /// [`WaitingError`].
    async fn set_aside(&self) -> Result<String, WaitingError>;
}
