//! What was, in numbers: series of a target and the uptime of every day, as JSON, as lines of CSV or as pictures.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use rebound::history::{Bucket, HistoryState, Series, SeriesView, UptimeDays};
use rebound::time::Timestamp;
use rebound_app::{picture_of_days, picture_of_series};
use rebound_engine::history::query::POINTS_DEFAULT;
use rebound_engine::service::ServiceError;
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::{Path, Query};
use super::super::pages::charts;
use super::download::{Format, Theme, csv, svg};
use super::outcomes::name as whose;
use super::{Answer, Who};

/// The time before `to` where no `from` is given.
const SPAN_DEFAULT_MS: i64 = 24 * 3_600 * 1_000;
/// Days where no number is asked for.
const DAYS_DEFAULT: u32 = 90;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesQuery {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    points: Option<u32>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    theme: Theme,
}

pub(crate) async fn series(
    State(face): State<Face>,
    Extension(who): Who,
    Path((target, name)): Path<(String, String)>,
    Query(query): Query<SeriesQuery>,
) -> Result<Response, Problem> {
    let to = query.to.unwrap_or_else(|| face.service.now());
    let from = query.from.unwrap_or(Timestamp::from_ms(to.as_ms().saturating_sub(SPAN_DEFAULT_MS)));
    // A picture is what the page shows.
    let usual = if query.format == Format::Svg { charts::POINTS } else { POINTS_DEFAULT };
    let points = query.points.unwrap_or(usual);
    let view = face.service.series(&who, &target, &name, from, to, points).await?;
    Ok(match query.format {
        Format::Json => Json(view).into_response(),
        Format::Csv => csv(&format!("{target}-{name}"), series_lines(&view)),
        Format::Svg => {
            let incidents = charts::incidents(&face.service, &who, &target).await?;
            let whose = whose(&face.service, &who, Some(&target));
            svg(&format!("{target}-{name}"), picture_of_series(&whose, &view, &incidents, query.theme.into()))
        }
    })
}

pub(crate) async fn series_of(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Answer<Vec<Series>> {
    Ok(Json(face.service.series_of(&who, &target).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UptimeQuery {
    target: Option<String>,
    days: Option<u32>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    theme: Theme,
}

pub(crate) async fn uptime(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<UptimeQuery>,
) -> Result<Response, Problem> {
    let mut days = face.service.uptime_days(&who, query.days.unwrap_or(DAYS_DEFAULT)).await?;
    if let Some(target) = &query.target {
        days.targets.retain(|known| known.target.as_str() == target);
        if days.targets.is_empty() {
            return Err(ServiceError::NoSuchTarget(target.clone()).into());
        }
    }
    let file = format!("{}-uptime", query.target.as_deref().unwrap_or("all"));
    Ok(match (query.format, days.targets.as_slice()) {
        (Format::Json, _) => Json(days).into_response(),
        (Format::Csv, _) => csv(&file, uptime_lines(&days)),
        (Format::Svg, [one]) => {
            let incidents = charts::incidents(&face.service, &who, one.target.as_str()).await?;
            svg(&file, picture_of_days(one, &incidents, query.theme.into()))
        }
        (Format::Svg, _) => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad_target",
                "A picture is of one target.",
                "Name it with target=…; GET /api/v1/board lists the targets.",
            ));
        }
    })
}

/// Whether a history is kept, and how it fares.
#[derive(Debug, Serialize)]
pub(crate) struct Kept {
    kept: bool,
    state: Option<HistoryState>,
}

pub(crate) async fn state(State(face): State<Face>, Extension(who): Who) -> Json<Kept> {
    let state = face.service.history(&who);
    Json(Kept { kept: state.is_some(), state })
}

/// One line for each bucket. What was not read is empty, and never 0.
fn series_lines(view: &SeriesView) -> String {
    let mut lines = String::from("at,count,min,max,mean,last,p50,p95,limit\n");
    for bucket in &view.buckets {
        let Bucket { at, count, min, max, mean, last, p50, p95, limit } = bucket;
        let cells = [min, max, mean, last, p50, p95, limit].map(|cell| cell.map_or_else(String::new, number));
        line(&mut lines, &[at.rfc3339(), count.to_string()], &cells);
    }
    lines
}

fn uptime_lines(days: &UptimeDays) -> String {
    let mut lines = String::from(
        "target,day,up_ms,degraded_ms,down_ms,unknown_ms,maintenance_ms,market_closed_ms,up_percent\n",
    );
    for target in &days.targets {
        for day in &target.days {
            let known = &day.figures;
            let times = [
                known.up_ms,
                known.degraded_ms,
                known.down_ms,
                known.unknown_ms,
                known.maintenance_ms,
                known.market_closed_ms,
            ];
            let mut cells: Vec<String> = times.iter().map(ToString::to_string).collect();
            cells.push(day.up_share.map_or_else(String::new, |share| number(f64::from(share) / 100.0)));
            line(&mut lines, &[target.target.to_string(), day.day.rfc3339()], &cells);
        }
    }
    lines
}

fn line(lines: &mut String, first: &[String], rest: &[String]) {
    // No cell has a comma, a quote or a line feed in it: names of targets have none.
    let cells: Vec<&str> = first.iter().chain(rest).map(String::as_str).collect();
    writeln!(lines, "{}", cells.join(",")).expect("a text takes everything that is written into it");
}

/// The shortest decimal that means exactly this number.
fn number(value: f64) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use rebound::history::Unit;
    use rebound::ids::{AccountId, TargetId};

    use super::*;

    #[test]
    fn a_gap_is_empty_in_csv_and_money_is_what_was_read() {
        let at = Timestamp::from_ms(1_795_392_000_000);
        let read = Bucket {
            at,
            count: 6,
            min: Some(0.1),
            max: Some(0.1),
            last: Some(10_000.17),
            ..Bucket::default()
        };
        let view = SeriesView {
            target: TargetId::try_new("mt5").unwrap(),
            series: Series::Balance(AccountId::new(1_000_001)),
            unit: Unit::Money,
            from: at,
            to: at,
            bucket_ms: 60_000,
            buckets: vec![read, Bucket { at, ..Bucket::default() }],
        };
        let lines = series_lines(&view);
        assert_eq!(
            lines,
            "at,count,min,max,mean,last,p50,p95,limit\n\
             2026-11-23T00:00:00Z,6,0.1,0.1,,10000.17,,,\n\
             2026-11-23T00:00:00Z,0,,,,,,,\n"
        );
    }
}
