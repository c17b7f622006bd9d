//! Dialects: which paths a kind of bridge has, and where in its answers each fact stands. Data, not code.
//!
//! Decides whether a dialect file can be used. Never holds a secret: the key comes from configuration.

pub(crate) mod http_path;
pub(crate) mod places;

use reqwest::header::HeaderName;
use serde::Deserialize;

use self::http_path::HttpPath;
use self::places::{AccountPlaces, HealthPlaces};
use crate::json::JsonPath;
use crate::limits::DIALECT_BYTES_MAX;
use crate::told::short;

/// The names of the built-in dialects.
pub const PRESETS: [&str; 1] = ["f2"];

const F2: &str = include_str!("dialects/f2.toml");

/// The version of the file format that this Rebound reads.
const FORMAT: u32 = 1;

/// Most places for one fact, and most marks; the widest dialect met needs five.
const PLACES_MAX: usize = 16;

/// What is wrong with a value, and what to do.
type Problem = (String, &'static str);

/// How one kind of bridge is asked and read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    format: u32,
    name: String,
    /// Without it no service can be told to be the wrong one.
    pub(crate) identity: Option<IdentityMark>,
    #[serde(default)]
    pub(crate) auth: AuthKind,
    pub(crate) health: HealthPlaces,
    /// Without it the bridge is not asked for accounts.
    pub(crate) accounts: Option<AccountPlaces>,
}

/// Why a text is not a dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialectError {
    /// No dialect of that name is built in.
    #[error(
        "dialect \"{name}\" is not known. Built in: {}. For another bridge, write a dialect file and name its path",
        PRESETS.join(", ")
    )]
    NotKnown {
        /// The name asked for, shortened.
        name: String,
    },
    /// The text is too large to be one.
    #[error("the dialect file has {bytes} bytes, more than {DIALECT_BYTES_MAX}. Is it the right file?")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The text is not TOML of the right shape.
    #[error("the dialect file cannot be read: {detail}\nThe built-in dialect \"f2\" shows every field")]
    Unreadable {
        /// Line, column and problem.
        detail: String,
    },
    /// A value in it cannot work.
    #[error("dialect \"{dialect}\": {problem}. {remedy}")]
    Unusable {
        /// The dialect's name, shortened.
        dialect: String,
        /// The field, the value and why it cannot work.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
}

/// How a service is told from another that sits on its port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityMark {
    pub(crate) path: HttpPath,
    pub(crate) field: JsonPath,
    pub(crate) expected: String,
}

/// How the key is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum AuthKind {
    /// Not at all.
    #[default]
    None,
    /// In the header of that name.
    Header { name: String },
    /// As `Authorization: Bearer …`.
    Bearer,
    /// As the query parameter of that name. It ends up in the bridge's access log.
    Query { name: String },
}

impl Dialect {
    /// A built-in dialect.
    ///
    /// # Errors
    /// [`DialectError::NotKnown`] if `name` is none of [`PRESETS`].
    pub fn preset(name: &str) -> Result<Self, DialectError> {
        match name {
            "f2" => Self::from_toml(F2),
            _ => Err(DialectError::NotKnown { name: short(name) }),
        }
    }

    /// Reads a dialect file.
    ///
    /// # Errors
    /// [`DialectError`] with the place, the problem and what to do; the first problem met.
    pub fn from_toml(text: &str) -> Result<Self, DialectError> {
        if text.len() > DIALECT_BYTES_MAX {
            return Err(DialectError::TooLarge { bytes: text.len() });
        }
        let dialect: Self = toml::from_str(text)
            .map_err(|error| DialectError::Unreadable { detail: error.to_string().trim_end().to_owned() })?;
        match dialect.problem() {
            None => Ok(dialect),
            Some((problem, remedy)) => {
                Err(DialectError::Unusable { dialect: short(&dialect.name), problem, remedy })
            }
        }
    }

    /// Its name, for pages and logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn problem(&self) -> Option<Problem> {
        if self.format != FORMAT {
            let problem = format!("format = {} is not known", self.format);
            return Some((problem, "This Rebound reads format = 1."));
        }
        if self.name.is_empty() || short(&self.name) != self.name {
            return Some((
                "name is empty, too long or has control characters".to_owned(),
                "Give it a short name.",
            ));
        }
        if let AuthKind::Header { name } = &self.auth
            && HeaderName::from_bytes(name.as_bytes()).is_err()
        {
            let problem = format!("auth.name = \"{}\" is no header name", short(name));
            return Some((problem, "Write it as in the bridge's documentation, e.g. \"X-API-Key\"."));
        }
        if let AuthKind::Query { name } = &self.auth
            && name.is_empty()
        {
            return Some(("auth.name is empty".to_owned(), "Name the query parameter that carries the key."));
        }
        self.health.problem().or_else(|| self.accounts.as_ref().and_then(AccountPlaces::problem))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Dialect, F2, PRESETS};

    #[test]
    fn every_preset_can_be_used() {
        for name in PRESETS {
            assert_eq!(Dialect::preset(name).unwrap().name(), name);
        }
    }

    #[test]
    fn an_unknown_preset_names_those_there_are() {
        let error = Dialect::preset("f9").unwrap_err().to_string();
        assert!(error.contains("\"f9\"") && error.contains("f2"), "{error}");
    }

    #[rstest]
    #[case::an_unknown_field("[auth]", "[auth]\nsecret = \"x\"", "secret")]
    #[case::an_unknown_kind("kind = \"header\"", "kind = \"cookie\"", "cookie")]
    #[case::a_header_with_a_space("name = \"X-API-Key\"", "name = \"X API Key\"", "is no header name")]
    #[case::a_redirect_status(
        "path = \"/api/mt5/bridge/health\"",
        "path = \"/h\"\nstatuses = [302]",
        "health.statuses has 302"
    )]
    #[case::a_path_with_a_query(
        "\"/api/mt5/bridge/health\"",
        "\"/health?token=x\"",
        "\"/health?token=x\" is no path"
    )]
    #[case::a_path_that_logs_in(
        "\"/api/mt5/accounts/summary\"",
        "\"/api/mt5/account/886557/info\"",
        "log in to that account"
    )]
    #[case::a_nameless_place("list = [\"accounts\"]", "list = [\"accounts.\"]", "\"accounts.\" is no path")]
    #[case::no_list("list = [\"accounts\"]", "list = []", "accounts.list is empty")]
    #[case::another_format("format = 1", "format = 2", "format = 2 is not known")]
    #[case::no_format("format = 1", "", "missing field `format`")]
    fn a_dialect_that_cannot_work_says_why(#[case] from: &str, #[case] to: &str, #[case] why: &str) {
        let text = F2.replacen(from, to, 1);
        assert_ne!(text, F2, "the case replaces something");
        let error = Dialect::from_toml(&text).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn a_dialect_of_one_live_account_needs_no_read_time() {
        let text = r#"
            format = 1
            name = "one"
            auth = { kind = "bearer" }
            [health]
            path = "/terminal"
            statuses = [200, 503]
            connected = ["connected"]
            [accounts]
            path = "/account"
            list = ["$"]
            shape = "one"
            id = ["login"]
            balance = ["balance"]
            read_when = "asked"
        "#;
        assert_eq!(Dialect::from_toml(text).unwrap().name(), "one");
    }
}
