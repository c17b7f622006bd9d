//! Numbers of things in words: `1 position`, `2 positions`.
//!
//! The one place for it, so that nothing that a person reads says "1 positions".

use alloc::format;
use alloc::string::String;
use core::fmt::Display;

/// So many things: `one` is their name where there is one, `many` where there are none or several.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let name = if number == N::from(1) { one } else { many };
    format!("{number} {name}")
}

/// The verb that goes with so many things.
#[must_use]
pub fn are<N: PartialEq + From<u8>>(number: N) -> &'static str {
    if number == N::from(1) { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::{are, counted};

    #[test]
    fn one_thing_is_not_several() {
        let said = [0_usize, 1, 2].map(|number| counted(number, "entry", "entries"));
        assert_eq!(said, ["0 entries", "1 entry", "2 entries"]);
        assert_eq!([0_u32, 1, 2].map(are), ["are", "is", "are"]);
    }
}
