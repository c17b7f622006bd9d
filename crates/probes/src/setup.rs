//! What can be wrong before the first question, and the one TLS provider.
//!
//! Never prints a secret: addresses appear without their user, password and query.

use reqwest::Url;

/// Why a probe cannot be made of its settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The base URL is not one that can be asked.
    #[error("base URL \"{url}\" cannot be asked: {problem}. {remedy}")]
    BaseUrl {
        /// The URL without user, password and query.
        url: String,
        /// What is wrong.
        problem: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A URL is not one that can be asked.
    #[error("\"{url}\" cannot be asked: {problem}. {remedy}")]
    Url {
        /// The URL without user, password and query.
        url: String,
        /// What is wrong.
        problem: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// An endpoint is no address.
    #[error("\"{address}\" is no address: write it as host:port, e.g. \"db.example.com:5432\"")]
    Address {
        /// The text.
        address: String,
    },
    /// A header cannot be sent.
    #[error("header \"{name}\" {problem}")]
    Header {
        /// Its name. Its value is never shown.
        name: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// The connection string of a database cannot be used. It is a secret, and so is what the driver says of it.
    #[error(
        "the connection string is none of MongoDB: write it as mongodb://user:password@host:27017/?option=value, with \
         special characters of user and password as %XX"
    )]
    Connection,
    /// There is a root to trust, but the connection string of a database asks for no TLS.
    #[error(
        "a trusted root is named, but the connection string does not ask for TLS. Add tls=true to its options, or leave \
         trusted_root out"
    )]
    RootWithoutTls,
    /// There is a key, but the dialect does not say how to send it.
    #[error(
        "dialect \"{dialect}\" sends no key, but a key is set. Remove the key, or use a dialect with an [auth] part"
    )]
    KeyWithoutUse {
        /// The dialect's name.
        dialect: String,
    },
    /// The key cannot be carried by an HTTP header.
    #[error(
        "the key has characters that an HTTP header cannot carry. Look for a line break or a quote at its end"
    )]
    KeyUnusable,
    /// The certificate to trust is not one.
    #[error(
        "the trusted root certificate cannot be read: {detail}. Give one or more certificates in PEM form"
    )]
    TrustedRoot {
        /// What the reader met.
        detail: String,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be made: {detail}. This is a fault of Rebound's build; please report it")]
    Client {
        /// What it reported.
        detail: String,
    },
    /// A beacon is no address.
    #[error(
        "beacon \"{beacon}\" is no address: write it as host:port, e.g. \"one.one.one.one:443\", or as a URL, e.g. \
         \"https://example.com/\""
    )]
    Beacon {
        /// The text.
        beacon: String,
    },
    /// A beacon needs certificates that this machine lacks.
    #[error(
        "beacon \"{beacon}\" cannot be verified, because this machine has no certificates ({detail}). Install the package \
         ca-certificates, or write the beacon as host:port"
    )]
    BeaconTrust {
        /// The URL without query.
        beacon: String,
        /// What the reader met.
        detail: String,
    },
    /// Too many beacons.
    #[error("{count} beacons are too many: name at most {max}")]
    TooManyBeacons {
        /// Beacons named.
        count: usize,
        /// Most allowed.
        max: usize,
    },
}

/// Makes ring the TLS provider of this process, unless one is installed already. Cheap to call again.
///
/// Every constructor of this crate that needs it calls it.
pub fn install_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error only means that another thread was faster, with a provider as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

/// The address without what may be secret in it.
pub(crate) fn public_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}
