//! Everything that is wrong with a configuration, told at once: what, why, what to do.

use std::fmt;
use std::path::Path;

use rebound::text::misleads;

/// The list of problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: String,
    found: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    key: String,
    what: String,
    help: String,
}

impl Problems {
    /// No problems yet in the file at `path`.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { file: path.display().to_string(), found: Vec::new() }
    }

    /// Adds one: the key, what is wrong with it (naming value and range), what to do.
    pub fn add(&mut self, key: &str, what: &str, help: &str) {
        self.found.push(Problem { key: seen(key), what: seen(what), help: help.to_owned() });
    }

    /// Each: the key, what is wrong with it, what to do.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.found.iter().map(|problem| (problem.key.as_str(), problem.what.as_str(), problem.help.as_str()))
    }

    /// How many were found.
    #[must_use]
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Whether none was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// What a file says is told without what would turn the words beside it round.
fn seen(text: &str) -> String {
    text.chars().map(|c| if misleads(c) && c != '\n' { '·' } else { c }).collect()
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.found.len();
        let word = if count == 1 { "problem" } else { "problems" };
        write!(f, "{} has {count} {word}", self.file)?;
        for problem in &self.found {
            // What begins with the value that stands there reads on from the key.
            let colon = if problem.what.trim_start().starts_with("= ") { "" } else { ":" };
            write!(f, "\n  {}{colon} {}", problem.key, problem.what.trim().replace('\n', "\n      "))?;
            write!(f, "\n      {}", problem.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
