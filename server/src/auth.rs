//! Who somebody is: passwords and sessions for people, bearer tokens for programs.
//!
//! Says who; what he may do is the service's business.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

mod passwords;

mod sessions;

mod tokens;

pub use passwords::{Hashes, Passwords};
pub use sessions::Sessions;
pub use tokens::{TokenError, Tokens};

/// Tries to log in that one address has at once.
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
        self.by_address.check_key(&address).is_ok()
    }
}

/// Who can be recognised, and how.
#[derive(Debug)]
pub struct Auth {
    /// People.
    pub passwords: Arc<Passwords>,
    /// People who are logged in.
    pub sessions: Sessions,
    /// Programs; `None`: bearer tokens are off.
    pub tokens: Option<Tokens>,
    /// Slows down guessing.
    pub limit: LoginLimit,
}
