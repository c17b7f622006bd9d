//! Carries out heal steps: HTTP calls and GitHub workflow dispatches.
//!
//! Knows each remedy's address and secrets under its target and name. Decides nothing about healing, never repeats a
//! step it was already given, and never takes an answer for a proof: what it reports is a claim of the other side.

mod act;
mod look;
mod memory;
mod output;
mod wire;

pub mod github;
pub mod http_call;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rebound::heal::{StepOutcome, StepRequest, StepResult};
use rebound::ids::{StepId, TargetId};
use rebound_engine::ports::{Clock, Healer};
use tracing::Instrument;

use crate::act::{ActEnd, Progress};
use crate::github::GithubDispatch;
use crate::http_call::HttpCall;
use crate::memory::StepMemory;

/// What one remedy does.
#[derive(Debug)]
pub enum Action {
    /// Sends an HTTP request.
    HttpCall(Box<HttpCall>),
    /// Starts a GitHub workflow and follows its run.
    GithubDispatch(Box<GithubDispatch>),
}

impl Action {
    async fn run(&self, request: &StepRequest, progress: &Progress) -> ActEnd {
        match self {
            Self::HttpCall(call) => call.run(request, progress).await,
            Self::GithubDispatch(dispatch) => dispatch.run(request, progress).await,
        }
    }
}

/// The remedies of all targets.
pub struct Healers {
    actions: HashMap<(TargetId, String), Action>,
    clock: Arc<dyn Clock>,
    begun: StepMemory,
}

impl Healers {
    /// Healers that know these actions, by target and remedy name.
    #[must_use]
    pub fn new(actions: HashMap<(TargetId, String), Action>, clock: Arc<dyn Clock>) -> Self {
        Self { actions, clock, begun: StepMemory::default() }
    }

    async fn carry_out(&self, request: &StepRequest) -> ActEnd {
        let key = (request.target.clone(), request.remedy.clone());
        let Some(action) = self.actions.get(&key) else {
            return ActEnd::new(StepOutcome::Refused, unknown_remedy(request));
        };
        let left = request.deadline.since(self.clock.now());
        if left == Duration::ZERO {
            return ActEnd::new(
                StepOutcome::Refused,
                "its deadline had passed before it could start".to_owned(),
            );
        }
        let Some(progress) = self.begun.begin(&request.step) else {
            return ActEnd::new(
                StepOutcome::Refused,
                format!("step {} was already carried out", request.step),
            );
        };
        match tokio::time::timeout(left, Box::pin(action.run(request, &progress))).await {
            Ok(end) => end,
            Err(_) => progress.timed_out(),
        }
    }
}

#[async_trait]
impl Healer for Healers {
    async fn run(&self, request: &StepRequest) -> StepResult {
        let span = tracing::info_span!("heal_step", target.id = %request.target, step.id = %request.step);
        let end = self.carry_out(request).instrument(span).await;
        StepResult {
            step: request.step.clone(),
            target: request.target.clone(),
            outcome: end.outcome,
            output: end.output,
            link: end.link,
        }
    }

    fn link(&self, step: &StepId) -> Option<String> {
        self.begun.link(step)
    }
}

impl fmt::Debug for Healers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Healers").field("actions", &self.actions).finish_non_exhaustive()
    }
}

fn unknown_remedy(request: &StepRequest) -> String {
    format!(
        "no remedy \"{}\" is set up for {}. Add it to the target's ladder, or start Rebound again after a change",
        request.remedy, request.target
    )
}
