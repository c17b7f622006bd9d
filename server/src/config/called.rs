//! What people call things: targets, planned work, the site.

use rebound::text::{is_invisible, misleads};

use super::Problems;

/// Longest name: it stands in lines of pages and in titles of messages.
const LENGTH_MAX: usize = 120;

/// A name that says something: not blank, and not longer than a line.
pub(super) fn named(key: &str, name: String, problems: &mut Problems) -> String {
    let length = name.chars().count();
    if name.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        problems.add(key, "the name is blank", "Give a name, or leave the key out.");
    } else if length > LENGTH_MAX {
        let what = format!("the name has {length} characters: 1 to {LENGTH_MAX}");
        problems.add(key, &what, "Give a shorter one.");
    }
    called(key, name, problems)
}

/// A name, which must not turn the words beside it round: in a log, a mail or a page they would say something else.
pub(super) fn called(key: &str, name: String, problems: &mut Problems) -> String {
    if let Some(c) = name.chars().find(|c| misleads(*c)) {
        let what = format!("\"{name}\" has the character U+{:04X} in it, which is not seen", u32::from(c));
        problems.add(key, &what, "Leave out line breaks, control characters and marks that turn text round.");
    }
    name
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_name_that_turns_words_round_is_told_with_its_character() {
        let mut problems = Problems::new(Path::new("rebound.toml"));
        called("targets[0]: name", "MT5\u{202e}egdirb".to_owned(), &mut problems);
        let told = problems.to_string();
        assert!(told.contains("\"MT5·egdirb\" has the character U+202E in it"), "{told}");
        named("targets[0]: name", " \u{200b} ".to_owned(), &mut problems);
        named("targets[1]: name", "n".repeat(121), &mut problems);
        let told = problems.to_string();
        assert!(
            told.contains("the name is blank") && told.contains("has 121 characters: 1 to 120"),
            "{told}"
        );
        let mut none = Problems::new(Path::new("rebound.toml"));
        called("alerts.site", "Büro Köln 👩\u{200d}💻".to_owned(), &mut none);
        assert!(none.is_empty(), "{none}");
    }
}
