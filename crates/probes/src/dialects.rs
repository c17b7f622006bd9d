//! Dialects: which paths a kind of bridge has, and where in its answers each fact stands. Data, not code.
//!
//! Decides whether a dialect file can be used. Never holds a secret: the key comes from configuration.

pub(crate) mod accounts;
pub(crate) mod checked;
pub(crate) mod http_path;
mod method;
pub(crate) mod places;
pub(crate) mod positions;
mod presets;
mod server_time;

use rebound::calendar::Zone;
use reqwest::header::HeaderName;
use serde::Deserialize;

use self::accounts::AccountPlaces;
use self::accounts::entry::ReadWhen;
use self::http_path::HttpPath;
use self::method::Method;
use self::places::{FactPlaces, Flag};
use self::positions::{OrderPlaces, PositionPlaces};
use self::server_time::ServerTime;
use crate::json::path::JsonPath;
use crate::limits::DIALECT_BYTES_MAX;
use crate::told::short;
use crate::told::time::{NaiveTimes, NumberTimes, TimeKinds};

/// The names of the built-in dialects.
pub const PRESETS: [&str; 7] = ["f1", "f2", "f3", "f4", "mt5-httpapi", "conn-bridge", "quant-server"];

/// The version of the file format that this Rebound reads.
const FORMAT: u32 = 1;

/// Most places for one fact, and most marks; the widest dialect met needs five.
pub(crate) const PLACES_MAX: usize = 16;

/// Most further answers with facts of the terminal. Each is a connection at every question; the widest dialect met needs two.
const TERMINAL_PARTS_MAX: usize = 4;

/// What is wrong with a value, and what to do.
pub(crate) type Problem = (String, &'static str);

/// How one kind of bridge is asked and read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    format: u32,
    name: String,
    #[serde(default, rename = "method")]
    _method: Method,
    /// How far the wall clock of the broker's server is from UTC; without it no such time is read.
    server_time: Option<ServerTime>,
    /// The zone of that clock, from the dialect or from whoever configures the target.
    #[serde(skip)]
    server_zone: Option<Zone>,
    /// Without it no service can be told to be the wrong one.
    pub(crate) identity: Option<IdentityMark>,
    #[serde(default)]
    pub(crate) auth: AuthKind,
    pub(crate) health: FactPlaces,
    /// Further answers with facts of the terminal.
    #[serde(default)]
    pub(crate) terminal: Vec<FactPlaces>,
    /// Without it the bridge is not asked for accounts.
    pub(crate) accounts: Option<AccountPlaces>,
    /// Without it the bridge is not asked for positions.
    pub(crate) positions: Option<PositionPlaces>,
    /// Without it the bridge is not asked for pending orders. They are only looked at together with positions.
    pub(crate) orders: Option<OrderPlaces>,
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
    #[error("the dialect file cannot be read: {detail}\ndocs/DIALECTS.md describes every key")]
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
    /// Whether the service always says it, so that an answer without it comes from another.
    #[serde(default)]
    pub(crate) always: bool,
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

impl IdentityMark {
    /// What was met, where an answer does not have the mark.
    pub(crate) fn without(&self) -> String {
        format!("an answer without \"{}\"", self.field.as_str())
    }
}

impl Dialect {
    /// A built-in dialect.
    ///
    /// # Errors
    /// [`DialectError::NotKnown`] if `name` is none of [`PRESETS`].
    pub fn preset(name: &str) -> Result<Self, DialectError> {
        match presets::text(name) {
            Some(text) => Self::from_toml(text),
            None => Err(DialectError::NotKnown { name: short(name) }),
        }
    }

    /// The file of a built-in dialect, to begin one of one's own with.
    #[must_use]
    pub fn preset_text(name: &str) -> Option<&'static str> {
        presets::text(name)
    }

    /// Reads a dialect file.
    ///
    /// # Errors
    /// [`DialectError`] with the place, the problem and what to do; the first problem met.
    pub fn from_toml(text: &str) -> Result<Self, DialectError> {
        if text.len() > DIALECT_BYTES_MAX {
            return Err(DialectError::TooLarge { bytes: text.len() });
        }
        let mut dialect: Self = toml::from_str(text)
            .map_err(|error| DialectError::Unreadable { detail: error.to_string().trim_end().to_owned() })?;
        if let Some((problem, remedy)) = dialect.problem() {
            return Err(DialectError::Unusable { dialect: short(&dialect.name), problem, remedy });
        }
        dialect.server_zone = dialect.server_time.map(ServerTime::zone);
        Ok(dialect)
    }

    /// The same dialect for a bridge whose broker's server keeps the time of `zone`, whatever the dialect itself says.
    #[must_use]
    pub fn with_server_time(self, zone: Zone) -> Self {
        Self { server_zone: Some(zone), ..self }
    }

    /// The same dialect for a bridge whose accounts are read elsewhere: it is not asked for them.
    #[must_use]
    pub fn without_accounts(self) -> Self {
        Self { accounts: None, ..self }
    }

    /// Its name, for pages and logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone of the broker's server, where it is known.
    #[must_use]
    pub const fn server_time(&self) -> Option<&Zone> {
        self.server_zone.as_ref()
    }

    /// Whether it ever tells accounts with the time at which they were read. Without it, nothing about accounts can be judged.
    #[must_use]
    pub fn tells_accounts(&self) -> bool {
        self.accounts.as_ref().is_some_and(|places| places.entry.read_when != ReadWhen::Untold)
    }

    /// Whether it ever tells what the service calls itself. Without it, nothing says that the right program answers.
    #[must_use]
    pub const fn tells_service(&self) -> bool {
        self.identity.is_some()
    }

    /// Whether it ever tells open positions.
    #[must_use]
    pub const fn tells_positions(&self) -> bool {
        self.positions.is_some()
    }

    /// Whether it ever tells an account's server or currency. Without it, accounts can be compared by their number only.
    #[must_use]
    pub fn tells_identity(&self) -> bool {
        let told = |places: &AccountPlaces| places.entry.server.len() > 0 || places.entry.currency.len() > 0;
        self.accounts.as_ref().is_some_and(told)
    }

    /// Whether it ever tells which account the terminal is logged in to.
    #[must_use]
    pub fn tells_login(&self) -> bool {
        self.facts().any(|places| places.login.len() > 0)
    }

    /// Whether it ever tells one of the flags that decide about trading.
    #[must_use]
    pub fn tells_trading(&self) -> bool {
        let flags = [Flag::TradeAllowed, Flag::AccountTrading, Flag::ExpertTrading, Flag::ApiDisabled];
        let of_account = |places: &AccountPlaces| {
            places.entry.account_trading.len() > 0 || places.entry.expert_trading.len() > 0
        };
        flags.iter().any(|flag| self.facts().any(|places| places.tells(*flag)))
            || self.accounts.as_ref().is_some_and(of_account)
    }

    /// Whether it ever tells the terminal's connection to the broker.
    #[must_use]
    pub fn tells_broker_link(&self) -> bool {
        self.facts().any(|places| places.tells(Flag::Connected))
    }

    /// The health answer and the further ones with facts of the terminal.
    fn facts(&self) -> impl Iterator<Item = &FactPlaces> {
        std::iter::once(&self.health).chain(&self.terminal)
    }

    /// How times are meant that stand beside `numbers` and `naive`.
    pub(crate) fn time_kinds(&self, numbers: NumberTimes, naive: NaiveTimes) -> TimeKinds<'_> {
        TimeKinds { numbers, naive, server: self.server_zone.as_ref() }
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
        if self.terminal.len() > TERMINAL_PARTS_MAX {
            let problem = format!("it has {} [[terminal]] parts", self.terminal.len());
            return Some((problem, "Use at most 4 of them: each is a connection at every question."));
        }
        if self.orders.is_some() && self.positions.is_none() {
            let problem = "it has [orders] without [positions]".to_owned();
            return Some((problem, "Describe both, or leave both out."));
        }
        self.auth
            .problem()
            .or_else(|| self.server_time.and_then(ServerTime::problem))
            .or_else(|| self.health.health_problem())
            .or_else(|| self.health.problem("health"))
            .or_else(|| self.terminal.iter().find_map(|places| places.problem("terminal")))
            .or_else(|| self.accounts.as_ref().and_then(AccountPlaces::problem))
            .or_else(|| self.positions.as_ref().and_then(PositionPlaces::problem))
            .or_else(|| self.orders.as_ref().and_then(OrderPlaces::problem))
    }
}

impl AuthKind {
    fn problem(&self) -> Option<Problem> {
        match self {
            Self::Header { name } if HeaderName::from_bytes(name.as_bytes()).is_err() => {
                let problem = format!("auth.name = \"{}\" is no header name", short(name));
                Some((problem, "Write it as in the bridge's documentation, e.g. \"X-API-Key\"."))
            }
            Self::Query { name } if name.is_empty() => {
                Some(("auth.name is empty".to_owned(), "Name the query parameter that carries the key."))
            }
            Self::None | Self::Header { .. } | Self::Bearer | Self::Query { .. } => None,
        }
    }
}

#[cfg(test)]
#[path = "dialects_tests.rs"]
mod tests;
