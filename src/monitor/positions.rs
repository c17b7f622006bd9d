//! Positions and orders before and after a heal.
//!
//! A heal that restarts a terminal must not change what is open. What differs afterwards is a person's matter.

use alloc::collections::BTreeSet;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::check::{BridgeReading, PositionBook};
use crate::heal::{BOOK_AGE_MAX, PositionsSeen};
use crate::time::Timestamp;
use crate::verdict::PositionsChange;

/// What is known of a target's positions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Positions {
    /// The newest book and when it was seen.
    last: Option<(PositionBook, Timestamp)>,
    /// The book from before a heal that is not over, or not looked at yet.
    before: Option<Before>,
    /// What a heal left different, until a person has seen it.
    pub(super) change: Option<PositionsChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    remedy: String,
    book: PositionBook,
    /// From when on a look counts; `None` while the heal runs.
    from: Option<Timestamp>,
    /// Looks in a row that differed: some bridges tell an empty book when their own look failed.
    differed: u32,
}

/// Looks in a row that must differ before it is believed.
const LOOKS_TO_BELIEVE: u32 = 2;

impl Positions {
    /// Nothing was seen after `now`: the clock was set back.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.last.iter_mut().for_each(|(_, at)| *at = (*at).min(now));
        self.before.iter_mut().filter_map(|before| before.from.as_mut()).for_each(|at| *at = (*at).min(now));
    }

    /// What is known of open positions.
    pub(super) fn seen(&self) -> Option<PositionsSeen<'_>> {
        self.last.as_ref().map(|(book, at)| PositionsSeen { book, at: *at })
    }

    /// A heal that may touch positions starts. Without a fresh look at them nothing can be compared.
    pub(super) fn heal_starts(&mut self, remedy: &str, now: Timestamp) {
        let fresh = self.last.as_ref().filter(|(_, at)| now.since(*at) <= BOOK_AGE_MAX);
        let Some((book, _)) = fresh else {
            return;
        };
        // Of two heals in a row, what was before the first is what must be there after the last.
        if self.before.is_none() {
            self.before =
                Some(Before { remedy: String::from(remedy), book: book.clone(), from: None, differed: 0 });
        }
        if let Some(before) = self.before.as_mut() {
            (before.from, before.differed) = (None, 0);
        }
    }

    /// The heal ended: the first look from now on is compared.
    pub(super) fn heal_ended(&mut self, now: Timestamp) {
        if let Some(before) = self.before.as_mut() {
            before.from = Some(now);
        }
    }

    /// Takes in what a bridge told, asked at `asked_at`. A terminal that does not answer or is not connected has no say.
    pub(super) fn look(&mut self, reading: &BridgeReading, asked_at: Timestamp, now: Timestamp) {
        let speaks = reading.terminal.available != Some(false) && reading.terminal.connected != Some(false);
        let Some(book) = reading.positions.as_ref().filter(|_| speaks) else {
            return;
        };
        if let Some(before) = self.before.as_mut()
            && before.from.is_some_and(|from| asked_at >= from)
        {
            let (gone, come) = differences(&before.book, book);
            before.differed = if gone + come > 0 { before.differed + 1 } else { 0 };
            if before.differed >= LOOKS_TO_BELIEVE {
                let remedy = before.remedy.clone();
                self.change = Some(PositionsChange { remedy, gone, come, at: now });
            }
            if before.differed == 0 || before.differed >= LOOKS_TO_BELIEVE {
                self.before = None;
            }
        }
        self.last = Some((book.clone(), now));
    }
}

/// How many positions and orders are gone, and how many are new.
fn differences(before: &PositionBook, after: &PositionBook) -> (u32, u32) {
    let tickets = |book: &PositionBook| -> BTreeSet<u64> {
        book.positions.iter().map(|position| position.ticket).collect()
    };
    let orders = |book: &PositionBook| -> Option<BTreeSet<u64>> {
        book.orders.as_ref().map(|orders| orders.iter().copied().collect())
    };
    let (old, new) = (tickets(before), tickets(after));
    let (mut gone, mut come) = (old.difference(&new).count(), new.difference(&old).count());
    if let (Some(old), Some(new)) = (orders(before), orders(after)) {
        gone += old.difference(&new).count();
        come += new.difference(&old).count();
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (count(gone), count(come))
}
