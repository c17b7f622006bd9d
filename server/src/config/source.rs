//! A configuration file as it was read, to be read once more with other values in it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Problems, Settings, of_table};

/// Looks up variables of the environment.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// A configuration file as it was read. A later change of the file does not change it.
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    table: toml::Table,
    environment: Environment,
}

impl Source {
    /// The text of the file at `path`, which must be TOML.
    ///
    /// # Errors
    /// What the parser says.
    pub fn of_text(path: &Path, text: &str, environment: Environment) -> Result<Self, toml::de::Error> {
        Ok(Self { path: path.to_owned(), table: text.parse()?, environment })
    }

    /// The file at `path`.
    ///
    /// # Errors
    /// If it cannot be read, or is not TOML.
    pub fn read(path: &Path, environment: Environment) -> anyhow::Result<Self> {
        Ok(Self::of_text(path, &std::fs::read_to_string(path)?, environment)?)
    }

    /// What the file says.
    pub(crate) fn table(&self) -> &toml::Table {
        &self.table
    }

    /// Checks `table` as this file's.
    pub(crate) fn parse(&self, table: toml::Table) -> Result<Settings, Problems> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        of_table(table, folder, self.environment.as_ref(), Problems::new(&self.path))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path).finish_non_exhaustive()
    }
}
