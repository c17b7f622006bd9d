//! Which servers give no sign of life, as far as one has looked, and what follows from it: they are put out.
//!
//! A silence counts only while somebody looks without a break.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::time::Timestamp;

use super::{ACT_WITHIN, Cluster, LEASE, Member, MemberId};
use crate::ports::StoreError;

/// Longest time between two looks in which a silence counts.
const LOOK_MAX: Duration = Duration::from_secs(5);

/// What was seen of the servers, and since when nothing new.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    seen: BTreeMap<MemberId, Seen>,
    looked_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Seen {
    beats: u64,
    /// When its signs of life last changed, as seen here.
    beat_at: Timestamp,
    /// Since when it was looked at without a break and gave none.
    quiet_since: Timestamp,
    /// Whether a sign of life was seen since one looks without a break: what came before the break says nothing of now.
    is_heard: bool,
}

impl Silence {
    /// Looks at these servers; others are forgotten.
    pub(crate) fn look(&mut self, members: &[Member], now: Timestamp) {
        // After a suspension everybody seems to have been silent for long, but nobody looked.
        let is_first = self.looked_at.is_none_or(|at| now.since(at) > LOOK_MAX);
        if is_first {
            self.saw_nothing(now);
        }
        self.looked_at = Some(now);
        self.seen.retain(|id, _| members.iter().any(|member| member.id == *id));
        for member in members {
            let fresh = Seen { beats: member.beats, beat_at: now, quiet_since: now, is_heard: false };
            let seen = self.seen.entry(member.id.clone()).or_insert(fresh);
            seen.is_heard &= !is_first;
            if seen.beats != member.beats {
                let (beat_at, is_heard) = if is_first { (seen.beat_at, false) } else { (now, true) };
                *seen = Seen { beats: member.beats, beat_at, quiet_since: now, is_heard };
            }
        }
    }

    /// While nothing can be read, a silence of others says nothing about them.
    pub(crate) fn saw_nothing(&mut self, now: Timestamp) {
        self.seen.values_mut().for_each(|seen| seen.quiet_since = now);
    }

    /// When signs of life of a server last changed, as seen here.
    pub(crate) fn beat_at(&self, id: &MemberId) -> Option<Timestamp> {
        self.seen.get(id).map(|seen| seen.beat_at)
    }

    /// Whether a server gave a sign of life since one looks without a break.
    pub(crate) fn hears(&self, id: &MemberId) -> bool {
        self.seen.get(id).is_some_and(|seen| seen.is_heard)
    }

    /// Whether a server is silent for so long that its heals would be held. A beat that is late by a little is no silence.
    pub(crate) fn is_silent(&self, id: &MemberId, now: Timestamp) -> bool {
        self.seen.get(id).is_some_and(|seen| now.since(seen.quiet_since) > ACT_WITHIN)
    }

    /// Puts out those of `members` that have been silent for a lease, each within `limit`.
    pub(crate) async fn put_out(
        &self,
        cluster: &dyn Cluster,
        members: &[Member],
        now: Timestamp,
        limit: Duration,
    ) {
        let is_over = |member: &&Member| {
            self.seen.get(&member.id).is_some_and(|seen| now.since(seen.quiet_since) >= LEASE)
        };
        for member in members.iter().filter(is_over) {
            let server = &member.name;
            tracing::warn!(server, "the server gives no sign of life; what it watches is taken over");
            let late = || StoreError::Unavailable(format!("no answer within {} s", limit.as_secs()));
            let ended = tokio::time::timeout(limit, cluster.put_out(&member.id)).await;
            if let Err(error) = ended.unwrap_or_else(|_| Err(late())) {
                tracing::warn!(server, %error, "the server cannot be put out");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(beats: u64) -> Member {
        Member { id: MemberId::new("run".to_owned()), name: "a".to_owned(), row: 0, beats }
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    /// Whether it is silent after looks at these seconds, with this many beats each.
    fn is_silent(looks: &[(i64, u64)]) -> bool {
        let mut silence = Silence::default();
        for (second, beats) in looks {
            silence.look(&[member(*beats)], at(*second));
        }
        silence.is_silent(&member(0).id, at(looks.last().unwrap().0))
    }

    #[test]
    fn who_gives_no_sign_is_silent_and_who_gives_one_is_not() {
        assert!(is_silent(&[(0, 1), (4, 1), (8, 1)]));
        assert!(!is_silent(&[(0, 1), (4, 2), (8, 2)]));
        assert!(!is_silent(&[(0, 1)]), "it was seen this moment");
    }

    #[test]
    fn a_silence_while_nobody_looked_says_nothing() {
        assert!(!is_silent(&[(0, 1), (3_600, 1), (3_604, 1)]));
        let mut silence = Silence::default();
        silence.look(&[member(1)], at(0));
        silence.saw_nothing(at(4));
        silence.look(&[member(1)], at(8));
        assert!(!silence.is_silent(&member(1).id, at(8)));
        assert_eq!(silence.beat_at(&member(1).id), Some(at(0)), "it was not heard of since");
    }

    /// It may have died while nobody looked, after signs of life that nobody saw.
    #[test]
    fn a_server_is_heard_when_its_signs_change_while_one_looks() {
        let hears = |looks: &[(i64, u64)]| {
            let mut silence = Silence::default();
            for (second, beats) in looks {
                silence.look(&[member(*beats)], at(*second));
            }
            silence.hears(&member(0).id)
        };
        assert!(!hears(&[(0, 1)]), "it stands there, perhaps for long");
        assert!(hears(&[(0, 1), (1, 2)]));
        assert!(hears(&[(0, 1), (1, 2), (4, 2)]), "a beat that is late");
        assert!(!hears(&[(0, 1), (1, 2), (30, 9)]));
        assert!(hears(&[(0, 1), (1, 2), (30, 9), (31, 10)]));
    }

    #[test]
    fn who_has_left_is_forgotten() {
        let mut silence = Silence::default();
        silence.look(&[member(1)], at(0));
        silence.look(&[], at(1));
        assert_eq!(silence.beat_at(&member(1).id), None);
    }
}
