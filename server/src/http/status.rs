//! The page that everybody may see, and its JSON. Made anew every few seconds at most, however many ask.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use leptos::prelude::{IntoAny as _, view};
use rebound::time::Timestamp;
use rebound_app::{LOOK_COOKIE, PublicSheet, PublicStatus, Tongue, cookie, status_document};
use rebound_engine::service::{Principal, Service};
use tokio::sync::Mutex;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::set_header::SetResponseHeaderLayer;

use super::COMPRESSION;
use super::pages::render;
use crate::config::StatusPageSettings;

/// How long a page is shown before another is made.
const FRESH_FOR: Duration = Duration::from_secs(15);
/// Days of which each has a mark.
const DAYS: u32 = 90;
/// Trouble that is told reaches back so far.
const TROUBLE: Duration = Duration::from_secs(14 * 86_400);
/// A page that is longer is not drawn: far more than that of 2,000 targets.
const PAGE_BYTES_MAX: usize = 64 << 20;
/// Most incidents that are looked through for it.
const INCIDENTS_MAX: u32 = 200;

/// What is shown, and to whom it belongs.
#[derive(Clone)]
struct Shown {
    settings: StatusPageSettings,
    service: Service,
    last: Arc<Mutex<Option<PublicSheet>>>,
    /// The page as it was drawn of the last sheet in each language, for everybody who chose no look of his own.
    drawn: Arc<Mutex<HashMap<&'static str, Drawn>>>,
}

/// A page as it was drawn.
struct Drawn {
    /// Of which moment.
    at: Timestamp,
    headers: HeaderMap,
    body: Bytes,
}

/// The ways to it.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(
    settings: StatusPageSettings,
    service: Service,
) -> Router<S> {
    // A copy in between must not tell for longer than a minute that all is well.
    let short = SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=15"),
    );
    // Nor must it show somebody the look or the language that another chose.
    let by_look =
        SetResponseHeaderLayer::overriding(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    Router::new()
        .route("/status", get(page))
        .route("/status.json", get(json))
        .layer(short)
        .layer(by_look)
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(COMPRESSION)))
        .with_state(Shown { settings, service, last: Arc::default(), drawn: Arc::default() })
}

async fn page(State(shown): State<Shown>, request: Request) -> Response {
    let sheet = shown.sheet().await;
    if has_a_look(&request) {
        return draw(sheet, request).await;
    }
    let mut drawn = shown.drawn.lock().await;
    let tongue = Tongue::of_reader(request.headers()).code();
    if let Some(drawn) = drawn.get(tongue).filter(|drawn| drawn.at == sheet.at) {
        return (drawn.headers.clone(), drawn.body.clone()).into_response();
    }
    let at = sheet.at;
    let (parts, body) = draw(sheet, request).await.into_parts();
    match to_bytes(body, PAGE_BYTES_MAX).await {
        Ok(body) => {
            if parts.status.is_success() {
                drawn.insert(tongue, Drawn { at, headers: parts.headers.clone(), body: body.clone() });
            }
            Response::from_parts(parts, body.into())
        }
        Err(error) => {
            tracing::error!(%error, "the status page cannot be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn draw(sheet: PublicSheet, request: Request) -> Response {
    let title = sheet.title.clone();
    let page = move || view! { <PublicStatus sheet=sheet.clone()/> }.into_any();
    render(move || status_document(&title, page()), request).await
}

/// Whether it comes from somebody who once chose light or dark: his page is drawn for him alone.
fn has_a_look(request: &Request) -> bool {
    cookie(request.headers(), LOOK_COOKIE).is_some_and(|look| !look.is_empty())
}

async fn json(State(shown): State<Shown>) -> Response {
    Json(shown.sheet().await).into_response()
}

impl Shown {
    async fn sheet(&self) -> PublicSheet {
        let now = self.service.now();
        let mut last = self.last.lock().await;
        if let Some(sheet) = last.as_ref().filter(|sheet| now.since(sheet.at) < FRESH_FOR) {
            return sheet.clone();
        }
        let sheet = self.made(now).await;
        *last = Some(sheet.clone());
        sheet
    }

    async fn made(&self, now: Timestamp) -> PublicSheet {
        let nobody = Principal::named("the status page");
        let board = self.service.board(&nobody);
        let history = self.service.uptime_days(&nobody, DAYS).await.ok();
        let since = now.before(TROUBLE);
        let incidents = self.service.incidents(&nobody, None, INCIDENTS_MAX).await;
        if let Err(error) = &incidents {
            tracing::debug!(%error, "the status page cannot tell of before");
        }
        let recent = incidents.ok().map(|mut incidents| {
            incidents.retain(|incident| incident.first_failure >= since);
            incidents
        });
        let shown = |view: &rebound::view::TargetView| {
            self.settings.targets.as_ref().is_none_or(|targets| targets.contains(&view.id))
        };
        PublicSheet::of(&self.settings.title, &board, &shown, history.as_ref(), recent.as_deref())
    }
}
