//! Some records of one kind, and the line of each: the one form in which records are compared and exported.

use rebound::alert::Alert;
use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound_engine::ports::{StateRecord, StoreError};
use rebound_engine::settings::Revision;
use serde::Serialize;

use super::contents::Contents;

/// Some records of one kind; at most [`PAGE_MAX`](rebound_engine::ports::PAGE_MAX).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// In the order written.
    Journal(Vec<JournalEntry>),
    /// Newest first, as stores list them.
    Incidents(Vec<Incident>),
    /// Newest first.
    Alerts(Vec<Alert>),
    /// Newest first.
    Settings(Vec<Revision>),
    /// In the order of keys.
    State(Vec<StateRecord>),
}

/// One record.
pub(super) enum Record {
    Journal(JournalEntry),
    Incident(Box<Incident>),
    Alert(Box<Alert>),
    Settings(Box<Revision>),
    State(StateRecord),
}

impl Page {
    /// A page with one record.
    pub(super) fn of(record: Record) -> Self {
        match record {
            Record::Journal(entry) => Self::Journal(vec![entry]),
            Record::Incident(incident) => Self::Incidents(vec![*incident]),
            Record::Alert(alert) => Self::Alerts(vec![*alert]),
            Record::Settings(revision) => Self::Settings(vec![*revision]),
            Record::State(record) => Self::State(vec![record]),
        }
    }

    /// Adds a record; gives it back if it is of another kind.
    pub(super) fn try_push(&mut self, record: Record) -> Option<Record> {
        match (self, record) {
            (Self::Journal(page), Record::Journal(entry)) => page.push(entry),
            (Self::Incidents(page), Record::Incident(incident)) => page.push(*incident),
            (Self::Alerts(page), Record::Alert(alert)) => page.push(*alert),
            (Self::Settings(page), Record::Settings(revision)) => page.push(*revision),
            (Self::State(page), Record::State(record)) => page.push(record),
            (
                Self::Journal(_) | Self::Incidents(_) | Self::Alerts(_) | Self::Settings(_) | Self::State(_),
                other @ (Record::Journal(_)
                | Record::Incident(_)
                | Record::Alert(_)
                | Record::Settings(_)
                | Record::State(_)),
            ) => return Some(other),
        }
        None
    }

    /// How many they are.
    #[must_use]
    pub fn records(&self) -> u64 {
        let records = match self {
            Self::Journal(entries) => entries.len(),
            Self::Incidents(incidents) => incidents.len(),
            Self::Alerts(alerts) => alerts.len(),
            Self::Settings(revisions) => revisions.len(),
            Self::State(records) => records.len(),
        };
        u64::try_from(records).unwrap_or(u64::MAX)
    }

    /// Writes one line for each record.
    pub(super) fn write_lines(&self, to: &mut Vec<u8>) -> Result<(), StoreError> {
        match self {
            Self::Journal(entries) => entries.iter().try_for_each(|entry| Line::Journal(entry).write(to)),
            Self::Incidents(incidents) => {
                incidents.iter().try_for_each(|incident| Line::Incident(incident).write(to))
            }
            Self::Alerts(alerts) => alerts.iter().try_for_each(|alert| Line::Alert(alert).write(to)),
            Self::Settings(revisions) => {
                revisions.iter().try_for_each(|revision| Line::Settings(revision).write(to))
            }
            Self::State(records) => records
                .iter()
                .try_for_each(|record| Line::State { key: &record.key, body: &record.body }.write(to)),
        }
    }
}

/// A line of an export.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// The first.
    ReboundExport {
        /// The form of the lines.
        version: u32,
        /// The Rebound that wrote it.
        rebound: &'a str,
        /// What is to follow.
        holds: &'a Contents,
    },
    /// A journal entry.
    Journal(&'a JournalEntry),
    /// An incident as it is now.
    Incident(&'a Incident),
    /// An alert as it is now.
    Alert(&'a Alert),
    /// A change of the settings.
    Settings(&'a Revision),
    /// One part of the monitor's memory.
    State {
        /// Which.
        key: &'a str,
        /// Its JSON, letter by letter.
        body: &'a str,
    },
    /// The last.
    ReboundExportEnd {
        /// What was written.
        holds: &'a Contents,
    },
}

impl Line<'_> {
    /// Writes it, with its line feed.
    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), StoreError> {
        serde_json::to_writer(&mut *to, self).map_err(|error| {
            StoreError::Unavailable(format!("a record cannot be written as JSON: {error}"))
        })?;
        to.push(b'\n');
        Ok(())
    }
}
