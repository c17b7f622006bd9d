//! What every part of a dialect is checked for before it is used.
//!
//! Decides only whether values can work at all. Never looks at an answer.

use super::{PLACES_MAX, Problem};
use crate::json::path::Places;

/// The status of an answer that is one, where a dialect says nothing else.
pub(super) fn ok_alone() -> Vec<u16> {
    vec![200]
}

/// A problem of `statuses`, which must hold one at least.
pub(super) fn some_statuses(field: &str, statuses: &[u16]) -> Option<Problem> {
    any_statuses(field, statuses)
        .or_else(|| statuses.is_empty().then(|| (format!("{field} has 0 entries"), "Use 1 to 16 of them.")))
}

/// A problem of `statuses`, which may be empty.
pub(super) fn any_statuses(field: &str, statuses: &[u16]) -> Option<Problem> {
    let odd = statuses.iter().find(|status| !(200..600).contains(*status) || (300..400).contains(*status));
    if let Some(odd) = odd {
        return Some((
            format!("{field} has {odd}"),
            "Use 200 to 299 and 400 to 599; redirects are never followed.",
        ));
    }
    (statuses.len() > PLACES_MAX)
        .then(|| (format!("{field} has {} entries", statuses.len()), "Use 1 to 16 of them."))
}

/// A problem of the number of places.
pub(crate) fn few_places(field: &str, places: &Places) -> Option<Problem> {
    (places.len() > PLACES_MAX)
        .then(|| (format!("{field} has {} places", places.len()), "Use at most 16 of them."))
}

/// A problem where a fact that cannot be left out has no place.
pub(crate) fn some_places(field: &str, places: &Places) -> Option<Problem> {
    (places.len() == 0)
        .then(|| (format!("{field} is empty"), "Name at least one place."))
        .or_else(|| few_places(field, places))
}
