//! What GitHub's refusals mean, each as a sentence that says what to do.
//!
//! Pure; decides nothing about sending again.

use std::time::Duration;

use chrono::DateTime;
use rebound::readiness::Trouble;
use rebound::time::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::github::{DispatchMode, GithubSpec};
use crate::output::quote;

/// What was asked when the refusal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To start the workflow.
    Dispatch,
    /// To show its runs.
    Runs,
}

/// The refusal as a sentence.
pub(super) fn refusal(
    spec: &GithubSpec,
    asked: Asked,
    status: StatusCode,
    headers: &HeaderMap,
    message: &str,
) -> String {
    let Trouble { why, mend } = trouble(spec, asked, status, headers, message);
    format!("{why}. {mend}")
}

/// The refusal, and what to do about it.
pub(super) fn trouble(
    spec: &GithubSpec,
    asked: Asked,
    status: StatusCode,
    headers: &HeaderMap,
    message: &str,
) -> Trouble {
    let message = quote(message, &[&spec.token]);
    let said =
        if message.is_empty() { status.to_string() } else { format!("{}: {message}", status.as_u16()) };
    if is_rate_limited(status, headers) {
        return Trouble::new(format!("GitHub's limit of requests is used up ({said})"), when_again(headers));
    }
    let place = format!("{}/{}", spec.owner, spec.repo);
    match status {
        StatusCode::UNAUTHORIZED => Trouble::new(
            format!("GitHub refuses the token ({said})"),
            format!("It is wrong, expired or withdrawn: make a new one and put it into {}", spec.token_place),
        ),
        StatusCode::FORBIDDEN => Trouble::new(
            format!("the token may not do this ({said})"),
            format!("Give it, for {place}, the permission {}", permission(spec, asked)),
        ),
        StatusCode::NOT_FOUND => Trouble::new(
            format!("{} does not exist, or the token cannot see it ({said})", thing(spec)),
            "Check the names and the token's repositories",
        ),
        StatusCode::UNPROCESSABLE_ENTITY => {
            Trouble::new(format!("GitHub refuses the dispatch as invalid ({said})"), compare(spec))
        }
        _ if status.is_redirection() => Trouble::new(
            format!("{place} has moved ({said})"),
            "Put the repository's present owner and name into the remedy",
        ),
        _ => Trouble::new(
            format!("GitHub refuses the request ({said})"),
            "Look at the repository's Actions page",
        ),
    }
}

/// Whether the refusal is one of too many requests, which waiting cures.
pub(super) fn is_rate_limited(status: StatusCode, headers: &HeaderMap) -> bool {
    let spent = text(headers, "x-ratelimit-remaining") == Some("0") || headers.contains_key("retry-after");
    status == StatusCode::TOO_MANY_REQUESTS || (status == StatusCode::FORBIDDEN && spent)
}

/// How long GitHub asks to wait.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, "retry-after")?.parse().ok().map(Duration::from_secs)
}

/// GitHub's own time.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = DateTime::parse_from_rfc2822(text(headers, "date")?).ok()?;
    Some(Timestamp::from_ms(date.timestamp_millis()))
}

fn when_again(headers: &HeaderMap) -> String {
    let reset = text(headers, "x-ratelimit-reset").and_then(|seconds| seconds.parse::<i64>().ok());
    match (retry_after(headers), reset) {
        (Some(wait), _) => {
            format!("Wait {}, or give Rebound a token of its own", rebound::time::spoken(wait))
        }
        (None, Some(seconds)) => {
            let at = Timestamp::from_ms(seconds.saturating_mul(1_000));
            format!("It is free again at {at}; give Rebound a token of its own")
        }
        (None, None) => "Wait some minutes, or give Rebound a token of its own".to_owned(),
    }
}

pub(super) const fn permission(spec: &GithubSpec, asked: Asked) -> &'static str {
    match (asked, &spec.mode) {
        (Asked::Dispatch, DispatchMode::RepositoryDispatch { .. }) => {
            "\"Contents: read and write\" (a classic token: scope \"repo\")"
        }
        (Asked::Dispatch, DispatchMode::WorkflowDispatch { .. }) => {
            "\"Actions: read and write\" (a classic token: scope \"repo\")"
        }
        (Asked::Runs, _) => "\"Actions: read\" (a classic token: scope \"repo\")",
    }
}

fn thing(spec: &GithubSpec) -> String {
    let place = format!("{}/{}", spec.owner, spec.repo);
    match &spec.mode {
        DispatchMode::RepositoryDispatch { .. } => format!("the repository {place}"),
        DispatchMode::WorkflowDispatch { workflow_file, .. } => {
            format!("the repository {place} or its workflow {workflow_file}")
        }
    }
}

fn compare(spec: &GithubSpec) -> String {
    match &spec.mode {
        DispatchMode::RepositoryDispatch { event_type } => format!("Check the event type \"{event_type}\""),
        DispatchMode::WorkflowDispatch { git_ref, .. } => format!(
            "Compare the inputs with those the workflow declares under `on: workflow_dispatch`, and see that \"{git_ref}\" exists"
        ),
    }
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
