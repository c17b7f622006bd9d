//! Which targets a server should claim or let go, so that all are watched and everybody has about as many.
//!
//! Pure. Targets that depend on each other stay together: whoever judges a bridge must see its host.

use std::collections::{BTreeMap, BTreeSet};

use rebound::ids::TargetId;
use rebound::target::TargetSpec;

use super::{Member, MemberId, Roster};

/// Most targets that a server lets go at once, but for a group, which stays together. Each goes with its state in one entry of the
/// journal, and a store that is slow must take that entry in its time; the next ones follow right after it.
pub const RELEASED_MAX: usize = 25;

/// What a server should change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// To claim.
    pub claim: Vec<TargetId>,
    /// To let go.
    pub release: Vec<TargetId>,
}

/// Targets in groups that must stay together, in the order of their first ids.
#[must_use]
pub fn groups(specs: &[TargetSpec]) -> Vec<Vec<TargetId>> {
    // Each target points to another of its group, or to itself: the group's name.
    let mut leads: BTreeMap<&TargetId, &TargetId> = specs.iter().map(|spec| (&spec.id, &spec.id)).collect();
    fn lead<'a>(leads: &BTreeMap<&'a TargetId, &'a TargetId>, mut id: &'a TargetId) -> &'a TargetId {
        while let Some(next) = leads.get(id).copied().filter(|next| *next != id) {
            id = next;
        }
        id
    }
    for spec in specs {
        for parent in spec
            .depends_on
            .iter()
            .filter_map(|id| leads.get_key_value(id).map(|(id, _)| *id))
            .collect::<Vec<_>>()
        {
            let (a, b) = (lead(&leads, &spec.id), lead(&leads, parent));
            leads.insert(a.max(b), a.min(b));
        }
    }
    let mut groups: BTreeMap<&TargetId, Vec<TargetId>> = BTreeMap::new();
    for id in leads.keys().copied().collect::<Vec<_>>() {
        groups.entry(lead(&leads, id)).or_default().push(id.clone());
    }
    groups.into_values().collect()
}

/// What `me` should change. `may_move` tells which of its targets can change hands unnoticed; `left_over` are targets that
/// nobody has claimed for long, so that somebody must whatever the share.
#[must_use]
pub fn moves(
    groups: &[Vec<TargetId>],
    roster: &Roster,
    me: &MemberId,
    may_move: impl Fn(&TargetId) -> bool,
    left_over: &BTreeSet<TargetId>,
) -> Moves {
    let Some(place) = roster.members.iter().position(|member| member.id == *me) else {
        return Moves::default();
    };
    let holders: BTreeMap<&TargetId, &MemberId> =
        roster.leases.iter().filter_map(|(id, lease)| Some((id, lease.holder.as_ref()?))).collect();
    let servers = roster.members.len();
    let all: usize = groups.iter().map(Vec::len).sum();
    let held = |member: &MemberId| {
        groups.iter().flatten().filter(|id| holders.get(*id).copied() == Some(member)).count()
    };
    let (most, least) = (all.div_ceil(servers), all / servers);
    let mut mine = held(me);
    let mut moves = Moves::default();
    // Everybody begins at another place of the list, so that two rarely want the same.
    let begin = groups.len() * place / servers;
    let order = groups.iter().cycle().skip(begin).take(groups.len());
    for group in order {
        let of_nobody = |id: &&TargetId| !holders.contains_key(*id);
        let free: Vec<TargetId> = group.iter().filter(of_nobody).cloned().collect();
        if free.is_empty() {
            continue;
        }
        // The first server that has a part of it draws the rest to it.
        let has_part = |member: &&Member| group.iter().any(|id| holders.get(id).copied() == Some(&member.id));
        let wants = match roster.members.iter().find(has_part) {
            Some(first) => first.id == *me,
            None => mine + free.len() <= most || mine == 0,
        };
        if wants || free.iter().any(|id| left_over.contains(id)) {
            mine += free.len();
            moves.claim.extend(free);
        }
    }
    if !moves.claim.is_empty() {
        return moves;
    }
    // Parts of one group with two servers: the one with the higher row lets go.
    for group in groups {
        let holds = |member: &MemberId| group.iter().any(|id| holders.get(id).copied() == Some(member));
        let before_me = roster.members.iter().take(place).any(|member| holds(&member.id));
        let of_me: Vec<TargetId> =
            group.iter().filter(|id| holders.get(*id).copied() == Some(me)).cloned().collect();
        let has_room = moves.release.len() < RELEASED_MAX;
        if before_me && has_room && !of_me.is_empty() && of_me.iter().all(&may_move) {
            moves.release.extend(of_me);
        }
    }
    if moves.release.is_empty() {
        let mut others: Vec<usize> =
            roster.members.iter().filter(|member| member.id != *me).map(|member| held(&member.id)).collect();
        for group in groups {
            // Only where somebody who has too few will take it, or it would come back.
            let size = group.len();
            let takes = |has: &&mut usize| **has < least && (**has + size <= most || **has == 0);
            let is_mine = group.iter().all(|id| holders.get(id).copied() == Some(me));
            if is_mine
                && moves.release.len() < RELEASED_MAX
                && mine.saturating_sub(size) >= least
                && group.iter().all(&may_move)
                && let Some(taker) = others.iter_mut().find(takes)
            {
                *taker += size;
                mine -= size;
                moves.release.extend(group.iter().cloned());
            }
        }
    }
    moves
}

#[cfg(test)]
#[path = "placement_tests.rs"]
mod tests;
