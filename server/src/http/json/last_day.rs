//! The last 24 hours of a target, stretch by stretch: as JSON, as lines of CSV or as a picture.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use rebound::time::Timestamp;
use rebound_app::{StretchRow, picture_of_last_day, stretches};
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::{Path, Query};
use super::Who;
use super::board::target_of;
use super::download::{Format, Theme, csv, svg};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastDayQuery {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    theme: Theme,
}

/// A time during which a target was in one state.
#[derive(Debug, Serialize)]
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    state: String,
    /// What failed, where that is known.
    cause: Option<String>,
}

impl From<StretchRow> for Stretch {
    fn from(row: StretchRow) -> Self {
        Self { from: row.from, to: row.to, state: row.word, cause: row.cause }
    }
}

pub(crate) async fn last_day(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Query(query): Query<LastDayQuery>,
) -> Result<Response, Problem> {
    let board = face.service.board(&who);
    let view = target_of(&board, &target)?;
    let name = format!("{target}-last-day");
    let known = stretches(view).map(Stretch::from);
    Ok(match query.format {
        Format::Json => Json(known.collect::<Vec<_>>()).into_response(),
        Format::Csv => csv(&name, lines(known)),
        Format::Svg => svg(&name, picture_of_last_day(view, query.theme.into())),
    })
}

/// One line for each stretch, oldest first. Time that nobody watched has none.
fn lines(stretches: impl Iterator<Item = Stretch>) -> String {
    let mut lines = String::from("from,to,lasted_ms,state,cause\n");
    for Stretch { from, to, state, cause } in stretches {
        let lasted = to.since(from).as_millis();
        let cause = cause.map(|cause| quoted(&cause)).unwrap_or_default();
        writeln!(lines, "{},{},{lasted},{state},{cause}", from.rfc3339(), to.rfc3339())
            .expect("a text takes everything that is written into it");
    }
    lines
}

/// Words as one cell.
fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_commas_and_quotes_are_one_cell() {
        let at = Timestamp::from_ms;
        let down = Stretch {
            from: at(1_795_392_000_000),
            to: at(1_795_392_060_500),
            state: "down".to_owned(),
            cause: Some("the bridge says \"no\", and closes".to_owned()),
        };
        let up = Stretch { from: down.to, to: at(1_795_392_120_500), state: "up".to_owned(), cause: None };
        assert_eq!(
            lines([down, up].into_iter()),
            "from,to,lasted_ms,state,cause\n\
             2026-11-23T00:00:00Z,2026-11-23T00:01:00Z,60500,down,\"the bridge says \"\"no\"\", and closes\"\n\
             2026-11-23T00:01:00Z,2026-11-23T00:02:00Z,60000,up,\n"
        );
    }
}
