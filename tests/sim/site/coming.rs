//! What is on its way to Rebound, in the order in which it comes; of what comes at the same time, what was sent first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rebound::monitor::Event;
use rebound::time::Timestamp;

/// Events on their way. Only their times are put in order; the events stay where they are.
#[derive(Debug, Default)]
pub(super) struct Coming {
    order: BinaryHeap<Reverse<(Timestamp, u64, usize)>>,
    events: Vec<Option<Event>>,
    free: Vec<usize>,
    sent: u64,
}

impl Coming {
    pub(super) fn push(&mut self, at: Timestamp, event: Event) {
        self.sent += 1;
        let place = self.free.pop().unwrap_or(self.events.len());
        match self.events.get_mut(place) {
            Some(free) => *free = Some(event),
            None => self.events.push(Some(event)),
        }
        self.order.push(Reverse((at, self.sent, place)));
    }

    /// When the next one comes.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.order.peek().map(|Reverse((at, ..))| *at)
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let Reverse((_, _, place)) = self.order.pop()?;
        self.free.push(place);
        self.events.get_mut(place)?.take()
    }

    /// Nothing of it reaches Rebound.
    pub(super) fn clear(&mut self) {
        *self = Self { sent: self.sent, ..Self::default() };
    }
}
