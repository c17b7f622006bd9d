//! The history of numbers and of raw observations: what is made of what was seen, who keeps it, and how it is asked.
//!
//! Stands beside the loop and never holds it up: the loop lays what it saw into a bounded ring, and a task of its own does the
//! rest. A history that cannot be written is told, and changes nothing about judging, healing or the store.

use std::sync::Arc;
use std::time::Duration;

pub mod sketch;

pub mod rollup;

pub mod uptime;

pub mod recording;

pub mod port;

pub mod query;

pub mod aggregate;

pub mod recorder;

mod ring;

mod tap;

mod keeper;

pub mod pending;

pub(crate) use keeper::{Keeper, Keeping};
pub(crate) use tap::Tap;

/// A day, and what is kept for whole numbers of it.
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Where the history is kept, and for how long.
#[derive(Clone)]
pub struct History {
    /// Where.
    pub store: Arc<dyn port::HistoryStore>,
    /// For how long.
    pub kept: Kept,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("kept", &self.kept).finish_non_exhaustive()
    }
}

/// For how long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Numbers by the minute.
    pub minutes: Duration,
    /// Numbers by the hour, and how targets were by the hour and day.
    pub hours: Duration,
    /// Raw observations; zero: they are not recorded.
    pub recordings: Duration,
    /// Most bytes of recordings, packed, of all targets together; beyond it the oldest go first.
    pub recordings_bytes_max: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            minutes: DAY * 30,
            hours: DAY * 730,
            recordings: DAY * 30,
            // A bridge of seven accounts makes about 3 MiB a day.
            recordings_bytes_max: 1024 * 1024 * 1024,
        }
    }
}
