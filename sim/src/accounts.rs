//! Seven accounts whose money moves, and what the bridge last read of them.
//!
//! The walk is seeded: the same seed and number of ticks give the same money. Never looks at a clock.
//! Whose data stands under an account's number is written down with the money, because terminals mix
//! accounts up.

use chrono::{DateTime, Utc};

use crate::faults::{Fault, FaultSet};

/// The account of [`Fault::OneAccountFailing`].
pub const FAILING_ACCOUNT: i64 = 1_000_003;

/// The account that the terminal is logged in to. It has the open positions, and
/// [`Fault::IdentitySwap`] hits it.
pub const TERMINAL_ACCOUNT: i64 = 1_000_001;

/// The account whose data [`Fault::IdentitySwap`] shows instead.
pub const FOREIGN_ACCOUNT: i64 = 2_000_001;

/// An account as the broker knows it, and as the bridge last read it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) fund_type: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) target_amount: f64,
    truth: Money,
    /// What [`Fault::Transfer`] took away and will bring back.
    away: Option<Money>,
    transfer: Option<Transfer>,
    pub(crate) stored: Stored,
}

/// Money of one account, in its currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Money {
    pub(crate) balance: f64,
    pub(crate) equity: f64,
    pub(crate) profit: f64,
}

/// Money that came to or left an account, as its history has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Transfer {
    /// Negative where it left.
    pub(crate) amount: f64,
    pub(crate) at: DateTime<Utc>,
}

/// Whose data something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) login: i64,
    pub(crate) server: &'static str,
    pub(crate) company: &'static str,
    pub(crate) currency: &'static str,
}

/// What the bridge wrote down when it last tried to read an account.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) money: Money,
    pub(crate) owner: Owner,
    pub(crate) transfer: Option<Transfer>,
    /// When the values were read, by the bridge's clock.
    pub(crate) read_at: DateTime<Utc>,
    pub(crate) error: Option<&'static str>,
}

/// A small seeded generator (SplitMix64). Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    state: u64,
}

/// Largest change of the open profit in one tick, as a share of the balance.
const STEP_SHARE: f64 = 0.0004;

/// How much of the open profit remains after a tick, so that it does not run away.
const PROFIT_KEPT: f64 = 0.985;

/// One tick in this many closes the open positions of an account.
const CLOSE_ONE_IN: u64 = 45;

const MONEY_NONE: Money = Money { balance: 0.0, equity: 0.0, profit: 0.0 };

/// What is on [`FOREIGN_ACCOUNT`].
const MONEY_FOREIGN: Money = Money { balance: 512.34, equity: 512.34, profit: 0.0 };

const FOREIGN: Owner =
    Owner { login: FOREIGN_ACCOUNT, server: "Westbrook-Demo", company: "Westbrook Capital", currency: "EUR" };

impl Owner {
    /// The right owner of an account's data.
    fn home(login: i64) -> Self {
        Self { login, server: "Northwind-Live", company: "Northwind Markets", currency: "USD" }
    }
}

/// The accounts of the simulated host.
pub(crate) fn accounts(read_at: DateTime<Utc>) -> Vec<Account> {
    let account = |id, name, fund_type, provider, balance| Account {
        id,
        name,
        fund_type,
        provider,
        target_amount: balance,
        truth: Money { balance, equity: balance, profit: 0.0 },
        away: None,
        transfer: None,
        stored: Stored {
            money: Money { balance, equity: balance, profit: 0.0 },
            owner: Owner::home(id),
            transfer: None,
            read_at,
            error: None,
        },
    };
    vec![
        account(1_000_001, "Balance North", "BALANCE", "Northwind", 80_000.0),
        account(1_000_002, "Balance South", "BALANCE", "Northwind", 10_000.0),
        account(1_000_003, "Core One", "CORE", "Southgate", 18_151.41),
        account(1_000_004, "Core Two", "CORE", "Southgate", 6_590.5),
        account(1_000_005, "Manager A", "MONEY_MANAGER", "Easterly", 15_000.0),
        account(1_000_006, "Intermediary", "INTERMEDIARY", "Easterly", 4_250.75),
        account(1_000_007, "Reserve", "SEPARATION", "Westbrook", 0.0),
    ]
}

impl Account {
    /// Moves the market by one tick. A reserve account stays at zero.
    pub(crate) fn tick(&mut self, walk: &mut Walk) {
        let swing = self.truth.balance * STEP_SHARE;
        let profit = self.truth.profit * PROFIT_KEPT + swing * walk.signed_unit();
        let closes = walk.next().is_multiple_of(CLOSE_ONE_IN);
        let balance = if closes { self.truth.balance + profit } else { self.truth.balance };
        let profit = cents(if closes { 0.0 } else { profit });
        let balance = cents(balance);
        self.truth = Money { balance, equity: cents(balance + profit), profit };
    }

    /// Moves the money away or back, where it is not there yet. An account without money has no transfer.
    pub(crate) fn settle(&mut self, is_away: bool, at: DateTime<Utc>) {
        if is_away && self.away.is_none() && self.truth.balance != 0.0 {
            self.transfer = Some(Transfer { amount: -self.truth.balance, at });
            self.away = Some(std::mem::replace(&mut self.truth, MONEY_NONE));
        } else if !is_away && let Some(money) = self.away.take() {
            self.transfer = Some(Transfer { amount: money.balance, at });
            self.truth = money;
        }
    }

    /// Reads the account as the bridge does, and writes down what came back.
    pub(crate) fn read(&mut self, faults: &FaultSet, bridge_time: DateTime<Utc>, accounts_total: usize) {
        if self.fails(faults, accounts_total) {
            self.stored.error = Some("Login failed: (-6, 'Terminal: Authorization failed')");
            return;
        }
        let swapped = faults.has(Fault::IdentitySwap) && self.id == TERMINAL_ACCOUNT;
        let (owner, transfer, truth) = if swapped {
            (FOREIGN, None, MONEY_FOREIGN)
        } else {
            (Owner::home(self.id), self.transfer, self.truth)
        };
        let money = if faults.has(Fault::ZeroBalances) { MONEY_NONE } else { truth };
        self.stored = Stored { money, owner, transfer, read_at: bridge_time, error: None };
    }

    fn fails(&self, faults: &FaultSet, accounts_total: usize) -> bool {
        if faults.has(Fault::OneAccountFailing) && self.id == FAILING_ACCOUNT {
            return true;
        }
        let share = faults.value(Fault::AccountsFailingShare).unwrap_or(0);
        let total = i64::try_from(accounts_total).unwrap_or(0);
        // Rounded up: 60 % of seven accounts are five.
        let failing = (share * total + 99) / 100;
        self.id - FIRST_ACCOUNT < failing
    }
}

const FIRST_ACCOUNT: i64 = 1_000_001;

impl Walk {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from -1 to 1.
    fn signed_unit(&mut self) -> f64 {
        let thousandths = i32::try_from(self.next() % 2_001).unwrap_or(0) - 1_000;
        f64::from(thousandths) / 1_000.0
    }
}

/// Money rounded to cents.
pub(crate) fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::{Account, Walk, accounts};
    use crate::clock;

    fn after(ticks: u32, seed: u64) -> Vec<Account> {
        let (mut walk, mut all) = (Walk::new(seed), accounts(clock::now()));
        for _ in 0..ticks {
            all.iter_mut().for_each(|account| account.tick(&mut walk));
        }
        all
    }

    #[test]
    fn the_same_seed_gives_the_same_money() {
        let money = |all: Vec<Account>| all.iter().map(|account| account.truth).collect::<Vec<_>>();
        assert_eq!(money(after(500, 7)), money(after(500, 7)));
        assert_ne!(money(after(500, 7)), money(after(500, 8)));
    }

    #[test]
    fn a_reserve_account_stays_at_zero() {
        assert_eq!(after(500, 7).last().unwrap().truth.balance, 0.0);
    }

    #[test]
    fn money_that_was_moved_away_comes_back_with_a_record_of_both() {
        let (mut account, now) = (after(500, 7).remove(0), clock::now());
        let before = account.truth;
        account.settle(true, now);
        assert_eq!((account.truth.balance, account.transfer.unwrap().amount), (0.0, -before.balance));
        account.settle(true, now);
        account.settle(false, now);
        assert_eq!((account.truth, account.transfer.unwrap().amount), (before, before.balance));
    }

    #[test]
    fn an_account_without_money_has_no_transfer() {
        let mut reserve = after(5, 7).pop().unwrap();
        reserve.settle(true, clock::now());
        assert_eq!(reserve.transfer, None);
    }

    #[test]
    fn a_day_of_ticks_does_not_ruin_an_account() {
        let all = after(86_400, 7);
        assert!((40_000.0..160_000.0).contains(&all.first().unwrap().truth.balance));
    }
}
