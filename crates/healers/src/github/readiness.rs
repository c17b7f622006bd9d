//! Whether the workflow could be started now, found out without side effects.
//!
//! Reads the repository and, where there is one, the workflow. Never dispatches anything.

use chrono::{DateTime, NaiveDateTime};
use rebound::time::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::github::answers::{Asked, is_rate_limited, permission, refusal, text};
use crate::github::api::message;
use crate::github::{DispatchMode, GithubDispatch};
use crate::output::tidy;
use crate::wire::Body;

/// A token that expires within so many days is told of.
const EXPIRES_SOON_DAYS: i64 = 14;

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;

/// Whether the workflow could be started now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The answer.
    pub state: ReadyState,
    /// What was found, each with what to do.
    pub sentences: Vec<String>,
    /// Whole days until the token expires, where GitHub says so; negative afterwards.
    pub expires_in_days: Option<i64>,
}

/// An answer to "could it be started now?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadyState {
    /// As far as can be seen, yes.
    Ready,
    /// GitHub could not be asked.
    CannotTell,
    /// No; a person must do something.
    NotReady,
}

impl GithubDispatch {
    /// Asks GitHub whether the token is valid, sees the repository and the workflow, and when it expires.
    pub async fn readiness(&self) -> Readiness {
        let mut found = self.look_at(&[], repository_faults).await;
        if let DispatchMode::WorkflowDispatch { workflow_file, .. } = &self.spec.mode
            && found.state == ReadyState::Ready
        {
            let workflow = self.look_at(&["actions", "workflows", workflow_file], workflow_faults).await;
            found.state = found.state.max(workflow.state);
            found.sentences.extend(workflow.sentences);
        }
        if let Some(days) = found.expires_in_days
            && days <= EXPIRES_SOON_DAYS
        {
            found.sentences.push(format!("the token expires in {days} d. Make a new one in time"));
        }
        found
    }

    async fn look_at(&self, parts: &[&str], faults: fn(&Self, &Value) -> Vec<String>) -> Readiness {
        let (status, headers, body) = match self.api.look(parts).await {
            Ok(seen) => seen,
            Err(trouble) => return self.found(ReadyState::CannotTell, vec![trouble.why], None),
        };
        let expires = self.days_until_expiry(&headers);
        if let Some((state, sentence)) = self.refused(status, &headers, &body) {
            return self.found(state, vec![sentence], expires);
        }
        let Some(json) = body.json() else {
            let sentence = "GitHub's answer could not be understood. See that the API address is right";
            return self.found(ReadyState::CannotTell, vec![sentence.to_owned()], expires);
        };
        let faults = faults(self, &json);
        let state = if faults.is_empty() { ReadyState::Ready } else { ReadyState::NotReady };
        self.found(state, faults, expires)
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &Body) -> Option<(ReadyState, String)> {
        if status.is_success() {
            return None;
        }
        let passes = status.is_server_error() || is_rate_limited(status, headers);
        let state = if passes { ReadyState::CannotTell } else { ReadyState::NotReady };
        Some((state, refusal(&self.spec, Asked::Runs, status, headers, &message(body))))
    }

    fn found(&self, state: ReadyState, sentences: Vec<String>, expires_in_days: Option<i64>) -> Readiness {
        let sentences = sentences.iter().map(|sentence| tidy(sentence, &[&self.spec.token])).collect();
        Readiness { state, sentences, expires_in_days }
    }

    fn days_until_expiry(&self, headers: &HeaderMap) -> Option<i64> {
        let at = expiry(text(headers, "github-authentication-token-expiration")?)?;
        Some((at.as_ms() - self.clock.now().as_ms()).div_euclid(MS_PER_DAY))
    }
}

fn repository_faults(dispatch: &GithubDispatch, json: &Value) -> Vec<String> {
    let place = format!("{}/{}", dispatch.spec.owner, dispatch.spec.repo);
    let mut faults = Vec::new();
    if json["archived"] == true || json["disabled"] == true {
        faults.push(format!("the repository {place} is archived or disabled: its workflows do not run. Bring it back, or use another"));
    }
    // Absent for some kinds of tokens; then only the dispatch itself can tell.
    if json["permissions"]["push"] == false {
        let permission = permission(&dispatch.spec, Asked::Dispatch);
        faults.push(format!("the token can read {place} but not write. Give it the permission {permission}"));
    }
    faults
}

fn workflow_faults(dispatch: &GithubDispatch, json: &Value) -> Vec<String> {
    let DispatchMode::WorkflowDispatch { workflow_file, .. } = &dispatch.spec.mode else { return Vec::new() };
    match json["state"].as_str() {
        None | Some("active") => Vec::new(),
        Some(state) => vec![format!(
            "the workflow {workflow_file} is switched off ({state}). Switch it on under Actions"
        )],
    }
}

/// Written as `2026-12-01 12:00:00 UTC` or with an offset such as `+0100`.
fn expiry(text: &str) -> Option<Timestamp> {
    let in_utc = text.strip_suffix("UTC").map(str::trim_end);
    let ms = match in_utc {
        Some(text) => {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?.and_utc().timestamp_millis()
        }
        None => DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z").ok()?.timestamp_millis(),
    };
    Some(Timestamp::from_ms(ms))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-12-01 12:00:00 UTC")]
    #[case("2026-12-01 13:00:00 +0100")]
    fn an_expiry_is_read_in_both_its_forms(#[case] text: &str) {
        assert_eq!(expiry(text), Some(Timestamp::from_civil(2026, 12, 1, 12, 0)));
    }
}
