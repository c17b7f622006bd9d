//! Everything that a source holds, page by page, in the one order of a transfer.

use async_trait::async_trait;
use rebound::ids::{AlertId, IncidentId};
use rebound_engine::ports::{AlertFilter, PAGE_MAX, StateRecord, Store};

use super::TransferError;
use super::page::Page;

/// Bytes after which a page ends, so that one commit can hold it. A single record may be larger.
pub(super) const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What a transfer reads: journal, incidents, alerts, changes of the settings, state, each in its order.
#[async_trait]
pub trait Records: Send {
    /// The next page, never an empty one; `None` after the last.
    ///
    /// # Errors
    /// [`TransferError`].
    async fn next(&mut self) -> Result<Option<Page>, TransferError>;
}

/// What a store holds.
pub struct StoreRecords<'a> {
    store: &'a dyn Store,
    at: Place,
}

/// How far they were read.
enum Place {
    Journal {
        after: u64,
    },
    Incidents {
        before: Option<IncidentId>,
    },
    Alerts {
        before: Option<AlertId>,
    },
    Settings {
        before: Option<u64>,
    },
    /// All of the state is still to be read.
    State,
    /// What is left of it, in the opposite order.
    Rest(Vec<StateRecord>),
}

impl<'a> StoreRecords<'a> {
    /// All that `store` holds, from the beginning.
    #[must_use]
    pub fn of(store: &'a dyn Store) -> Self {
        Self { store, at: Place::Journal { after: 0 } }
    }
}

#[async_trait]
impl Records for StoreRecords<'_> {
    async fn next(&mut self) -> Result<Option<Page>, TransferError> {
        loop {
            match &mut self.at {
                Place::Journal { after } => {
                    let page = self.store.journal(*after, PAGE_MAX).await?;
                    if let Some((last, _)) = page.last() {
                        *after = *last;
                        let entries = page.into_iter().map(|(_, entry)| entry).collect();
                        return Ok(Some(Page::Journal(entries)));
                    }
                    self.at = Place::Incidents { before: None };
                }
                Place::Incidents { before } => {
                    let page = self.store.incidents(*before, PAGE_MAX).await?;
                    if let Some(last) = page.last() {
                        *before = Some(last.id);
                        return Ok(Some(Page::Incidents(page)));
                    }
                    self.at = Place::Alerts { before: None };
                }
                Place::Alerts { before } => {
                    let filter = AlertFilter { before: *before, limit: PAGE_MAX, ..AlertFilter::default() };
                    let page = self.store.alerts(&filter).await?;
                    if let Some(last) = page.last() {
                        *before = Some(last.id);
                        return Ok(Some(Page::Alerts(page)));
                    }
                    self.at = Place::Settings { before: None };
                }
                Place::Settings { before } => {
                    let page = self.store.revisions(*before, PAGE_MAX).await?;
                    if let Some(last) = page.last() {
                        *before = Some(last.number);
                        return Ok(Some(Page::Settings(page)));
                    }
                    self.at = Place::State;
                }
                Place::State => {
                    let mut records = self.store.load_state().await?;
                    records.reverse();
                    self.at = Place::Rest(records);
                }
                Place::Rest(rest) => {
                    let page = a_page_of(rest);
                    return Ok(if page.is_empty() { None } else { Some(Page::State(page)) });
                }
            }
        }
    }
}

/// Takes as many records from the end of `rest` as make a page.
fn a_page_of(rest: &mut Vec<StateRecord>) -> Vec<StateRecord> {
    let mut bytes = 0_usize;
    let mut page = Vec::new();
    while page.len() < PAGE_MAX as usize
        && let Some(record) = rest.pop_if(|record| bytes == 0 || bytes + record.body.len() <= PAGE_BYTES_MAX)
    {
        bytes += record.key.len() + record.body.len();
        page.push(record);
    }
    page
}
