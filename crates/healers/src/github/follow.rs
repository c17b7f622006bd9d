//! Finds the run of a dispatch and follows it to its end.
//!
//! Asks again and again, never more often than the specification says, until the caller's deadline cuts it off.

use std::time::Duration;

use rebound::heal::StepOutcome;
use tokio::time::sleep;

use crate::act::{ActEnd, Progress};
use crate::github::GithubDispatch;
use crate::github::api::{Cure, Trouble};
use crate::github::runs::{Pick, RunId, Wanted, pick};

/// Refusals in a row after which a person is asked; a run may not be visible in its first seconds.
const REFUSALS_MAX: u32 = 3;

/// Least time between two looks, whatever the specification says.
const POLL_EVERY_MIN: Duration = Duration::from_millis(1);

/// Longest wait that GitHub may ask for between two looks.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// A run that was found, and how surely it is the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    run: RunId,
    named: bool,
}

impl Found {
    /// GitHub or the run's title says that it is the one.
    pub(super) const fn named(run: RunId) -> Self {
        Self { run, named: true }
    }

    const fn only_one_possible(run: RunId) -> Self {
        Self { run, named: false }
    }
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Found(Found),
    /// The last look saw no run that it could be.
    Nothing,
    /// So many it could be.
    Several(usize),
    /// The last look could not see anything.
    CannotLook(String),
}

impl GithubDispatch {
    /// Looks for the run until it is found or the time is over.
    pub(super) async fn find(&self, wanted: &Wanted, within: Duration) -> Search {
        let until = self.clock.now().after(within);
        let mut refusals = 0;
        let mut seen_alone = None;
        loop {
            let (last, wait) = match self.api.runs(wanted.listed_from).await {
                Ok(runs) => {
                    refusals = 0;
                    match pick(&runs, wanted) {
                        Pick::Named(run) => return Search::Found(Found::named(run)),
                        // Seen alone twice: another that listens to the same event may appear a moment later.
                        Pick::Only(run) if seen_alone == Some(run) => {
                            return Search::Found(Found::only_one_possible(run));
                        }
                        Pick::Only(run) => {
                            seen_alone = Some(run);
                            (Search::Found(Found::only_one_possible(run)), None)
                        }
                        Pick::Several(count) => (Search::Several(count), None),
                        Pick::Nothing => (Search::Nothing, None),
                    }
                }
                Err(Trouble { why, cure: Cure::Person }) => {
                    refusals += 1;
                    if refusals == REFUSALS_MAX {
                        return Search::CannotLook(why);
                    }
                    (Search::CannotLook(why), None)
                }
                Err(Trouble { why, cure: Cure::Waiting(wait) }) => (Search::CannotLook(why), wait),
            };
            if self.clock.now() >= until {
                return last;
            }
            self.wait(wait).await;
        }
    }

    /// Looks at the run until it has ended.
    pub(super) async fn follow(&self, found: Found, progress: &Progress) -> ActEnd {
        let number = found.run;
        progress.say(format!("run {number} was started"));
        progress.show_at(Some(self.page_of(number)));
        let mut link = Some(self.page_of(number));
        let mut refusals = 0;
        loop {
            let wait = match self.api.run(number).await {
                Ok(run) => {
                    refusals = 0;
                    link = run.link().or(link);
                    progress.show_at(link.clone());
                    progress.say(format!("run {number} is {}", run.status().replace('_', " ")));
                    if let Some((outcome, output)) = run.end() {
                        return ActEnd::new(outcome, output + self.doubt(found)).with_link(link);
                    }
                    None
                }
                Err(Trouble { why, cure: Cure::Person }) => {
                    refusals += 1;
                    if refusals == REFUSALS_MAX {
                        let output = format!("run {number} was started, but cannot be followed: {why}");
                        return ActEnd::new(StepOutcome::Lost, output).with_link(link);
                    }
                    None
                }
                Err(Trouble { why, cure: Cure::Waiting(wait) }) => {
                    tracing::debug!(%why, "run {number} cannot be seen just now");
                    wait
                }
            };
            self.wait(wait).await;
        }
    }

    async fn wait(&self, asked_for: Option<Duration>) {
        let usual = self.spec.poll_every.max(POLL_EVERY_MIN);
        sleep(asked_for.map_or(usual, |wait| wait.clamp(usual, WAIT_MAX.max(usual)))).await;
    }

    /// The page of a run, until GitHub itself names it.
    fn page_of(&self, number: RunId) -> String {
        let web = match self.spec.api_url.trim_end_matches('/') {
            super::API_URL => "https://github.com",
            enterprise => enterprise.trim_end_matches("/api/v3"),
        };
        format!("{web}/{}/{}/actions/runs/{number}", self.spec.owner, self.spec.repo)
    }

    const fn doubt(&self, found: Found) -> &'static str {
        if found.named {
            ""
        } else {
            ". It is taken for ours because no other run began then; put the correlation id into its run-name"
        }
    }
}
