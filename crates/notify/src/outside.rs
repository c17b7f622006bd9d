//! Signs of life to whoever watches Rebound from outside: one HTTP request each.
//!
//! Sends once and says how it went. Never follows a redirect, and never shows more of the address than its host: such services
//! put a secret into the path.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rebound::readiness::{PingRequest, Trouble};
use rebound_engine::ports::{Clock, Outside};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::text::one_line;

/// Longest time to make a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most characters of what went wrong on the way.
const SAID_CHARS_MAX: usize = 160;

const USER_AGENT: &str = concat!("rebound/", env!("CARGO_PKG_VERSION"));

/// Where signs of life go.
#[derive(Clone)]
pub struct OutsideSpec {
    /// The address, `http://` or `https://`; its path may be a secret.
    pub url: SecretString,
    /// How it is asked.
    pub method: PingMethod,
    /// Where the address stands, for people: `outside.ping`, or the name of an environment variable.
    pub place: String,
}

/// How a sign of life is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PingMethod {
    /// Without a body.
    #[default]
    Get,
    /// With an empty body.
    Post,
}

/// Why signs of life cannot be sent like this.
#[derive(Debug, thiserror::Error)]
pub enum InvalidOutside {
    /// The address is none. It is not repeated: it may be a secret.
    #[error("the address for signs of life is none. Use http:// or https:// with a host")]
    Url,
    /// The client could not be made.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
}

/// Sends signs of life.
pub struct OutsideWatch {
    url: Url,
    host: String,
    method: Method,
    place: String,
    client: Client,
    clock: Arc<dyn Clock>,
}

impl OutsideWatch {
    /// Checks the specification and makes a client.
    ///
    /// # Errors
    /// [`InvalidOutside`] says what cannot be used.
    pub fn try_new(spec: &OutsideSpec, clock: Arc<dyn Clock>) -> Result<Self, InvalidOutside> {
        let url = Url::parse(spec.url.expose_secret()).map_err(|_| InvalidOutside::Url)?;
        let host = url.host_str().ok_or(InvalidOutside::Url)?.to_owned();
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidOutside::Url);
        }
        // Refused if the program has chosen its provider already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        // A proxy that the environment names could never reach this machine's own address.
        let builder = if is_own(&url) { Client::builder().no_proxy() } else { Client::builder() };
        let client = builder
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            // One connection for each: one that is kept may be dead when it is needed.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(InvalidOutside::Client)?;
        let method = match spec.method {
            PingMethod::Get => Method::GET,
            PingMethod::Post => Method::POST,
        };
        Ok(Self { url, host, method, place: spec.place.clone(), client, clock })
    }

    fn refused(&self, status: StatusCode) -> Trouble {
        let host = &self.host;
        let place = &self.place;
        if status.is_redirection() {
            let mend = format!("put the final address into {place}: redirects are not followed");
            return Trouble::new(format!("{host} points elsewhere ({status})"), mend);
        }
        let mend = match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                format!(
                    "compare the address in {place} with the one that the service shows: it may have been removed there"
                )
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                format!("compare the address in {place} with the one that the service shows")
            }
            StatusCode::METHOD_NOT_ALLOWED => "change outside.method".to_owned(),
            StatusCode::TOO_MANY_REQUESTS => "make outside.every longer".to_owned(),
            _ => format!("see whether {host} itself has trouble"),
        };
        Trouble::new(format!("{host} answers with {status}"), mend)
    }
}

#[async_trait]
impl Outside for OutsideWatch {
    async fn ping(&self, request: &PingRequest) -> Result<String, Trouble> {
        let left = request.deadline.since(self.clock.now());
        let sent = self.client.request(self.method.clone(), self.url.clone()).timeout(left).send().await;
        match sent {
            Ok(answer) if answer.status().is_success() => Ok(self.host.clone()),
            Ok(answer) => Err(self.refused(answer.status())),
            Err(error) => {
                let why = if error.is_timeout() {
                    "no answer came in time".to_owned()
                } else {
                    one_line(&innermost(&error.without_url()), SAID_CHARS_MAX)
                };
                let why = format!("{} cannot be reached ({why})", self.host);
                Err(Trouble::new(why, format!("see that this machine may go out to {}", self.host)))
            }
        }
    }
}

impl fmt::Debug for OutsideWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutsideWatch")
            .field("host", &self.host)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for OutsideSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutsideSpec")
            .field("method", &self.method)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

fn is_own(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The words of the first cause, which say most.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
