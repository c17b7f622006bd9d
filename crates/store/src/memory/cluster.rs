//! Several servers with one store in memory, for tests in virtual time.
//!
//! A server can be cut off from it, so that a test sees what it and the others do then.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rebound::alert::Alert;
use rebound::ids::{IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::{Asked, JournalEntry};
use rebound::view::Board;
use rebound_engine::cluster::{Cluster, Joined, MemberId, Order, Roster, ServerName};
use rebound_engine::ports::{AlertFilter, StateRecord, Store, StoreError};
use rebound_engine::settings::Revision;

use super::MemoryStore;
use crate::leases::{Change, Standing};

/// What the servers share.
#[derive(Debug, Default)]
pub struct MemoryCluster {
    store: MemoryStore,
    common: Mutex<Common>,
}

#[derive(Debug, Default)]
struct Common {
    seq: u64,
    standing: Standing,
    beats: BTreeMap<MemberId, u64>,
    boards: BTreeMap<MemberId, Board>,
    orders: BTreeMap<String, (MemberId, Order, OrderState)>,
}

#[derive(Debug)]
enum OrderState {
    New,
    Begun,
    Answered(Asked),
}

/// One server's way to it.
#[derive(Debug)]
pub struct MemoryServer {
    cluster: Arc<MemoryCluster>,
    member: Mutex<Option<MemberId>>,
    is_cut_off: AtomicBool,
}

impl MemoryCluster {
    /// An empty store that nobody uses.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// A server's way to it.
    #[must_use]
    pub fn server(self: &Arc<Self>) -> Arc<MemoryServer> {
        let (cluster, member) = (Arc::clone(self), Mutex::default());
        Arc::new(MemoryServer { cluster, member, is_cut_off: AtomicBool::new(false) })
    }

    /// What was written.
    #[must_use]
    pub const fn store(&self) -> &MemoryStore {
        &self.store
    }

    fn common(&self) -> MutexGuard<'_, Common> {
        // A test that panicked while it held the lock left nothing half-done.
        self.common.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryServer {
    /// Cuts this server off from the store, or connects it again.
    pub fn cut_off(&self, is_cut_off: bool) {
        self.is_cut_off.store(is_cut_off, Ordering::SeqCst);
    }

    fn reach(&self) -> Result<&MemoryCluster, StoreError> {
        if self.is_cut_off.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("cut off".to_owned()));
        }
        Ok(&self.cluster)
    }

    fn member(&self) -> Option<MemberId> {
        self.member.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The run, where it takes part.
    fn me(&self) -> Result<MemberId, StoreError> {
        self.member().ok_or_else(|| StoreError::Fenced("this server does not take part".to_owned()))
    }

    fn change(&self, change: &Change) -> Result<u64, StoreError> {
        let mut common = self.reach()?.common();
        common.seq += 1;
        let seq = common.seq;
        common.standing.follow(seq, change);
        Ok(seq)
    }
}

#[async_trait]
impl Store for MemoryServer {
    async fn commit(&self, entries: &[JournalEntry], state: &[StateRecord]) -> Result<(), StoreError> {
        let cluster = self.reach()?;
        cluster.common().standing.may_write(self.member().as_ref(), entries, state)?;
        cluster.store.commit(entries, state).await?;
        cluster.common().seq += 1;
        Ok(())
    }

    async fn load_state(&self) -> Result<Vec<StateRecord>, StoreError> {
        self.reach()?.store.load_state().await
    }

    async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
        self.reach()?.store.alerts(filter).await
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.reach()?.store.incident(id).await
    }

    async fn incidents(&self, before: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, StoreError> {
        self.reach()?.store.incidents(before, limit).await
    }

    async fn journal(&self, after: u64, limit: u32) -> Result<Vec<(u64, JournalEntry)>, StoreError> {
        self.reach()?.store.journal(after, limit).await
    }

    async fn revise(&self, revision: &Revision) -> Result<bool, StoreError> {
        self.reach()?.store.revise(revision).await
    }

    async fn revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, StoreError> {
        self.reach()?.store.revisions(before, limit).await
    }
}

#[async_trait]
impl Cluster for MemoryServer {
    async fn join(&self, server: &ServerName) -> Result<Joined, StoreError> {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let row = self.reach()?.common().standing.row_for(server)?;
        let member = MemberId::new(format!("{}/{}", server.name, RUNS.fetch_add(1, Ordering::SeqCst)));
        self.change(&Change::Joined { member: member.clone(), server: server.clone(), row })?;
        self.resume(&member);
        Ok(Joined { member, row })
    }

    fn resume(&self, member: &MemberId) {
        *self.member.lock().unwrap_or_else(PoisonError::into_inner) = Some(member.clone());
    }

    async fn leave(&self) -> Result<(), StoreError> {
        let member = self.me()?;
        self.change(&Change::Ended { member }).map(drop)
    }

    async fn renew(&self) -> Result<Roster, StoreError> {
        *self.reach()?.common().beats.entry(self.me()?).or_default() += 1;
        self.look().await
    }

    async fn look(&self) -> Result<Roster, StoreError> {
        let common = self.reach()?.common();
        let beats = |id: &MemberId| common.beats.get(id).copied().unwrap_or(0);
        let kept = self.cluster.store.kept();
        Ok(Roster {
            seq: common.seq,
            members: common.standing.members(beats),
            leases: common.standing.leases(),
            incident: kept.incidents.keys().last().map_or(0, |id| id.number()),
            alert: kept.alerts.keys().last().map_or(0, |id| id.number()),
        })
    }

    async fn claim(&self, targets: &[TargetId]) -> Result<u64, StoreError> {
        self.change(&Change::Claimed { member: self.me()?, targets: targets.to_vec() })
    }

    async fn release(&self, targets: &[TargetId], state: &[StateRecord]) -> Result<u64, StoreError> {
        self.commit(&[], state).await?;
        self.change(&Change::Released { member: self.me()?, targets: targets.to_vec() })
    }

    async fn put_out(&self, member: &MemberId) -> Result<(), StoreError> {
        self.change(&Change::Ended { member: member.clone() }).map(drop)
    }

    async fn state_of(&self, keys: &[String]) -> Result<Vec<StateRecord>, StoreError> {
        let mut state = self.reach()?.store.load_state().await?;
        state.retain(|record| keys.contains(&record.key));
        Ok(state)
    }

    async fn show(&self, board: &Board) -> Result<(), StoreError> {
        self.reach()?.common().boards.insert(self.me()?, board.clone());
        Ok(())
    }

    async fn boards(&self, known: &[(MemberId, u64)]) -> Result<Vec<(MemberId, Board)>, StoreError> {
        let (common, me) = (self.reach()?.common(), self.me()?);
        let is_news = |id: &MemberId, board: &Board| {
            *id != me && !known.iter().any(|(known, seq)| known == id && *seq == board.seq)
        };
        let others = common.boards.iter().filter(|(id, board)| is_news(id, board));
        Ok(others.map(|(id, board)| (id.clone(), board.clone())).collect())
    }

    async fn hand_over(&self, to: &MemberId, order: &Order) -> Result<(), StoreError> {
        let new = (to.clone(), order.clone(), OrderState::New);
        self.reach()?.common().orders.insert(order.id.clone(), new);
        Ok(())
    }

    async fn answer_to(&self, order: &str) -> Result<Option<Asked>, StoreError> {
        let common = self.reach()?.common();
        Ok(common.orders.get(order).and_then(|(_, _, state)| match state {
            OrderState::New | OrderState::Begun => None,
            OrderState::Answered(asked) => Some(asked.clone()),
        }))
    }

    async fn take_back(&self, order: &str) -> Result<bool, StoreError> {
        let mut common = self.reach()?.common();
        let is_new = common.orders.get(order).is_some_and(|(_, _, state)| matches!(state, OrderState::New));
        if is_new {
            common.orders.remove(order);
        }
        Ok(is_new)
    }

    async fn orders(&self) -> Result<Vec<Order>, StoreError> {
        let me = self.me()?;
        let mut common = self.reach()?.common();
        let mine = common.orders.values_mut().filter(|(to, ..)| *to == me);
        let new = mine.filter_map(|(_, order, state)| {
            matches!(state, OrderState::New).then(|| {
                *state = OrderState::Begun;
                order.clone()
            })
        });
        Ok(new.collect())
    }

    async fn answer(&self, order: &str, asked: &Asked) -> Result<(), StoreError> {
        if let Some((_, _, state)) = self.reach()?.common().orders.get_mut(order) {
            *state = OrderState::Answered(asked.clone());
        }
        Ok(())
    }
}
