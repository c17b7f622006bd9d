//! What was seen of a check, in few words.
//!
//! Kept as data: every answer of every target has a dozen of them, and most are replaced before anybody reads them. The words
//! are made where they are shown or stored.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::count::counted;
use crate::time::spoken;
use crate::word::Word;

/// What was seen of a check. Stored as its words; two are equal if they say the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Sight {
    /// In words of Rebound.
    Words(Cow<'static, str>),
    /// As the target told it.
    Told(Word),
    /// An answer that took so long, in ms.
    Took(u32),
    /// An answer with this HTTP status.
    Status(u16),
    /// The newest read is so old.
    Old(Duration),
    /// A certificate ends in so long.
    Left(Duration),
    /// So many of so many accounts.
    Share {
        /// How many.
        number: u32,
        /// Of how many.
        of: u32,
    },
    /// So many of so many accounts were compared.
    Compared {
        /// How many.
        number: u32,
        /// Of how many.
        of: u32,
    },
    /// Accounts that show zero.
    Zeros {
        /// How many.
        number: u32,
        /// Of how many.
        of: u32,
        /// Of which so many were moved.
        moved: u32,
        /// They are judged from so many on, where they are fewer.
        least: Option<u32>,
    },
    /// Open positions, and pending orders where they are told.
    Book {
        /// Positions.
        positions: u32,
        /// Orders.
        orders: Option<u32>,
    },
}

impl Sight {
    /// Words that are always the same.
    #[must_use]
    pub const fn words(words: &'static str) -> Self {
        Self::Words(Cow::Borrowed(words))
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Told(word) => f.write_str(word),
            Self::Took(ms) => write!(f, "{ms} ms"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Old(age) => write!(f, "{} old", spoken(*age)),
            Self::Left(left) if left.is_zero() => f.write_str("ended"),
            Self::Left(left) => write!(f, "{} left", spoken(*left)),
            Self::Share { number, of } => write!(f, "{number} of {of}"),
            Self::Compared { number, of } => write!(f, "{number} of {of} compared"),
            Self::Zeros { number, of, moved, least } => {
                write!(f, "{number} of {of} at 0")?;
                if *moved > 0 {
                    write!(f, ", {moved} moved")?;
                }
                least.map_or(Ok(()), |least| write!(f, ", judged from {least} on"))
            }
            Self::Book { positions, orders } => {
                f.write_str(&counted(*positions, "position", "positions"))?;
                orders.map_or(Ok(()), |orders| write!(f, ", {}", counted(orders, "order", "orders")))
            }
        }
    }
}

impl PartialEq for Sight {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Sight {}

impl From<String> for Sight {
    fn from(words: String) -> Self {
        Self::Words(Cow::Owned(words))
    }
}

impl From<Sight> for String {
    fn from(seen: Sight) -> Self {
        if let Sight::Words(words) = seen { words.into_owned() } else { seen.to_string() }
    }
}
