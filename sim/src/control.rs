//! The control port: JSON for programs, and the page of `page.rs` for people.
//!
//! Sets faults and modes and shows what the simulator saw. It has no password: it is meant for one
//! machine, and only pages of its own may send its forms. Never speaks for the bridge.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Request, State as Shared},
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{any, get, put},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    clock,
    faults::{Fault, FaultError, FaultSet},
    mail::Mail,
    options::{GithubMode, RestartMode, SmtpMode},
    page,
    positions::Position,
    web::{WebChange, WebError},
    world::{State, World},
};

/// Most bytes of a request's body.
const BODY_BYTES_MAX: usize = 32 * 1024;

/// The longest wait that can be set.
pub(crate) const DELAY_MS_MAX: u64 = 600_000;

/// All paths of the control port.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/faults", get(faults).delete(clear_faults))
        .route("/faults/{name}", put(set_fault).delete(clear_fault))
        .route("/restart", get(restart).put(set_restart))
        .route("/github", get(github).put(set_github))
        .route("/smtp", get(smtp).put(set_smtp))
        .route("/web", get(web).put(set_web))
        .route("/mails", get(mails).delete(clear_mails))
        .route("/mails/{id}", get(mail))
        .route("/trap", any(trap))
        .merge(page::routes())
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "no such path; GET /state shows everything") })
        .layer(from_fn(only_own_forms))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(world)
}

/// An answer that says what is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    value: Option<i64>,
}

/// What `PUT /restart` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestartBody {
    pub(crate) mode: Option<RestartMode>,
    pub(crate) delay_ms: Option<u64>,
}

/// What `PUT /github` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GithubBody {
    pub(crate) mode: Option<GithubMode>,
    pub(crate) queued_ms: Option<u64>,
    pub(crate) run_ms: Option<u64>,
    /// Days until the token ends; 0 and below: it has ended.
    pub(crate) token_days: Option<i64>,
    /// Scopes of a classic token; empty: a token of another kind.
    pub(crate) scopes: Option<String>,
}

/// Most days until a token ends, and since it ended.
const TOKEN_DAYS_MAX: i64 = 3_650;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpBody {
    mode: SmtpMode,
}

/// A foreign page in the same browser cannot set faults.
async fn only_own_forms(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if !request.method().is_safe() && site.is_some_and(|site| site != "same-origin" && site != "none") {
        return problem(StatusCode::FORBIDDEN, "this came from another site").into_response();
    }
    next.run(request).await
}

async fn state(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    let (addresses, dialect) = (&world.addresses, world.options.dialect);
    world.look(|state| {
        Json(json!({
            "time": clock::iso(clock::now()),
            "dialect": dialect,
            "addresses": addresses,
            "faults": on(&state.faults),
            "restart": restart_body(state),
            "github": github_body(state),
            "smtp": smtp_body(state),
            "web": web_body(state),
            "book": book_body(state),
            "accounts": state.accounts.iter().map(account_body).collect::<Vec<_>>(),
            "ticks": state.ticks,
            "bridge_requests": state.bridge_requests,
            "redirects_followed": state.redirects_followed,
        }))
    })
}

fn account_body(account: &crate::accounts::Account) -> Value {
    json!({
        "account": account.id,
        "name": account.name,
        "fund_type": account.fund_type,
        "balance": account.stored.money.balance,
        "equity": account.stored.money.equity,
        "login": account.stored.owner.login,
        "server": account.stored.owner.server,
        "currency": account.stored.owner.currency,
        "read_at": clock::iso(account.stored.read_at),
        "error": account.stored.error,
    })
}

async fn faults(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| Json(Fault::ALL.iter().map(|fault| fault_body(*fault, &state.faults)).collect()))
}

async fn set_fault(
    Shared(world): Shared<Arc<World>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let body: FaultBody = read(&body)?;
    let fault: Fault = name.parse()?;
    world.set_fault(fault, body.value)?;
    world.settled().await;
    Ok(world.look(|state| Json(fault_body(fault, &state.faults))))
}

async fn clear_fault(
    Shared(world): Shared<Arc<World>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let fault: Fault = name.parse()?;
    world.clear_fault(fault);
    world.settled().await;
    Ok(world.look(|state| Json(fault_body(fault, &state.faults))))
}

async fn clear_faults(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.change(|state| state.faults.clear_all());
    world.settled().await;
    Json(json!([]))
}

async fn restart(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    Json(world.look(|state| restart_body(state)))
}

async fn set_restart(Shared(world): Shared<Arc<World>>, body: Bytes) -> Result<Json<Value>, Problem> {
    apply_restart(&world, &read(&body)?)?;
    Ok(Json(world.look(|state| restart_body(state))))
}

/// Sets how restarts go.
pub(crate) fn apply_restart(world: &World, body: &RestartBody) -> Result<(), Problem> {
    let delay = delay(body.delay_ms, "delay_ms")?;
    world.change(|state| {
        let desk = &mut state.restart;
        desk.mode = body.mode.unwrap_or(desk.mode);
        desk.delay = delay.unwrap_or(desk.delay);
    });
    Ok(())
}

async fn github(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    Json(world.look(|state| github_body(state)))
}

async fn set_github(Shared(world): Shared<Arc<World>>, body: Bytes) -> Result<Json<Value>, Problem> {
    apply_github(&world, &read(&body)?)?;
    Ok(Json(world.look(|state| github_body(state))))
}

/// Sets how the GitHub API goes.
pub(crate) fn apply_github(world: &World, body: &GithubBody) -> Result<(), Problem> {
    let (queued, run) = (delay(body.queued_ms, "queued_ms")?, delay(body.run_ms, "run_ms")?);
    let token_ends = match body.token_days {
        Some(days) if days.abs() > TOKEN_DAYS_MAX => {
            let what = format!("token_days is at most {TOKEN_DAYS_MAX}, not {days}");
            return Err(problem(StatusCode::UNPROCESSABLE_ENTITY, &what));
        }
        Some(days) => Some(clock::now() + chrono::TimeDelta::days(days)),
        None => None,
    };
    world.change(|state| {
        let desk = &mut state.github;
        desk.token_ends = token_ends.or(desk.token_ends);
        if let Some(scopes) = &body.scopes {
            desk.scopes.clone_from(scopes);
        }
        desk.mode = body.mode.unwrap_or(desk.mode);
        desk.queued = queued.unwrap_or(desk.queued);
        desk.run = run.unwrap_or(desk.run);
    });
    Ok(())
}

async fn smtp(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    Json(world.look(|state| smtp_body(state)))
}

async fn set_smtp(Shared(world): Shared<Arc<World>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let SmtpBody { mode } = read(&body)?;
    world.change(|state| state.mail.mode = mode);
    world.settled().await;
    Ok(Json(world.look(|state| smtp_body(state))))
}

async fn web(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    Json(world.look(|state| web_body(state)))
}

async fn set_web(Shared(world): Shared<Arc<World>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let change: WebChange = read(&body)?;
    world.change(|state| state.web.change(change))?;
    world.settled().await;
    Ok(Json(world.look(|state| web_body(state))))
}

/// Without `raw`, which `GET /mails/{id}` has.
async fn mails(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| {
        let list = state.mail.mails.iter().map(|mail| {
            json!({
                "id": mail.id,
                "at": clock::iso(mail.at),
                "from": mail.from,
                "to": mail.to,
                "user": mail.user,
                "subject": mail.subject,
                "text": mail.text,
                "html": mail.html,
            })
        });
        Json(list.collect())
    })
}

async fn mail(Shared(world): Shared<Arc<World>>, Path(id): Path<u64>) -> Result<Json<Mail>, Problem> {
    let found = world.look(|state| state.mail.mails.iter().find(|mail| mail.id == id).cloned());
    found.map(Json).ok_or_else(|| problem(StatusCode::NOT_FOUND, "no such mail"))
}

async fn clear_mails(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    world.look(|state| state.mail.mails.clear());
    Json(json!([]))
}

/// Where the `redirect` fault leads. Whoever comes here follows redirects.
async fn trap(Shared(world): Shared<Arc<World>>) -> &'static str {
    world.look(|state| state.redirects_followed += 1);
    "You followed a redirect."
}

fn fault_body(fault: Fault, faults: &FaultSet) -> Value {
    let rule = fault.value_rule();
    json!({
        "name": fault,
        "on": faults.has(fault),
        "value": rule.as_ref().and_then(|_| faults.value(fault)),
        "unit": rule.as_ref().map(|rule| rule.unit),
        "value_default": rule.map(|rule| rule.default),
        "about": fault.about(),
    })
}

fn on(faults: &FaultSet) -> Vec<Value> {
    faults.iter().map(|(fault, _)| fault_body(fault, faults)).collect()
}

fn restart_body(state: &State) -> Value {
    let desk = &state.restart;
    json!({
        "mode": desk.mode,
        "delay_ms": ms(desk.delay),
        "calls_total": desk.calls_total,
        "calls": desk.calls,
    })
}

fn github_body(state: &State) -> Value {
    let desk = &state.github;
    json!({
        "mode": desk.mode,
        "queued_ms": ms(desk.queued),
        "run_ms": ms(desk.run),
        "token_ends": desk.token_ends.map(clock::iso_seconds),
        "scopes": desk.scopes,
        "dispatches_total": desk.dispatches_total,
        "dispatches": desk.dispatches,
        "runs": desk.runs,
    })
}

fn smtp_body(state: &State) -> Value {
    let desk = &state.mail;
    json!({
        "mode": desk.mode,
        "mails": desk.mails.len(),
        "mails_total": desk.mails_total,
        "refused_total": desk.refused_total,
    })
}

fn web_body(state: &State) -> Value {
    let desk = &state.web;
    json!({
        "status": desk.status.as_u16(),
        "text": desk.text,
        "delay_ms": ms(desk.delay),
        "up": desk.up,
        "requests": desk.requests,
    })
}

/// Tickets of what is open and pending at the terminal, and of what restarts have lost.
fn book_body(state: &State) -> Value {
    let tickets = |positions: &[Position]| positions.iter().map(|one| one.ticket).collect::<Vec<_>>();
    json!({
        "positions": tickets(&state.book.positions),
        "orders": state.book.orders.iter().map(|order| order.ticket).collect::<Vec<_>>(),
        "lost": tickets(&state.book.lost),
    })
}

/// A wait in whole milliseconds.
pub(crate) fn ms(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

fn delay(value: Option<u64>, name: &str) -> Result<Option<Duration>, Problem> {
    match value {
        Some(value) if value > DELAY_MS_MAX => {
            let text = format!("{name} = {value} is more than {DELAY_MS_MAX}");
            Err(problem(StatusCode::UNPROCESSABLE_ENTITY, text))
        }
        Some(value) => Ok(Some(Duration::from_millis(value))),
        None => Ok(None),
    }
}

/// Reads a JSON body; an empty one says nothing.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| problem(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}

fn problem(status: StatusCode, text: impl Into<String>) -> Problem {
    Problem { status, text: text.into() }
}

impl From<FaultError> for Problem {
    fn from(error: FaultError) -> Self {
        let status = match &error {
            FaultError::Unknown(_) => StatusCode::NOT_FOUND,
            FaultError::OutOfRange { .. } | FaultError::NoValue(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        problem(status, error.to_string())
    }
}

impl From<WebError> for Problem {
    fn from(error: WebError) -> Self {
        problem(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.text }))).into_response()
    }
}
