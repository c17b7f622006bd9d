//! One request over HTTP, within its time and size, and why it got no answer.
//!
//! Reports any status as it is. Never follows a redirect, never retries, never keeps a connection, never goes through a proxy,
//! never shows a header's value.

use std::error::Error;
use std::{fmt, io};

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, DATE, EXPECT, HOST, HeaderMap,
    HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rebound::check::NoAnswer;
use rebound::time::Timestamp;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use url::Position;

use super::Failure;
use super::certificate::{Dates, Tls};
use super::tcp::{Place, is_broken_off};
use crate::limits::{BODY_BYTES_MAX, Budget, HEAD_BYTES_MAX};
use crate::setup::{SetupError, public_url};
use crate::told::short;

/// Headers that belong to the connection or decide how a body is written: they are Rebound's own.
const HEADERS_KEPT: [HeaderName; 8] =
    [ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// A service that can be asked one question.
pub(crate) struct HttpDoor {
    place: Place,
    tls: Option<Tls>,
    request: Request<Empty<Bytes>>,
    url: String,
}

/// A question that began to be answered.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// When the certificate that was shown ends.
    pub(crate) certificate_ends: Option<Timestamp>,
    response: Response<Incoming>,
    /// The connection lives as long as somebody may ask over it and somebody carries its bytes.
    _connection: (SendRequest<Empty<Bytes>>, JoinSet<Result<(), hyper::Error>>),
}

/// What was read of an answer's body.
pub(crate) struct Body {
    /// Its beginning, at most [`BODY_BYTES_MAX`].
    pub(crate) bytes: Vec<u8>,
    /// Whether that is all.
    pub(crate) whole: bool,
}

/// What carries bytes, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl HttpDoor {
    /// Prepares a request; asks nothing yet.
    pub(crate) fn try_new(
        method: Method,
        url: &Url,
        headers: &[(String, SecretString)],
        trusted_root_pem: Option<&str>,
        dates: Dates,
    ) -> Result<Self, SetupError> {
        let place = checked(url)?;
        let tls = match url.scheme() {
            "https" => Some(Tls::try_new(url, place.host(), trusted_root_pem, dates)?),
            _ => None,
        };
        let mut request = Request::new(Empty::new());
        *request.method_mut() = method;
        *request.uri_mut() = path_of(url)?;
        *request.headers_mut() = own_headers(url)?;
        for (name, value) in headers {
            let (name, value) = given_header(name, value)?;
            request.headers_mut().insert(name, value);
        }
        Ok(Self { place, tls, request, url: public_url(url) })
    }

    /// Why no certificate can be checked here, if one is to be checked and that is so.
    pub(crate) fn unready(&self) -> Option<&str> {
        self.tls.as_ref().and_then(Tls::unready)
    }

    /// Asks, and waits for the head of the answer. Only the connection has a limit here; the caller holds the deadline.
    pub(crate) async fn ask(&self, budget: Budget) -> Result<Answer, Failure> {
        let stream = self.place.connect(budget.side).await.map_err(Failure::Silent)?;
        let (stream, certificate_ends): (Box<dyn Wire>, _) = match &self.tls {
            Some(tls) => {
                let (stream, ends) = tls.greet(stream).await?;
                (Box::new(stream), ends)
            }
            None => (Box::new(stream), None),
        };
        let handshake = Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| broken(&error))?;
        let mut carrying = JoinSet::new();
        carrying.spawn(connection);
        let response = sender.send_request(self.request.clone()).await.map_err(|error| broken(&error))?;
        let status = response.status().as_u16();
        Ok(Answer { status, certificate_ends, response, _connection: (sender, carrying) })
    }
}

impl fmt::Debug for HttpDoor {
    /// Without headers and query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpDoor").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Answer {
    /// The `Date` header.
    pub(crate) fn date(&self) -> Option<&str> {
        self.response.headers().get(DATE).and_then(|date| date.to_str().ok())
    }

    /// Whether the body is written as it is, and not packed.
    pub(crate) fn is_plain(&self) -> bool {
        self.response.headers().get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity")
    }

    /// Reads the body, up to the limit.
    pub(crate) async fn body(&mut self) -> Result<Body, Failure> {
        let mut bytes = Vec::new();
        while let Some(frame) = self.response.body_mut().frame().await {
            let frame = frame.map_err(|error| broken(&error))?;
            let Some(data) = frame.data_ref() else { continue };
            let room = BODY_BYTES_MAX - bytes.len();
            bytes.extend_from_slice(data.get(..room).unwrap_or(data));
            if data.len() > room {
                return Ok(Body { bytes, whole: false });
            }
        }
        Ok(Body { bytes, whole: true })
    }
}

/// Why an answer did not come, or did not end.
fn broken(error: &hyper::Error) -> Failure {
    let cause = std::iter::successors(error.source(), |cause| (*cause).source())
        .find_map(|cause| cause.downcast_ref::<io::Error>());
    if error.is_incomplete_message()
        || error.is_canceled()
        || error.is_closed()
        || cause.is_some_and(is_broken_off)
    {
        Failure::Silent(NoAnswer::BrokeOff)
    } else if error.is_parse() {
        Failure::Foreign { expected: "HTTP", seen: short(&format!("something that is not HTTP ({error})")) }
    } else {
        let innermost = std::iter::successors(error.source(), |cause| (*cause).source()).last();
        let why = innermost.map_or_else(|| error.to_string(), ToString::to_string);
        Failure::Silent(NoAnswer::Other(short(&why)))
    }
}

fn checked(url: &Url) -> Result<Place, SetupError> {
    let refuse = |problem, remedy| Err(SetupError::Url { url: public_url(url), problem, remedy });
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("only http and https can be asked", "Write e.g. \"https://example.com/health\"");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it holds a user or password", "Give the secret as a header, e.g. Authorization");
    }
    if url.fragment().is_some() {
        return refuse("it has a fragment, which no server is told", "End it before the \"#\"");
    }
    match Place::of_url(url) {
        Some(place) => Ok(place),
        None => refuse("it has no host", "Write e.g. \"https://example.com/health\""),
    }
}

/// Path and query as they are sent.
fn path_of(url: &Url) -> Result<Uri, SetupError> {
    url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| SetupError::Url {
        url: public_url(url),
        problem: "its path or query has characters that cannot be sent",
        remedy: "Write them as %XX",
    })
}

fn own_headers(url: &Url) -> Result<HeaderMap, SetupError> {
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]).map_err(|_| {
        SetupError::Url {
            url: public_url(url),
            problem: "its host has characters that cannot be sent",
            remedy: "Write it in ASCII",
        }
    })?;
    Ok(HeaderMap::from_iter([
        (HOST, host),
        (USER_AGENT, HeaderValue::from_static(concat!("rebound/", env!("CARGO_PKG_VERSION")))),
        (ACCEPT, HeaderValue::from_static("*/*")),
        (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        (CONNECTION, HeaderValue::from_static("close")),
    ]))
}

fn given_header(name: &str, value: &SecretString) -> Result<(HeaderName, HeaderValue), SetupError> {
    let refuse = |problem| SetupError::Header { name: short(name), problem };
    let known = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| refuse("is no name of a header. Use letters, digits and \"-\""))?;
    if HEADERS_KEPT.contains(&known) {
        return Err(refuse("is set by Rebound itself. Remove it"));
    }
    let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| {
        refuse("has a value that a header cannot carry. Look for a line break or a quote at its end")
    })?;
    value.set_sensitive(true);
    Ok((known, value))
}
