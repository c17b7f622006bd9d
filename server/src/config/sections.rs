//! The sections of the file, taken one by one so that an error in one does not hide those in others.

use std::time::Duration;

use rebound::target::OwnNetworkSpec;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Problems;
use super::secret::SecretSource;
use super::span::{Span, within};

const HELP: &str = "docs/CONFIG.md lists every key with its unit, range and default.";

/// The sections not taken yet.
pub(crate) struct Sections<'a> {
    table: toml::Table,
    problems: &'a mut Problems,
}

impl<'a> Sections<'a> {
    pub(crate) fn new(table: toml::Table, problems: &'a mut Problems) -> Self {
        Self { table, problems }
    }

    /// The section `name`, or its default where it is missing or wrong.
    pub(crate) fn take<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        let Some(value) = self.table.remove(name) else {
            return T::default();
        };
        read(name, value, self.problems).unwrap_or_default()
    }

    /// The entries of `[[name]]` that can be read, with their index.
    pub(crate) fn take_list<T: DeserializeOwned>(&mut self, name: &str) -> Vec<(usize, T)> {
        let entries = match self.table.remove(name) {
            None => return Vec::new(),
            Some(toml::Value::Array(entries)) => entries,
            Some(_) => {
                self.problems.add(name, "is not a list", &format!("Write each entry under [[{name}]]."));
                return Vec::new();
            }
        };
        let indexed = entries.into_iter().enumerate();
        indexed
            .filter_map(|(index, value)| {
                read(&format!("{name}[{index}]"), value, self.problems).map(|entry| (index, entry))
            })
            .collect()
    }

    /// Complains about what nobody took.
    pub(crate) fn end(self) {
        for name in self.table.keys() {
            self.problems.add(name, "is no section of this file", HELP);
        }
    }
}

fn read<T: DeserializeOwned>(name: &str, value: toml::Value, problems: &mut Problems) -> Option<T> {
    match serde_path_to_error::deserialize::<_, T>(value) {
        Ok(section) => Some(section),
        Err(error) => {
            let path = error.path().to_string();
            let key = if path == "." { name.to_owned() } else { format!("{name}.{path}") };
            problems.add(&key, &error.into_inner().to_string(), HELP);
            None
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) site: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    pub(crate) path: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<SecretSource>,
    pub(crate) session_idle_max: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    pub(crate) secret: Option<SecretSource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnNetwork {
    #[serde(default)]
    pub(crate) beacons: Vec<String>,
    interval: Option<Span>,
    timeout: Option<Span>,
}

/// Most beacons asked.
const BEACONS_MAX: usize = 10;

impl OwnNetwork {
    pub(crate) fn check(&self, problems: &mut Problems) -> OwnNetworkSpec {
        if self.beacons.len() > BEACONS_MAX {
            let what = format!("has {} entries, at most {BEACONS_MAX} are asked", self.beacons.len());
            problems.add(
                "own_network.beacons",
                &what,
                "Keep two or three that belong to different networks.",
            );
        }
        for beacon in &self.beacons {
            let port = beacon.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            if port.is_none() {
                problems.add(
                    "own_network.beacons",
                    &format!("\"{beacon}\" is not host:port"),
                    "Write it as \"192.0.2.1:443\".",
                );
            }
        }
        let default = OwnNetworkSpec::default();
        let second = Duration::from_secs(1);
        OwnNetworkSpec {
            watched: !self.beacons.is_empty(),
            interval: within(
                "own_network.interval",
                self.interval,
                default.interval,
                second * 5,
                second * 600,
                problems,
            ),
            timeout: within(
                "own_network.timeout",
                self.timeout,
                default.timeout,
                second / 5,
                second * 30,
                problems,
            ),
        }
    }
}
