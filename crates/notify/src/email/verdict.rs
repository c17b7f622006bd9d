//! What the end of a conversation with a mail server means for the message.
//!
//! | end | result |
//! |---|---|
//! | 4xx, time over, connection broken or never made | `Retry` |
//! | 5xx, no STARTTLS, no way of signing in | `Permanent`: a person must change something |
//!
//! Pure; sends nothing.

use std::error::Error as _;

use lettre::Address;
use lettre::transport::smtp::Error;
use rebound::alert::DeliveryResult;
use rebound::readiness::Trouble;

use crate::email::smtp::Relay;
use crate::text::one_line;

/// Most characters of what a server said.
const SAID_CHARS_MAX: usize = 200;

/// Why a message was not taken over.
#[derive(Debug)]
pub(super) enum Failure {
    /// The conversation ended at this stage.
    Ended(Stage, Error),
    /// Every recipient was refused.
    NoRecipientTaken(Vec<(Address, Error)>),
}

/// Whether a failure stays until a person changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    Yes,
    Perhaps,
}

/// How far a conversation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connecting,
    Encrypting,
    SigningIn,
    NamingSender,
    NamingRecipients,
    HandingOver,
}

impl Relay {
    pub(super) fn judge(&self, failure: Failure) -> DeliveryResult {
        match self.trouble(failure) {
            (Lasts::Yes, trouble) => DeliveryResult::Permanent(in_one(trouble)),
            (Lasts::Perhaps, trouble) => DeliveryResult::Retry(in_one(trouble)),
        }
    }

    /// What a failure means, and what to do about it.
    pub(super) fn trouble(&self, failure: Failure) -> (Lasts, Trouble) {
        match failure {
            Failure::Ended(stage, error) => {
                let said = said(&error);
                if error.is_permanent() || error.is_client() {
                    (Lasts::Yes, self.refused(stage, &said))
                } else {
                    (Lasts::Perhaps, self.not_now(stage, &said))
                }
            }
            Failure::NoRecipientTaken(refused) => {
                let each: Vec<String> =
                    refused.iter().map(|(address, error)| format!("{address} ({})", said(error))).collect();
                let each = one_line(&each.join(", "), SAID_CHARS_MAX);
                if refused.iter().all(|(_, error)| error.is_permanent()) {
                    let why = format!("{} takes no recipient: {each}", self.host);
                    (Lasts::Yes, Trouble::new(why, "Correct the recipients' addresses"))
                } else {
                    let why = format!("{} takes no recipient just now: {each}", self.host);
                    (Lasts::Perhaps, Trouble::new(why, ""))
                }
            }
        }
    }

    pub(super) fn too_slow(&self) -> String {
        in_one(self.slowness("did not take the message in time"))
    }

    /// The server did not do something in time.
    pub(super) fn slowness(&self, what: &str) -> Trouble {
        let advice = "See that host, port and kind of encryption belong together";
        Trouble::new(format!("{}:{} {what}", self.host, self.port), advice)
    }

    fn refused(&self, stage: Stage, said: &str) -> Trouble {
        let host = &self.host;
        let (why, advice) = match stage {
            Stage::Connecting => ("does not speak to this machine", "Ask who runs it to let this machine in"),
            Stage::Encrypting => ("does not change to TLS", "Use port 465 with tls, or another server"),
            Stage::SigningIn => (
                "refuses the user name or password",
                "Put the right ones in place; some providers want an app password, and none signs in without encryption",
            ),
            Stage::NamingSender => ("refuses the sender", "Use an address that the account may send from"),
            Stage::NamingRecipients => ("refuses the recipients", "Correct their addresses"),
            Stage::HandingOver => {
                ("refuses the message", "Look up the text with the provider, then change the settings")
            }
        };
        Trouble::new(format!("{host} {why} ({said})"), advice)
    }

    fn not_now(&self, stage: Stage, said: &str) -> Trouble {
        let (host, port) = (&self.host, self.port);
        match stage {
            Stage::Connecting | Stage::Encrypting if said.contains("certificate") => Trouble::new(
                format!("{host}:{port} shows a certificate that is not trusted ({said})"),
                "Renew it, or add it as root certificate",
            ),
            Stage::Connecting => Trouble::new(
                format!("{host}:{port} cannot be reached ({said})"),
                "See that host, port, encryption and firewall are right",
            ),
            Stage::Encrypting => {
                Trouble::new(format!("the change to TLS with {host}:{port} broke ({said})"), "")
            }
            Stage::SigningIn => Trouble::new(format!("{host} cannot sign in just now ({said})"), ""),
            Stage::NamingSender | Stage::NamingRecipients | Stage::HandingOver => {
                Trouble::new(format!("{host} does not take the message just now ({said})"), "")
            }
        }
    }
}

/// What is wrong and what to do about it, in one text.
fn in_one(trouble: Trouble) -> String {
    if trouble.mend.is_empty() { trouble.why } else { format!("{}. {}", trouble.why, trouble.mend) }
}

/// What the server said, with its status; or the words of the first cause.
pub(super) fn said(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let words = match error.status() {
        Some(status) => format!("{status} {}", error.source().map_or_else(String::new, ToString::to_string)),
        None => cause.to_string(),
    };
    one_line(&words, SAID_CHARS_MAX)
}
