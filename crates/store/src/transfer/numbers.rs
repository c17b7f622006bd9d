//! Takes the history of numbers to another store: days of uptime, hours of series with their minutes, and recordings.
//!
//! Every row has a key and is written as often as anybody likes, so a transfer that was cut off simply begins again and copies what
//! is not there yet. Every piece is read back, and each of its rows must be there as it was.

use std::collections::BTreeSet;

use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::history::port::{Batch, Detail, HistoryStore, RECORDINGS_MAX};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::uptime::DAY_MS;
use rebound_engine::ports::StoreError;

use super::{Told, TransferError};

/// Before everything that is kept, and after it.
const FIRST: Timestamp = Timestamp::from_ms(0);
const LAST: Timestamp = Timestamp::from_ms(7_258_118_400_000);
/// Hours of a series that are copied at once: their minutes come with them.
const HOURS_AT_ONCE_MS: i64 = 10 * DAY_MS;
/// Recordings that are copied at once: each may be large.
const RECORDINGS_AT_ONCE: u32 = 50;

/// How many rows are on both sides now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Days of targets.
    pub days: u64,
    /// Hours of series.
    pub hours: u64,
    /// Recordings.
    pub recordings: u64,
}

impl Numbers {
    /// How many there are of each kind, with its name.
    #[must_use]
    pub const fn counts(&self) -> [(&'static str, u64); 3] {
        [("days", self.days), ("hours", self.hours), ("recordings", self.recordings)]
    }

    fn add(&mut self, piece: &Batch) {
        let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
        self.days += count(piece.days.len());
        self.hours += count(piece.hours.len());
        self.recordings += count(piece.recordings.len());
    }
}

/// Copies all that `from` holds into `to`, and compares it. What `to` holds besides is left as it is.
///
/// # Errors
/// [`TransferError::Numbers`] if something else is there than was sent; what was copied stays, and a later run goes on.
pub async fn copy_numbers(
    from: &dyn HistoryStore,
    to: &dyn HistoryStore,
    told: Told<'_>,
) -> Result<Numbers, TransferError> {
    let mut copied = Numbers::default();
    // A target has days from its first minute on, so none is missed.
    let targets: BTreeSet<TargetId> =
        from.totals(FIRST, LAST).await?.into_iter().map(|day| day.target).collect();
    for target in &targets {
        take(Piece::Days { of: target }, from, to, &mut copied, told).await?;
        for series in from.series_of(target, FIRST).await? {
            let hours = from.hours(target, series, FIRST, LAST, Detail::Hours).await?;
            let mut next = hours.first().map(|hour| hour.key.hour);
            while let Some(begin) = next {
                let end = Timestamp::from_ms(begin.as_ms().saturating_add(HOURS_AT_ONCE_MS));
                take(Piece::Hours { of: target, series, begin, end }, from, to, &mut copied, told).await?;
                next = hours.iter().map(|hour| hour.key.hour).find(|hour| *hour >= end);
            }
        }
        take_recordings(Some(target), from, to, &mut copied, told).await?;
    }
    take_recordings(None, from, to, &mut copied, told).await?;
    Ok(copied)
}

async fn take_recordings(
    of: Option<&TargetId>,
    from: &dyn HistoryStore,
    to: &dyn HistoryStore,
    copied: &mut Numbers,
    told: Told<'_>,
) -> Result<(), TransferError> {
    let mut begin = FIRST;
    loop {
        let next = from.recordings(of, begin, LAST, RECORDINGS_AT_ONCE).await?;
        let Some(end) = end_of(&next) else { return Ok(()) };
        take(Piece::Recordings { of, begin, end }, from, to, copied, told).await?;
        begin = end;
    }
}

/// The end of a piece with about these recordings; some that begin together are never parted. `None` where there are none.
fn end_of(next: &[Recording]) -> Option<Timestamp> {
    let after = |at: Timestamp| Timestamp::from_ms(at.as_ms().saturating_add(1));
    next.last().map(|last| after(last.from))
}

/// Some rows, as a store is asked for them.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Days { of: &'a TargetId },
    Hours { of: &'a TargetId, series: Series, begin: Timestamp, end: Timestamp },
    Recordings { of: Option<&'a TargetId>, begin: Timestamp, end: Timestamp },
}

impl Piece<'_> {
    async fn read(self, store: &dyn HistoryStore) -> Result<Batch, StoreError> {
        let mut rows = Batch::default();
        match self {
            Self::Days { of } => rows.days = store.days(Some(of), FIRST, LAST).await?,
            Self::Hours { of, series, begin, end } => {
                rows.hours = store.hours(of, series, begin, end, Detail::Minutes).await?;
            }
            Self::Recordings { of, begin, end } => {
                rows.recordings = store.recordings(of, begin, end, RECORDINGS_MAX).await?;
            }
        }
        Ok(rows)
    }

    /// What it is, for a person.
    fn name(self) -> String {
        match self {
            Self::Days { of } => format!("days of \"{of}\""),
            Self::Hours { of, series, begin, .. } => format!("hours of {series} of \"{of}\" from {begin} on"),
            Self::Recordings { of: Some(of), begin, .. } => format!("recordings of \"{of}\" from {begin} on"),
            Self::Recordings { of: None, begin, .. } => {
                format!("recordings of Rebound's own network from {begin} on")
            }
        }
    }
}

/// Copies a piece that is not there yet, and looks whether it is there then.
async fn take(
    piece: Piece<'_>,
    from: &dyn HistoryStore,
    to: &dyn HistoryStore,
    copied: &mut Numbers,
    told: Told<'_>,
) -> Result<(), TransferError> {
    let sent = piece.read(from).await?;
    if !holds(&piece.read(to).await?, &sent) {
        to.keep(&sent).await?;
        if !holds(&piece.read(to).await?, &sent) {
            return Err(TransferError::Numbers(piece.name()));
        }
    }
    copied.add(&sent);
    told(u64::try_from(sent.rows()).unwrap_or(u64::MAX));
    Ok(())
}

/// Whether each row of `sent` is among `found`.
fn holds(found: &Batch, sent: &Batch) -> bool {
    sent.days.iter().all(|row| found.days.contains(row))
        && sent.hours.iter().all(|row| found.hours.contains(row))
        && sent.recordings.iter().all(|row| found.recordings.contains(row))
}
