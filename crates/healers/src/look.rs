//! Looks whether remedies could be carried out, without carrying any of them out.
//!
//! Remedies that would find the same are looked at once. A few at a time, so that no host is asked by all of them at once.

use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use rebound::readiness::{Finding, LookRequest, Part, RemedyOf, Seen};
use rebound_engine::ports::Preflight;
use tokio::time::timeout;

use crate::github::GithubDispatch;
use crate::{Action, Healers};

/// Most looks that are made at the same time.
const LOOKS_AT_ONCE: usize = 4;
/// Longest time for one look, so that a host that is silent leaves time for others.
const LOOK_MAX: Duration = Duration::from_secs(10);
/// Said of what the time did not suffice for.
const NO_TIME: &str = "there was not enough time to look at it";

/// One look, and whose it is.
enum Look<'a> {
    Github(&'a GithubDispatch, Vec<RemedyOf>),
    HttpCall(&'a crate::http_call::HttpCall, RemedyOf),
}

#[async_trait]
impl Preflight for Healers {
    async fn look(&self, request: &LookRequest) -> Vec<Finding> {
        let looks: Vec<BoxFuture<'_, Vec<Finding>>> = self
            .looks(&request.remedies)
            .into_iter()
            .map(|look| self.carry_out_look(look, request).boxed())
            .collect();
        stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE).concat().await
    }
}

impl Healers {
    fn looks(&self, remedies: &[RemedyOf]) -> Vec<Look<'_>> {
        let mut looks: Vec<Look<'_>> = Vec::new();
        for of in remedies {
            match self.actions.get(&(of.target.clone(), of.remedy.clone())) {
                Some(Action::HttpCall(call)) => looks.push(Look::HttpCall(call, of.clone())),
                Some(Action::GithubDispatch(dispatch)) => {
                    let same = looks.iter_mut().find_map(|look| match look {
                        Look::Github(other, whose) if other.looks_like(dispatch) => Some(whose),
                        Look::Github(..) | Look::HttpCall(..) => None,
                    });
                    match same {
                        Some(whose) => whose.push(of.clone()),
                        None => looks.push(Look::Github(dispatch, vec![of.clone()])),
                    }
                }
                None => {}
            }
        }
        looks
    }

    async fn carry_out_look(&self, look: Look<'_>, request: &LookRequest) -> Vec<Finding> {
        let left = request.deadline.since(self.clock.now()).min(LOOK_MAX);
        let unseen = || Seen::NotSeen(NO_TIME.to_owned());
        match look {
            Look::HttpCall(_, of) if left.is_zero() => vec![self.found(Part::HttpCall(of), unseen())],
            Look::HttpCall(call, of) => vec![self.found(Part::HttpCall(of), call.look(left).await)],
            Look::Github(dispatch, whose) => {
                let seen = timeout(left, dispatch.look()).await.ok();
                let (token, workflow) =
                    seen.map_or_else(|| (unseen(), unseen()), |seen| (seen.token, seen.workflow));
                let each = whose.into_iter().flat_map(|of| {
                    [
                        self.found(Part::GithubToken(of.clone()), token.clone()),
                        self.found(Part::GithubWorkflow(of), workflow.clone()),
                    ]
                });
                each.collect()
            }
        }
    }

    fn found(&self, part: Part, seen: Seen) -> Finding {
        Finding { part, at: self.clock.now(), seen }
    }
}
