//! Which servers give no sign of life, as seen by one who waits to take part.

use std::collections::BTreeMap;

use rebound::time::Timestamp;

use super::{Cluster, LEASE, MemberId};

/// What was seen of the servers, and since when nothing new.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    seen: BTreeMap<MemberId, (u64, Timestamp)>,
}

impl Silence {
    /// Puts out those that have been silent for a lease: where all servers were killed, nobody else would.
    pub(crate) async fn put_out(&mut self, cluster: &dyn Cluster, now: Timestamp) {
        let Ok(roster) = cluster.look().await else {
            // While nothing can be read, a silence says nothing.
            self.seen.clear();
            return;
        };
        for member in roster.members {
            let seen = self.seen.entry(member.id.clone()).or_insert((member.beats, now));
            if seen.0 != member.beats {
                *seen = (member.beats, now);
            } else if now.since(seen.1) >= LEASE {
                tracing::warn!(server = member.name, "the server gives no sign of life, and is put out");
                if let Err(error) = cluster.put_out(&member.id).await {
                    tracing::warn!(server = member.name, %error, "the server cannot be put out");
                }
            }
        }
    }
}
