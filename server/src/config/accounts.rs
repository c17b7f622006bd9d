//! `accounts` of a target: which accounts must be read, and what each of them must be.

use rebound::ids::AccountId;
use rebound::target::ExpectedAccount;
use rebound::word::Word;
use serde::Deserialize;

use super::Problems;
use super::calendars::Calendars;
use super::called::called;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountSection {
    id: u64,
    name: Option<String>,
    #[serde(default)]
    reserve: bool,
    server: Option<String>,
    currency: Option<String>,
    calendar: Option<String>,
}

/// Longest name of a broker's server; MetaTrader shows up to 64 characters.
const SERVER_MAX: usize = 64;
/// Longest name of a currency; brokers have cents and coins, such as USC and USDT.
const CURRENCY_MAX: usize = 16;

pub(crate) fn check(
    at: &str,
    sections: &[AccountSection],
    calendars: &Calendars,
    problems: &mut Problems,
) -> Vec<ExpectedAccount> {
    let mut accounts: Vec<ExpectedAccount> = Vec::new();
    for section in sections {
        let id = AccountId::new(section.id);
        if accounts.iter().any(|account| account.id == id) {
            let what = format!("account {id} is listed twice");
            problems.add(&format!("{at}: accounts"), &what, "Remove one of the two.");
        }
        let key = |name: &str| format!("{at}: account {id}: {name}");
        let server = text(&key("server"), section.server.as_deref(), SERVER_MAX, problems);
        let currency = text(&key("currency"), section.currency.as_deref(), CURRENCY_MAX, problems);
        let calendar =
            section.calendar.as_deref().and_then(|named| calendars.find(&key("calendar"), named, problems));
        let name = section.name.clone().map(|name| called(&key("name"), name, problems));
        let reserve = section.reserve;
        let (server, currency) = (server.map(Word::from), currency.map(Word::from));
        accounts.push(ExpectedAccount {
            id,
            name,
            reserve,
            server,
            currency,
            calendar: calendar.map(Box::new),
        });
    }
    accounts
}

fn text(key: &str, given: Option<&str>, most: usize, problems: &mut Problems) -> Option<String> {
    let given = given?;
    let (trimmed, length) = (given.trim(), given.chars().count());
    if trimmed.is_empty() || length > most {
        let what = format!("has {length} characters, outside of 1 to {most}");
        problems.add(key, &what, "Write it as the terminal shows it, or leave it out.");
    }
    Some(trimmed.to_owned())
}
