//! Turns one observation into verdicts, one for each check.
//!
//! Pure: the same settings, observation and memory give the same answer. Never opens or closes an incident; see
//! [`crate::incident`].

use serde::{Deserialize, Serialize};

use crate::reason::Reason;

/// What is held of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Good.
    Up,
    /// Worth a warning.
    Degraded(Reason),
    /// Critical.
    Down(Reason),
    /// Nobody knows: neither failure nor recovery.
    Unknown(Reason),
    /// Not judged now, e.g. while the market is closed: neither failure nor recovery, and no cause for worry.
    Resting(Reason),
}
