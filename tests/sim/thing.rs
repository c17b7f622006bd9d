//! One thing of the world: what it is, what is wrong with it, what a probe meets, and what a remedy does.

use std::collections::VecDeque;
use std::time::Duration;

use rebound::check::{NoAnswer, ProbeOutcome};
use rebound::heal::{Remedy, Rung, StepOutcome};
use rebound::time::Timestamp;

use super::bridge::{Bridge, Known};
use super::dice::Dice;
use super::endpoint::Endpoint;
use super::fault::{Fault, Hides};
use super::trouble::{Trouble, Troubles};

/// What a thing is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A bridge with its terminal.
    Bridge(Bridge),
    /// Anything else.
    Endpoint(Endpoint),
}

/// What carrying out a remedy leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Done after `takes`; what it can end has ended after `then`.
    Works {
        /// Until the result.
        takes: Duration,
        /// From the result to the effect.
        then: Duration,
    },
    /// Works at once, and positions are lost over it.
    LosesPositions,
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

/// How the way to a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing stands in it.
    Free,
    /// What it needs for its work is broken.
    Broken,
    /// Its host cannot be reached.
    Cut,
}

/// One thing of the world.
#[derive(Clone, Debug)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// What is wrong with it.
    pub troubles: Troubles,
    /// What the next remedies lead to.
    pub acts: VecDeque<Act>,
    /// What remedies after those lead to; without dice they work at once.
    pub dice: Option<Dice>,
    /// How long an answer takes.
    pub latency: Duration,
    /// When positions were lost over a remedy, and what the bridge had told of them before.
    pub losses: Vec<Loss>,
    /// When open positions were last told by a terminal that was connected.
    pub book_told_at: Option<Timestamp>,
}

/// Positions that a remedy lost.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// When the remedy was started.
    pub started: Timestamp,
    /// When the bridge last told of positions before it.
    pub told_at: Option<Timestamp>,
}

const SOON: Duration = Duration::from_secs(4);
/// A terminal that was restarted needs at most this long until it answers, in seconds.
const STARTS_WITHIN_S: u64 = 60;

impl Thing {
    /// A thing in order.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            troubles: Troubles::default(),
            acts: VecDeque::new(),
            dice: None,
            latency: Duration::from_millis(96),
            losses: Vec::new(),
            book_told_at: None,
        }
    }

    /// What a bridge knows that is asked at `now`, if it is in order and nothing stands in the way: what it tells can be worked
    /// out when it is heard.
    #[must_use]
    pub fn knows(&mut self, now: Timestamp, way: Way) -> Option<Known> {
        self.troubles.pass(now);
        let Kind::Bridge(bridge) = &mut self.kind else {
            return None;
        };
        if way == Way::Cut || !self.troubles.here().is_empty() {
            return None;
        }
        if bridge.tells_positions && bridge.is_linked(now) {
            self.book_told_at = Some(now);
        }
        Some(bridge.knows(&self.troubles, now))
    }

    /// What it tells of what it knew.
    ///
    /// # Panics
    /// If it is no bridge.
    #[must_use]
    pub fn tells(&self, known: Known) -> ProbeOutcome {
        match &self.kind {
            Kind::Bridge(bridge) => ProbeOutcome::Bridge(Box::new(bridge.tells(known))),
            Kind::Endpoint(_) => panic!("an endpoint knows nothing beforehand"),
        }
    }

    /// What a probe meets at `now`, and how long it takes; `timeout` is the longest.
    #[must_use]
    pub fn shows(&mut self, now: Timestamp, timeout: Duration, way: Way) -> (Duration, ProbeOutcome) {
        self.troubles.pass(now);
        if way == Way::Cut || self.troubles.has(Fault::HostDown).is_some() {
            let ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
            return (timeout, ProbeOutcome::NoAnswer(NoAnswer::Unreachable(ms)));
        }
        match &mut self.kind {
            Kind::Bridge(bridge) => {
                let (takes, outcome) = bridge.shows(&self.troubles, now, self.latency, timeout);
                if let ProbeOutcome::Bridge(reading) = &outcome
                    && reading.positions.is_some()
                    && reading.terminal.connected == Some(true)
                {
                    self.book_told_at = Some(now);
                }
                (takes, outcome)
            }
            Kind::Endpoint(endpoint) => {
                endpoint.shows(&self.troubles, now, self.latency, timeout, way == Way::Free)
            }
        }
    }

    /// What those that stand on it meet.
    #[must_use]
    pub fn way_beyond(&mut self, now: Timestamp) -> Way {
        self.troubles.pass(now);
        let here = self.troubles.here();
        if here.iter().any(|trouble| trouble.fault == Fault::HostDown) {
            Way::Cut
        } else if here.iter().any(|trouble| breaks_others(trouble.fault)) {
            Way::Broken
        } else {
            Way::Free
        }
    }

    /// Carries out a remedy at `now`.
    pub fn heal(&mut self, now: Timestamp, remedy: &Remedy) -> Ending {
        self.troubles.pass(now);
        let at_once = Act::Works { takes: SOON, then: Duration::ZERO };
        let act = self.acts.pop_front().or_else(|| self.dice.as_mut().map(|dice| draw(dice, remedy)));
        let (after, outcome) = match act.unwrap_or(at_once) {
            Act::Works { takes, then } => {
                self.works(now, remedy, takes, then);
                (Some(takes), StepOutcome::Done)
            }
            Act::LosesPositions => {
                self.works(now, remedy, SOON, Duration::ZERO);
                self.loses_positions(now);
                (Some(SOON), StepOutcome::Done)
            }
            Act::Lies => (Some(SOON), StepOutcome::Done),
            Act::Fails => (Some(SOON), StepOutcome::Failed),
            Act::Refuses => (Some(SOON), StepOutcome::Refused),
            Act::Vanishes => (None, StepOutcome::TimedOut),
            Act::HelpsSilently => {
                self.works(now, remedy, SOON, Duration::ZERO);
                (None, StepOutcome::TimedOut)
            }
            Act::Breaks => (Some(SOON), StepOutcome::Lost),
        };
        Ending { after, outcome }
    }

    fn works(&mut self, now: Timestamp, remedy: &Remedy, takes: Duration, then: Duration) {
        let at = now.after(takes).after(then);
        let silent = self.troubles.here().iter().any(|trouble| trouble.fault.nature().hides == Hides::All);
        if remedy.through_bridge && silent {
            return;
        }
        let slot = remedy.slot;
        let accounts = match &self.kind {
            Kind::Bridge(bridge) => bridge.accounts.as_slice(),
            Kind::Endpoint(_) => &[],
        };
        self.troubles.cure(now, at, |trouble| match slot {
            None => trouble.fault.nature().cured_from.is_some_and(|least| remedy.rung >= least),
            Some(slot) => {
                let own =
                    accounts.get(trouble.which % accounts.len().max(1)).is_some_and(|one| one.id == slot);
                trouble.fault == Fault::IdentitySwap && own
            }
        });
        if remedy.rung >= Rung::Medium && slot.is_none() {
            self.restarts(now, takes);
        }
    }

    /// A restart is seen as one: a short silence, and then a terminal that starts.
    fn restarts(&mut self, now: Timestamp, takes: Duration) {
        let Some(dice) = self.dice.as_mut() else {
            return;
        };
        let up = now.after(takes.min(Duration::from_secs(30)));
        let aftermath = |fault, from, to| Trouble { is_aftermath: true, ..Trouble::new(fault, from, to) };
        self.troubles.add(aftermath(Fault::Restarts, now, up));
        if matches!(self.kind, Kind::Bridge(_)) {
            let starts = Duration::from_secs(dice.below(STARTS_WITHIN_S));
            self.troubles.add(aftermath(Fault::TerminalStarts, up, up.after(starts)));
        }
    }

    fn loses_positions(&mut self, now: Timestamp) {
        if let Kind::Bridge(bridge) = &mut self.kind
            && bridge.positions_lost < bridge.positions.len()
        {
            bridge.positions_lost += 1;
            self.losses.push(Loss { started: now, told_at: self.book_told_at });
        }
    }
}

/// Whether what stands on a thing with this fault cannot work either.
#[must_use]
pub const fn breaks_others(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::PortRefuses
            | Fault::ServiceHangs
            | Fault::StatusWrong
            | Fault::TextMissing
            | Fault::Moved
            | Fault::ReadOnly
            | Fault::DatabaseRefuses
    )
}

fn draw(dice: &mut Dice, remedy: &Remedy) -> Act {
    let most = remedy.timeout.saturating_sub(Duration::from_secs(10)).max(Duration::from_secs(2));
    if remedy.rung >= Rung::Medium && dice.percent(6) {
        return Act::LosesPositions;
    }
    match dice.below(12) {
        0..6 => Act::Works {
            takes: dice.between(Duration::from_secs(1), most),
            then: dice.between(Duration::ZERO, Duration::from_secs(150)),
        },
        6 => Act::Lies,
        7 => Act::Fails,
        8 => Act::Refuses,
        9 => Act::Vanishes,
        10 => Act::HelpsSilently,
        _ => Act::Breaks,
    }
}
