//! Several servers that share one store: which of them watches what.
//!
//! Every change of it is one entry of the same ordered journal that all facts go to. A server whose run was put out therefore
//! cannot write anything more, whatever it believes of itself: what it wants to write comes after its end. Clocks of
//! different machines are never compared.

use std::time::Duration;

use async_trait::async_trait;
use rebound::ids::TargetId;
use rebound::monitor::{Asked, RequestKind};
use rebound::view::Board;
use serde::{Deserialize, Serialize};

use crate::ports::{StateRecord, StoreError};

pub(crate) mod attendant;

pub mod placement;

pub(crate) mod silence;

/// Most servers that share one store. Numbers of incidents and alerts end with the row of the server that gave them.
pub const SERVERS_MAX: u64 = 10;
/// How often a server gives a sign of life and looks at the others.
pub const RENEW_EVERY: Duration = Duration::from_secs(1);
/// A server of which the others see no sign of life for so long is put out, and what it watched is taken over.
pub const LEASE: Duration = Duration::from_secs(9);
/// A server that could give no sign of life for so long starts no heal: the others may be about to put it out.
pub const ACT_WITHIN: Duration = Duration::from_secs(6);
/// Longest wait for another server to answer a request that it was handed.
pub const ORDER_ANSWER_MAX: Duration = Duration::from_secs(8);

/// One run of one server. Each joining makes a new one, so that nothing of an earlier run is its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemberId(String);

impl MemberId {
    /// Wraps the text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A server that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its run.
    pub id: MemberId,
    /// Its name, which no other server that takes part has.
    pub name: String,
    /// Its row, from 0 to below [`SERVERS_MAX`], which no other server that takes part has.
    pub row: u64,
    /// Its signs of life, counted.
    pub beats: u64,
}

/// Who watches a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who; `None`: nobody now.
    pub holder: Option<MemberId>,
    /// The row of whoever holds it or held it last.
    pub row: u64,
    /// Grows with every change of hands: the number of the journal entry that was the last one.
    pub term: u64,
}

/// Everybody who takes part, and who watches what, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// Number of the journal's last entry at that moment.
    pub seq: u64,
    /// The servers, in the order of their rows.
    pub members: Vec<Member>,
    /// The targets that are, or ever were, watched.
    pub leases: Vec<(TargetId, Lease)>,
    /// Highest number of an incident.
    pub incident: u64,
    /// Highest number of an alert.
    pub alert: u64,
}

impl Roster {
    /// Who watches a target.
    #[must_use]
    pub fn holder(&self, target: &TargetId) -> Option<&MemberId> {
        self.leases.iter().find(|(id, _)| id == target).and_then(|(_, lease)| lease.holder.as_ref())
    }

    /// Whether a run still takes part.
    #[must_use]
    pub fn has(&self, member: &MemberId) -> bool {
        self.members.iter().any(|one| one.id == *member)
    }
}

/// How a server calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName {
    /// Its name for people.
    pub name: String,
    /// Known to this installation alone and locked by its process: an earlier run of the same is certainly over.
    pub instance: String,
}

/// What a joining came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// This run.
    pub member: MemberId,
    /// Its row.
    pub row: u64,
}

/// A request that belongs to a target of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number, unique.
    pub id: String,
    /// Who asks.
    pub by: String,
    /// What for.
    pub what: RequestKind,
}

/// What several servers agree on. After [`Cluster::join`], everything that the same store commits is refused with
/// [`StoreError::Fenced`] once this run was put out, or is about a target that it does not hold.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Takes part as a new run. An earlier run of the same instance is put out.
    ///
    /// # Errors
    /// [`StoreError`]; also if all rows are taken, or another server of the same name takes part.
    async fn join(&self, server: &ServerName) -> Result<Joined, StoreError>;

    /// Writes as an earlier run of this installation, whose process is over, until the next [`Cluster::join`]: what that run
    /// left is kept if nobody has put it out, and refused with [`StoreError::Fenced`] otherwise.
    fn resume(&self, member: &MemberId);

    /// Ends taking part; what was watched is free at once.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn leave(&self) -> Result<(), StoreError>;

    /// Gives a sign of life, and looks at everybody.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn renew(&self) -> Result<Roster, StoreError>;

    /// Looks at everybody without a sign of life; also before this server takes part.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn look(&self) -> Result<Roster, StoreError>;

    /// Claims targets; those that somebody holds are left to him. Returns the number of the journal entry.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not known whether it was done, and the next roster tells.
    async fn claim(&self, targets: &[TargetId]) -> Result<u64, StoreError>;

    /// Lets targets go, with their last state. Returns the number of the journal entry.
    ///
    /// # Errors
    /// As [`Cluster::claim`].
    async fn release(&self, targets: &[TargetId], state: &[StateRecord]) -> Result<u64, StoreError>;

    /// Puts out a run that gives no sign of life; what it watched is free. Anybody may, also who does not take part.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put_out(&self, member: &MemberId) -> Result<(), StoreError>;

    /// State records by key; those that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn state_of(&self, keys: &[String]) -> Result<Vec<StateRecord>, StoreError>;

    /// Shows this server's own board to the others.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn show(&self, board: &Board) -> Result<(), StoreError>;

    /// The boards of others, with the number of each; those whose number is in `known` are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn boards(&self, known: &[(MemberId, u64)]) -> Result<Vec<(MemberId, Board)>, StoreError>;

    /// Hands a request to another server.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn hand_over(&self, to: &MemberId, order: &Order) -> Result<(), StoreError>;

    /// What became of a request that was handed over; `None` while it is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn answer_to(&self, order: &str) -> Result<Option<Asked>, StoreError>;

    /// Takes a request back, unless the other server has begun with it. Returns whether it was taken back.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn take_back(&self, order: &str) -> Result<bool, StoreError>;

    /// Takes the requests that others handed to this run; each is given once.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn orders(&self) -> Result<Vec<Order>, StoreError>;

    /// Says what became of a request of another server.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn answer(&self, order: &str, asked: &Asked) -> Result<(), StoreError>;
}
