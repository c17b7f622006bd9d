//! An export: one record in a line of JSON, between a first line that says what follows and a last one that says what was
//! written.
//!
//! A file that was cut off or changed is noticed, at the latest at its end. Nothing is read of a form that is not known.

use std::io::{BufRead, Read as _, Write};

use async_trait::async_trait;
use rebound_engine::ports::{PAGE_MAX, StateRecord};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::contents::{Contents, Tally};
use super::page::{Line, Page, Record};
use super::records::{PAGE_BYTES_MAX, Records};
use super::{Told, TransferError};

/// The form of the lines. Grows when an older Rebound would misread it.
pub const EXPORT_VERSION: u32 = 1;

/// Longest line, in bytes. Above what any store takes as one record: a document of MongoDB's has 16 MB at most.
pub const LINE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Writes `records`, which hold `whole`, as lines.
///
/// # Errors
/// [`TransferError`], also if they do not hold that any more; then the last line is missing.
pub async fn export(
    records: &mut dyn Records,
    whole: &Contents,
    to: &mut (dyn Write + Send),
    name: &str,
    told: Told<'_>,
) -> Result<(), TransferError> {
    let failed = |error| TransferError::File { name: name.to_owned(), error };
    let mut frame = Vec::new();
    let rebound = env!("CARGO_PKG_VERSION");
    Line::ReboundExport { version: EXPORT_VERSION, rebound, holds: whole }.write(&mut frame)?;
    to.write_all(&frame).map_err(failed)?;
    let mut tally = Tally::default();
    while let Some(page) = records.next().await? {
        to.write_all(tally.add(&page)?).map_err(failed)?;
        told(page.records());
    }
    let written = tally.contents();
    if written != *whole {
        return Err(TransferError::SourceChanged {
            before: Box::new(whole.clone()),
            after: Box::new(written),
        });
    }
    frame.clear();
    Line::ReboundExportEnd { holds: &written }.write(&mut frame)?;
    to.write_all(&frame).and_then(|()| to.flush()).map_err(failed)
}

/// The records of an export.
pub struct ExportReader {
    name: String,
    from: Box<dyn BufRead + Send>,
    /// Number of the line that was read last.
    number: u64,
    /// That line, with its line feed.
    line: Vec<u8>,
    /// What the first line says.
    whole: Contents,
    tally: Tally,
    /// The kind of the last record; kinds come in one order.
    kind: Kind,
    /// A record that was read and belongs to the next page.
    waiting: Option<Record>,
    ended: bool,
}

/// What a line is, in the order of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Journal,
    Incident,
    Alert,
    Settings,
    State,
    End,
}

/// The part of a line that says what it is.
#[derive(Deserialize)]
struct Named {
    kind: String,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
struct Frame {
    holds: Contents,
}

#[derive(Deserialize)]
struct StateLine {
    key: String,
    body: String,
}

impl ExportReader {
    /// Reads the first line of the export called `name`.
    ///
    /// # Errors
    /// [`TransferError`] if that is none, or one that another Rebound wrote in a form of its own.
    pub fn open(name: &str, from: Box<dyn BufRead + Send>) -> Result<Self, TransferError> {
        let mut reader = Self {
            name: name.to_owned(),
            from,
            number: 0,
            line: Vec::new(),
            whole: Tally::default().contents(),
            tally: Tally::default(),
            kind: Kind::Journal,
            waiting: None,
            ended: false,
        };
        let is_there = reader.read_line()?;
        let named: Result<Named, _> = serde_json::from_slice(&reader.line);
        if !is_there || !named.is_ok_and(|named| named.kind == "rebound_export") {
            return Err(
                reader.refused("does not say \"kind\":\"rebound_export\": this is no export of Rebound")
            );
        }
        let Version { version } = reader.parsed()?;
        if version != EXPORT_VERSION {
            return Err(reader.refused(&format!(
                "this export has version {version}, this Rebound understands version {EXPORT_VERSION}. Use the Rebound that \
                 wrote it, or a newer one"
            )));
        }
        let Frame { holds } = reader.parsed()?;
        reader.whole = holds;
        Ok(reader)
    }

    /// What the export holds by its own word. It is true if the records come to their end.
    #[must_use]
    pub const fn whole(&self) -> &Contents {
        &self.whole
    }

    /// Reads a line; `false` if there is no whole one any more.
    fn read_line(&mut self) -> Result<bool, TransferError> {
        self.line.clear();
        let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        let read = (&mut self.from).take(limit).read_until(b'\n', &mut self.line);
        read.map_err(|error| TransferError::File { name: self.name.clone(), error })?;
        if self.line.len() > LINE_BYTES_MAX {
            self.number += 1;
            return Err(self.refused(&format!("has more than {LINE_BYTES_MAX} bytes, which no record has")));
        }
        let is_whole = self.line.ends_with(b"\n");
        self.number += u64::from(is_whole);
        Ok(is_whole)
    }

    /// Reads the next record; `None` if the line is the last one, and everything was as it says.
    fn read_record(&mut self) -> Result<Option<Record>, TransferError> {
        if !self.read_line()? {
            return Err(TransferError::CutOff { name: self.name.clone(), lines: self.number });
        }
        self.kind = self.next_kind()?;
        let record = match self.kind {
            Kind::Journal => Record::Journal(self.parsed()?),
            Kind::Incident => Record::Incident(self.parsed()?),
            Kind::Alert => Record::Alert(self.parsed()?),
            Kind::Settings => Record::Settings(self.parsed()?),
            Kind::State => {
                let StateLine { key, body } = self.parsed()?;
                Record::State(StateRecord { key, body })
            }
            Kind::End => return self.end().map(|()| None),
        };
        self.tally.add_line(&record, &self.line);
        Ok(Some(record))
    }

    fn next_kind(&self) -> Result<Kind, TransferError> {
        let Named { kind: name } = self.parsed()?;
        let kind = match name.as_str() {
            "journal" => Kind::Journal,
            "incident" => Kind::Incident,
            "alert" => Kind::Alert,
            "settings" => Kind::Settings,
            "state" => Kind::State,
            "rebound_export_end" => Kind::End,
            _ => {
                return Err(self.refused(&format!("\"{name}\" is no kind of record that this Rebound knows")));
            }
        };
        if kind < self.kind {
            let what = format!(
                "\"{name}\" is out of order: journal, incidents, alerts, settings and state follow each other"
            );
            return Err(self.refused(&what));
        }
        Ok(kind)
    }

    /// Compares what was read with what the last line says, which was just read, and the first.
    fn end(&mut self) -> Result<(), TransferError> {
        self.ended = true;
        let Frame { holds } = self.parsed()?;
        let found = self.tally.contents();
        for told in [&holds, &self.whole] {
            if found != *told {
                let (found, told) = (Box::new(found), Box::new(told.clone()));
                return Err(TransferError::Changed { name: self.name.clone(), found, told });
            }
        }
        self.read_line()?;
        if self.line.is_empty() {
            return Ok(());
        }
        Err(self.refused("stands after the last line of an export: keep one export in a file"))
    }

    fn parsed<T: DeserializeOwned>(&self) -> Result<T, TransferError> {
        serde_json::from_slice(&self.line).map_err(|error| self.refused(&format!("cannot be read: {error}")))
    }

    fn refused(&self, what: &str) -> TransferError {
        TransferError::Line { name: self.name.clone(), line: self.number.max(1), what: what.to_owned() }
    }
}

#[async_trait]
impl Records for ExportReader {
    async fn next(&mut self) -> Result<Option<Page>, TransferError> {
        if self.ended {
            return Ok(None);
        }
        let first = match self.waiting.take() {
            Some(record) => Some(record),
            None => self.read_record()?,
        };
        let Some(first) = first else { return Ok(None) };
        let mut bytes = self.line.len();
        let mut page = Page::of(first);
        while page.records() < u64::from(PAGE_MAX) && bytes < PAGE_BYTES_MAX {
            let Some(record) = self.read_record()? else { break };
            bytes += self.line.len();
            self.waiting = page.try_push(record);
            if self.waiting.is_some() {
                break;
            }
        }
        Ok(Some(page))
    }
}
