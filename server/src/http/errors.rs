//! Errors as programs and people get them: what, and what to do. Never anything internal.

use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rebound_engine::service::ServiceError;
use serde::Serialize;

use crate::auth::{PeopleError, RosterError};

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

    /// What happened, and what to do.
    pub(crate) fn words(&self) -> (String, &'static str) {
        (self.message.clone(), self.help)
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
            ServiceError::OtherUnreached(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "other_unreached",
                "Ask again when the store works, or ask that server itself.",
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
            ServiceError::BuiltUpon { .. } => (
                StatusCode::CONFLICT,
                "built_upon",
                "Set the value that you want: taking this one back would lose what holds now.",
            ),
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

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        let (status, code, help) = match &error {
            PeopleError::Roster(error) => match error {
                RosterError::Name(_) | RosterError::Reserved => (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "bad_name",
                    "Take another name, such as anna or backup-script.",
                ),
                RosterError::Taken(..) => (StatusCode::CONFLICT, "taken", "Take another name."),
                RosterError::Nobody(..) => {
                    (StatusCode::NOT_FOUND, "not_found", "Look at the list: somebody may have been faster.")
                }
                RosterError::OfTheFile(_) => (
                    StatusCode::CONFLICT,
                    "of_the_file",
                    "Name and password of the admin stand under [login] in the configuration file; a made-up password is changed by the admin himself or with `rebound reset-password`.",
                ),
                RosterError::Yourself(_) => (
                    StatusCode::CONFLICT,
                    "yourself",
                    "Your own password is changed under your name at the top of the page.",
                ),
                RosterError::Full(..) => {
                    (StatusCode::CONFLICT, "full", "Remove those that are no longer needed.")
                }
                RosterError::AsItIs(_) => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "nothing_changes", "Look at the list.")
                }
            },
            PeopleError::WrongPassword => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "wrong_password",
                "Nothing was changed. Check it; capitals count.",
            ),
            PeopleError::Password => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad_password",
                "Nothing was changed. Take a longer one: some words in a row are good.",
            ),
            PeopleError::Days => {
                (StatusCode::UNPROCESSABLE_ENTITY, "out_of_range", "Give a value within the range.")
            }
            PeopleError::Configured => {
                (StatusCode::CONFLICT, "configured", "Change it there, and restart Rebound.")
            }
            PeopleError::NoPerson => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "no_person",
                "Make another key instead, and revoke this one.",
            ),
            PeopleError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Try again in a few seconds."),
            PeopleError::Internal(source) => {
                tracing::error!(error = %source, "people or keys cannot be changed");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server's log says more.")
            }
            PeopleError::NotBegun(source) => {
                tracing::warn!(error = %source, "people and keys cannot be read");
                (StatusCode::SERVICE_UNAVAILABLE, "store", "Ask again when the store works.")
            }
            PeopleError::NotKept(source) => {
                tracing::warn!(error = %source, "whether people or keys were changed is not known");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "not_kept",
                    "When the store works, look at the list before you ask again: it tells what was kept.",
                )
            }
        };
        Self { status, code, message: sentence(&error.to_string()), help }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let first = chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>());
    format!("{}.", first.unwrap_or_default())
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
