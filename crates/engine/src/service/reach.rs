//! Requests that belong to another server: handed over, followed to their answer, or taken back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use rebound::monitor::{Asked, AskedState, RequestKind};
use tokio::sync::watch;

use super::ServiceError;
use crate::cluster::attendant::{HandedOver, hand_over};
use crate::cluster::{Cluster, Member, Order};
use crate::ports::Clock;

/// The way to the other servers.
#[derive(Clone)]
pub(crate) struct Reach {
    pub(crate) cluster: Arc<dyn Cluster>,
    /// This server's name.
    pub(crate) name: String,
    pub(crate) peers: watch::Receiver<Vec<Member>>,
}

impl Reach {
    /// Name of the other server in this row.
    pub(super) fn of_row(&self, row: u64) -> Option<String> {
        self.peers.borrow().iter().find(|peer| peer.row == row).map(|peer| peer.name.clone())
    }

    /// Has another server carry out a request.
    pub(super) async fn ask(
        &self,
        server: &str,
        by: &str,
        what: RequestKind,
        clock: &dyn Clock,
    ) -> Result<Asked, ServiceError> {
        let peer = self.peers.borrow().iter().find(|peer| peer.name == server).cloned();
        let Some(peer) = peer else {
            return Err(ServiceError::OtherSilent(server.to_owned()));
        };
        let order = Order { id: self.number(clock), by: by.to_owned(), what };
        let handed = hand_over(self.cluster.as_ref(), &peer.id, &order, clock).await;
        let handed = handed.map_err(|error| {
            tracing::warn!(%error, server = peer.name, "a request cannot be handed to the server that watches the target");
            ServiceError::OtherUnreached(peer.name.clone())
        });
        match handed? {
            HandedOver::Answered(asked) => Ok(asked),
            HandedOver::TakenBack => Err(ServiceError::OtherSilent(peer.name)),
            HandedOver::NotKnown => Err(ServiceError::OtherUnclear(peer.name)),
        }
    }

    /// Has every other server carry out what was carried out here, and says in the answer who did not.
    pub(super) async fn ask_all(&self, by: &str, what: RequestKind, clock: &dyn Clock, own: Asked) -> Asked {
        let peers = self.peers.borrow().clone();
        let asked = peers.iter().map(|peer| async {
            let answer = self.ask(&peer.name, by, what.clone(), clock).await;
            (peer.name.clone(), answer)
        });
        let mut own = own;
        for (name, answer) in join_all(asked).await {
            let trouble = match answer {
                Ok(Asked { state: AskedState::Refused(why), .. }) => why,
                Ok(_) => continue,
                Err(error) => error.to_string(),
            };
            let more = format!(" On the server \"{name}\" this was not done: {trouble}");
            match &mut own.state {
                AskedState::Running(said) | AskedState::Done(said) | AskedState::Refused(said) => {
                    said.push_str(&more)
                }
            }
        }
        own
    }

    fn number(&self, clock: &dyn Clock) -> String {
        static LAST: AtomicU64 = AtomicU64::new(0);
        format!("{}/{}/{}", self.name, clock.now().as_ms(), LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// Whether a request must reach every server.
pub(super) const fn is_about_all(what: &RequestKind) -> bool {
    match what {
        RequestKind::Pause { target, .. }
        | RequestKind::Resume { target }
        | RequestKind::StartMaintenance { target, .. }
        | RequestKind::EndMaintenance { target } => target.is_none(),
        // Each server has a mail server, a disk and remedies to look at.
        RequestKind::CheckReadiness => true,
        RequestKind::Drill { target } => target.is_none(),
        RequestKind::ForceSync(_)
        | RequestKind::ForceHeal { .. }
        | RequestKind::StopHeal(_)
        | RequestKind::TestAlert
        | RequestKind::Acknowledge(_)
        | RequestKind::SetDryRun { .. }
        | RequestKind::DeclareMove { .. }
        | RequestKind::TakeBackMoves(_) => false,
    }
}
