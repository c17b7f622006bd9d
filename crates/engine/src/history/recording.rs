//! Raw observations, so that what was seen can be judged once more by other settings.
//!
//! A recording is what one run saw of one target in about ten minutes, as lines of JSON in the order in which they were judged.
//! What changes the meaning of what follows stands between them: the settings, a start, and what was not taken in.

use rebound::check::Observation;
use rebound::ids::TargetId;
use rebound::maintenance::Window;
use rebound::target::{OwnNetworkSpec, TargetSpec};
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::rollup::Writer;

/// What one run saw in about ten minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Of which target; `None`: of Rebound's own network.
    pub of: Option<TargetId>,
    /// When its first line was written.
    pub from: Timestamp,
    /// When its last line was written.
    pub to: Timestamp,
    /// Who saw it.
    pub writer: Writer,
    /// How many lines.
    pub count: u32,
    /// The lines: each a [`Line`] as JSON, with a line feed at its end.
    pub lines: Vec<u8>,
}

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Recorded,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recorded {
    /// From here on these settings hold. What was before the first such line of a run was not seen by it.
    Target {
        /// Tells settings apart at a glance.
        fingerprint: String,
        /// The settings. They hold no secret and no address.
        spec: Box<TargetSpec>,
    },
    /// The same, of what belongs to no target.
    Whole {
        /// How Rebound finds out that its own network is gone.
        own_network: OwnNetworkSpec,
        /// Planned work.
        maintenance: Vec<Window>,
    },
    /// What was seen, and judged then.
    Seen(Box<Observation>),
    /// So many observations were not taken in before this one, of all targets together.
    Lost(u64),
    /// The run ended here in order, or another server watches from here on.
    Ended,
}

impl Recording {
    /// Its lines.
    ///
    /// # Errors
    /// What the parser says of a line that cannot be read.
    pub fn lines(&self) -> Result<Vec<Line>, serde_json::Error> {
        let lines = self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(serde_json::from_slice).collect()
    }
}
