//! One `GET` at one service, within its time and size, and why it failed.
//!
//! Never follows a redirect, never retries, never keeps a connection: each question proves that a new one is accepted.
//! Never shows the key, which may stand in the URL.

mod connections;
mod failure;

use std::fmt;

use rebound::check::{BadAnswer, NoAnswer, ProbeOutcome};
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Response, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout_at;

use self::connections::Connections;
use crate::date::date_told;
use crate::dialects::AuthKind;
use crate::dialects::http_path::HttpPath;
use crate::limits::{BODY_BYTES_MAX, Wait};
use crate::reading::Answer;
use crate::setup::{SetupError, install_tls, public_url};
use crate::told::short;

/// A service that can be asked.
pub(crate) struct Door {
    line: Line,
    base_url: Url,
    /// The query parameter that carries the key, where the dialect wants it there.
    query_key: Option<(String, SecretString)>,
}

enum Line {
    Ready(ReadyLine),
    /// This machine lacks what the questions need; it may get it, so Rebound starts all the same.
    Unready(String),
}

struct ReadyLine {
    client: Client,
    connections: Connections,
}

/// Why a question got no answer worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing usable arrived.
    Silent(NoAnswer),
    /// Something arrived that is not an answer.
    Bad(BadAnswer),
    /// Rebound could not ask.
    Unready(String),
}

impl Door {
    /// Prepares the client for one service.
    pub(crate) fn try_new(
        base_url: Url,
        auth: &AuthKind,
        key: Option<SecretString>,
        trusted_root_pem: Option<&str>,
    ) -> Result<Self, SetupError> {
        check_base_url(&base_url)?;
        install_tls();
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        let mut query_key = None;
        match (auth, key) {
            (AuthKind::None, _) | (_, None) => {}
            (AuthKind::Header { name }, Some(key)) => {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| SetupError::KeyUnusable)?;
                headers.insert(name, secret_value(key.expose_secret())?);
            }
            (AuthKind::Bearer, Some(key)) => {
                headers.insert(AUTHORIZATION, secret_value(&format!("Bearer {}", key.expose_secret()))?);
            }
            (AuthKind::Query { name }, Some(key)) => query_key = Some((name.clone(), key)),
        }
        let line = line(&base_url, headers, trusted_root_pem)?;
        Ok(Self { line, base_url, query_key })
    }

    /// Asks `path` and returns the whole answer, if `reads` says that an answer with its status is read.
    pub(crate) async fn ask(
        &self,
        path: &HttpPath,
        reads: impl Fn(u16) -> bool,
        wait: Wait,
    ) -> Result<Answer, Failure> {
        let line = match &self.line {
            Line::Ready(line) => line,
            Line::Unready(why) => return Err(Failure::Unready(why.clone())),
        };
        let connected_before = line.connections.made();
        let exchange = async {
            let answer = line.client.get(self.url(path)).send().await;
            let answer = answer.map_err(|error| self.silent(&error.without_url(), wait))?;
            let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
            let date = date_told(date, wait.passed());
            let (path_told, status) = (|| path.as_str().to_owned(), answer.status().as_u16());
            if answer.status().is_redirection() {
                return Err(bad(BadAnswer::Redirect { path: path_told(), status }));
            }
            if !reads(status) {
                return Err(bad(BadAnswer::Status { path: path_told(), status }));
            }
            let body = self.body(path, answer, wait).await?;
            Ok(Answer { status, body, date })
        };
        timeout_at(wait.until, exchange).await.unwrap_or_else(|_| {
            // Whoever accepts connections is there, whichever of the questions of one look it was.
            let silent = line.connections.made() == connected_before;
            let why = if silent { NoAnswer::Unreachable(wait.ms) } else { NoAnswer::TimedOut(wait.ms) };
            Err(Failure::Silent(why))
        })
    }

    async fn body(&self, path: &HttpPath, mut answer: Response, wait: Wait) -> Result<Vec<u8>, Failure> {
        let too_large = || {
            let limit_bytes = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
            bad(BadAnswer::TooLarge { path: path.as_str().to_owned(), limit_bytes })
        };
        let told = answer.content_length().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
        if told > BODY_BYTES_MAX {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(told);
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| self.silent(&error.without_url(), wait))?
        {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn url(&self, path: &HttpPath) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!("{}{}", self.base_url.path().trim_end_matches('/'), path.as_str()));
        if let Some((name, key)) = &self.query_key {
            url.query_pairs_mut().append_pair(name, key.expose_secret());
        }
        url
    }

    fn silent(&self, error: &reqwest::Error, wait: Wait) -> Failure {
        Failure::Silent(failure::no_answer(error, self.base_url.scheme() == "https", wait.ms))
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("base_url", &public_url(&self.base_url)).finish_non_exhaustive()
    }
}

impl From<Failure> for ProbeOutcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silent(why) => Self::NoAnswer(why),
            Failure::Bad(why) => Self::BadAnswer(why),
            Failure::Unready(why) => Self::NotAsked(why),
        }
    }
}

fn bad(why: BadAnswer) -> Failure {
    Failure::Bad(why)
}

fn check_base_url(url: &Url) -> Result<(), SetupError> {
    let refuse = |problem, remedy| Err(SetupError::BaseUrl { url: public_url(url), problem, remedy });
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("only http and https can be asked", "Write e.g. \"http://127.0.0.1:8000\"");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return refuse("it has no host", "Write e.g. \"http://127.0.0.1:8000\"");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it holds a user or password", "Give the secret as the target's key");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse(
            "it has a query or fragment",
            "End it after the host, port and path; the dialect adds the rest",
        );
    }
    Ok(())
}

fn secret_value(text: &str) -> Result<HeaderValue, SetupError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| SetupError::KeyUnusable)?;
    value.set_sensitive(true);
    Ok(value)
}

fn line(url: &Url, headers: HeaderMap, trusted_root_pem: Option<&str>) -> Result<Line, SetupError> {
    let connections = Connections::default();
    let mut builder = Client::builder()
        .connector_layer(connections.counted())
        .user_agent(concat!("rebound/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(0)
        .http1_only();
    if is_loopback(url) {
        builder = builder.no_proxy();
    }
    match (url.scheme(), trusted_root_pem) {
        (_, Some(pem)) => {
            let roots = Certificate::from_pem_bundle(pem.as_bytes())
                .map_err(|error| SetupError::TrustedRoot { detail: chain(&error) })?;
            if roots.is_empty() {
                return Err(SetupError::TrustedRoot { detail: "it holds no certificate".to_owned() });
            }
            ready(builder.tls_certs_only(roots), connections)
        }
        // Plain HTTP needs no certificate, so it must also work on a machine that has none.
        ("http", None) => ready(builder.tls_certs_only([]), connections),
        (_, None) => Ok(builder.build().map_or_else(
            |error| {
                Line::Unready(format!(
                    "this machine cannot check certificates ({}): install the package ca-certificates, or name a \
                     trusted root for the target, then restart Rebound",
                    chain(&error)
                ))
            },
            |client| Line::Ready(ReadyLine { client, connections }),
        )),
    }
}

fn ready(builder: ClientBuilder, connections: Connections) -> Result<Line, SetupError> {
    let ready = |client| Line::Ready(ReadyLine { client, connections });
    builder.build().map(ready).map_err(|error| SetupError::Client { detail: chain(&error) })
}

/// Whether the address is this machine's own. A proxy from the environment could never reach it.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let innermost = std::iter::successors(error.source(), |error| (*error).source()).last();
    short(&innermost.map_or_else(|| error.to_string(), ToString::to_string))
}
