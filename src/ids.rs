//! Names of things, each of a type of its own so that they cannot be swapped.

use alloc::string::String;
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A target's name in configuration, addresses and logs: 1 to 64 of `a-z`, `0-9`, `-`, `_`, `.`, not of dots alone.
///
/// Cheap to clone: it goes with every question and every answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetId(Arc<str>);

impl Hash for TargetId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialEq for TargetId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for TargetId {}

impl PartialOrd for TargetId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TargetId {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

/// Why a text cannot name a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" cannot name a target: use 1 to {LENGTH_MAX} of a-z, 0-9, '-', '_' and '.', not dots alone"
)]
pub struct InvalidTargetId {
    text: String,
}

const LENGTH_MAX: usize = 64;

impl TargetId {
    /// Checks and wraps `text`.
    ///
    /// # Errors
    /// [`InvalidTargetId`] if it is empty, too long or has other characters.
    pub fn try_new(text: &str) -> Result<Self, InvalidTargetId> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        // A name of dots alone would mean another place in an address.
        let dots_alone = text.chars().all(|c| c == '.');
        if dots_alone || text.len() > LENGTH_MAX || !text.chars().all(allowed) {
            return Err(InvalidTargetId { text: text.chars().take(LENGTH_MAX).collect() });
        }
        Ok(Self(Arc::from(text)))
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TargetId {
    type Error = InvalidTargetId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::try_new(&text)
    }
}

impl From<TargetId> for String {
    fn from(id: TargetId) -> Self {
        Self::from(id.as_str())
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Wraps the number.
            #[must_use]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn number(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number_id! {
    /// An incident; counted from 1 in the order of opening, over all targets of one store.
    IncidentId
}
number_id! {
    /// An alert; counted from 1 in the order of raising, over all targets of one store.
    AlertId
}
number_id! {
    /// A trading account: the login number at the broker.
    AccountId
}

/// One attempt to heal; also the idempotency key that goes to whoever carries it out.
///
/// Made of target, incident, attempt and the time of the intent, so that it stays unique even when a store is lost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Wraps the text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::TargetId;

    #[rstest]
    #[case::plain("mt5-bridge", true)]
    #[case::empty("", false)]
    #[case::a_space("my bridge", false)]
    #[case::a_capital("Bridge", false)]
    #[case::a_path("../etc", false)]
    #[case::the_folder_above("..", false)]
    #[case::a_dot_in_it("mt5.north", true)]
    fn a_target_id_keeps_to_its_alphabet(#[case] text: &str, #[case] good: bool) {
        assert_eq!(TargetId::try_new(text).is_ok(), good);
    }
}
