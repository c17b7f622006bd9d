//! The sections of the file, taken one by one so that an error in one does not hide those in others.

use std::time::Duration;

use rebound::target::OwnNetworkSpec;
use rebound_probes::BEACONS_MAX;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::Problems;
use super::address;
use super::secret::SecretSource;
use super::span::{HOUR, SECOND, Span, within};

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

/// Reads a section. What is wrong is told and left out, and the rest is read again, so that one mistake does not hide others.
fn read<T: DeserializeOwned>(name: &str, mut value: toml::Value, problems: &mut Problems) -> Option<T> {
    let mut left_out: Vec<String> = Vec::new();
    for _ in 0..MISTAKES_MAX {
        let error = match serde_path_to_error::deserialize::<_, T>(value.clone()) {
            Ok(section) => return Some(section),
            Err(error) => error,
        };
        let path = error.path().clone();
        let written = path.to_string();
        let message = error.into_inner().to_string();
        // What was left out a moment ago is not missing: it was told.
        if left_out.iter().any(|key| message.contains(&format!("missing field `{key}`"))) {
            return None;
        }
        let key = if written == "." { name.to_owned() } else { format!("{name}.{written}") };
        problems.add(&key, &message, HELP);
        match leave_out(&mut value, &path) {
            Some(key) => left_out.push(key),
            None => return None,
        }
    }
    None
}

/// Most mistakes of one section that are told at once.
const MISTAKES_MAX: usize = 50;

/// Takes the last key of `path` out of its table, with all that is in it. `None`: there is no such key.
fn leave_out(value: &mut toml::Value, path: &serde_path_to_error::Path) -> Option<String> {
    let segments: Vec<&Segment> = path.iter().collect();
    let last = segments.iter().rposition(|segment| matches!(segment, Segment::Map { .. }))?;
    let mut place = value;
    for segment in segments.iter().take(last) {
        place = match segment {
            Segment::Map { key } => place.get_mut(key)?,
            Segment::Seq { index } => place.get_mut(*index)?,
            Segment::Enum { .. } | Segment::Unknown => return None,
        };
    }
    match segments.get(last)? {
        Segment::Map { key } => place.as_table_mut()?.remove(key).map(|_| key.clone()),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) name: Option<String>,
    pub(crate) listen: Option<String>,
    pub(crate) public_url: Option<String>,
    #[serde(default)]
    pub(crate) proxies: Vec<String>,
    pub(crate) site: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    pub(crate) path: Option<String>,
    pub(crate) url: Option<SecretSource>,
    pub(crate) trusted_root: Option<String>,
    pub(crate) room_warning: Option<u8>,
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
    clock_skew_max: Option<Span>,
    lag_max: Option<Span>,
}

impl OwnNetwork {
    pub(crate) fn check(&self, problems: &mut Problems) -> OwnNetworkSpec {
        self.check_beacons(problems);
        let default = OwnNetworkSpec::default();
        let mut span =
            |name: &str, given: Option<Span>, default: Duration, least: Duration, most: Duration| {
                within(&format!("own_network.{name}"), given, default, least, most, problems)
            };
        let skew = self.clock_skew_max;
        OwnNetworkSpec {
            watched: !self.beacons.is_empty(),
            interval: span("interval", self.interval, default.interval, SECOND * 5, SECOND * 600),
            timeout: span("timeout", self.timeout, default.timeout, SECOND / 5, SECOND * 30),
            // A `Date` header tells whole seconds, and an answer takes some of them.
            clock_skew_max: span("clock_skew_max", skew, default.clock_skew_max, SECOND * 5, HOUR),
            lag_max: span("lag_max", self.lag_max, default.lag_max, SECOND / 5, SECOND * 60),
        }
    }

    fn check_beacons(&self, problems: &mut Problems) {
        let key = "own_network.beacons";
        if self.beacons.len() > BEACONS_MAX {
            let what = format!("has {} entries, at most {BEACONS_MAX} are asked", self.beacons.len());
            problems.add(key, &what, "Keep two or three that belong to different networks.");
        }
        for beacon in &self.beacons {
            if beacon.starts_with("http://") || beacon.starts_with("https://") {
                address::http_url(key, beacon, problems);
            } else if address::host_of(beacon).is_none() {
                let help = "Write it as \"192.0.2.1:443\", or as an address \"https://example.com/\".";
                problems.add(key, &format!("\"{beacon}\" is not host:port"), help);
            }
        }
    }
}
