//! Which workflow is started, where, and with what words.
//!
//! Checks what can be checked without asking GitHub; sends nothing.

use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

/// Where GitHub's API is, unless an Enterprise server is used.
pub const API_URL: &str = "https://api.github.com";

/// Usual time within which a run must appear.
pub const FIND_RUN_WITHIN: Duration = Duration::from_secs(120);

/// Usual time between two looks at a run: 720 requests an hour of the 5,000 allowed.
pub const POLL_EVERY: Duration = Duration::from_secs(5);

/// Usual longest time for one request.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Which workflow is started, where, and how patiently it is followed.
#[derive(Clone, Debug)]
pub struct GithubSpec {
    /// Usually [`API_URL`]; an Enterprise server has `https://<host>/api/v3`.
    pub api_url: String,
    /// The repository's owner.
    pub owner: String,
    /// The repository's name.
    pub repo: String,
    /// A token that may do it; [`super::GithubDispatch::look`] says whether it may.
    pub token: SecretString,
    /// Where the token stands, for people: `the environment variable REBOUND_GITHUB_TOKEN`.
    pub token_place: String,
    /// How the workflow is started.
    pub mode: DispatchMode,
    /// Time within which a run must appear; usually [`FIND_RUN_WITHIN`].
    pub find_run_within: Duration,
    /// Time between two looks; usually [`POLL_EVERY`].
    pub poll_every: Duration,
    /// Longest time for one request; usually [`REQUEST_TIMEOUT`].
    pub request_timeout: Duration,
}

impl GithubSpec {
    pub(super) fn check(&self) -> Result<(), InvalidGithubDispatch> {
        for name in [&self.owner, &self.repo] {
            if !is_name(name) {
                return Err(InvalidGithubDispatch::Repository(format!("{}/{}", self.owner, self.repo)));
            }
        }
        match &self.mode {
            DispatchMode::RepositoryDispatch { event_type } => {
                if event_type.is_empty() || event_type.chars().count() > 100 {
                    return Err(InvalidGithubDispatch::EventType(event_type.clone()));
                }
            }
            DispatchMode::WorkflowDispatch { workflow_file, git_ref, .. } => {
                if !is_name(workflow_file) {
                    return Err(InvalidGithubDispatch::WorkflowFile(workflow_file.clone()));
                }
                if git_ref.is_empty() {
                    return Err(InvalidGithubDispatch::GitRef);
                }
            }
        }
        Ok(())
    }
}

/// How a workflow is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DispatchMode {
    /// By an event to which workflows on the default branch may listen. GitHub does not say which run came of it.
    RepositoryDispatch {
        /// The event's type.
        event_type: String,
    },
    /// Directly. GitHub says which run came of it, so this is the better way where there is a choice.
    WorkflowDispatch {
        /// The workflow's file, e.g. `restart.yml`.
        workflow_file: String,
        /// Branch or tag.
        git_ref: String,
        /// Inputs, all declared in the workflow. `{correlation_id}`, `{reason}` and `{timestamp}` are replaced.
        inputs: Vec<(String, String)>,
    },
}

impl DispatchMode {
    pub(super) const fn event(&self) -> &'static str {
        match self {
            Self::RepositoryDispatch { .. } => "repository_dispatch",
            Self::WorkflowDispatch { .. } => "workflow_dispatch",
        }
    }

    pub(super) fn body(&self, facts: &Facts) -> Value {
        match self {
            Self::RepositoryDispatch { event_type } => json!({
                "event_type": event_type,
                "client_payload": {
                    "trigger": "rebound",
                    "reason": facts.reason,
                    "timestamp": facts.timestamp,
                    "correlation_id": facts.correlation_id,
                },
            }),
            Self::WorkflowDispatch { git_ref, inputs, .. } => {
                let inputs: Map<String, Value> =
                    inputs.iter().map(|(name, text)| (name.clone(), facts.fill(text).into())).collect();
                json!({ "ref": git_ref, "inputs": inputs, "return_run_details": true })
            }
        }
    }
}

/// What a dispatch tells the workflow.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) correlation_id: String,
    pub(super) reason: String,
    pub(super) timestamp: String,
}

impl Facts {
    fn fill(&self, text: &str) -> String {
        text.replace("{correlation_id}", &self.correlation_id)
            .replace("{timestamp}", &self.timestamp)
            .replace("{reason}", &self.reason)
    }
}

/// Why a workflow cannot be started like this.
#[derive(Debug, thiserror::Error)]
pub enum InvalidGithubDispatch {
    /// The API's address is none.
    #[error(
        "\"{0}\" is no address of an API. Use {API_URL}, or https://<host>/api/v3 for an Enterprise server"
    )]
    ApiUrl(String),
    /// Owner or repository cannot be a name.
    #[error("\"{0}\" is no repository. Use owner and name as in the address github.com/<owner>/<name>")]
    Repository(String),
    /// The event's type cannot be sent.
    #[error("\"{0}\" is no event type. Use 1 to 100 characters, as in the workflow's `types:`")]
    EventType(String),
    /// The workflow's file cannot be one.
    #[error("\"{0}\" is no workflow file. Use its name without folders, e.g. restart.yml")]
    WorkflowFile(String),
    /// The branch or tag is empty.
    #[error("the branch or tag of the workflow is empty. Use e.g. main")]
    GitRef,
    /// The token cannot be sent in a header.
    #[error(
        "the GitHub token is empty or has a space, a line break or another character that cannot be sent"
    )]
    Token,
    /// The client could not be made.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 100 && text != "." && text != ".." && text.chars().all(allowed)
}

pub(super) fn checked_api_url(text: &str) -> Result<Url, InvalidGithubDispatch> {
    let wrong = || InvalidGithubDispatch::ApiUrl(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if plain && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
}
