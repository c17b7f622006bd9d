//! A remedy that starts a GitHub Actions workflow, finds the run that came of it and follows it to its end.
//!
//! An accepted dispatch is not a run: without a run the step has failed. Where a dispatch may or may not have arrived, the
//! run is looked for before it is sent once more; it is never sent a third time. Never takes a successful run for a
//! recovered target.

mod answers;
mod api;
mod follow;
mod readiness;
mod runs;

use std::sync::Arc;
use std::time::Duration;

use rebound::heal::{StepOutcome, StepRequest};
use rebound::time::Timestamp;
use rebound_engine::ports::Clock;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::act::{ActEnd, Progress};
use crate::github::api::{Api, Dispatched};
use crate::github::follow::{Found, Search};
use crate::github::runs::Wanted;
use crate::output::{quote, tidy};

pub use crate::github::readiness::{Readiness, ReadyState};

/// Where GitHub's API is, unless an Enterprise server is used.
pub const API_URL: &str = "https://api.github.com";

/// Usual time within which a run must appear.
pub const FIND_RUN_WITHIN: Duration = Duration::from_secs(120);

/// Usual time between two looks at a run: 720 requests an hour of the 5,000 allowed.
pub const POLL_EVERY: Duration = Duration::from_secs(5);

/// Usual longest time for one request.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a run is looked for after a dispatch that may not have arrived, before it is sent once more.
const LOOK_BEFORE_RESEND: Duration = Duration::from_secs(30);

/// How far GitHub's clock and ours may differ where no answer of GitHub tells its time.
const CLOCKS_DIFFER_MAX: Duration = Duration::from_secs(600);

/// How much earlier than the answer to its dispatch a run may have been created.
const CREATED_BEFORE_ANSWER_MAX: Duration = Duration::from_secs(15);

/// Which workflow is started, where, and how patiently it is followed.
#[derive(Clone, Debug)]
pub struct GithubSpec {
    /// Usually [`API_URL`]; an Enterprise server has `https://<host>/api/v3`.
    pub api_url: String,
    /// The repository's owner.
    pub owner: String,
    /// The repository's name.
    pub repo: String,
    /// A token that may do it; see [`GithubDispatch::readiness`].
    pub token: SecretString,
    /// How the workflow is started.
    pub mode: DispatchMode,
    /// Time within which a run must appear; usually [`FIND_RUN_WITHIN`].
    pub find_run_within: Duration,
    /// Time between two looks; usually [`POLL_EVERY`].
    pub poll_every: Duration,
    /// Longest time for one request; usually [`REQUEST_TIMEOUT`].
    pub request_timeout: Duration,
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
    const fn event(&self) -> &'static str {
        match self {
            Self::RepositoryDispatch { .. } => "repository_dispatch",
            Self::WorkflowDispatch { .. } => "workflow_dispatch",
        }
    }

    fn body(&self, facts: &Facts) -> Value {
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
struct Facts {
    correlation_id: String,
    reason: String,
    timestamp: String,
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

/// A remedy that starts a workflow and follows its run.
#[derive(Debug)]
pub struct GithubDispatch {
    spec: GithubSpec,
    api: Api,
    clock: Arc<dyn Clock>,
}

impl GithubDispatch {
    /// Checks the specification and makes a client.
    ///
    /// # Errors
    /// [`InvalidGithubDispatch`] says which part cannot be sent.
    pub fn try_new(spec: GithubSpec, clock: Arc<dyn Clock>) -> Result<Self, InvalidGithubDispatch> {
        for name in [&spec.owner, &spec.repo] {
            if !is_name(name) {
                return Err(InvalidGithubDispatch::Repository(format!("{}/{}", spec.owner, spec.repo)));
            }
        }
        match &spec.mode {
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
        let api = Api::try_new(&spec)?;
        Ok(Self { spec, api, clock })
    }

    pub(crate) async fn run(&self, step: &StepRequest, progress: &Progress) -> ActEnd {
        let end = self.dispatch_and_follow(step, progress).await;
        ActEnd { output: tidy(&end.output, &[&self.spec.token]), ..end }
    }

    async fn dispatch_and_follow(&self, step: &StepRequest, progress: &Progress) -> ActEnd {
        let facts = self.facts(step);
        let body = self.spec.mode.body(&facts);
        let sent_at = self.clock.now();
        let wanted = self.wanted(&facts, sent_at, None);
        progress.say("the dispatch was being sent, GitHub did not answer");
        let doubt = match self.api.dispatch(&body).await {
            Dispatched::Started(run) => return self.follow(Found::named(run), progress).await,
            Dispatched::Accepted { at } => {
                return self.find_and_follow(&self.wanted(&facts, sent_at, at), progress).await;
            }
            Dispatched::Refused(why) => return ActEnd::new(StepOutcome::Failed, why),
            Dispatched::InDoubt(why) => why,
        };
        match self.look_for_doubtful(&wanted, &doubt, progress).await {
            Ok(found) => return self.follow(found, progress).await,
            Err(Some(end)) => return end,
            Err(None) => {
                tracing::warn!(step.id = %step.step, "sending the dispatch once more: {doubt}, and no run came of it")
            }
        }
        progress.say("the dispatch was being sent again, GitHub did not answer");
        match self.api.dispatch(&body).await {
            Dispatched::Started(run) => self.follow(Found::named(run), progress).await,
            Dispatched::Accepted { at } => {
                self.find_and_follow(&self.wanted(&facts, sent_at, at), progress).await
            }
            Dispatched::Refused(why) => {
                ActEnd::new(StepOutcome::Lost, format!("sent twice: first {doubt}; then {why}"))
            }
            Dispatched::InDoubt(again) => match self.look_for_doubtful(&wanted, &again, progress).await {
                Ok(found) => self.follow(found, progress).await,
                Err(Some(end)) => end,
                Err(None) => ActEnd::new(
                    StepOutcome::Lost,
                    format!(
                        "sent twice, and no run came of it: {again}. See githubstatus.com and the repository's Actions"
                    ),
                ),
            },
        }
    }

    /// After an accepted dispatch: the run must appear.
    async fn find_and_follow(&self, wanted: &Wanted, progress: &Progress) -> ActEnd {
        progress.say("GitHub accepted the dispatch, its run was not found yet");
        match self.find(wanted, self.spec.find_run_within).await {
            Search::Found(found) => self.follow(found, progress).await,
            Search::Nothing => ActEnd::new(StepOutcome::Failed, self.does_not_listen()),
            Search::Several(count) => ActEnd::new(
                StepOutcome::Lost,
                format!(
                    "GitHub accepted the dispatch, but {count} runs may be its own. {}",
                    self.name_your_runs()
                ),
            ),
            Search::CannotLook(why) => ActEnd::new(
                StepOutcome::Lost,
                format!("GitHub accepted the dispatch, but its run cannot be followed: {why}"),
            ),
        }
    }

    /// After a dispatch that may have arrived. `Err(None)`: no run is to be seen, so it may be sent once more.
    async fn look_for_doubtful(
        &self,
        wanted: &Wanted,
        doubt: &str,
        progress: &Progress,
    ) -> Result<Found, Option<ActEnd>> {
        progress.say(format!("{doubt}; its run was looked for"));
        let within = self.spec.find_run_within.min(LOOK_BEFORE_RESEND);
        match self.find(wanted, within).await {
            Search::Found(found) => Ok(found),
            Search::Nothing => Err(None),
            Search::Several(count) => Err(Some(ActEnd::new(
                StepOutcome::Lost,
                format!("{doubt}, and {count} runs may be its own. {}", self.name_your_runs()),
            ))),
            Search::CannotLook(why) => Err(Some(ActEnd::new(
                StepOutcome::Lost,
                format!("{doubt}, and whether a run came of it cannot be seen: {why}"),
            ))),
        }
    }

    fn facts(&self, step: &StepRequest) -> Facts {
        Facts {
            correlation_id: step.step.to_string(),
            reason: quote(&step.because, &[]),
            timestamp: self.clock.now().rfc3339(),
        }
    }

    /// `answered_at` is GitHub's own time, so that its runs are compared with its clock and not with ours.
    fn wanted(&self, facts: &Facts, sent_at: Timestamp, answered_at: Option<Timestamp>) -> Wanted {
        Wanted {
            correlation_id: facts.correlation_id.clone(),
            listed_from: answered_at.unwrap_or(sent_at).before(CLOCKS_DIFFER_MAX),
            unnamed_from: answered_at.unwrap_or(sent_at).before(CREATED_BEFORE_ANSWER_MAX),
        }
    }

    fn does_not_listen(&self) -> String {
        let within = rebound::time::spoken(self.spec.find_run_within);
        match &self.spec.mode {
            DispatchMode::RepositoryDispatch { event_type } => format!(
                "GitHub accepted the event, but no run came of it within {within}: the workflow does not listen. It must be on \
                 the default branch, switched on, with `on: repository_dispatch: types: [{event_type}]`"
            ),
            DispatchMode::WorkflowDispatch { workflow_file, .. } => format!(
                "GitHub accepted the dispatch, but no run of {workflow_file} came of it within {within}: the workflow does not \
                 listen. See that it is switched on and Actions are allowed"
            ),
        }
    }

    fn name_your_runs(&self) -> String {
        let place = match self.spec.mode {
            DispatchMode::RepositoryDispatch { .. } => "github.event.client_payload.correlation_id",
            DispatchMode::WorkflowDispatch { .. } => "inputs.correlation_id",
        };
        format!("Add `run-name: heal ${{{{ {place} }}}}` to the workflow")
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 100 && text != "." && text != ".." && text.chars().all(allowed)
}

fn checked_api_url(text: &str) -> Result<Url, InvalidGithubDispatch> {
    let wrong = || InvalidGithubDispatch::ApiUrl(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if plain && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
}
