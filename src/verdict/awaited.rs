//! The accounts that must be read, each with what is known of it: looked up once for every answer, not once for every check.

use alloc::vec::Vec;

use super::listing::is_doubtful;
use super::memory::{AccountMemory, AccountStanding};
use crate::calendar::{Calendar, Session};
use crate::check::{AccountRead, CheckSpec};
use crate::ids::AccountId;
use crate::target::TargetSpec;
use crate::time::Timestamp;

/// An account that must be read.
#[derive(Clone, Copy, Debug)]
pub struct Awaited<'a> {
    /// Its login number.
    pub id: AccountId,
    /// Whether a balance of zero is its ordinary state.
    pub reserve: bool,
    /// When its own markets are open; `None`: as the target's.
    pub calendar: Option<&'a Calendar>,
    /// Until when its market is closed; `None` while it is open.
    pub closed_until: Option<Timestamp>,
    /// What was last said of it.
    pub standing: Option<&'a AccountStanding>,
    /// Its newest true read.
    pub read: Option<&'a AccountRead>,
}

impl Awaited<'_> {
    /// Whether its market is open, where the check minds that, and its data can be trusted.
    pub(super) fn is_due(&self, check: CheckSpec) -> bool {
        let rests = check.market_hours && self.closed_until.is_some();
        !rests && !is_doubtful(self.standing)
    }
}

impl AccountMemory {
    /// The accounts that must be read, those configured or else those listed, at `now` in the target's session.
    #[must_use]
    pub fn awaited<'a>(&'a self, spec: &'a TargetSpec, session: Session, now: Timestamp) -> Vec<Awaited<'a>> {
        let closed = |calendar: Option<&Calendar>| match (calendar, session) {
            (Some(calendar), _) => calendar.closed_until(now),
            (None, Session::Closed(until)) => Some(until),
            (None, Session::Open { .. }) => None,
        };
        let one = |id, reserve, calendar| Awaited {
            id,
            reserve,
            calendar,
            closed_until: closed(calendar),
            standing: self.standing(id),
            read: self.reads.get(&id),
        };
        if spec.accounts.is_empty() {
            self.listed.iter().map(|(id, ..)| one(*id, false, None)).collect()
        } else {
            let configured = spec.accounts.iter();
            configured.map(|account| one(account.id, account.reserve, account.calendar.as_deref())).collect()
        }
    }
}
