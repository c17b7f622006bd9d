//! Reads the numbers that a target's charts show.

use rebound::history::{Series, SeriesView, TargetDays};
use rebound::ids::AccountId;
use rebound::time::Timestamp;
use rebound_app::{ChartsSheet, HealSpan, Month, Numbers, OutcomesSheet, Span, Trouble};
use rebound_engine::ports::PAGE_MAX;
use rebound_engine::service::{Principal, Service, ServiceError};

/// Steps of a chart: one for every five minutes of a day.
pub(crate) const POINTS: u32 = 288;
/// Steps of a drawing without axes.
const POINTS_OF_SPARK: u32 = 48;
/// Most accounts whose balance is drawn on the page; all are in the interface.
const ACCOUNTS_MAX: usize = 24;

/// The charts of `target` for `span`, and its heals of so many days, as of now. What cannot be read is told in their place.
pub(super) async fn charts(
    service: &Service,
    who: &Principal,
    target: &str,
    (span, days_of_heals): (&Span, HealSpan),
) -> ChartsSheet {
    let now = service.now();
    let heals = service.heal_days(who, Some(target), days_of_heals.days(), None).await.ok();
    let numbers = match numbers(service, who, target, span).await {
        Ok(numbers) => Numbers { heals, ..numbers },
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
                | ServiceError::OtherUnreached(_)
                | ServiceError::NoSuchSeries(_)
                | ServiceError::OutOfRange { .. }
                | ServiceError::BadSettings(_)
                | ServiceError::SettingsMoved { .. }
                | ServiceError::BuiltUpon { .. }
                | ServiceError::NothingChanges
                | ServiceError::NotBegun(_)
                | ServiceError::NotKept(_)
                | ServiceError::NoSettings) => format!("{other}."),
            };
            Numbers {
                series: Vec::new(),
                days: None,
                heals,
                budget: None,
                incidents: Vec::new(),
                note: Some(note),
            }
        }
    };
    ChartsSheet::of(target, (span, days_of_heals), now, &numbers)
}

/// What became of all heals until the end of `month`, and of the error budget of all targets in it. What cannot be read is left out.
pub(super) async fn outcomes(
    service: &Service,
    who: &Principal,
    month: Month,
    span: HealSpan,
) -> OutcomesSheet {
    let until = Timestamp::from_ms(month.ends().as_ms() - 1);
    let heals = service.heal_days(who, None, span.days(), Some(until)).await;
    let burn = service.budget(who, None, month.begins(), month.ends()).await;
    OutcomesSheet::of(&format!("{}&", month.address()), span, heals.ok().as_ref(), burn.ok().as_ref())
}

async fn numbers(
    service: &Service,
    who: &Principal,
    target: &str,
    span: &Span,
) -> Result<Numbers, ServiceError> {
    let (from, to) = span.bounds(service.now());
    let kept = service.series_of(who, target).await?;
    let mut series = Vec::new();
    for of_target in Series::OF_TARGET.into_iter().filter(|series| kept.contains(series)) {
        series.push(read(service, who, target, of_target, (from, to), POINTS).await?);
    }
    for account in kept.iter().filter_map(account_of).take(ACCOUNTS_MAX) {
        for money in [Series::Balance(account), Series::Equity(account)] {
            if kept.contains(&money) {
                series.push(read(service, who, target, money, (from, to), POINTS_OF_SPARK).await?);
            }
        }
    }
    let month = Month::of(service.now());
    Ok(Numbers {
        series,
        days: days(service, who, target, span.marks()).await?,
        heals: None,
        budget: Some(service.budget(who, Some(target), month.begins(), month.ends()).await?),
        incidents: incidents(service, who, target).await?,
        note: None,
    })
}

/// The account whose balance this is.
const fn account_of(series: &Series) -> Option<AccountId> {
    match series {
        Series::Balance(account) => Some(*account),
        Series::ResponseTime | Series::Answered | Series::ReadAge | Series::SyncShare | Series::Equity(_) => {
            None
        }
    }
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

async fn days(
    service: &Service,
    who: &Principal,
    target: &str,
    count: u32,
) -> Result<Option<TargetDays>, ServiceError> {
    let all = service.uptime_days(who, count).await?;
    Ok(all.targets.into_iter().find(|days| days.target.as_str() == target))
}

/// When the target was in trouble, as far as the newest page of incidents goes back.
pub(crate) async fn incidents(
    service: &Service,
    who: &Principal,
    target: &str,
) -> Result<Vec<Trouble>, ServiceError> {
    let now = service.now();
    let all = service.incidents(who, None, PAGE_MAX).await?;
    let own = all.into_iter().filter(|incident| incident.target.as_str() == target);
    let trouble = own.map(|incident| Trouble {
        from: incident.first_failure,
        to: incident.closed.as_ref().map_or(now, |end| end.recovered_at),
        cause: incident.main_cause().map(|cause| cause.reason.to_string()),
    });
    Ok(trouble.collect())
}
