//! What the reader of a page may ask for. What would be refused is not shown.
//!
//! Comfort only: whether something is allowed is looked at where it arrives.

use leptos::prelude::*;
use rebound::role::{Right, Role};

use crate::api::actions::RIGHTS;

/// Says on whose page everything below stands.
pub(crate) fn reader_is(role: Role) {
    provide_context(role);
}

/// Whether the reader has that right. Where nobody said who reads, he has none.
pub(crate) fn may(right: Right) -> bool {
    use_context::<Role>().is_some_and(|role| role.may(right))
}

/// Whether the reader may send the form that posts to `action`.
pub(crate) fn may_ask(action: &str) -> bool {
    RIGHTS.iter().find(|(path, _)| *path == action).is_some_and(|(_, right)| may(*right))
}
