//! The admin's password: checked against a hash, made up once where none is configured.
//!
//! A made-up one is the same on every server that shares the store. Never keeps a password, only its hash.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use rebound_engine::ports::StoreError;
use rebound_store::logins::Logins;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use super::people::PeopleError;

/// Hashes computed at the same time: each takes 19 MiB for a moment.
const HASHES_AT_ONCE: usize = 2;
/// Length of a made-up password; 20 letters and digits have 119 bits.
const MADE_UP_LENGTH: usize = 20;
/// Longest password that is looked at.
pub(super) const PASSWORD_MAX: usize = 1024;

/// Where hashes of passwords are kept.
#[derive(Clone, Debug)]
pub struct Hashes {
    /// The store, which counts.
    pub logins: Arc<dyn Logins>,
    /// A copy on this machine, for a start while the store cannot be reached. `None`: the store is on this machine.
    pub copy: Option<Arc<dyn Logins>>,
}

/// Checks the admin's password.
pub struct Passwords {
    username: String,
    hash: Hash,
    at_once: Arc<Semaphore>,
}

/// What a password is checked against.
enum Hash {
    /// Of the configured password.
    Configured(String),
    /// Of a made-up one: looked up each time, so that a new one counts at once and everywhere. `last`: what was found there last.
    MadeUp { hashes: Hashes, last: Mutex<Option<String>> },
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Passwords {
    /// Takes the configured password, else the hash kept from an earlier start or by another server, else makes a password up
    /// and returns it: it is told this once and kept as a hash only.
    ///
    /// # Errors
    /// If hashes cannot be read or written, apart from a store that cannot be reached.
    pub async fn prepare(
        hashes: Hashes,
        username: &str,
        configured: Option<&SecretString>,
    ) -> anyhow::Result<(Self, Option<String>)> {
        let at_once = Arc::new(Semaphore::new(HASHES_AT_ONCE));
        let username = username.to_owned();
        if let Some(password) = configured {
            let hash = Hash::Configured(hash(password.expose_secret().to_owned()).await?);
            return Ok((Self { username, hash, at_once }, None));
        }
        let (found, made_up) = match hashes.find_or_make_up(&username).await {
            Ok((hash, made_up)) => (Some(hash), made_up),
            Err(error) if hashes.copy.is_some() => {
                let copied = hashes.copied(&username).await?;
                match copied {
                    Some(_) => {
                        tracing::warn!(%error, "the password cannot be looked up; the last one known here counts")
                    }
                    None => tracing::warn!(
                        %error,
                        "nobody can log in: the password cannot be looked up, and none is known here. If there is none once the \
                         store is back, restart Rebound or run `rebound reset-password`"
                    ),
                }
                (copied, None)
            }
            Err(error) => return Err(error).context("cannot look the password up"),
        };
        let hash = Hash::MadeUp { hashes, last: Mutex::new(found) };
        Ok((Self { username, hash, at_once }, made_up))
    }

    /// Makes a password up, keeps its hash in the place of any other and returns it.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub async fn make_up_anew(hashes: &Hashes, username: &str) -> anyhow::Result<String> {
        let password = made_up();
        let hash = hash(password.clone()).await?;
        hashes.logins.replace_hash(username, &hash).await.context("cannot keep the password's hash")?;
        if let Some(copy) = &hashes.copy {
            copy.replace_hash(username, &hash).await.context("cannot keep a copy of the password's hash")?;
        }
        Ok(password)
    }

    /// Looks up whether another password was made up, so that it is known should the store go away.
    pub async fn look_up(&self) {
        if let Hash::MadeUp { .. } = &self.hash {
            self.current().await;
        }
    }

    /// Whether name and password are right. Takes as long for a wrong name as for a wrong password.
    pub async fn are_right(&self, username: &str, password: String) -> bool {
        let Some(hash) = self.current().await else {
            tracing::error!("the admin cannot log in: no password is known. Run `rebound reset-password`");
            return false;
        };
        let password_right = self.is_of(password, hash).await;
        let name_right: bool = self.username.as_bytes().ct_eq(username.as_bytes()).into();
        name_right && password_right
    }

    /// Whether it is the password that this is the hash of. Takes as long as [`Passwords::are_right`].
    pub(super) async fn is_of(&self, password: String, hash: String) -> bool {
        if password.len() > PASSWORD_MAX {
            return false;
        }
        let Ok(_permit) = self.at_once.acquire().await else {
            return false;
        };
        tokio::task::spawn_blocking(move || verify(&password, &hash)).await.unwrap_or(false)
    }

    /// Keeps another password of the admin in the place of a made-up one.
    ///
    /// # Errors
    /// [`PeopleError::Configured`] where it stands in the file, or what the store says.
    pub(super) async fn replace(&self, password: String) -> Result<(), PeopleError> {
        let Hash::MadeUp { hashes, .. } = &self.hash else { return Err(PeopleError::Configured) };
        let hash = hash(password).await.map_err(PeopleError::Internal)?;
        hashes.logins.replace_hash(&self.username, &hash).await.map_err(PeopleError::NotKept)?;
        hashes.copy(&self.username, &hash).await;
        Ok(())
    }

    /// Whether the admin's password stands in the file, where alone it can be changed.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        matches!(self.hash, Hash::Configured(_))
    }

    /// The admin's name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The hash that counts now; where the store gives no answer, the last that it gave.
    async fn current(&self) -> Option<String> {
        let (hashes, last) = match &self.hash {
            Hash::Configured(hash) => return Some(hash.clone()),
            Hash::MadeUp { hashes, last } => (hashes, last),
        };
        let known = || last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match hashes.logins.hash_of(&self.username).await {
            Ok(found) => {
                if let Some(found) = found.as_ref().filter(|found| known().as_ref() != Some(found)) {
                    hashes.copy(&self.username, found).await;
                }
                last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&found);
                found
            }
            Err(error) => {
                tracing::debug!(%error, "the password cannot be looked up; the last one known here counts");
                known()
            }
        }
    }
}

impl Hashes {
    /// The hash that counts for everybody, and the password if it was made up just now.
    async fn find_or_make_up(&self, username: &str) -> Result<(String, Option<String>), StoreError> {
        if let Some(found) = self.logins.hash_of(username).await? {
            self.copy(username, &found).await;
            return Ok((found, None));
        }
        // One from before servers shared it stays good.
        let earlier = match &self.copy {
            Some(copy) => copy.hash_of(username).await?,
            None => None,
        };
        let (offered, password) = match earlier {
            Some(earlier) => (earlier, None),
            None => {
                let password = made_up();
                let hashed = hash(password.clone()).await;
                let hashed = hashed.map_err(|error| StoreError::Unavailable(error.to_string()))?;
                (hashed, Some(password))
            }
        };
        let counts = self.logins.keep_first_hash(username, &offered).await?;
        self.copy(username, &counts).await;
        let told = password.filter(|_| counts == offered);
        Ok((counts, told))
    }

    async fn copied(&self, username: &str) -> Result<Option<String>, StoreError> {
        match &self.copy {
            Some(copy) => copy.hash_of(username).await,
            None => Ok(None),
        }
    }

    async fn copy(&self, username: &str, hash: &str) {
        if let Some(copy) = &self.copy
            && let Err(error) = copy.replace_hash(username, hash).await
        {
            tracing::warn!(%error, "the password's hash cannot be copied to this machine");
        }
    }
}

/// A password that nobody guesses.
pub(super) fn made_up() -> String {
    rand::rng().sample_iter(Alphanumeric).take(MADE_UP_LENGTH).map(char::from).collect()
}

/// What is kept of a password.
pub(super) async fn hash(password: String) -> anyhow::Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    hashed.await?.map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
#[path = "passwords_tests.rs"]
mod tests;
