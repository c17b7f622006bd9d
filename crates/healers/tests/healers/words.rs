//! Words the tests are written in.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rebound::heal::{StepRequest, StepResult};
use rebound::ids::{IncidentId, StepId, TargetId};
use rebound::time::Timestamp;
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::{Clock, Healer};
use rebound_healers::github::{DispatchMode, GithubDispatch, GithubSpec};
use rebound_healers::{Action, Healers};
use secrecy::SecretString;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const TOKEN: &str = "tok-5f3a9c";
pub(crate) const STEP: &str = "mt5-7-1-1795448820000";
pub(crate) const RUN: u64 = 20_000_000_001;

/// Long enough never to matter, unless a test says otherwise.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn start() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 15, 47)
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::starting_at(start()))
}

pub(crate) fn target() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

pub(crate) fn step(within: Duration) -> StepRequest {
    StepRequest {
        step: StepId::new(STEP.to_owned()),
        target: target(),
        incident: IncidentId::new(7),
        remedy: "restart".to_owned(),
        because: "the terminal does not answer the bridge".to_owned(),
        deadline: start().after(within),
    }
}

pub(crate) fn healers(action: Action) -> Healers {
    Healers::new(HashMap::from([((target(), "restart".to_owned()), action)]), clock())
}

/// A GitHub of which each answer is told.
pub(crate) struct Github {
    pub(crate) server: MockServer,
    pub(crate) mode: DispatchMode,
    pub(crate) find_run_within: Duration,
    pub(crate) request_timeout: Duration,
}

const REPOSITORY: &str = "/repos/acme/ops";

impl Github {
    pub(crate) async fn with_events() -> Self {
        Self::start(DispatchMode::RepositoryDispatch { event_type: "mt5-full-restart".to_owned() }).await
    }

    pub(crate) async fn with_workflow() -> Self {
        Self::start(DispatchMode::WorkflowDispatch {
            workflow_file: "restart.yml".to_owned(),
            git_ref: "main".to_owned(),
            inputs: vec![("correlation_id".to_owned(), "{correlation_id}".to_owned())],
        })
        .await
    }

    async fn start(mode: DispatchMode) -> Self {
        Self { server: MockServer::start().await, mode, find_run_within: LONG, request_timeout: LONG }
    }

    pub(crate) fn dispatch_path(&self) -> &'static str {
        match self.mode {
            DispatchMode::RepositoryDispatch { .. } => "/repos/acme/ops/dispatches",
            DispatchMode::WorkflowDispatch { .. } => {
                "/repos/acme/ops/actions/workflows/restart.yml/dispatches"
            }
        }
    }

    fn runs_path(&self) -> &'static str {
        match self.mode {
            DispatchMode::RepositoryDispatch { .. } => "/repos/acme/ops/actions/runs",
            DispatchMode::WorkflowDispatch { .. } => "/repos/acme/ops/actions/workflows/restart.yml/runs",
        }
    }

    /// Answers the next dispatch; later calls answer later ones.
    pub(crate) async fn answers_dispatch(&self, answer: ResponseTemplate) {
        let next = Mock::given(method("POST")).and(path(self.dispatch_path())).respond_with(answer);
        next.up_to_n_times(1).mount(&self.server).await;
    }

    /// Lists these runs at every look.
    pub(crate) async fn lists(&self, runs: Value) {
        let list =
            ResponseTemplate::new(200).set_body_json(json!({ "total_count": 1, "workflow_runs": runs }));
        Mock::given(method("GET")).and(path(self.runs_path())).respond_with(list).mount(&self.server).await;
    }

    /// Shows the run in each of these states once, and in the last for ever.
    pub(crate) async fn shows(&self, states: &[(&str, Option<&str>)]) {
        let path_of_run = format!("{REPOSITORY}/actions/runs/{RUN}");
        for (index, (status, conclusion)) in states.iter().enumerate() {
            let shown = ResponseTemplate::new(200).set_body_json(run("Restart", status, *conclusion));
            let mock = Mock::given(method("GET")).and(path(&path_of_run)).respond_with(shown);
            let times = if index + 1 == states.len() { u64::MAX } else { 1 };
            mock.up_to_n_times(times).mount(&self.server).await;
        }
    }

    pub(crate) async fn answers(&self, below_repository: &str, answer: ResponseTemplate) {
        let at = format!("{REPOSITORY}{below_repository}");
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    pub(crate) fn dispatcher(&self) -> GithubDispatch {
        let spec = GithubSpec {
            api_url: self.server.uri(),
            owner: "acme".to_owned(),
            repo: "ops".to_owned(),
            token: SecretString::from(TOKEN),
            token_place: "the environment variable REBOUND_GITHUB_TOKEN".to_owned(),
            mode: self.mode.clone(),
            find_run_within: self.find_run_within,
            poll_every: Duration::from_millis(2),
            request_timeout: self.request_timeout,
        };
        GithubDispatch::try_new(spec, clock()).unwrap()
    }

    pub(crate) async fn heal(&self) -> StepResult {
        self.heal_within(LONG).await
    }

    pub(crate) async fn heal_within(&self, within: Duration) -> StepResult {
        healers(Action::GithubDispatch(Box::new(self.dispatcher()))).run(&step(within)).await
    }

    /// Bodies of the dispatches that arrived.
    pub(crate) async fn dispatches(&self) -> Vec<Value> {
        let requests = self.server.received_requests().await.unwrap();
        let posts = requests.iter().filter(|request| request.method.as_str() == "POST");
        posts.map(|request| request.body_json().unwrap()).collect()
    }
}

/// The answer of an accepted dispatch, at GitHub's own time.
pub(crate) fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(204).insert_header("date", "Mon, 23 Nov 2026 15:47:01 GMT")
}

pub(crate) fn refused(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "message": message }))
}

pub(crate) fn run(title: &str, status: &str, conclusion: Option<&str>) -> Value {
    json!({
        "id": RUN, "name": "Restart", "display_title": title, "event": "repository_dispatch",
        "status": status, "conclusion": conclusion, "created_at": "2026-11-23T15:47:02Z",
        "html_url": format!("https://github.com/acme/ops/actions/runs/{RUN}"),
    })
}

pub(crate) fn queued(title: &str) -> Value {
    run(title, "queued", None)
}

pub(crate) fn page_of_run() -> Option<String> {
    Some(format!("https://github.com/acme/ops/actions/runs/{RUN}"))
}
