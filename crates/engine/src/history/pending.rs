//! What waits to be written. A newer version takes the place of an older one, and beyond a limit the oldest goes, and is counted.

use std::collections::{BTreeMap, VecDeque};

use rebound::ids::TargetId;
use rebound::time::Timestamp;

use super::port::Batch;
use super::recording::Recording;
use super::rollup::{Hour, HourKey};
use super::uptime::UptimeDay;

/// Most hours that wait: with a hundred bridges of seven accounts, one and a half days of them. About 300 MiB at worst.
const HOURS_MAX: usize = 60_000;
/// Most days that wait: ninety days of a thousand targets.
const DAYS_MAX: usize = 90_000;
/// Most bytes of recordings that wait.
const RECORDING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most rows of one write, so that none takes long.
const BATCH_ROWS_MAX: usize = 1_000;
/// Most bytes of recordings in one write, before they are packed.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What waits.
#[derive(Debug, Default)]
pub struct Pending {
    hours: BTreeMap<HourKey, Hour>,
    days: BTreeMap<(TargetId, Timestamp), UptimeDay>,
    recordings: VecDeque<Recording>,
    recording_bytes: usize,
    /// Rows that were dropped.
    pub lost: u64,
}

impl Pending {
    /// Lines up what is to be written.
    pub fn add(&mut self, hours: Vec<Hour>, days: Vec<UptimeDay>, recordings: Vec<Recording>) {
        self.hours.extend(hours.into_iter().map(|hour| (hour.key.clone(), hour)));
        self.days.extend(days.into_iter().map(|day| ((day.target.clone(), day.day), day)));
        for recording in recordings {
            self.recording_bytes += recording.lines.len();
            self.recordings.push_back(recording);
        }
        self.shorten();
    }

    /// The next part of it.
    #[must_use]
    pub fn next_part(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        while batch.rows() < BATCH_ROWS_MAX
            && let Some((_, hour)) = self.hours.pop_first()
        {
            batch.hours.push(hour);
        }
        while batch.rows() < BATCH_ROWS_MAX
            && let Some((_, day)) = self.days.pop_first()
        {
            batch.days.push(day);
        }
        let mut bytes = 0;
        while batch.rows() < BATCH_ROWS_MAX
            && bytes < BATCH_BYTES_MAX
            && let Some(recording) = self.recordings.pop_front()
        {
            bytes += recording.lines.len();
            batch.recordings.push(recording);
        }
        self.recording_bytes -= bytes;
        (batch.rows() > 0).then_some(batch)
    }

    /// Takes back what could not be written. What is there in a newer version stays.
    pub fn give_back(&mut self, batch: Batch) {
        for hour in batch.hours {
            self.hours.entry(hour.key.clone()).or_insert(hour);
        }
        for day in batch.days {
            self.days.entry((day.target.clone(), day.day)).or_insert(day);
        }
        for recording in batch.recordings.into_iter().rev() {
            self.recording_bytes += recording.lines.len();
            self.recordings.push_front(recording);
        }
        self.shorten();
    }

    fn shorten(&mut self) {
        while self.hours.len() > HOURS_MAX && self.hours.pop_first().is_some() {
            self.lost += 1;
        }
        while self.days.len() > DAYS_MAX && self.days.pop_first().is_some() {
            self.lost += 1;
        }
        while self.recording_bytes > RECORDING_BYTES_MAX
            && let Some(oldest) = self.recordings.pop_front()
        {
            self.recording_bytes -= oldest.lines.len();
            self.lost += 1;
        }
    }
}

#[cfg(test)]
#[path = "pending_tests.rs"]
mod tests;
