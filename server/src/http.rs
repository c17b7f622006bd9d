//! HTTP: pages, interfaces, feed. Every route is here; what it does is in the service.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};
use leptos::config::LeptosOptions;
use rebound_engine::service::Service;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use self::json::{board, healing, held, history, ledger, numbers, outcomes, readiness, report, settings};
use crate::auth::Auth;
use crate::config::{LoginSettings, StatusPageSettings};

mod errors;

mod extract;

mod feed;

mod guard;

mod headers;

pub(crate) mod json;

mod known;

mod login;

mod look;

mod go;

mod pages;

mod status;

mod assets;

/// Largest body that is read.
const BODY_MAX: usize = 64 * 1024;
/// Longest time until an answer begins.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How hard pages are compressed: beyond it they get hardly smaller, and take noticeably longer.
const COMPRESSION: i32 = 4;
/// Most feeds open at the same time.
const FEEDS_MAX: usize = 256;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct Face {
    /// The operations.
    pub service: Service,
    /// Who somebody is.
    pub auth: Arc<Auth>,
    /// Whether the engine's loop runs.
    pub alive: Arc<dyn Alive>,
    /// Targets that have a remedy with a GitHub token.
    pub github_configured: Arc<BTreeSet<String>>,
    /// Ends feeds at shutdown.
    pub stopping: CancellationToken,
    pub(crate) feeds: Arc<Semaphore>,
    pub(crate) options: LeptosOptions,
}

/// Tells whether the engine's loop runs.
pub trait Alive: Send + Sync + std::fmt::Debug {
    /// Whether it does.
    fn is_alive(&self) -> bool;
}

impl Face {
    /// What handlers share; `site` is the folder of the browser's files.
    #[must_use]
    pub fn new(
        service: Service,
        auth: Auth,
        alive: Arc<dyn Alive>,
        github_configured: BTreeSet<String>,
        site: &std::path::Path,
        stopping: CancellationToken,
    ) -> Self {
        let options = LeptosOptions::builder()
            .output_name("rebound")
            .site_root(site.display().to_string())
            .site_pkg_dir("pkg")
            .build();
        let feeds = Arc::new(Semaphore::new(FEEDS_MAX));
        Self {
            service,
            auth: Arc::new(auth),
            alive,
            github_configured: Arc::new(github_configured),
            stopping,
            feeds,
            options,
        }
    }
}

/// Every route.
pub fn router(
    face: Face,
    login: &LoginSettings,
    site: PathBuf,
    status_page: Option<StatusPageSettings>,
) -> Router {
    let sessions = SessionManagerLayer::new(face.auth.sessions.clone())
        .with_name("rebound_session")
        .with_secure(login.secure_cookie)
        // Strict would drop the cookie when somebody follows the link of an alert mail.
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_always_save(true)
        .with_expiry(Expiry::OnInactivity(
            login.session_idle_max.try_into().unwrap_or(tower_sessions::cookie::time::Duration::hours(12)),
        ));
    pages::prepare();
    let guarded = Router::new()
        .route("/api/v1/board", get(board::board))
        .route("/api/v1/feed", get(feed::feed))
        .route("/api/v1/requests/{id}", get(board::request))
        .route("/api/v1/ledger", get(ledger::of_all))
        .route("/api/v1/maintenance", get(board::maintenance))
        .route("/api/v1/maintenance/start", post(held::start_maintenance_of_all))
        .route("/api/v1/maintenance/end", post(held::end_maintenance_of_all))
        .route("/api/v1/pause", post(held::pause_all))
        .route("/api/v1/resume", post(held::resume_all))
        .route("/api/v1/targets/{id}/force-sync", post(healing::force_sync))
        .route("/api/v1/targets/{id}/force-heal", post(healing::force_heal))
        .route("/api/v1/targets/{id}/stop-heal", post(healing::stop_heal))
        .route("/api/v1/targets/{id}/pause", post(held::pause))
        .route("/api/v1/targets/{id}/resume", post(held::resume))
        .route("/api/v1/targets/{id}/maintenance/start", post(held::start_maintenance))
        .route("/api/v1/targets/{id}/maintenance/end", post(held::end_maintenance))
        .route("/api/v1/targets/{id}/dry-run", post(healing::set_dry_run))
        .route("/api/v1/targets/{id}/declare-move", post(healing::declare_move))
        .route("/api/v1/targets/{id}/take-back-moves", post(healing::take_back_moves))
        .route("/api/v1/targets/{id}/explain", get(board::explain))
        .route("/api/v1/targets/{id}/ledger", get(ledger::of_target))
        .route("/api/v1/targets/{id}/series", get(numbers::series_of))
        .route("/api/v1/targets/{id}/series/{name}", get(numbers::series))
        .route("/api/v1/uptime", get(numbers::uptime))
        .route("/api/v1/report", get(report::report))
        .route("/api/v1/heals", get(outcomes::heals))
        .route("/api/v1/budget", get(outcomes::budget))
        .route("/api/v1/history", get(numbers::state))
        .route("/api/v1/readiness", get(readiness::readiness))
        .route("/api/v1/readiness/check", post(readiness::check))
        .route("/api/v1/settings", get(settings::settings).post(settings::change))
        .route("/api/v1/settings/check", post(settings::check))
        .route("/api/v1/settings/undo", post(settings::undo))
        .route("/api/v1/settings/log", get(settings::log))
        .route("/api/v1/test-alert", post(healing::test_alert))
        .route("/api/v1/alerts", get(history::alerts))
        .route("/api/v1/alerts/{id}/acknowledge", post(history::acknowledge))
        .route("/api/v1/incidents", get(history::incidents))
        .route("/api/v1/incidents/{id}", get(history::incident))
        .route("/api/v1/journal", get(history::journal))
        .route("/api/system/mt5-watchdog/status", get(known::status))
        .route("/api/system/mt5-watchdog/force-sync", post(known::force_sync))
        .route("/api/system/mt5-watchdog/force-healing", post(known::force_healing))
        .route("/api/system/test-alert", post(known::test_alert))
        .route("/api/system/alerts", get(known::alerts))
        .route("/api/system/alerts/{id}/acknowledge", put(known::acknowledge))
        .route("/logout", post(login::logout))
        .route("/look", post(look::choose))
        .route("/", get(pages::page))
        .route("/targets/{id}", get(pages::page))
        .route("/incidents", get(pages::page))
        .route("/incidents/{id}", get(pages::page))
        .route("/alerts", get(pages::page))
        .route("/readiness", get(pages::page))
        .route("/reports", get(pages::page))
        .route("/settings", get(pages::page))
        .route("/settings/review", get(pages::page))
        .route("/go", get(go::go))
        .route("/login", get(pages::login).post(login::login))
        .route("/api/ui/feed", get(feed::page_feed))
        .route("/api/ui/{call}", post(pages::call))
        .fallback(pages::nowhere)
        .layer(from_fn_with_state(face.clone(), guard::identify))
        .layer(sessions)
        // Feeds are left as they are: each event goes out at once.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(COMPRESSION)));
    let public = status_page.map(|settings| status::routes(settings, face.service.clone()));
    Router::new()
        .route("/health", get(known::health))
        .merge(public.unwrap_or_default())
        .merge(assets::routes(&site))
        .fallback_service(guarded.with_state(face.clone()))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        // The pages' own calls read bodies past the limit above.
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_MAX))
        .layer(axum::middleware::from_fn(headers::secure))
        .layer(CatchPanicLayer::new())
        .with_state(face)
}
