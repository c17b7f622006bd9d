//! Alerts as e-mail over SMTP.
//!
//! One connection per message: alerts are rare, and a connection kept for later is one more thing that may be dead when it
//! is needed. A message that goes out again has the same Message-ID. Never tries twice by itself.

mod look;
mod smtp;
mod verdict;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::{Address, Message};
use rebound::alert::{DeliveryResult, SendRequest};
use rebound_engine::ports::{Clock, Notifier};
use secrecy::SecretString;
use tokio::time::timeout;

use crate::email::smtp::{Relay, Sent};
use crate::letter::{Envelope, Letterhead, Templates};

/// The channel's name in the alert policy.
const CHANNEL: &str = "email";

/// Longest time to say goodbye after the message was taken over; its answer changes nothing.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// How mail goes out, from whom and to whom.
#[derive(Clone)]
pub struct EmailSpec {
    /// The mail server's name or address.
    pub host: String,
    /// Its port: usually 465 for [`Security::Tls`], 587 for [`Security::StartTls`], 25 for [`Security::Plain`].
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The account's name, where the server wants one.
    pub username: Option<String>,
    /// The account's password.
    pub password: Option<SecretString>,
    /// The sender, e.g. `Rebound <rebound@example.org>`.
    pub from: String,
    /// The recipients, likewise.
    pub to: Vec<String>,
    /// Put before each subject; may be empty.
    pub subject_prefix: String,
    /// Name of this Rebound, for the foot of each message.
    pub site: String,
    /// A certificate to trust besides those of the usual authorities, for a server that signs its own.
    pub root_certificate_pem: Option<String>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: for a server on the same machine.
    Plain,
    /// Begins in the open and must change to TLS before anything is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// Why mail cannot be sent like this.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEmail {
    /// The host is empty.
    #[error("the mail server's host is empty. Use its name, e.g. smtp.example.org")]
    Host,
    /// An address cannot be one.
    #[error(
        "\"{0}\" is no mail address. Use name@example.org or Name <name@example.org>, without umlauts in the address"
    )]
    Address(String),
    /// There is no recipient.
    #[error("mail has no recipient. Put at least one address into the list")]
    NoRecipient,
    /// There are too many recipients.
    #[error("{0} recipients are more than {max}. Use the address of a list", max = RECIPIENTS_MAX)]
    TooManyRecipients(usize),
    /// Only one of user name and password is there.
    #[error("user name and password of the mail account go together. Give both, or neither")]
    HalfAnAccount,
    /// The certificate cannot be read.
    #[error(
        "the additional certificate for the mail server cannot be read. Use PEM, as in `-----BEGIN CERTIFICATE-----`"
    )]
    Certificate,
    /// TLS could not be prepared.
    #[error("TLS to the mail server could not be prepared")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// A template cannot be used.
    #[error("a template for messages cannot be used")]
    Template(#[source] minijinja::Error),
}

/// Most recipients of a message; beyond it a list serves better.
const RECIPIENTS_MAX: usize = 20;

/// Brings alerts to people as e-mail.
pub struct EmailNotifier {
    relay: Relay,
    from: Mailbox,
    to: Vec<Mailbox>,
    letterhead: Letterhead,
    templates: Templates,
    clock: Arc<dyn Clock>,
}

impl EmailNotifier {
    /// Checks the specification.
    ///
    /// # Errors
    /// [`InvalidEmail`] says which part cannot be used.
    pub fn try_new(spec: EmailSpec, clock: Arc<dyn Clock>) -> Result<Self, InvalidEmail> {
        let from = mailbox(&spec.from)?;
        let to = spec.to.iter().map(|text| mailbox(text)).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(InvalidEmail::NoRecipient);
        }
        if to.len() > RECIPIENTS_MAX {
            return Err(InvalidEmail::TooManyRecipients(to.len()));
        }
        Ok(Self {
            relay: Relay::try_new(&spec)?,
            from,
            to,
            letterhead: Letterhead { subject_prefix: spec.subject_prefix, site: spec.site },
            templates: Templates::try_new().map_err(InvalidEmail::Template)?,
            clock,
        })
    }

    fn write(&self, request: &SendRequest) -> Result<Message, String> {
        let envelope = Envelope { from: &self.from, to: &self.to, at: self.clock.now() };
        self.templates.write(&request.alert, &self.letterhead, &envelope)
    }
}

#[async_trait]
impl Notifier for EmailNotifier {
    fn channel(&self) -> &str {
        CHANNEL
    }

    async fn send(&self, request: &SendRequest) -> DeliveryResult {
        let message = match self.write(request) {
            Ok(message) => message.formatted(),
            Err(why) => return DeliveryResult::Permanent(format!("the message could not be written: {why}")),
        };
        let to: Vec<Address> = self.to.iter().map(|mailbox| mailbox.email.clone()).collect();
        let left = request.deadline.since(self.clock.now());
        // lettre's own time limit covers the connection only; a silent server would hold the message for ever.
        let sent = timeout(left, Box::pin(self.relay.send(&self.from.email, &to, &message))).await;
        match sent {
            Ok(Ok(sent)) => {
                report_left_out(request, &sent);
                let left = request.deadline.since(self.clock.now()).min(GOODBYE_TIMEOUT);
                timeout(left, sent.say_goodbye()).await.ok();
                DeliveryResult::Delivered
            }
            Ok(Err(failure)) => self.relay.judge(failure),
            Err(_) => DeliveryResult::Retry(self.relay.too_slow()),
        }
    }
}

impl fmt::Debug for EmailNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailNotifier")
            .field("relay", &self.relay)
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EmailSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSpec")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "•••"))
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// A wrong recipient must not keep the message from the others, so it is delivered; but somebody should know.
fn report_left_out(request: &SendRequest, sent: &Sent) {
    for (address, why) in &sent.left_out {
        tracing::warn!(alert.id = %request.alert.id, "alert {} did not reach {address}: {why}", request.alert.id);
    }
}

fn mailbox(text: &str) -> Result<Mailbox, InvalidEmail> {
    let wrong = || InvalidEmail::Address(text.to_owned());
    let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
    if mailbox.email.to_string().is_ascii() { Ok(mailbox) } else { Err(wrong()) }
}
