//! What became of heals, day by day, and how the error budget was used, hour by hour.
//!
//! Counts what reports count, from the same incidents and the same hours.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::incident::Incident;
use rebound::report::budget::{Burn, Hours, burn};
use rebound::report::heals::{HealDays, HealsKnown, heal_days};
use rebound::time::{Timestamp, spoken};
use rebound::uptime::UptimeFigures;

use super::history::{check_span, in_range};
use super::{Principal, Service, ServiceError};
use crate::history::query::DAYS_MAX;
use crate::history::rollup::{HOUR_MS, hour_of};
use crate::history::uptime::{DAY_MS, day_of};

/// Longest time of one answer about the error budget: as long as a report's days.
const BURN_SPAN_MAX: Duration = Duration::from_secs(rebound::report::DAYS_MAX as u64 * 86_400);

impl Service {
    /// What became of the heals of `target`, or of all, on each of the last `days` days until the one that `until` lies in, or
    /// today. Days are those of UTC.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::OutOfRange`], [`ServiceError::Store`]. Where no history is kept, only days on
    /// which there were heals are known.
    pub async fn heal_days(
        &self,
        who: &Principal,
        target: Option<&str>,
        days: u32,
        until: Option<Timestamp>,
    ) -> Result<HealDays, ServiceError> {
        let target = self.known_or_all(target)?;
        in_range("days", days, 1, DAYS_MAX)?;
        let last = day_of(until.unwrap_or_else(|| self.now()).min(self.now()));
        let from = Timestamp::from_ms(last.as_ms() - i64::from(days - 1) * DAY_MS);
        let to = Timestamp::from_ms(last.as_ms() + DAY_MS);
        let watched = self.days_watched(target.as_ref(), from, to).await?;
        let (incidents, left_out) = self.incidents_since(who, from).await?;
        let read_since = left_out.then(|| oldest(&incidents)).flatten();
        Ok(heal_days(
            target.as_ref(),
            (from, to),
            HealsKnown { incidents: &incidents, days: &watched, read_since },
        ))
    }

    /// How the error budget of `target`, or of all together, was used from `from` to `to`, by whole hours of which the greater part
    /// lies within: those of [`Service::report`].
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::OutOfRange`], [`ServiceError::NoHistory`], [`ServiceError::Store`].
    pub async fn budget(
        &self,
        who: &Principal,
        target: Option<&str>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Burn, ServiceError> {
        let target = self.known_or_all(target)?;
        check_span(from, to, self.now())?;
        if to.since(from) > BURN_SPAN_MAX {
            return Err(ServiceError::OutOfRange {
                what: "the time from \"from\" to \"to\"",
                value: spoken(to.since(from)),
                range: format!("at most {}", spoken(BURN_SPAN_MAX)),
            });
        }
        self.keeping()?;
        let mut known: BTreeMap<TargetId, Hours> = BTreeMap::new();
        for hour in self.hours_between(target.as_ref(), from, to).await? {
            known.entry(hour.target).or_default().insert(hour.at, hour.figures);
        }
        let board = self.board(who);
        let meant = board.targets.iter().filter(|view| target.as_ref().is_none_or(|id| view.id == *id));
        let hours: Vec<Hours> = meant.map(|view| known.remove(&view.id).unwrap_or_default()).collect();
        Ok(burn(target.as_ref(), (nearest_hour(from), nearest_hour(to)), self.now(), &hours))
    }

    /// How `target` was, or all together, by the beginning of the day; nothing where no history is kept.
    async fn days_watched(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<Timestamp, UptimeFigures>, ServiceError> {
        let mut days: BTreeMap<Timestamp, UptimeFigures> = BTreeMap::new();
        let Ok(keeping) = self.keeping() else { return Ok(days) };
        let totals = keeping.history.store.totals(from, to).await?;
        for total in totals.iter().filter(|total| target.is_none_or(|id| total.target == *id)) {
            let day = days.entry(total.day).or_default();
            *day = day.plus(total.figures);
        }
        Ok(days)
    }
}

/// Since when all incidents were read: those read are the newest, in the order of their numbers.
fn oldest(incidents: &[Incident]) -> Option<Timestamp> {
    incidents.iter().filter(|incident| incident.closed.is_some()).map(|incident| incident.opened_at).min()
}

/// The hour's border that lies nearest.
fn nearest_hour(at: Timestamp) -> Timestamp {
    hour_of(Timestamp::from_ms(at.as_ms().saturating_add(HOUR_MS / 2 - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_belongs_to_the_stretch_that_holds_its_middle() {
        let minute = |minute: i64| Timestamp::from_ms(minute * 60_000);
        let nearest = |at: i64| nearest_hour(minute(at)).as_ms() / HOUR_MS;
        assert_eq!([0, 20, 30, 31, 60, 89].map(nearest), [0, 0, 0, 1, 1, 1]);
    }
}
