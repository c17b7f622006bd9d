//! What can be done about each reason: the rung to start on, or what a person should do.

use super::Reason;
use crate::check::{BadAnswer, NoAnswer};
use crate::heal::Rung;

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
    /// Only a remedy of these accounts' own slots may help; without one, what a person should do.
    Slots(&'static str),
    /// No heal can help; what a person should do.
    Person(&'static str),
    /// Nothing is to be done about it.
    Nothing,
}

impl Reason {
    /// What can be done about it.
    #[must_use]
    pub const fn help(&self) -> Help {
        match self {
            Self::BridgeSilent(NoAnswer::NameUnknown) => Help::Person(
                "Mend the bridge's host name, or the name service that Rebound asks. A restart of the bridge does not change a name.",
            ),
            Self::BridgeSilent(NoAnswer::Tls(_)) => Help::Person(
                "The bridge is there, and its encrypted connection fails: look at its certificate. A restart does not renew one.",
            ),
            Self::BridgeBroken(
                BadAnswer::Redirect { .. }
                | BadAnswer::NotJson { .. }
                | BadAnswer::Shape { .. }
                | BadAnswer::TooLarge { .. }
                // What answers does not know the path: another program, or another version.
                | BadAnswer::Status { status: 404 | 405 | 410 | 501, .. },
            ) => Help::Person(
                "Something answers there, but not as this bridge does: look for a proxy or login page in between, another program, or \
                 another version of the bridge. A restart does not change what a program says.",
            ),
            Self::BridgeSilent(_) | Self::BridgeBroken(_) => {
                Help::Heal { from: Rung::Medium, through_bridge: false }
            }
            // The package starts a terminal that it finds installed; one that is not there or cannot start needs a restart from
            // outside.
            Self::TerminalNotFound { .. } | Self::TerminalHangs { .. } => {
                Help::Heal { from: Rung::Medium, through_bridge: true }
            }
            Self::TerminalSilent
            | Self::TerminalPipeBroken { .. }
            | Self::LinkLost
            | Self::Stale { .. }
            | Self::NeverRead(_)
            | Self::PlaceholdersOnly { .. }
            | Self::FewSyncing { .. }
            | Self::AllZeroNotLive(_)
            | Self::AskedByPerson(_) => Help::Heal { from: Rung::Soft, through_bridge: true },
            Self::KeyRefused(_) => Help::Person(
                "Compare the bridge's key with the one in Rebound's configuration. A restart does not change a key.",
            ),
            Self::WrongService { .. } => Help::Person(
                "Look on the host which program listens on that port, stop it, and start the right one. Nothing was restarted.",
            ),
            Self::TerminalTimeout { .. } => Help::Person(
                "The terminal is still starting, shows a dialog, or runs in another Windows session or as another user than the bridge. \
                 Start both as the same logged-on user; a restart through the bridge does not help.",
            ),
            Self::SessionMismatch { .. } => Help::Person(
                "Start bridge and terminal as the same logged-on user in the same session: a scheduled task set to run only when that user \
                 is logged on. No restart helps while they run in different sessions.",
            ),
            Self::LoginRefused { .. } => Help::Person(
                "Check login, password and server of the account, and whether a demo account has expired. A restart does not help.",
            ),
            Self::TradingOff => Help::Person(
                "Switch the Algo Trading button of the terminal on again. A person or a changed account switched it off; a restart does not turn it on.",
            ),
            Self::InvestorPassword => Help::Person(
                "Log the account in with its trading password. With an investor password it can be watched, but nothing can be traded.",
            ),
            Self::ExpertsRefused => Help::Person(
                "Ask the broker to allow Expert Advisors on this account. Nothing on the host changes it.",
            ),
            Self::ApiTradingOff => Help::Person(
                "In the terminal under Tools, Options, Expert Advisors, clear \"disable algorithmic trading via external Python API\".",
            ),
            Self::AllZeroLive(_) => Help::Person(
                "If capital was moved, declare it and nothing is wrong. If not, look into the accounts at the broker now.",
            ),
            Self::AccountsFailed { .. } => Help::Person(
                "Log the account in by hand once and read what the terminal says. The other accounts are not touched.",
            ),
            Self::ListUnclear(_) => Help::Person(
                "Look at the bridge's account list: `rebound probe --target` with this target shows each entry and what is read of it. Remove \
                 what is there twice, give each entry its account number, or name the expected accounts in the configuration. A restart \
                 does not change a list.",
            ),
            Self::AccountsMixedUp { .. } => Help::Slots(
                "Look which terminal answers for the account: connections of several terminals can cross. Its numbers are not used until \
                 login, server and currency are the expected ones. No other account's terminal was touched.",
            ),
            Self::PositionsChanged { .. } => Help::Person(
                "Compare positions and orders with the broker's own statement, then acknowledge this incident. Rebound heals nothing on this \
                 target until then.",
            ),
            Self::EndpointSilent(NoAnswer::NameUnknown) => {
                Help::Person("Mend the host name, or the name service that Rebound asks.")
            }
            Self::EndpointSilent(NoAnswer::Tls(_)) => {
                Help::Person("Look at its certificate: the encrypted connection fails.")
            }
            Self::EndpointSilent(_) | Self::EndpointStatus { .. } | Self::EndpointTextMissing(_) => {
                Help::Heal { from: Rung::Soft, through_bridge: false }
            }
            Self::EndpointBroken(_) => Help::Person(
                "Something answers there, but not what is expected: look for a proxy, a login page or another program.",
            ),
            Self::EndpointSlow { .. } => Help::Heal { from: Rung::Soft, through_bridge: true },
            Self::CertificateEndsSoon { .. } | Self::CertificateEnded(_) => {
                Help::Person("Renew the certificate. Nothing that Rebound can restart renews it.")
            }
            Self::DatabaseReadOnly(_) => Help::Person(
                "The replica set has no primary that can be reached, or this member is none: look at rs.status().",
            ),
            Self::DatabaseRefuses(_) => {
                Help::Person("Read the database's own log; its answer is quoted above.")
            }
            Self::NotAskedYet
            | Self::NotWatching
            | Self::SelfOffline
            | Self::SelfUnchecked
            | Self::SelfSlow(_)
            | Self::OwnClockWrong(_)
            | Self::NotAsked(_)
            | Self::Blind(_)
            | Self::NotTold(_)
            | Self::NotListed(_)
            | Self::AccountsNotSeen(_)
            | Self::NotReadYet(_)
            | Self::PositionsNotSeen(_)
            | Self::ClockAhead(_)
            | Self::MarketClosed(_) => Help::Nothing,
        }
    }
}
