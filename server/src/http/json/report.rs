//! What a stretch of time came to, as JSON or as a table.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use rebound::report::{Figures, Report};
use rebound::time::Timestamp;
use rebound_engine::service::Reported;
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::Query;
use super::Who;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportQuery {
    from: Timestamp,
    to: Timestamp,
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// A report with whether everything is in it.
#[derive(Debug, Serialize)]
struct Answer {
    complete: bool,
    report: Report,
}

pub(crate) async fn report(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let Reported { report, left_out } = face.service.report(&who, query.from, query.to).await?;
    Ok(match query.format {
        Format::Json => Json(Answer { complete: !left_out, report }).into_response(),
        Format::Csv => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"rebound-report.csv\""),
            ];
            (headers, csv(&report)).into_response()
        }
    })
}

/// A line for each target and one for all of them. What is not known is empty, never 0.
fn csv(report: &Report) -> String {
    let mut text = "target,up_percent,budget_used_percent,incidents,open,healed,by_itself,trouble_s,detect_mean_s,recover_mean_s,recover_max_s,heals,heals_helped,heals_failed,heals_unclear,up_s,degraded_s,down_s,unknown_s,maintenance_s,market_closed_s\r\n".to_owned();
    for line in &report.targets {
        text.push_str(&row(line.target.as_str(), &line.figures));
    }
    text.push_str(&row("all", &report.whole));
    text
}

fn row(name: &str, figures: &Figures) -> String {
    let seconds = |ms: u64| (ms / 1_000).to_string();
    let known = |ms: Option<u64>| ms.map(seconds).unwrap_or_default();
    let uptime = &figures.uptime;
    let cells = [
        name.to_owned(),
        figures.up_share.map(|share| format!("{}.{:02}", share / 100, share % 100)).unwrap_or_default(),
        figures.budget_used_percent.map(|used| used.to_string()).unwrap_or_default(),
        figures.incidents.to_string(),
        figures.open.to_string(),
        figures.healed.to_string(),
        figures.by_itself.to_string(),
        seconds(figures.trouble_ms),
        known(figures.detect_mean_ms),
        known(figures.recover_mean_ms),
        known(figures.recover_max_ms),
        figures.heals.begun.to_string(),
        figures.heals.helped.to_string(),
        figures.heals.failed.to_string(),
        figures.heals.unclear.to_string(),
        seconds(uptime.up_ms),
        seconds(uptime.degraded_ms),
        seconds(uptime.down_ms),
        seconds(uptime.unknown_ms),
        seconds(uptime.maintenance_ms),
        seconds(uptime.market_closed_ms),
    ];
    cells.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_an_empty_cell() {
        let line = row("mt5", &Figures::default());
        assert!(line.starts_with("mt5,,,0,0,0,0,0,,,,0,"), "{line}");
        assert_eq!(
            line.split(',').count(),
            csv(&Report::default()).lines().next().unwrap().split(',').count()
        );
    }
}
