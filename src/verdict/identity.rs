//! Judges whose data a bridge tells: the right login, server and currency for each account.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::accounts::{first_not_read, not_listed};
use super::{Evidence, Judgement, Sight, Verdict, count, plain, seen};
use crate::check::{AccountsReading, BridgeReading};
use crate::ids::AccountId;
use crate::reason::{Reason, list};
use crate::target::ExpectedAccount;

/// Whether every answer comes from the login, server and currency that are expected. Connections of several terminals on one
/// host do cross; then numbers of one account appear under another's.
pub(super) fn identity(reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let mixed = |accounts: Vec<AccountId>, detail: String| {
        let value = Sight::from(format!("not {}", list(&accounts)));
        seen(Verdict::Down(Reason::AccountsMixedUp { accounts, detail }), value)
    };
    let configured = &evidence.spec.accounts;
    let lists = matches!(reading.accounts, AccountsReading::Listed(_));
    if let Some((accounts, detail)) = evidence.memory.untrusted().filter(|_| lists) {
        return mixed(accounts, detail);
    }
    if let (Some(login), false) = (reading.terminal.login, configured.is_empty())
        && !configured.iter().any(|account| account.id == login)
        && !evidence.memory.listed.iter().any(|(id, ..)| *id == login)
    {
        let all = configured.iter().map(|account| account.id).collect();
        return mixed(all, format!("the terminal is logged in to {login}, which is not expected"));
    }
    if configured.is_empty() {
        return seen(Verdict::Up, Sight::words("nothing is configured to compare with"));
    }
    let AccountsReading::Listed(listed) = &reading.accounts else {
        return match reading.terminal.login {
            Some(_) if reading.terminal.available != Some(false) && evidence.memory.untrusted().is_none() => {
                seen(Verdict::Up, Sight::words("compared by login"))
            }
            Some(_) | None => not_listed(reading),
        };
    };
    if let Some(stranger) = listed.first().filter(|first| configured.iter().all(|one| one.id != first.id)) {
        let known: BTreeSet<AccountId> = configured.iter().map(|account| account.id).collect();
        if !listed.iter().any(|account| known.contains(&account.id)) {
            let known: Vec<AccountId> = known.into_iter().collect();
            let detail = format!("expected {}, met {}", list(&known), stranger.id);
            return mixed(known, detail);
        }
    }
    let compared = configured.iter().filter(|account| account.server.is_some() || account.currency.is_some());
    let told = |account: &&ExpectedAccount| {
        evidence.memory.reads.get(&account.id).is_some_and(|read| {
            (account.server.is_none() || read.server.is_some())
                && (account.currency.is_none() || read.currency.is_some())
        })
    };
    // What was mixed up must be seen to be its own again: an account that is not read just now proves nothing.
    let unread = |account: &&ExpectedAccount| !evidence.memory.reads.contains_key(&account.id);
    if evidence.fails_now && compared.clone().any(|account| unread(&account)) {
        return plain(Verdict::Unknown(Reason::NotReadYet(first_not_read(evidence))));
    }
    let (compared, told) = (compared.clone().count(), compared.filter(told).count());
    match (compared, told) {
        (0, _) => seen(Verdict::Up, Sight::words("compared by number")),
        (_, 0) => plain(Verdict::Unknown(Reason::NotTold(String::from("server, currency")))),
        (compared, told) => seen(Verdict::Up, Sight::Compared { number: count(told), of: count(compared) }),
    }
}
