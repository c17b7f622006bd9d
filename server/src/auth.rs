//! Who somebody is, and in which role: passwords and sessions for people, keys and signed tokens for programs.
//!
//! Says who; which right an operation takes stands at its route, and whether a role has it is the core's business.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

mod passwords;

mod people;

mod roster;

pub(crate) mod keys;

mod sessions;

mod tokens;

pub use passwords::{Hashes, Passwords};
pub use people::{Claim, Credential, Everybody, PASSWORD_LEAST, People, PeopleError, Standing};
pub use roster::{Key, Person, Roster, RosterError};
pub use sessions::Sessions;
pub use tokens::{TokenError, Tokens};

/// Tries to log in, or wrong keys, that one address has at once.
const LOGIN_BURST: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
/// Time after which an address gets one more try.
const LOGIN_REFILL: Duration = Duration::from_secs(10);
/// Addresses remembered before the settled ones are forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// Slows down guessing.
#[derive(Debug)]
pub struct LoginLimit {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for LoginLimit {
    fn default() -> Self {
        let quota = Quota::with_period(LOGIN_REFILL)
            .map_or_else(|| Quota::per_minute(LOGIN_BURST), |quota| quota.allow_burst(LOGIN_BURST));
        Self { by_address: RateLimiter::dashmap(quota) }
    }
}

impl LoginLimit {
    /// Whether `address` may try now.
    #[must_use]
    pub fn may_try(&self, address: IpAddr) -> bool {
        if self.by_address.len() > ADDRESSES_MAX {
            self.by_address.retain_recent();
        }
        self.by_address.check_key(&whose(address)).is_ok()
    }
}

/// Whoever has an address of IPv6 has a whole network of them: all of a `/64` share their tries.
fn whose(address: IpAddr) -> IpAddr {
    const OF_NETWORK: u32 = 64;
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> OF_NETWORK << OF_NETWORK).into()),
        address @ IpAddr::V4(_) => address,
    }
}

/// Who can be recognised, and how.
#[derive(Debug)]
pub struct Auth {
    /// The admin of the file.
    pub passwords: Arc<Passwords>,
    /// Everybody else, and the keys of programs.
    pub people: Arc<People>,
    /// People who are logged in.
    pub sessions: Sessions,
    /// Programs with a signed token; `None`: those are off.
    pub tokens: Option<Tokens>,
    /// Slows down guessing of passwords at the login.
    pub limit: LoginLimit,
    /// Slows it down where somebody is logged in and takes another.
    pub password_limit: LoginLimit,
    /// Slows down guessing of keys.
    pub key_limit: LoginLimit,
}

impl Auth {
    /// Who logs in with this name and password, if they are right. Takes as long for each that is wrong.
    pub async fn enter(&self, username: &str, password: String) -> Option<Credential> {
        match self.people.may_enter(username).await {
            Some((hash, claim)) => {
                self.passwords.is_of(password, hash).await.then_some(Credential::Person(claim))
            }
            None if self.passwords.are_right(username, password).await => {
                Some(Credential::Admin(self.people.admins_claim().await))
            }
            None => None,
        }
    }

    /// Gives whoever is logged in another password, by which his other sessions end. Returns what his session says from then on.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn take_password(
        &self,
        who: &Credential,
        old: String,
        new: String,
    ) -> Result<Credential, PeopleError> {
        let (Credential::Admin(claim) | Credential::Person(claim)) = who else {
            return Err(PeopleError::NoPerson);
        };
        if self.passwords.is_configured() && matches!(who, Credential::Admin(_)) {
            return Err(PeopleError::Configured);
        }
        if self.enter(&claim.name, old).await.is_none() {
            return Err(PeopleError::WrongPassword);
        }
        let letters = new.chars().count();
        if letters < PASSWORD_LEAST || new.len() > passwords::PASSWORD_MAX {
            return Err(PeopleError::Password);
        }
        match who {
            Credential::Admin(_) => {
                self.passwords.replace(new).await?;
                self.people.admins_password(&claim.name).await.map(Credential::Admin)
            }
            Credential::Person(claim) => {
                let hash = passwords::hash(new).await.map_err(PeopleError::Internal)?;
                self.people.own_password(&claim.name, &hash).await.map(Credential::Person)
            }
            Credential::Key(_) | Credential::Token(_) => Err(PeopleError::NoPerson),
        }
    }
}
