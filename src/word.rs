//! A short text as somebody told or configured it.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;

use serde::{Deserialize, Serialize};

/// A short text that comes again with every answer and rarely changes: a currency, a server, the name of a service. Cheap to
/// clone and to compare with the one that is held.
#[derive(Clone, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Word(Arc<str>);

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        Self::from(&*word)
    }
}
