//! Workflow runs: what was dispatched, which run came of it, and how far the run is.
//!
//! Speaks no HTTP. Keeps only the newest entries.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{clock, options::GithubMode, world::World};

/// How many dispatches, and how many runs, are remembered.
const KEPT_MAX: usize = 200;

/// Run ids are larger than 32 bits, as GitHub's are.
const RUN_ID_FIRST: u64 = 20_000_000_001;

/// How the GitHub API goes, and what it was asked for.
#[derive(Debug)]
pub(crate) struct GithubDesk {
    pub(crate) mode: GithubMode,
    pub(crate) queued: Duration,
    pub(crate) run: Duration,
    pub(crate) dispatches: VecDeque<Dispatch>,
    pub(crate) dispatches_total: usize,
    pub(crate) runs: VecDeque<Run>,
    pub(crate) requests_left: u32,
    /// When the token ends; `None`: never, and no answer tells an end.
    pub(crate) token_ends: Option<DateTime<Utc>>,
    /// Scopes of the token, as a classic one has them; empty: it is of another kind, and none are told.
    pub(crate) scopes: String,
    run_id_next: u64,
}

/// One dispatch that GitHub accepted or refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dispatch {
    /// When it came.
    pub at: DateTime<Utc>,
    /// `owner/name`.
    pub repository: String,
    /// `repository_dispatch` or `workflow_dispatch`.
    pub event: &'static str,
    /// The `event_type`, or the workflow's file.
    pub what: String,
    /// `correlation_id` of the payload or the inputs.
    pub correlation_id: Option<String>,
    /// The body as it came.
    pub body: Value,
    /// The status of the answer.
    pub status: u16,
    /// The run that came of it.
    pub run_id: Option<u64>,
}

/// One run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    pub(crate) id: u64,
    pub(crate) repository: String,
    pub(crate) title: String,
    pub(crate) event: &'static str,
    pub(crate) workflow: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) status: &'static str,
    pub(crate) conclusion: Option<&'static str>,
}

/// The `created` filter of a list: GitHub's search syntax for dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CreatedRange {
    /// Inclusive, in whole seconds.
    from: DateTime<Utc>,
    /// Exclusive.
    to: DateTime<Utc>,
}

impl GithubDesk {
    pub(crate) fn new(queued: Duration, run: Duration) -> Self {
        Self {
            mode: GithubMode::default(),
            queued,
            run,
            dispatches: VecDeque::new(),
            dispatches_total: 0,
            runs: VecDeque::new(),
            requests_left: 5_000,
            token_ends: None,
            scopes: "repo, workflow".to_owned(),
            run_id_next: RUN_ID_FIRST,
        }
    }

    pub(crate) fn note(&mut self, dispatch: Dispatch) {
        self.dispatches_total += 1;
        if self.dispatches.len() == KEPT_MAX {
            self.dispatches.pop_front();
        }
        self.dispatches.push_back(dispatch);
    }

    fn add_run(&mut self, dispatch: &Dispatch, workflow: String) -> u64 {
        let id = self.run_id_next;
        self.run_id_next += 1;
        if self.runs.len() == KEPT_MAX {
            self.runs.pop_front();
        }
        let title = match &dispatch.correlation_id {
            Some(correlation_id) => format!("heal {correlation_id}"),
            None => dispatch.what.clone(),
        };
        let (repository, event, now) = (dispatch.repository.clone(), dispatch.event, dispatch.at);
        self.runs.push_back(Run {
            id,
            repository,
            title,
            event,
            workflow,
            created_at: now,
            updated_at: now,
            status: "queued",
            conclusion: None,
        });
        id
    }

    fn move_run(&mut self, id: u64, status: &'static str, conclusion: Option<&'static str>) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
            (run.status, run.conclusion, run.updated_at) = (status, conclusion, clock::now());
        }
    }
}

/// Queues a run and lets it go its way. A successful one restarts the host.
pub(crate) fn start_run(world: &Arc<World>, dispatch: &Dispatch, workflow: String) -> u64 {
    let (id, mode, queued, running) = world.look(|state| {
        let desk = &mut state.github;
        (desk.add_run(dispatch, workflow), desk.mode, desk.queued, desk.run)
    });
    let conclusion = match mode {
        GithubMode::RunFails => "failure",
        GithubMode::RunCancelled => "cancelled",
        GithubMode::Ok | GithubMode::NoRun | GithubMode::BadToken | GithubMode::Forbidden => "success",
        GithubMode::RateLimited | GithubMode::NotFound | GithubMode::Invalid => "success",
        GithubMode::ReadOnly | GithubMode::WorkflowOff | GithubMode::WorkflowGone => "success",
        GithubMode::ServerError | GithubMode::Timeout => "success",
    };
    world.later(queued, move |world| {
        world.look(|state| state.github.move_run(id, "in_progress", None));
        world.later(running, move |world| {
            if conclusion == "success" {
                world.restart_host();
            }
            world.look(|state| state.github.move_run(id, "completed", Some(conclusion)));
        });
    });
    id
}

impl Run {
    /// The run as the API writes it. `base` is the API's own address.
    pub(crate) fn body(&self, base: &str) -> Value {
        let (repository, id) = (&self.repository, self.id);
        json!({
            "id": id,
            "name": self.title,
            "display_title": self.title,
            "event": self.event,
            "status": self.status,
            "conclusion": self.conclusion,
            "path": format!(".github/workflows/{}", self.workflow),
            "head_branch": "main",
            "run_number": id - RUN_ID_FIRST + 1,
            "run_attempt": 1,
            "created_at": clock::iso_seconds(self.created_at),
            "run_started_at": clock::iso_seconds(self.created_at),
            "updated_at": clock::iso_seconds(self.updated_at),
            "url": self.url(base),
            "html_url": format!("{base}/{repository}/actions/runs/{id}"),
            "repository": { "full_name": repository },
        })
    }

    /// The run's address in the API.
    pub(crate) fn url(&self, base: &str) -> String {
        format!("{base}/repos/{}/actions/runs/{}", self.repository, self.id)
    }
}

impl CreatedRange {
    /// Reads `>=T`, `>T`, `<=T`, `<T`, `A..B` (`*` is open) or one day.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        if let Some((from, to)) = text.split_once("..") {
            let from = if from == "*" { first } else { moment(from)?.0 };
            let to = if to == "*" { last } else { moment(to)?.1 };
            return Some(Self { from, to });
        }
        if let Some(rest) = text.strip_prefix(">=") {
            return Some(Self { from: moment(rest)?.0, to: last });
        }
        if let Some(rest) = text.strip_prefix('>') {
            return Some(Self { from: moment(rest)?.1, to: last });
        }
        if let Some(rest) = text.strip_prefix("<=") {
            return Some(Self { from: first, to: moment(rest)?.1 });
        }
        if let Some(rest) = text.strip_prefix('<') {
            return Some(Self { from: first, to: moment(rest)?.0 });
        }
        let (from, to) = moment(text)?;
        Some(Self { from, to })
    }

    /// Whether a run of that time, in whole seconds, belongs.
    pub(crate) fn holds(&self, created_at: DateTime<Utc>) -> bool {
        let second = DateTime::from_timestamp(created_at.timestamp(), 0).unwrap_or(created_at);
        self.from <= second && second < self.to
    }
}

/// The first instant of a day or a second, and the first one after it.
fn moment(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        let start = day.and_hms_opt(0, 0, 0)?.and_utc();
        return Some((start, start + chrono::TimeDelta::days(1)));
    }
    // A plus sign that was not escaped arrives as a space.
    let start = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok()?.with_timezone(&Utc);
    let start = DateTime::from_timestamp(start.timestamp(), 0)?;
    Some((start, start + chrono::TimeDelta::seconds(1)))
}

#[cfg(test)]
mod tests {
    use super::CreatedRange;

    fn holds(range: &str, at: &str) -> bool {
        CreatedRange::parse(range).unwrap().holds(at.parse().unwrap())
    }

    #[test]
    fn a_run_of_the_same_second_belongs_to_at_least() {
        assert!(holds(">=2026-03-01T10:00:00Z", "2026-03-01T10:00:00.900Z"));
        assert!(!holds(">2026-03-01T10:00:00Z", "2026-03-01T10:00:00.900Z"));
    }

    #[test]
    fn an_unescaped_plus_sign_is_understood() {
        assert!(holds(">=2026-03-01T10:00:00 00:00", "2026-03-01T10:00:01Z"));
    }

    #[test]
    fn a_day_holds_all_of_its_hours() {
        assert!(holds("2026-03-01", "2026-03-01T23:59:59Z"));
        assert!(!holds("2026-03-01", "2026-03-02T00:00:00Z"));
    }

    #[test]
    fn an_open_range_has_no_end() {
        assert!(holds("2026-03-01..*", "2030-01-01T00:00:00Z"));
    }
}
