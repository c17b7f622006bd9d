//! Adds up what was seen: the open hours of every series, and the open days of every target.
//!
//! Bounded, reads no clock and does no I/O. What it gives out holds everything of its hour, so that it may be written as often
//! as wanted.

use std::collections::{BTreeMap, BTreeSet};

use rebound::history::Sample;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound::uptime::Stretch;

use super::rollup::{HOUR_MS, Hour, HourKey, Rollup, Writer, hour_of, merged, minute_of};
use super::uptime::{DAY_MS, UptimeDay, day_of, days_of};

/// Most hours of series that are open at once: a thousand bridges of eight accounts. About 100 MiB.
const OPEN_MAX: usize = 20_000;

/// What is open.
#[derive(Debug)]
pub struct Aggregator {
    writer: Writer,
    hours: BTreeMap<HourKey, Open>,
    days: BTreeMap<TargetId, Days>,
    /// Numbers that were left out, because there were too many series.
    pub lost: u64,
}

#[derive(Debug, Default)]
struct Open {
    minutes: BTreeMap<u8, Rollup>,
    is_touched: bool,
}

/// The newest days of a target.
#[derive(Debug, Default)]
struct Days {
    /// Whether what is kept of them was read, so that nothing of it is lost by writing.
    is_loaded: bool,
    days: BTreeMap<Timestamp, UptimeDay>,
    touched: BTreeSet<Timestamp>,
}

impl Aggregator {
    /// Nothing was seen yet by this run.
    #[must_use]
    pub fn new(writer: Writer) -> Self {
        Self { writer, hours: BTreeMap::new(), days: BTreeMap::new(), lost: 0 }
    }

    /// Takes in what was read of `target` at `at`.
    pub fn add(&mut self, target: &TargetId, at: Timestamp, samples: &[Sample]) {
        let hour = hour_of(at);
        for sample in samples {
            let key = HourKey { hour, target: target.clone(), series: sample.series, writer: self.writer };
            if self.hours.len() >= OPEN_MAX && !self.hours.contains_key(&key) {
                self.lost += 1;
                continue;
            }
            let open = self.hours.entry(key).or_default();
            open.is_touched = true;
            let minute = open.minutes.entry(minute_of(at));
            minute.and_modify(|rollup| rollup.add(sample, at)).or_insert_with(|| Rollup::of(sample, at));
        }
    }

    /// Takes in how the time of `target` is charged.
    pub fn charge(&mut self, target: &TargetId, stretches: &[Stretch]) {
        let days = self.days.entry(target.clone()).or_default();
        let told = days_of(target, stretches);
        let newest = told.last_key_value().map(|(day, _)| *day);
        for (day, newer) in told {
            if Some(day) < newest && !days.days.contains_key(&day) {
                // It was given out and forgotten, and only a part of it is told now: the rest is in the store.
                days.is_loaded = false;
            }
            let held = days.days.entry(day).or_insert_with(|| UptimeDay::empty(target.clone(), day));
            let before = held.clone();
            held.overlay(&newer);
            if *held != before {
                days.touched.insert(day);
            }
        }
    }

    /// A target whose kept days must be read before its own can be written, with the time that is wanted.
    #[must_use]
    pub fn not_loaded(&self) -> Option<(TargetId, Timestamp, Timestamp)> {
        let (target, days) = self.days.iter().find(|(_, days)| !days.is_loaded)?;
        let (first, _) = days.days.first_key_value()?;
        let (last, _) = days.days.last_key_value()?;
        Some((target.clone(), *first, Timestamp::from_ms(last.as_ms() + DAY_MS)))
    }

    /// Takes in what is kept of a target's days. Only those that differ from it are written.
    pub fn load(&mut self, target: &TargetId, kept: Vec<UptimeDay>) {
        let Some(days) = self.days.get_mut(target) else { return };
        days.is_loaded = true;
        for mut day in kept {
            let Some(own) = days.days.get_mut(&day.day) else { continue };
            let before = day.clone();
            day.overlay(own);
            if day == before {
                days.touched.remove(&day.day);
            }
            *own = day;
        }
    }

    /// These targets are watched here no longer; `None`: all.
    pub fn forget(&mut self, targets: Option<&[TargetId]>) {
        // Another server writes their days from here on, and knows everything of them.
        self.days.retain(|target, _| targets.is_some_and(|gone| !gone.contains(target)));
    }

    /// What changed since the last call. What is over and given out is forgotten.
    #[must_use = "what is given out is forgotten here"]
    pub fn give(&mut self, now: Timestamp) -> (Vec<Hour>, Vec<UptimeDay>) {
        let mut hours = Vec::new();
        for (key, open) in &mut self.hours {
            if std::mem::take(&mut open.is_touched)
                && let Some(whole) = merged(open.minutes.values())
            {
                hours.push(Hour { key: key.clone(), whole, minutes: open.minutes.clone() });
            }
        }
        self.hours.retain(|key, _| key.hour.as_ms().saturating_add(HOUR_MS) > now.as_ms());
        let yesterday = Timestamp::from_ms(day_of(now).as_ms() - DAY_MS);
        let mut changed = Vec::new();
        for days in self.days.values_mut().filter(|days| days.is_loaded) {
            let touched = std::mem::take(&mut days.touched);
            changed.extend(touched.iter().filter_map(|day| days.days.get(day)).cloned());
            days.days.retain(|day, _| *day >= yesterday);
        }
        (hours, changed)
    }
}

#[cfg(test)]
#[path = "aggregate_tests.rs"]
mod tests;
