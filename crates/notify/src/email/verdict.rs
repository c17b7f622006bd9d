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
        match failure {
            Failure::Ended(stage, error) => {
                let said = said(&error);
                if error.is_permanent() || error.is_client() {
                    DeliveryResult::Permanent(self.refused(stage, &said))
                } else {
                    DeliveryResult::Retry(self.not_now(stage, &said))
                }
            }
            Failure::NoRecipientTaken(refused) => {
                let each: Vec<String> =
                    refused.iter().map(|(address, error)| format!("{address} ({})", said(error))).collect();
                let each = one_line(&each.join(", "), SAID_CHARS_MAX);
                if refused.iter().all(|(_, error)| error.is_permanent()) {
                    let advice = "Correct the recipients' addresses";
                    DeliveryResult::Permanent(format!("{} takes no recipient: {each}. {advice}", self.host))
                } else {
                    DeliveryResult::Retry(format!("{} takes no recipient just now: {each}", self.host))
                }
            }
        }
    }

    pub(super) fn too_slow(&self) -> String {
        let advice = "See that host, port and kind of encryption belong together";
        format!("{}:{} did not take the message in time. {advice}", self.host, self.port)
    }

    fn refused(&self, stage: Stage, said: &str) -> String {
        let host = &self.host;
        match stage {
            Stage::Connecting => {
                format!(
                    "{host} does not speak to this machine ({said}). Ask who runs it to let this machine in"
                )
            }
            Stage::Encrypting => {
                format!("{host} does not change to TLS ({said}). Use port 465 with tls, or another server")
            }
            Stage::SigningIn => format!(
                "{host} refuses the user name or password ({said}). Put the right ones in place; \
                 some providers want an app password, and none signs in without encryption"
            ),
            Stage::NamingSender => {
                format!("{host} refuses the sender ({said}). Use an address that the account may send from")
            }
            Stage::NamingRecipients => {
                format!("{host} refuses the recipients ({said}). Correct their addresses")
            }
            Stage::HandingOver => {
                format!(
                    "{host} refuses the message ({said}). Look up the text with the provider, then change the settings"
                )
            }
        }
    }

    fn not_now(&self, stage: Stage, said: &str) -> String {
        let (host, port) = (&self.host, self.port);
        match stage {
            Stage::Connecting if said.contains("certificate") => {
                format!(
                    "{host}:{port} shows a certificate that is not trusted ({said}). Renew it, or add it as root certificate"
                )
            }
            Stage::Encrypting if said.contains("certificate") => {
                format!(
                    "{host}:{port} shows a certificate that is not trusted ({said}). Renew it, or add it as root certificate"
                )
            }
            Stage::Connecting => {
                format!(
                    "{host}:{port} cannot be reached ({said}). See that host, port, encryption and firewall are right"
                )
            }
            Stage::Encrypting => format!("the change to TLS with {host}:{port} broke ({said})"),
            Stage::SigningIn => format!("{host} cannot sign in just now ({said})"),
            Stage::NamingSender | Stage::NamingRecipients | Stage::HandingOver => {
                format!("{host} does not take the message just now ({said})")
            }
        }
    }
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
