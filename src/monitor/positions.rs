//! Positions and orders before and after a heal.
//!
//! A heal that restarts a terminal must not change what is open. What differs afterwards is a person's matter.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::{BridgeReading, PositionBook};
use crate::heal::{BOOK_AGE_MAX, PositionsSeen};
use crate::time::Timestamp;
use crate::verdict::{PositionsChange, PositionsKept};

/// What is known of a target's positions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Positions {
    /// The newest book and when it was seen.
    last: Option<(PositionBook, Timestamp)>,
    /// The book from before a heal that is not over, or not looked at yet.
    before: Option<Box<Before>>,
    /// What a heal left different, until a person has seen it.
    pub(super) change: Option<PositionsChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    remedy: String,
    book: PositionBook,
    /// Heals since then that changed something, or may have.
    #[serde(default)]
    heals: u32,
    /// From when on a look counts; `None` while the heal runs.
    from: Option<Timestamp>,
    /// Looks in a row that differed: some bridges tell an empty book when their own look failed.
    differed: u32,
    /// Whether the last look that counts was the same.
    #[serde(default)]
    same: bool,
    /// Whether the heal is over: recovery was proven, or its time is up. One look that is the same ends the comparison then.
    #[serde(default)]
    over: bool,
}

/// Looks in a row that must differ before it is believed.
const LOOKS_TO_BELIEVE: u32 = 2;
/// How long after a heal a first look at the positions may say something about it; later it would blame the heal for trading.
const COMPARED_WITHIN: Duration = Duration::from_secs(3_600);

impl Positions {
    /// Nothing was seen after `now`: the clock was set back.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.last.iter_mut().for_each(|(_, at)| *at = (*at).min(now));
        self.before.iter_mut().filter_map(|before| before.from.as_mut()).for_each(|at| *at = (*at).min(now));
        self.change.iter_mut().for_each(|change| change.at = change.at.min(now));
    }

    /// What is known of open positions.
    pub(super) fn seen(&self) -> Option<PositionsSeen<'_>> {
        self.last.as_ref().map(|(book, at)| PositionsSeen { book, at: *at })
    }

    /// What a check can say of them.
    pub(super) fn kept(&self) -> PositionsKept<'_> {
        match (&self.change, &self.before) {
            (Some(change), _) => PositionsKept::Changed(change),
            (None, Some(before)) if !before.same => PositionsKept::NotComparedYet(&before.remedy),
            (None, _) => PositionsKept::AsFarAsSeen,
        }
    }

    /// A heal that may touch positions starts. Without a fresh look at them nothing can be compared.
    pub(super) fn heal_starts(&mut self, remedy: &str, now: Timestamp) {
        // Of two heals in a row, what was before the first is what must be there after the last.
        if self.before.is_none() {
            let fresh = self.last.as_ref().filter(|(_, at)| now.since(*at) <= BOOK_AGE_MAX);
            let before = fresh.map(|(book, _)| Before {
                remedy: String::from(remedy),
                book: book.clone(),
                heals: 0,
                from: None,
                differed: 0,
                same: false,
                over: false,
            });
            self.before = before.map(Box::new);
        }
        if let Some(before) = self.before.as_mut() {
            before.heals += 1;
            (before.from, before.differed, before.same, before.over) = (None, 0, false, false);
        }
    }

    /// The heal ended: looks from now on are compared. What was refused changed nothing.
    pub(super) fn heal_ended(&mut self, refused: bool, now: Timestamp) {
        let Some(before) = self.before.as_mut().filter(|before| before.from.is_none()) else {
            return;
        };
        before.from = Some(now);
        if refused {
            before.heals -= 1;
            if before.heals == 0 {
                self.before = None;
            }
        }
    }

    /// Recovery is proven, or the time for it is up. What was seen the same until now is kept; what happens to it from now on is
    /// trading.
    pub(super) fn heal_over(&mut self) {
        self.before.iter_mut().for_each(|before| before.over = true);
        self.drop_what_is_kept();
    }

    /// Takes in what a bridge told, asked at `asked_at`. A terminal that does not answer or is not connected has no say. Until
    /// the heal is over every look is compared: a bridge may answer from what it knew until a restart really happens.
    pub(super) fn look(&mut self, reading: &BridgeReading, asked_at: Timestamp, now: Timestamp) {
        let Some(book) = reading.positions.as_ref().filter(|_| reading.terminal.tells_positions()) else {
            return;
        };
        if let Some(before) = self.before.as_mut()
            && let Some(from) = before.from.filter(|from| asked_at >= *from)
        {
            let (gone, come) = differences(&before.book, book);
            before.same = gone + come == 0;
            before.differed = if before.same { 0 } else { before.differed + 1 };
            if before.differed >= LOOKS_TO_BELIEVE {
                let remedy = before.remedy.clone();
                self.change = Some(PositionsChange { remedy, gone, come, at: now });
                self.before = None;
            } else if before.differed == 1 && now.since(from) > COMPARED_WITHIN {
                self.before = None;
            }
        }
        self.drop_what_is_kept();
        match &mut self.last {
            Some((held, at)) if held == book => *at = now,
            last => *last = Some((book.clone(), now)),
        }
    }

    fn drop_what_is_kept(&mut self) {
        if self.before.as_ref().is_some_and(|before| before.over && before.same) {
            self.before = None;
        }
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

#[cfg(test)]
#[path = "positions_tests.rs"]
mod tests;
