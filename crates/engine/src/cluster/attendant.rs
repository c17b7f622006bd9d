//! Gives signs of life, looks at the other servers and carries requests between them, beside the loop.
//!
//! Decides nothing; that a server which gives no sign of life is put out is [`super::silence`]'s.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rebound::monitor::{Heard, OtherServer};
use rebound::time::Timestamp;
use rebound::view::Board;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::silence::Silence;
use super::{ACT_WITHIN, Cluster, Member, MemberId, ORDER_ANSWER_MAX, Order, RENEW_EVERY, Roster};
use crate::driver::Input;
use crate::ports::{Clock, StoreError};

/// Most requests of other servers that are carried out at the same time.
const ORDERS_MAX: usize = 16;

/// How often a board without news is shown all the same, for its times.
const SHOW_EVERY: Duration = Duration::from_secs(5);

/// Longest time for one call: two of them fit between a sign of life and the time without one in which heals are held.
const ANSWER_MAX: Duration = Duration::from_secs(ACT_WITHIN.as_secs() / 2);

/// The place that this run has among the servers.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) member: MemberId,
    pub(crate) row: u64,
    /// When the last sign of life that arrived was given, in ms.
    renewed_at: AtomicI64,
    /// How long before it the one before it was given, in ms.
    gap: AtomicI64,
}

impl Seat {
    pub(crate) fn new(member: MemberId, row: u64, now: Timestamp) -> Self {
        Self { member, row, renewed_at: AtomicI64::new(now.as_ms()), gap: AtomicI64::new(0) }
    }

    /// When a sign of life last arrived.
    pub(crate) fn renewed_at(&self) -> Timestamp {
        Timestamp::from_ms(self.renewed_at.load(Ordering::Acquire))
    }

    /// Notes a sign of life given at `at` that arrived.
    fn renew(&self, at: Timestamp) {
        let before = self.renewed_at.swap(at.as_ms(), Ordering::AcqRel);
        self.gap.store(at.as_ms().saturating_sub(before), Ordering::Release);
    }

    /// Whether so much time lay between the last two signs of life that others may have put this run out.
    pub(crate) fn was_silent(&self) -> bool {
        Duration::from_millis(u64::try_from(self.gap.load(Ordering::Acquire)).unwrap_or(0)) > ACT_WITHIN
    }

    /// Whether nobody can have put this run out by `now`.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        now.since(self.renewed_at()) <= ACT_WITHIN
    }
}

/// What the attendant needs.
pub(crate) struct Attendant {
    pub(crate) cluster: Arc<dyn Cluster>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seat: Arc<Seat>,
    pub(crate) inputs: mpsc::Sender<Input>,
    /// What this server watches itself.
    pub(crate) own_board: watch::Receiver<Arc<Board>>,
    /// The others, for whoever hands requests to them.
    pub(crate) peers: watch::Sender<Vec<Member>>,
}

/// What is known of another server.
struct Known {
    member: Member,
    /// Whether it gave signs of life when one last could look.
    heard: Heard,
    board: Option<Arc<Board>>,
}

impl Attendant {
    /// Attends until `stop`, or until this run was put out and the loop has been told so.
    pub(crate) async fn attend(mut self, stop: CancellationToken) {
        let work = async {
            let mut known: BTreeMap<MemberId, Known> = BTreeMap::new();
            let mut orders = JoinSet::new();
            let mut silence = Silence::default();
            // What was last shown, and when.
            let mut shown = None;
            let mut fails = false;
            loop {
                let sent_at = self.clock.now();
                let renewed = within(self.cluster.renew()).await;
                if fails != renewed.is_err() {
                    fails = renewed.is_err();
                    match &renewed {
                        Ok(_) => tracing::info!("the other servers can be seen again"),
                        Err(error) => {
                            tracing::warn!(%error, "no sign of life can be given to other servers");
                            if self.inputs.send(Input::StoreSilent).await.is_err() {
                                return;
                            }
                        }
                    }
                }
                match renewed {
                    Ok(roster) => {
                        self.seat.renew(sent_at);
                        self.look(&mut known, &mut silence, &roster).await;
                        self.carry_orders(&mut orders).await;
                        self.exchange_boards(&mut known, &silence, &mut shown).await;
                        if self.inputs.send(Input::Roster(Box::new(roster))).await.is_err() {
                            return;
                        }
                    }
                    Err(_) => {
                        let now = self.clock.now();
                        let blind = now.since(self.seat.renewed_at()) > ACT_WITHIN;
                        if blind {
                            known.values_mut().for_each(|other| other.heard = Heard::Not);
                        }
                        if !self.tell_others(&known, &silence).await {
                            return;
                        }
                        silence.saw_nothing(now);
                    }
                }
                sleep(RENEW_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    /// Notes who gives signs of life, and puts out who does not.
    async fn look(&self, known: &mut BTreeMap<MemberId, Known>, silence: &mut Silence, roster: &Roster) {
        let now = self.clock.now();
        let is_other = |member: &&Member| member.id != self.seat.member;
        let others: Vec<Member> = roster.members.iter().filter(is_other).cloned().collect();
        silence.look(&others, now);
        known.retain(|id, _| roster.has(id));
        for member in &others {
            let fresh = || Known { member: member.clone(), heard: Heard::Awaited, board: None };
            let other = known.entry(member.id.clone()).or_insert_with(fresh);
            other.member = member.clone();
            other.heard = match (silence.is_silent(&member.id, now), silence.hears(&member.id)) {
                (true, _) => Heard::Silent,
                (false, true) => Heard::Works,
                (false, false) => Heard::Awaited,
            };
        }
        silence.put_out(self.cluster.as_ref(), &others, now, ANSWER_MAX).await;
        let peers: Vec<Member> = known.values().map(|other| other.member.clone()).collect();
        self.peers.send_if_modified(|held| {
            let changed = held.len() != peers.len() || held.iter().zip(&peers).any(|(a, b)| a.id != b.id);
            if changed {
                *held = peers;
            }
            changed
        });
    }

    async fn exchange_boards(
        &mut self,
        known: &mut BTreeMap<MemberId, Known>,
        silence: &Silence,
        shown: &mut Option<(u64, Timestamp)>,
    ) {
        if self.own_board.has_changed().unwrap_or(false) {
            let own = Arc::clone(&self.own_board.borrow());
            let (news, now) = (news(&own), self.clock.now());
            let is_due = shown.is_none_or(|(last, at)| last != news || now.since(at) >= SHOW_EVERY);
            if is_due {
                self.own_board.mark_unchanged();
                match within(self.cluster.show(&own)).await {
                    Ok(()) => *shown = Some((news, now)),
                    // Shown again with the next change, which comes with the next question to any target.
                    Err(error) => tracing::debug!(%error, "the board cannot be shown to other servers"),
                }
            }
        }
        let have: Vec<(MemberId, u64)> =
            known.iter().filter_map(|(id, other)| Some((id.clone(), other.board.as_ref()?.seq))).collect();
        match within(self.cluster.boards(&have)).await {
            Ok(boards) => {
                for (id, board) in boards {
                    if let Some(other) = known.get_mut(&id) {
                        other.board = Some(Arc::new(board));
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "the boards of other servers cannot be read"),
        }
        self.tell_others(known, silence).await;
    }

    /// Tells the loop what the others show. Returns whether the loop still listens.
    async fn tell_others(&self, known: &BTreeMap<MemberId, Known>, silence: &Silence) -> bool {
        let now = self.clock.now();
        let others = known
            .iter()
            .map(|(id, other)| OtherServer {
                name: other.member.name.clone(),
                board: other.board.clone(),
                heard_at: silence.beat_at(id).unwrap_or(now),
                heard: other.heard,
            })
            .collect();
        self.inputs.send(Input::Others(others)).await.is_ok()
    }

    /// Takes requests that other servers handed over; each is answered by a task of its own.
    async fn carry_orders(&self, running: &mut JoinSet<()>) {
        while running.try_join_next().is_some() {}
        if running.len() >= ORDERS_MAX {
            return;
        }
        let orders = match within(self.cluster.orders()).await {
            Ok(orders) => orders,
            Err(error) => {
                tracing::debug!(%error, "requests of other servers cannot be read");
                return;
            }
        };
        for order in orders {
            let (inputs, cluster) = (self.inputs.clone(), Arc::clone(&self.cluster));
            running.spawn(async move { carry_out(order, &inputs, cluster.as_ref()).await });
        }
    }
}

/// Tells boards apart that say something else to people. What changes with every look alone is no news: boards are large, and
/// what is written every second would fill the database's own log.
fn news(board: &Board) -> u64 {
    let mut hasher = DefaultHasher::new();
    for view in &board.targets {
        (view.id.as_str(), view.tone as u8, &view.phase).hash(&mut hasher);
        for check in &view.checks {
            check.verdict.hash(&mut hasher);
        }
        for account in &view.accounts {
            (&account.state, account.live).hash(&mut hasher);
        }
        let incident = view.incident.as_ref();
        let steps = |incident: &rebound::incident::Incident| {
            (incident.id, incident.steps.len(), incident.events.len())
        };
        (incident.map(steps), view.pause.is_some(), view.maintenance.is_some()).hash(&mut hasher);
    }
    for alert in &board.alerts {
        (alert.id, alert.acknowledged.is_some(), alert.resolved_at).hash(&mut hasher);
        for state in alert.deliveries.values() {
            std::mem::discriminant(state).hash(&mut hasher);
        }
    }
    for asked in &board.requests {
        (asked.id, std::mem::discriminant(&asked.state)).hash(&mut hasher);
    }
    (board.banners.len(), board.pause.is_some(), board.maintenance.len(), &board.own.store_trouble)
        .hash(&mut hasher);
    hasher.finish()
}

async fn carry_out(order: Order, inputs: &mpsc::Sender<Input>, cluster: &dyn Cluster) {
    let (answer, asked) = oneshot::channel();
    let Order { id, by, what } = order;
    if inputs.send(Input::Ask { by, what, answer }).await.is_err() {
        return;
    }
    let Ok(asked) = asked.await else { return };
    if let Err(error) = within(cluster.answer(&id, &asked)).await {
        tracing::warn!(%error, "another server cannot be told what became of its request");
    }
}

async fn within<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = || StoreError::Unavailable(format!("no answer within {} s", ANSWER_MAX.as_secs()));
    timeout(ANSWER_MAX, work).await.unwrap_or_else(|_| Err(late()))
}

/// Hands a request to another server and waits for what becomes of it; `None` if that server did not begin with it.
pub(crate) async fn hand_over(
    cluster: &dyn Cluster,
    to: &MemberId,
    order: &Order,
    clock: &dyn Clock,
) -> Result<HandedOver, StoreError> {
    within(cluster.hand_over(to, order)).await?;
    let until = clock.now().after(ORDER_ANSWER_MAX);
    while clock.now() < until {
        sleep(RENEW_EVERY / 4).await;
        if let Ok(Some(asked)) = within(cluster.answer_to(&order.id)).await {
            return Ok(HandedOver::Answered(asked));
        }
    }
    Ok(match within(cluster.take_back(&order.id)).await {
        Ok(true) => HandedOver::TakenBack,
        Ok(false) | Err(_) => HandedOver::NotKnown,
    })
}

/// How handing over ended.
pub(crate) enum HandedOver {
    /// The other server says so.
    Answered(rebound::monitor::Asked),
    /// It did not begin, and will not.
    TakenBack,
    /// It may have been carried out.
    NotKnown,
}
