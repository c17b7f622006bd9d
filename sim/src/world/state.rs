//! What is true at the simulated host just now, and what each fault makes of it.
//!
//! Answers questions about host, terminal and accounts. Never speaks a protocol and never waits.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    accounts::{Account, TERMINAL_ACCOUNT, Walk, accounts},
    clock,
    dialect::Dialect,
    faults::{Fault, FaultSet},
    github::GithubDesk,
    mail::MailDesk,
    options::SimOptions,
    positions::Book,
    restart::RestartDesk,
    web::WebDesk,
};

/// What is true at the host just now.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) faults: FaultSet,
    pub(crate) accounts: Vec<Account>,
    pub(crate) book: Book,
    pub(crate) ticks: u64,
    pub(crate) restart: RestartDesk,
    pub(crate) github: GithubDesk,
    pub(crate) mail: MailDesk,
    pub(crate) web: WebDesk,
    pub(crate) bridge_requests: u64,
    pub(crate) redirects_followed: u64,
    /// When the host started, by the right clock.
    pub(crate) started_at: DateTime<Utc>,
    /// When the bridge last reached its terminal, by the right clock.
    polled_at: DateTime<Utc>,
    flapping_since: DateTime<Utc>,
    dialect: Dialect,
    walk: Walk,
}

impl State {
    pub(crate) fn new(options: &SimOptions, now: DateTime<Utc>) -> Self {
        Self {
            faults: FaultSet::default(),
            accounts: accounts(now),
            book: Book::new(now),
            ticks: 0,
            restart: RestartDesk::new(options.restart_delay),
            github: GithubDesk::new(options.github_queued, options.github_run),
            mail: MailDesk::default(),
            web: WebDesk::default(),
            bridge_requests: 0,
            redirects_followed: 0,
            started_at: now,
            polled_at: now,
            flapping_since: now,
            dialect: options.dialect,
            walk: Walk::new(options.seed),
        }
    }

    /// The bridge's idea of the present moment.
    pub(crate) fn bridge_now(&self) -> DateTime<Utc> {
        clock::now() + TimeDelta::seconds(self.faults.value(Fault::ClockSkew).unwrap_or(0))
    }

    /// How long ago the bridge last reached its terminal. No clock of the bridge can spoil it.
    pub(crate) fn poll_age(&self) -> TimeDelta {
        clock::now() - self.polled_at
    }

    /// Whether the terminal has lost the broker just now.
    pub(crate) fn link_lost(&self) -> bool {
        self.faults.has(Fault::LinkLost) || self.flaps_down()
    }

    /// Down first, then up, each for as long as the fault says.
    fn flaps_down(&self) -> bool {
        let Some(seconds) = self.faults.value(Fault::Flapping) else { return false };
        let since = (clock::now() - self.flapping_since).num_milliseconds().max(0);
        let spans = since / seconds.saturating_mul(1_000).max(1);
        spans % 2 == 0
    }

    /// Whether the terminal's button lets programs trade.
    pub(crate) fn trading_on(&self) -> bool {
        !self.faults.has(Fault::TradingOff)
    }

    /// Whether the accounts may trade at all.
    pub(crate) fn accounts_may_trade(&self) -> bool {
        !self.faults.has(Fault::InvestorPassword)
    }

    /// The account that the terminal is logged in to, or should be.
    pub(crate) fn terminal_account(&self) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == TERMINAL_ACCOUNT)
    }

    pub(super) fn tick(&mut self) {
        self.ticks += 1;
        for account in &mut self.accounts {
            account.tick(&mut self.walk);
        }
    }

    /// What a fault does in the moment in which it begins.
    pub(super) fn begin(&mut self, fault: Fault) {
        if fault == Fault::SyncStopped {
            self.age_reads();
        }
        if fault == Fault::Flapping {
            self.flapping_since = clock::now();
        }
    }

    /// Brings accounts and positions in line with the faults. The bridge then reads anew if it can.
    pub(super) fn settle(&mut self) {
        let (is_away, now) = (self.faults.has(Fault::Transfer), self.bridge_now());
        for account in &mut self.accounts {
            account.settle(is_away, now);
        }
        if !self.faults.has(Fault::PositionsLost) {
            self.book.restore();
        }
        self.read_accounts();
    }

    /// What every restart that works does beside its repair.
    pub(super) fn restarted(&mut self) {
        if self.faults.has(Fault::PositionsLost) {
            self.book.lose_one();
        }
    }

    /// The bridge's own read loop. Without a link the last values stay, with their old time.
    pub(super) fn read_accounts(&mut self) {
        if self.faults.has(Fault::SyncStopped) {
            return;
        }
        self.read_now();
    }

    /// One round of reads, as the loop does it and as somebody may ask for it.
    pub(crate) fn read_now(&mut self) {
        if self.faults.ipc_error().is_some() {
            return;
        }
        self.polled_at = clock::now();
        if self.link_lost() || self.gets_nothing() {
            return;
        }
        let (now, total) = (self.bridge_now(), self.accounts.len());
        for account in &mut self.accounts {
            account.read(&self.faults, now, total);
        }
    }

    /// Only F-2 writes a null down; the others keep what they last read.
    fn gets_nothing(&self) -> bool {
        self.dialect != Dialect::F2 && self.faults.has(Fault::NullBalances)
    }

    /// Makes the last reads as old as [`Fault::SyncStopped`] says.
    fn age_reads(&mut self) {
        let age = TimeDelta::seconds(self.faults.value(Fault::SyncStopped).unwrap_or(0));
        self.polled_at = clock::now() - age;
        let read_at = self.bridge_now() - age;
        for account in &mut self.accounts {
            account.stored.read_at = read_at;
        }
    }
}
