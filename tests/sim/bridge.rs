//! A bridge that breaks: what a probe meets at a time, and what a remedy does.

use std::collections::VecDeque;
use std::time::Duration;

use rebound::amount::Amount;
use rebound::check::{
    AccountRead, AccountReading, AccountState, AccountsReading, BadAnswer, BridgeReading, NoAnswer, NotRead,
    ProbeOutcome, TerminalError, TerminalReading,
};
use rebound::heal::StepOutcome;
use rebound::ids::AccountId;
use rebound::time::Timestamp;

/// Balance of every account that is not zero.
pub const BALANCE: f64 = 1_000.0;
/// How long an answer takes.
pub const LATENCY: Duration = Duration::from_millis(96);
const ACCOUNTS: u64 = 7;

/// What can be wrong with a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Fault {
    LinkLost,
    TerminalGone,
    /// Error -10005: runs in another session, or shows a dialog.
    TerminalTimeout,
    LoginRefused,
    TradingOff,
    Refuses,
    Hangs,
    WrongService,
    KeyRefused,
    /// Reads stop; the list shows the last ones.
    ReadsStop,
    /// Every account is listed without a read.
    Placeholders,
    /// All accounts read zero while the link is lost.
    ZeroUnlinked,
    /// All accounts truly are at zero.
    ZeroLive,
    OneFails,
    /// The bridge's database is gone: it lists no accounts.
    NoList,
    /// The bridge's clock is twenty minutes behind.
    ClockBehind,
}

impl Fault {
    /// In words, for the story.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::LinkLost => "the link to the broker is lost",
            Self::TerminalGone => "the terminal is gone",
            Self::TerminalTimeout => "the terminal hangs in another session",
            Self::LoginRefused => "the broker refuses the login",
            Self::TradingOff => "algorithmic trading is switched off",
            Self::Refuses => "the bridge is gone",
            Self::Hangs => "the bridge hangs",
            Self::WrongService => "another program takes the port",
            Self::KeyRefused => "the bridge's key is changed",
            Self::ReadsStop => "the bridge stops reading accounts",
            Self::Placeholders => "the bridge lists accounts without balances",
            Self::ZeroUnlinked => "the link is lost and every balance shows 0",
            Self::ZeroLive => "all capital is moved away",
            Self::OneFails => "one account cannot log in",
            Self::NoList => "the bridge's database is gone",
            Self::ClockBehind => "the bridge's clock falls twenty minutes behind",
        }
    }

    /// Whether a heal may be tried against it.
    #[must_use]
    pub const fn may_be_healed(self) -> bool {
        match self {
            Self::LinkLost
            | Self::TerminalGone
            | Self::Refuses
            | Self::Hangs
            | Self::ReadsStop
            | Self::Placeholders
            | Self::ZeroUnlinked => true,
            Self::TerminalTimeout
            | Self::LoginRefused
            | Self::TradingOff
            | Self::WrongService
            | Self::KeyRefused
            | Self::ZeroLive
            | Self::OneFails
            | Self::NoList
            | Self::ClockBehind => false,
        }
    }

    /// How long it takes at most until it must be found; `None` where it is no critical trouble.
    #[must_use]
    pub const fn found_within(self) -> Option<Duration> {
        match self {
            Self::LinkLost
            | Self::TerminalGone
            | Self::TerminalTimeout
            | Self::LoginRefused
            | Self::Refuses
            | Self::Hangs
            | Self::WrongService
            | Self::KeyRefused
            | Self::ZeroUnlinked => Some(Duration::from_secs(120)),
            Self::ReadsStop | Self::Placeholders => Some(Duration::from_secs(15 * 60 + 120)),
            Self::TradingOff | Self::ZeroLive | Self::OneFails | Self::NoList | Self::ClockBehind => None,
        }
    }

    /// Whether it is only looked for while the market is open.
    #[must_use]
    pub const fn rests_with_the_market(self) -> bool {
        match self {
            Self::LinkLost
            | Self::TradingOff
            | Self::ReadsStop
            | Self::Placeholders
            | Self::ZeroUnlinked
            | Self::ZeroLive
            | Self::OneFails
            | Self::NoList
            | Self::ClockBehind => true,
            Self::TerminalGone
            | Self::TerminalTimeout
            | Self::LoginRefused
            | Self::Refuses
            | Self::Hangs
            | Self::WrongService
            | Self::KeyRefused => false,
        }
    }
}

/// A fault from one time to another; a remedy may end it earlier.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What.
    pub fault: Fault,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment without it.
    pub to: Timestamp,
}

impl Trouble {
    fn stands(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// What carrying out a remedy leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Done after `takes`; what a heal can end has ended after `then`.
    Works {
        /// Until the result.
        takes: Duration,
        /// From the result to the effect.
        then: Duration,
    },
    /// Says that it is done; nothing changes.
    Lies,
    /// Says that it failed.
    Fails,
    /// Was not started.
    Refuses,
    /// Never says anything, and did nothing.
    Vanishes,
    /// Never says anything, and helped.
    HelpsSilently,
    /// Breaks off: it may have happened, and did not.
    Breaks,
}

/// How a remedy ended.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// After which time, `None`: never.
    pub after: Option<Duration>,
    /// How.
    pub outcome: StepOutcome,
}

/// One bridge of the world.
#[derive(Clone, Debug, Default)]
pub struct Bridge {
    /// What was, is and will be wrong.
    pub troubles: Vec<Trouble>,
    /// What the next remedies lead to; after the last, they work at once.
    pub acts: VecDeque<Act>,
}

impl Bridge {
    /// Whether `fault` stands at `at`.
    #[must_use]
    pub fn has(&self, fault: Fault, at: Timestamp) -> bool {
        self.troubles.iter().any(|trouble| trouble.fault == fault && trouble.stands(at))
    }

    /// Carries out a remedy at `now`.
    pub fn heal(&mut self, now: Timestamp) -> Ending {
        const SOON: Duration = Duration::from_secs(4);
        let at_once = Act::Works { takes: SOON, then: Duration::ZERO };
        let (after, outcome) = match self.acts.pop_front().unwrap_or(at_once) {
            Act::Works { takes, then } => {
                self.cure(now, now.after(takes).after(then));
                (Some(takes), StepOutcome::Done)
            }
            Act::Lies => (Some(SOON), StepOutcome::Done),
            Act::Fails => (Some(SOON), StepOutcome::Failed),
            Act::Refuses => (Some(SOON), StepOutcome::Refused),
            Act::Vanishes => (None, StepOutcome::TimedOut),
            Act::HelpsSilently => {
                self.cure(now, now.after(SOON));
                (None, StepOutcome::TimedOut)
            }
            Act::Breaks => (Some(SOON), StepOutcome::Lost),
        };
        Ending { after, outcome }
    }

    fn cure(&mut self, now: Timestamp, at: Timestamp) {
        for trouble in &mut self.troubles {
            if trouble.fault.may_be_healed() && trouble.stands(now) {
                trouble.to = trouble.to.min(at);
            }
        }
    }

    /// What a probe meets at `now`, and how long it takes; `timeout` is the longest.
    #[must_use]
    pub fn shows(&self, now: Timestamp, timeout: Duration) -> (Duration, ProbeOutcome) {
        let has = |fault| self.has(fault, now);
        if has(Fault::Hangs) {
            let ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
            return (timeout, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(ms)));
        }
        if has(Fault::Refuses) {
            return (Duration::from_millis(1), ProbeOutcome::NoAnswer(NoAnswer::Refused));
        }
        if has(Fault::WrongService) {
            let (expected, seen) = ("MT5 Bridge".to_owned(), "nginx".to_owned());
            return (LATENCY, ProbeOutcome::WrongService { expected, seen });
        }
        if has(Fault::KeyRefused) {
            let refused = BadAnswer::Status { path: "/api/mt5/accounts".to_owned(), status: 401 };
            return (LATENCY, ProbeOutcome::BadAnswer(refused));
        }
        (LATENCY, ProbeOutcome::Bridge(Box::new(self.reading(now))))
    }

    fn reading(&self, now: Timestamp) -> BridgeReading {
        let has = |fault| self.has(fault, now);
        let clock = if has(Fault::ClockBehind) { now.before(Duration::from_secs(1_200)) } else { now };
        let gone = [
            (Fault::TerminalGone, -10_003, "IPC initialize failed"),
            (Fault::TerminalTimeout, -10_005, "IPC timeout"),
            (Fault::LoginRefused, -6, "Authorization failed"),
        ]
        .into_iter()
        .find(|(fault, ..)| has(*fault));
        let here = gone.is_none();
        BridgeReading {
            service: Some("MT5 Bridge".to_owned()),
            bridge_time: Some(clock),
            terminal: TerminalReading {
                available: Some(here),
                connected: here.then(|| !has(Fault::LinkLost) && !has(Fault::ZeroUnlinked)),
                trading_allowed: here.then(|| !has(Fault::TradingOff)),
                error: gone.map(|(_, code, text)| TerminalError { code, text: text.to_owned() }),
            },
            store_connected: Some(!has(Fault::NoList)),
            accounts: self.accounts(now, clock),
        }
    }

    fn accounts(&self, now: Timestamp, clock: Timestamp) -> AccountsReading {
        let has = |fault| self.has(fault, now);
        if has(Fault::NoList) {
            return AccountsReading::NotListed("MongoDB not available".to_owned());
        }
        let zero = has(Fault::ZeroUnlinked) || has(Fault::ZeroLive);
        let balance = Amount::try_new(if zero { 0.0 } else { BALANCE }).ok();
        let last_read = self.last_read(now);
        let read_at = clock.before(now.since(last_read));
        let listed = (1..=ACCOUNTS).map(|id| {
            let state = match balance {
                _ if has(Fault::Placeholders) => AccountState::NotRead(NotRead::BalanceMissing),
                _ if has(Fault::OneFails) && id == 1 => {
                    AccountState::Failed("Authorization failed".to_owned())
                }
                Some(balance) => AccountState::Read(AccountRead {
                    read_at,
                    balance,
                    equity: Some(balance),
                    currency: None,
                }),
                None => AccountState::NotRead(NotRead::BalanceMissing),
            };
            AccountReading { id: AccountId::new(id), name: None, state }
        });
        AccountsReading::Listed(listed.collect())
    }

    /// The bridge reads all the time, except while something keeps it from that.
    fn last_read(&self, now: Timestamp) -> Timestamp {
        let stopped = |trouble: &&Trouble| {
            let kind =
                matches!(trouble.fault, Fault::ReadsStop | Fault::TerminalGone | Fault::TerminalTimeout);
            kind && trouble.stands(now)
        };
        self.troubles.iter().filter(stopped).map(|trouble| trouble.from).min().unwrap_or(now)
    }
}
