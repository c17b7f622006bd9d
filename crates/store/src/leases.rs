//! Who takes part and who watches what, as it follows from the changes in the journal, in their order.
//!
//! Pure: every server that has read as far comes to the same. A change that is not possible at its place changes nothing, so
//! that of two who want the same the first has it.

use std::collections::BTreeMap;

use rebound::ids::TargetId;
use rebound::monitor::JournalEntry;
use rebound_engine::cluster::{Lease, Member, MemberId, SERVERS_MAX, ServerName};
use rebound_engine::ports::{StateRecord, StoreError};

/// Keys of target states begin so.
pub(crate) const KEY_TARGET: &str = "target/";

/// A change of who takes part or who watches what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A run takes part in a row; an earlier run of the same instance there ends.
    Joined { member: MemberId, server: ServerName, row: u64 },
    /// A run ends, by itself or put out.
    Ended { member: MemberId },
    /// A run claims targets.
    Claimed { member: MemberId, targets: Vec<TargetId> },
    /// A run lets targets go.
    Released { member: MemberId, targets: Vec<TargetId> },
}

/// Who takes part and who watches what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// By row.
    pub(crate) servers: BTreeMap<u64, Server>,
    pub(crate) leases: BTreeMap<TargetId, Held>,
}

/// What is known of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// The run that has it; `None`: it is free.
    pub(crate) member: Option<MemberId>,
    pub(crate) server: ServerName,
    /// Number of the change that made it so.
    pub(crate) seq: u64,
}

/// What is known of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) holder: Option<MemberId>,
    /// The row of the run that holds it, or held it last.
    pub(crate) holder_row: u64,
    /// Row of the last run that let it go: there its memory is.
    pub(crate) row: u64,
    /// Number of the change that made it so.
    pub(crate) seq: u64,
}

impl Standing {
    /// Follows a change with the number `seq`. What is known to be later is left as it is.
    pub(crate) fn follow(&mut self, seq: u64, change: &Change) {
        match change {
            Change::Joined { member, server, row } => self.joined(seq, member, server, *row),
            Change::Ended { member } => self.ended(seq, member),
            Change::Claimed { member, targets } => {
                let Some(row) = self.row_of(member) else { return };
                for id in targets {
                    let held = self.leases.entry(id.clone()).or_default();
                    if held.seq < seq && held.holder.is_none() {
                        (held.holder, held.holder_row, held.seq) = (Some(member.clone()), row, seq);
                    }
                }
            }
            Change::Released { member, targets } => {
                for id in targets {
                    if let Some(held) = self.leases.get_mut(id) {
                        held.release(seq, member);
                    }
                }
            }
        }
    }

    fn joined(&mut self, seq: u64, member: &MemberId, server: &ServerName, row: u64) {
        let current = |(_, one): &(&u64, &Server)| one.member.is_some();
        let same_instance = |one: &Server| one.server.instance == server.instance;
        let in_the_way = self
            .servers
            .iter()
            .filter(current)
            .any(|(taken, one)| !same_instance(one) && (*taken == row || one.server.name == server.name));
        let is_known = self.servers.get(&row).is_some_and(|one| one.seq >= seq);
        if in_the_way || is_known || row >= SERVERS_MAX {
            return;
        }
        let earlier: Vec<MemberId> = self
            .servers
            .values()
            .filter(|one| same_instance(one))
            .filter_map(|one| one.member.clone())
            .collect();
        for run in earlier {
            self.ended(seq, &run);
        }
        let now = Server { member: Some(member.clone()), server: server.clone(), seq };
        self.servers.insert(row, now);
    }

    fn ended(&mut self, seq: u64, member: &MemberId) {
        for held in self.leases.values_mut() {
            held.release(seq, member);
        }
        for one in self.servers.values_mut().filter(|one| one.member.as_ref() == Some(member)) {
            if one.seq < seq {
                (one.member, one.seq) = (None, seq);
            }
        }
    }

    /// The row of a run that takes part.
    pub(crate) fn row_of(&self, member: &MemberId) -> Option<u64> {
        self.servers.iter().find(|(_, one)| one.member.as_ref() == Some(member)).map(|(row, _)| *row)
    }

    /// The row that a server should ask for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if none is free, or another takes part under its name.
    pub(crate) fn row_for(&self, server: &ServerName) -> Result<u64, StoreError> {
        let taken = |one: &Server| one.member.is_some() && one.server.instance != server.instance;
        if self.servers.values().any(|one| taken(one) && one.server.name == server.name) {
            return Err(StoreError::Unavailable(format!(
                "a server called \"{}\" takes part already. If it was just stopped or killed, it is put out soon; \
                 otherwise give this one another name, server.name",
                server.name
            )));
        }
        let mine = self.servers.iter().find(|(_, one)| one.server.instance == server.instance);
        let named =
            self.servers.iter().find(|(_, one)| one.member.is_none() && one.server.name == server.name);
        let never_used = (0..SERVERS_MAX).find(|row| !self.servers.contains_key(row));
        let unused = self.servers.iter().find(|(_, one)| one.member.is_none()).map(|(row, _)| *row);
        let row = mine.or(named).map(|(row, _)| *row).or(never_used).or(unused);
        row.ok_or_else(|| {
            StoreError::Unavailable(format!("{SERVERS_MAX} servers use this store, and that is the most"))
        })
    }

    /// Whether `member` may write this; without a member, whether nobody takes part.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] or, for one who does not take part, [`StoreError::Unavailable`].
    pub(crate) fn may_write(
        &self,
        member: Option<&MemberId>,
        entries: &[JournalEntry],
        state: &[StateRecord],
    ) -> Result<(), StoreError> {
        let Some(member) = member else {
            return match self.servers.values().find(|one| one.member.is_some()) {
                None => Ok(()),
                Some(one) => Err(StoreError::Unavailable(format!(
                    "the server \"{}\" uses this store: stop it first",
                    one.server.name
                ))),
            };
        };
        if self.row_of(member).is_none() {
            return Err(StoreError::Fenced("this run was put out".to_owned()));
        }
        let holds = |id: &str| {
            let held = self.leases.iter().find(|(target, _)| target.as_str() == id);
            held.is_some_and(|(_, held)| held.holder.as_ref() == Some(member))
        };
        let told = entries.iter().filter_map(|entry| entry.target.as_ref()).map(TargetId::as_str);
        let kept = state.iter().filter_map(|record| record.key.strip_prefix(KEY_TARGET));
        match told.chain(kept).find(|id| !holds(id)) {
            None => Ok(()),
            Some(id) => Err(StoreError::Fenced(format!("another server watches `{id}` now, or nobody"))),
        }
    }

    /// Everybody who takes part, with the signs of life that `beats` counted.
    pub(crate) fn members(&self, beats: impl Fn(&MemberId) -> u64) -> Vec<Member> {
        let member = |(row, one): (&u64, &Server)| {
            let id = one.member.clone()?;
            Some(Member { beats: beats(&id), name: one.server.name.clone(), row: *row, id })
        };
        self.servers.iter().filter_map(member).collect()
    }

    /// Who watches what.
    pub(crate) fn leases(&self) -> Vec<(TargetId, Lease)> {
        let lease = |held: &Held| Lease { holder: held.holder.clone(), row: held.row, term: held.seq };
        self.leases.iter().map(|(id, held)| (id.clone(), lease(held))).collect()
    }
}

impl Held {
    fn release(&mut self, seq: u64, member: &MemberId) {
        if self.seq < seq && self.holder.as_ref() == Some(member) {
            (self.holder, self.row, self.seq) = (None, self.holder_row, seq);
        }
    }
}

#[cfg(test)]
#[path = "leases_tests.rs"]
mod tests;
