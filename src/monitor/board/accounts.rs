//! The accounts of a target as the board shows them. What was not truly read has no number.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::watch::TargetState;
use crate::check::CheckId;
use crate::target::{ExpectedAccount, TargetSpec};
use crate::time::{Timestamp, spoken};
use crate::verdict::{AccountStanding, Verdict};
use crate::view::{AccountView, Tone};

/// Longest currency and name of an account that a page shows, in characters.
const CURRENCY_SHOWN: usize = 8;
const NAME_SHOWN: usize = 60;

pub(super) fn account_views(spec: &TargetSpec, state: &TargetState, now: Timestamp) -> Vec<AccountView> {
    state
        .memory
        .expected(&spec.accounts)
        .iter()
        .map(|account| account_view(account, spec, state, now))
        .collect()
}

fn account_view(
    account: &ExpectedAccount,
    spec: &TargetSpec,
    state: &TargetState,
    now: Timestamp,
) -> AccountView {
    let read = state.memory.reads.get(&account.id);
    let listed = state.memory.listed.iter().find(|entry| entry.0 == account.id);
    let recent = read.is_some_and(|read| now.since(read.read_at) <= spec.thresholds.sync_window);
    let seen =
        state.silent_since.is_none() && state.observed_at.is_some() && state.observed_at == state.answered_at;
    let listed_now = state.memory.listed_at == state.observed_at;
    let ahead = state.memory.clock_ahead.is_some_and(|ahead| ahead > spec.thresholds.clock_skew_max);
    let (word, tone, note) = match listed.map(|entry| &entry.2) {
        Some(AccountStanding::Read) if !seen => {
            ("Not seen", Tone::Unknown, Some(String::from("the bridge does not answer")))
        }
        Some(AccountStanding::Read) if !listed_now => {
            ("Not seen", Tone::Unknown, Some(String::from("the accounts are not listed now")))
        }
        Some(AccountStanding::Read) if recent && unconnected(state) => {
            ("Not live", Tone::Unknown, Some(String::from("the terminal is not connected")))
        }
        Some(AccountStanding::Read) if recent && ahead => {
            ("Not live", Tone::Unknown, Some(String::from("the clock of the reads cannot be trusted")))
        }
        Some(AccountStanding::Read) if recent => ("Syncing", Tone::Good, None),
        Some(AccountStanding::Read) => (
            "Stale",
            Tone::Warning,
            read.map(|read| format!("last read {} ago", spoken(now.since(read.read_at)))),
        ),
        Some(AccountStanding::NotRead(why)) => ("Not read", Tone::Unknown, Some(why.to_string())),
        Some(AccountStanding::Failed(why)) => ("Failed", Tone::Warning, Some(why.clone())),
        Some(AccountStanding::Untrusted(why)) => ("Not its own", Tone::Bad, Some(why.clone())),
        None if state.memory.listed_at.is_none() => ("Not asked", Tone::Unknown, None),
        None => ("Not listed", Tone::Warning, Some(String::from("it is not listed"))),
    };
    AccountView {
        id: account.id,
        name: account
            .name
            .clone()
            .or_else(|| listed.and_then(|entry| entry.1.as_deref()).map(|text| short(text, NAME_SHOWN))),
        reserve: account.reserve,
        state: String::from(word),
        tone,
        note,
        balance: read.map(|read| read.balance),
        equity: read.and_then(|read| read.equity),
        currency: read.and_then(|read| read.currency.as_deref()).map(|text| short(text, CURRENCY_SHOWN)),
        read_at: read.map(|read| read.read_at),
        live: word == "Syncing",
    }
}

/// Whether what the bridge told last is of a terminal without its broker, or of none.
fn unconnected(state: &TargetState) -> bool {
    let down =
        |id: CheckId| state.checks.get(&id).is_some_and(|check| matches!(check.verdict(), Verdict::Down(_)));
    down(CheckId::TerminalBrokerLink) || down(CheckId::TerminalIpc)
}

/// As much of a bridge's text as a page has room for.
fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
