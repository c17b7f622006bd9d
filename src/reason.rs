//! Every reason for a verdict, as a sentence, with what can be done about it.
//!
//! The same sentence reaches log, store, alert and page.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::{BadAnswer, NoAnswer};
use crate::ids::AccountId;
use crate::time::{Timestamp, duration_ms, spoken};

mod help;

mod layer;

pub use help::Help;
pub use layer::Layer;

/// Why a verdict is what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Reason {
    /// `bridge.reachable`: nothing usable arrived.
    #[error("the bridge does not answer: {0}")]
    BridgeSilent(NoAnswer),
    /// `bridge.reachable`: something else than an answer arrived.
    #[error("the bridge does not answer as it should: {0}")]
    BridgeBroken(BadAnswer),
    /// `bridge.reachable`: the bridge refuses our key.
    #[error("the bridge refuses the key ({0})")]
    KeyRefused(BadAnswer),
    /// `bridge.identity`: another program on the port.
    #[error("another program answers on that port: expected \"{expected}\", met \"{seen}\"")]
    WrongService {
        /// The identity mark of the dialect.
        expected: String,
        /// What was met.
        seen: String,
    },
    /// `terminal.ipc`: no answer, no code.
    #[error("the terminal does not answer the bridge")]
    TerminalSilent,
    /// `terminal.ipc`: -10003 and its like.
    #[error("the terminal is not running or was not found (error {code}: {text})")]
    TerminalNotFound {
        /// The error number.
        code: i32,
        /// Its text.
        text: String,
    },
    /// `terminal.ipc`: -10004 and its like.
    #[error("the connection between bridge and terminal is broken (error {code}: {text})")]
    TerminalPipeBroken {
        /// The error number.
        code: i32,
        /// Its text.
        text: String,
    },
    /// `terminal.ipc`: -10005, and it never answered while it was watched.
    #[error("the terminal runs but does not answer the bridge in time (error -10005: {text})")]
    TerminalTimeout {
        /// Its text.
        text: String,
    },
    /// `terminal.ipc`: -10005, and it answered not long ago.
    #[error("the terminal answered until a short time ago and now hangs (error -10005: {text})")]
    TerminalHangs {
        /// Its text.
        text: String,
    },
    /// `terminal.ipc`: bridge and terminal cannot see each other.
    #[error("the bridge runs in Windows session {bridge} and the terminal in session {terminal}")]
    SessionMismatch {
        /// Session of the bridge.
        bridge: u32,
        /// Session of the terminal.
        terminal: u32,
    },
    /// `terminal.ipc`: -6.
    #[error("the broker refuses the login (error -6: {text})")]
    LoginRefused {
        /// Its text.
        text: String,
    },
    /// `terminal.broker_link`.
    #[error("the terminal has lost its connection to the broker")]
    LinkLost,
    /// `terminal.trading_allowed`: the button.
    #[error("algorithmic trading is switched off in the terminal")]
    TradingOff,
    /// `terminal.trading_allowed`: the account.
    #[error(
        "the account may not trade: it is logged in with an investor password, or the broker closed it for trading"
    )]
    InvestorPassword,
    /// `terminal.trading_allowed`: the broker.
    #[error("the broker does not let programs trade on the account")]
    ExpertsRefused,
    /// `terminal.trading_allowed`: the Python interface.
    #[error("trading through the Python interface is switched off in the terminal")]
    ApiTradingOff,
    /// `accounts.fresh`.
    #[error("the newest account read is {} old (limit {})", spoken(*.age), spoken(*.age_max))]
    Stale {
        /// Age of the newest read.
        #[serde(with = "duration_ms")]
        age: Duration,
        /// Its limit.
        #[serde(with = "duration_ms")]
        age_max: Duration,
    },
    /// `accounts.fresh`, `accounts.syncing`: never a read while watching for the whole window.
    #[error("no account was read in the {} since Rebound began to watch", spoken(*.0))]
    NeverRead(#[serde(with = "duration_ms")] Duration),
    /// `accounts.fresh`, `accounts.syncing`: listed all the time, with placeholders instead of reads.
    #[error("accounts are listed without a true read for {}: {why}", spoken(*.lasting))]
    PlaceholdersOnly {
        /// For how long.
        #[serde(with = "duration_ms")]
        lasting: Duration,
        /// What stands in place of a read.
        why: String,
    },
    /// `accounts.syncing`.
    #[error("only {read} of {expected} accounts were read within {}", spoken(*.window))]
    FewSyncing {
        /// Accounts read within the window.
        read: u32,
        /// Accounts expected.
        expected: u32,
        /// The window.
        #[serde(with = "duration_ms")]
        window: Duration,
    },
    /// `accounts.zero`: and the reads are not live.
    #[error("all {0} accounts show 0 and the reads are not live")]
    AllZeroNotLive(u32),
    /// `accounts.zero`: and the reads are live.
    #[error("all {0} accounts show 0 on live reads: capital may have been moved")]
    AllZeroLive(u32),
    /// `account.failed`.
    #[error("{} of {listed} accounts cannot be read: {}{}", .failed.len(), list(.failed), because(.why))]
    AccountsFailed {
        /// The accounts.
        failed: Vec<AccountId>,
        /// How many accounts are expected.
        listed: u32,
        /// What is said of the first.
        why: String,
    },
    /// `account.failed`: entries without an account, or accounts with entries that disagree.
    #[error("the account list cannot be read in full: {0}")]
    ListUnclear(String),
    /// `account.identity`.
    #[error("the data of {} cannot be trusted: {detail}", list(.accounts))]
    AccountsMixedUp {
        /// The accounts whose data is not theirs.
        accounts: Vec<AccountId>,
        /// What was expected and what was met, of the first.
        detail: String,
    },
    /// `positions.kept`.
    #[error("positions or orders are not those from before \"{remedy}\": {gone} gone, {come} new")]
    PositionsChanged {
        /// The remedy that was carried out between the two looks.
        remedy: String,
        /// Positions and orders that are no longer there.
        gone: u32,
        /// Positions and orders that were not there before.
        come: u32,
    },
    /// `endpoint.http`, `endpoint.tcp`, `endpoint.mongodb`: nothing usable arrived.
    #[error("it does not answer: {0}")]
    EndpointSilent(NoAnswer),
    /// `endpoint.http`: something else than an answer arrived.
    #[error("it does not answer as it should: {0}")]
    EndpointBroken(BadAnswer),
    /// `endpoint.http`: another status than is good.
    #[error("it answers with status {status}, expected {expected}")]
    EndpointStatus {
        /// What was met.
        status: u16,
        /// What is good, in words.
        expected: String,
    },
    /// `endpoint.http`: the text is missing.
    #[error("its answer does not have the text \"{0}\"")]
    EndpointTextMissing(String),
    /// `endpoint.latency`.
    #[error("it takes {} to answer (limit {})", spoken(*.took), spoken(*.limit))]
    EndpointSlow {
        /// How long it took.
        #[serde(with = "duration_ms")]
        took: Duration,
        /// Its limit.
        #[serde(with = "duration_ms")]
        limit: Duration,
    },
    /// `endpoint.certificate`: soon.
    #[error("its certificate ends in {}, on {ends}", spoken(*.left))]
    CertificateEndsSoon {
        /// When.
        ends: Timestamp,
        /// How long that is.
        #[serde(with = "duration_ms")]
        left: Duration,
    },
    /// `endpoint.certificate`: over.
    #[error("its certificate ended on {0}")]
    CertificateEnded(Timestamp),
    /// `endpoint.mongodb`: it answers and cannot be written.
    #[error("the database cannot be written now: {0}")]
    DatabaseReadOnly(String),
    /// `endpoint.mongodb`: it answers with an error.
    #[error("the database answers with an error: {0}")]
    DatabaseRefuses(String),
    /// Nothing was asked yet.
    #[error("not asked yet")]
    NotAskedYet,
    /// Rebound was not running.
    #[error("Rebound was not running")]
    NotWatching,
    /// Rebound's own network is gone.
    #[error("Rebound's own network is gone: no beacon answers")]
    SelfOffline,
    /// Rebound's own network was not looked at since the failure began.
    #[error("Rebound is looking whether its own network works")]
    SelfUnchecked,
    /// Rebound itself was held up while it asked.
    #[error("Rebound itself was held up for {} while it asked", spoken(*.0))]
    SelfSlow(#[serde(with = "duration_ms")] Duration),
    /// Rebound's own clock is wrong.
    #[error("Rebound's own clock is {} wrong: others tell another time", spoken(*.0))]
    OwnClockWrong(#[serde(with = "duration_ms")] Duration),
    /// Rebound could not ask.
    #[error("Rebound could not ask: {0}")]
    NotAsked(String),
    /// A check behind another that fails.
    #[error("cannot be seen while {0}")]
    Blind(String),
    /// The bridge does not tell the fact that the check needs.
    #[error("the bridge does not tell \"{0}\"")]
    NotTold(String),
    /// The bridge gave no account list.
    #[error("the bridge lists no accounts: {0}")]
    NotListed(String),
    /// The database that the accounts are read from gave none. That says nothing of the bridge.
    #[error("the accounts cannot be read: {0}")]
    AccountsNotSeen(String),
    /// No account that could be judged is read now.
    #[error("no account is truly read just now: {0}")]
    NotReadYet(String),
    /// Positions and orders were not seen the same yet since a remedy.
    #[error("positions and orders were not seen the same yet since \"{0}\"")]
    PositionsNotSeen(String),
    /// Read times lie in the future.
    #[error("the read times are {} ahead of the clock: the clock that they are by cannot be trusted", spoken(*.0))]
    ClockAhead(#[serde(with = "duration_ms")] Duration),
    /// The market is closed.
    #[error("the market is closed until {0}")]
    MarketClosed(Timestamp),
    /// A person asked for a heal.
    #[error("{0} asked for a heal")]
    AskedByPerson(String),
}

impl Reason {
    /// Whether it is Rebound itself that cannot see, whatever the target is.
    #[must_use]
    pub const fn is_of_rebound(&self) -> bool {
        matches!(self, Self::SelfOffline | Self::SelfUnchecked | Self::SelfSlow(_) | Self::OwnClockWrong(_))
    }

    /// Stable short name for keys, filters and interfaces.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BridgeSilent(_) => "bridge_silent",
            Self::BridgeBroken(_) => "bridge_broken",
            Self::KeyRefused(_) => "key_refused",
            Self::WrongService { .. } => "wrong_service",
            Self::TerminalSilent => "terminal_silent",
            Self::TerminalNotFound { .. } => "terminal_not_found",
            Self::TerminalPipeBroken { .. } => "terminal_pipe_broken",
            Self::TerminalTimeout { .. } => "terminal_timeout",
            Self::TerminalHangs { .. } => "terminal_hangs",
            Self::SessionMismatch { .. } => "session_mismatch",
            Self::LoginRefused { .. } => "login_refused",
            Self::LinkLost => "link_lost",
            Self::TradingOff => "trading_off",
            Self::InvestorPassword => "investor_password",
            Self::ExpertsRefused => "experts_refused",
            Self::ApiTradingOff => "api_trading_off",
            Self::Stale { .. } => "stale",
            Self::NeverRead(_) => "never_read",
            Self::PlaceholdersOnly { .. } => "placeholders_only",
            Self::FewSyncing { .. } => "few_syncing",
            Self::AllZeroNotLive(_) => "all_zero_not_live",
            Self::AllZeroLive(_) => "all_zero_live",
            Self::AccountsFailed { .. } => "accounts_failed",
            Self::ListUnclear(_) => "list_unclear",
            Self::AccountsMixedUp { .. } => "accounts_mixed_up",
            Self::PositionsChanged { .. } => "positions_changed",
            Self::EndpointSilent(_) => "endpoint_silent",
            Self::EndpointBroken(_) => "endpoint_broken",
            Self::EndpointStatus { .. } => "endpoint_status",
            Self::EndpointTextMissing(_) => "endpoint_text_missing",
            Self::EndpointSlow { .. } => "endpoint_slow",
            Self::CertificateEndsSoon { .. } => "certificate_ends_soon",
            Self::CertificateEnded(_) => "certificate_ended",
            Self::DatabaseReadOnly(_) => "database_read_only",
            Self::DatabaseRefuses(_) => "database_refuses",
            Self::NotAskedYet => "not_asked_yet",
            Self::NotWatching => "not_watching",
            Self::SelfOffline => "self_offline",
            Self::SelfUnchecked => "self_unchecked",
            Self::SelfSlow(_) => "self_slow",
            Self::OwnClockWrong(_) => "own_clock_wrong",
            Self::NotAsked(_) => "not_asked",
            Self::Blind(_) => "blind",
            Self::NotTold(_) => "not_told",
            Self::NotListed(_) => "not_listed",
            Self::AccountsNotSeen(_) => "accounts_not_seen",
            Self::NotReadYet(_) => "not_read_yet",
            Self::PositionsNotSeen(_) => "positions_not_seen",
            Self::ClockAhead(_) => "clock_ahead",
            Self::MarketClosed(_) => "market_closed",
            Self::AskedByPerson(_) => "asked_by_person",
        }
    }
}

/// Numbers of accounts, the first of them if there are many.
pub(crate) fn list(accounts: &[AccountId]) -> String {
    const SHOWN_MAX: usize = 5;
    let mut text = String::new();
    for (index, account) in accounts.iter().take(SHOWN_MAX).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&alloc::format!("{account}"));
    }
    if accounts.len() > SHOWN_MAX {
        text.push_str(", …");
    }
    text
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { alloc::format!(" ({why})") }
}
