//! The history of numbers and raw observations: the form in which every store keeps it, and the story that every one passes.
//!
//! The stores themselves stand beside those of the incidents: [`crate::sqlite::history`], [`crate::mongodb::history`] and
//! [`crate::memory::history`].

pub mod conformance;

pub(crate) mod pack;

use rebound_engine::ports::StoreError;

/// A row, unless its bytes cannot be read: then it is a gap, which is told. Every other row can still be read.
pub(crate) fn readable<T>(row: Result<T, StoreError>) -> Option<T> {
    row.inspect_err(|error| tracing::error!(%error, "a row of the history cannot be read and is left out"))
        .ok()
}
