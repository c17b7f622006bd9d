//! Who may do what: three roles, three rights.
//!
//! Knows no names and no addresses. Which right an operation takes stands beside the operation.

use serde::{Deserialize, Serialize};

/// What somebody was made. Each may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything and changes nothing.
    Viewer,
    /// Does what running it takes: heals, pauses, planned work, acknowledgements.
    Operator,
    /// Also changes settings, people and keys.
    Admin,
}

/// What an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// To be somebody who is known.
    See,
    /// To act on what is watched, or on what people are told.
    Act,
    /// To change the settings, and who may do what.
    Manage,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// Whether that is allowed.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match (self, right) {
            (Self::Viewer | Self::Operator | Self::Admin, Right::See)
            | (Self::Operator | Self::Admin, Right::Act)
            | (Self::Admin, Right::Manage) => true,
            (Self::Viewer, Right::Act) | (Self::Viewer | Self::Operator, Right::Manage) => false,
        }
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// One who has it, in words.
    #[must_use]
    pub const fn named(self) -> &'static str {
        match self {
            Self::Viewer => "a viewer",
            Self::Operator => "an operator",
            Self::Admin => "an admin",
        }
    }

    /// What it may do, in words for whoever gives it.
    #[must_use]
    pub const fn means(self) -> &'static str {
        match self {
            Self::Viewer => "sees everything and changes nothing",
            Self::Operator => "also heals, pauses, plans work, acknowledges and sends test alerts",
            Self::Admin => "also changes settings, people and keys",
        }
    }

    /// The role of this word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

impl Right {
    /// The least role that has it.
    #[must_use]
    pub const fn least(self) -> Role {
        match self {
            Self::See => Role::Viewer,
            Self::Act => Role::Operator,
            Self::Manage => Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_one_before_it_may_and_more() {
        let rights = [Right::See, Right::Act, Right::Manage];
        let table = Role::ALL.map(|role| rights.map(|right| role.may(right)));
        assert_eq!(table, [[true, false, false], [true, true, false], [true, true, true]]);
    }

    #[test]
    fn the_least_role_of_a_right_has_it_and_none_below() {
        for right in [Right::See, Right::Act, Right::Manage] {
            let least = Role::ALL.into_iter().find(|role| role.may(right));
            assert_eq!(least, Some(right.least()));
        }
    }

    #[test]
    fn a_role_is_read_by_its_word_only() {
        assert_eq!(Role::read("operator"), Some(Role::Operator));
        assert_eq!(Role::read("Admin"), None);
    }
}
