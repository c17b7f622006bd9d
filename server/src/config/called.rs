//! What people call things: targets, planned work, the site.

use rebound::text::misleads;

use super::Problems;

/// A name, which must not turn the words beside it round: in a log, a mail or a page they would say something else.
pub(super) fn called(key: &str, name: String, problems: &mut Problems) -> String {
    if let Some(c) = name.chars().find(|c| misleads(*c)) {
        let shown: String = name.chars().map(|c| if misleads(c) { '·' } else { c }).collect();
        let what = format!("\"{shown}\" has the character U+{:04X} in it, which is not seen", u32::from(c));
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
        let mut none = Problems::new(Path::new("rebound.toml"));
        called("alerts.site", "Büro Köln 👩\u{200d}💻".to_owned(), &mut none);
        assert!(none.is_empty(), "{none}");
    }
}
