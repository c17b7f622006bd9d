//! The GitHub API: dispatches, runs, and each way of refusing.

use rebound_sim::{Fault, GithubMode, Sim, SimOptions, start};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{client, eventually, started};

const DISPATCH: &str = "/repos/acme/ops/dispatches";
const WORKFLOW: &str = "/repos/acme/ops/actions/workflows/restart.yml/dispatches";

fn with_token(request: RequestBuilder) -> RequestBuilder {
    request.bearer_auth("demo-github-token")
}

async fn ask(sim: &Sim, path: &str) -> Response {
    with_token(client().get(format!("{}{path}", sim.github_url))).send().await.unwrap()
}

async fn post(sim: &Sim, path: &str, body: Value) -> Response {
    with_token(client().post(format!("{}{path}", sim.github_url))).json(&body).send().await.unwrap()
}

async fn dispatch(sim: &Sim) -> Response {
    post(
        sim,
        DISPATCH,
        json!({ "event_type": "mt5-full-restart", "client_payload": { "correlation_id": "h-1" } }),
    )
    .await
}

async fn start_workflow(sim: &Sim) -> Value {
    let body = json!({ "ref": "main", "inputs": { "correlation_id": "h-2" }, "return_run_details": true });
    post(sim, WORKFLOW, body).await.json().await.unwrap()
}

async fn run(sim: &Sim, id: &Value) -> Value {
    ask(sim, &format!("/repos/acme/ops/actions/runs/{id}")).await.json().await.unwrap()
}

async fn completed(sim: &Sim, id: &Value) -> Value {
    eventually(async || Some(run(sim, id).await).filter(|run| run["status"] == "completed")).await
}

async fn in_mode(mode: GithubMode) -> Sim {
    let sim = started().await;
    sim.github_mode(mode).await;
    sim
}

#[tokio::test]
async fn a_repository_dispatch_is_204_and_its_run_is_found_by_title() {
    let sim = started().await;
    assert_eq!(dispatch(&sim).await.status(), 204);
    let path = "/repos/acme/ops/actions/runs?event=repository_dispatch&created=%3E%3D2020-01-01T00:00:00Z";
    let list: Value = ask(&sim, path).await.json().await.unwrap();
    let run = &list["workflow_runs"][0];
    assert_eq!((&list["total_count"], &run["display_title"]), (&json!(1), &json!("heal h-1")));
    assert_eq!(run["event"], "repository_dispatch");
}

#[tokio::test]
async fn a_workflow_dispatch_names_its_run() {
    let sim = started().await;
    let details = start_workflow(&sim).await;
    let run = run(&sim, &details["workflow_run_id"]).await;
    assert_eq!((&run["name"], &run["url"]), (&json!("heal h-2"), &details["run_url"]));
    assert_eq!(run["html_url"], details["html_url"]);
}

#[tokio::test]
async fn a_workflow_dispatch_without_the_wish_is_204() {
    let sim = started().await;
    assert_eq!(post(&sim, WORKFLOW, json!({ "ref": "main" })).await.status(), 204);
    assert_eq!(sim.dispatches().await[0].event, "workflow_dispatch");
}

#[tokio::test]
async fn a_run_is_queued_first() {
    let options = SimOptions { github_queued: std::time::Duration::from_secs(60), ..SimOptions::quick() };
    let sim = start(options).await.unwrap();
    let details = start_workflow(&sim).await;
    let run = run(&sim, &details["workflow_run_id"]).await;
    assert_eq!((&run["status"], &run["conclusion"]), (&json!("queued"), &Value::Null));
}

#[tokio::test]
async fn a_successful_run_restarts_the_whole_host() {
    let sim = started().await;
    sim.fault(Fault::ProcessDown).await;
    sim.fault(Fault::LinkLost).await;
    let details = start_workflow(&sim).await;
    let run = completed(&sim, &details["workflow_run_id"]).await;
    assert_eq!(run["conclusion"], "success");
    assert_eq!(
        eventually(async || crate::client().get(&sim.bridge_url).send().await.ok()).await.status(),
        200
    );
    assert_eq!(sim.faults().await.iter().count(), 0);
}

#[tokio::test]
async fn a_failed_run_repairs_nothing() {
    let sim = in_mode(GithubMode::RunFails).await;
    sim.break_link().await;
    let details = start_workflow(&sim).await;
    assert_eq!(completed(&sim, &details["workflow_run_id"]).await["conclusion"], "failure");
    assert!(sim.faults().await.has(Fault::LinkLost));
}

#[tokio::test]
async fn a_cancelled_run_says_so() {
    let sim = in_mode(GithubMode::RunCancelled).await;
    let details = start_workflow(&sim).await;
    assert_eq!(completed(&sim, &details["workflow_run_id"]).await["conclusion"], "cancelled");
}

#[tokio::test]
async fn an_accepted_dispatch_may_start_no_run() {
    let sim = in_mode(GithubMode::NoRun).await;
    assert_eq!(dispatch(&sim).await.status(), 204);
    let list: Value = ask(&sim, "/repos/acme/ops/actions/runs").await.json().await.unwrap();
    assert_eq!((&list["total_count"], sim.dispatches().await.len()), (&json!(0), 1));
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let sim = started().await;
    let refusals = [
        (GithubMode::BadToken, 401),
        (GithubMode::Forbidden, 403),
        (GithubMode::RateLimited, 403),
        (GithubMode::NotFound, 404),
        (GithubMode::Invalid, 422),
        (GithubMode::ServerError, 502),
    ];
    for (mode, status) in refusals {
        sim.github_mode(mode).await;
        assert_eq!(dispatch(&sim).await.status(), status, "{mode:?}");
    }
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_again() {
    let sim = in_mode(GithubMode::RateLimited).await;
    let response = dispatch(&sim).await;
    assert_eq!(response.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(response.headers()["retry-after"], "60");
}

#[tokio::test]
async fn a_timeout_never_answers() {
    let sim = in_mode(GithubMode::Timeout).await;
    let sent = with_token(client().get(format!("{}/user", sim.github_url))).send().await;
    assert!(sent.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_wrong_token_is_401() {
    let sim = started().await;
    let sent = client().get(format!("{}/user", sim.github_url)).bearer_auth("wrong").send().await.unwrap();
    assert_eq!(sent.status(), 401);
    assert_eq!(sent.json::<Value>().await.unwrap()["message"], "Bad credentials");
}

#[tokio::test]
async fn a_dispatch_without_an_event_type_is_422() {
    let sim = started().await;
    assert_eq!(post(&sim, DISPATCH, json!({})).await.status(), 422);
}

#[tokio::test]
async fn an_eleventh_payload_key_is_422() {
    let sim = started().await;
    let payload: serde_json::Map<String, Value> =
        (0..11).map(|key| (format!("k{key}"), json!(key))).collect();
    let body = json!({ "event_type": "x", "client_payload": payload });
    assert_eq!(post(&sim, DISPATCH, body).await.status(), 422);
}

#[tokio::test]
async fn the_token_can_be_tried_on_user_and_repository() {
    let sim = started().await;
    let user: Value = ask(&sim, "/user").await.json().await.unwrap();
    let repository: Value = ask(&sim, "/repos/acme/ops").await.json().await.unwrap();
    assert!(user["login"].is_string());
    assert_eq!(
        (&repository["full_name"], &repository["default_branch"]),
        (&json!("acme/ops"), &json!("main"))
    );
}
