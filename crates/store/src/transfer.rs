//! Takes all that a store holds to another one, or into a file and back.
//!
//! Everything goes in one order: journal, incidents, alerts, changes of the settings, and the state last. A destination is empty, or holds the beginning
//! of the same transfer. A mark in it says so from the first record until all of it was read again and found to be the same;
//! while it is there, the store opens for nothing else. The history of numbers is kept apart and goes apart: [`copy_numbers`].
//!
//! Never replaces what a destination held before, and never holds more than a page of records at once.

mod contents;

mod lines;

mod numbers;

mod page;

mod recipient;

mod records;

use std::io;

use rebound_engine::ports::{AlertFilter, Store, StoreError};

pub use contents::{Contents, Tally};
pub use lines::{EXPORT_VERSION, ExportReader, LINE_BYTES_MAX, export};
pub use numbers::{Numbers, copy_numbers};
pub use page::Page;
pub use recipient::{Begun, Recipient};
pub(crate) use recipient::{cannot_begin, half_done};
pub use records::{Records, StoreRecords};

/// Is told how many records were dealt with since it was last told.
pub type Told<'a> = &'a mut (dyn FnMut(u64) + Send);

/// Where a transfer stands before it copies anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the beginning.
    Anew,
    /// In the middle: an earlier run was cut off.
    GoesOn {
        /// Journal entries that the destination has already.
        journal: u64,
    },
    /// At its end: the destination holds exactly what the source does.
    AlreadyThere,
}

impl Start {
    /// Journal entries that need not be copied any more.
    #[must_use]
    pub const fn journal(self) -> u64 {
        match self {
            Self::GoesOn { journal } => journal,
            Self::Anew | Self::AlreadyThere => 0,
        }
    }
}

/// Why a transfer did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// A store did not do what was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of an export cannot be read or written.
    #[error("{name}: {error}")]
    File {
        /// The file.
        name: String,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A line of an export cannot be used.
    #[error("{name}, line {line}: {what}")]
    Line {
        /// The file.
        name: String,
        /// The line's number; the first is 1.
        line: u64,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// The file ends too early.
    #[error(
        "{name} is cut off after line {lines}: its last line, which says what it holds, is missing. Copy the file again, or make \
         the export again"
    )]
    CutOff {
        /// The file.
        name: String,
        /// Whole lines that are there.
        lines: u64,
    },
    /// The file does not hold what its last line says.
    #[error(
        "{name} holds {found}, and says itself that it holds {told}. It was changed after it was written: copy it again, or \
         make the export again"
    )]
    Changed {
        /// The file.
        name: String,
        /// What it holds.
        found: Box<Contents>,
        /// What its first or last line says.
        told: Box<Contents>,
    },
    /// The destination holds something.
    #[error(
        "the destination is not empty: it holds {0}. Nothing was changed. Name an empty one, or move that away first"
    )]
    NotEmpty(Box<Contents>),
    /// The destination holds the beginning of something else.
    #[error(
        "the destination holds the beginning of another transfer: that of a source with the sha256 {0}, which this one does not \
         have. Nothing was changed. If that is the same source at an earlier time, remove the destination and begin again; \
         else name an empty one"
    )]
    OtherBegun(String),
    /// The source was written meanwhile.
    #[error(
        "the source changed while it was read: it held {before}, now it holds {after}. Stop the Rebound that writes it, remove \
         the destination, and begin again"
    )]
    SourceChanged {
        /// What it held at first.
        before: Box<Contents>,
        /// What it holds now.
        after: Box<Contents>,
    },
    /// The history of numbers did not arrive as it was.
    #[error(
        "the history of numbers did not arrive as it is in the source: {0} differ. A Rebound that writes one of the two changes them: stop \
         it, and run the same command again"
    )]
    Numbers(String),
    /// Something else arrived than was sent.
    #[error(
        "what arrived is not what was sent: the source holds {sent}, the destination {found}. The destination stays marked as \
         half done, and no Rebound starts on it. Remove it and begin again"
    )]
    Differs {
        /// What the source holds.
        sent: Box<Contents>,
        /// What the destination holds.
        found: Box<Contents>,
    },
}

/// Reads all of `records` and says what they come to.
///
/// # Errors
/// [`TransferError`] if they cannot be read.
pub async fn survey(records: &mut dyn Records, told: Told<'_>) -> Result<Contents, TransferError> {
    let mut tally = Tally::default();
    while let Some(page) = records.next().await? {
        tally.add(&page)?;
        told(page.records());
    }
    Ok(tally.contents())
}

/// Looks whether `to` may take over a source that holds `whole`, and marks it as begun.
///
/// # Errors
/// [`TransferError::NotEmpty`] and [`TransferError::OtherBegun`] if it may not; nothing was changed.
pub async fn start(to: &dyn Recipient, whole: &Contents, told: Told<'_>) -> Result<Start, TransferError> {
    if let Some(Begun { whole: begun, journal }) = to.begun().await? {
        let same = begun == whole.sha256();
        return if same { Ok(Start::GoesOn { journal }) } else { Err(TransferError::OtherBegun(begun)) };
    }
    if is_empty(to).await? {
        to.begin(whole.sha256()).await?;
        return Ok(Start::Anew);
    }
    let there = survey(&mut StoreRecords::of(to), told).await?;
    if there == *whole { Ok(Start::AlreadyThere) } else { Err(TransferError::NotEmpty(Box::new(there))) }
}

/// Copies `from` into `to`, which was begun, but for the first `there` journal entries: it has those already. Returns what was
/// sent, with those.
///
/// # Errors
/// [`TransferError`]; what was copied stays, and the same transfer may go on with it.
pub async fn copy(
    from: &mut dyn Records,
    to: &dyn Recipient,
    there: u64,
    told: Told<'_>,
) -> Result<Contents, TransferError> {
    let mut there = there;
    let mut tally = Tally::default();
    while let Some(page) = from.next().await? {
        tally.add(&page)?;
        match &page {
            Page::Journal(entries) => {
                let skipped = usize::try_from(there).unwrap_or(usize::MAX).min(entries.len());
                there = there.saturating_sub(page.records());
                if let Some(rest) = entries.get(skipped..).filter(|rest| !rest.is_empty()) {
                    to.append(rest).await?;
                }
            }
            Page::Incidents(incidents) => to.put(incidents, &[]).await?,
            Page::Alerts(alerts) => to.put(&[], alerts).await?,
            Page::Settings(revisions) => {
                for revision in revisions {
                    to.revise(revision).await?;
                }
            }
            Page::State(records) => to.commit(&[], records).await?,
        }
        told(page.records());
    }
    Ok(tally.contents())
}

/// Reads `to` again, compares it with what was sent, and takes the mark away: the transfer is at its end.
///
/// # Errors
/// [`TransferError::Differs`] if something else arrived; the mark stays.
pub async fn finish(to: &dyn Recipient, sent: &Contents, told: Told<'_>) -> Result<Contents, TransferError> {
    let found = survey(&mut StoreRecords::of(to), told).await?;
    if found != *sent {
        return Err(TransferError::Differs { sent: Box::new(sent.clone()), found: Box::new(found) });
    }
    to.finish().await?;
    Ok(found)
}

async fn is_empty(store: &dyn Store) -> Result<bool, StoreError> {
    let filter = AlertFilter { limit: 1, ..AlertFilter::default() };
    Ok(store.journal(0, 1).await?.is_empty()
        && store.incidents(None, 1).await?.is_empty()
        && store.alerts(&filter).await?.is_empty()
        && store.revisions(None, 1).await?.is_empty()
        && store.load_state().await?.is_empty())
}

#[cfg(test)]
mod tests;
