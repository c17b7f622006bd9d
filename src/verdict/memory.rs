//! What is remembered of a target's accounts.
//!
//! Keeps true reads only: a placeholder, a failed read and the data of another account are standings, never numbers.

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::{
    AccountRead, AccountState, AccountsFrom, AccountsReading, BridgeReading, NotRead, Transfer,
};
use crate::ids::AccountId;
use crate::target::ExpectedAccount;
use crate::time::Timestamp;
use crate::word::Word;

/// What the last true reads of a target's accounts were. A bridge that stops telling does not make them forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountMemory {
    /// Newest true read of each account, with its time moved to our clock.
    pub reads: BTreeMap<AccountId, AccountRead>,
    /// What was last said of each listed account, in the order listed.
    pub listed: Vec<(AccountId, Option<String>, AccountStanding)>,
    /// How far the newest read lay in the future when last seen.
    pub clock_ahead: Option<Duration>,
    /// When the list last came.
    pub listed_at: Option<Timestamp>,
    /// Since when no list comes, if none does.
    #[serde(default)]
    pub away_since: Option<Timestamp>,
    /// When the list came back, where it was away.
    #[serde(default)]
    pub back: Option<ListBack>,
}

/// The end of a stretch without an account list. Whoever reads the accounts may not have been able to write them down meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListBack {
    /// When it came again.
    pub at: Timestamp,
    /// How long it was away.
    pub away: Duration,
}

/// What was last said of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountStanding {
    /// A true read.
    Read,
    /// Listed without a read.
    NotRead(NotRead),
    /// Reading it failed, it is said.
    Failed(String),
    /// The data is not the account's own, and why; no number of it is used.
    Untrusted(String),
}

/// Most accounts remembered; a bridge that lists more is broken.
pub const ACCOUNTS_MAX: usize = 10_000;

impl AccountMemory {
    /// Takes in what a bridge told at `now`. `configured` says what is expected of each account.
    pub fn learn(&mut self, reading: &BridgeReading, configured: &[ExpectedAccount], now: Timestamp) {
        let AccountsReading::Listed(accounts) = &reading.accounts else {
            self.away_since.get_or_insert(self.listed_at.unwrap_or(now));
            return;
        };
        if let Some(since) = self.away_since.take() {
            self.back = Some(ListBack { at: now, away: now.since(since) });
        }
        // What another program wrote is by that program's clock, of which the bridge's says nothing.
        let clock = reading.bridge_time.filter(|_| reading.accounts_from == AccountsFrom::Bridge);
        let ahead_ms = clock.map_or(0, |bridge| bridge.as_ms().saturating_sub(now.as_ms()));
        self.listed.truncate(accounts.len().min(ACCOUNTS_MAX));
        self.listed_at = Some(now);
        let mut newest: Option<Timestamp> = None;
        for (index, account) in accounts.iter().take(ACCOUNTS_MAX).enumerate() {
            let expected = configured.iter().find(|expected| expected.id == account.id);
            let standing = match &account.state {
                AccountState::Read(read) if let Some(why) = expected.and_then(|one| foreign(one, read)) => {
                    // What was held of it may have been the other account's already.
                    self.reads.remove(&account.id);
                    AccountStanding::Untrusted(why)
                }
                AccountState::Read(read) => {
                    // The age of a read is taken on the bridge's own clock, so that a wrong clock there makes nothing
                    // look stale or fresh here.
                    let ours = |at: Timestamp| Timestamp::from_ms(at.as_ms().saturating_sub(ahead_ms));
                    let read_at = ours(read.read_at);
                    newest = newest.max(Some(read_at));
                    // What was told by now was read by now, whatever it says: a read of tomorrow must not stay fresh until then.
                    let read_at = read_at.min(now);
                    let moved = |transfer: Transfer| Transfer { at: ours(transfer.at).min(now), ..transfer };
                    let transfer = read.transfer.map(moved);
                    let held = self.reads.entry(account.id).or_insert_with(|| read.clone());
                    take_over(held, read);
                    (held.read_at, held.transfer) = (read_at, transfer);
                    AccountStanding::Read
                }
                AccountState::NotRead(why) => AccountStanding::NotRead(why.clone()),
                AccountState::Failed(why) => AccountStanding::Failed(why.clone()),
            };
            match self.listed.get_mut(index) {
                Some((id, name, held)) if *id == account.id => {
                    name.clone_from(&account.name);
                    *held = standing;
                }
                Some(other) => *other = (account.id, account.name.clone(), standing),
                None => self.listed.push((account.id, account.name.clone(), standing)),
            }
        }
        if self.reads.len() > ACCOUNTS_MAX {
            let listed: BTreeSet<AccountId> = self.listed.iter().map(|entry| entry.0).collect();
            self.reads.retain(|id, _| listed.contains(id));
        }
        self.clock_ahead = newest.filter(|newest| *newest > now).map(|newest| newest.since(now));
    }

    /// Nothing was read after `now`: the clock was set back.
    pub(crate) fn set_back(&mut self, now: Timestamp) {
        self.reads.values_mut().for_each(|read| read.read_at = read.read_at.min(now));
        self.listed_at = self.listed_at.map(|at| at.min(now));
        self.away_since = self.away_since.map(|since| since.min(now));
        self.back = self.back.map(|back| ListBack { at: back.at.min(now), ..back });
    }

    /// The accounts that must be read: those configured, else those listed.
    #[must_use]
    pub fn expected<'a>(&self, configured: &'a [ExpectedAccount]) -> Cow<'a, [ExpectedAccount]> {
        if !configured.is_empty() {
            return Cow::Borrowed(configured);
        }
        let listed = self
            .listed
            .iter()
            .map(|(id, name, _)| ExpectedAccount { name: name.clone(), ..ExpectedAccount::numbered(*id) });
        Cow::Owned(listed.collect())
    }

    /// What was last said of an account.
    #[must_use]
    pub fn standing(&self, id: AccountId) -> Option<&AccountStanding> {
        self.listed.iter().find(|entry| entry.0 == id).map(|entry| &entry.2)
    }

    /// Accounts whose data is not their own, and why the first of them is not.
    #[must_use]
    pub fn untrusted(&self) -> Option<(Vec<AccountId>, String)> {
        let mut why = None;
        let mut accounts = Vec::new();
        for (id, _, standing) in &self.listed {
            if let AccountStanding::Untrusted(detail) = standing {
                accounts.push(*id);
                why.get_or_insert_with(|| detail.to_string());
            }
        }
        why.map(|why| (accounts, why))
    }
}

/// Takes over what was read. The texts rarely differ from those held, which stay then.
fn take_over(held: &mut AccountRead, read: &AccountRead) {
    let AccountRead { read_at, balance, equity, currency, server, transfer } = read;
    for (held, read) in [(&mut held.currency, currency), (&mut held.server, server)] {
        if held != read {
            held.clone_from(read);
        }
    }
    (held.read_at, held.balance, held.equity, held.transfer) = (*read_at, *balance, *equity, *transfer);
}

/// Why a read is not that of the expected account, if it is not. What is not told is not compared.
fn foreign(expected: &ExpectedAccount, read: &AccountRead) -> Option<String> {
    let differs = |what: &str, expected: Option<&Word>, met: Option<&Word>| {
        let (expected, met) = (expected?, met?);
        if expected == met {
            return None;
        }
        (!expected.trim().eq_ignore_ascii_case(met.trim()))
            .then(|| format!("expected {what} \"{expected}\", met \"{met}\""))
    };
    differs("server", expected.server.as_ref(), read.server.as_ref())
        .or_else(|| differs("currency", expected.currency.as_ref(), read.currency.as_ref()))
}
