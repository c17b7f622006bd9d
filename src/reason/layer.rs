//! The layers between Rebound and a trade, and which of them each reason speaks of.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::check::NoAnswer;

/// A part of the way from Rebound to a trade. Ordered from here to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Rebound itself, its machine and its network.
    Rebound,
    /// The host, or the way to it.
    Host,
    /// The bridge's own process.
    BridgeProcess,
    /// The connection between bridge and terminal.
    TerminalPipe,
    /// The terminal.
    Terminal,
    /// The terminal's connection to the broker.
    BrokerLink,
    /// An account.
    Account,
    /// A service that is no bridge.
    Service,
    /// The market.
    Market,
}

impl Layer {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rebound => "Rebound itself",
            Self::Host => "the host or the way to it",
            Self::BridgeProcess => "the bridge's process",
            Self::TerminalPipe => "the connection between bridge and terminal",
            Self::Terminal => "the terminal",
            Self::BrokerLink => "the link to the broker",
            Self::Account => "the account",
            Self::Service => "the service",
            Self::Market => "the market",
        }
    }
}

impl Reason {
    /// The layer that fails, as far as this reason alone tells.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        match self {
            Self::BridgeSilent(NoAnswer::Unreachable(_) | NoAnswer::NameUnknown | NoAnswer::Other(_)) => {
                Layer::Host
            }
            Self::BridgeSilent(_)
            | Self::BridgeBroken(_)
            | Self::KeyRefused(_)
            | Self::WrongService { .. } => Layer::BridgeProcess,
            Self::TerminalPipeBroken { .. } | Self::TerminalSilent | Self::SessionMismatch { .. } => {
                Layer::TerminalPipe
            }
            Self::TerminalNotFound { .. }
            | Self::TerminalTimeout { .. }
            | Self::TerminalHangs { .. }
            | Self::TradingOff
            | Self::ApiTradingOff => Layer::Terminal,
            Self::LinkLost => Layer::BrokerLink,
            Self::LoginRefused { .. }
            | Self::InvestorPassword
            | Self::ExpertsRefused
            | Self::AllZeroLive(_)
            | Self::AccountsFailed { .. }
            | Self::AccountsMixedUp { .. }
            | Self::PositionsChanged { .. } => Layer::Account,
            Self::Stale { .. }
            | Self::NeverRead(_)
            | Self::PlaceholdersOnly { .. }
            | Self::FewSyncing { .. }
            | Self::AllZeroNotLive(_) => Layer::TerminalPipe,
            Self::EndpointSilent(NoAnswer::Unreachable(_) | NoAnswer::NameUnknown | NoAnswer::Other(_)) => {
                Layer::Host
            }
            Self::EndpointSilent(_)
            | Self::EndpointBroken(_)
            | Self::EndpointStatus { .. }
            | Self::EndpointTextMissing(_)
            | Self::EndpointSlow { .. }
            | Self::CertificateEndsSoon { .. }
            | Self::CertificateEnded(_)
            | Self::AccountsNotSeen(_)
            | Self::DatabaseReadOnly(_)
            | Self::DatabaseRefuses(_) => Layer::Service,
            Self::SelfOffline
            | Self::SelfUnchecked
            | Self::SelfSlow(_)
            | Self::OwnClockWrong(_)
            | Self::NotAskedYet
            | Self::NotWatching
            | Self::NotAsked(_) => Layer::Rebound,
            Self::MarketClosed(_) => Layer::Market,
            Self::Blind(_)
            | Self::NotTold(_)
            | Self::NotListed(_)
            | Self::NotReadYet(_)
            | Self::PositionsNotSeen(_)
            | Self::ClockAhead(_)
            | Self::ListUnclear(_)
            | Self::AskedByPerson(_) => Layer::BridgeProcess,
        }
    }
}
