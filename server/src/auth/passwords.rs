//! The admin's password: checked against a hash, made up once where none is configured.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use tokio_rusqlite::rusqlite::OptionalExtension as _;
use tokio_rusqlite::{Connection, params, rusqlite};

/// Hashes computed at the same time: each takes 19 MiB for a moment.
const HASHES_AT_ONCE: usize = 2;
/// Length of a made-up password; 20 letters and digits have 119 bits.
const MADE_UP_LENGTH: usize = 20;
/// Longest password that is looked at.
const PASSWORD_MAX: usize = 1024;

/// The file with sessions and the made-up password's hash, apart from the history.
#[derive(Debug, Clone)]
pub struct LoginStore {
    /// The connection; sessions live in the same file.
    pub connection: Connection,
}

impl LoginStore {
    /// Opens or makes the file; `None`: in memory.
    ///
    /// # Errors
    /// If the file cannot be opened or written.
    pub async fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let connection = match path {
            Some(path) => {
                make_private(path).with_context(|| format!("cannot make {}", path.display()))?;
                Connection::open(path).await.with_context(|| format!("cannot open {}", path.display()))?
            }
            None => Connection::open_in_memory().await.context("cannot open a database in memory")?,
        };
        connection
            .call(|db| {
                db.execute_batch(
                    "pragma journal_mode = wal; pragma busy_timeout = 2000;
                     create table if not exists login (username text primary key, hash text not null) strict;",
                )
            })
            .await
            .context("cannot prepare the file of sessions")?;
        Ok(Self { connection })
    }

    /// Ends every session: who knew an old password is out.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn end_sessions(&self) -> anyhow::Result<()> {
        self.connection
            .call(|db| -> rusqlite::Result<()> {
                let known: bool = db.query_row(
                    "select exists (select 1 from sqlite_master where type = 'table' and name = 'tower_sessions')",
                    [],
                    |row| row.get(0),
                )?;
                if known {
                    db.execute("delete from tower_sessions", [])?;
                }
                Ok(())
            })
            .await?;
        Ok(())
    }

    async fn hash_of(&self, username: &str) -> anyhow::Result<Option<String>> {
        let username = username.to_owned();
        let found = self
            .connection
            .call(move |db| {
                db.query_row("select hash from login where username = ?1", params![username], |row| {
                    row.get(0)
                })
                .optional()
            })
            .await?;
        Ok(found)
    }

    async fn keep_hash(&self, username: &str, hash: String) -> anyhow::Result<()> {
        let username = username.to_owned();
        self.connection
            .call(move |db| -> rusqlite::Result<()> {
                db.execute(
                    "insert or replace into login (username, hash) values (?1, ?2)",
                    params![username, hash],
                )?;
                Ok(())
            })
            .await?;
        Ok(())
    }
}

/// Nobody else on the machine may read hashes and sessions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Checks the admin's password.
pub struct Passwords {
    username: String,
    hash: String,
    at_once: Arc<Semaphore>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passwords").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Passwords {
    /// Takes the configured password, else the hash kept from an earlier start, else makes a password up and returns it: it is
    /// told this once and kept as a hash only.
    ///
    /// # Errors
    /// If the file of sessions cannot be read or written.
    pub async fn prepare(
        store: &LoginStore,
        username: &str,
        configured: Option<&SecretString>,
    ) -> anyhow::Result<(Self, Option<String>)> {
        let (hash, made_up) = match (configured, store.hash_of(username).await?) {
            (Some(password), _) => (hash(password.expose_secret().to_owned()).await?, None),
            (None, Some(kept)) => (kept, None),
            (None, None) => {
                let password = Self::make_up(store, username).await?;
                let kept = store.hash_of(username).await?.context("the hash just kept is gone")?;
                (kept, Some(password))
            }
        };
        let at_once = Arc::new(Semaphore::new(HASHES_AT_ONCE));
        Ok((Self { username: username.to_owned(), hash, at_once }, made_up))
    }

    /// Makes a password up, keeps its hash and returns it.
    ///
    /// # Errors
    /// If the file of sessions cannot be written.
    pub async fn make_up(store: &LoginStore, username: &str) -> anyhow::Result<String> {
        let password: String =
            rand::rng().sample_iter(Alphanumeric).take(MADE_UP_LENGTH).map(char::from).collect();
        store.keep_hash(username, hash(password.clone()).await?).await?;
        Ok(password)
    }

    /// Whether name and password are right. Takes as long for a wrong name as for a wrong password.
    pub async fn are_right(&self, username: &str, password: String) -> bool {
        if password.len() > PASSWORD_MAX {
            return false;
        }
        let Ok(_permit) = self.at_once.acquire().await else {
            return false;
        };
        let hash = self.hash.clone();
        let password_right =
            tokio::task::spawn_blocking(move || verify(&password, &hash)).await.unwrap_or(false);
        let name_right: bool = self.username.as_bytes().ct_eq(username.as_bytes()).into();
        name_right && password_right
    }

    /// The admin's name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }
}

async fn hash(password: String) -> anyhow::Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    hashed.await?.map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}
