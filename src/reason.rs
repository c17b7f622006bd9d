//! Every reason for a verdict, as a sentence, with what can be done about it.
//!
//! The same sentence reaches log, store, alert and page.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::{BadAnswer, NoAnswer};
use crate::heal::Rung;
use crate::ids::AccountId;
use crate::time::{Timestamp, duration_ms, spoken};

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
    #[error("another program answers on the bridge's port: expected \"{expected}\", met \"{seen}\"")]
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
    /// `terminal.ipc`: -10005.
    #[error("the terminal runs but does not answer the bridge in time (error -10005: {text})")]
    TerminalTimeout {
        /// Its text.
        text: String,
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
    /// `terminal.trading_allowed`.
    #[error("algorithmic trading is switched off in the terminal")]
    TradingOff,
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
        /// What the bridge says of the first.
        why: String,
    },
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
    /// All accounts are listed without a read.
    #[error("no account was read yet: {0}")]
    NotReadYet(String),
    /// Read times lie in the future.
    #[error("the read times are {} ahead of the clock: the bridge's clock cannot be trusted", spoken(*.0))]
    ClockAhead(#[serde(with = "duration_ms")] Duration),
    /// The market is closed.
    #[error("the market is closed until {0}")]
    MarketClosed(Timestamp),
    /// A person asked for a heal.
    #[error("{0} asked for a heal")]
    AskedByPerson(String),
}

/// What can be done about a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// A heal may help, from this rung on.
    Heal {
        /// The mildest rung that can help.
        from: Rung,
        /// Whether the bridge itself answers, so that remedies which go through it can work.
        through_bridge: bool,
    },
    /// No heal can help; what a person should do.
    Person(&'static str),
    /// Nothing is to be done about it.
    Nothing,
}

impl Reason {
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
            Self::LoginRefused { .. } => "login_refused",
            Self::LinkLost => "link_lost",
            Self::TradingOff => "trading_off",
            Self::Stale { .. } => "stale",
            Self::NeverRead(_) => "never_read",
            Self::FewSyncing { .. } => "few_syncing",
            Self::AllZeroNotLive(_) => "all_zero_not_live",
            Self::AllZeroLive(_) => "all_zero_live",
            Self::AccountsFailed { .. } => "accounts_failed",
            Self::NotAskedYet => "not_asked_yet",
            Self::NotWatching => "not_watching",
            Self::SelfOffline => "self_offline",
            Self::SelfUnchecked => "self_unchecked",
            Self::NotAsked(_) => "not_asked",
            Self::Blind(_) => "blind",
            Self::NotTold(_) => "not_told",
            Self::NotListed(_) => "not_listed",
            Self::NotReadYet(_) => "not_read_yet",
            Self::ClockAhead(_) => "clock_ahead",
            Self::MarketClosed(_) => "market_closed",
            Self::AskedByPerson(_) => "asked_by_person",
        }
    }

    /// What can be done about it.
    #[must_use]
    pub const fn help(&self) -> Help {
        match self {
            Self::BridgeSilent(NoAnswer::NameUnknown) => Help::Person(
                "Mend the bridge's host name, or the name service that Rebound asks. A restart of the bridge does not change a name.",
            ),
            Self::BridgeBroken(
                BadAnswer::Redirect { .. }
                | BadAnswer::NotJson { .. }
                | BadAnswer::Shape { .. }
                | BadAnswer::TooLarge { .. },
            ) => Help::Person(
                "Something answers there, but not as this bridge does: look for a proxy or login page in between, another program, or \
                 another version of the bridge. A restart does not change what a program says.",
            ),
            Self::BridgeSilent(_) | Self::BridgeBroken(_) => {
                Help::Heal { from: Rung::Medium, through_bridge: false }
            }
            Self::TerminalSilent
            | Self::TerminalNotFound { .. }
            | Self::TerminalPipeBroken { .. }
            | Self::LinkLost
            | Self::Stale { .. }
            | Self::NeverRead(_)
            | Self::FewSyncing { .. }
            | Self::AllZeroNotLive(_)
            | Self::AskedByPerson(_) => Help::Heal { from: Rung::Soft, through_bridge: true },
            Self::KeyRefused(_) => Help::Person(
                "Compare the bridge's key with the one in Rebound's configuration. A restart does not change a key.",
            ),
            Self::WrongService { .. } => Help::Person(
                "Look on the host which program listens on the bridge's port, stop it, and start the bridge. Nothing was restarted.",
            ),
            Self::TerminalTimeout { .. } => Help::Person(
                "The terminal is still starting, shows a dialog, or runs in another Windows session or as another user than the bridge. \
                 Start both as the same logged-on user; a restart through the bridge does not help.",
            ),
            Self::LoginRefused { .. } => Help::Person(
                "Check login, password and server of the account, and whether a demo account has expired. A restart does not help.",
            ),
            Self::TradingOff => Help::Person(
                "Switch the Algo Trading button of the terminal on again. A person or a changed account switched it off; a restart does not turn it on.",
            ),
            Self::AllZeroLive(_) => Help::Person(
                "If capital was moved, nothing is wrong. If not, look into the accounts at the broker now.",
            ),
            Self::AccountsFailed { .. } => Help::Person(
                "Log the account in by hand once and read what the terminal says. The other accounts are not touched.",
            ),
            Self::NotAskedYet
            | Self::NotWatching
            | Self::SelfOffline
            | Self::SelfUnchecked
            | Self::NotAsked(_)
            | Self::Blind(_)
            | Self::NotTold(_)
            | Self::NotListed(_)
            | Self::NotReadYet(_)
            | Self::ClockAhead(_)
            | Self::MarketClosed(_) => Help::Nothing,
        }
    }
}

fn list(accounts: &[AccountId]) -> String {
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
