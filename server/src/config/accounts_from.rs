//! `[targets.accounts_from]`: the database of another program, from which a bridge's accounts are read.
//!
//! Asks nobody: whether the database is there is seen when it is asked.

use std::collections::BTreeMap;
use std::fmt;

use rebound_probes::{
    AccountFields, AccountSelection, AccountSource, Conditions, MongodbAddress, SetupError, SourceError,
    Wanted,
};
use serde::{Deserialize, Deserializer, de};

use super::Problems;
use super::secret::{SecretSource, Secrets};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountsFromSection {
    mongodb: Option<SecretSource>,
    trusted_root: Option<String>,
    database: Option<String>,
    collection: Option<String>,
    #[serde(default)]
    only: BTreeMap<String, WantedSection>,
    #[serde(default)]
    except: BTreeMap<String, WantedSection>,
    #[serde(default)]
    fields: AccountFields,
}

/// Whether the clock of the broker's server is known, by the target or its dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerClock {
    Known,
    NotKnown,
}

/// The values that a field may have: one, or a list.
#[derive(Clone, Debug)]
struct WantedSection(Vec<Wanted>);

pub(crate) fn check(
    at: &str,
    section: &AccountsFromSection,
    clock: ServerClock,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<AccountSource> {
    let key = |name: &str| format!("{at}: accounts_from.{name}");
    let selection = selection(section);
    let before = problems.count();
    for (what, help) in selection.problems() {
        problems.add(&format!("{at}: accounts_from"), &what, help);
    }
    if selection.fields.needs_server_time() && clock == ServerClock::NotKnown {
        let what = "has a time by the clock of the broker's server, which is not known";
        problems.add(
            &key("fields.read_time"),
            what,
            "Set server_time of the target; mostly it is \"broker\".",
        );
    }
    let trusted_root = section.trusted_root.as_deref().and_then(|path| {
        let read = secrets.read_certificates(&key("trusted_root"), path, problems);
        read.map(|_| secrets.folder.join(path))
    });
    let Some(source) = &section.mongodb else {
        let help = "Say where the connection string is: mongodb = { env = \"ACCOUNTS_MONGODB_URL\" }.";
        problems.add(&key("mongodb"), "is missing", help);
        return None;
    };
    let connection = secrets.read(&key("mongodb"), source, problems)?;
    if problems.count() > before {
        return None;
    }
    let address = MongodbAddress { trusted_root, ..MongodbAddress::new(connection) };
    let source = AccountSource::try_new(address, selection);
    source.map_err(|error| tell(&key, &error, problems)).ok()
}

fn selection(section: &AccountsFromSection) -> AccountSelection {
    let known = AccountSelection::default();
    let conditions = |given: &BTreeMap<String, WantedSection>| -> Conditions {
        given.iter().map(|(field, WantedSection(values))| (field.clone(), values.clone())).collect()
    };
    AccountSelection {
        database: section.database.clone(),
        collection: section.collection.clone().unwrap_or(known.collection),
        only: conditions(&section.only),
        except: conditions(&section.except),
        fields: section.fields.clone(),
    }
}

/// Tells why there can be no such source. The connection string itself is not told: it is a secret.
fn tell(key: &dyn Fn(&str) -> String, error: &SourceError, problems: &mut Problems) {
    let (name, what, help) = match error {
        SourceError::Access(SetupError::RootWithoutTls) => (
            "trusted_root",
            "has no use: the connection string does not ask for TLS".to_owned(),
            "Add tls=true to its options, or leave trusted_root out.",
        ),
        SourceError::Access(_) => (
            "mongodb",
            "holds no MongoDB connection string".to_owned(),
            "It begins with mongodb:// or mongodb+srv:// and names at least one host.",
        ),
        SourceError::NoDatabase => (
            "database",
            "is missing, and the connection string names none".to_owned(),
            "Name the database that the accounts are in.",
        ),
        SourceError::Selection { problem, remedy } => ("collection", problem.clone(), *remedy),
    };
    problems.add(&key(name), &what, help);
}

impl<'de> Deserialize<'de> for WantedSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = WantedSection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, true, false, or a list of these")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(WantedSection(vec![Wanted::Text(text.to_owned())]))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(WantedSection(vec![Wanted::Number(number)]))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(WantedSection(vec![Wanted::Flag(flag)]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(WantedSection(more)) = list.next_element()? {
            values.extend(more);
        }
        Ok(WantedSection(values))
    }
}
