//! Opens what is kept of people, for a Rebound that serves and for a command beside it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use rebound_store::{MongodbLogins, MongodbStore, SqliteLogins};

use crate::auth::Hashes;
use crate::config::StoreSettings;

/// Opens the logins of a store that may be in use.
///
/// # Errors
/// If they cannot be opened, or are in memory only.
pub async fn open(settings: &StoreSettings) -> anyhow::Result<Hashes> {
    let path = settings.sessions().context("a store in memory keeps no password")?;
    let file = Arc::new(file(&path).await?);
    match settings {
        StoreSettings::Memory => bail!("a store in memory keeps no password"),
        StoreSettings::Sqlite(_) => Ok(Hashes { logins: file, copy: None }),
        StoreSettings::Mongodb { address, .. } => {
            let store = MongodbStore::open(address, None).await;
            let store = store.with_context(|| format!("cannot open the store in {address}"))?;
            Ok(Hashes { logins: Arc::new(MongodbLogins::of(&Arc::new(store))), copy: Some(file) })
        }
    }
}

/// Opens the file of sessions, or makes it.
pub(super) async fn file(path: &Path) -> anyhow::Result<SqliteLogins> {
    SqliteLogins::open(path)
        .await
        .with_context(|| format!("cannot open the file of sessions {}", path.display()))
}
