//! The loop as one of several servers: takes up what this server holds, lets go what it does not, and begins anew when it was
//! put out.
//!
//! What is held is what the roster says; the loop only follows it, so that a call whose end is not known needs no care.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::monitor::{Command, Event, Handover, Monitor, Numbering, OtherServer};
use rebound::target::Config;
use rebound::time::Timestamp;
use rebound::view::Board;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::knocking::Knock;
use super::{Beginning, Driver, Input, LAST_WRITE_MAX, Ports, Publish, STORE_RETRY, StartError, tasks};
use crate::cluster::attendant::{Attendant, Seat};
use crate::cluster::placement::{groups, moves};
use crate::cluster::silence::Silence;
use crate::cluster::{Cluster, LEASE, Member, MemberId, Roster, SERVERS_MAX, ServerName};
use crate::ledger::Ledger;
use crate::ledger::left::write_as_left;
use crate::ledger::rows::load_row;
use crate::ports::{AlertFilter, StoreError};
use crate::service::Reach;
use crate::waiting::Owner;

/// Alerts that come with targets from another server: as many as a server remembers of all of its own.
const ALERTS_TAKEN: u32 = 100;

/// How long a server that starts tries to take part.
const JOIN_WITHIN: Duration = Duration::from_secs(20);
/// How long it waits between two tries.
const JOIN_AGAIN: Duration = Duration::from_secs(2);

/// This server among the others.
pub(super) struct Sharing {
    cluster: Arc<dyn Cluster>,
    server: ServerName,
    inputs: mpsc::Sender<Input>,
    config: Config,
    /// The store was never reached: this server does not take part, and watches everything without a memory.
    is_dark: bool,
    groups: Vec<Vec<TargetId>>,
    seat: Arc<Seat>,
    /// What the others show; `None` before it was read by this run.
    pub(super) others: Option<Vec<OtherServer>>,
    /// Number of the last change of hands that this run asked for: an older roster does not know of it.
    changed_at: u64,
    heard: (u64, u64),
    /// Since when nobody holds a target, as seen here.
    free_since: BTreeMap<TargetId, Timestamp>,
    /// When the row's former run was last certainly alive.
    row_alive_at: Option<Timestamp>,
    /// When this run let a target go.
    let_go_at: BTreeMap<TargetId, Timestamp>,
    own_board: watch::Sender<Arc<Board>>,
    peers: watch::Sender<Vec<Member>>,
    /// Ends the attendant of this run.
    attending: CancellationToken,
}

/// The server as it begins, before it takes part.
pub(super) struct Newcomer {
    cluster: Arc<dyn Cluster>,
    server: ServerName,
    inputs: mpsc::Sender<Input>,
}

impl Newcomer {
    pub(super) fn new(cluster: Arc<dyn Cluster>, server: ServerName, inputs: mpsc::Sender<Input>) -> Self {
        Self { cluster, server, inputs }
    }

    /// Takes part; where the store cannot be reached, watches as the file says, because nothing can be healed then anyway.
    pub(super) async fn begin(
        self,
        config: Config,
        written: &Config,
        ports: &Ports,
        now: Timestamp,
    ) -> Result<(Beginning, Sharing), StartError> {
        let Self { cluster, server, inputs } = self;
        // One of its name that was just killed elsewhere is put out by the others, or by the next try.
        let until = ports.clock.now().after(JOIN_WITHIN);
        let mut silence = Silence::default();
        let place = loop {
            if let Err(error) = cluster.look().await
                && matches!(error, StoreError::Unavailable(_))
            {
                break Place::in_the_dark(written, &server.name, &error, ports);
            }
            match Place::take(cluster.as_ref(), &server, &config, ports).await {
                Err(StartError::Store(StoreError::Unavailable(why))) if ports.clock.now() < until => {
                    tracing::warn!(why, "this server cannot take part yet");
                    // Where all servers were killed, nobody else would put out what is left of one.
                    let now = ports.clock.now();
                    match cluster.look().await {
                        Ok(roster) => {
                            silence.look(&roster.members, now);
                            silence.put_out(cluster.as_ref(), &roster.members, now, JOIN_WITHIN).await;
                        }
                        Err(_) => silence.saw_nothing(now),
                    }
                    sleep(JOIN_AGAIN).await;
                }
                placed => break placed?,
            }
        };
        let Place { seat, row_alive_at, monitor, first, heard, is_dark, ledger } = place;
        let sharing = Sharing {
            is_dark,
            groups: groups(&config.targets),
            seat: Arc::new(seat),
            others: None,
            changed_at: 0,
            heard,
            free_since: BTreeMap::new(),
            row_alive_at,
            let_go_at: BTreeMap::new(),
            own_board: watch::channel(Arc::new(monitor.board(0, now))).0,
            peers: watch::channel(Vec::new()).0,
            attending: CancellationToken::new(),
            cluster,
            server,
            inputs,
            config,
        };
        Ok((Beginning { monitor, first, ledger }, sharing))
    }
}

/// What a store refuses, and who says so: of several servers one may not reach it while the others do.
pub(super) fn seen_by(server: &str, error: &StoreError) -> String {
    format!("server \"{server}\": {error}")
}

/// A place among the servers, just taken.
struct Place {
    seat: Seat,
    row_alive_at: Option<Timestamp>,
    monitor: Monitor,
    first: Vec<Command>,
    heard: (u64, u64),
    is_dark: bool,
    ledger: Ledger,
}

impl Place {
    /// The store cannot be reached: nobody knows what was, and who else watches. Everything is watched all the same, because
    /// a person who is told twice is better off than one who is not told; nothing is healed.
    fn in_the_dark(config: &Config, server: &str, error: &StoreError, ports: &Ports) -> Self {
        let now = ports.clock.now();
        tracing::error!(%error, "watching everything without the store: nothing is remembered and nothing healed");
        let mut monitor = Monitor::without_memory(config.clone(), now);
        let first = monitor.handle(now, Event::StoreChanged(Err(seen_by(server, error))));
        let seat = Seat::new(MemberId::new(String::new()), 0, Timestamp::from_ms(0));
        // What it sees is written nowhere, so it waits nowhere either; what an earlier run left stays where it is.
        let ledger = Ledger::new(Arc::clone(&ports.store), 0, None);
        Self { seat, row_alive_at: None, monitor, first, heard: (0, 0), is_dark: true, ledger }
    }

    async fn take(
        cluster: &dyn Cluster,
        server: &ServerName,
        config: &Config,
        ports: &Ports,
    ) -> Result<Self, StartError> {
        // As the run that left it, which ends when this one takes part.
        let waiting = write_as_left(cluster, &ports.store, ports.waiting.as_ref()).await?;
        let joined = cluster.join(server).await?;
        let now = ports.clock.now();
        let roster = cluster.renew().await?;
        let own = load_row(cluster, joined.row, &[]).await?;
        let row_alive_at = own.alive_at;
        let owner = Owner { member: joined.member.clone(), row: joined.row };
        let ledger = Ledger::new(Arc::clone(&ports.store), joined.row, own.mark);
        let mut others = Vec::new();
        for member in roster.members.iter().filter(|member| member.id != joined.member) {
            others.extend(load_row(cluster, member.row, &[]).await?.shared);
        }
        let numbering = Numbering::row(joined.row, SERVERS_MAX);
        let (mut monitor, mut first) =
            Monitor::sharing(config.clone(), numbering, own.saved(), &others, now)?;
        let heard = Event::NumbersHeard { incident: roster.incident, alert: roster.alert };
        first.extend(monitor.handle(now, heard));
        tracing::info!(server = server.name, row = joined.row, servers = roster.members.len(), "taking part");
        let seat = Seat::new(joined.member, joined.row, now);
        Ok(Self {
            seat,
            row_alive_at,
            monitor,
            first,
            heard: (roster.incident, roster.alert),
            is_dark: false,
            ledger: ledger.with_outage(waiting, Some(owner)),
        })
    }
}

impl Sharing {
    /// The board with what the others show; the own part of it goes to them.
    pub(super) fn whole(&self, monitor: &Monitor, seq: u64, now: Timestamp) -> Board {
        let own = monitor.board(seq, now);
        self.own_board.send_replace(Arc::new(own.clone()));
        monitor.whole_board(own, &self.server.name, self.others.as_deref())
    }

    /// How requests reach the other servers.
    pub(super) fn reach(&self) -> Reach {
        Reach {
            cluster: Arc::clone(&self.cluster),
            name: self.server.name.clone(),
            peers: self.peers.subscribe(),
        }
    }

    /// What this server is called.
    pub(super) fn name(&self) -> &str {
        &self.server.name
    }

    /// The row of this server.
    pub(super) fn row(&self) -> u64 {
        self.seat.row
    }

    /// Whether the store was never reached since the start.
    pub(super) const fn is_dark(&self) -> bool {
        self.is_dark
    }

    /// Looks whether the store can be reached by now: then this server takes part, and begins anew with what is remembered.
    pub(super) fn look(&self) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        let cluster = Arc::clone(&self.cluster);
        async move {
            let late = || StoreError::Unavailable(format!("no answer within {} s", STORE_RETRY.as_secs()));
            timeout(STORE_RETRY, cluster.look()).await.unwrap_or_else(|_| Err(late())).map(drop)
        }
    }

    pub(super) fn reconfigure(&mut self, config: &Config) {
        self.config = config.clone();
        self.groups = groups(&config.targets);
    }

    /// Whether nobody can have put this run out by `now`.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.seat.holds(now)
    }

    /// Lets everything go at once, so that nobody has to wait for the end of a lease.
    pub(super) async fn leave(&self) {
        self.attending.cancel();
        if !matches!(timeout(LAST_WRITE_MAX, self.cluster.leave()).await, Ok(Ok(()))) {
            tracing::warn!(
                "the other servers could not be told; they take over within {} s",
                LEASE.as_secs()
            );
        }
    }

    fn me(&self) -> &MemberId {
        &self.seat.member
    }

    /// When a target was last certainly watched, where its memory is in row `row`, whose server was alive at `alive_at`.
    fn alive_at(&self, row: u64, id: &TargetId, alive_at: Option<Timestamp>) -> Option<Timestamp> {
        if row == self.seat.row { self.let_go_at.get(id).copied().or(self.row_alive_at) } else { alive_at }
    }

    /// Targets that nobody has held for two leases.
    fn left_over(&mut self, roster: &Roster, now: Timestamp) -> BTreeSet<TargetId> {
        let free = |id: &&TargetId| roster.holder(id).is_none();
        let free: BTreeSet<TargetId> = self.groups.iter().flatten().filter(free).cloned().collect();
        self.free_since.retain(|id, _| free.contains(id));
        for id in free {
            self.free_since.entry(id).or_insert(now);
        }
        let long = self.free_since.iter().filter(|(_, since)| now.since(**since) >= LEASE * 2);
        long.map(|(id, _)| id.clone()).collect()
    }
}

impl Driver {
    /// Begins to give signs of life.
    pub(super) fn attend(&mut self, stop: &CancellationToken) {
        let Some(sharing) = self.sharing.as_mut().filter(|sharing| !sharing.is_dark) else { return };
        sharing.attending = stop.child_token();
        let attendant = Attendant {
            cluster: Arc::clone(&sharing.cluster),
            clock: Arc::clone(&self.clock),
            seat: Arc::clone(&sharing.seat),
            inputs: sharing.inputs.clone(),
            own_board: sharing.own_board.subscribe(),
            peers: sharing.peers.clone(),
        };
        tokio::spawn(attendant.attend(sharing.attending.clone()));
    }

    /// Whether the store was never reached since the start.
    pub(super) fn is_dark(&self) -> bool {
        self.sharing.as_ref().is_some_and(Sharing::is_dark)
    }

    /// Whether a heal may be started: not if another server may watch the target by now.
    pub(super) fn may_act(&self) -> bool {
        self.sharing.as_ref().is_none_or(|sharing| sharing.holds(self.clock.now()))
    }

    /// Does what follows from who takes part and who holds what.
    pub(super) async fn follow(&mut self, roster: Roster) {
        let mut next = Some(roster);
        while let Some(roster) = next.take() {
            let Some(sharing) = &mut self.sharing else { return };
            if roster.seq < sharing.changed_at {
                return;
            }
            if !roster.has(sharing.me()) {
                let why = if sharing.seat.was_silent() {
                    "it gave no sign of life for long"
                } else {
                    "another start of this installation took its place, or a copy of it: is there one with the same rebound.instance?"
                };
                tracing::error!(why, "this server was put out; it begins anew");
                self.fenced = true;
                return;
            }
            if (roster.incident, roster.alert) > sharing.heard {
                sharing.heard = (roster.incident, roster.alert);
                let (incident, alert) = sharing.heard;
                self.handle(Event::NumbersHeard { incident, alert }).await;
            }
            self.let_go_what_is_not_held(&roster).await;
            self.take_up_what_is_held(&roster).await;
            if self.fenced || self.store_fails {
                return;
            }
            match self.change_hands(&roster).await {
                Ok(changed) => next = changed,
                Err(StoreError::Fenced(why)) => {
                    tracing::error!(why, "this server was put out; it begins anew");
                    self.fenced = true;
                }
                // The next roster tells whether it happened.
                Err(error) => tracing::debug!(%error, "targets cannot change hands now"),
            }
        }
    }

    async fn let_go_what_is_not_held(&mut self, roster: &Roster) {
        let Some(sharing) = &mut self.sharing else { return };
        let is_gone = |id: &TargetId| roster.holder(id) != Some(sharing.me());
        let gone: Vec<TargetId> = self.monitor.target_ids().into_iter().filter(is_gone).collect();
        if gone.is_empty() {
            return;
        }
        let now = self.clock.now();
        sharing.let_go_at.extend(gone.iter().map(|id| (id.clone(), now)));
        self.ledger.forget(&gone);
        self.tasks.let_go(&gone);
        tracing::info!(targets = gone.len(), "another server watches these from now on");
        self.handle(Event::Yielded(gone)).await;
    }

    async fn take_up_what_is_held(&mut self, roster: &Roster) {
        let Some(sharing) = &self.sharing else { return };
        let watched: BTreeSet<TargetId> = self.monitor.target_ids().into_iter().collect();
        let configured: BTreeSet<&TargetId> = sharing.groups.iter().flatten().collect();
        let mut by_row: BTreeMap<u64, Vec<TargetId>> = BTreeMap::new();
        for (id, lease) in &roster.leases {
            let is_new = lease.holder.as_ref() == Some(sharing.me()) && !watched.contains(id);
            if is_new && configured.contains(id) {
                by_row.entry(lease.row).or_default().push(id.clone());
            }
        }
        for (row, targets) in by_row {
            match self.handover(row, targets).await {
                Ok(handovers) => {
                    for handover in handovers {
                        tracing::info!(targets = handover.targets.len(), row, "watching these from now on");
                        self.handle(Event::Gained(Box::new(handover))).await;
                    }
                }
                // They stay held, and are taken up with the next roster.
                Err(error) => tracing::warn!(%error, "what is known of targets to watch cannot be read"),
            }
        }
    }

    /// What is known of targets whose memory is in `row`; one for each time at which they were last watched.
    async fn handover(&self, row: u64, targets: Vec<TargetId>) -> Result<Vec<Handover>, StoreError> {
        let Some(sharing) = &self.sharing else { return Ok(Vec::new()) };
        let found = load_row(sharing.cluster.as_ref(), row, &targets).await?;
        let newest = AlertFilter { limit: ALERTS_TAKEN, ..AlertFilter::default() };
        let alerts = self.ports.store.alerts(&newest).await?;
        let mut by_time: BTreeMap<Option<Timestamp>, Vec<TargetId>> = BTreeMap::new();
        for id in targets {
            by_time.entry(sharing.alive_at(row, &id, found.alive_at)).or_default().push(id);
        }
        let handover = |(alive_at, targets): (Option<Timestamp>, Vec<TargetId>)| Handover {
            states: found.targets.iter().filter(|state| targets.contains(&state.id)).cloned().collect(),
            shared: found.shared.clone(),
            alerts: alerts.clone(),
            targets,
            alive_at,
        };
        Ok(by_time.into_iter().map(handover).collect())
    }

    /// Claims or lets go what is one's share. Returns the roster after it, if something was done.
    async fn change_hands(&mut self, roster: &Roster) -> Result<Option<Roster>, StoreError> {
        let now = self.clock.now();
        let Some(sharing) = &mut self.sharing else { return Ok(None) };
        let left_over = sharing.left_over(roster, now);
        let may_move = |id: &TargetId| self.monitor.may_move(id);
        let moves = moves(&sharing.groups, roster, sharing.me(), may_move, &left_over);
        sharing.changed_at = if !moves.claim.is_empty() {
            sharing.cluster.claim(&moves.claim).await?
        } else if !moves.release.is_empty() {
            // What waits for the store is about them, perhaps.
            if self.ledger.is_waiting() {
                return Ok(None);
            }
            let state = self.ledger.state_of(&self.monitor, &moves.release, now)?;
            sharing.cluster.release(&moves.release, &state).await?
        } else {
            return Ok(None);
        };
        Ok(Some(sharing.cluster.renew().await?))
    }

    /// Begins a new run after this one was put out: nothing of what it held is its own any more.
    pub(super) async fn begin_again(&mut self) -> Vec<Command> {
        let Some(sharing) = &mut self.sharing else { return Vec::new() };
        sharing.attending.cancel();
        sharing.others = None;
        self.knock = Knock::default();
        // Ends every probe, step and delivery that runs.
        self.tasks = tasks(&self.ports);
        if !sharing.is_dark {
            self.ledger.set_aside().await;
        }
        if let Some(history) = &mut self.history {
            history.let_go();
        }
        let told = self.monitor.outage_told();
        let all = self.monitor.target_ids();
        drop(self.monitor.handle(self.clock.now(), Event::Yielded(all)));
        self.publish();
        let place = loop {
            let now = self.clock.now();
            self.turned_at.store(now.as_ms(), std::sync::atomic::Ordering::Relaxed);
            let Some(sharing) = &self.sharing else { return Vec::new() };
            let mut server = sharing.server.clone();
            if !sharing.is_dark {
                // Not as the same instance: if it was put out by a copy of itself, the two would put each other out for ever.
                server.instance = format!("{}/{}", server.instance, now.as_ms());
            }
            match Place::take(sharing.cluster.as_ref(), &server, &sharing.config, &self.ports).await {
                Ok(place) => break place,
                Err(error) => {
                    tracing::warn!(%error, "this server cannot take part yet");
                    sleep(STORE_RETRY).await;
                }
            }
        };
        let Place { seat, row_alive_at, mut monitor, mut first, heard, ledger, .. } = place;
        if let Some((was, channels)) = told {
            first.extend(monitor.outage_is_over(&was, &channels));
        }
        (self.ledger, self.monitor) = (ledger, monitor);
        if let Some(sharing) = &mut self.sharing {
            (sharing.seat, sharing.row_alive_at, sharing.heard) = (Arc::new(seat), row_alive_at, heard);
            (sharing.changed_at, sharing.is_dark) = (0, false);
            sharing.let_go_at.clear();
            sharing.free_since.clear();
        }
        self.store_fails = self.monitor.store_trouble().is_some();
        (self.fenced, self.publish) = (false, Publish::Idle);
        first
    }
}
