//! Values of headers and queries: plain text, or the place of a secret.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

use super::Problems;
use super::secret::{SecretSource, Secrets};

/// A value that may be secret.
#[derive(Debug)]
pub enum SecretOrPlain {
    /// Not secret.
    Plain(String),
    /// Secret.
    Secret(SecretString),
}

/// Plain text, or a table that says where the secret is.
#[derive(Debug)]
pub(crate) enum ValueSection {
    Plain(String),
    Secret(SecretSource),
}

impl<'de> Deserialize<'de> for ValueSection {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        match value {
            toml::Value::String(text) => Ok(Self::Plain(text)),
            toml::Value::Table(_) => {
                SecretSource::deserialize(value).map(Self::Secret).map_err(serde::de::Error::custom)
            }
            toml::Value::Integer(number) => Ok(Self::Plain(number.to_string())),
            toml::Value::Boolean(flag) => Ok(Self::Plain(flag.to_string())),
            toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) => {
                Err(serde::de::Error::custom("write a text, { env = \"NAME\" } or { file = \"path\" }"))
            }
        }
    }
}

/// The values of a table, each with its name.
pub(crate) fn values(
    key: &str,
    map: &BTreeMap<String, ValueSection>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Vec<(String, SecretOrPlain)> {
    let mut read = Vec::new();
    for (name, value) in map {
        match value {
            ValueSection::Plain(text) => read.push((name.clone(), SecretOrPlain::Plain(text.clone()))),
            ValueSection::Secret(source) => {
                let secret = secrets.read(&format!("{key}.{name}"), source, problems);
                read.extend(secret.map(|secret| (name.clone(), SecretOrPlain::Secret(secret))));
            }
        }
    }
    read
}
