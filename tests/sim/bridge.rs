//! What a bridge with its terminal and accounts tells, whole or broken.

use std::time::Duration;

use rebound::amount::Amount;
use rebound::check::{
    AccountRead, AccountReading, AccountState, AccountsFrom, AccountsReading, BadAnswer, BridgeReading,
    NoAnswer, NotRead, Position, PositionBook, ProbeOutcome, TerminalError, TerminalReading, Transfer,
};
use rebound::ids::AccountId;
use rebound::time::Timestamp;
use rebound::word::Word;

use super::fault::{Fault, Hides};
use super::market;
use super::trouble::{Trouble, Troubles};

/// Balance of every account that is not zero.
pub const BALANCE: f64 = 1_000.0;
/// Where a bridge's clock is wrong, by so much.
const CLOCK_OFF: Duration = Duration::from_secs(20 * 60);
/// A link that rests with the market goes a little after the close and is back a little before the opening.
const LINK_MARGIN: Duration = Duration::from_secs(120);
/// The account that a stranger's terminal is logged in to.
const STRANGER: u64 = 9_999_999;

/// One account behind a bridge.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its login number.
    pub id: AccountId,
    /// The broker's server, where the bridge tells it.
    pub server: Option<Word>,
    /// Its currency, where the bridge tells it.
    pub currency: Option<Word>,
    /// Whether zero is its ordinary balance.
    pub reserve: bool,
}

/// What kind of bridge it is.
#[derive(Clone, Debug)]
pub struct Bridge {
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// From one read of all accounts to the next; none: at every question.
    pub read_every: Duration,
    /// Whether reads and link rest with the Forex market.
    pub sleeps: bool,
    /// Whether its health answer has a `Date` header.
    pub tells_date: bool,
    /// Whether it tells open positions and orders.
    pub tells_positions: bool,
    /// Tickets of the positions that are open at first.
    pub positions: Vec<u64>,
    /// How many of them were lost, the last first.
    pub positions_lost: usize,
    /// Tickets of pending orders.
    pub orders: Vec<u64>,
    /// The newest read of the accounts.
    read_at: Timestamp,
    /// What it calls itself, and what is traded.
    service: Word,
    symbol: Word,
}

/// What a bridge in order knows when it is asked: all that its answer depends on beside what never changes.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    now: Timestamp,
    read_at: Timestamp,
    positions_lost: usize,
}

impl Bridge {
    /// A bridge with so many accounts, read at every question.
    #[must_use]
    pub fn new(accounts: u64) -> Self {
        let account = |id| Account { id: AccountId::new(id), server: None, currency: None, reserve: false };
        Self {
            accounts: (1..=accounts).map(account).collect(),
            read_every: Duration::ZERO,
            sleeps: false,
            tells_date: false,
            tells_positions: false,
            positions: Vec::new(),
            positions_lost: 0,
            orders: Vec::new(),
            read_at: Timestamp::default(),
            service: Word::from("MT5 Bridge"),
            symbol: Word::from("EURUSD"),
        }
    }

    /// What a bridge in order knows that is asked at `now`.
    #[must_use]
    pub fn knows(&mut self, troubles: &Troubles, now: Timestamp) -> Known {
        self.reads(troubles, now);
        Known { now, read_at: self.read_at, positions_lost: self.positions_lost }
    }

    /// What it tells of that.
    #[must_use]
    pub fn tells(&self, known: Known) -> BridgeReading {
        self.reading(&Troubles::default(), known)
    }

    /// Whether a link is up at `now` that nothing is wrong with.
    #[must_use]
    pub fn is_linked(&self, now: Timestamp) -> bool {
        !(self.sleeps && market::forex_rests(now.before(LINK_MARGIN), now.after(LINK_MARGIN)))
    }

    /// What a probe meets at `now`, and how long it takes.
    #[must_use]
    pub fn shows(
        &mut self,
        troubles: &Troubles,
        now: Timestamp,
        latency: Duration,
        timeout: Duration,
    ) -> (Duration, ProbeOutcome) {
        let known = self.knows(troubles, now);
        let hidden = troubles.here().iter().find(|trouble| trouble.fault.nature().hides == Hides::All);
        match hidden.map(|trouble| trouble.fault) {
            None => (latency, ProbeOutcome::Bridge(Box::new(self.reading(troubles, known)))),
            Some(Fault::Hangs) => {
                let ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
                (timeout, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(ms)))
            }
            Some(Fault::WrongService) => {
                let (expected, seen) = ("MT5 Bridge".to_owned(), "nginx".to_owned());
                (latency, ProbeOutcome::WrongService { expected, seen })
            }
            Some(Fault::KeyRefused) => (latency, status(401)),
            Some(Fault::ServerError) => (latency, status(500)),
            Some(Fault::NoJson) => {
                let (path, detail) = ("/health".to_owned(), "expected value at line 1".to_owned());
                (latency, ProbeOutcome::BadAnswer(BadAnswer::NotJson { path, detail }))
            }
            Some(_) => (Duration::from_millis(1), ProbeOutcome::NoAnswer(NoAnswer::Refused)),
        }
    }

    fn reading(&self, troubles: &Troubles, known: Known) -> BridgeReading {
        let now = known.now;
        let clock = clock(troubles, now);
        let terminal = self.terminal(troubles, now);
        let here = terminal.available == Some(true);
        BridgeReading {
            service: Some(self.service.clone()),
            key_refused: None,
            bridge_time: Some(clock),
            terminal,
            store_connected: Some(troubles.has(Fault::NoList).is_none()),
            accounts: self.accounts(troubles, known, clock),
            accounts_from: AccountsFrom::Bridge,
            nameless: None,
            positions: (self.tells_positions && here).then(|| self.book(known)),
            http_date: self.tells_date.then(|| whole_seconds(clock)),
        }
    }

    fn terminal(&self, troubles: &Troubles, now: Timestamp) -> TerminalReading {
        let has = |fault| troubles.has(fault).is_some();
        let gone = troubles.here().iter().find_map(|trouble| error(trouble.fault));
        let here = gone.is_none();
        let flaps = |trouble: &Trouble| trouble.fault == Fault::LinkFlaps && is_off(trouble, now);
        let flapped_off = troubles.here().iter().any(flaps);
        let broken = has(Fault::LinkLost) || has(Fault::ZeroUnlinked) || flapped_off;
        let linked = !broken && self.is_linked(now);
        let session = has(Fault::SessionMismatch);
        let login = if has(Fault::OtherLogin) {
            Some(AccountId::new(STRANGER))
        } else {
            self.accounts.first().map(|one| one.id)
        };
        TerminalReading {
            available: Some(here),
            connected: here.then_some(linked),
            trading_allowed: here.then(|| !has(Fault::TradingOff)),
            account_trading: here.then(|| !has(Fault::InvestorPassword)),
            expert_trading: here.then(|| !has(Fault::ExpertsRefused)),
            api_disabled: here.then(|| has(Fault::ApiTradingOff)),
            login: login.filter(|_| here),
            bridge_session: session.then_some(0),
            terminal_session: session.then_some(1),
            error: gone.map(|(code, text)| TerminalError { code, text: text.to_owned() }),
        }
    }

    fn accounts(&self, troubles: &Troubles, known: Known, clock: Timestamp) -> AccountsReading {
        let now = known.now;
        let has = |fault| troubles.has(fault).is_some();
        if has(Fault::NoList) {
            return AccountsReading::NotListed("MongoDB not available".to_owned());
        }
        let moved = troubles.has(Fault::Transferred);
        let zero =
            moved.is_some() || [Fault::ZeroUnlinked, Fault::ZeroLive, Fault::Declared].into_iter().any(has);
        let transfer = moved.and_then(|trouble| {
            let amount = Amount::try_new(-BALANCE).ok()?;
            Some(Transfer { amount, at: trouble.from })
        });
        let one = |fault| troubles.has(fault).map(|trouble| trouble.which % self.accounts.len().max(1));
        let (fails, swapped) = (one(Fault::OneFails), one(Fault::IdentitySwap));
        let most = troubles.has(Fault::MostReadsStop).map(|trouble| trouble.from);
        let stopped = (self.accounts.len() * 4).div_ceil(5);
        let placeholders = has(Fault::Placeholders);
        let on_its_clock = |at: Timestamp| clock.before(now.since(at));
        let read_at = on_its_clock(known.read_at);
        let listed = self.accounts.iter().enumerate().map(|(index, account)| {
            let balance = Amount::try_new(if zero || account.reserve { 0.0 } else { BALANCE }).ok();
            let read_at = match most {
                Some(from) if index < stopped => on_its_clock(from.min(known.read_at)),
                Some(_) | None => read_at,
            };
            let state = match balance {
                _ if placeholders => AccountState::NotRead(NotRead::BalanceMissing),
                _ if fails == Some(index) => AccountState::Failed("Authorization failed".to_owned()),
                None => AccountState::NotRead(NotRead::BalanceMissing),
                Some(balance) => AccountState::Read(AccountRead {
                    read_at,
                    balance,
                    equity: Some(balance),
                    currency: account.currency.clone(),
                    server: if swapped == Some(index) {
                        account.server.as_ref().map(|_| "Other-Server".into())
                    } else {
                        account.server.clone()
                    },
                    transfer: transfer.filter(|_| !account.reserve),
                }),
            };
            AccountReading { id: account.id, name: None, state }
        });
        AccountsReading::Listed(listed.collect())
    }

    fn book(&self, known: Known) -> PositionBook {
        let open = self.positions.len() - known.positions_lost;
        let position = |ticket: &u64| Position {
            ticket: *ticket,
            symbol: Some(self.symbol.clone()),
            stop_loss: Some(ticket.is_multiple_of(2)),
        };
        PositionBook {
            positions: self.positions.iter().take(open).map(position).collect(),
            orders: Some(self.orders.clone()),
        }
    }

    /// The bridge reads at its ticks, except while something keeps it from that.
    fn reads(&mut self, troubles: &Troubles, now: Timestamp) {
        let tick = |at: Timestamp| {
            let every = i64::try_from(self.read_every.as_millis()).unwrap_or(1).max(1);
            Timestamp::from_ms(at.as_ms() - at.as_ms().rem_euclid(every))
        };
        let just_before = |at: Timestamp| tick(at.before(Duration::from_millis(1)));
        let mut at = tick(now);
        // Of stops that overlap, each is met once.
        for _ in 0..4 {
            let stop = troubles.here().iter().chain(troubles.past().iter().rev().take(8)).find(|trouble| {
                let stops = trouble.fault.nature().stops_reads && trouble.fault != Fault::MostReadsStop;
                stops && trouble.from <= at && at < trouble.to
            });
            match stop {
                Some(stop) => at = just_before(stop.from),
                None if self.sleeps && !market::forex_open(at) => at = market::forex_closed_at(at),
                None => {
                    self.read_at = self.read_at.max(at);
                    return;
                }
            }
        }
    }
}

/// Whether a link that comes and goes is gone at `now`.
#[must_use]
pub fn is_off(trouble: &Trouble, now: Timestamp) -> bool {
    let period = FLAP_PERIODS[trouble.which % FLAP_PERIODS.len()];
    (now.since(trouble.from).as_secs() / period).is_multiple_of(2)
}

/// Seconds that a link that comes and goes stays there, or gone.
const FLAP_PERIODS: [u64; 4] = [20, 45, 90, 200];

fn clock(troubles: &Troubles, now: Timestamp) -> Timestamp {
    if troubles.has(Fault::ClockBehind).is_some() {
        now.before(CLOCK_OFF)
    } else if troubles.has(Fault::ClockAhead).is_some() {
        now.after(CLOCK_OFF)
    } else {
        now
    }
}

fn error(fault: Fault) -> Option<(i32, &'static str)> {
    const ERRORS: [(Fault, i32, &str); 6] = [
        (Fault::TerminalGone, -10_003, "IPC initialize failed"),
        (Fault::PipeBroken, -10_004, "No IPC connection"),
        (Fault::TerminalHangs, -10_005, "IPC timeout"),
        (Fault::TerminalStarts, -10_005, "IPC timeout"),
        (Fault::SessionMismatch, -10_005, "IPC timeout"),
        (Fault::LoginRefused, -6, "Authorization failed"),
    ];
    ERRORS.iter().find(|(known, ..)| *known == fault).map(|(_, code, text)| (*code, *text))
}

fn status(status: u16) -> ProbeOutcome {
    ProbeOutcome::BadAnswer(BadAnswer::Status { path: "/api/mt5/accounts".to_owned(), status })
}

/// As a `Date` header tells it.
#[must_use]
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_ms(at.as_ms() - at.as_ms().rem_euclid(1_000))
}
