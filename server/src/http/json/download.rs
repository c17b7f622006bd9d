//! Answers that are kept as files: lines of CSV and pictures.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use rebound_app::PictureLook;
use serde::Deserialize;

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
    Svg,
}

/// How a picture looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Theme {
    #[default]
    Light,
    Dark,
}

impl From<Theme> for PictureLook {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::Light => Self::Light,
            Theme::Dark => Self::Dark,
        }
    }
}

/// Lines of CSV, kept as a file of this name.
pub(super) fn csv(name: &str, lines: String) -> Response {
    file(name, "csv", "text/csv; charset=utf-8", lines)
}

/// A picture, kept as a file of this name. A browser shows it: it has no script, no style and no way out of it.
pub(super) fn svg(name: &str, picture: String) -> Response {
    file(name, "svg", "image/svg+xml; charset=utf-8", picture)
}

/// Ids of targets and names of series have nothing in them that a header could not hold.
fn file(name: &str, ending: &str, kind: &'static str, body: String) -> Response {
    let disposition = format!("inline; filename=\"rebound-{name}.{ending}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], body).into_response()
}
