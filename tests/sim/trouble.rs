//! What was, is and will be wrong with one thing, kept in the order of time.

use std::collections::VecDeque;

use rebound::time::Timestamp;

use super::fault::Fault;

/// A fault from one time to another; a remedy may end it earlier.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What.
    pub fault: Fault,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment without it.
    pub to: Timestamp,
    /// Chooses the account, where it befalls one of several.
    pub which: usize,
    /// When a remedy that helped was started.
    pub cured_by: Option<Timestamp>,
    /// Whether it is only what a remedy looks like while it works.
    pub is_aftermath: bool,
}

impl Trouble {
    /// A fault that nothing has ended.
    #[must_use]
    pub const fn new(fault: Fault, from: Timestamp, to: Timestamp) -> Self {
        Self { fault, from, to, which: 0, cured_by: None, is_aftermath: false }
    }
}

/// The troubles of one thing. Time only goes forward.
#[derive(Clone, Debug, Default)]
pub struct Troubles {
    ahead: VecDeque<Trouble>,
    here: Vec<Trouble>,
    past: Vec<Trouble>,
}

impl Troubles {
    /// Adds one that has not ended.
    pub fn add(&mut self, trouble: Trouble) {
        let later = self.ahead.partition_point(|other| other.from <= trouble.from);
        self.ahead.insert(later, trouble);
    }

    /// Moves on to `now`.
    pub fn pass(&mut self, now: Timestamp) {
        while self.ahead.front().is_some_and(|next| next.from <= now) {
            self.here.extend(self.ahead.pop_front());
        }
        if self.here.iter().any(|trouble| trouble.to <= now) {
            let (over, left) = self.here.drain(..).partition(|trouble| trouble.to <= now);
            let mut over: Vec<Trouble> = over;
            self.here = left;
            self.past.append(&mut over);
        }
    }

    /// What stands since the last [`Self::pass`].
    #[must_use]
    pub fn here(&self) -> &[Trouble] {
        &self.here
    }

    /// The standing trouble of this kind.
    #[must_use]
    pub fn has(&self, fault: Fault) -> Option<&Trouble> {
        self.here.iter().find(|trouble| trouble.fault == fault)
    }

    /// What is over, in the order of its end.
    #[must_use]
    pub fn past(&self) -> &[Trouble] {
        &self.past
    }

    /// All of it, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Trouble> {
        self.past.iter().chain(&self.here).chain(&self.ahead)
    }

    /// Lets what stands and is meant end at `at`, because of a remedy that was started at `started`.
    pub fn cure(&mut self, started: Timestamp, at: Timestamp, is_meant: impl Fn(&Trouble) -> bool) {
        for trouble in self.here.iter_mut().filter(|trouble| is_meant(trouble)) {
            if at < trouble.to {
                trouble.to = at;
                trouble.cured_by = Some(started);
            }
        }
    }
}
