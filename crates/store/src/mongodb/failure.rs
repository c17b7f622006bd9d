//! Turns what the driver and the server say into [`StoreError`].
//!
//! Goes by codes, not by words, where there are any, and takes every secret out of a text before anybody sees it.

use std::time::Duration;

use mongodb::error::{Error, ErrorKind, WriteFailure};
use rebound_engine::ports::StoreError;

use super::MongodbAddress;

/// Code of a write that would make a key twice.
pub(super) const DUPLICATE_KEY: i32 = 11_000;
/// There is an index over the same fields with other options, or under another name.
const INDEX_OPTIONS_CONFLICT: i32 = 85;
const INDEX_KEYS_CONFLICT: i32 = 86;
/// The server's disk is full; a quota is used up.
const OUT_OF_DISK_SPACE: i32 = 14_031;
const EXCEEDS_QUOTA: i32 = 12_501;
/// The login is wrong, or has too few rights.
const AUTHENTICATION_FAILED: i32 = 18;
const UNAUTHORIZED: i32 = 13;

/// What a person can do where TLS is not agreed on. The driver gives no codes for it, so these are the words of its TLS library,
/// which a test holds on to.
const TLS_ADVICE: [(&str, &str); 7] = [
    ("UnknownIssuer", UNKNOWN_ROOT),
    ("BadSignature", UNKNOWN_ROOT),
    (
        "not valid for name",
        "Its certificate is for another name: write a name into store.url that stands in it",
    ),
    ("certificate expired", "Its certificate is over: renew it on the server"),
    ("certificate not valid yet", "Its certificate is not valid yet: set the clock of this machine"),
    ("InvalidContentType", NO_TLS),
    ("tls handshake eof", NO_TLS),
];
const UNKNOWN_ROOT: &str = "Its certificate comes from a root that is not trusted here: name that root's certificate as store.trusted_root";
const NO_TLS: &str = "The server ended the conversation before TLS was agreed on: if it does not speak TLS, take tls=true out of store.url";

/// What went wrong, before it is known during which call.
#[derive(Debug)]
pub(super) enum Fault {
    /// The driver or the server said no.
    Driver(Error),
    /// It took too long.
    Slow(Duration),
    /// Already in the words of the port.
    Store(StoreError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// Whether a write that ended with this certainly changed nothing.
    pub(super) fn nothing_happened(&self) -> bool {
        match self {
            Self::Slow(_) => false,
            Self::Store(_) => true,
            // Some codes of commands mean that it may be there and be taken back, so only those are named that cannot.
            Self::Driver(error) => {
                matches!(
                    error.kind.as_ref(),
                    ErrorKind::ServerSelection { .. }
                        | ErrorKind::Authentication { .. }
                        | ErrorKind::InvalidArgument { .. }
                        | ErrorKind::Bson(_)
                        | ErrorKind::DnsResolve { .. }
                        | ErrorKind::InvalidTlsConfig { .. }
                        | ErrorKind::Write(WriteFailure::WriteError(_))
                ) || matches!(
                    code(error),
                    Some(OUT_OF_DISK_SPACE | EXCEEDS_QUOTA | UNAUTHORIZED | AUTHENTICATION_FAILED)
                )
            }
        }
    }

    /// Whether no server was found, or none answered.
    pub(super) fn is_out_of_reach(&self) -> bool {
        match self {
            Self::Slow(_) => true,
            Self::Store(_) => false,
            Self::Driver(error) => matches!(
                error.kind.as_ref(),
                ErrorKind::ServerSelection { .. }
                    | ErrorKind::Io(_)
                    | ErrorKind::ConnectionPoolCleared { .. }
            ),
        }
    }

    /// Whether a key was there already.
    pub(super) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Driver(error) if code(error) == Some(DUPLICATE_KEY))
    }

    /// Whether an index was not made because there is another over the same fields.
    pub(super) fn is_other_index(&self) -> bool {
        let is_conflict = |code| matches!(code, INDEX_OPTIONS_CONFLICT | INDEX_KEYS_CONFLICT);
        matches!(self, Self::Driver(error) if code(error).is_some_and(is_conflict))
    }
}

/// The server's code, where it gave one.
fn code(error: &Error) -> Option<i32> {
    // The driver's own list grows.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the driver's list of kinds is open, and others have no code"
    )]
    match error.kind.as_ref() {
        ErrorKind::Command(failure) => Some(failure.code),
        ErrorKind::Write(WriteFailure::WriteError(failure)) => Some(failure.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(failure)) => Some(failure.code),
        _ => None,
    }
}

/// Says what failed, without any secret.
#[derive(Clone)]
pub(super) struct Speaker {
    shown: String,
    secrets: Vec<String>,
}

impl Speaker {
    pub(super) fn of(address: &MongodbAddress) -> Self {
        Self { shown: address.to_string(), secrets: address.secrets().to_vec() }
    }

    /// The database, as it is shown.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// In the words of the port: `act` failed with `fault`.
    pub(super) fn say(&self, act: &str, fault: Fault) -> StoreError {
        let shown = &self.shown;
        let error = match fault {
            Fault::Store(error) => return error,
            Fault::Slow(limit) => {
                let text = format!("{shown}: {act}: no answer within {} s", limit.as_secs_f32());
                return StoreError::Unavailable(text);
            }
            Fault::Driver(error) => error,
        };
        let text = format!("{shown}: {act}: {}", self.without_secrets(&error.kind.to_string()));
        match code(&error) {
            Some(OUT_OF_DISK_SPACE | EXCEEDS_QUOTA) => return StoreError::Full(text),
            Some(AUTHENTICATION_FAILED) => {
                return StoreError::Unavailable(format!(
                    "{text}. Give Rebound a login that this database knows"
                ));
            }
            Some(UNAUTHORIZED) => {
                return StoreError::Unavailable(format!(
                    "{text}. Give its user the role readWrite on this database"
                ));
            }
            Some(_) | None => {}
        }
        if matches!(error.kind.as_ref(), ErrorKind::Bson(_)) {
            return StoreError::Damaged(text);
        }
        if matches!(error.kind.as_ref(), ErrorKind::Authentication { .. }) {
            return StoreError::Unavailable(format!("{text}. Give Rebound a login that this database knows"));
        }
        if matches!(error.kind.as_ref(), ErrorKind::InvalidTlsConfig { .. }) {
            let advice = "Name a file with certificates in PEM form as store.trusted_root";
            return StoreError::Unavailable(format!("{text}. {advice}"));
        }
        if let Some((_, advice)) = TLS_ADVICE.iter().find(|(sign, _)| text.contains(sign)) {
            return StoreError::Unavailable(format!("{text}. {advice}"));
        }
        StoreError::Unavailable(text)
    }

    fn without_secrets(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| without(&text, secret))
    }
}

/// A secret of fewer letters stands in many words that tell nothing of it, and is taken out where it stands by itself.
const SECRET_IN_WORDS_MIN: usize = 4;

fn without(text: &str, secret: &str) -> String {
    if secret.chars().count() >= SECRET_IN_WORDS_MIN {
        return text.replace(secret, "…");
    }
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(secret) {
        shown.push_str(before);
        let in_word = shown.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        shown.push_str(if in_word { secret } else { "…" });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_and_words_stay_readable() {
        assert_eq!(without("user ann-the-admin@db failed", "ann-the-admin"), "user …@db failed");
        assert_eq!(without("user \"a\" at a database", "a"), "user \"…\" at … database");
        assert_eq!(without("anna and ann", "ann"), "anna and …");
        assert_eq!(without("annann", "ann"), "annann", "it is a part of another word");
    }
}
