//! A remedy that starts a GitHub Actions workflow, finds the run that came of it and follows it to its end.
//!
//! An accepted dispatch is not a run: without a run the step has failed. Where a dispatch may or may not have arrived, the
//! run is looked for before it is sent once more; it is never sent a third time. Never takes a successful run for a
//! recovered target.

mod answers;
mod api;
mod follow;
mod look;
mod runs;
mod spec;

use std::sync::Arc;
use std::time::Duration;

use rebound::heal::{StepOutcome, StepRequest};
use rebound::time::Timestamp;
use rebound_engine::ports::Clock;

use crate::act::{ActEnd, Progress};
use crate::github::api::{Api, Dispatched};
use crate::github::follow::{Found, Search};
use crate::github::runs::Wanted;
use crate::github::spec::Facts;
use crate::output::{quote, tidy};

pub use crate::github::look::GithubSeen;
pub use crate::github::spec::{
    API_URL, DispatchMode, FIND_RUN_WITHIN, GithubSpec, InvalidGithubDispatch, POLL_EVERY, REQUEST_TIMEOUT,
};

/// How long a run is looked for after a dispatch that may not have arrived, before it is sent once more.
const LOOK_BEFORE_RESEND: Duration = Duration::from_secs(30);

/// How far GitHub's clock and ours may differ where no answer of GitHub tells its time.
const CLOCKS_DIFFER_MAX: Duration = Duration::from_secs(600);

/// How much earlier than the answer to its dispatch a run may have been created.
const CREATED_BEFORE_ANSWER_MAX: Duration = Duration::from_secs(15);

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
        spec.check()?;
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
