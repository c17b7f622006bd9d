//! People and keys as this server knows them: looked up in the store with every request, so that a change holds everywhere at once.
//!
//! While the store gives no answer, what was read lately counts. Every change is made durable together with who made it before it
//! holds, and of two changes at once the second is made upon the first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rebound::role::Role;
use rebound::time::Timestamp;
use rebound_engine::ports::{Clock, StoreError};
use rebound_engine::service::Principal;
use rebound_store::logins::{Amendment, Deed};
use serde::{Deserialize, Serialize};

use super::keys;
use super::passwords::{self, Hashes};
use super::roster::{Change, Key, Person, Roster, RosterError};

/// How long a store that gave no answer is not asked again: each try would hold a page up.
const AWAY_FOR: Duration = Duration::from_secs(5);
/// How long what was read counts without the store: as long as a session does that was checked.
const READ_COUNTS_FOR: Duration = Duration::from_secs(3_600);
/// How often the use of a key is written down at most.
const USE_NOTED_EVERY: Duration = Duration::from_secs(60);
/// Times that a change is made anew because another one was first.
const TRIES_MAX: u32 = 5;
/// Most days that a key may live where it has an end.
const DAYS_MAX: u32 = 366;
/// Shortest password that somebody may choose.
pub const PASSWORD_LEAST: usize = 12;

/// Who a session says that somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The name.
    pub name: String,
    /// The number of the change that the session came after.
    pub since: u64,
}

/// By what somebody is known while he asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The session of the admin of the file.
    Admin(Claim),
    /// The session of somebody of the roster.
    Person(Claim),
    /// The key of this id.
    Key(String),
    /// A signed token of this program, which cannot be taken back.
    Token(Principal),
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One who is known.
    Known(Principal),
    /// Nobody, or nobody any more.
    Nobody,
    /// The store gives no answer, and nothing was read lately.
    Unchecked,
}

/// Why something about people or keys was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The rules forbid it.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// The old password, asked for before a new one is taken.
    #[error("the password that was given is not yours")]
    WrongPassword,
    /// A new password that is too short or too long.
    #[error("a password has {PASSWORD_LEAST} to {} letters and signs", passwords::PASSWORD_MAX)]
    Password,
    /// A key that lives too long or too short.
    #[error("a key counts for 1 to {DAYS_MAX} days, or has no end")]
    Days,
    /// The admin's password stands in the file.
    #[error("the password is configured under login.password")]
    Configured,
    /// Nobody's: programs have none.
    #[error("only a person who is logged in has a password")]
    NoPerson,
    /// Others keep changing it.
    #[error("others changed it at the same time, again and again; nothing was changed")]
    Busy,
    /// A password cannot be hashed.
    #[error("the server cannot do it")]
    Internal(#[source] anyhow::Error),
    /// Nothing was begun.
    #[error("the store gives no answer, so nothing was done")]
    NotBegun(#[source] StoreError),
    /// It may have been done.
    #[error("it is not known whether it was written down: the store gave no answer")]
    NotKept(#[source] StoreError),
}

/// Everybody, as the store has it now.
#[derive(Debug)]
pub struct Everybody {
    /// People and keys.
    pub roster: Roster,
    /// When keys were last used, by their ids; `None`: that cannot be told.
    pub uses: Option<BTreeMap<String, Timestamp>>,
}

/// The roster of one store, as this server knows it.
#[derive(Debug)]
pub struct People {
    hashes: Hashes,
    admin: String,
    clock: Arc<dyn Clock>,
    last: Mutex<Last>,
}

/// What was read last.
#[derive(Debug, Default)]
struct Last {
    read: Option<(Arc<Roster>, Timestamp)>,
    away_until: Option<Timestamp>,
    /// When the use of a key was last written down.
    noted: BTreeMap<String, Timestamp>,
}

impl People {
    /// The roster that `hashes` keeps; `admin` is the name that the file gives.
    #[must_use]
    pub fn of(hashes: Hashes, admin: &str, clock: Arc<dyn Clock>) -> Self {
        Self { hashes, admin: admin.to_owned(), clock, last: Mutex::default() }
    }

    /// Where several servers have just begun to share a store: takes over the people that this machine's file knew before.
    pub async fn take_over(&self) {
        let Some(copy) = &self.hashes.copy else { return };
        let earlier = match (self.hashes.logins.roster().await, copy.roster().await) {
            (Ok(None), Ok(Some((_, roster)))) => roster,
            (Ok(_), Ok(_)) => return,
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(%error, "whether people of before are to be taken over cannot be told");
                return;
            }
        };
        let what = "took over the people and keys that this machine knew before".to_owned();
        let deed = Deed { number: 1, at: self.clock.now(), by: "rebound".to_owned(), what };
        if let Err(error) = self.hashes.logins.amend(&Amendment { deed, roster: earlier }).await {
            tracing::warn!(%error, "the people of before cannot be taken over now; the next start tries again");
        }
    }

    /// Who somebody is now. Every request asks.
    pub async fn standing(&self, by: &Credential) -> Standing {
        match by {
            Credential::Token(principal) => Standing::Known(principal.clone()),
            // He is in the file, and his session was looked at already.
            Credential::Admin(claim) => self.admins(claim, self.roster().await.as_deref()),
            Credential::Person(claim) => {
                self.roster().await.map_or(Standing::Unchecked, |roster| self.persons(claim, &roster))
            }
            Credential::Key(id) => self.roster().await.map_or(Standing::Unchecked, |roster| {
                roster.key(id).map_or(Standing::Nobody, |key| self.programs(key))
            }),
        }
    }

    /// Whose key it is, with its id. The use is written down, once a minute at most.
    pub async fn of_key(&self, key: &str) -> (Standing, Option<Credential>) {
        let Some(roster) = self.roster().await else { return (Standing::Unchecked, None) };
        let found = keys::id_in(key).and_then(|id| roster.key(id)).filter(|kept| keys::is_right(key, kept));
        let Some(found) = found else { return (Standing::Nobody, None) };
        let standing = self.programs(found);
        if matches!(standing, Standing::Known(_)) {
            self.note_use(&found.id).await;
        }
        (standing, Some(Credential::Key(found.id.clone())))
    }

    /// Hash and claim of somebody of the roster who may log in.
    pub(super) async fn may_enter(&self, name: &str) -> Option<(String, Claim)> {
        let roster = self.roster().await?;
        let person =
            roster.person(name).filter(|person| person.disabled.is_none() && person.name != self.admin)?;
        Some((person.hash.clone(), Claim { name: person.name.clone(), since: person.since }))
    }

    /// The claim of the admin of the file, from now on.
    pub(super) async fn admins_claim(&self) -> Claim {
        let since = self.roster().await.map_or(0, |roster| roster.admin_since);
        Claim { name: self.admin.clone(), since }
    }

    /// The name of the admin of the file.
    #[must_use]
    pub fn admin(&self) -> &str {
        &self.admin
    }

    fn admins(&self, claim: &Claim, roster: Option<&Roster>) -> Standing {
        let is_over = roster.is_some_and(|roster| claim.since < roster.admin_since);
        if claim.name != self.admin || is_over {
            return Standing::Nobody;
        }
        Standing::Known(Principal::with(&self.admin, Role::Admin))
    }

    fn persons(&self, claim: &Claim, roster: &Roster) -> Standing {
        let is_good = |person: &&Person| {
            person.disabled.is_none() && claim.since >= person.since && person.name != self.admin
        };
        match roster.person(&claim.name).filter(is_good) {
            Some(person) => Standing::Known(Principal::with(&person.name, person.role)),
            None => Standing::Nobody,
        }
    }

    fn programs(&self, key: &Key) -> Standing {
        if key.ends_at.is_some_and(|end| end <= self.clock.now()) {
            return Standing::Nobody;
        }
        Standing::Known(Principal::with(&format!("key {}", key.name), key.role))
    }

    async fn note_use(&self, id: &str) {
        let now = self.clock.now();
        {
            let mut last = self.last();
            if last.noted.get(id).is_some_and(|at| now.since(*at) < USE_NOTED_EVERY) {
                return;
            }
            last.noted.insert(id.to_owned(), now);
        }
        if let Err(error) = self.hashes.logins.note_use(id, now).await {
            tracing::debug!(%error, "the use of a key cannot be written down");
        }
    }

    /// Everybody; what was read lately where the store gives no answer. `None`: nothing was.
    async fn roster(&self) -> Option<Arc<Roster>> {
        let now = self.clock.now();
        if self.last().away_until.is_some_and(|until| now < until) {
            return self.read_lately(now);
        }
        match self.read().await {
            Ok((_, roster)) => {
                let roster = Arc::new(roster);
                let mut last = self.last();
                last.read = Some((Arc::clone(&roster), now));
                last.away_until = None;
                Some(roster)
            }
            Err(error) => {
                let is_new = self.last().away_until.replace(now.after(AWAY_FOR)).is_none();
                if is_new {
                    tracing::warn!(%error, "people and keys cannot be looked up; what was read lately counts until they can");
                }
                self.read_lately(now)
            }
        }
    }

    fn read_lately(&self, now: Timestamp) -> Option<Arc<Roster>> {
        let last = self.last();
        let (roster, at) = last.read.as_ref()?;
        (now.since(*at) < READ_COUNTS_FOR).then(|| Arc::clone(roster))
    }

    async fn read(&self) -> Result<(u64, Roster), StoreError> {
        let Some((number, text)) = self.hashes.logins.roster().await? else {
            return Ok((0, Roster::default()));
        };
        let damaged = |error| StoreError::Damaged(format!("who may do what cannot be read: {error}"));
        Ok((number, serde_json::from_str(&text).map_err(damaged)?))
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        // Nothing that can panic is done while it is held.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is changed about people and keys. `by` is the name that is kept with it.
impl People {
    /// Everybody, and when each key was last used.
    ///
    /// # Errors
    /// [`PeopleError::NotBegun`].
    pub async fn everybody(&self) -> Result<Everybody, PeopleError> {
        let (_, roster) = self.read().await.map_err(PeopleError::NotBegun)?;
        let uses = self.hashes.logins.uses().await.ok();
        Ok(Everybody { roster, uses })
    }

    /// What was changed, newest first, below the number `before`.
    ///
    /// # Errors
    /// [`PeopleError::NotBegun`].
    pub async fn deeds(&self, before: Option<u64>, limit: u32) -> Result<Vec<Deed>, PeopleError> {
        self.hashes.logins.deeds(before, limit).await.map_err(PeopleError::NotBegun)
    }

    /// Adds somebody. Returns the password that was made up; it is told this once.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn add(&self, by: &str, name: &str, role: Role) -> Result<String, PeopleError> {
        let (password, hash) = made_up().await?;
        self.change(by, |roster, change| roster.add(change, name, role, &hash)).await?;
        Ok(password)
    }

    /// Makes somebody else's password up anew, and returns it; it is told this once.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn reset_password(&self, by: &str, name: &str) -> Result<String, PeopleError> {
        let (password, hash) = made_up().await?;
        self.change(by, |roster, change| roster.reset_password(change, name, &hash)).await?;
        Ok(password)
    }

    /// Gives somebody another role.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn set_role(&self, by: &str, name: &str, role: Role) -> Result<(), PeopleError> {
        self.change(by, |roster, change| roster.set_role(change, name, role)).await.map(drop)
    }

    /// Lets somebody in no more.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn disable(&self, by: &str, name: &str) -> Result<(), PeopleError> {
        self.change(by, |roster, change| roster.disable(change, name)).await.map(drop)
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn enable(&self, by: &str, name: &str) -> Result<(), PeopleError> {
        self.change(by, |roster, change| roster.enable(change, name)).await.map(drop)
    }

    /// Removes somebody.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn remove(&self, by: &str, name: &str) -> Result<(), PeopleError> {
        self.change(by, |roster, change| roster.remove(change, name)).await.map(drop)
    }

    /// Somebody of the roster takes another password. Returns the claim of the session that goes on.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub(super) async fn own_password(&self, name: &str, hash: &str) -> Result<Claim, PeopleError> {
        let since = self.change(name, |roster, change| roster.own_password(change, hash)).await?;
        Ok(Claim { name: name.to_owned(), since })
    }

    /// The admin of the file has another password, which is kept already. Returns the claim of the session that goes on.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn admins_password(&self, by: &str) -> Result<Claim, PeopleError> {
        let since = self.change(by, |roster, change| Ok(roster.admins_password(change))).await?;
        Ok(Claim { name: self.admin.clone(), since })
    }

    /// Makes a key for a program; `days` after which it ends, or none. Returns the key; it is told this once.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn make_key(
        &self,
        by: &str,
        name: &str,
        role: Role,
        days: Option<u32>,
    ) -> Result<String, PeopleError> {
        if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
            return Err(PeopleError::Days);
        }
        let made = keys::made_up();
        let lasts = days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
        self.change(by, |roster, change| {
            roster.add_key(Key {
                id: made.id.clone(),
                name: name.to_owned(),
                role,
                hash: keys::hash(&made.key),
                made_at: change.at,
                made_by: by.to_owned(),
                ends_at: lasts.map(|lasts| change.at.after(lasts)),
            })
        })
        .await?;
        Ok(made.key)
    }

    /// Takes a key back, by its id or name.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn revoke(&self, by: &str, which: &str) -> Result<(), PeopleError> {
        self.change(by, |roster, _| roster.revoke(which)).await.map(drop)
    }

    /// Makes a change upon the newest roster. Returns its number.
    async fn change(
        &self,
        by: &str,
        change: impl Fn(&mut Roster, Change<'_>) -> Result<String, RosterError>,
    ) -> Result<u64, PeopleError> {
        for _ in 0..TRIES_MAX {
            let (last, mut roster) = self.read().await.map_err(PeopleError::NotBegun)?;
            let (number, at) = (last + 1, self.clock.now());
            let what = change(&mut roster, Change { number, at, by, admin: &self.admin })?;
            let text = serde_json::to_string(&roster)
                .map_err(|error| PeopleError::Internal(anyhow::Error::new(error)))?;
            let deed = Deed { number, at, by: by.to_owned(), what };
            let amendment = Amendment { deed, roster: text };
            if self.hashes.logins.amend(&amendment).await.map_err(PeopleError::NotKept)? {
                tracing::info!(by, what = amendment.deed.what, "people or keys were changed");
                self.last().read = Some((Arc::new(roster), at));
                return Ok(number);
            }
        }
        Err(PeopleError::Busy)
    }
}

/// A password, and its hash.
async fn made_up() -> Result<(String, String), PeopleError> {
    let password = passwords::made_up();
    let hash = passwords::hash(password.clone()).await.map_err(PeopleError::Internal)?;
    Ok((password, hash))
}

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
