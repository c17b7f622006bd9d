//! Builds everything and starts it: the composition root.

mod instance;

mod store;

pub mod logins;

pub mod transfer;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rebound::ids::TargetId;
use rebound::target::TargetKind;
use rebound_engine::clock::SystemClock;
use rebound_engine::driver::{Engine, Ports};
use rebound_engine::ports::{Clock, Notifier, Outside, Preflight};
use rebound_engine::service::{Principal, Service};
use rebound_engine::settings::SettingsFile;
use rebound_engine::waiting::Waiting;
use rebound_healers::github::{DispatchMode, GithubDispatch, GithubSpec, REQUEST_TIMEOUT};
use rebound_healers::http_call::{Expect, HttpCall, HttpCallSpec, Value};
use rebound_healers::{Action, Healers};
use rebound_notify::{EmailNotifier, EmailSpec, OutsideSpec, OutsideWatch, PingMethod};
use rebound_probes::{
    Beacons, BridgeProbe, BridgeSpec, EndpointProbe, HttpAddress, MongodbAddress, Probers, TargetProbe,
};
use rebound_store::{StoreLook, WaitingFile};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::auth::{Auth, LoginLimit, Passwords, People, Sessions, Tokens};
use crate::config::{
    Act, Asked, BridgeSettings, Email, EndpointAddress, EndpointSettings, GithubMode, HttpCallSettings,
    OutsideSettings, SecretOrPlain, Security, Settings, TargetSettings,
};
use crate::http::{Alive, Face, router};
use crate::settings::{FileOfSettings, Mail};

use store::Opened;

/// How often sessions that are over are removed.
const SESSIONS_SWEPT_EVERY: Duration = Duration::from_secs(3_600);
/// How often it is noted for scripts how everything is, and looked whether another password was made up.
const HEALTH_NOTED_EVERY: Duration = Duration::from_secs(60);
/// How often old journal entries are removed.
const JOURNAL_PRUNED_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// How long journal entries are kept. Incidents and alerts are kept for ever.
const JOURNAL_KEPT: Duration = Duration::from_secs(400 * 24 * 3_600);
/// How long open connections may take to end at shutdown.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// A running Rebound.
#[derive(Debug)]
pub struct Running {
    /// Where it is served.
    pub address: SocketAddr,
    /// The password made up at the first start, to be told once.
    pub first_password: Option<String>,
    stop: CancellationToken,
    engine: Arc<Engine>,
    serving: JoinHandle<std::io::Result<()>>,
    chores: JoinHandle<()>,
}

/// Builds everything and starts it.
///
/// # Errors
/// If a part cannot be built or the address is taken; nothing runs then.
pub async fn start(settings: Settings) -> anyhow::Result<Running> {
    start_with_clock(settings, Arc::new(SystemClock::start())).await
}

/// As [`start`], with a clock of the caller's.
///
/// # Errors
/// As [`start`].
pub async fn start_with_clock(settings: Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Running> {
    rebound_probes::install_tls();
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}: choose another server.listen", settings.listen))?;
    let address = listener.local_addr()?;
    let prober = probers(&settings, &clock)?;
    let healer = Arc::new(healers(&settings.targets, &clock)?);
    let mail = mail(&settings, &clock)?;
    let preflights = preflights(&healer, mail.as_ref(), &settings);
    let outside = outside(settings.outside.as_ref(), &clock)?;
    let first = settings.core.targets.first().map(|target| target.id.clone());
    let store = Opened::open(&settings.store, first).await?;
    let hashes = store.logins(&settings.store).await?;
    let sessions = Sessions::new(Arc::clone(&hashes.logins), Arc::clone(&clock));
    let people = Arc::new(People::of(hashes.clone(), &settings.login.username, Arc::clone(&clock)));
    people.take_over().await;
    let (passwords, first_password) =
        Passwords::prepare(hashes, &settings.login.username, settings.login.password.as_ref()).await?;
    let passwords = Arc::new(passwords);
    let auth = Auth {
        passwords: Arc::clone(&passwords),
        people,
        sessions: sessions.clone(),
        tokens: settings.api_secret.as_ref().map(Tokens::new),
        limit: LoginLimit::default(),
        password_limit: LoginLimit::default(),
        key_limit: LoginLimit::default(),
    };
    let ports = Ports {
        clock: Arc::clone(&clock),
        prober: Arc::new(prober),
        healer,
        notifiers: mail.clone().into_iter().map(|mail| mail as Arc<dyn Notifier>).collect(),
        store: store.port(),
        preflights,
        outside,
        waiting: settings.store.waiting().map(|path| Arc::new(WaitingFile::new(path)) as Arc<dyn Waiting>),
        cluster: store.cluster(&settings.name),
        history: settings.history.map(|kept| store.history(&settings.store, kept)),
        settings: settings
            .source
            .clone()
            .map(|source| Arc::new(FileOfSettings::new(source, &settings, mail)) as Arc<dyn SettingsFile>),
    };
    let engine =
        Arc::new(Engine::start(settings.core.clone(), ports).await.context("cannot start to watch")?);

    let stop = CancellationToken::new();
    let has_token = |target: &&TargetSettings| {
        target.remedies.iter().any(|remedy| matches!(remedy.act, Act::GithubDispatch { .. }))
    };
    let github_configured =
        settings.targets.iter().filter(has_token).map(|target| target.spec.id.to_string()).collect();
    let alive: Arc<dyn Alive> = Arc::clone(&engine) as Arc<dyn Alive>;
    let face =
        Face::new(engine.service.clone(), auth, alive, github_configured, &settings.site, stop.clone());
    let app = router(face, &settings.login, settings.site.clone(), settings.status_page.clone());
    let stopping = stop.clone();
    let serving = tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move { stopping.cancelled().await })
            .await
    });
    let kept = KeptOfPeople { passwords, sessions };
    let (service, stopping) = (engine.service.clone(), stop.clone());
    let chores = tokio::spawn(async move {
        let sessions = kept.sessions.clone();
        let chores = chores(kept, store, service, clock, stopping.clone());
        tokio::join!(chores, sessions.keep_up(&stopping));
    });
    Ok(Running { address, first_password, stop, engine, serving, chores })
}

impl Running {
    /// The operations.
    #[must_use]
    pub fn service(&self) -> &rebound_engine::service::Service {
        &self.engine.service
    }

    /// Whether the engine's loop and the server run.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.engine.is_running() && !self.serving.is_finished()
    }

    /// Stops in order: no new requests, feeds end, the last state is written.
    pub async fn stop(self) {
        self.stop.cancel();
        match tokio::time::timeout(DRAIN_MAX, self.serving).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(%error, "the server ended with an error"),
            Ok(Err(error)) => tracing::error!(%error, "the server broke"),
            Err(_) => tracing::warn!("some connections did not end in time and are cut"),
        }
        self.engine.stop().await;
        if let Err(error) = self.chores.await {
            tracing::error!(%error, "the chores broke");
        }
    }
}

impl Alive for Engine {
    fn is_alive(&self) -> bool {
        self.is_running()
    }
}

/// Builds what the settings describe without starting anything, so that `check-config` finds all that would keep Rebound from
/// starting.
///
/// # Errors
/// What a part refuses.
pub fn check(settings: &Settings) -> anyhow::Result<()> {
    rebound_probes::install_tls();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    probers(settings, &clock)?;
    healers(&settings.targets, &clock)?;
    mail(settings, &clock)?;
    outside(settings.outside.as_ref(), &clock)?;
    Ok(())
}

fn probers(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<Probers> {
    let mut targets: HashMap<TargetId, TargetProbe> = HashMap::new();
    for target in &settings.targets {
        targets.insert(target.spec.id.clone(), target_probe(target)?);
    }
    let beacons = Beacons::new(settings.beacons.clone())?;
    Ok(Probers::new(targets, beacons, Arc::clone(clock)))
}

/// What asks one target.
pub(crate) fn target_probe(target: &TargetSettings) -> anyhow::Result<TargetProbe> {
    let probe = match &target.asked {
        Asked::Bridge(bridge) => BridgeProbe::new(bridge_spec(bridge)).map(TargetProbe::Bridge),
        Asked::Endpoint(endpoint) => {
            EndpointProbe::new(endpoint_address(endpoint, &target.spec.kind)).map(TargetProbe::Endpoint)
        }
    };
    probe.with_context(|| format!("target \"{}\"", target.spec.id))
}

fn bridge_spec(bridge: &BridgeSettings) -> BridgeSpec {
    let dialect = match &bridge.server_time {
        Some(zone) => bridge.dialect.clone().with_server_time(zone.clone()),
        None => bridge.dialect.clone(),
    };
    BridgeSpec {
        key: bridge.key.clone(),
        trusted_root_pem: bridge.trusted_root.clone(),
        accounts_from: bridge.accounts_from.clone(),
        ..BridgeSpec::new(bridge.url.clone(), dialect)
    }
}

fn endpoint_address(endpoint: &EndpointSettings, kind: &TargetKind) -> rebound_probes::EndpointAddress {
    let headers = endpoint.headers.iter().map(|(name, value)| {
        let value = match value {
            SecretOrPlain::Plain(text) => SecretString::from(text.clone()),
            SecretOrPlain::Secret(secret) => secret.clone(),
        };
        (name.clone(), value)
    });
    let text = match kind {
        TargetKind::Endpoint(spec) => spec.text.clone(),
        TargetKind::Bridge => None,
    };
    match &endpoint.address {
        EndpointAddress::Http(url) => rebound_probes::EndpointAddress::Http(HttpAddress {
            headers: headers.collect(),
            text,
            trusted_root_pem: endpoint.trusted_root.clone(),
            ..HttpAddress::new(url.clone())
        }),
        EndpointAddress::Tcp(address) => rebound_probes::EndpointAddress::Tcp(address.clone()),
        EndpointAddress::Mongodb(connection, root) => {
            rebound_probes::EndpointAddress::Mongodb(MongodbAddress {
                trusted_root: root.clone(),
                ..MongodbAddress::new(connection.clone())
            })
        }
    }
}

fn healers(targets: &[TargetSettings], clock: &Arc<dyn Clock>) -> anyhow::Result<Healers> {
    let mut actions = HashMap::new();
    for target in targets {
        for remedy in &target.remedies {
            let id = &target.spec.id;
            let action = action(&remedy.act, clock)
                .with_context(|| format!("target \"{id}\": remedy \"{}\"", remedy.name))?;
            actions.insert((id.clone(), remedy.name.clone()), action);
        }
    }
    Ok(Healers::new(actions, Arc::clone(clock)))
}

fn action(act: &Act, clock: &Arc<dyn Clock>) -> anyhow::Result<Action> {
    match act {
        Act::HttpCall(call) => Ok(Action::HttpCall(Box::new(HttpCall::try_new(http_call(call))?))),
        Act::GithubDispatch {
            api_url,
            owner,
            repo,
            token,
            token_place,
            mode,
            find_run_within,
            poll_every,
        } => {
            let spec = GithubSpec {
                api_url: api_url.as_str().trim_end_matches('/').to_owned(),
                owner: owner.clone(),
                repo: repo.clone(),
                token: token.clone(),
                token_place: token_place.clone(),
                mode: match mode {
                    GithubMode::Event(event_type) => {
                        DispatchMode::RepositoryDispatch { event_type: event_type.clone() }
                    }
                    GithubMode::Workflow { file, git_ref, inputs } => DispatchMode::WorkflowDispatch {
                        workflow_file: file.clone(),
                        git_ref: git_ref.clone(),
                        inputs: inputs.clone().into_iter().collect(),
                    },
                },
                find_run_within: *find_run_within,
                poll_every: *poll_every,
                request_timeout: REQUEST_TIMEOUT,
            };
            Ok(Action::GithubDispatch(Box::new(GithubDispatch::try_new(spec, Arc::clone(clock))?)))
        }
    }
}

fn http_call(call: &HttpCallSettings) -> HttpCallSpec {
    let values = |pairs: &[(String, SecretOrPlain)]| -> Vec<(String, Value)> {
        let value = |value: &SecretOrPlain| match value {
            SecretOrPlain::Plain(text) => Value::Plain(text.clone()),
            SecretOrPlain::Secret(secret) => Value::Secret(secret.clone()),
        };
        pairs.iter().map(|(name, text)| (name.clone(), value(text))).collect()
    };
    HttpCallSpec {
        method: call.method.clone(),
        url: call.url.to_string(),
        query: values(&call.query),
        headers: values(&call.headers),
        body: call.body.clone(),
        expect: Expect { status: call.expect_status.clone(), json_field: call.expect_json.clone() },
    }
}

/// Who look at what the next emergency needs.
fn preflights(
    healer: &Arc<Healers>,
    mail: Option<&Arc<Mail>>,
    settings: &Settings,
) -> Vec<Arc<dyn Preflight>> {
    // What is relative begins at the working folder, which has no name of its own in a path.
    let folder = settings.store.sessions().map(|file| match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    });
    let store = StoreLook::new(folder, settings.room_warning, JOURNAL_KEPT);
    let mut preflights: Vec<Arc<dyn Preflight>> =
        vec![Arc::clone(healer) as Arc<dyn Preflight>, Arc::new(store)];
    preflights.extend(mail.map(|mail| Arc::clone(mail) as Arc<dyn Preflight>));
    preflights
}

/// Who takes signs of life.
fn outside(
    settings: Option<&OutsideSettings>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Option<Arc<dyn Outside>>> {
    let Some(settings) = settings else {
        return Ok(None);
    };
    let spec = OutsideSpec {
        url: settings.ping.clone(),
        method: if settings.post { PingMethod::Post } else { PingMethod::Get },
        place: settings.place.clone(),
    };
    let watch = OutsideWatch::try_new(&spec, Arc::clone(clock)).context("outside.ping")?;
    Ok(Some(Arc::new(watch)))
}

/// Mail, where it is configured.
fn mail(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<Arc<Mail>>> {
    let mail = settings.email.as_ref().map(|email| Mail::new(email, &settings.core.alerts.site, clock));
    Ok(mail.transpose()?.map(Arc::new))
}

/// Mail as `email` says.
pub(crate) fn email(email: &Email, site: &str, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<EmailNotifier>> {
    let spec = EmailSpec {
        host: email.host.clone(),
        port: email.port,
        security: match email.security {
            Security::StartTls => rebound_notify::Security::StartTls,
            Security::Tls => rebound_notify::Security::Tls,
            Security::Plain => rebound_notify::Security::Plain,
        },
        username: email.username.clone(),
        password: email.password.clone(),
        from: email.from.clone(),
        to: email.to.clone(),
        subject_prefix: String::new(),
        site: site.to_owned(),
        root_certificate_pem: None,
    };
    let notifier = EmailNotifier::try_new(spec, Arc::clone(clock)).context("alerts.email")?;
    Ok(Arc::new(notifier))
}

/// What is kept of people.
struct KeptOfPeople {
    passwords: Arc<Passwords>,
    sessions: Sessions,
}

/// Removes what is over: sessions and, after a long time, journal entries.
async fn chores(
    people: KeptOfPeople,
    store: Opened,
    service: Service,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let (mut next_prune, mut next_sweep) = (clock.now(), clock.now());
    let rebound = Principal::named("rebound");
    loop {
        let now = clock.now();
        let board = service.board(&rebound);
        // Before anything was looked at there is nothing to note.
        let is_seen = board.targets.iter().any(|view| view.observed_at.is_some());
        if is_seen && let Err(error) = store.note_health(&board).await {
            tracing::debug!(%error, "the health of this minute cannot be noted");
        }
        people.passwords.look_up().await;
        if now >= next_sweep {
            next_sweep = now.after(SESSIONS_SWEPT_EVERY);
            if let Err(error) = people.sessions.remove_over().await {
                tracing::warn!(%error, "sessions that are over cannot be removed");
            }
        }
        if now >= next_prune {
            next_prune = now.after(JOURNAL_PRUNED_EVERY);
            if let Err(error) = store.prune(now.before(JOURNAL_KEPT)).await {
                tracing::warn!(%error, "old journal entries cannot be removed");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(HEALTH_NOTED_EVERY) => {}
        }
    }
}
