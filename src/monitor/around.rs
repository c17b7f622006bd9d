//! What surrounds a target at a moment: market hours, planned work, pauses, the targets that it depends on, Rebound itself.
//!
//! Only gathers; what follows from it is decided by the target's own course.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::desk::OwnState;
use super::watch::{CheckState, TargetState, matters};
use crate::calendar::Session;
use crate::heal::Refusal;
use crate::incident::{Cause, Holder, Phase, Severity};
use crate::maintenance::{self, Window};
use crate::target::{OwnNetworkSpec, TargetSpec};
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// How long after its recovery a target still explains the silence of those that depend on it: they have to start first.
const PARENT_SETTLES: Duration = Duration::from_secs(90);
/// How long trouble may wait to hear of the targets that it may come from.
pub(super) const PARENT_HEARD_MAX: Duration = Duration::from_secs(60);
/// The same, where one of them is seen to fail as well, because very likely it is that; and where Rebound itself was held up
/// meanwhile.
pub(super) const PARENT_FAILS_MAX: Duration = Duration::from_secs(180);
/// How long what others tell of the time counts.
const DATES_COUNT: Duration = Duration::from_secs(10 * 60);
/// Independent hosts that must agree before our own clock is called wrong, where no beacon tells the time.
const WITNESSES_MIN: usize = 3;
/// Most witnesses remembered.
const WITNESSES_MAX: usize = 1_000;
/// How far witnesses may differ and still agree; a `Date` header has whole seconds.
const AGREE_MS: i64 = 5_000;

/// Healing by itself is off until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Pause {
    /// It cannot last longer than the longest that may be asked for.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.at = self.at.min(now);
        self.until = self.until.min(now.after(super::PAUSE_MAX));
    }
}

/// What surrounds a target now.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub(super) session: Session,
    /// Planned work and its end.
    pub(super) maintenance: Option<(String, Timestamp)>,
    pub(super) pause: Option<Pause>,
    pub(super) parents: Vec<Parent>,
    pub(super) own: OwnNetworkSpec,
}

/// A target that another depends on.
#[derive(Clone, Debug)]
pub(super) struct Parent {
    pub(super) spec: Arc<TargetSpec>,
    /// Believed to be down, or was so a moment ago.
    pub(super) down: bool,
    /// It is down no longer, only was so a moment ago.
    pub(super) settles: bool,
    /// When it was last seen well.
    pub(super) good_at: Option<Timestamp>,
    /// Seen to fail just now, believed or not.
    pub(super) fails: bool,
}

impl Around {
    /// Nothing in particular: for what is about no target.
    pub(super) fn nothing(own: OwnNetworkSpec) -> Self {
        let session = Session::Open { since: None, until: None };
        Self { session, maintenance: None, pause: None, parents: Vec::new(), own }
    }

    /// Whether something holds trouble of the target.
    pub(super) fn holds(&self) -> bool {
        self.maintenance.is_some() || self.parents.iter().any(|parent| parent.down)
    }

    /// What holds trouble of the target from being an incident of its own.
    pub(super) fn holder(&self) -> Option<Holder> {
        if let Some((name, until)) = &self.maintenance {
            return Some(Holder::Maintenance { name: name.clone(), until: *until });
        }
        let mut down = self.parents.iter().filter(|parent| parent.down);
        let parent = down.clone().find(|parent| !parent.settles).or_else(|| down.next())?;
        Some(Holder::Parent {
            id: parent.spec.id.clone(),
            name: parent.spec.name.clone(),
            settles: parent.settles,
        })
    }

    /// Parents of which nobody knows whether they were well between the beginning of trouble and its last sight: what is well
    /// again now may have been gone then.
    pub(super) fn unheard(&self, since: Timestamp, seen_at: Timestamp) -> impl Iterator<Item = &Parent> {
        self.parents.iter().filter(move |parent| parent.good_at.is_none_or(|at| at <= since || at > seen_at))
    }

    /// What holds every heal, and until when it is looked at again.
    pub(super) fn held(&self, now: Timestamp, look_again: Duration) -> Option<(Timestamp, Refusal)> {
        match self.holder() {
            Some(Holder::Maintenance { name, until }) => Some((until, Refusal::Maintenance(name))),
            Some(Holder::Parent { name, settles, .. }) => {
                let because = if settles { Refusal::ParentSettles(name) } else { Refusal::ParentDown(name) };
                Some((now.after(look_again), because))
            }
            None => {
                let pause = self.pause.as_ref()?;
                Some((pause.until, Refusal::Paused { by: pause.by.clone() }))
            }
        }
    }
}

/// When what the calendar and the windows say changes next, so that it is not worked out at every question.
#[derive(Clone, Debug, Default)]
pub(super) struct Hours {
    session: Option<Until<Session>>,
    maintenance: Option<Until<Option<(String, Timestamp)>>>,
}

/// What was worked out, and until when it holds; `None`: for ever.
type Until<T> = (T, Option<Timestamp>);

impl Hours {
    /// Works out what is no longer known at `now`.
    pub(super) fn refresh<'w>(
        &mut self,
        spec: &TargetSpec,
        windows: impl Iterator<Item = &'w Window> + Clone,
        now: Timestamp,
    ) {
        if !holds(self.session.as_ref(), now) {
            let session = spec.calendar.session(now);
            self.session = Some((session, session.until()));
        }
        if !holds(self.maintenance.as_ref(), now) {
            self.maintenance = Some(planned(spec, windows, now));
        }
    }

    /// The session at `now`.
    pub(super) fn session(&self, spec: &TargetSpec, now: Timestamp) -> Session {
        match &self.session {
            Some((session, _)) if holds(self.session.as_ref(), now) => *session,
            Some(_) | None => spec.calendar.session(now),
        }
    }

    /// The planned work at `now` on the target or on one that it depends on, and its end.
    pub(super) fn maintenance<'w>(
        &self,
        spec: &TargetSpec,
        windows: impl Iterator<Item = &'w Window> + Clone,
        now: Timestamp,
    ) -> Option<(String, Timestamp)> {
        match &self.maintenance {
            Some((known, _)) if holds(self.maintenance.as_ref(), now) => known.clone(),
            Some(_) | None => planned(spec, windows, now).0,
        }
    }

    /// Whether both are known at `now`, and no planned work is going on.
    pub(super) fn are_known_without_work(&self, now: Timestamp) -> bool {
        let no_work = matches!(self.maintenance, Some((None, _)));
        no_work && holds(self.session.as_ref(), now) && holds(self.maintenance.as_ref(), now)
    }

    /// When one of them changes.
    pub(super) fn change_at(&self) -> Option<Timestamp> {
        let session = self.session.as_ref().and_then(|(_, until)| *until);
        let maintenance = self.maintenance.as_ref().and_then(|(_, until)| *until);
        [session, maintenance].into_iter().flatten().min()
    }

    /// The windows are others now.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Whether what was worked out still holds at `now`.
fn holds<T>(known: Option<&Until<T>>, now: Timestamp) -> bool {
    known.is_some_and(|(_, until)| until.is_none_or(|until| now < until))
}

/// The planned work on a target at `now`, and when that changes.
fn planned<'w>(
    spec: &TargetSpec,
    windows: impl Iterator<Item = &'w Window> + Clone,
    now: Timestamp,
) -> Until<Option<(String, Timestamp)>> {
    let ids = || spec.depends_on.iter().chain(core::iter::once(&spec.id));
    let current = ids()
        .filter_map(|id| maintenance::current(windows.clone(), id, now))
        .max_by_key(|(_, ends)| *ends)
        .map(|(window, ends)| (window.name.clone(), ends));
    let next = windows
        .filter(|window| ids().any(|id| window.scope.has(id)))
        .filter_map(|window| window.when.next(now))
        .min();
    let until = [current.as_ref().map(|(_, ends)| *ends), next].into_iter().flatten().min();
    (current, until)
}

impl TargetState {
    /// How it looks to a target that depends on it.
    pub(super) fn as_parent(&self, spec: &Arc<TargetSpec>, now: Timestamp) -> Parent {
        let down = self.is_down();
        let settles = !down && self.down_at.is_some_and(|at| now.since(at) < PARENT_SETTLES);
        let fails = self
            .decisive()
            .any(|check| check.failures() > 0 && !matches!(check.verdict(), Verdict::Degraded(_)));
        Parent {
            spec: Arc::clone(spec),
            down: down || settles,
            settles,
            good_at: self.observed_good_at.filter(|_| !fails),
            fails,
        }
    }

    /// Whether it is believed to be down as last seen. An incident that stays open although the target is good just now is none.
    pub(super) fn is_down(&self) -> bool {
        let explains =
            |cause: &Cause| cause.severity == Severity::Critical && cause.check.is_some_and(matters);
        let open = self
            .incident
            .as_ref()
            .is_some_and(|incident| incident.successes == 0 && incident.causes.iter().any(explains));
        let suppressed = matches!(self.phase, Phase::Suppressed { by: Holder::Parent { .. } });
        let critical = |check: &CheckState| check.failing().is_some_and(|(_, bad)| bad == Severity::Critical);
        open || suppressed || self.decisive().any(critical)
    }

    /// The checks whose failure explains that of others: an expired certificate keeps nobody from working.
    pub(super) fn decisive(&self) -> impl Iterator<Item = &CheckState> {
        self.checks.iter().filter(|(id, _)| matters(**id)).map(|(_, check)| check)
    }
}

/// What others tell of the time: how far each of their clocks is ahead of ours, and when that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Witnesses {
    seen: BTreeMap<String, (Timestamp, i64)>,
    /// What they agreed on when that was last worked out.
    #[serde(default)]
    agreed: Option<(Timestamp, Option<i64>)>,
    /// What they last agreed on, however long ago: a clock does not mend itself while nobody can be heard.
    #[serde(default)]
    found_ms: Option<i64>,
}

/// So many witnesses are asked for their agreement at every word of theirs; more are asked after [`AGREEMENT_HOLDS`].
const WITNESSES_FEW: usize = 8;
const AGREEMENT_HOLDS: Duration = Duration::from_secs(10);

impl Witnesses {
    /// Takes in a `Date` header that `who` sent when our clock said `asked_at`.
    pub(super) fn hear(&mut self, who: &str, date: Timestamp, asked_at: Timestamp) {
        if self.seen.len() >= WITNESSES_MAX && !self.seen.contains_key(who) {
            return;
        }
        let ahead_ms = date.as_ms().saturating_sub(asked_at.as_ms());
        match self.seen.get_mut(who) {
            Some(known) => *known = (asked_at, ahead_ms),
            None => drop(self.seen.insert(String::from(who), (asked_at, ahead_ms))),
        }
        let holds = |at: Timestamp| asked_at.since(at) < AGREEMENT_HOLDS;
        if self.seen.len() <= WITNESSES_FEW || !self.agreed.is_some_and(|(at, _)| holds(at)) {
            let agreement = self.agreement(asked_at);
            self.agreed = Some((asked_at, agreement));
            self.found_ms = agreement.or(self.found_ms);
        }
    }

    /// How far our clock is off, in ms, positive where others are ahead; `None` where too few tell or they do not agree.
    pub(super) fn ahead_ms(&self, now: Timestamp) -> Option<i64> {
        let (at, ahead) = self.agreed?;
        ahead.filter(|_| now.since(at) <= DATES_COUNT)
    }

    /// Beacons are hosts of strangers: where they tell the time, nobody else is asked.
    fn agreement(&self, now: Timestamp) -> Option<i64> {
        let recent = |beacons: bool| -> Vec<i64> {
            self.seen
                .iter()
                .filter(|(who, (at, _))| who.starts_with(BEACON) == beacons && now.since(*at) <= DATES_COUNT)
                .map(|(_, (_, ahead))| *ahead)
                .collect()
        };
        let beacons = recent(true);
        let (mut heard, least) =
            if beacons.is_empty() { (recent(false), WITNESSES_MIN) } else { (beacons, 1) };
        heard.sort_unstable();
        let middle = *heard.get(heard.len() / 2)?;
        let agreeing = heard.iter().filter(|ahead| (*ahead - middle).abs() <= AGREE_MS).count();
        (agreeing >= least && agreeing * 2 > heard.len()).then_some(middle)
    }
}

/// Prefix of the names of beacons among the witnesses.
pub(super) const BEACON: &str = "beacon ";

impl OwnState {
    /// What was seen of ourselves under another clock says nothing.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        *self = Self { next_at: now, store_ms: self.store_ms, ..Self::default() };
    }

    /// Another start has another clock.
    pub(super) fn starts_again(&mut self) {
        self.in_flight_until = None;
        self.witnesses = Witnesses::default();
    }

    /// How wrong our own clock is, if more than `most`, as far as others last agreed.
    pub(super) fn clock_wrong(&self, most: Duration) -> Option<Duration> {
        let off = Duration::from_millis(self.witnesses.found_ms?.unsigned_abs());
        (off > most).then_some(off)
    }

    /// How long Rebound itself was held up in the time from `from` on, if for more than `most`.
    pub(super) fn held_up(&self, most: Duration, from: Timestamp) -> Option<Duration> {
        let (at, lag) = self.lag?;
        (lag > most && at >= from).then_some(lag)
    }
}

#[cfg(test)]
#[path = "around_tests.rs"]
mod tests;
