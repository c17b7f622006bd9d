//! What a store holds, in numbers: records of each kind, and one hash over all of them.

use std::fmt;
use std::fmt::Write as _;

use rebound_engine::ports::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::page::{Page, Record};

/// Records of each kind, and the SHA-256 over their lines in an export, each with its line feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    journal: u64,
    incidents: u64,
    alerts: u64,
    /// Missing in what an older Rebound wrote: it had none.
    #[serde(default)]
    settings: u64,
    state: u64,
    sha256: String,
}

impl Contents {
    /// The hash, in hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many there are of each kind, with its name.
    #[must_use]
    pub const fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("journal", self.journal),
            ("incidents", self.incidents),
            ("alerts", self.alerts),
            ("settings", self.settings),
            ("state", self.state),
        ]
    }

    /// How many there are of all kinds.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.counts().iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in self.counts() {
            write!(f, "{name} {count}, ")?;
        }
        write!(f, "sha256 {}", self.sha256)
    }
}

/// [`Contents`] in the making.
#[derive(Default)]
pub struct Tally {
    journal: u64,
    incidents: u64,
    alerts: u64,
    settings: u64,
    state: u64,
    hash: Sha256,
    /// The lines of the last page.
    lines: Vec<u8>,
}

impl Tally {
    /// Adds a page and returns its lines.
    ///
    /// # Errors
    /// [`StoreError`] if a record cannot be written as JSON.
    pub fn add(&mut self, page: &Page) -> Result<&[u8], StoreError> {
        self.lines.clear();
        page.write_lines(&mut self.lines)?;
        self.hash.update(&self.lines);
        let count = match page {
            Page::Journal(_) => &mut self.journal,
            Page::Incidents(_) => &mut self.incidents,
            Page::Alerts(_) => &mut self.alerts,
            Page::Settings(_) => &mut self.settings,
            Page::State(_) => &mut self.state,
        };
        *count = count.saturating_add(page.records());
        Ok(&self.lines)
    }

    /// Adds a record that stands in a file as `line`.
    pub(super) fn add_line(&mut self, record: &Record, line: &[u8]) {
        self.hash.update(line);
        let count = match record {
            Record::Journal(_) => &mut self.journal,
            Record::Incident(_) => &mut self.incidents,
            Record::Alert(_) => &mut self.alerts,
            Record::Settings(_) => &mut self.settings,
            Record::State(_) => &mut self.state,
        };
        *count = count.saturating_add(1);
    }

    /// What was added so far.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let mut sha256 = String::new();
        for byte in self.hash.clone().finalize() {
            // A text takes whatever is written to it.
            write!(sha256, "{byte:02x}").ok();
        }
        let Self { journal, incidents, alerts, settings, state, .. } = *self;
        Contents { journal, incidents, alerts, settings, state, sha256 }
    }
}
