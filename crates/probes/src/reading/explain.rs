//! Says of each field of a dialect what it reads in an answer, or why it reads nothing: for whoever writes a dialect.
//!
//! Pure, and never a second reader: what counts is what `reading` reads; this says why.

pub(crate) mod accounts;
mod facts;
mod lists;

use rebound::time::Timestamp;
use serde_json::Value;

use super::{Answer, Identity, read_identity};
use crate::dialects::{Dialect, IdentityMark};
use crate::json::parse;
use crate::json::path::{JsonPath, Places, kind};
use crate::told::words;

/// A part of a dialect that reads one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `[health]`.
    Health,
    /// The `[[terminal]]` of that number, from 0 on.
    Terminal(usize),
    /// `[accounts]`.
    Accounts,
    /// `[identity]`.
    Identity,
    /// `[positions]`.
    Positions,
    /// `[orders]`.
    Orders,
}

/// What became of one field of a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldExplained {
    /// Its name, e.g. `health.connected` or `accounts[0].balance`.
    pub field: String,
    /// What was read, or why nothing was.
    pub read: FieldRead,
}

/// What was read of one field, or why nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldRead {
    /// It was read.
    Told {
        /// What it says.
        value: String,
        /// Where it stands; empty where it stands at no one place.
        place: String,
    },
    /// Nothing stands where the dialect looks.
    Missing(String),
    /// Something stands there that is none of it.
    Refused(String),
    /// The dialect does not say where it could stand.
    NoPlace,
}

impl Dialect {
    /// The parts that it has, in the order in which they are explained.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let terminal = (0..self.terminal.len()).map(Part::Terminal);
        let optional = [
            (self.accounts.is_some(), Part::Accounts),
            (self.positions.is_some(), Part::Positions),
            (self.orders.is_some(), Part::Orders),
        ];
        let identity = self.identity.iter().map(|_| Part::Identity);
        let optional = optional.into_iter().filter_map(|(has, part)| has.then_some(part));
        identity.chain([Part::Health]).chain(terminal).chain(optional).collect()
    }

    /// The path that a part asks; `None` where the dialect lacks the part.
    #[must_use]
    pub fn path_of(&self, part: Part) -> Option<&str> {
        let path = match part {
            Part::Health => Some(&self.health.path),
            Part::Terminal(number) => self.terminal.get(number).map(|places| &places.path),
            Part::Accounts => self.accounts.as_ref().map(|places| &places.path),
            Part::Identity => self.identity.as_ref().map(|mark| &mark.path),
            Part::Positions => self.positions.as_ref().map(|places| &places.path),
            Part::Orders => self.orders.as_ref().map(|places| &places.path),
        };
        path.map(|path| path.as_str())
    }

    /// The part of that name: `health`, `terminal`, `terminal-2`, `accounts`, `identity`, `positions`, `orders`.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<Part> {
        self.parts().into_iter().find(|part| part.name() == name)
    }

    /// What each field of a part reads in an answer that was asked for at `asked_at`, or why it reads nothing.
    #[must_use]
    pub fn explain(&self, part: Part, answer: &Answer, asked_at: Timestamp) -> Vec<FieldExplained> {
        match part {
            Part::Health => facts::explain(self, "health", &self.health, answer),
            Part::Terminal(number) => match self.terminal.get(number) {
                Some(places) => facts::explain(self, &part.name(), places, answer),
                None => Vec::new(),
            },
            Part::Accounts => match &self.accounts {
                Some(places) => accounts::explain(self, places, answer, asked_at),
                None => Vec::new(),
            },
            Part::Identity => self.identity.iter().map(|mark| identity(mark, answer)).collect(),
            Part::Positions => match &self.positions {
                Some(places) => lists::explain_positions(places, answer),
                None => Vec::new(),
            },
            Part::Orders => match &self.orders {
                Some(places) => lists::explain_orders(places, answer),
                None => Vec::new(),
            },
        }
    }
}

impl Part {
    /// Its name in a dialect and on the command line.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Health => "health".to_owned(),
            Self::Terminal(0) => "terminal".to_owned(),
            Self::Terminal(number) => format!("terminal-{}", number + 1),
            Self::Accounts => "accounts".to_owned(),
            Self::Identity => "identity".to_owned(),
            Self::Positions => "positions".to_owned(),
            Self::Orders => "orders".to_owned(),
        }
    }
}

impl FieldExplained {
    fn new(field: impl Into<String>, read: FieldRead) -> Self {
        Self { field: field.into(), read }
    }
}

impl FieldRead {
    fn told(value: impl Into<String>, place: impl Into<String>) -> Self {
        Self::Told { value: value.into(), place: place.into() }
    }
}

fn identity(mark: &IdentityMark, answer: &Answer) -> FieldExplained {
    let place = mark.field.as_str();
    let field = format!("identity.{place}");
    let read = match read_identity(mark, answer) {
        Identity::Expected => FieldRead::told(mark.expected.clone(), place),
        Identity::Other(seen) => FieldRead::Refused(format!(
            "{place} is \"{seen}\", expected \"{}\": another service, or another version of the bridge",
            mark.expected
        )),
        Identity::NoMark => FieldRead::Missing(why_missing(
            std::slice::from_ref(&mark.field),
            &parse(mark.path.as_str(), &answer.body).unwrap_or(Value::Null),
        )),
        Identity::NotTold if answer.status != 200 => {
            FieldRead::Refused(format!("status {} says nothing about who answers; 200 does", answer.status))
        }
        Identity::NotTold => FieldRead::Refused("the answer is no JSON".to_owned()),
    };
    FieldExplained::new(field, read)
}

/// What `read` makes of the value at one of `places`, or why there is none.
fn explained(
    field: impl Into<String>,
    places: &Places,
    value: &Value,
    read: impl Fn(&Value) -> Result<String, String>,
) -> FieldExplained {
    let read = match places.told_at(value) {
        Some((path, found)) => match read(found) {
            Ok(value) => FieldRead::told(value, path.as_str()),
            Err(why) => FieldRead::Refused(format!("{} is {}: {why}", path.as_str(), quoted(found))),
        },
        None if places.len() == 0 => FieldRead::NoPlace,
        None => FieldRead::Missing(why_missing(places.paths(), value)),
    };
    FieldExplained::new(field, read)
}

/// Why nothing stands at any of the paths.
pub(super) fn why_missing<'p>(paths: impl IntoIterator<Item = &'p JsonPath>, value: &Value) -> String {
    let gap = |path: &JsonPath| match path.walk(value) {
        Ok(_) => format!("{} is null", path.as_str()),
        Err(gap) => gap.why,
    };
    let mut gaps: Vec<String> = paths.into_iter().map(gap).collect();
    gaps.dedup();
    gaps.join("; ")
}

/// A value as a person reads it beside a complaint about it.
pub(super) fn quoted(value: &Value) -> String {
    match value {
        Value::String(_) => format!("\"{}\"", words(value)),
        Value::Null | Value::Array(_) => kind(value).to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => words(value),
    }
}

/// How many there are.
fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// A text, or why it is none.
fn a_text(value: &Value) -> Result<String, String> {
    crate::told::text(Some(value)).ok_or_else(|| "it is no text".to_owned())
}

/// A flag, or why it is none.
fn a_flag(value: &Value) -> Result<String, String> {
    value.as_bool().map(|flag| flag.to_string()).ok_or_else(|| "it is neither true nor false".to_owned())
}
