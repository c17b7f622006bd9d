//! Where a secret comes from: `{ env = "NAME" }` or `{ file = "path" }`, never the configuration itself.

use std::fmt;
use std::path::Path;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};

use super::Problems;

/// Longest secret read from a file, in bytes.
const SECRET_MAX: u64 = 16 * 1024;

/// Largest file of certificates, in bytes. A list of all public roots has about 230 KB.
const CERTIFICATES_MAX: u64 = 1024 * 1024;
/// What every certificate in PEM form begins with.
const CERTIFICATE_MARK: &str = "-----BEGIN CERTIFICATE-----";

/// A place that holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretSource {
    Env(String),
    File(String),
}

impl fmt::Display for SecretSource {
    /// The place, for people; never what stands there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {path}"),
        }
    }
}

/// Reads secrets from their places.
pub(crate) struct Secrets<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
}

impl Secrets<'_> {
    pub(crate) fn read(
        &mut self,
        key: &str,
        source: &SecretSource,
        problems: &mut Problems,
    ) -> Option<SecretString> {
        match source {
            SecretSource::Env(name) => {
                match (self.environment)(name).filter(|value| !value.trim().is_empty()) {
                    Some(value) => Some(SecretString::from(value.trim().to_owned())),
                    None => {
                        let what = format!("the environment variable {name} is not set or empty");
                        problems.add(
                            key,
                            &what,
                            &format!("Set {name} before the start, e.g. in the service's environment file."),
                        );
                        None
                    }
                }
            }
            SecretSource::File(path) => {
                let path = self.folder.join(path);
                match read_small(&path, SECRET_MAX) {
                    Ok(value) if !value.trim().is_empty() => {
                        Some(SecretString::from(value.trim().to_owned()))
                    }
                    Ok(_) => {
                        let what = format!("the file {} is empty", path.display());
                        problems.add(key, &what, "Write the secret into it, on one line.");
                        None
                    }
                    Err(error) => {
                        let what = format!("the file {} cannot be read: {error}", path.display());
                        problems.add(
                            key,
                            &what,
                            "Make it readable for the user that Rebound runs as, and for nobody else.",
                        );
                        None
                    }
                }
            }
        }
    }

    /// The certificates in PEM form in the file at `path`.
    pub(crate) fn read_certificates(&self, key: &str, path: &str, problems: &mut Problems) -> Option<String> {
        let path = self.folder.join(path);
        let help = "Name a file with one or more certificates in PEM form.";
        match read_small(&path, CERTIFICATES_MAX) {
            Ok(text) if text.contains(CERTIFICATE_MARK) => Some(text),
            Ok(_) => {
                problems.add(key, &format!("the file {} holds no certificate", path.display()), help);
                None
            }
            Err(error) => {
                problems.add(key, &format!("the file {} cannot be read: {error}", path.display()), help);
                None
            }
        }
    }
}

fn read_small(path: &Path, most: u64) -> std::io::Result<String> {
    let length = std::fs::metadata(path)?.len();
    if length > most {
        return Err(std::io::Error::other(format!("it has {length} bytes, at most {most} are read")));
    }
    std::fs::read_to_string(path)
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = SecretSource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" } or { file = \"path\" }")
    }

    fn visit_str<E: de::Error>(self, _secret: &str) -> Result<Self::Value, E> {
        // The value itself is not repeated: it may be the secret.
        Err(E::custom("a secret must not stand in the file; write { env = \"NAME\" } or { file = \"path\" }"))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((kind, place)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom(
                "an empty secret; write { env = \"NAME\" } or { file = \"path\" }",
            ));
        };
        if map.next_key::<String>()?.is_some() {
            return Err(de::Error::custom("a secret has one place: either env or file"));
        }
        match kind.as_str() {
            "env" => Ok(SecretSource::Env(place)),
            "file" => Ok(SecretSource::File(place)),
            _ => Err(de::Error::unknown_field(&kind, &["env", "file"])),
        }
    }
}
