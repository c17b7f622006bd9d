//! The store that is configured: opened, and kept from growing without end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound::view::Board;
use rebound_engine::cluster::{Cluster, ServerName};
use rebound_engine::history::{History, Kept};
use rebound_engine::ports::{Store, StoreError};
use rebound_store::logins::Logins;
use rebound_store::{
    MemoryHistory, MemoryLogins, MemoryStore, MongodbHistory, MongodbLogins, MongodbStore, SqliteHistory,
    SqliteStore,
};

use super::instance::Instance;
use super::logins;
use crate::auth::Hashes;
use crate::config::StoreSettings;

/// How much of the history is kept where it is in memory.
const IN_MEMORY: Duration = Duration::from_secs(24 * 3_600);

/// An open store.
#[derive(Debug)]
pub(super) enum Opened {
    Memory(Arc<MemoryStore>),
    Sqlite(Arc<SqliteStore>),
    Mongodb(Arc<MongodbStore>, Instance),
}

impl Opened {
    /// Opens it. `first` is the first target of the configuration.
    ///
    /// # Errors
    /// If it cannot be opened; the text names the place, and no secret.
    pub(super) async fn open(settings: &StoreSettings, first: Option<TargetId>) -> anyhow::Result<Self> {
        Ok(match settings {
            StoreSettings::Memory => Self::Memory(Arc::new(MemoryStore::new())),
            StoreSettings::Sqlite(path) => {
                let store = SqliteStore::open(path).await;
                let store = store.with_context(|| format!("cannot open the store {}", path.display()))?;
                Self::Sqlite(Arc::new(store))
            }
            StoreSettings::Mongodb { address, instance, .. } => {
                let instance = Instance::take(instance)?;
                let store = MongodbStore::open_or_wait(address, first).await;
                let store = store.with_context(|| format!("cannot open the store in {address}"))?;
                Self::Mongodb(Arc::new(store), instance)
            }
        })
    }

    /// As the engine sees it.
    pub(super) fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(store) => Arc::clone(store) as Arc<dyn Store>,
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            Self::Mongodb(store, _) => Arc::clone(store) as Arc<dyn Store>,
        }
    }

    /// What several servers agree on, where the store is one that they can share; this one is called `name`.
    pub(super) fn cluster(&self, name: &str) -> Option<(Arc<dyn Cluster>, ServerName)> {
        match self {
            Self::Memory(_) | Self::Sqlite(_) => None,
            Self::Mongodb(store, instance) => {
                let server = ServerName { name: name.to_owned(), instance: instance.id.clone() };
                Some((Arc::clone(store) as Arc<dyn Cluster>, server))
            }
        }
    }

    /// Where numbers and raw observations are kept: beside the store, as long as configured. In memory only a day of them.
    pub(super) fn history(&self, settings: &StoreSettings, kept: Kept) -> History {
        match (self, settings.history()) {
            (Self::Memory(_), _) | (Self::Sqlite(_), None) => {
                let (minutes, hours) = (kept.minutes.min(IN_MEMORY), kept.hours.min(IN_MEMORY));
                let kept = Kept { minutes, hours, recordings: Duration::ZERO, ..kept };
                History { store: Arc::new(MemoryHistory::new()), kept }
            }
            (Self::Sqlite(_), Some(path)) => History { store: Arc::new(SqliteHistory::at(&path)), kept },
            (Self::Mongodb(store, _), _) => History { store: Arc::new(MongodbHistory::of(store)), kept },
        }
    }

    /// Where sessions and the hash of a made-up password are kept: in a database for all of its servers, with a copy of the hash
    /// on this machine.
    ///
    /// # Errors
    /// If a file of them cannot be opened.
    pub(super) async fn logins(&self, settings: &StoreSettings) -> anyhow::Result<Hashes> {
        let file = match settings.sessions() {
            Some(path) => Some(Arc::new(logins::file(&path).await?) as Arc<dyn Logins>),
            None => None,
        };
        Ok(match (self, file) {
            (Self::Mongodb(store, _), copy) => Hashes { logins: Arc::new(MongodbLogins::of(store)), copy },
            (Self::Memory(_) | Self::Sqlite(_), Some(logins)) => Hashes { logins, copy: None },
            (Self::Memory(_) | Self::Sqlite(_), None) => {
                Hashes { logins: Arc::new(MemoryLogins::new()), copy: None }
            }
        })
    }

    /// Notes for scripts of earlier systems how everything is, where the store has a place for that and no other server does it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn note_health(&self, board: &Board) -> Result<(), StoreError> {
        let first = board.servers.iter().find(|server| server.works);
        match self {
            Self::Mongodb(store, _) if first.is_some_and(|server| server.here) => {
                store.note_health(board).await
            }
            Self::Memory(_) | Self::Sqlite(_) | Self::Mongodb(..) => Ok(()),
        }
    }

    /// Removes journal entries from before `before`.
    ///
    /// # Errors
    /// [`StoreError`]; what was removed stays removed.
    pub(super) async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        match self {
            Self::Memory(_) => Ok(0),
            Self::Sqlite(store) => store.prune(before).await,
            Self::Mongodb(store, _) => store.prune(before).await,
        }
    }
}
