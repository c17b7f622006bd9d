//! Stores that something is moved between: opened for that alone.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rebound_engine::cluster::Cluster as _;
use rebound_engine::history::port::HistoryStore;
use rebound_engine::ports::Store;
use rebound_store::transfer::Recipient;
use rebound_store::{MongodbHistory, MongodbStore, SqliteHistory, SqliteStore};

use crate::config::{NamedStore, StoreSettings, history_beside};

/// An open store that keeps something, with the history of numbers beside it.
#[derive(Debug)]
pub enum Moved {
    /// A file, and another one where the numbers are.
    Sqlite(Box<SqliteStore>, SqliteHistory),
    /// A database.
    Mongodb(Arc<MongodbStore>, MongodbHistory),
}

impl Moved {
    /// Opens a store that is read. It must be there, and whole.
    ///
    /// # Errors
    /// If it cannot be opened, or a Rebound uses it; the text names the place, and no secret.
    pub async fn source(named: &NamedStore) -> anyhow::Result<Self> {
        let settings = &named.settings;
        if let StoreSettings::Sqlite(path) = settings {
            let is_there = path.metadata().is_ok_and(|file| file.is_file() && file.len() > 0);
            anyhow::ensure!(is_there, "there is no store {}: name the file of one", path.display());
        }
        let opened = match settings {
            StoreSettings::Sqlite(path) => {
                SqliteStore::open(path).await.map(|store| Self::sqlite(store, path))
            }
            StoreSettings::Mongodb { address, .. } => {
                MongodbStore::open_existing(address, named.first.clone()).await.map(Self::mongodb)
            }
            StoreSettings::Memory => return nothing_kept(),
        };
        let opened = opened.with_context(|| format!("cannot open the source, {settings}"))?;
        if let Self::Mongodb(store, _) = &opened {
            for member in store.look().await?.members {
                tracing::warn!(
                    server.name = member.name,
                    "a server takes part in the source, unless it was killed: stop it first. What it writes meanwhile is only \
                     noticed at the end"
                );
            }
        }
        Ok(opened)
    }

    /// Opens a store that is written. It may not be there yet, or hold the beginning of a transfer.
    ///
    /// # Errors
    /// As [`Moved::source`].
    pub async fn destination(named: &NamedStore) -> anyhow::Result<Self> {
        let settings = &named.settings;
        let opened = match settings {
            StoreSettings::Sqlite(path) => {
                SqliteStore::open_recipient(path).await.map(|store| Self::sqlite(store, path))
            }
            StoreSettings::Mongodb { address, .. } => {
                MongodbStore::open_recipient(address, named.first.clone()).await.map(Self::mongodb)
            }
            StoreSettings::Memory => return nothing_kept(),
        };
        opened.with_context(|| format!("cannot open the destination, {settings}"))
    }

    fn sqlite(store: SqliteStore, path: &Path) -> Self {
        Self::Sqlite(Box::new(store), SqliteHistory::at(&history_beside(path)))
    }

    fn mongodb(store: MongodbStore) -> Self {
        let store = Arc::new(store);
        let numbers = MongodbHistory::of(&store);
        Self::Mongodb(store, numbers)
    }

    /// As it is read.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        match self {
            Self::Sqlite(store, _) => store.as_ref(),
            Self::Mongodb(store, _) => store.as_ref(),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn recipient(&self) -> &dyn Recipient {
        match self {
            Self::Sqlite(store, _) => store.as_ref(),
            Self::Mongodb(store, _) => store.as_ref(),
        }
    }

    /// The history of numbers. Its file is made with the first call.
    #[must_use]
    pub fn numbers(&self) -> &dyn HistoryStore {
        match self {
            Self::Sqlite(_, numbers) => numbers,
            Self::Mongodb(_, numbers) => numbers,
        }
    }

    /// Gives it back.
    ///
    /// # Errors
    /// If it does not close; what was written is kept all the same.
    pub async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(store, numbers) => {
                numbers.close().await?;
                Ok(store.close().await?)
            }
            Self::Mongodb(..) => Ok(()),
        }
    }
}

/// Whether a store has a history of numbers: one in a file may have been removed, or never have been made.
#[must_use]
pub fn has_numbers(settings: &StoreSettings) -> bool {
    settings.history().is_none_or(|path| path.is_file())
}

fn nothing_kept() -> anyhow::Result<Moved> {
    anyhow::bail!("a store in memory keeps nothing: name a file or a database")
}

/// Whether both name the same place.
#[must_use]
pub fn is_same(one: &StoreSettings, other: &StoreSettings) -> bool {
    match (one, other) {
        (StoreSettings::Sqlite(one), StoreSettings::Sqlite(other)) => full(one) == full(other),
        (StoreSettings::Mongodb { address: one, .. }, StoreSettings::Mongodb { address: other, .. }) => {
            one.to_string() == other.to_string()
        }
        (StoreSettings::Sqlite(_) | StoreSettings::Mongodb { .. } | StoreSettings::Memory, _) => false,
    }
}

fn full(path: &Path) -> std::path::PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
