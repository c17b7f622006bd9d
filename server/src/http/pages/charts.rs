//! Reads the numbers that a target's charts show.

use rebound::history::{Series, SeriesView, TargetDays};
use rebound::time::Timestamp;
use rebound_app::{ChartsSheet, Numbers, Span};
use rebound_engine::ports::PAGE_MAX;
use rebound_engine::service::{Principal, Service, ServiceError};

/// Steps of a chart: one for every five minutes of a day.
const POINTS: u32 = 288;
/// Steps of a drawing without axes.
const POINTS_OF_SPARK: u32 = 48;
/// Most accounts whose balance is drawn on the page; all are in the interface.
const ACCOUNTS_MAX: usize = 24;
/// Days of which each has a mark.
const DAYS: u32 = 90;

/// The charts of `target` for `span`, as of now. What cannot be read is told in their place.
pub(super) async fn charts(service: &Service, who: &Principal, target: &str, span: &Span) -> ChartsSheet {
    let now = service.now();
    let numbers = match numbers(service, who, target, span.bounds(now)).await {
        Ok(numbers) => numbers,
        Err(error) => {
            let note = match error {
                ServiceError::NoHistory => {
                    "No history is kept: [history] is switched off in the configuration.".to_owned()
                }
                ServiceError::Store(_) => "The history cannot be read now; the log says why.".to_owned(),
                other @ (ServiceError::NoSuchTarget(_)
                | ServiceError::NoSuchThing { .. }
                | ServiceError::Busy
                | ServiceError::OtherSilent(_)
                | ServiceError::OtherUnclear(_)
                | ServiceError::NoSuchSeries(_)
                | ServiceError::OutOfRange { .. }
                | ServiceError::BadSettings(_)
                | ServiceError::SettingsMoved { .. }
                | ServiceError::NothingChanges
                | ServiceError::NotBegun(_)
                | ServiceError::NotKept(_)
                | ServiceError::NoSettings) => format!("{other}."),
            };
            Numbers { series: Vec::new(), days: None, incidents: Vec::new(), note: Some(note) }
        }
    };
    ChartsSheet::of(target, span, now, &numbers)
}

async fn numbers(
    service: &Service,
    who: &Principal,
    target: &str,
    (from, to): (Timestamp, Timestamp),
) -> Result<Numbers, ServiceError> {
    let kept = service.series_of(who, target).await?;
    let mut series = Vec::new();
    for of_target in Series::OF_TARGET.into_iter().filter(|series| kept.contains(series)) {
        series.push(read(service, who, target, of_target, (from, to), POINTS).await?);
    }
    let balances = kept.iter().filter(|series| matches!(series, Series::Balance(_))).take(ACCOUNTS_MAX);
    for balance in balances {
        series.push(read(service, who, target, *balance, (from, to), POINTS_OF_SPARK).await?);
    }
    Ok(Numbers {
        series,
        days: days(service, who, target).await?,
        incidents: incidents(service, who, target, (from, to)).await?,
        note: None,
    })
}

async fn read(
    service: &Service,
    who: &Principal,
    target: &str,
    series: Series,
    (from, to): (Timestamp, Timestamp),
    points: u32,
) -> Result<SeriesView, ServiceError> {
    service.series(who, target, &series.to_string(), from, to, points).await
}

async fn days(service: &Service, who: &Principal, target: &str) -> Result<Option<TargetDays>, ServiceError> {
    let all = service.uptime_days(who, DAYS).await?;
    Ok(all.targets.into_iter().find(|days| days.target.as_str() == target))
}

/// When the target was in trouble, as far as the newest page of incidents goes back.
async fn incidents(
    service: &Service,
    who: &Principal,
    target: &str,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<(Timestamp, Timestamp)>, ServiceError> {
    let all = service.incidents(who, None, PAGE_MAX).await?;
    let own = all.into_iter().filter(|incident| incident.target.as_str() == target);
    let spans =
        own.map(|incident| (incident.first_failure, incident.closed.map_or(to, |end| end.recovered_at)));
    Ok(spans.filter(|(begins, ends)| *begins < to && *ends > from).collect())
}
