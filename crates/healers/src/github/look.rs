//! Whether the workflow could be started now, found out without side effects.
//!
//! Reads the repository and, where there is one, the workflow. Never dispatches anything.

use chrono::{DateTime, NaiveDateTime};
use rebound::readiness::{Seen, Trouble};
use rebound::time::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::github::answers::{Asked, is_rate_limited, permission, text, trouble};
use crate::github::api::message;
use crate::github::{DispatchMode, GithubDispatch};
use crate::output::tidy;
use crate::wire::Body;

/// Scopes of a classic token that let it start workflows; the second only in public repositories.
const SCOPES: [&str; 2] = ["repo", "public_repo"];

/// What a look at GitHub found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GithubSeen {
    /// Of the token.
    pub token: Seen,
    /// Of the repository, and of the workflow where one is named.
    pub workflow: Seen,
}

/// What one answer says.
enum Answer {
    /// GitHub shows what was asked for.
    Shown(HeaderMap, Value),
    /// GitHub takes the token and refuses the rest.
    NotShown(HeaderMap, Trouble),
    /// GitHub does not take the token for this.
    TokenRefused(Trouble),
    /// GitHub cannot be reached.
    Silent(Trouble),
    /// GitHub does not say.
    NotSeen(String),
}

impl GithubDispatch {
    /// Asks GitHub whether it takes the token, when that ends, and whether the repository and the workflow are there and on.
    pub async fn look(&self) -> GithubSeen {
        let seen = self.look_at_both().await;
        GithubSeen { token: self.hidden(seen.token), workflow: self.hidden(seen.workflow) }
    }

    /// Whether a look at `other` would find the same.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let (one, two) = (&self.spec, &other.spec);
        (&one.api_url, &one.owner, &one.repo, &one.mode) == (&two.api_url, &two.owner, &two.repo, &two.mode)
            && one.token.expose_secret() == two.token.expose_secret()
    }

    async fn look_at_both(&self) -> GithubSeen {
        let unseen = |why: &str| Seen::NotSeen(why.to_owned());
        match self.ask(&[], Asked::Dispatch).await {
            Answer::Shown(headers, repository) => {
                let token = match self.lacks_writing(&repository) {
                    Some(trouble) => Seen::Refused(trouble),
                    None => self.token(&headers),
                };
                GithubSeen { token, workflow: self.workflow(&repository).await }
            }
            Answer::NotShown(headers, trouble) => {
                GithubSeen { token: self.token(&headers), workflow: Seen::Refused(trouble) }
            }
            Answer::TokenRefused(trouble) => GithubSeen {
                token: Seen::Refused(trouble),
                workflow: unseen("it cannot be looked at without a token that GitHub takes"),
            },
            Answer::Silent(trouble) => GithubSeen {
                token: unseen("GitHub could not be asked about it"),
                workflow: Seen::Silent(trouble),
            },
            Answer::NotSeen(why) => GithubSeen { token: unseen(&why), workflow: unseen(&why) },
        }
    }

    async fn ask(&self, parts: &[&str], asked: Asked) -> Answer {
        let (status, headers, body) = match self.api.look(parts).await {
            Ok(seen) => seen,
            Err(trouble) => {
                let mend =
                    "See that this machine may go out to it, and whether githubstatus.com tells of trouble";
                return Answer::Silent(Trouble::new(trouble.why, mend));
            }
        };
        if !status.is_success() {
            return self.refused(status, headers, &body, asked);
        }
        match body.json() {
            Some(json) => Answer::Shown(headers, json),
            None => Answer::NotSeen(
                "GitHub's answer could not be understood; see that the API address is right".to_owned(),
            ),
        }
    }

    fn refused(&self, status: StatusCode, headers: HeaderMap, body: &Body, asked: Asked) -> Answer {
        let trouble = trouble(&self.spec, asked, status, &headers, &message(body));
        if status.is_server_error() || is_rate_limited(status, &headers) {
            return Answer::NotSeen(trouble.why);
        }
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Answer::TokenRefused(trouble),
            _ => Answer::NotShown(headers, trouble),
        }
    }

    fn token(&self, headers: &HeaderMap) -> Seen {
        let scopes = scopes(headers);
        let ends = text(headers, "github-authentication-token-expiration").and_then(expiry);
        let kind = match scopes.as_slice() {
            [] => "its permissions are told only where one is missing".to_owned(),
            scopes => format!("its scopes are {}", scopes.join(", ")),
        };
        let end = if ends.is_none() { "; GitHub tells no end of it" } else { "" };
        let lacks = !scopes.is_empty() && !scopes.iter().any(|scope| SCOPES.contains(scope));
        Seen::Token {
            said: format!("GitHub takes the token; {kind}{end}"),
            ends,
            doubt: lacks.then(|| {
                let permission = permission(&self.spec, Asked::Dispatch);
                Trouble::new("it has no scope \"repo\"", format!("Give it the permission {permission}"))
            }),
            renew: format!(
                "Make a new token on GitHub, put it into {}, and start Rebound again",
                self.spec.token_place
            ),
        }
    }

    /// The repository says that the token may only read. Absent for some kinds of tokens; then only the dispatch itself can tell.
    fn lacks_writing(&self, repository: &Value) -> Option<Trouble> {
        let place = format!("{}/{}", self.spec.owner, self.spec.repo);
        (repository["permissions"]["push"] == false).then(|| {
            let permission = permission(&self.spec, Asked::Dispatch);
            Trouble::new(
                format!("the token can read {place} but not write"),
                format!("Give it the permission {permission}"),
            )
        })
    }

    async fn workflow(&self, repository: &Value) -> Seen {
        let place = format!("{}/{}", self.spec.owner, self.spec.repo);
        if repository["archived"] == true || repository["disabled"] == true {
            let why = format!("the repository {place} is archived or disabled: its workflows do not run");
            return Seen::Refused(Trouble::new(why, "Bring it back, or use another"));
        }
        let file = match &self.spec.mode {
            DispatchMode::RepositoryDispatch { event_type } => {
                return Seen::Works(format!(
                    "the repository {place} is there; whether a workflow listens to \"{event_type}\" only a dispatch shows"
                ));
            }
            DispatchMode::WorkflowDispatch { workflow_file, .. } => workflow_file,
        };
        match self.ask(&["actions", "workflows", file], Asked::Runs).await {
            Answer::Shown(_, json) => state_of(file, &place, &json),
            Answer::NotShown(_, trouble) | Answer::TokenRefused(trouble) => Seen::Refused(trouble),
            Answer::Silent(trouble) => Seen::Silent(trouble),
            Answer::NotSeen(why) => Seen::NotSeen(why),
        }
    }

    fn hidden(&self, seen: Seen) -> Seen {
        let tidy = |text: String| tidy(&text, &[&self.spec.token]);
        let both = |trouble: Trouble| Trouble { why: tidy(trouble.why), mend: tidy(trouble.mend) };
        match seen {
            Seen::Works(said) => Seen::Works(tidy(said)),
            Seen::Token { said, ends, doubt, renew } => {
                Seen::Token { said: tidy(said), ends, doubt: doubt.map(both), renew: tidy(renew) }
            }
            Seen::Refused(trouble) => Seen::Refused(both(trouble)),
            Seen::Silent(trouble) => Seen::Silent(both(trouble)),
            Seen::NotSeen(why) => Seen::NotSeen(tidy(why)),
            Seen::Room { .. } | Seen::Recipients { .. } | Seen::Missing(_) => seen,
        }
    }
}

fn state_of(file: &str, place: &str, json: &Value) -> Seen {
    match json["state"].as_str() {
        Some("active") => Seen::Works(format!("the workflow {file} of {place} is there and switched on")),
        Some(state) => Seen::Refused(Trouble::new(
            format!("the workflow {file} of {place} is switched off ({state})"),
            format!("Switch it on: `gh workflow enable {file} --repo {place}`, or under Actions"),
        )),
        None => Seen::NotSeen(format!("GitHub does not say whether the workflow {file} is switched on")),
    }
}

/// The scopes of a classic token; none are told of other kinds.
fn scopes(headers: &HeaderMap) -> Vec<&str> {
    let told = text(headers, "x-oauth-scopes").unwrap_or_default();
    told.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect()
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
