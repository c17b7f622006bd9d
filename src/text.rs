//! Text that people or programs wrote, on its way into lines of logs, mails and pages.

/// Whether it is not seen: a control character, or one that changes the direction of the text round it or takes no room. A name with
/// one in it can make the words beside it say something else.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a name must not have it: a control character, or one that turns the words after it round. Those that only join letters or
/// tell where a script begins belong to some names.
#[must_use]
pub fn misleads(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{is_invisible, misleads};

    #[test]
    fn a_name_may_join_its_letters_and_may_not_turn_the_words_beside_it() {
        assert!("می\u{200c}خواهم 👩\u{200d}💻 \u{200f}".chars().all(|c| !misleads(c)));
        assert!("\u{7}\u{202e}\u{2067}\u{2029}".chars().all(misleads));
    }

    #[test]
    fn letters_of_every_script_are_seen_and_marks_of_direction_are_not() {
        assert!("Köln 東京 العربية 7 %".chars().all(|c| !is_invisible(c)));
        assert!("\n\u{1b}\u{200b}\u{200f}\u{202e}\u{2066}\u{2069}\u{feff}".chars().all(is_invisible));
    }
}
