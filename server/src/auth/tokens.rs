//! Bearer tokens for programs: signed (HS256), named, with an end.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rebound::role::Role;
use rebound::time::Timestamp;
use rebound_engine::service::Principal;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// Whom the tokens are for.
const AUDIENCE: &str = "rebound";
/// Most days that a token may live.
const DAYS_MAX: u32 = 366;
const SECONDS_PER_DAY: i64 = 86_400;

/// Makes and checks tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// Why a token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Too long or too short a life.
    #[error("a token lives 1 to {DAYS_MAX} days, not {0}")]
    Days(u32),
    /// The library refused.
    #[error("the token cannot be signed")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Signs with `secret`, which has at least 32 bytes.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// A token for the program `name` that ends `days` after `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn issue(&self, name: &str, days: u32, now: Timestamp) -> Result<String, TokenError> {
        if days == 0 || days > DAYS_MAX {
            return Err(TokenError::Days(days));
        }
        let iat = now.as_ms() / 1_000;
        let exp = iat + i64::from(days) * SECONDS_PER_DAY;
        let claims = Claims { sub: name.to_owned(), aud: AUDIENCE.to_owned(), iat, exp };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(TokenError::Sign)
    }

    /// Whose token it is, if it is ours and not over. Tokens are made on the server's own machine and may do what the admin may.
    #[must_use]
    pub fn principal(&self, token: &str) -> Option<Principal> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        Some(Principal::with(&claims.sub, Role::Admin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret.repeat(8)))
    }

    /// The library reads the machine's clock; a time far ahead or long ago is on the right side of it.
    const FAR_AHEAD: Timestamp = Timestamp::from_ms(4_000_000_000_000);
    const LONG_AGO: Timestamp = Timestamp::from_ms(1_000_000_000_000);

    #[test]
    fn a_token_names_its_program() {
        let token = tokens("secret").issue("cron", 30, FAR_AHEAD).unwrap();
        assert_eq!(tokens("secret").principal(&token), Some(Principal::with("cron", Role::Admin)));
    }

    #[test]
    fn a_token_that_is_over_is_refused() {
        let token = tokens("secret").issue("cron", 30, LONG_AGO).unwrap();
        assert_eq!(tokens("secret").principal(&token), None);
    }

    #[test]
    fn a_token_of_another_secret_is_refused() {
        let token = tokens("other!").issue("cron", 30, FAR_AHEAD).unwrap();
        assert_eq!(tokens("secret").principal(&token), None);
    }

    #[test]
    fn a_token_without_signature_is_refused() {
        let token = tokens("secret").issue("cron", 30, FAR_AHEAD).unwrap();
        let unsigned = token.rsplit_once('.').unwrap().0.to_owned() + ".";
        assert_eq!(tokens("secret").principal(&unsigned), None);
    }

    #[test]
    fn a_token_for_ever_is_not_made() {
        assert!(tokens("secret").issue("cron", 4_000, FAR_AHEAD).is_err());
    }
}
