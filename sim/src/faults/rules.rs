//! What each fault is called and does, which value it takes, and what makes it go away.
//!
//! Tables only.

use std::ops::RangeInclusive;

use super::Fault;

/// The value that a fault takes.
#[derive(Debug, Clone)]
pub(crate) struct ValueRule {
    pub(crate) unit: &'static str,
    pub(crate) default: i64,
    pub(crate) range: RangeInclusive<i64>,
}

/// What makes a fault go away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The bridge's own emergency restart, and so a full one.
    EmergencyRestart,
    /// Only a restart of the whole host program, as the GitHub workflow does it.
    FullRestart,
    /// No restart: a person has to do something.
    Person,
}

const YEAR_SECONDS: i64 = 366 * 24 * 3600;

impl Fault {
    /// Every fault, in the order of the page.
    pub const ALL: [Self; 36] = [
        Self::LinkLost,
        Self::Ipc10005,
        Self::Ipc10004,
        Self::Ipc10003,
        Self::IpcCredentials,
        Self::SessionMismatch,
        Self::Flapping,
        Self::TradingOff,
        Self::InvestorPassword,
        Self::ExpertsRefused,
        Self::ApiTradingOff,
        Self::ProcessDown,
        Self::Hang,
        Self::Slow,
        Self::SlowLoris,
        Self::HalfBody,
        Self::Http500,
        Self::Http401,
        Self::Http404,
        Self::WrongService,
        Self::Redirect,
        Self::SyncStopped,
        Self::OneAccountFailing,
        Self::AccountsFailingShare,
        Self::NullBalances,
        Self::Placeholders,
        Self::ZeroBalances,
        Self::Transfer,
        Self::IdentitySwap,
        Self::PositionsLost,
        Self::BridgeStoreDown,
        Self::ClockSkew,
        Self::GarbageJson,
        Self::Nan,
        Self::HugeNumbers,
        Self::HugeBody,
    ];

    /// The name used in addresses and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// One sentence about what a client sees.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ProcessDown => ("process_down", "The port is closed: connection refused."),
            Self::Hang => ("hang", "Connections are accepted and never answered."),
            Self::Slow => ("slow", "Every answer waits this long."),
            Self::SlowLoris => ("slow_loris", "The body comes one byte a second."),
            Self::HalfBody => ("half_body", "The connection closes in mid-body."),
            Self::Http500 => ("http_500", "Every path answers 500 Internal Server Error."),
            Self::Http401 => ("http_401", "Every API path answers 401 Invalid API key."),
            Self::Http404 => ("http_404", "Every API path answers 404; the root still answers."),
            Self::WrongService => {
                ("wrong_service", "Another program sits on the port; the API paths answer 404.")
            }
            Self::Redirect => ("redirect", "Every path redirects to a trap, which counts who follows."),
            Self::GarbageJson => ("garbage_json", "The body breaks off into nonsense."),
            Self::Nan => ("nan", "Numbers are a bare NaN, which is no JSON."),
            Self::HugeNumbers => ("huge_numbers", "Numbers are 1e308 and 99999999999999999999."),
            Self::HugeBody => ("huge_body", "The body has 5 MiB, most of them spaces."),
            Self::Ipc10005 => ("ipc_10005", "IPC timeout: the terminal runs and does not answer."),
            Self::Ipc10003 => ("ipc_10003", "IPC initialize failed: the terminal is not there."),
            Self::Ipc10004 => ("ipc_10004", "No IPC connection: the pipe to the terminal is broken."),
            Self::IpcCredentials => {
                ("ipc_credentials", "Authorization failed (-6): a restart does not help.")
            }
            Self::LinkLost => {
                ("link_lost", "The terminal lost the broker. Accounts keep old values; status stays healthy.")
            }
            Self::Flapping => ("flapping", "The link goes down for this long, up for as long, and so on."),
            Self::SessionMismatch => (
                "session_mismatch",
                "IPC timeout: the bridge runs in Windows session 0, the terminal in session 1.",
            ),
            Self::TradingOff => ("trading_off", "The Algo-Trading button is off. Everything else works."),
            Self::InvestorPassword => {
                ("investor_password", "The accounts may not trade: they are logged in to look only.")
            }
            Self::ExpertsRefused => {
                ("experts_refused", "The broker lets no program trade on the accounts (trade_expert).")
            }
            Self::ApiTradingOff => {
                ("api_trading_off", "Trading through the Python interface is off (tradeapi_disabled).")
            }
            Self::SyncStopped => {
                ("sync_stopped", "The read loop stopped this long ago; everything else looks well.")
            }
            Self::NullBalances => ("null_balances", "Balances are null and live_data is null."),
            Self::Placeholders => ("placeholders", "Balances are zeros that nobody read, with a fresh time."),
            Self::ZeroBalances => ("zero_balances", "Balances are zero in truth, read just now."),
            Self::Transfer => ("transfer", "All money was moved away; each account tells its last_transfer."),
            Self::IdentitySwap => (
                "identity_swap",
                "Account 1000001 shows the data of 2000001: another login, server and currency.",
            ),
            Self::PositionsLost => ("positions_lost", "Each restart that works loses one open position."),
            Self::OneAccountFailing => ("one_account_failing", "Account 1000003 cannot be read."),
            Self::AccountsFailingShare => {
                ("accounts_failing_share", "This share of the accounts cannot be read.")
            }
            Self::ClockSkew => ("clock_skew", "Every time the bridge writes is off by this much."),
            Self::BridgeStoreDown => {
                ("bridge_store_down", "The bridge's database is away: account paths answer 503.")
            }
        }
    }

    /// The value it takes, if any.
    pub(crate) fn value_rule(self) -> Option<ValueRule> {
        let rule = |unit, default, range| Some(ValueRule { unit, default, range });
        match self {
            Self::Slow => rule("ms", 3_000, 0..=600_000),
            Self::AccountsFailingShare => rule("%", 60, 0..=100),
            Self::ClockSkew => rule("s", 7_200, -YEAR_SECONDS..=YEAR_SECONDS),
            Self::SyncStopped => rule("s", 1_800, 0..=YEAR_SECONDS),
            Self::Flapping => rule("s", 15, 1..=3_600),
            Self::ProcessDown | Self::Hang | Self::SlowLoris | Self::HalfBody => None,
            Self::Http500 | Self::Http401 | Self::Http404 | Self::WrongService | Self::Redirect => None,
            Self::GarbageJson | Self::Nan | Self::HugeNumbers | Self::HugeBody => None,
            Self::Ipc10005 | Self::Ipc10003 | Self::Ipc10004 | Self::IpcCredentials => None,
            Self::LinkLost | Self::TradingOff | Self::NullBalances | Self::Placeholders => None,
            Self::ZeroBalances | Self::OneAccountFailing | Self::BridgeStoreDown => None,
            Self::SessionMismatch | Self::InvestorPassword | Self::ExpertsRefused => None,
            Self::ApiTradingOff | Self::Transfer | Self::IdentitySwap | Self::PositionsLost => None,
        }
    }

    /// What makes it go away.
    pub(crate) fn remedy(self) -> Remedy {
        match self {
            Self::LinkLost | Self::Ipc10005 | Self::Ipc10003 | Self::Ipc10004 => Remedy::EmergencyRestart,
            Self::NullBalances | Self::Placeholders => Remedy::EmergencyRestart,
            Self::ProcessDown | Self::Hang | Self::Slow | Self::SlowLoris | Self::HalfBody => {
                Remedy::FullRestart
            }
            Self::Http500 | Self::Http404 | Self::WrongService | Self::SyncStopped => Remedy::FullRestart,
            Self::GarbageJson | Self::Nan | Self::HugeNumbers | Self::HugeBody => Remedy::FullRestart,
            Self::Http401 | Self::Redirect | Self::IpcCredentials | Self::TradingOff => Remedy::Person,
            Self::ZeroBalances | Self::OneAccountFailing | Self::AccountsFailingShare => Remedy::Person,
            Self::ClockSkew | Self::BridgeStoreDown | Self::SessionMismatch => Remedy::Person,
            Self::Flapping | Self::InvestorPassword | Self::ExpertsRefused => Remedy::Person,
            Self::ApiTradingOff | Self::Transfer | Self::IdentitySwap | Self::PositionsLost => Remedy::Person,
        }
    }

    /// The code and text that the MetaTrader5 package reports, for faults between bridge and terminal.
    pub(crate) fn ipc_error(self) -> Option<(i64, &'static str)> {
        if self == Self::IpcCredentials {
            Some((-6, "Terminal: Authorization failed"))
        } else if self == Self::Ipc10003 {
            Some((-10003, "IPC initialize failed, MetaTrader 5 x64 not found"))
        } else if self == Self::Ipc10004 {
            Some((-10004, "No IPC connection"))
        } else if self == Self::Ipc10005 || self == Self::SessionMismatch {
            Some((-10005, "IPC timeout"))
        } else {
            None
        }
    }
}
