//! What was, in numbers: series of a target, and how all targets were day by day.

use std::time::Duration;

use rebound::history::{DayUptime, HistoryState, Series, SeriesView, TargetDays, UptimeDays};
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound::uptime::UptimeFigures;

use super::{Principal, Service, ServiceError};
use crate::history::Keeping;
use crate::history::port::HistoryStore;
use crate::history::query::{DAYS_MAX, POINTS_MAX, POINTS_MIN, SPAN_MAX, Shape, buckets};
use crate::history::rollup::{HOUR_MS, hour_of};
use crate::history::uptime::{DAY_MS, day_of};

impl Service {
    /// The numbers of a series of `target` from `from` to `to`, in at most `points` buckets; those in which nothing was read are
    /// there and empty.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::NoSuchSeries`], [`ServiceError::OutOfRange`], [`ServiceError::NoHistory`],
    /// [`ServiceError::Store`].
    pub async fn series(
        &self,
        _who: &Principal,
        target: &str,
        series: &str,
        from: Timestamp,
        to: Timestamp,
        points: u32,
    ) -> Result<SeriesView, ServiceError> {
        let target = self.known(target)?;
        let series: Series = series
            .parse()
            .map_err(|error: rebound::history::NoSeries| ServiceError::NoSuchSeries(error.to_string()))?;
        let now = self.now();
        check_span(from, to, now)?;
        in_range("points", points, POINTS_MIN, POINTS_MAX)?;
        let keeping = self.keeping()?;
        let shape = Shape::of(from, to, points, now, &keeping.history.kept);
        let first = hour_of(shape.from);
        let hours = keeping.history.store.hours(&target, series, first, shape.to, shape.detail).await?;
        Ok(SeriesView {
            target,
            series,
            unit: series.unit(),
            from: shape.from,
            to: shape.to,
            bucket_ms: u64::try_from(shape.width_ms).unwrap_or(0),
            buckets: buckets(series, &hours, &shape),
        })
    }

    /// The series of `target` of which numbers are kept.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::NoHistory`], [`ServiceError::Store`].
    pub async fn series_of(&self, _who: &Principal, target: &str) -> Result<Vec<Series>, ServiceError> {
        let target = self.known(target)?;
        let keeping = self.keeping()?;
        let from = self.now().before(keeping.history.kept.hours);
        Ok(keeping.history.store.series_of(&target, from).await?)
    }

    /// How every target was on each of the last `days` days, today among them. Days are those of UTC.
    ///
    /// # Errors
    /// [`ServiceError::OutOfRange`], [`ServiceError::NoHistory`], [`ServiceError::Store`].
    pub async fn uptime_days(&self, who: &Principal, days: u32) -> Result<UptimeDays, ServiceError> {
        in_range("days", days, 1, DAYS_MAX)?;
        let today = day_of(self.now());
        let from = Timestamp::from_ms(today.as_ms() - i64::from(days - 1) * DAY_MS);
        let to = Timestamp::from_ms(today.as_ms() + DAY_MS);
        let store = &self.keeping()?.history.store;
        let known = days_by_target(store.as_ref(), from, to).await?;
        let board = self.board(who);
        let targets = board.targets.iter().map(|view| {
            let own = known.get(&view.id).map(Vec::as_slice).unwrap_or_default();
            target_days(view.id.clone(), view.name.clone(), own, from, days)
        });
        Ok(UptimeDays { from, to, targets: targets.collect() })
    }

    /// How every target was from `from` to `to`, by whole hours of which the greater part lies within; unknown where no history is kept.
    ///
    /// # Errors
    /// [`ServiceError::OutOfRange`], [`ServiceError::Store`].
    pub async fn uptime_between(
        &self,
        who: &Principal,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<rebound::report::Known, ServiceError> {
        check_span(from, to, self.now())?;
        let mut days: std::collections::BTreeMap<Timestamp, UptimeFigures> =
            std::collections::BTreeMap::new();
        let mut known: std::collections::BTreeMap<TargetId, UptimeFigures> =
            std::collections::BTreeMap::new();
        for hour in self.hours_between(None, from, to).await? {
            let sum = known.entry(hour.target).or_default();
            *sum = sum.plus(hour.figures);
            let whole = days.entry(day_of(hour.at)).or_default();
            *whole = whole.plus(hour.figures);
        }
        let board = self.board(who);
        let figures = |id: &TargetId| known.get(id).copied().unwrap_or_default();
        let targets = board.targets.iter().map(|view| (view.id.clone(), figures(&view.id))).collect();
        Ok(rebound::report::Known { targets, days })
    }

    /// The hours of `target`, or of all, of which the greater part lies between `from` and `to`; none where no history is kept.
    pub(super) async fn hours_between(
        &self,
        target: Option<&TargetId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<KnownHour>, ServiceError> {
        let mut hours = Vec::new();
        let Some(keeping) = &self.keeping else { return Ok(hours) };
        for day in keeping.history.store.days(target, day_of(from), to).await? {
            for (number, figures) in (0_i64..).zip(&day.hours) {
                let at = Timestamp::from_ms(day.day.as_ms() + number * HOUR_MS);
                if (from.as_ms()..to.as_ms()).contains(&(at.as_ms() + HOUR_MS / 2)) {
                    hours.push(KnownHour { target: day.target.clone(), at, figures: *figures });
                }
            }
        }
        Ok(hours)
    }

    /// How the keeping of the history fares; `None` where none is kept.
    #[must_use]
    pub fn history(&self, _who: &Principal) -> Option<HistoryState> {
        self.keeping.as_ref().map(Keeping::state)
    }

    pub(super) fn keeping(&self) -> Result<&Keeping, ServiceError> {
        self.keeping.as_ref().ok_or(ServiceError::NoHistory)
    }
}

/// An hour of a target.
pub(super) struct KnownHour {
    pub(super) target: TargetId,
    /// Its beginning.
    pub(super) at: Timestamp,
    pub(super) figures: UptimeFigures,
}

type Known = std::collections::BTreeMap<TargetId, Vec<(Timestamp, UptimeFigures)>>;

async fn days_by_target(
    store: &dyn HistoryStore,
    from: Timestamp,
    to: Timestamp,
) -> Result<Known, ServiceError> {
    let mut known = Known::new();
    for total in store.totals(from, to).await? {
        known.entry(total.target).or_default().push((total.day, total.figures));
    }
    Ok(known)
}

fn target_days(
    target: TargetId,
    name: String,
    known: &[(Timestamp, UptimeFigures)],
    from: Timestamp,
    days: u32,
) -> TargetDays {
    let mut known = known.iter().peekable();
    let mut figures = UptimeFigures::default();
    let days = (0..i64::from(days)).map(|number| {
        let day = Timestamp::from_ms(from.as_ms() + number * DAY_MS);
        let of_day =
            known.next_if(|(known, _)| *known == day).map(|(_, figures)| *figures).unwrap_or_default();
        figures = figures.plus(of_day);
        DayUptime { day, figures: of_day, up_share: of_day.up_share() }
    });
    let days = days.collect();
    TargetDays { target, name, figures, up_share: figures.up_share(), days }
}

pub(super) fn check_span(from: Timestamp, to: Timestamp, now: Timestamp) -> Result<(), ServiceError> {
    let span_max: Duration = SPAN_MAX;
    if from >= to {
        let range = format!("before to = {to}");
        return Err(ServiceError::OutOfRange { what: "from", value: from.to_string(), range });
    }
    if from > now {
        let range = format!("at most the present, {now}");
        return Err(ServiceError::OutOfRange { what: "from", value: from.to_string(), range });
    }
    if to.since(from) > span_max {
        let value = rebound::time::spoken(to.since(from));
        let range = format!("at most {}", rebound::time::spoken(span_max));
        return Err(ServiceError::OutOfRange { what: "the time from \"from\" to \"to\"", value, range });
    }
    Ok(())
}

pub(super) fn in_range(what: &'static str, value: u32, least: u32, most: u32) -> Result<(), ServiceError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ServiceError::OutOfRange { what, value: value.to_string(), range: format!("{least} to {most}") })
}
