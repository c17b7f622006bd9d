//! What is on its way to Rebound, in the order in which it comes; of what comes at the same time, what was sent first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rebound::check::Subject;
use rebound::monitor::Event;
use rebound::time::Timestamp;

use super::super::bridge::Known;

/// Something on its way.
#[derive(Debug)]
pub(super) enum Sent {
    Event(Event),
    Answer(Answer),
}

/// What a bridge in order answers. Its text is written when it is heard: until then there would be hundreds of them.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) subject: Subject,
    /// The thing's number.
    pub(super) thing: usize,
    pub(super) asked_at: Timestamp,
    pub(super) latency_ms: u32,
    pub(super) known: Known,
}

/// What is on its way. Only the times are put in order; the rest stays where it is.
#[derive(Debug, Default)]
pub(super) struct Coming {
    order: BinaryHeap<Reverse<(Timestamp, u64, usize)>>,
    sent: Vec<Option<Sent>>,
    free: Vec<usize>,
    count: u64,
}

impl Coming {
    pub(super) fn push(&mut self, at: Timestamp, sent: Sent) {
        self.count += 1;
        let place = self.free.pop().unwrap_or(self.sent.len());
        match self.sent.get_mut(place) {
            Some(free) => *free = Some(sent),
            None => self.sent.push(Some(sent)),
        }
        self.order.push(Reverse((at, self.count, place)));
    }

    /// When the next one comes.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.order.peek().map(|Reverse((at, ..))| *at)
    }

    pub(super) fn pop(&mut self) -> Option<Sent> {
        let Reverse((_, _, place)) = self.order.pop()?;
        self.free.push(place);
        self.sent.get_mut(place)?.take()
    }

    /// Nothing of it reaches Rebound.
    pub(super) fn clear(&mut self) {
        *self = Self { count: self.count, ..Self::default() };
    }
}
