//! The configuration file: read, checked as a whole, every error told at once.
//!
//! Secrets never stand in it: it names environment variables or files.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rebound::readiness::ReadinessSpec;
use rebound_engine::history::Kept;
use secrecy::SecretString;
use url::Url;

mod problems;

mod source;

mod sections;

mod secret;

mod value;

mod span;

mod zone;

mod week;

mod address;

mod store;

mod history;

mod named;

mod alerts;

mod outside;

mod status_page;

mod calendars;

mod maintenance;

mod drills;

mod called;

mod name;

mod targets;

mod kind;

mod dialect;

mod endpoint;

mod accounts;

mod accounts_from;

mod thresholds;

mod checks;

mod depends;

mod heal;

mod summary;

pub use alerts::{Email, Security};
pub use drills::DrillSettings;
pub(crate) use drills::{DAYS as DRILL_DAYS, EVERY as DRILL_EVERY};
pub use endpoint::{EndpointAddress, EndpointSettings};
pub use heal::{Act, GithubMode, HttpCallSettings, RemedySettings};
pub use named::{NamedStore, named_store, no_login_among};
pub use outside::OutsideSettings;
pub use problems::Problems;
pub use source::{Environment, Source};
pub(crate) use span::written;
pub use status_page::StatusPageSettings;
pub use store::StoreSettings;
pub(crate) use store::history_beside;
pub use targets::{Asked, BridgeSettings, TargetSettings};
pub use value::SecretOrPlain;

/// Everything the program must know to start.
#[derive(Debug)]
pub struct Settings {
    /// Where pages and interfaces are served.
    pub listen: SocketAddr,
    /// Name of this server among those that share a store.
    pub name: String,
    /// Address under which people reach the page, for links in alerts. No slash at its end.
    pub public_url: Option<Url>,
    /// Folder of the browser's files.
    pub site: PathBuf,
    /// The store.
    pub store: StoreSettings,
    /// The share of room on its disk below which people are told, in percent.
    pub room_warning: u8,
    /// For how long numbers and raw observations are kept; `None`: they are not.
    pub history: Option<Kept>,
    /// Who may log in.
    pub login: LoginSettings,
    /// Signs bearer tokens; without it bearer tokens are off.
    pub api_secret: Option<SecretString>,
    /// Addresses that answer while Rebound's own network works: `host:port`, http or https.
    pub beacons: Vec<String>,
    /// What the core is told: targets, alerts, own network.
    pub core: rebound::target::Config,
    /// When emergencies are rehearsed, as it is written.
    pub drills: DrillSettings,
    /// E-mail, if configured.
    pub email: Option<Email>,
    /// Who watches Rebound from outside, if anybody does.
    pub outside: Option<OutsideSettings>,
    /// What everybody may see without logging in, if anything.
    pub status_page: Option<StatusPageSettings>,
    /// What the adapters are told of each target.
    pub targets: Vec<TargetSettings>,
    /// The file, where settings may be changed while Rebound runs.
    pub source: Option<Source>,
}

/// Who may log in.
#[derive(Debug)]
pub struct LoginSettings {
    /// The admin's name.
    pub username: String,
    /// The admin's password; without it one is made up at the first start, told once, and kept as a hash.
    pub password: Option<SecretString>,
    /// How long a session lives without use.
    pub session_idle_max: Duration,
    /// Whether the cookie is sent over HTTPS only.
    pub secure_cookie: bool,
    /// Reverse proxies that are believed when they tell from where somebody comes, so that tries are counted for each.
    pub proxies: Vec<IpAddr>,
}

/// Reads and checks the file at `path`. `environment` looks up variables.
///
/// # Errors
/// [`Problems`] with everything that is wrong, not only the first.
pub fn load(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Settings, Problems> {
    let mut problems = Problems::new(path);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let help = "Name an existing file with --config, or write one after docs/CONFIG.md.";
            problems.add("the file", &format!("cannot be read: {error}"), help);
            return Err(problems);
        }
    };
    parse(&text, path.parent().unwrap_or(Path::new(".")), environment, problems)
}

/// Checks the text of a configuration file whose relative paths start at `folder`.
///
/// # Errors
/// [`Problems`] with everything that is wrong, not only the first.
pub fn parse(
    text: &str,
    folder: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
    mut problems: Problems,
) -> Result<Settings, Problems> {
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            // The line itself is not repeated: it may hold a secret.
            let at = error.span().and_then(|span| text.get(..span.start));
            let line = at.map_or(1, |before| before.matches('\n').count() + 1);
            let what = format!("is not TOML: line {line}: {}", error.message());
            problems.add("the file", &what, "Mend the line named above.");
            return Err(problems);
        }
    };
    of_table(table, folder, environment, problems)
}

/// Checks the table of a configuration file whose relative paths start at `folder`.
fn proxy(text: &str, problems: &mut Problems) -> Option<IpAddr> {
    let read = text.parse();
    if read.is_err() {
        let help = "Write the address from which the reverse proxy connects, such as \"127.0.0.1\".";
        problems.add("server.proxies", &format!("\"{text}\" is no IP address"), help);
    }
    read.ok()
}

fn of_table(
    table: toml::Table,
    folder: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
    mut problems: Problems,
) -> Result<Settings, Problems> {
    let mut sections = sections::Sections::new(table, &mut problems);
    let server: sections::Server = sections.take("server");
    let store_section: sections::Store = sections.take("store");
    let history: history::HistorySection = sections.take("history");
    let login: sections::Login = sections.take("login");
    let api: sections::Api = sections.take("api");
    let own: sections::OwnNetwork = sections.take("own_network");
    let alerts: alerts::AlertsSection = sections.take("alerts");
    let outside: outside::OutsideSection = sections.take("outside");
    let drills: drills::DrillsSection = sections.take("drills");
    let status_page: status_page::StatusPageSection = sections.take("status_page");
    let calendars: Vec<(usize, calendars::CalendarSection)> = sections.take_list("calendars");
    let targets: Vec<(usize, targets::TargetSection)> = sections.take_list("targets");
    let maintenance: Vec<(usize, maintenance::MaintenanceSection)> = sections.take_list("maintenance");
    sections.end();

    let mut secrets = secret::Secrets { folder, environment };
    let public_url = server
        .public_url
        .as_deref()
        .and_then(|text| address::http_url("server.public_url", text, &mut problems));
    let secure_cookie = public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let login = LoginSettings {
        username: login.username.unwrap_or_else(|| "admin".to_owned()),
        password: login.password.and_then(|source| secrets.read("login.password", &source, &mut problems)),
        session_idle_max: login.session_idle_max.map_or(Duration::from_secs(12 * 3_600), |span| span.0),
        secure_cookie,
        proxies: server.proxies.iter().filter_map(|text| proxy(text, &mut problems)).collect(),
    };
    let api_secret = api.secret.and_then(|source| secrets.read("api.secret", &source, &mut problems));
    check_api_secret(api_secret.as_ref(), &mut problems);
    let link_base = public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    let (alert_policy, email) = alerts::check(alerts, link_base, &mut secrets, &mut problems);
    let outside = outside::check(outside, &mut secrets, &mut problems);
    let own_network = own.check(&mut problems);
    let calendars = calendars::Calendars::check(&calendars, &mut problems);
    check_ids(&targets, &mut problems);
    let ids: Vec<&str> = targets.iter().map(|(_, section)| section.id.as_str()).collect();
    let status_page = status_page::check(status_page, &ids, &mut problems);
    let maintenance = maintenance::check(&maintenance, &ids, &mut problems);
    let (drill_policy, drills) = drills::check(drills, &ids, &mut problems);
    let targets: Vec<TargetSettings> = targets
        .into_iter()
        .filter_map(|(index, section)| {
            targets::check(index, section, &calendars, &mut secrets, &mut problems)
        })
        .collect();
    if problems.is_empty() && targets.is_empty() {
        let help = "Add a [[targets]] section with id, url and dialect; docs/CONFIG.md has an example.";
        problems.add("targets", "is empty: nothing would be watched", help);
    }
    let listen = server.listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listen = listen.parse::<SocketAddr>().map_err(|error| {
        problems.add(
            "server.listen",
            &format!("\"{listen}\" is no address: {error}"),
            "Write it as \"127.0.0.1:8080\".",
        );
    });
    let store = store::check(&store_section, &mut secrets, &mut problems);
    let room_warning = store::room_warning(&store_section, &mut problems);
    let history = history.check(&mut problems);
    let name = name::check(server.name.as_deref(), &mut problems);
    let site = server.site.map_or_else(default_site, |site| folder.join(site));
    match listen {
        Ok(listen) if problems.is_empty() => Ok(Settings {
            listen,
            name,
            public_url,
            site,
            store,
            room_warning,
            history,
            login,
            api_secret,
            beacons: own.beacons,
            core: rebound::target::Config {
                targets: targets.iter().map(|target| target.spec.clone()).collect(),
                alerts: alert_policy,
                own_network,
                maintenance,
                readiness: ReadinessSpec {
                    watched: true,
                    ping_every: outside.as_ref().map(|outside| outside.every),
                },
                drills: drill_policy,
            },
            drills,
            email,
            outside,
            status_page,
            targets,
            source: None,
        }),
        Ok(_) | Err(()) => Err(problems),
    }
}

/// Least length of the secret that signs tokens, in bytes: what HMAC-SHA-256 needs to be as strong as it can be.
const API_SECRET_MIN: usize = 32;

fn check_api_secret(secret: Option<&SecretString>, problems: &mut Problems) {
    use secrecy::ExposeSecret as _;
    if let Some(secret) = secret {
        let length = secret.expose_secret().len();
        if length < API_SECRET_MIN {
            let what = format!("has {length} bytes, at least {API_SECRET_MIN} are needed");
            problems.add("api.secret", &what, "Make one with `openssl rand -hex 32`.");
        }
    }
}

/// What targets say of each other: ids of their own, and what they depend on.
fn check_ids(targets: &[(usize, targets::TargetSection)], problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (_, target) in targets {
        if !seen.insert(&target.id) {
            let what = format!("the id \"{}\" is used twice", target.id);
            problems.add("targets", &what, "Give each target an id of its own.");
        }
    }
    let said = targets.iter().map(|(index, target)| depends::Said {
        at: targets::at(*index, target),
        id: &target.id,
        on: &target.depends_on,
    });
    depends::check(&said.collect::<Vec<_>>(), problems);
}

/// The folder that the program's files are in: `REBOUND_SITE`, else `site` beside the program.
fn default_site() -> PathBuf {
    if let Some(site) = std::env::var_os("REBOUND_SITE") {
        return PathBuf::from(site);
    }
    let program = std::env::current_exe().unwrap_or_default();
    program.parent().map_or_else(|| PathBuf::from("site"), |folder| folder.join("site"))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
