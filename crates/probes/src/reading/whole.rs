//! Puts together what the answers of one look at a bridge say.
//!
//! Decides what an answer that did not come means for what it would have told. Never asks.

use std::collections::BTreeMap;

use rebound::check::{
    AccountsFrom, AccountsReading, BadAnswer, BridgeReading, NoAnswer, PositionBook, ProbeOutcome,
    TerminalError, TerminalReading,
};
use rebound::time::Timestamp;
use rebound::word::Word;
use tracing::debug;

use super::accounts::unread_status;
use super::{AccountsTold, Answer, HealthReading};
use crate::dialects::Dialect;
use crate::dialects::accounts::entry::ReadWhen;
use crate::dialects::http_path::HttpPath;
use crate::door::Failure;

/// What came back of each path that was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    by_path: BTreeMap<String, Result<Answer, Failure>>,
}

impl Answers {
    pub(crate) fn keep(&mut self, path: &HttpPath, answer: Result<Answer, Failure>) {
        self.by_path.insert(path.as_str().to_owned(), answer);
    }

    pub(crate) fn of(&self, path: &HttpPath) -> Option<&Result<Answer, Failure>> {
        self.by_path.get(path.as_str())
    }

    /// Each path with its answer, or with why there is none.
    pub(crate) fn into_sentences(self) -> BTreeMap<String, Result<Answer, String>> {
        let told = |(path, answer): (String, Result<Answer, Failure>)| {
            let answer = answer.map_err(|failure| sentence(&path, &failure));
            (path, answer)
        };
        self.by_path.into_iter().map(told).collect()
    }
}

impl Dialect {
    /// Whether any part of the dialect reads an answer of `path` with `status`.
    pub(crate) fn reads(&self, path: &HttpPath, status: u16) -> bool {
        let facts = std::iter::once(&self.health).chain(&self.terminal);
        let mut readers = facts.map(|places| (&places.path, places.reads(status)));
        let accounts = self.accounts.as_ref().map(|places| (&places.path, places.reads(status)));
        let positions =
            self.positions.as_ref().map(|places| (&places.path, places.statuses.contains(&status)));
        let orders = self.orders.as_ref().map(|places| (&places.path, places.statuses.contains(&status)));
        let identity = self.identity.as_ref().map(|mark| (&mark.path, status == 200));
        readers.any(|(of, reads)| of == path && reads)
            || [accounts, positions, orders, identity]
                .iter()
                .flatten()
                .any(|(of, reads)| *of == path && *reads)
    }

    /// What health and further answers say of bridge and terminal.
    ///
    /// # Errors
    /// What the look is, where the health answer is none.
    pub(crate) fn told_of_terminal(&self, answers: &Answers) -> Result<HealthReading, ProbeOutcome> {
        let health = match answers.of(&self.health.path) {
            Some(Ok(answer)) => self.read_health(answer).map_err(ProbeOutcome::BadAnswer)?,
            Some(Err(failure)) => return Err(failure.clone().into()),
            None => return Err(ProbeOutcome::NotAsked("the bridge was not asked for its health".to_owned())),
        };
        let more = (0..self.terminal.len()).filter_map(|number| self.told_further(number, answers));
        Ok(more.fold(health, HealthReading::and))
    }

    /// What the further answer of that number says.
    fn told_further(&self, number: usize, answers: &Answers) -> Option<HealthReading> {
        let places = self.terminal.get(number)?;
        let path = places.path.as_str();
        match answers.of(&places.path)? {
            Ok(answer) => self
                .read_terminal(number, answer)
                .map_err(|bad| debug!("{bad}; it adds nothing to the health answer"))
                .ok(),
            Err(Failure::Silent(why @ (NoAnswer::TimedOut(_) | NoAnswer::Unreachable(_))))
                if places.silence_is_unavailable =>
            {
                let error = TerminalError { code: 0, text: format!("{path}: {why}") };
                let terminal = TerminalReading {
                    available: Some(false),
                    error: Some(error),
                    ..TerminalReading::default()
                };
                Some(HealthReading { terminal, ..HealthReading::default() })
            }
            Err(failure) => {
                debug!("{}; it adds nothing to the health answer", sentence(path, failure));
                None
            }
        }
    }

    /// The whole reading: `health` with what is told of accounts, positions and orders.
    pub(crate) fn whole(
        &self,
        health: HealthReading,
        service: Option<String>,
        answers: &Answers,
        asked_at: Timestamp,
    ) -> BridgeReading {
        let HealthReading { mut terminal, store_connected, bridge_time } = health;
        let AccountsTold { accounts, nameless, login, trading } =
            self.told_of_accounts(&terminal, answers, asked_at);
        terminal.login = terminal.login.or(login);
        let own = match (terminal.login, trading.as_slice()) {
            (Some(login), trading) => trading.iter().find(|account| account.id == login),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        terminal.account_trading = terminal.account_trading.or(own.and_then(|account| account.account));
        terminal.expert_trading = terminal.expert_trading.or(own.and_then(|account| account.expert));
        let http_date = answers.of(&self.health.path).and_then(|answer| answer.as_ref().ok()?.date);
        BridgeReading {
            service: service.map(Word::from),
            key_refused: self.key_refused(answers),
            bridge_time,
            terminal,
            store_connected,
            accounts,
            accounts_from: AccountsFrom::Bridge,
            nameless,
            positions: self.told_of_positions(answers),
            http_date,
        }
    }

    fn told_of_accounts(
        &self,
        terminal: &TerminalReading,
        answers: &Answers,
        asked_at: Timestamp,
    ) -> AccountsTold {
        let Some(places) = &self.accounts else {
            return AccountsTold::default();
        };
        let path = places.path.as_str();
        let mut told = match answers.of(&places.path) {
            Some(Ok(answer)) => self.accounts_told(answer, asked_at),
            Some(Err(failure)) => not_listed(sentence(path, failure)),
            None => not_listed(format!("{path} was not asked: the terminal does not answer the bridge")),
        };
        // A terminal without its link goes on telling the balances that it knew last; that is no read of now.
        if places.entry.read_when == ReadWhen::Asked && terminal.connected == Some(false) {
            told.accounts = AccountsReading::NotListed(format!(
                "{path} tells what the terminal knew last: it is not connected to the broker"
            ));
        }
        told
    }

    /// Whether the accounts, which are all that is asked for with a key where health needs none, are refused for want of it.
    fn key_refused(&self, answers: &Answers) -> Option<BadAnswer> {
        match answers.of(&self.accounts.as_ref()?.path)? {
            Err(Failure::Bad(why @ BadAnswer::Status { status: 401 | 403, .. })) => Some(why.clone()),
            Ok(_) | Err(_) => None,
        }
    }

    fn told_of_positions(&self, answers: &Answers) -> Option<PositionBook> {
        let told = |path: &HttpPath| answers.of(path).and_then(|answer| answer.as_ref().ok());
        let unbelieved = |why: String| debug!("{why}; positions and orders are not told");
        let positions = told(&self.positions.as_ref()?.path)?;
        let positions = self.read_positions(positions).map_err(unbelieved).ok()?;
        let orders = self.orders.as_ref().and_then(|places| told(&places.path));
        let orders = orders.and_then(|answer| self.read_orders(answer).map_err(unbelieved).ok());
        Some(PositionBook { positions, orders })
    }
}

/// That there is no list of accounts, and why.
pub(crate) fn not_listed(why: String) -> AccountsTold {
    AccountsTold { accounts: AccountsReading::NotListed(why), ..AccountsTold::default() }
}

/// Why there is no answer, with the path that was asked.
fn sentence(path: &str, failure: &Failure) -> String {
    match failure {
        Failure::Silent(why) => format!("{path}: {why}"),
        Failure::Bad(BadAnswer::Status { status, .. }) => unread_status(path, *status),
        Failure::Bad(why) => why.to_string(),
        Failure::Unready(why) => why.clone(),
    }
}
