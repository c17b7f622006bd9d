//! GitHub's API, as far as a healer needs it: dispatches, runs, the repository, the user.
//!
//! Answers with GitHub's words, statuses and headers. Never looks at the bridge; a run that succeeds
//! restarts the host through `World`.

mod runs;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

pub use runs::Dispatch;
pub(crate) use runs::{GithubDesk, Run};

use crate::{clock, options::GithubMode, world::World};
use runs::{CreatedRange, start_run};

/// Most bytes of a dispatch; GitHub takes 64 KiB.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Most top-level keys of `client_payload`.
const PAYLOAD_KEYS_MAX: usize = 10;

/// Most characters of an event type.
const EVENT_TYPE_CHARS_MAX: usize = 100;

/// What the API says it allows in an hour.
const REQUESTS_PER_HOUR: u32 = 5_000;

/// What a client that is over the limit is told to wait.
const RETRY_AFTER_SECONDS: i64 = 60;

/// Runs on a page when the client does not say, and at most.
const PAGE_DEFAULT: usize = 30;
const PAGE_MAX: usize = 100;

/// All paths of the API, behind the token and the mode.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/user", get(user))
        .route("/repos/{owner}/{name}", get(repository))
        .route("/repos/{owner}/{name}/dispatches", post(repository_dispatch))
        .route("/repos/{owner}/{name}/actions/workflows/{file}", get(workflow))
        .route("/repos/{owner}/{name}/actions/workflows/{file}/dispatches", post(workflow_dispatch))
        .route("/repos/{owner}/{name}/actions/workflows/{file}/runs", get(runs_of_workflow))
        .route("/repos/{owner}/{name}/actions/runs", get(runs_of_repository))
        .route("/repos/{owner}/{name}/actions/runs/{id}", get(run))
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "Not Found") })
        .layer(from_fn_with_state(Arc::clone(&world), guard))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(world)
}

#[derive(Debug, Deserialize)]
struct RunsQuery {
    event: Option<String>,
    created: Option<String>,
    status: Option<String>,
    per_page: Option<usize>,
    page: Option<usize>,
}

/// The mode, the token and the headers that every answer has.
async fn guard(Shared(world): Shared<Arc<World>>, request: Request, next: Next) -> Response {
    let (mode, requests_left) = world.look(|state| {
        state.github.requests_left = state.github.requests_left.saturating_sub(1);
        (state.github.mode, state.github.requests_left)
    });
    let refusal = match mode {
        GithubMode::Timeout => return std::future::pending().await,
        GithubMode::BadToken => Some((StatusCode::UNAUTHORIZED, "Bad credentials")),
        GithubMode::Forbidden => {
            Some((StatusCode::FORBIDDEN, "Resource not accessible by personal access token"))
        }
        GithubMode::RateLimited => Some((StatusCode::FORBIDDEN, "API rate limit exceeded for user ID 1.")),
        GithubMode::NotFound => Some((StatusCode::NOT_FOUND, "Not Found")),
        GithubMode::ServerError => Some((StatusCode::BAD_GATEWAY, "Server Error")),
        GithubMode::Ok | GithubMode::RunFails | GithubMode::RunCancelled => None,
        GithubMode::NoRun | GithubMode::Invalid => None,
        GithubMode::ReadOnly | GithubMode::WorkflowOff | GithubMode::WorkflowGone => None,
    };
    let refusal = refusal.or_else(|| refuse_caller(request.headers(), &world.options.github_token));
    let (token_ends, scopes) = world.look(|state| (state.github.token_ends, state.github.scopes.clone()));
    let over = token_ends.is_some_and(|ends| ends <= clock::now());
    let refusal = refusal.or_else(|| over.then_some((StatusCode::UNAUTHORIZED, "Bad credentials")));
    let takes_token = refusal.is_none_or(|(status, _)| status != StatusCode::UNAUTHORIZED);
    let mut response = match refusal {
        Some((status, message)) => refuse(status, message),
        None => next.run(request).await,
    };
    let limited = mode == GithubMode::RateLimited;
    add_limits(response.headers_mut(), if limited { 0 } else { requests_left }, limited);
    if takes_token {
        add_token(response.headers_mut(), token_ends, &scopes);
    }
    response
}

fn refuse_caller(headers: &HeaderMap, token: &str) -> Option<(StatusCode, &'static str)> {
    if !headers.contains_key(header::USER_AGENT) {
        let message = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
        return Some((StatusCode::FORBIDDEN, message));
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").or_else(|| given.strip_prefix("token "));
    (given != Some(token)).then_some((StatusCode::UNAUTHORIZED, "Bad credentials"))
}

fn add_limits(headers: &mut HeaderMap, left: u32, limited: bool) {
    let reset = clock::now().timestamp() + RETRY_AFTER_SECONDS;
    let mut add = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    add("x-ratelimit-limit", REQUESTS_PER_HOUR.to_string());
    add("x-ratelimit-remaining", left.to_string());
    add("x-ratelimit-used", REQUESTS_PER_HOUR.saturating_sub(left).to_string());
    add("x-ratelimit-reset", reset.to_string());
    add("x-ratelimit-resource", "core".to_owned());
    if limited {
        add("retry-after", RETRY_AFTER_SECONDS.to_string());
    }
}

/// What answers tell of the token that was taken: its end, where it has one, and the scopes of a classic one.
fn add_token(headers: &mut HeaderMap, ends: Option<DateTime<Utc>>, scopes: &str) {
    let ends = ends.map(|ends| ends.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    let scopes = Some(scopes.to_owned()).filter(|scopes| !scopes.is_empty());
    let told = [("github-authentication-token-expiration", ends), ("x-oauth-scopes", scopes)];
    for (name, value) in told {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

async fn user() -> Json<Value> {
    Json(json!({ "login": "rebound-bot", "id": 1, "type": "User", "site_admin": false }))
}

async fn repository(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name)): Path<(String, String)>,
) -> Json<Value> {
    let may_write = world.look(|state| state.github.mode) != GithubMode::ReadOnly;
    Json(json!({
        "id": 1,
        "name": name,
        "full_name": format!("{owner}/{name}"),
        "private": true,
        "archived": false,
        "disabled": false,
        "default_branch": "main",
        "html_url": format!("{}/{owner}/{name}", world.addresses.github),
        "permissions": { "admin": false, "maintain": false, "push": may_write, "triage": may_write, "pull": true },
    }))
}

async fn workflow(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name, file)): Path<(String, String, String)>,
) -> Response {
    let mode = world.look(|state| state.github.mode);
    if !is_workflow(&file) || mode == GithubMode::WorkflowGone {
        return refuse(StatusCode::NOT_FOUND, "Not Found");
    }
    let base = &world.addresses.github;
    let at = clock::iso_seconds(clock::now());
    let body = json!({
        "id": 1,
        "node_id": "W_1",
        "name": file.trim_end_matches(".yml"),
        "path": format!(".github/workflows/{file}"),
        "state": if mode == GithubMode::WorkflowOff { "disabled_manually" } else { "active" },
        "created_at": at,
        "updated_at": at,
        "url": format!("{base}/repos/{owner}/{name}/actions/workflows/1"),
        "html_url": format!("{base}/{owner}/{name}/blob/main/.github/workflows/{file}"),
        "badge_url": format!("{base}/{owner}/{name}/workflows/{file}/badge.svg"),
    });
    Json(body).into_response()
}

/// Refuses what the mode forbids to every dispatch.
fn refuse_by_mode(world: &World, is_workflow: bool) -> Option<(StatusCode, &'static str)> {
    match world.look(|state| state.github.mode) {
        GithubMode::ReadOnly => {
            Some((StatusCode::FORBIDDEN, "Resource not accessible by personal access token"))
        }
        GithubMode::WorkflowOff if is_workflow => Some((
            StatusCode::UNPROCESSABLE_ENTITY,
            "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
        )),
        GithubMode::WorkflowGone if is_workflow => Some((StatusCode::NOT_FOUND, "Not Found")),
        GithubMode::Ok
        | GithubMode::RunFails
        | GithubMode::RunCancelled
        | GithubMode::NoRun
        | GithubMode::BadToken
        | GithubMode::Forbidden
        | GithubMode::RateLimited
        | GithubMode::NotFound
        | GithubMode::Invalid
        | GithubMode::WorkflowOff
        | GithubMode::WorkflowGone
        | GithubMode::ServerError
        | GithubMode::Timeout => None,
    }
}

async fn repository_dispatch(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if let Some((status, message)) = refuse_by_mode(&world, false) {
        return refuse(status, message);
    }
    let body: Value = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(_) => return refuse(StatusCode::BAD_REQUEST, "Problems parsing JSON"),
    };
    let mut dispatch = Dispatch {
        at: clock::now(),
        repository: format!("{owner}/{name}"),
        event: "repository_dispatch",
        what: body["event_type"].as_str().unwrap_or_default().to_owned(),
        correlation_id: body["client_payload"]["correlation_id"].as_str().map(str::to_owned),
        body,
        status: StatusCode::NO_CONTENT.as_u16(),
        run_id: None,
    };
    let keys = dispatch.body["client_payload"].as_object().map_or(0, serde_json::Map::len);
    let problem = if world.look(|state| state.github.mode) == GithubMode::Invalid {
        Some("The request was refused as invalid.")
    } else if dispatch.what.is_empty() {
        Some("Invalid request.\n\n\"event_type\" wasn't supplied.")
    } else if dispatch.what.chars().count() > EVENT_TYPE_CHARS_MAX {
        Some("Invalid request.\n\n\"event_type\" is too long (maximum is 100 characters).")
    } else if keys > PAYLOAD_KEYS_MAX {
        Some("Invalid request.\n\nNo more than 10 properties are allowed.")
    } else {
        None
    };
    if let Some(problem) = problem {
        return refuse_dispatch(&world, dispatch, problem);
    }
    if world.look(|state| state.github.mode) != GithubMode::NoRun {
        let workflow = format!("{}.yml", dispatch.what);
        dispatch.run_id = Some(start_run(&world, &dispatch, workflow));
    }
    world.look(|state| state.github.note(dispatch));
    StatusCode::NO_CONTENT.into_response()
}

async fn workflow_dispatch(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name, file)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    if !is_workflow(&file) {
        return refuse(StatusCode::NOT_FOUND, "Not Found");
    }
    if let Some((status, message)) = refuse_by_mode(&world, true) {
        return refuse(status, message);
    }
    let body: Value = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(_) => return refuse(StatusCode::BAD_REQUEST, "Problems parsing JSON"),
    };
    let wants_details = body["return_run_details"] == true;
    let mut dispatch = Dispatch {
        at: clock::now(),
        repository: format!("{owner}/{name}"),
        event: "workflow_dispatch",
        what: file,
        correlation_id: body["inputs"]["correlation_id"].as_str().map(str::to_owned),
        body,
        status: StatusCode::NO_CONTENT.as_u16(),
        run_id: None,
    };
    let mode = world.look(|state| state.github.mode);
    if mode == GithubMode::Invalid {
        return refuse_dispatch(&world, dispatch, "Unexpected inputs provided: [\"reason\"]");
    }
    if !dispatch.body["ref"].is_string() {
        return refuse_dispatch(&world, dispatch, "Invalid request.\n\n\"ref\" wasn't supplied.");
    }
    if mode == GithubMode::NoRun {
        world.look(|state| state.github.note(dispatch));
        return StatusCode::NO_CONTENT.into_response();
    }
    let id = start_run(&world, &dispatch, dispatch.what.clone());
    dispatch.run_id = Some(id);
    if !wants_details {
        world.look(|state| state.github.note(dispatch));
        return StatusCode::NO_CONTENT.into_response();
    }
    dispatch.status = StatusCode::OK.as_u16();
    let base = &world.addresses.github;
    let details = json!({
        "workflow_run_id": id,
        "run_url": format!("{base}/repos/{}/actions/runs/{id}", dispatch.repository),
        "html_url": format!("{base}/{}/actions/runs/{id}", dispatch.repository),
    });
    world.look(|state| state.github.note(dispatch));
    Json(details).into_response()
}

async fn runs_of_repository(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name)): Path<(String, String)>,
    Query(query): Query<RunsQuery>,
) -> Response {
    list(&world, &query, |run| run.repository == format!("{owner}/{name}"))
}

async fn runs_of_workflow(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name, file)): Path<(String, String, String)>,
    Query(query): Query<RunsQuery>,
) -> Response {
    if !is_workflow(&file) {
        return refuse(StatusCode::NOT_FOUND, "Not Found");
    }
    list(&world, &query, |run| run.repository == format!("{owner}/{name}") && run.workflow == file)
}

async fn run(
    Shared(world): Shared<Arc<World>>,
    Path((owner, name, id)): Path<(String, String, String)>,
) -> Response {
    let base = &world.addresses.github;
    let found = world.look(|state| {
        let own = |run: &&Run| run.id.to_string() == id && run.repository == format!("{owner}/{name}");
        state.github.runs.iter().find(own).map(|run| run.body(base))
    });
    found.map_or_else(|| refuse(StatusCode::NOT_FOUND, "Not Found"), |body| Json(body).into_response())
}

/// Newest first, as GitHub lists them.
fn list(world: &World, query: &RunsQuery, belongs: impl Fn(&Run) -> bool) -> Response {
    let created = match query.created.as_deref().map(CreatedRange::parse) {
        Some(None) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, "Invalid value for created."),
        Some(Some(range)) => Some(range),
        None => None,
    };
    let per_page = query.per_page.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let skipped = query.page.unwrap_or(1).saturating_sub(1).saturating_mul(per_page);
    let base = &world.addresses.github;
    let matching: Vec<Value> = world.look(|state| {
        let newest_first = state.github.runs.iter().rev();
        newest_first
            .filter(|run| belongs(run))
            .filter(|run| query.event.as_ref().is_none_or(|event| run.event == event))
            .filter(|run| query.status.as_ref().is_none_or(|wanted| is_in(run, wanted)))
            .filter(|run| created.is_none_or(|range| range.holds(run.created_at)))
            .map(|run| run.body(base))
            .collect()
    });
    let total = matching.len();
    let page: Vec<Value> = matching.into_iter().skip(skipped).take(per_page).collect();
    Json(json!({ "total_count": total, "workflow_runs": page })).into_response()
}

/// GitHub's `status` filter takes a status or a conclusion.
fn is_in(run: &Run, wanted: &str) -> bool {
    run.status == wanted || run.conclusion == Some(wanted)
}

fn is_workflow(file: &str) -> bool {
    file.ends_with(".yml") || file.ends_with(".yaml")
}

fn refuse_dispatch(world: &World, mut dispatch: Dispatch, message: &str) -> Response {
    dispatch.status = StatusCode::UNPROCESSABLE_ENTITY.as_u16();
    world.look(|state| state.github.note(dispatch));
    refuse(StatusCode::UNPROCESSABLE_ENTITY, message)
}

fn refuse(status: StatusCode, message: &str) -> Response {
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status.as_u16().to_string(),
    });
    (status, Json(body)).into_response()
}
