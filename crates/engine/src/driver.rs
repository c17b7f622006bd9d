//! The loop round the core: one task owns the monitor, hands it events and carries out its commands in order.
//!
//! What must be kept is durable before anything of the same batch is done. If it cannot be made durable, heal steps are
//! refused and everything else goes on: people must hear of trouble even with a full disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rebound::drill::{ReadBack, ReadBackRequest};
use rebound::heal::{StepOutcome, StepRequest, StepResult};
use rebound::monitor::{
    Asked, Command, Event, Fact, JournalEntry, Monitor, OtherServer, Request, RequestKind, RestoreError,
    SelfSeen,
};
use rebound::target::Config;
use rebound::time::Timestamp;
use rebound::view::Board;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::cluster::{Cluster, Roster, ServerName};
use crate::history::{History, Keeping, Tap};
use crate::ledger::{Again, Ledger};
use crate::ports::{Clock, Healer, Notifier, Outside, Preflight, Prober, Store, StoreError};
use crate::pulse::Pulse;
use crate::service::Service;
use crate::settings::SettingsFile;
use crate::tasks::Tasks;
use crate::waiting::Waiting;

mod beginning;

mod knocking;

mod sharing;

use beginning::{Beginning, tasks};
use knocking::Knock;
use sharing::{Sharing, seen_by};

/// Least time between two boards.
const PUBLISH_EVERY: Duration = Duration::from_millis(200);
/// How often Rebound writes down that it is alive. After a crash, time is unknown from the last such note.
const BEAT_EVERY: Duration = Duration::from_secs(30);
/// How long a store that refuses is left alone before it is tried again.
const STORE_RETRY: Duration = Duration::from_secs(5);
/// A lateness of Rebound's own worth a line in the log.
const LATE_TO_LOG: Duration = Duration::from_secs(1);
/// Longest time for the last write at shutdown.
const LAST_WRITE_MAX: Duration = Duration::from_secs(5);

/// What reaches the loop from outside.
pub(crate) enum Input {
    /// Somebody asks for something.
    Ask { by: String, what: RequestKind, answer: oneshot::Sender<Asked> },
    /// The configuration was replaced.
    Config(Box<Config>),
    /// Who takes part and who watches what, where several servers share the store.
    Roster(Box<Roster>),
    /// What the other servers show.
    Others(Vec<OtherServer>),
    /// The store gave no answer to a sign of life.
    StoreSilent,
}

/// The outside, as the engine sees it.
#[expect(missing_docs, reason = "named as the ports")]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub prober: Arc<dyn Prober>,
    pub healer: Arc<dyn Healer>,
    pub notifiers: Vec<Arc<dyn Notifier>>,
    pub store: Arc<dyn Store>,
    /// Who look at what the next emergency needs.
    pub preflights: Vec<Arc<dyn Preflight>>,
    /// Who takes signs of life, where somebody does.
    pub outside: Option<Arc<dyn Outside>>,
    /// Where what waits for the store is kept; `None`: in memory only.
    pub waiting: Option<Arc<dyn Waiting>>,
    /// What several servers agree on, and how this one calls itself; `None` where one watches alone.
    pub cluster: Option<(Arc<dyn Cluster>, ServerName)>,
    /// Where numbers and raw observations are kept; `None` where they are not.
    pub history: Option<History>,
    /// The file of settings, where they can be changed while Rebound runs.
    pub settings: Option<Arc<dyn SettingsFile>>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// What it holds is of another version.
    #[error("the store's state cannot be taken up")]
    Restore(#[from] RestoreError),
}

/// A running engine.
#[derive(Debug)]
pub struct Engine {
    /// The operations.
    pub service: Service,
    inputs: mpsc::Sender<Input>,
    stop: CancellationToken,
    stopped: CancellationToken,
    turned_at: Arc<AtomicI64>,
    clock: Arc<dyn Clock>,
    keeping: Option<Keeping>,
}

/// A loop that has not turned for so long hangs: it turns at least with every beat.
const TURN_MAX: Duration = Duration::from_secs(90);

impl Engine {
    /// Replaces the configuration.
    pub async fn reconfigure(&self, config: Config) {
        if self.inputs.send(Input::Config(Box::new(config))).await.is_err() {
            tracing::warn!("the engine has stopped; the new configuration is not taken up");
        }
    }

    /// Whether the loop still turns.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let turned_at = Timestamp::from_ms(self.turned_at.load(Ordering::Relaxed));
        !self.stopped.is_cancelled() && self.clock.now().since(turned_at) < TURN_MAX
    }

    /// Stops watching, writes the last state and returns. Steps in flight come back as `Lost` at the next start.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.stopped.cancelled().await;
        if let Some(keeping) = &self.keeping {
            keeping.stop().await;
        }
    }
}

/// Whether a new board is owed.
enum Publish {
    Idle,
    Owed,
    /// A board went out a moment ago.
    Resting,
    /// As before, and a newer one is owed.
    RestingOwed,
}

struct Driver {
    ports: Ports,
    /// As one of several servers.
    sharing: Option<Sharing>,
    /// The store said that this run was put out.
    fenced: bool,
    monitor: Monitor,
    ledger: Ledger,
    tasks: Tasks,
    clock: Arc<dyn Clock>,
    board: watch::Sender<Arc<Board>>,
    seq: u64,
    store_fails: bool,
    knock: Knock,
    publish: Publish,
    last_request: u64,
    turned_at: Arc<AtomicI64>,
    pulse: Pulse,
    /// How long the store took for the last commit.
    store_took: Option<Duration>,
    /// The way into the history of numbers, where one is kept.
    history: Option<Tap>,
}

impl Driver {
    /// Watches until `stop`. A run that was put out ends, and another begins.
    async fn run(mut self, first: Vec<Command>, mut inputs: mpsc::Receiver<Input>, stop: CancellationToken) {
        self.watch(first, &mut inputs, &stop).await;
        while self.fenced && !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                first = self.begin_again() => self.watch(first, &mut inputs, &stop).await,
            }
        }
        self.end().await;
    }

    /// Watches until `stop`, or until this run was put out.
    async fn watch(
        &mut self,
        first: Vec<Command>,
        inputs: &mut mpsc::Receiver<Input>,
        stop: &CancellationToken,
    ) {
        self.attend(stop);
        self.carry_out(first).await;
        if self.store_fails {
            // It failed when the run before ended.
            self.knock();
        }
        let mut beats: usize = 0;
        let mut next_beat = self.clock.now().after(BEAT_EVERY);
        let mut next_board = self.clock.now();
        while !self.fenced {
            self.publish_if_owed(&mut next_board);
            let now = self.clock.now();
            self.turned_at.store(now.as_ms(), Ordering::Relaxed);
            let wake = self.monitor.next_wakeup().map_or(BEAT_EVERY, |at| at.since(now));
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(input) = inputs.recv() => self.take(input).await,
                event = self.tasks.next() => self.handle(event).await,
                late = self.pulse.late() => self.note_self(late).await,
                () = sleep(wake) => self.handle(Event::Woke).await,
                () = sleep(next_board.since(now)), if self.rests() => self.rest_is_over(),
                answer = self.knock.answer() => {
                    self.knocked(answer, beats).await;
                    next_beat = self.clock.now().after(self.beats_every());
                }
                () = sleep(next_beat.since(now)) => {
                    beats = beats.wrapping_add(1);
                    if self.must_knock() {
                        self.knock();
                    } else {
                        self.beat(beats).await;
                    }
                    next_beat = self.clock.now().after(self.beats_every());
                }
            }
            if self.must_knock() {
                next_beat = next_beat.min(self.clock.now().after(self.beats_every()));
            }
        }
    }

    /// Writes the last state, and lets everything go.
    async fn end(&mut self) {
        if self.fenced || self.is_dark() {
            return;
        }
        let now = self.clock.now();
        let last = tokio::time::timeout(LAST_WRITE_MAX, self.ledger.close(&self.monitor, now)).await;
        let is_written = matches!(last, Ok(Ok(())));
        if !is_written {
            tracing::warn!("the last state could not be written to the store");
            self.ledger.keep(&self.monitor, now, Again::Yes).await;
        }
        match &self.sharing {
            Some(sharing) if is_written => sharing.leave().await,
            // What waits can be written as long as this run is not over.
            Some(_) | None => {}
        }
    }

    /// Tells the core how Rebound itself fares: silence of others while it was held up says nothing about them.
    async fn note_self(&mut self, late: Duration) {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        if late >= LATE_TO_LOG {
            tracing::warn!(duration_ms = ms(late), "Rebound itself was held up");
        }
        let seen = SelfSeen { lag_ms: ms(late), store_ms: self.store_took.take().map(ms) };
        self.handle(Event::SelfSeen(seen)).await;
    }

    async fn take(&mut self, input: Input) {
        match input {
            Input::Config(config) => {
                if let Some(sharing) = &mut self.sharing {
                    sharing.reconfigure(&config);
                }
                self.handle(Event::ConfigChanged(config)).await;
            }
            Input::Roster(roster) => self.follow(*roster).await,
            Input::StoreSilent => self.doubt_the_store(),
            Input::Others(others) => {
                if let Some(sharing) = &mut self.sharing {
                    sharing.others = Some(others);
                    self.owe_a_board();
                }
            }
            Input::Ask { by, what, answer } => {
                let id = self.request_id();
                self.handle(Event::PersonAsked(Request { id, by, what })).await;
                // Whoever asked finds the answer on the very next page he looks at.
                self.publish();
                if let Some(asked) = self.monitor.request(id) {
                    // Whoever asked may have gone; what was asked is done all the same.
                    drop(answer.send(asked.clone()));
                }
            }
        }
    }

    /// Unique over restarts: the time in milliseconds, or one more than the last.
    fn request_id(&mut self) -> u64 {
        let now = u64::try_from(self.clock.now().as_ms()).unwrap_or(0);
        self.last_request = now.max(self.last_request + 1);
        self.last_request
    }

    async fn handle(&mut self, event: Event) {
        let noted = self.history.as_ref().and_then(|_| Tap::look(&event));
        // What is seen before this server takes part may be seen by others, too, who write it down.
        let noted = noted.filter(|noted| !(self.is_dark() && noted.is_seen()));
        let now = self.clock.now();
        let commands = self.monitor.handle(now, event);
        if let (Some(history), Some(noted)) = (&mut self.history, noted) {
            history.note(noted, &self.monitor, now);
        }
        self.carry_out(commands).await;
    }

    /// Carries out a batch. What the carrying out itself leads to (a store that fails, a step refused) follows as further batches.
    async fn carry_out(&mut self, commands: Vec<Command>) {
        self.carry_out_all(VecDeque::from([commands])).await;
    }

    async fn carry_out_all(&mut self, mut batches: VecDeque<Vec<Command>>) {
        while let Some(batch) = batches.pop_front() {
            let mut acts = Vec::new();
            for command in batch {
                match command {
                    Command::Record(entry) => {
                        log(&entry);
                        self.ledger.push(*entry);
                    }
                    Command::Probe(_)
                    | Command::RunStep(_)
                    | Command::StopStep(_)
                    | Command::Send(_)
                    | Command::Look(_)
                    | Command::Ping(_)
                    | Command::ReadBack(_)
                    | Command::Publish => acts.push(command),
                }
            }
            let durable = self.commit(&mut batches).await;
            for act in acts {
                match act {
                    Command::Record(_) => {}
                    Command::Probe(request) => self.tasks.probe(request),
                    Command::Send(request) => self.tasks.send(*request),
                    Command::Look(request) => self.tasks.look(request),
                    Command::Ping(request) => self.tasks.ping(request),
                    Command::ReadBack(request) if durable => {
                        self.tasks.read_back(Arc::clone(&self.ports.store), request);
                    }
                    Command::ReadBack(ReadBackRequest { target, due, .. }) => {
                        let read = ReadBack { target, due, result: Err(NOT_KEPT.to_owned()) };
                        let event = Event::ReadBack(read);
                        batches.push_back(self.monitor.handle(self.clock.now(), event));
                    }
                    Command::StopStep(step) => self.tasks.stop_step(&step),
                    Command::Publish => self.owe_a_board(),
                    Command::RunStep(request) if durable && self.may_act() => {
                        let (target, remedy) = (request.target.as_str(), &request.remedy);
                        tracing::info!(target.id = target, step.id = %request.step, "`{target}`: starting \"{remedy}\"");
                        self.tasks.run_step(*request);
                    }
                    Command::RunStep(request) => {
                        let why = if durable { NO_LEASE } else { NO_INTENT };
                        let refused = Event::StepFinished(refused(&request, why));
                        batches.push_back(self.monitor.handle(self.clock.now(), refused));
                    }
                }
            }
        }
    }

    /// Writes what waits. Returns whether everything is durable. A store that refused is tried again by the beat, not by
    /// everything that happens.
    async fn commit(&mut self, batches: &mut VecDeque<Vec<Command>>) -> bool {
        if !self.ledger.is_waiting() {
            return true;
        }
        let began = self.clock.now();
        if self.store_fails {
            self.ledger.keep(&self.monitor, began, Again::No).await;
            return false;
        }
        let outcome = self.ledger.commit(&self.monitor, began).await;
        if outcome.is_err() {
            self.ledger.keep(&self.monitor, began, Again::No).await;
        }
        self.store_took = Some(self.clock.now().since(began));
        self.note_store(outcome, batches)
    }

    /// Sign of life number `turn`.
    async fn beat(&mut self, turn: usize) {
        let now = self.clock.now();
        let mut outcome = Ok(());
        if self.ledger.is_waiting() {
            outcome = self.ledger.commit(&self.monitor, now).await;
        }
        if outcome.is_ok() {
            outcome = self.ledger.beat(&self.monitor, now, turn).await;
        }
        if outcome.is_err() {
            self.ledger.keep(&self.monitor, now, Again::Yes).await;
        }
        let mut batches = VecDeque::new();
        self.note_store(outcome, &mut batches);
        self.carry_out_all(batches).await;
    }

    fn note_store(&mut self, outcome: Result<(), StoreError>, batches: &mut VecDeque<Vec<Command>>) -> bool {
        if let Err(StoreError::Fenced(why)) = &outcome {
            tracing::error!(why, "this server was put out; it begins anew");
            self.fenced = true;
            return false;
        }
        let durable = outcome.is_ok();
        if durable == self.store_fails {
            self.store_fails = !durable;
            match &outcome {
                Ok(()) => tracing::info!("the store accepts writes again"),
                Err(error) => tracing::error!(%error, "the store does not accept writes: heals are held"),
            }
            let why = |error: StoreError| match &self.sharing {
                Some(sharing) => seen_by(sharing.name(), &error),
                None => error.to_string(),
            };
            let event = Event::StoreChanged(outcome.map_err(why));
            batches.push_back(self.monitor.handle(self.clock.now(), event));
        }
        durable
    }

    fn owe_a_board(&mut self) {
        self.publish = match self.publish {
            Publish::Idle | Publish::Owed => Publish::Owed,
            Publish::Resting | Publish::RestingOwed => Publish::RestingOwed,
        };
    }

    fn rests(&self) -> bool {
        matches!(self.publish, Publish::Resting | Publish::RestingOwed)
    }

    fn rest_is_over(&mut self) {
        self.publish = match self.publish {
            Publish::Idle | Publish::Resting => Publish::Idle,
            Publish::Owed | Publish::RestingOwed => Publish::Owed,
        };
    }

    fn publish_if_owed(&mut self, next_board: &mut Timestamp) {
        if !matches!(self.publish, Publish::Owed) {
            return;
        }
        self.publish();
        *next_board = self.clock.now().after(PUBLISH_EVERY);
    }

    fn publish(&mut self) {
        self.seq += 1;
        let now = self.clock.now();
        self.board.send_replace(Arc::new(match &self.sharing {
            None => self.monitor.board(self.seq, now),
            Some(sharing) => sharing.whole(&self.monitor, self.seq, now),
        }));
        self.publish = Publish::Resting;
    }
}

/// Why what was to be kept for a fire drill cannot be read back.
const NOT_KEPT: &str = "the store did not take it";
/// Why a step is not started.
const NO_INTENT: &str = "its intent could not be written down, so it was not started";
const NO_LEASE: &str = "this server could not tell the others that it lives, so another may watch the target by now; it was not started";

fn refused(request: &StepRequest, why: &str) -> StepResult {
    StepResult {
        step: request.step.clone(),
        target: request.target.clone(),
        outcome: StepOutcome::Refused,
        output: why.to_owned(),
        link: None,
    }
}

/// State changes, in the words that people read.
fn log(entry: &JournalEntry) {
    let target = entry.target.as_ref().map_or("rebound", |id| id.as_str());
    match &entry.fact {
        Fact::Phase { phase, because } => {
            let incident = entry.incident.map_or(0, rebound::ids::IncidentId::number);
            tracing::info!(
                target.id = target,
                incident.id = incident,
                because,
                "`{target}` is {phase}: {because}"
            );
        }
        Fact::StepFinished(result) => {
            let outcome = result.outcome.word();
            tracing::info!(target.id = target, step.id = %result.step, outcome, "`{target}`: step {outcome}: {}", result.output);
        }
        Fact::Began { again } => tracing::info!(again, "watching"),
        Fact::Drill(drill) => {
            let state = drill.state.word();
            tracing::info!(target.id = target, state, "`{target}`: a fire drill is {state}");
        }
        // Told when it is really started.
        Fact::StepIntended(_) => {}
        Fact::Incident(_) | Fact::Alert(_) | Fact::Asked(_) => {}
    }
}
