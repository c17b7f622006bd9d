//! Which documents of which collection are read, and what of each of them.
//!
//! Decides whether that can be used at all. Asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mongodb::bson::{Bson, Document, doc};

use super::fields::AccountFields;
use crate::dialects::{PLACES_MAX, Problem};
use crate::json::path::JsonPath;
use crate::limits::TEXT_CHARS_MAX;
use crate::told::short;

/// The collection, where none is named.
const COLLECTION: &str = "mt5_accounts";

/// Most values of one condition; whoever needs more names what all of them have in common.
const VALUES_MAX: usize = 50;

/// Characters that no database's name has, on any system; source: MongoDB's naming restrictions.
const NOT_IN_DATABASE: [char; 14] = ['/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?', '\'', '\0'];

/// Fields of a document, each with the values that are meant.
pub type Conditions = BTreeMap<String, Vec<Wanted>>;

/// A value that a field of a document may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This text.
    Text(String),
    /// This number, of whatever width it is stored.
    Number(i64),
    /// True or false.
    Flag(bool),
}

/// Which documents are read, and what of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSelection {
    /// The database; without it, the one that the connection string names.
    pub database: Option<String>,
    /// The collection.
    pub collection: String,
    /// Only documents whose fields have one of these values each.
    pub only: Conditions,
    /// No document of which one of the fields has one of these values. One that lacks the field is read.
    pub except: Conditions,
    /// Where each document has its facts.
    pub fields: AccountFields,
}

impl Default for AccountSelection {
    fn default() -> Self {
        Self {
            database: None,
            collection: COLLECTION.to_owned(),
            only: Conditions::new(),
            except: Conditions::new(),
            fields: AccountFields::default(),
        }
    }
}

impl AccountSelection {
    /// Everything about it that cannot work: what, with its key, and what to do.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, &'static str)> {
        let places = self.fields.places();
        let no_times = (places.read_time.len() == 0).then(|| {
            let problem = "fields.read_time is empty, so no account could ever count as read".to_owned();
            (problem, "Name the fields that say when an account was read.")
        });
        let conditions = [("only", &self.only), ("except", &self.except)];
        let conditions = conditions.iter().flat_map(|(key, conditions)| wrong_conditions(key, conditions));
        let paths = places.paths();
        let paths = paths.iter().filter(|path| top(path).is_none()).map(|path| {
            let problem = format!("fields: \"{}\" is no field of a document", short(path.as_str()));
            (problem, "Begin with the name of a field, e.g. \"balance\" or \"live.balance\".")
        });
        let names = [self.wrong_database(), self.wrong_collection()];
        let names = names.into_iter().flatten();
        names.chain(conditions).chain(no_times).chain(places.problems("fields.")).chain(paths).collect()
    }

    /// What the server looks for.
    pub(super) fn filter(&self) -> Document {
        let mut filter = Document::new();
        for (field, values) in &self.only {
            filter.insert(field, doc! { "$in": values.iter().map(Bson::from).collect::<Vec<_>>() });
        }
        for (field, values) in &self.except {
            let values: Vec<Bson> = values.iter().map(Bson::from).collect();
            match filter.get_document_mut(field) {
                Ok(condition) => drop(condition.insert("$nin", values)),
                Err(_) => drop(filter.insert(field, doc! { "$nin": values })),
            }
        }
        filter
    }

    /// The fields that the server sends.
    pub(super) fn projection(&self) -> Document {
        let places = self.fields.places();
        let tops: BTreeSet<&str> = places.paths().into_iter().filter_map(top).collect();
        let mut projection: Document = tops.iter().map(|name| ((*name).to_owned(), Bson::Int32(1))).collect();
        if !tops.contains("_id") {
            projection.insert("_id", 0);
        }
        projection
    }

    fn wrong_database(&self) -> Option<Problem> {
        let name = self.database.as_ref()?;
        is_no_database(name).then(|| {
            let problem = format!("database = \"{}\" cannot be a database's name", short(name));
            (problem, "Name it as it is called, with letters, digits, - and _.")
        })
    }

    fn wrong_collection(&self) -> Option<Problem> {
        let name = &self.collection;
        let wrong = name.is_empty()
            || name.chars().count() > TEXT_CHARS_MAX
            || name.contains(['$', '\0'])
            || name.starts_with("system.");
        wrong.then(|| {
            let problem = format!("collection = \"{}\" cannot be a collection of accounts", short(name));
            (problem, "Name it as it is called; mostly it is \"mt5_accounts\".")
        })
    }
}

impl fmt::Display for AccountSelection {
    /// Which documents are read, where it is not all of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = [("only", &self.only), ("except", &self.except)];
        let mut words = Vec::new();
        for (word, conditions) in conditions {
            for (field, values) in conditions {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                words.push(format!("{word} {} = {}", short(field), values.join(" or ")));
            }
        }
        if words.is_empty() { Ok(()) } else { write!(f, " ({})", words.join(", ")) }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", short(text)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

impl From<&Wanted> for Bson {
    fn from(wanted: &Wanted) -> Self {
        match wanted {
            Wanted::Text(text) => Self::String(text.clone()),
            Wanted::Number(number) => Self::Int64(*number),
            Wanted::Flag(flag) => Self::Boolean(*flag),
        }
    }
}

/// Whether no database can be called so.
pub(super) fn is_no_database(name: &str) -> bool {
    // The server counts bytes.
    name.is_empty() || name.len() >= 64 || name.contains(NOT_IN_DATABASE)
}

/// The field of a document that a path begins with.
fn top(path: &JsonPath) -> Option<&str> {
    path.first_name().filter(|name| !name.starts_with('$'))
}

fn wrong_conditions(key: &str, conditions: &Conditions) -> Vec<Problem> {
    let many = (conditions.len() > PLACES_MAX)
        .then(|| (format!("{key} has {} conditions", conditions.len()), "Use at most 16 of them."));
    let wrong = conditions.iter().filter_map(|(field, values)| {
        let shown = short(field);
        if field.is_empty() || field.starts_with('$') || field.contains('\0') || shown != *field {
            return Some((
                format!("{key}: \"{shown}\" is no field of a document"),
                "Name the field as it is called, e.g. \"server\".",
            ));
        }
        let count = values.len();
        (count == 0 || count > VALUES_MAX)
            .then(|| (format!("{key}.{field} has {count} values"), "Use 1 to 50 of them."))
    });
    many.into_iter().chain(wrong).collect()
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
