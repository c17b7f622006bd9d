//! A Rebound, the host that it watches, and the words for what becomes of both.

use std::future::IntoFuture;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rebound::check::CheckId;
use rebound::incident::Incident;
use rebound::view::{Board, CheckView};
use rebound_server::config::{self, Problems, Settings, Source};
use rebound_server::wiring::{self, Running};
use rebound_sim::{Fault, Mail, Sim, SimOptions};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::api::Api;
use crate::configuration::{GITHUB_TOKEN, Plan, RESTART_TOKEN, environment};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Longest time a story waits for its next turn, unless it says otherwise. Generous: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// A running Rebound with its host. Asks like a program: see [`Api`].
pub(crate) struct Site {
    pub(crate) host: Sim,
    pub(crate) api: Api,
    pub(crate) running: Option<Running>,
    plan: Plan,
    adjust: fn(&mut Settings),
    changeable: bool,
    folder: TempDir,
}

/// A site in the making.
pub(crate) struct Making {
    pub(crate) host: Sim,
    pub(crate) plan: Plan,
    adjust: fn(&mut Settings),
    changeable: bool,
}

/// The usual site: healthy, and seen so.
pub(crate) async fn site() -> Site {
    let site = a_site().await.start().await;
    site.is_well().await;
    site
}

/// A site that can still be changed before its Rebound starts.
pub(crate) async fn a_site() -> Making {
    let host = a_host().await;
    let plan = Plan::usual(&host);
    Making { host, plan, adjust: |_| {}, changeable: false }
}

/// A host alone.
pub(crate) async fn a_host() -> Sim {
    let options = SimOptions {
        restart_token: RESTART_TOKEN.to_owned(),
        github_token: GITHUB_TOKEN.to_owned(),
        ..SimOptions::quick()
    };
    rebound_sim::start(options).await.expect("loopback ports are free")
}

impl Making {
    /// The host has this fault from the beginning.
    pub(crate) async fn with(self, fault: Fault) -> Self {
        self.host.fault(fault).await;
        self
    }

    /// The target heals like this.
    pub(crate) fn heals(mut self, heal: &str, ladder: &[&str]) -> Self {
        self.plan.heal = heal.to_owned();
        self.plan.ladder = ladder.iter().map(|remedy| (*remedy).to_owned()).collect();
        self
    }

    /// Nothing is ever healed by itself.
    pub(crate) fn without_remedies(self) -> Self {
        self.heals("", &[])
    }

    /// The plan is changed.
    pub(crate) fn planned(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut self.plan);
        self
    }

    /// The settings are changed where the file has a limit.
    pub(crate) fn adjusted(mut self, adjust: fn(&mut Settings)) -> Self {
        self.adjust = adjust;
        self
    }

    /// Settings may be changed while it runs. Then nothing is adjusted that the file does not say.
    pub(crate) fn changeable(mut self) -> Self {
        self.changeable = true;
        self
    }

    pub(crate) async fn start(self) -> Site {
        let Self { host, plan, adjust, changeable } = self;
        let folder = tempfile::tempdir().unwrap();
        let running = run(&plan, &host, adjust, changeable, folder.path()).await;
        let api = Api::at(&format!("http://{}", running.address));
        Site { host, api, running: Some(running), plan, adjust, changeable, folder }
    }
}

async fn run(plan: &Plan, host: &Sim, adjust: fn(&mut Settings), changeable: bool, folder: &Path) -> Running {
    let path = folder.join("rebound.toml");
    let text = plan.text(host);
    let parsed = config::parse(&text, folder, &environment, Problems::new(&path));
    let mut settings = parsed.unwrap_or_else(|problems| panic!("{problems}"));
    adjust(&mut settings);
    if changeable {
        settings.source = Some(Source::of_text(&path, &text, Arc::new(environment)).unwrap());
    }
    wiring::start(settings).await.unwrap()
}

impl Deref for Site {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Site {
    /// The file that the store is in.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("rebound.db")
    }

    /// Stops Rebound in order.
    pub(crate) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// Stops Rebound in order and starts it again on the same store, at another address.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.start_again().await;
    }

    /// Starts Rebound again after a stop, on the same store, at another address.
    pub(crate) async fn start_again(&mut self) {
        let running = run(&self.plan, &self.host, self.adjust, self.changeable, self.folder.path()).await;
        self.api = Api::at(&format!("http://{}", running.address));
        self.running = Some(running);
    }

    /// Waits until the board shows what is looked for.
    pub(crate) fn until<'a>(&'a self, what: &str, look: impl Fn(&Board) -> bool + 'a) -> Shows<'a> {
        self.api.until(what, look)
    }

    /// Waits until every check is good and every account syncs.
    pub(crate) async fn is_well(&self) {
        self.api.is_well().await;
    }

    /// Waits for a mail whose subject has these words. Returns the newest such mail.
    pub(crate) async fn mail(&self, subject: &str) -> Mail {
        self.mail_within(subject, PATIENCE).await
    }

    /// As [`Site::mail`], with a limit of the caller's.
    pub(crate) async fn mail_within(&self, subject: &str, limit: Duration) -> Mail {
        let what = format!("a mail about \"{subject}\"");
        eventually(&what, limit, async || {
            self.host.mails().await.into_iter().rfind(|mail| mail.subject.contains(subject))
        })
        .await
    }

    /// That nobody touched the host.
    pub(crate) async fn was_left_alone(&self) {
        assert_eq!(self.host.restarts().await, 0, "the bridge was restarted");
        assert!(self.host.dispatches().await.is_empty(), "a workflow was started");
        assert!(self.intents().await.is_empty(), "a heal was intended");
    }
}

impl Api {
    /// Waits until the board shows what is looked for.
    pub(crate) fn until<'a>(&'a self, what: &str, look: impl Fn(&Board) -> bool + 'a) -> Shows<'a> {
        Shows { api: self, what: what.to_owned(), limit: PATIENCE, look: Box::new(look) }
    }

    /// Waits until the target is in this phase.
    pub(crate) fn shows<'a>(&'a self, phase: &'a str) -> Shows<'a> {
        self.until(&format!("the phase {phase}"), move |board| {
            board.targets.iter().all(|view| view.phase == phase)
        })
    }

    /// Waits until the check has this verdict.
    pub(crate) fn finds<'a>(&'a self, id: CheckId, verdict: &'a str) -> Shows<'a> {
        self.until(&format!("{id} {verdict}"), move |board| check(board, id).verdict == verdict)
    }

    /// Waits until every check is good and every account syncs.
    pub(crate) async fn is_well(&self) {
        let well = |board: &Board| {
            let view = &board.targets[0];
            view.phase == "Healthy"
                && view.checks.iter().all(|check| check.verdict == "Up")
                && view.accounts.iter().all(|account| account.live)
        };
        self.until("everything well", well).await;
    }

    /// Waits until an incident is over, and returns it as the store has it.
    pub(crate) async fn recovers(&self) -> Incident {
        let over = |board: &Board| board.targets[0].incident.is_none() && !board.targets[0].recent.is_empty();
        let board = self.until("an incident that is over", over).await;
        self.incident(board.targets[0].recent[0].id).await
    }

    /// Waits until the target was looked at this many times more.
    pub(crate) async fn after_looks(&self, looks: usize) {
        for _ in 0..looks {
            let before = self.target().await.observed_at;
            self.until("another look", |board| board.targets[0].observed_at > before).await;
        }
    }
}

/// What became of the board's targets, for somebody who wonders why a story ended otherwise.
pub(crate) fn story(board: &Board) -> Vec<String> {
    let mut lines = Vec::new();
    for view in &board.targets {
        lines.push(format!("{}: {} ({}). {}", view.id, view.phase, view.phase_detail, view.sentence));
        let failing = view.checks.iter().filter(|check| check.verdict != "Up");
        lines.extend(failing.map(|check| format!("{} {}: {:?}", check.id, check.verdict, check.reason)));
        for incident in view.incident.iter().chain(&view.recent) {
            lines.push(format!("incident {}: {:?}", incident.id, incident.closed));
            lines.extend(
                incident
                    .events
                    .iter()
                    .map(|event| format!("{} {}: {}", event.at, event.kind.word(), event.text)),
            );
        }
    }
    lines
}

/// The check of the board's only target.
pub(crate) fn check(board: &Board, id: CheckId) -> &CheckView {
    board.targets[0].checks.iter().find(|check| check.id == id).unwrap()
}

/// A wait for the board to show something.
#[must_use = "nothing is waited for until it is awaited"]
pub(crate) struct Shows<'a> {
    api: &'a Api,
    what: String,
    limit: Duration,
    look: Box<dyn Fn(&Board) -> bool + 'a>,
}

impl Shows<'_> {
    /// With a limit of the caller's.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<'a> IntoFuture for Shows<'a> {
    type Output = Board;
    type IntoFuture = Pin<Box<dyn Future<Output = Board> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { api, what, limit, look } = self;
            let found = timeout(limit, async {
                loop {
                    let board = api.board().await;
                    if look(&board) {
                        return board;
                    }
                    sleep(LOOK_EVERY).await;
                }
            });
            match found.await {
                Ok(board) => board,
                Err(_) => panic!("{what}: not within {limit:?}; {:#?}", story(&api.board().await)),
            }
        })
    }
}

/// Looks again and again until `look` finds something.
pub(crate) async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let found = timeout(limit, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(LOOK_EVERY).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
}

/// Numbers of seconds, as they are spoken.
pub(crate) trait Spoken {
    /// Seconds.
    fn s(self) -> Duration;
}

impl Spoken for u64 {
    fn s(self) -> Duration {
        Duration::from_secs(self)
    }
}
