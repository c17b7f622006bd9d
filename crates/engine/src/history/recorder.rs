//! Writes down what was seen, as it was seen, in parts of about ten minutes.
//!
//! Bounded: a part that grows large is closed early, so that what is held is at most [`PART_BYTES_MAX`] for each target.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rebound::check::Observation;
use rebound::ids::TargetId;
use rebound::target::Config;
use rebound::time::Timestamp;

use super::recording::{Line, Recorded, Recording};
use super::rollup::Writer;
use super::uptime::day_of;

/// How long a part is.
const PART_MAX: Duration = Duration::from_secs(10 * 60);

/// Bytes from which on a part is closed. Packing looks back 32 KiB, so larger parts hardly pack better.
const PART_BYTES_MAX: usize = 256 * 1024;

/// What was seen and is not given out yet.
#[derive(Debug)]
pub struct Recorder {
    writer: Writer,
    settings: Option<Arc<Config>>,
    open: BTreeMap<Option<TargetId>, Recording>,
    closed: Vec<Recording>,
    /// The settings that were last told of each, and on which day: they are told once a day, so that they outlive what is old.
    told: BTreeMap<Option<TargetId>, (String, Timestamp)>,
    lost: u64,
}

impl Recorder {
    /// Nothing was seen yet by this run.
    #[must_use]
    pub fn new(writer: Writer) -> Self {
        Self {
            writer,
            settings: None,
            open: BTreeMap::new(),
            closed: Vec::new(),
            told: BTreeMap::new(),
            lost: 0,
        }
    }

    /// These settings hold from here on.
    pub fn configure(&mut self, config: Arc<Config>) {
        self.settings = Some(config);
        // Compared with what was told, at the next observation.
        self.told.values_mut().for_each(|(_, day)| *day = Timestamp::from_ms(i64::MIN));
    }

    /// So many observations were not taken in.
    pub fn lose(&mut self, count: u64) {
        self.lost += count;
    }

    /// Writes an observation down.
    pub fn record(&mut self, of: Option<TargetId>, at: Timestamp, seen: Observation) {
        self.tell_settings(of.as_ref(), at);
        if self.lost > 0 {
            let lost = std::mem::take(&mut self.lost);
            self.write(of.as_ref(), at, Recorded::Lost(lost));
        }
        self.write(of.as_ref(), at, Recorded::Seen(Box::new(seen)));
        // Only here, so that no two parts begin at the same moment.
        if self.open.get(&of).is_some_and(|part| part.lines.len() >= PART_BYTES_MAX) {
            self.closed.extend(self.open.remove(&of));
        }
    }

    /// These targets are watched here no longer; `None`: all, and Rebound's own network.
    pub fn end(&mut self, targets: Option<&[TargetId]>, at: Timestamp) {
        let is_gone = |of: &Option<TargetId>| {
            targets.is_none_or(|gone| of.as_ref().is_some_and(|target| gone.contains(target)))
        };
        let gone: Vec<Option<TargetId>> = self.told.keys().filter(|of| is_gone(of)).cloned().collect();
        for of in gone {
            self.told.remove(&of);
            self.write(of.as_ref(), at, Recorded::Ended);
            self.closed.extend(self.open.remove(&of));
        }
    }

    /// The parts that are full or old enough.
    #[must_use = "what is given out is forgotten here"]
    pub fn give(&mut self, now: Timestamp) -> Vec<Recording> {
        let is_old = |part: &Recording| now.since(part.from) >= PART_MAX;
        let old: Vec<Option<TargetId>> =
            self.open.iter().filter(|(_, part)| is_old(part)).map(|(of, _)| of.clone()).collect();
        let mut given = std::mem::take(&mut self.closed);
        given.extend(old.into_iter().filter_map(|of| self.open.remove(&of)));
        given
    }

    fn tell_settings(&mut self, of: Option<&TargetId>, at: Timestamp) {
        let today = day_of(at);
        let Some(settings) = &self.settings else { return };
        let key = of.cloned();
        let told = self.told.get(&key);
        if told.is_some_and(|(_, day)| *day == today) {
            return;
        }
        let what = match of {
            None => Recorded::Whole {
                own_network: settings.own_network,
                maintenance: settings.maintenance.clone(),
            },
            Some(id) => {
                let Some(spec) = settings.targets.iter().find(|spec| spec.id == *id) else { return };
                let json = serde_json::to_string(spec).unwrap_or_default();
                Recorded::Target { fingerprint: fingerprint(&json), spec: Box::new(spec.clone()) }
            }
        };
        let print = match &what {
            Recorded::Target { fingerprint, .. } => fingerprint.clone(),
            Recorded::Whole { .. } | Recorded::Seen(_) | Recorded::Lost(_) | Recorded::Ended => {
                fingerprint(&serde_json::to_string(&what).unwrap_or_default())
            }
        };
        let never = Timestamp::from_ms(i64::MIN);
        let is_same = told.is_some_and(|(known, day)| *known == print && *day == never);
        self.told.insert(key, (print, today));
        if !is_same {
            self.write(of, at, what);
        }
    }

    fn write(&mut self, of: Option<&TargetId>, at: Timestamp, what: Recorded) {
        let line = match serde_json::to_vec(&Line { at, what }) {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, "an observation cannot be recorded; this is an error in Rebound");
                return;
            }
        };
        let part = self.open.entry(of.cloned()).or_insert_with(|| Recording {
            of: of.cloned(),
            from: at,
            to: at,
            writer: self.writer,
            count: 0,
            lines: Vec::new(),
        });
        part.to = at;
        part.count += 1;
        part.lines.extend_from_slice(&line);
        part.lines.push(b'\n');
    }
}

/// A short sign of a text: FNV-1a of 64 bits. It tells a change at a glance; the text itself stands beside it.
fn fingerprint(text: &str) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = text.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
