//! How memory takes over what another store held.

use async_trait::async_trait;
use rebound::alert::Alert;
use rebound::incident::Incident;
use rebound::monitor::{Fact, JournalEntry};
use rebound_engine::ports::StoreError;

use super::{MemoryStore, open_after};
use crate::transfer::{Begun, Recipient, cannot_begin};

/// What stands where others have a path.
const NAME: &str = "a store in memory";

#[async_trait]
impl Recipient for MemoryStore {
    async fn begun(&self) -> Result<Option<Begun>, StoreError> {
        let kept = self.readable()?;
        let journal = u64::try_from(kept.journal.len()).unwrap_or(u64::MAX);
        Ok(kept.half_done.clone().map(|whole| Begun { whole, journal }))
    }

    async fn begin(&self, whole: &str) -> Result<(), StoreError> {
        let mut kept = self.readable()?;
        if kept.half_done.is_some() || !kept.journal.is_empty() {
            return Err(cannot_begin(NAME));
        }
        kept.half_done = Some(whole.to_owned());
        Ok(())
    }

    async fn append(&self, entries: &[JournalEntry]) -> Result<(), StoreError> {
        self.readable()?.journal.extend_from_slice(entries);
        Ok(())
    }

    async fn put(&self, incidents: &[Incident], alerts: &[Alert]) -> Result<(), StoreError> {
        let mut kept = self.readable()?;
        for incident in incidents {
            let fact = Fact::Incident(Box::new(incident.clone()));
            let entry = JournalEntry { at: incident.opened_at, target: None, incident: None, fact };
            kept.open = open_after(&kept.open, std::slice::from_ref(&entry))?;
            kept.keep_document(&entry.fact);
        }
        for alert in alerts {
            kept.keep_document(&Fact::Alert(Box::new(alert.clone())));
        }
        Ok(())
    }

    async fn finish(&self) -> Result<(), StoreError> {
        self.readable()?.half_done = None;
        Ok(())
    }
}
