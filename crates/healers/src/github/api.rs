//! The requests to GitHub's API, and what each answer says.
//!
//! Each function sends once. Whether to ask again is decided by the caller.

use std::time::Duration;

use rebound::time::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use crate::github::answers::{Asked, date, is_rate_limited, refusal, retry_after};
use crate::github::runs::{Run, RunId};
use crate::github::spec::{DispatchMode, GithubSpec, InvalidGithubDispatch, checked_api_url};
use crate::wire::{Body, SendFailure, client_builder_for};

/// Most bytes of an answer that are read. One run takes about 15 KiB.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Runs on a page. Newest first, so that the run of a dispatch is among them.
const RUNS_PER_PAGE: &str = "30";

/// What became of a dispatch.
#[derive(Debug)]
pub(super) enum Dispatched {
    /// GitHub named the run.
    Started(RunId),
    /// GitHub accepted it, `at` its own time.
    Accepted { at: Option<Timestamp> },
    /// It did not happen, and says why.
    Refused(String),
    /// It may or may not have happened, and says why: a clause.
    InDoubt(String),
}

/// Why something could not be read.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) why: String,
    pub(super) cure: Cure,
}

/// What helps against trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cure {
    /// Time, at least this much if GitHub says so.
    Waiting(Option<Duration>),
    /// A person.
    Person,
}

#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    spec: GithubSpec,
    base: Url,
}

#[derive(Deserialize)]
struct RunDetails {
    workflow_run_id: RunId,
}

#[derive(Deserialize)]
struct RunList {
    workflow_runs: Vec<Run>,
}

impl Api {
    pub(super) fn try_new(spec: &GithubSpec) -> Result<Self, InvalidGithubDispatch> {
        let base = checked_api_url(&spec.api_url)?;
        let token = spec.token.expose_secret();
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| InvalidGithubDispatch::Token)?;
        if token.is_empty() || token.contains(char::is_whitespace) {
            return Err(InvalidGithubDispatch::Token);
        }
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
        let client = client_builder_for(&base)
            .default_headers(headers)
            .timeout(spec.request_timeout)
            .build()
            .map_err(InvalidGithubDispatch::Client)?;
        Ok(Self { client, spec: spec.clone(), base })
    }

    pub(super) async fn dispatch(&self, body: &Value) -> Dispatched {
        let url = match &self.spec.mode {
            DispatchMode::RepositoryDispatch { .. } => self.url(&["dispatches"]),
            DispatchMode::WorkflowDispatch { workflow_file, .. } => {
                self.url(&["actions", "workflows", workflow_file, "dispatches"])
            }
        };
        let response = match self.client.post(url).json(body).send().await {
            Ok(response) => response,
            Err(error) => {
                return match error.into() {
                    SendFailure::NotSent(why) => Dispatched::Refused(self.unreachable(&why)),
                    SendFailure::TimedOut(_) => {
                        Dispatched::InDoubt("GitHub did not answer the dispatch in time".to_owned())
                    }
                    SendFailure::Broken(why) => Dispatched::InDoubt(format!(
                        "the connection to GitHub broke during the dispatch ({why})"
                    )),
                };
            }
        };
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_server_error() {
            return Dispatched::InDoubt(format!("GitHub answered the dispatch with {status}"));
        }
        let body = Body::read(response, BODY_BYTES_MAX).await;
        if !status.is_success() {
            return Dispatched::Refused(refusal(
                &self.spec,
                Asked::Dispatch,
                status,
                &headers,
                &message(&body),
            ));
        }
        match serde_json::from_slice::<RunDetails>(&body.bytes) {
            Ok(details) => Dispatched::Started(details.workflow_run_id),
            Err(_) => Dispatched::Accepted { at: date(&headers) },
        }
    }

    /// The newest runs that the mode's event started since then.
    pub(super) async fn runs(&self, since: Timestamp) -> Result<Vec<Run>, Trouble> {
        let url = match &self.spec.mode {
            DispatchMode::RepositoryDispatch { .. } => self.url(&["actions", "runs"]),
            DispatchMode::WorkflowDispatch { workflow_file, .. } => {
                self.url(&["actions", "workflows", workflow_file, "runs"])
            }
        };
        let created = format!(">={}", since.rfc3339());
        let query = [("event", self.spec.mode.event()), ("created", &created), ("per_page", RUNS_PER_PAGE)];
        let list: RunList = self.read(self.client.get(url).query(&query)).await?;
        Ok(list.workflow_runs)
    }

    pub(super) async fn run(&self, id: RunId) -> Result<Run, Trouble> {
        self.read(self.client.get(self.url(&["actions", "runs", &id.to_string()]))).await
    }

    /// Something below the repository, with all that its answer says; the repository itself for no `parts`.
    pub(super) async fn look(&self, parts: &[&str]) -> Result<(StatusCode, HeaderMap, Body), Trouble> {
        let response = self.send(self.client.get(self.url(parts))).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok((status, headers, Body::read(response, BODY_BYTES_MAX).await))
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Trouble> {
        let response = self.send(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = Body::read(response, BODY_BYTES_MAX).await;
        if status.is_success() {
            return serde_json::from_slice(&body.bytes).map_err(|_| Trouble {
                why: format!("GitHub's answer {status} could not be understood"),
                cure: Cure::Waiting(None),
            });
        }
        let passes = status.is_server_error() || is_rate_limited(status, &headers);
        let cure = if passes { Cure::Waiting(retry_after(&headers)) } else { Cure::Person };
        Err(Trouble { why: refusal(&self.spec, Asked::Runs, status, &headers, &message(&body)), cure })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Trouble> {
        request.send().await.map_err(|error| {
            let why = match error.into() {
                SendFailure::NotSent(why) | SendFailure::TimedOut(why) | SendFailure::Broken(why) => {
                    self.unreachable(&why)
                }
            };
            Trouble { why, cure: Cure::Waiting(None) }
        })
    }

    fn unreachable(&self, why: &str) -> String {
        let place = self.base.host_str().unwrap_or("GitHub");
        format!("{place} cannot be reached ({why}). See that this machine may go out to it")
    }

    fn url(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["repos", &self.spec.owner, &self.spec.repo]).extend(parts);
        }
        url
    }
}

pub(super) fn message(body: &Body) -> String {
    let json = body.json();
    let said = json.as_ref().and_then(|json| json.get("message")).and_then(Value::as_str);
    said.map_or_else(|| body.text(), str::to_owned)
}
