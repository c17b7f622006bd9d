//! What both healers need of HTTP: clients, answers of limited length, and what a failure to send means.
//!
//! Never follows redirects, never retries, and never shows an address of which a part may be secret.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, Url};

/// Longest time to make a connection, so that "nothing was sent" is known well before the deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

const USER_AGENT: &str = concat!("rebound/", env!("CARGO_PKG_VERSION"));

/// A client that makes a new connection for each request: one that the other side had already closed could not be told
/// from one that broke after the act.
pub(crate) fn client_builder() -> ClientBuilder {
    // Refused if the program has chosen its provider already, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(0)
}

/// As [`client_builder`], for calls to `url`: a proxy named in the environment could never reach this machine's own address.
pub(crate) fn client_builder_for(url: &Url) -> ClientBuilder {
    let builder = if is_own(url) { client_builder().no_proxy() } else { client_builder() };
    // Plain HTTP needs no certificate, so it must also work on a machine that has none; and reading all of them for each of
    // hundreds of remedies makes a start slow.
    if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder }
}

/// Whether it is an address of this machine alone.
pub(crate) fn is_own(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SendFailure {
    /// Nothing was sent.
    NotSent(String),
    /// It was sent; no answer came in time.
    TimedOut(String),
    /// It was sent, at least in part; then the connection broke.
    Broken(String),
}

impl From<reqwest::Error> for SendFailure {
    fn from(error: reqwest::Error) -> Self {
        let not_sent = error.is_connect() || error.is_builder();
        let timed_out = error.is_timeout();
        let error = error.without_url();
        match (not_sent, timed_out) {
            (true, true) => Self::NotSent("no connection could be made in time".to_owned()),
            (true, false) => Self::NotSent(innermost(&error)),
            (false, true) => Self::TimedOut("no answer came in time".to_owned()),
            (false, false) => Self::Broken(innermost(&error)),
        }
    }
}

/// What arrived of an answer's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: BodyEnd,
}

/// Where a body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    Whole,
    /// Longer than the limit; the rest was not read.
    TooLong,
    /// The connection broke.
    Broken(String),
}

impl Body {
    /// Reads at most `bytes_max`.
    pub(crate) async fn read(mut response: Response, bytes_max: usize) -> Self {
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(None) => return Self { bytes, end: BodyEnd::Whole },
                Ok(Some(chunk)) if bytes.len() + chunk.len() > bytes_max => {
                    return Self { bytes, end: BodyEnd::TooLong };
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Err(error) => return Self { bytes, end: BodyEnd::Broken(innermost(&error.without_url())) },
            }
        }
    }

    /// The JSON in it, if it arrived as a whole and is JSON.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        match self.end {
            BodyEnd::Whole => serde_json::from_slice(&self.bytes).ok(),
            BodyEnd::TooLong | BodyEnd::Broken(_) => None,
        }
    }

    /// Its beginning as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The words of the first cause, which say most: "Connection refused", not "error sending request".
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
