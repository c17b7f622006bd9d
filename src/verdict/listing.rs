//! Judges whether there is an account list, and whether it can be read in full.
//!
//! No list is no fact about any account: what was read before goes on counting, and proves nothing new.
//! An entry that names no account, and two entries of one account that disagree, are said: never a missing account, never a
//! number of which nobody knows whether it is true.

use alloc::format;
use alloc::string::{String, ToString};

use super::memory::AccountStanding;
use super::{Evidence, Judgement, Sight, Verdict};
use crate::check::{AccountsFrom, AccountsReading, BridgeReading, NamelessEntries, NotRead};
use crate::ids::AccountId;
use crate::reason::Reason;

/// Why there is no list, if there is none.
pub(super) fn no_list(reading: &BridgeReading) -> Option<Reason> {
    let AccountsReading::NotListed(why) = &reading.accounts else {
        return None;
    };
    Some(match reading.accounts_from {
        AccountsFrom::Bridge => Reason::NotListed(why.clone()),
        AccountsFrom::Database => Reason::AccountsNotSeen(why.clone()),
    })
}

/// What is good by reads of before is no proof that an incident about them is over, while there is no list.
pub(super) fn unless_unseen(
    judgement: Judgement,
    reading: &BridgeReading,
    evidence: &Evidence<'_>,
) -> Judgement {
    match no_list(reading) {
        Some(why) if judgement.verdict == Verdict::Up && evidence.cause.is_some() => {
            Judgement { verdict: Verdict::Unknown(why), ..judgement }
        }
        Some(_) | None => judgement,
    }
}

/// What of the list cannot be read, if any: the number of entries or accounts, and why.
pub(super) fn unclear(reading: &BridgeReading, evidence: &Evidence<'_>) -> Option<(u32, String)> {
    let AccountsReading::Listed(_) = &reading.accounts else {
        return None;
    };
    let contradicted = evidence.expected.iter().filter_map(|account| match account.standing {
        Some(AccountStanding::NotRead(why @ NotRead::Contradicted(_))) => Some((account.id, why)),
        Some(
            AccountStanding::NotRead(_)
            | AccountStanding::Read
            | AccountStanding::Failed(_)
            | AccountStanding::Untrusted(_),
        )
        | None => None,
    });
    let of_account = |(id, why): (AccountId, &NotRead)| format!("{id}: {why}");
    let first = contradicted.clone().next().map(of_account);
    // Where it is configured which accounts there must be, one that is missing is said by itself, and another is nobody's concern.
    let nameless = reading.nameless.as_ref().filter(|_| evidence.spec.accounts.is_empty());
    let of_entries = |nameless: &NamelessEntries| match nameless.entries {
        1 => format!("an entry names no account: {}", nameless.why),
        entries => format!("{entries} entries name no account: {}", nameless.why),
    };
    let entries = nameless.map_or(0, |nameless| nameless.entries);
    let count = super::count(contradicted.count()).saturating_add(entries);
    let why = match (first, nameless.map(of_entries)) {
        (Some(first), Some(entries)) => format!("{first}; {entries}"),
        (Some(why), None) | (None, Some(why)) => why,
        (None, None) => return None,
    };
    Some((count, why))
}

/// The judgement about accounts, with the number of those that the list does not tell beside what was seen.
pub(super) fn beside(judgement: Judgement, reading: &BridgeReading, evidence: &Evidence<'_>) -> Judgement {
    let (Some(value), Some((count, _))) = (&judgement.value, unclear(reading, evidence)) else {
        return judgement;
    };
    Judgement { value: Some(Sight::from(format!("{value}, {count} unclear"))), ..judgement }
}

/// Whether no number of an account can be trusted.
pub(super) const fn is_doubtful(standing: Option<&AccountStanding>) -> bool {
    matches!(
        standing,
        Some(AccountStanding::Untrusted(_) | AccountStanding::NotRead(NotRead::Contradicted(_)))
    )
}

/// Why no number of an account can be trusted, if so.
pub(super) fn doubt(standing: Option<&AccountStanding>) -> Option<String> {
    match standing? {
        AccountStanding::Untrusted(why) => Some(why.clone()),
        AccountStanding::NotRead(why @ NotRead::Contradicted(_)) => Some(why.to_string()),
        AccountStanding::NotRead(_) | AccountStanding::Read | AccountStanding::Failed(_) => None,
    }
}
