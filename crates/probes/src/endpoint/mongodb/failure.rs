//! What the driver's errors mean, in words that hold no secret.
//!
//! Never shows the connection string: it is a secret, and so is what the driver says of it.

use std::io;

use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ClientOptions, ServerAddress};
use rebound::check::NoAnswer;
use secrecy::{ExposeSecret as _, SecretString};

use crate::endpoint::Failure;
use crate::endpoint::certificate::words;
use crate::endpoint::tcp::{is_broken_off, not_connected};
use crate::limits::Wait;
use crate::setup::SetupError;
use crate::told::short;

/// Why a connection string whose servers are looked up by name led to none.
pub(crate) fn unparsed(error: &Error) -> Failure {
    let ErrorKind::DnsResolve { message, .. } = error.kind.as_ref() else {
        return Failure::Unready(SetupError::Connection.to_string());
    };
    // The driver tells a name without servers from a resolver in trouble in words only.
    Failure::Silent(if message.contains("no records") {
        NoAnswer::NameUnknown
    } else {
        NoAnswer::Other("the servers' names could not be looked up".to_owned())
    })
}

/// What an answer says that is an error.
pub(crate) fn refusal(error: &Error, secrets: &Secrets) -> Option<String> {
    let kind = error.kind.as_ref();
    let why = if let ErrorKind::Authentication { message, .. } = kind {
        format!("the login was refused: {message}")
    } else if let ErrorKind::Command(command) = kind {
        format!("error {} ({}): {}", command.code, command.code_name, command.message)
    } else if let ErrorKind::IncompatibleServer { message, .. } = kind {
        message.clone()
    } else {
        return None;
    };
    Some(short(&secrets.hidden(&why)))
}

/// Why a server that was found did not answer.
pub(crate) fn silence(error: &Error, wait: Wait, secrets: &Secrets) -> Failure {
    if let Some(failure) = definite(error) {
        return failure;
    }
    let ErrorKind::Io(cause) = error.kind.as_ref() else {
        return Failure::Silent(NoAnswer::Other(short(&secrets.hidden(&error.kind.to_string()))));
    };
    Failure::Silent(if cause.kind() == io::ErrorKind::TimedOut {
        NoAnswer::TimedOut(wait.passed_ms())
    } else {
        not_connected(cause, wait)
    })
}

/// What an error says for certain of the other side.
pub(crate) fn definite(error: &Error) -> Option<Failure> {
    if matches!(error.kind.as_ref(), ErrorKind::InvalidResponse { .. } | ErrorKind::Bson(_)) {
        let seen = "something that is not MongoDB".to_owned();
        return Some(Failure::Foreign { expected: "MongoDB", seen });
    }
    let ErrorKind::Io(cause) = error.kind.as_ref() else {
        return None;
    };
    if let Some(tls) = cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Some(Failure::Silent(NoAnswer::Tls(short(&words(tls)))));
    }
    if cause.kind() == io::ErrorKind::ConnectionRefused {
        return Some(Failure::Silent(NoAnswer::Refused));
    }
    is_broken_off(cause).then_some(Failure::Silent(NoAnswer::BrokeOff))
}

/// Why the driver makes no client of a connection string.
pub(crate) fn unusable(error: &Error, secrets: &Secrets) -> Failure {
    Failure::Unready(short(&secrets.hidden(&format!("the driver cannot use the connection string: {error}"))))
}

/// What no message may hold.
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(super) fn of(connection: &SecretString, options: &ClientOptions) -> Self {
        let credential = options.credential.as_ref();
        let user = credential.and_then(|credential| credential.username.clone());
        let password = credential.and_then(|credential| credential.password.clone());
        let hosts = options.hosts.iter().map(ServerAddress::to_string);
        let parts = [Some(connection.expose_secret().to_owned()), password, user];
        let parts = parts.into_iter().flatten().chain(hosts).filter(|part| !part.is_empty());
        Self(parts.map(SecretString::from).collect())
    }

    fn hidden(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "…"))
    }
}
