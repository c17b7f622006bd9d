//! Who may do what, as it is kept: changes in a row, each with who made it and with everything that held from then on.
//!
//! The change and its entry in the list of changes are one thing, so neither is there without the other; and its number is there
//! once, so of two that change something at once one is first. What a roster says is not known here.

use rebound::time::Timestamp;

/// A change of the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// What was changed, by whom and when.
    pub deed: Deed,
    /// Everything that holds from then on, as JSON.
    pub roster: String,
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// One more than that of the change before it; the first has 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What, in words. Holds no secret.
    pub what: String,
}
