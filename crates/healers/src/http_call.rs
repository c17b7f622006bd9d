//! A remedy that is one HTTP request, e.g. a bridge's own emergency restart.
//!
//! Sends it once and reports what was answered. Never follows a redirect, never sends twice, never shows a secret.

mod judge;

mod look;

use rebound::heal::{StepOutcome, StepRequest};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::act::{ActEnd, Progress};
use crate::http_call::judge::judge;
use crate::output::tidy;
use crate::wire::{Body, SendFailure, client_builder_for};

/// Most bytes of an answer that are read.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What is sent, and what answer is expected.
#[derive(Clone, Debug)]
pub struct HttpCallSpec {
    /// The method, e.g. `POST`.
    pub method: String,
    /// `http://` or `https://`. Shown in messages, so it may hold no secret; see [`HttpCallSpec::query`].
    pub url: String,
    /// Pairs added to the query.
    pub query: Vec<(String, Value)>,
    /// Headers.
    pub headers: Vec<(String, Value)>,
    /// Sent as JSON.
    pub body: Option<serde_json::Value>,
    /// What counts as carried out.
    pub expect: Expect,
}

/// A text that goes out as it is and may or may not be shown.
#[derive(Clone, Debug)]
pub enum Value {
    /// May be shown.
    Plain(String),
    /// Is never shown.
    Secret(SecretString),
}

impl Value {
    fn exposed(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(text) => text.expose_secret(),
        }
    }

    const fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::Plain(_) => None,
            Self::Secret(text) => Some(text),
        }
    }
}

/// What answer counts as carried out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// Statuses; empty: 200 to 299.
    pub status: Vec<u16>,
    /// A field of the JSON answer, as a path with dots, and its value. `None`: any body, except one that itself says
    /// `"success": false`.
    pub json_field: Option<(String, serde_json::Value)>,
}

/// Why a call cannot be made like this.
#[derive(Debug, thiserror::Error)]
pub enum InvalidHttpCall {
    /// The method is none.
    #[error("\"{0}\" is no HTTP method. Use GET, POST, PUT, PATCH or DELETE")]
    Method(String),
    /// The address is none.
    #[error(
        "\"{0}\" is no address for a call. Use http:// or https:// with a host, e.g. http://127.0.0.1:8000/api/restart"
    )]
    Url(String),
    /// The address holds a user or a password.
    #[error("the address of the call holds a user or password. Put it in a header as a secret")]
    UrlWithPassword,
    /// The name of a header cannot be sent.
    #[error("\"{0}\" is no name of a header. Use letters, digits and '-'")]
    HeaderName(String),
    /// The value of a header cannot be sent.
    #[error("the value of header \"{0}\" has a line break or another character that cannot be sent")]
    HeaderValue(String),
    /// A status is none.
    #[error("expected status {0} is none. Use 100 to 599")]
    Status(u16),
    /// The client could not be made.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
}

/// A remedy that is one HTTP request.
#[derive(Debug)]
pub struct HttpCall {
    spec: HttpCallSpec,
    method: Method,
    url: Url,
    client: Client,
}

impl HttpCall {
    /// Checks the specification and makes a client.
    ///
    /// # Errors
    /// [`InvalidHttpCall`] says which part cannot be sent.
    pub fn try_new(spec: HttpCallSpec) -> Result<Self, InvalidHttpCall> {
        let method = Method::from_bytes(spec.method.to_ascii_uppercase().as_bytes())
            .map_err(|_| InvalidHttpCall::Method(spec.method.clone()))?;
        let url = checked_url(&spec.url)?;
        headers(&spec)?;
        if let Some(status) = spec.expect.status.iter().find(|status| !(100..=599).contains(*status)) {
            return Err(InvalidHttpCall::Status(*status));
        }
        let client = client_builder_for(&url).build().map_err(InvalidHttpCall::Client)?;
        Ok(Self { spec, method, url, client })
    }

    pub(crate) async fn run(&self, step: &StepRequest, progress: &Progress) -> ActEnd {
        let request = match self.request(step) {
            Ok(request) => request,
            Err(error) => return ActEnd::new(StepOutcome::Refused, error.to_string()),
        };
        progress.say("the request was being sent, no answer came");
        let response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) => return self.unanswered(error.into()),
        };
        let status = response.status();
        progress.say(format!("the answer began with {status} and did not end"));
        let body = Body::read(response, BODY_BYTES_MAX).await;
        judge(&self.spec.expect, status, &body, &self.secrets())
    }

    fn request(&self, step: &StepRequest) -> Result<Request, InvalidHttpCall> {
        let mut url = self.url.clone();
        if !self.spec.query.is_empty() {
            let pairs = self.spec.query.iter().map(|(name, value)| (name, value.exposed()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let mut headers = headers(&self.spec)?;
        for name in ["idempotency-key", "x-rebound-step"] {
            let value = HeaderValue::from_str(step.step.as_str())
                .map_err(|_| InvalidHttpCall::HeaderValue(name.to_owned()))?;
            headers.insert(name, value);
        }
        let mut request = self.client.request(self.method.clone(), url).headers(headers);
        if let Some(body) = &self.spec.body {
            request = request.json(body);
        }
        request.build().map_err(|error| InvalidHttpCall::Client(error.without_url()))
    }

    fn unanswered(&self, failure: SendFailure) -> ActEnd {
        let place = self.url.origin().ascii_serialization();
        let (outcome, output) = match failure {
            SendFailure::NotSent(why) => (
                StepOutcome::Failed,
                format!(
                    "nothing was sent: {place} cannot be reached ({why}). See that the program runs and the address is right"
                ),
            ),
            SendFailure::TimedOut(why) => {
                (StepOutcome::TimedOut, format!("{why} after the request was sent"))
            }
            SendFailure::Broken(why) => {
                (StepOutcome::Lost, format!("the connection broke after the request was sent ({why})"))
            }
        };
        ActEnd::new(outcome, tidy(&output, &self.secrets()))
    }

    fn secrets(&self) -> Vec<&SecretString> {
        self.spec.query.iter().chain(&self.spec.headers).filter_map(|(_, value)| value.secret()).collect()
    }
}

fn checked_url(text: &str) -> Result<Url, InvalidHttpCall> {
    let url = Url::parse(text).map_err(|_| InvalidHttpCall::Url(text.to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidHttpCall::UrlWithPassword);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidHttpCall::Url(text.to_owned()));
    }
    Ok(url)
}

fn headers(spec: &HttpCallSpec) -> Result<HeaderMap, InvalidHttpCall> {
    let mut headers = HeaderMap::new();
    for (name, value) in &spec.headers {
        let known =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| InvalidHttpCall::HeaderName(name.clone()))?;
        let mut sent =
            HeaderValue::from_str(value.exposed()).map_err(|_| InvalidHttpCall::HeaderValue(name.clone()))?;
        sent.set_sensitive(value.secret().is_some());
        headers.append(known, sent);
    }
    Ok(headers)
}
