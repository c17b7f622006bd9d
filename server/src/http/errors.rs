//! Errors as programs and people get them: what, and what to do. Never anything internal.

use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rebound_engine::service::ServiceError;
use serde::Serialize;

/// An error of the interface.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    code: &'static str,
    message: String,
    help: &'static str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: &str, help: &'static str) -> Self {
        Self { status, code, message: message.to_owned(), help }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let (status, code, help) = match &error {
            ServiceError::NoSuchTarget(_) => {
                (StatusCode::NOT_FOUND, "no_such_target", "GET /api/v1/board lists the targets.")
            }
            ServiceError::NoSuchThing { .. } => {
                (StatusCode::NOT_FOUND, "not_found", "Look it up in the list first.")
            }
            ServiceError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Try again in a few seconds."),
            ServiceError::OtherSilent(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "other_silent",
                "Try again in some seconds: if that server is gone, another takes over.",
            ),
            ServiceError::OtherUnclear(_) => {
                (StatusCode::GATEWAY_TIMEOUT, "other_unclear", "Look at the target before you ask again.")
            }
            ServiceError::NoSuchSeries(_) => (
                StatusCode::NOT_FOUND,
                "no_such_series",
                "GET /api/v1/targets/{id}/series lists those of a target.",
            ),
            ServiceError::OutOfRange { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "out_of_range", "Give a value within the range.")
            }
            ServiceError::NoHistory => (
                StatusCode::NOT_FOUND,
                "no_history",
                "Set keep = true under [history] in the configuration, and restart Rebound.",
            ),
            ServiceError::BadSettings(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad_settings",
                "Mend what is named; GET /api/v1/settings tells ranges. Nothing was changed.",
            ),
            ServiceError::SettingsMoved { .. } => {
                (StatusCode::CONFLICT, "settings_moved", "Read the settings again, and ask again.")
            }
            ServiceError::NothingChanges => {
                (StatusCode::UNPROCESSABLE_ENTITY, "nothing_changes", "Give other values.")
            }
            ServiceError::NotBegun(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "store", "Ask again when the store works.")
            }
            ServiceError::NotKept(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not_kept",
                "When the store works, look at GET /api/v1/settings/log before you ask again: it tells what was kept.",
            ),
            ServiceError::NoSettings => {
                (StatusCode::NOT_FOUND, "no_settings", "Change the configuration file, and restart Rebound.")
            }
            ServiceError::Store(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store",
                "The live board goes on; look at the store on the server.",
            ),
        };
        Self { status, code, message: format!("{error}."), help }
    }
}

pub(crate) fn not_found(uri: &Uri) -> Problem {
    let message = format!("There is nothing at {}.", uri.path());
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        &message,
        "The Overview is at /, the interfaces are described in docs/API.md.",
    )
}
