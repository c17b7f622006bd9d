//! What became of heals, day by day, and how the error budget was used: as JSON, as lines of CSV or as a picture.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use rebound::report::budget::Burn;
use rebound::report::heals::HealDays;
use rebound::time::Timestamp;
use rebound_app::{Month, picture_of_budget, picture_of_heals};
use rebound_engine::service::{Principal, Service};
use serde::Deserialize;

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::Query;
use super::Who;
use super::download::{Format, Theme, csv, svg};

/// Days of heals where no number is asked for.
const DAYS_DEFAULT: u32 = 30;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealsQuery {
    target: Option<String>,
    days: Option<u32>,
    until: Option<Timestamp>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    theme: Theme,
}

pub(crate) async fn heals(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<HealsQuery>,
) -> Result<Response, Problem> {
    let target = query.target.as_deref();
    let days = query.days.unwrap_or(DAYS_DEFAULT);
    let heals = face.service.heal_days(&who, target, days, query.until).await?;
    let file = format!("{}-heals", target.unwrap_or("all"));
    Ok(match query.format {
        Format::Json => Json(heals).into_response(),
        Format::Csv => csv(&file, heal_lines(&heals)),
        Format::Svg => {
            let name = name(&face.service, &who, target);
            svg(&file, picture_of_heals(&name, &heals, query.theme.into()))
        }
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetQuery {
    target: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    theme: Theme,
}

pub(crate) async fn budget(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<BudgetQuery>,
) -> Result<Response, Problem> {
    let target = query.target.as_deref();
    let month = Month::of(query.from.unwrap_or_else(|| face.service.now()));
    let (from, to) = (query.from.unwrap_or_else(|| month.begins()), query.to.unwrap_or_else(|| month.ends()));
    let burn = face.service.budget(&who, target, from, to).await?;
    let file = format!("{}-budget", target.unwrap_or("all"));
    Ok(match query.format {
        Format::Json => Json(burn).into_response(),
        Format::Csv => csv(&file, budget_lines(&burn)),
        Format::Svg => {
            let name = name(&face.service, &who, target);
            svg(&file, picture_of_budget(&name, &burn, query.theme.into()))
        }
    })
}

/// The name of a target for people.
pub(super) fn name(service: &Service, who: &Principal, target: Option<&str>) -> String {
    let Some(target) = target else { return "All targets".to_owned() };
    let board = service.board(who);
    let view = board.targets.iter().find(|view| view.id.as_str() == target);
    view.map_or_else(|| target.to_owned(), |view| view.name.clone())
}

/// One line for each day. What is not known is empty, and never 0.
fn heal_lines(heals: &HealDays) -> String {
    let mut lines = String::from(
        "day,proven,did_not_help,lost_positions,lost,not_proven,stopped,refused,going_on,known_ms,unknown_ms\n",
    );
    for day in &heals.days {
        let counts = day.heals.map(|of| {
            [
                of.proven,
                of.did_not_help,
                of.lost_positions,
                of.lost,
                of.not_proven,
                of.stopped,
                of.refused,
                of.going_on,
            ]
        });
        let cells = counts
            .map_or_else(|| [const { String::new() }; 8], |counts| counts.map(|count| count.to_string()));
        let (at, cells) = (day.day.rfc3339(), cells.join(","));
        writeln!(lines, "{at},{cells},{},{}", day.known_ms, day.unknown_ms)
            .expect("a text takes everything that is written into it");
    }
    lines
}

/// One line for each hour, with what came together until its end.
fn budget_lines(burn: &Burn) -> String {
    let mut lines = String::from("until,down_ms,allowed_ms,used_percent,unknown_ms,unwatched_ms,is_known\n");
    for step in &burn.steps {
        let used = step.used_percent.map(|used| used.to_string()).unwrap_or_default();
        let (at, is_known) = (step.at.rfc3339(), step.is_known);
        let (down, allowed, unknown, unwatched) =
            (step.down_ms, step.allowed_ms, step.unknown_ms, step.unwatched_ms);
        writeln!(lines, "{at},{down},{allowed},{used},{unknown},{unwatched},{is_known}")
            .expect("a text takes everything that is written into it");
    }
    lines
}

#[cfg(test)]
mod tests {
    use rebound::report::budget::burn;
    use rebound::report::heals::{HealDay, Outcomes};

    use super::*;

    #[test]
    fn a_day_of_which_nothing_is_known_has_empty_cells() {
        let day = |day, heals| HealDay { day: Timestamp::from_ms(day), heals, known_ms: 0, unknown_ms: 5 };
        let one = Outcomes { proven: 2, going_on: 1, ..Outcomes::default() };
        let heals = HealDays { days: vec![day(0, Some(one)), day(86_400_000, None)], ..HealDays::default() };
        let lines = heal_lines(&heals);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.get(1), Some(&"1970-01-01T00:00:00Z,2,0,0,0,0,0,0,1,0,5"));
        assert_eq!(lines.get(2), Some(&"1970-01-02T00:00:00Z,,,,,,,,,0,5"));
        let columns: Vec<usize> = lines.iter().map(|line| line.split(',').count()).collect();
        assert_eq!(columns, [11, 11, 11]);
    }

    #[test]
    fn nothing_known_is_no_share_used() {
        let hour = |hour: i64| Timestamp::from_ms(hour * 3_600_000);
        let lines = budget_lines(&burn(None, (hour(0), hour(24)), hour(1), &[Default::default()]));
        assert_eq!(lines.lines().nth(1), Some("1970-01-01T01:00:00Z,0,0,,0,3600000,false"));
    }
}
