//! The open positions and pending orders of the terminal's account.
//!
//! Nobody trades here: they change only when a restart loses one. Never looks at a clock.

use chrono::{DateTime, TimeDelta, Utc};

/// What is open and pending, and what restarts have lost.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) positions: Vec<Position>,
    pub(crate) orders: Vec<Order>,
    pub(crate) lost: Vec<Position>,
}

/// One open position. A price of 0 means that there is none, as in the terminal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Position {
    pub(crate) ticket: u64,
    pub(crate) symbol: &'static str,
    pub(crate) side: Side,
    pub(crate) volume: f64,
    pub(crate) price_open: f64,
    pub(crate) stop_loss: f64,
    pub(crate) take_profit: f64,
    pub(crate) opened_at: DateTime<Utc>,
}

/// One pending order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) ticket: u64,
    pub(crate) symbol: &'static str,
    /// `ORDER_TYPE_*` of the package: 2 buy limit, 5 sell stop.
    pub(crate) kind: u8,
    pub(crate) volume: f64,
    pub(crate) price_open: f64,
    pub(crate) stop_loss: f64,
    pub(crate) set_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Buy,
    Sell,
}

impl Book {
    /// Three positions, one of them without a stop loss, and two orders.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        let position = |ticket, symbol, side, volume, price_open, (stop_loss, take_profit), opened_at| {
            Position { ticket, symbol, side, volume, price_open, stop_loss, take_profit, opened_at }
        };
        let order = |ticket, symbol, kind, price_open, stop_loss, set_at| Order {
            ticket,
            symbol,
            kind,
            volume: 0.1,
            price_open,
            stop_loss,
            set_at,
        };
        Self {
            positions: vec![
                position(70_000_001, "EURUSD", Side::Buy, 0.5, 1.0812, (1.0762, 0.0), ago(190)),
                position(70_000_002, "XAUUSD", Side::Sell, 0.1, 2_655.4, (0.0, 0.0), ago(75)),
                position(70_000_003, "GBPUSD", Side::Buy, 0.3, 1.2644, (1.2594, 1.2744), ago(20)),
            ],
            orders: vec![
                order(80_000_001, "EURUSD", 2, 1.0742, 1.0702, ago(180)),
                order(80_000_002, "XAUUSD", 5, 2_601.0, 0.0, ago(70)),
            ],
            lost: Vec::new(),
        }
    }

    /// What a restart does that loses a position: the newest is gone.
    pub(crate) fn lose_one(&mut self) {
        self.lost.extend(self.positions.pop());
    }

    /// Everything that was lost is there again.
    pub(crate) fn restore(&mut self) {
        while let Some(position) = self.lost.pop() {
            self.positions.push(position);
        }
    }
}

impl Side {
    /// `POSITION_TYPE_*` of the package.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Buy => 0,
            Self::Sell => 1,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Book;
    use crate::clock;

    #[test]
    fn what_was_lost_comes_back_in_its_place() {
        let mut book = Book::new(clock::now());
        let before = book.positions.clone();
        (0..5).for_each(|_| book.lose_one());
        assert!(book.positions.is_empty());
        book.restore();
        assert_eq!(book.positions, before);
    }

    #[test]
    fn there_are_positions_with_and_without_a_stop_loss() {
        let book = Book::new(clock::now());
        let guarded = book.positions.iter().filter(|position| position.stop_loss > 0.0).count();
        assert_eq!((guarded, book.positions.len()), (2, 3));
    }
}
