//! The control page: every fault with its switch, the modes, and what the simulator received.
//!
//! Rendered on the server; plain forms, no script. Each form leads back to the page. Decides nothing:
//! the forms do what the JSON paths of `control.rs` do.

mod parts;
mod switches;

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State as Shared},
    response::{Html, Redirect},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    control::{GithubBody, Problem, RestartBody, apply_github, apply_restart},
    options::{GithubMode, Mode, RestartMode, SmtpMode},
    web::WebChange,
    world::World,
};

/// How many seconds lie between two loads of a page that watches.
const WATCH_SECONDS: u32 = 3;

const STYLE: &str = include_str!("page/style.css");

/// The page and its forms.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(page))
        .route("/ui/faults/clear", post(clear_faults))
        .route("/ui/faults/{name}/on", post(fault_on))
        .route("/ui/faults/{name}/off", post(fault_off))
        .route("/ui/restart", post(restart))
        .route("/ui/github", post(github))
        .route("/ui/smtp", post(smtp))
        .route("/ui/web", post(web))
        .route("/ui/mails/clear", post(clear_mails))
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    watch: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FaultForm {
    value: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct ModeForm {
    mode: String,
    delay_ms: Option<u64>,
    queued_ms: Option<u64>,
    run_ms: Option<u64>,
}

async fn page(Shared(world): Shared<Arc<World>>, Query(query): Query<PageQuery>) -> Html<String> {
    let watches = query.watch.is_some();
    let refresh = if watches {
        format!("<meta http-equiv=\"refresh\" content=\"{WATCH_SECONDS}\">")
    } else {
        String::new()
    };
    let addresses = &world.addresses;
    let body = world.look(|state| {
        format!(
            "{header}<div>{faults}</div><div>{accounts}{positions}{restart}{github}{smtp}{web}{mails}{calls}{dispatches}</div>",
            header = parts::header(state, addresses, world.options.dialect, watches),
            faults = switches::faults(state),
            accounts = parts::accounts(state),
            positions = parts::positions(state),
            web = parts::web(state, addresses),
            restart = parts::restart(state),
            github = parts::github(state),
            smtp = parts::smtp(state),
            mails = parts::mails(state),
            calls = parts::restart_calls(state),
            dispatches = parts::dispatches(state),
        )
    });
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">{refresh}\
         <title>Simulated MT5 host</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    ))
}

async fn fault_on(
    Shared(world): Shared<Arc<World>>,
    Path(name): Path<String>,
    Form(form): Form<FaultForm>,
) -> Result<Redirect, Problem> {
    world.set_fault(name.parse()?, form.value)?;
    world.settled().await;
    Ok(back())
}

async fn fault_off(Shared(world): Shared<Arc<World>>, Path(name): Path<String>) -> Result<Redirect, Problem> {
    world.clear_fault(name.parse()?);
    world.settled().await;
    Ok(back())
}

async fn clear_faults(Shared(world): Shared<Arc<World>>) -> Redirect {
    world.change(|state| state.faults.clear_all());
    world.settled().await;
    back()
}

async fn restart(Shared(world): Shared<Arc<World>>, Form(form): Form<ModeForm>) -> Result<Redirect, Problem> {
    let body = RestartBody { mode: RestartMode::named(&form.mode), delay_ms: form.delay_ms };
    apply_restart(&world, &body)?;
    Ok(back())
}

async fn github(Shared(world): Shared<Arc<World>>, Form(form): Form<ModeForm>) -> Result<Redirect, Problem> {
    let mode = GithubMode::named(&form.mode);
    apply_github(
        &world,
        &GithubBody { mode, queued_ms: form.queued_ms, run_ms: form.run_ms, ..GithubBody::default() },
    )?;
    Ok(back())
}

async fn smtp(Shared(world): Shared<Arc<World>>, Form(form): Form<ModeForm>) -> Redirect {
    if let Some(mode) = SmtpMode::named(&form.mode) {
        world.change(|state| state.mail.mode = mode);
        world.settled().await;
    }
    back()
}

async fn web(Shared(world): Shared<Arc<World>>, Form(change): Form<WebChange>) -> Result<Redirect, Problem> {
    world.change(|state| state.web.change(change))?;
    world.settled().await;
    Ok(back())
}

async fn clear_mails(Shared(world): Shared<Arc<World>>) -> Redirect {
    world.look(|state| state.mail.mails.clear());
    back()
}

/// Leads the browser back to the page.
fn back() -> Redirect {
    Redirect::to("/")
}
