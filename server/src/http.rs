//! HTTP: pages, interfaces, feed. Every route is here; what it does is in the service.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use leptos::config::LeptosOptions;
use rebound::role::Right::{Act, Manage, See};
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

use self::doors::Doors;
pub use self::doors::{Door, Pass};
use self::json::{
    board, drills, healing, held, history, last_day, ledger, numbers, outcomes, people, readiness, report,
    settings,
};
use crate::auth::Auth;
use crate::config::{LoginSettings, StatusPageSettings};

mod doors;

mod errors;

mod extract;

mod feed;

mod guard;

mod headers;

pub(crate) mod json;

mod known;

mod login;

mod look;

mod proxied;

mod people_pages;

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
    let guarded = all_doors()
        .routes()
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
        .layer(from_fn_with_state(proxied::Proxies::from(login.proxies.as_slice()), proxied::look_behind))
        .layer(axum::middleware::from_fn(headers::secure))
        .layer(CatchPanicLayer::new())
        .with_state(face)
}

/// Every door of the program but those to files, to liveness and to the status page, which are anybody's.
#[must_use]
pub fn doors() -> Vec<Door> {
    all_doors().listed()
}

fn all_doors() -> Doors {
    let doors = Doors::default()
        .get("/api/v1/board", See, board::board)
        .get("/api/v1/feed", See, feed::feed)
        .get("/api/v1/requests/{id}", See, board::request)
        .get("/api/v1/ledger", See, ledger::of_all)
        .get("/api/v1/maintenance", See, board::maintenance)
        .post("/api/v1/maintenance/start", Act, held::start_maintenance_of_all)
        .post("/api/v1/maintenance/end", Act, held::end_maintenance_of_all)
        .post("/api/v1/pause", Act, held::pause_all)
        .post("/api/v1/resume", Act, held::resume_all)
        .post("/api/v1/targets/{id}/force-sync", Act, healing::force_sync)
        .post("/api/v1/targets/{id}/force-heal", Act, healing::force_heal)
        .post("/api/v1/targets/{id}/stop-heal", Act, healing::stop_heal)
        .post("/api/v1/targets/{id}/pause", Act, held::pause)
        .post("/api/v1/targets/{id}/resume", Act, held::resume)
        .post("/api/v1/targets/{id}/maintenance/start", Act, held::start_maintenance)
        .post("/api/v1/targets/{id}/maintenance/end", Act, held::end_maintenance)
        .post("/api/v1/targets/{id}/dry-run", Act, healing::set_dry_run)
        .post("/api/v1/targets/{id}/declare-move", Act, healing::declare_move)
        .post("/api/v1/targets/{id}/take-back-moves", Act, healing::take_back_moves)
        .get("/api/v1/targets/{id}/explain", See, board::explain)
        .get("/api/v1/targets/{id}/ledger", See, ledger::of_target)
        .get("/api/v1/targets/{id}/last-day", See, last_day::last_day)
        .get("/api/v1/targets/{id}/series", See, numbers::series_of)
        .get("/api/v1/targets/{id}/series/{name}", See, numbers::series)
        .get("/api/v1/uptime", See, numbers::uptime)
        .get("/api/v1/report", See, report::report)
        .get("/api/v1/heals", See, outcomes::heals)
        .get("/api/v1/budget", See, outcomes::budget)
        .get("/api/v1/history", See, numbers::state)
        .get("/api/v1/readiness", See, readiness::readiness)
        .post("/api/v1/readiness/check", Act, readiness::check)
        .get("/api/v1/drills", See, drills::drills)
        .post("/api/v1/drills", Act, drills::of_all)
        .post("/api/v1/targets/{id}/drill", Act, drills::of_target)
        .get("/api/v1/settings", See, settings::settings)
        .post("/api/v1/settings", Manage, settings::change)
        .post("/api/v1/settings/check", Manage, settings::check)
        .post("/api/v1/settings/undo", Manage, settings::undo)
        .get("/api/v1/settings/log", See, settings::log)
        .get("/api/v1/people", Manage, people::list)
        .post("/api/v1/people", Manage, people::add)
        .get("/api/v1/people/log", Manage, people::log)
        .post("/api/v1/people/{name}/role", Manage, people::set_role)
        .post("/api/v1/people/{name}/disable", Manage, people::disable)
        .post("/api/v1/people/{name}/enable", Manage, people::enable)
        .post("/api/v1/people/{name}/remove", Manage, people::remove)
        .post("/api/v1/people/{name}/password", Manage, people::reset_password)
        .get("/api/v1/keys", Manage, people::keys)
        .post("/api/v1/keys", Manage, people::make_key)
        .post("/api/v1/keys/{id}/revoke", Manage, people::revoke_key)
        .post("/api/v1/test-alert", Act, healing::test_alert)
        .get("/api/v1/alerts", See, history::alerts)
        .post("/api/v1/alerts/{id}/acknowledge", Act, history::acknowledge)
        .get("/api/v1/incidents", See, history::incidents)
        .get("/api/v1/incidents/{id}", See, history::incident)
        .get("/api/v1/journal", See, history::journal)
        .get("/api/system/mt5-watchdog/status", See, known::status)
        .post("/api/system/mt5-watchdog/force-sync", Act, known::force_sync)
        .post("/api/system/mt5-watchdog/force-healing", Act, known::force_healing)
        .post("/api/system/test-alert", Act, known::test_alert)
        .get("/api/system/alerts", See, known::alerts)
        .put("/api/system/alerts/{id}/acknowledge", Act, known::acknowledge)
        .post("/logout", See, login::logout)
        .post("/look", See, look::choose)
        .get("/", See, pages::page)
        .get("/targets/{id}", See, pages::page)
        .get("/incidents", See, pages::page)
        .get("/incidents/{id}", See, pages::page)
        .get("/alerts", See, pages::page)
        .get("/readiness", See, pages::page)
        .get("/reports", See, pages::page)
        .get("/settings", See, pages::page)
        .get("/settings/review", Manage, pages::page)
        .get("/settings/people", Manage, people_pages::people)
        .post("/settings/people/add", Manage, people_pages::add)
        .post("/settings/people/role", Manage, people_pages::set_role)
        .post("/settings/people/disable", Manage, people_pages::disable)
        .post("/settings/people/enable", Manage, people_pages::enable)
        .post("/settings/people/remove", Manage, people_pages::remove)
        .post("/settings/people/password", Manage, people_pages::reset_password)
        .post("/settings/keys/make", Manage, people_pages::make_key)
        .post("/settings/keys/revoke", Manage, people_pages::revoke_key)
        .get("/me", See, people_pages::me)
        .post("/me/password", See, people_pages::take_password)
        .get("/go", See, go::go)
        .entrance("/login", pages::login, login::login)
        .get("/api/ui/feed", See, feed::page_feed);
    // The forms of the pages.
    rebound_app::RIGHTS.into_iter().fold(doors, |doors, (path, right)| doors.post(path, right, pages::call))
}
