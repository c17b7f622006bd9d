//! The one error that pages meet: what happened and what to do, without internals.

#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Serialize};

/// Why a page got nothing, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UiError {
    /// Stable name.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl UiError {
    /// An error of these parts.
    pub(crate) fn new(code: &str, message: impl Into<String>, help: &str) -> Self {
        Self { code: code.into(), message: message.into(), help: help.into() }
    }

    pub(crate) fn not_reached() -> Self {
        Self::new(
            "not_reached",
            "The server was not reached.",
            "Nothing can be said about what was asked. Look at the board when the connection is back.",
        )
    }

    pub(crate) fn not_understood() -> Self {
        Self::new(
            "not_understood",
            "The server's answer was not understood.",
            "Reload the page: you may have to log in again, or the server was renewed.",
        )
    }
}

#[cfg(feature = "ssr")]
impl FromServerFnError for UiError {
    type Encoder = super::text::JsonText;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => Self::not_reached(),
            ServerFnErrorErr::Deserialization(_) => Self::not_understood(),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Serialization(_) => {
                Self::new("bad_input", "The form was not complete.", "Reload the page and fill it in again.")
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Response(_) => {
                Self::new("internal", "The server could not do it.", "Try again; the server's log says more.")
            }
        }
    }
}

#[cfg(feature = "ssr")]
impl From<rebound_engine::service::ServiceError> for UiError {
    fn from(error: rebound_engine::service::ServiceError) -> Self {
        use rebound_engine::service::ServiceError;

        let (code, help) = match &error {
            ServiceError::NoSuchTarget(_) => {
                ("no_such_target", "Reload the page: the configuration may have changed.")
            }
            ServiceError::NoSuchThing { .. } => {
                ("no_such_thing", "Go back to the Overview and take the newest link.")
            }
            ServiceError::Busy => ("busy", "Nothing was changed."),
            ServiceError::OtherSilent(_) => {
                ("other_silent", "Try again in some seconds: if that server is gone, another takes over.")
            }
            ServiceError::OtherUnreached(_) => {
                ("other_unreached", "Ask again when the store works, or ask on the page of that server.")
            }
            ServiceError::OtherUnclear(_) => ("other_unclear", "Look at the target before you ask again."),
            ServiceError::NoSuchSeries(_) => {
                ("no_such_series", "Go back to the target and take one of the links there.")
            }
            ServiceError::OutOfRange { .. } => ("out_of_range", "Give a value within the range."),
            ServiceError::NoHistory => {
                ("no_history", "Set keep = true under [history] in the configuration, and restart Rebound.")
            }
            ServiceError::BadSettings(_) => ("bad_settings", "Nothing was changed. Go back and mend it."),
            ServiceError::SettingsMoved { .. } => {
                ("settings_moved", "Look at what holds now, and change it again.")
            }
            ServiceError::BuiltUpon { .. } => ("built_upon", "Set the value that you want."),
            ServiceError::NothingChanges => ("nothing_changes", "Change a value first."),
            ServiceError::NotBegun(_) => {
                return Self::new(
                    "store",
                    "Nothing was changed: the store gives no answer.",
                    "Ask again when it works; the server's log says why it does not.",
                );
            }
            ServiceError::NotKept(_) => {
                return Self::new(
                    "not_kept",
                    "It is not known whether the change was written down: the store gave no answer.",
                    "When the store works, look whether the list of changes shows it before you ask again.",
                );
            }
            ServiceError::NoSettings => {
                ("no_settings", "Change the configuration file, and restart Rebound.")
            }
            // The store's own words may name files: they belong into the log, not here.
            ServiceError::Store(_) => {
                return Self::new(
                    "store",
                    "The history cannot be read now.",
                    "The board still works. The server's log says why the store does not.",
                );
            }
        };
        Self::new(code, sentence(&error.to_string()), help)
    }
}

/// A clause as a sentence: a capital at its beginning, a full stop at its end.
#[cfg(any(feature = "ssr", test))]
fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let mut text: String =
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    if !text.ends_with(['.', '?', '…']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_clause_becomes_a_sentence() {
        assert_eq!(sentence("no target is called \"x\""), "No target is called \"x\".");
        assert_eq!(sentence("Done."), "Done.");
    }
}
