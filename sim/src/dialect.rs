//! The dialects that the simulated bridge speaks, and the manners in which they differ on every path:
//! who needs a key, how a refusal looks, which server it says it is.
//!
//! What each of them says about the host is in `bridge/`. Knows nothing of the world.

use std::{fmt, str::FromStr};

use axum::{
    Json,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

/// A kind of bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Dialect {
    /// "FIDUS MT5 Bridge Service" 1.0.0: one account, a key on everything but `/` and `/health`.
    #[serde(rename = "f1")]
    F1,
    /// "FIDUS MT5 Bridge API" 1.0.0: many accounts, no key.
    #[default]
    #[serde(rename = "f2")]
    F2,
    /// 3.0-complete: many accounts, of which only the terminal's own is read.
    #[serde(rename = "f3")]
    F3,
    /// 4.0-multi-account: many accounts, read one after the other into a cache.
    #[serde(rename = "f4")]
    F4,
    /// mt5-httpapi: one account per path, a bearer token.
    #[serde(rename = "mt5-httpapi")]
    Mt5Httpapi,
    /// conn-bridge: one account, a key on every path.
    #[serde(rename = "conn-bridge")]
    ConnBridge,
    /// quant-server: one account, no key, 503 when its poll is old.
    #[serde(rename = "quant-server")]
    QuantServer,
}

/// A name that is no dialect's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("dialect `{0}` is not known; there are f1, f2, f3, f4, mt5-httpapi, conn-bridge and quant-server")]
pub struct UnknownDialect(String);

/// Most characters of an unknown name that an error repeats.
const NAME_SHOWN_MAX: usize = 40;

/// The broker in mt5-httpapi's paths.
pub(crate) const BROKER: &str = "northwind";

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 7] =
        [Self::F1, Self::F2, Self::F3, Self::F4, Self::Mt5Httpapi, Self::ConnBridge, Self::QuantServer];

    /// The name used in options and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F1 => "f1",
            Self::F2 => "f2",
            Self::F3 => "f3",
            Self::F4 => "f4",
            Self::Mt5Httpapi => "mt5-httpapi",
            Self::ConnBridge => "conn-bridge",
            Self::QuantServer => "quant-server",
        }
    }

    /// What stands between the address and every path. Empty for most.
    pub(crate) fn base_path(self, account: i64) -> String {
        match self {
            Self::F1 | Self::F2 | Self::F3 | Self::F4 | Self::ConnBridge | Self::QuantServer => String::new(),
            Self::Mt5Httpapi => format!("/{BROKER}/{account}"),
        }
    }

    /// Whether a path answers everybody, even where keys are asked for.
    pub(crate) fn is_open(self, path: &str) -> bool {
        match self {
            Self::F1 => path == "/" || path == "/health",
            Self::F2 | Self::F3 | Self::F4 | Self::QuantServer => path == "/",
            Self::Mt5Httpapi | Self::ConnBridge => false,
        }
    }

    /// The `Server` header.
    pub(crate) fn server(self) -> &'static str {
        match self {
            Self::F1 | Self::F2 | Self::F3 | Self::F4 | Self::ConnBridge => "uvicorn",
            Self::Mt5Httpapi => "nginx",
            Self::QuantServer => "Werkzeug/3.0.4 Python/3.9.13",
        }
    }

    /// The answer to a caller without the right key.
    pub(crate) fn no_key(self) -> Response {
        match self {
            Self::F1 | Self::F2 | Self::F3 | Self::F4 => detail(StatusCode::UNAUTHORIZED, "Invalid API key"),
            Self::ConnBridge => detail(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Mt5Httpapi | Self::QuantServer => page(StatusCode::UNAUTHORIZED),
        }
    }

    /// The answer to a path that is not there.
    pub(crate) fn not_found(self) -> Response {
        self.plain(StatusCode::NOT_FOUND)
    }

    /// The answer to a method that a path does not have.
    pub(crate) fn method_not_allowed(self) -> Response {
        self.plain(StatusCode::METHOD_NOT_ALLOWED)
    }

    /// The answer of a program that failed.
    pub(crate) fn broken(self) -> Response {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        match self {
            Self::F1 | Self::F2 | Self::F3 | Self::F4 | Self::ConnBridge => {
                (status, "Internal Server Error").into_response()
            }
            Self::Mt5Httpapi | Self::QuantServer => page(status),
        }
    }

    fn plain(self, status: StatusCode) -> Response {
        match self {
            Self::F1 | Self::F2 | Self::F3 | Self::F4 | Self::ConnBridge => {
                detail(status, status.canonical_reason().unwrap_or_default())
            }
            Self::Mt5Httpapi | Self::QuantServer => page(status),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, UnknownDialect> {
        let named = Self::ALL.into_iter().find(|dialect| dialect.name() == name);
        named.ok_or_else(|| UnknownDialect(name.chars().take(NAME_SHOWN_MAX).collect()))
    }
}

/// An error as FastAPI writes it.
pub(crate) fn detail(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "detail": text }))).into_response()
}

/// An error as Flask writes it.
fn page(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    let code = status.as_u16();
    let text =
        format!("<!doctype html>\n<html lang=en>\n<title>{code} {reason}</title>\n<h1>{reason}</h1>\n");
    (status, Html(text)).into_response()
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn names_in_options_are_the_names_in_json() {
        for dialect in Dialect::ALL {
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.name());
            assert_eq!(dialect.name().parse(), Ok(dialect));
        }
    }

    #[test]
    fn an_unknown_name_is_told_what_there_is() {
        let error = "f9".parse::<Dialect>().unwrap_err().to_string();
        assert!(error.contains("`f9`") && Dialect::ALL.iter().all(|dialect| error.contains(dialect.name())));
    }
}
