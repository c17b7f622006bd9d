//! A history in memory, for tests. It can be told to fail.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::history::port::{Batch, Detail, HistoryStore, Horizon, RECORDINGS_MAX, Removed};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::{Hour, HourKey, Writer};
use rebound_engine::history::uptime::UptimeDay;
use rebound_engine::ports::StoreError;

use crate::history::pack;

/// A history in memory.
#[derive(Debug, Default)]
pub struct MemoryHistory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    hours: BTreeMap<HourKey, Hour>,
    days: BTreeMap<(TargetId, Timestamp), UptimeDay>,
    recordings: BTreeMap<(Timestamp, Option<TargetId>, Writer), Recording>,
    failure: Option<StoreError>,
}

impl MemoryHistory {
    /// An empty history that works.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail with `failure` from now on; `None` makes it work again, with everything it had.
    pub fn fail_with(&self, failure: Option<StoreError>) {
        self.kept().failure = failure;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A test that panicked while it held the lock left nothing half-done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.kept();
        match &kept.failure {
            None => Ok(kept),
            Some(failure) => Err(failure.clone()),
        }
    }
}

#[async_trait]
impl HistoryStore for MemoryHistory {
    async fn keep(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut kept = self.working()?;
        kept.hours.extend(batch.hours.iter().map(|hour| (hour.key.clone(), hour.clone())));
        for day in &batch.days {
            let key = (day.target.clone(), day.day);
            let knows_less = |held: &UptimeDay| day.covered_ms() < held.covered_ms();
            if !kept.days.get(&key).is_some_and(knows_less) {
                kept.days.insert(key, day.clone());
            }
        }
        let recordings = batch.recordings.iter().cloned();
        kept.recordings.extend(recordings.map(|one| ((one.from, one.of.clone(), one.writer), one)));
        Ok(())
    }

    async fn hours(
        &self,
        target: &TargetId,
        series: Series,
        from: Timestamp,
        to: Timestamp,
        detail: Detail,
    ) -> Result<Vec<Hour>, StoreError> {
        let kept = self.working()?;
        let is_meant = |hour: &&Hour| {
            let key = &hour.key;
            key.target == *target && key.series == series && key.hour >= from && key.hour < to
        };
        let found = kept.hours.values().filter(is_meant).cloned();
        Ok(match detail {
            Detail::Minutes => found.collect(),
            Detail::Hours => found.map(|hour| Hour { minutes: BTreeMap::new(), ..hour }).collect(),
        })
    }

    async fn series_of(&self, target: &TargetId, from: Timestamp) -> Result<Vec<Series>, StoreError> {
        let kept = self.working()?;
        let of_target = kept.hours.keys().filter(|key| key.target == *target && key.hour >= from);
        let mut series: Vec<Series> = of_target.map(|key| key.series).collect();
        series.sort_unstable();
        series.dedup();
        Ok(series)
    }

    async fn days(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UptimeDay>, StoreError> {
        let kept = self.working()?;
        let is_meant = |day: &&UptimeDay| {
            target.is_none_or(|target| day.target == *target) && day.day >= from && day.day < to
        };
        Ok(kept.days.values().filter(is_meant).cloned().collect())
    }

    async fn recordings(
        &self,
        of: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Recording>, StoreError> {
        let kept = self.working()?;
        let is_meant = |one: &&Recording| one.of.as_ref() == of && one.from >= from && one.from < to;
        let limit = usize::try_from(limit.min(RECORDINGS_MAX)).unwrap_or(usize::MAX);
        Ok(kept.recordings.values().filter(is_meant).take(limit).cloned().collect())
    }

    async fn prune(&self, horizon: &Horizon) -> Result<Removed, StoreError> {
        let mut kept = self.working()?;
        let mut removed = Removed::default();
        let before = kept.hours.len() + kept.days.len();
        kept.hours.retain(|key, _| key.hour >= horizon.hours);
        kept.days.retain(|(_, day), _| *day >= horizon.hours);
        removed.hours = count(before - kept.hours.len() - kept.days.len());
        for (_, hour) in kept.hours.iter_mut().take_while(|(key, _)| key.hour < horizon.minutes) {
            removed.minutes += u64::from(!std::mem::take(&mut hour.minutes).is_empty());
        }
        let before = kept.recordings.len();
        kept.recordings.retain(|_, one| one.to >= horizon.recordings);
        let packed = |one: &Recording| count(pack::lines(&one.lines).len());
        let mut bytes: u64 = kept.recordings.values().map(packed).sum();
        while bytes > horizon.recordings_bytes_max
            && let Some((_, oldest)) = kept.recordings.pop_first()
        {
            bytes -= packed(&oldest);
        }
        removed.recordings = count(before - kept.recordings.len());
        Ok(removed)
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::conformance;

    #[tokio::test]
    async fn memory_passes_the_story_of_every_history() {
        conformance::story(async || MemoryHistory::new()).await;
    }
}
