//! One conversation with a mail server.
//!
//! Knows at which stage it ended, so that the report can say what to do. Has no time limit of its own but the one for the
//! connection: the caller sets it.

use std::fmt;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret, SecretString};

use crate::email::verdict::{Failure, Stage, said};
use crate::email::{EmailSpec, InvalidEmail, Security};

/// Longest time to reach one address of the server, so that a second one gets its turn.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A mail server and how to speak to it.
pub(super) struct Relay {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    tls: TlsParameters,
    pub(super) account: Option<(String, SecretString)>,
    hello_name: ClientId,
}

/// A conversation whose purpose is reached: only the goodbye is left.
pub(super) struct Sent {
    connection: AsyncSmtpConnection,
    /// Recipients that were refused while others were not, and why.
    pub(super) left_out: Vec<(Address, String)>,
}

impl Sent {
    pub(super) async fn say_goodbye(mut self) {
        if let Err(error) = self.connection.quit().await {
            tracing::debug!(%error, "the mail server did not say goodbye");
        }
    }
}

impl Relay {
    pub(super) fn try_new(spec: &EmailSpec) -> Result<Self, InvalidEmail> {
        if spec.host.trim().is_empty() {
            return Err(InvalidEmail::Host);
        }
        let mut tls = TlsParameters::builder(spec.host.clone());
        if let Some(pem) = &spec.root_certificate_pem {
            tls = tls.add_root_certificate(certificate(pem)?);
        }
        let account = match (&spec.username, &spec.password) {
            (Some(name), Some(password)) => Some((name.clone(), password.clone())),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(InvalidEmail::HalfAnAccount),
        };
        Ok(Self {
            host: spec.host.clone(),
            port: spec.port,
            security: spec.security,
            tls: tls.build().map_err(InvalidEmail::Tls)?,
            account,
            hello_name: ClientId::default(),
        })
    }

    /// Speaks with the server as far as it goes without a message: connects, encrypts, signs in. An error says at which stage
    /// it ended.
    pub(super) async fn sign_in(&self) -> Result<Sent, Failure> {
        let connection = self.connect_and_sign_in().await?;
        Ok(Sent { connection, left_out: Vec::new() })
    }

    /// Hands the message over. An error says at which stage it ended.
    pub(super) async fn send(&self, from: &Address, to: &[Address], message: &[u8]) -> Result<Sent, Failure> {
        let mut connection = self.connect_and_sign_in().await?;
        let sender = Mail::new(Some(from.clone()), vec![]);
        connection.command(sender).await.map_err(at(Stage::NamingSender))?;
        let mut refused = Vec::new();
        for address in to {
            if let Err(error) = connection.command(Rcpt::new(address.clone(), vec![])).await {
                // Without a status the conversation itself is over.
                if error.status().is_none() {
                    return Err(at(Stage::NamingRecipients)(error));
                }
                refused.push((address.clone(), error));
            }
        }
        if refused.len() == to.len() {
            return Err(Failure::NoRecipientTaken(refused));
        }
        connection.command(Data).await.map_err(at(Stage::HandingOver))?;
        connection.message(message).await.map_err(at(Stage::HandingOver))?;
        let left_out = refused.into_iter().map(|(address, error)| (address, said(&error))).collect();
        Ok(Sent { connection, left_out })
    }

    async fn connect_and_sign_in(&self) -> Result<AsyncSmtpConnection, Failure> {
        let mut connection = self.connect().await.map_err(at(Stage::Connecting))?;
        if self.security == Security::StartTls {
            let upgraded = connection.starttls(self.tls.clone(), &self.hello_name).await;
            upgraded.map_err(at(Stage::Encrypting))?;
        }
        if let Some((name, password)) = &self.account {
            let credentials = Credentials::new(name.clone(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(at(Stage::SigningIn))?;
        }
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let tls = match self.security {
            Security::Tls => Some(self.tls.clone()),
            Security::Plain | Security::StartTls => None,
        };
        let server = (self.host.as_str(), self.port);
        AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT_TIMEOUT), &self.hello_name, tls, None).await
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("username", &self.account.as_ref().map(|(name, _)| name))
            .finish_non_exhaustive()
    }
}

fn at(stage: Stage) -> impl FnOnce(Error) -> Failure {
    move |error| Failure::Ended(stage, error)
}

fn certificate(pem: &str) -> Result<Certificate, InvalidEmail> {
    // A file without any certificate is read without an error, as none.
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(InvalidEmail::Certificate);
    }
    Certificate::from_pem(pem.as_bytes()).map_err(|_| InvalidEmail::Certificate)
}
