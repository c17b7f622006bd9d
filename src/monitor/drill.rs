//! Fire drills: when one begins, waits, is broken off or is missed, and what is remembered of them.
//!
//! A drill does no remedy, lifts no hold and opens no incident. It gives way to whatever is real: with an open incident, planned
//! work, a pause or a parent that is down it does not begin, and ends at once where it runs. Its steps are in [`steps`]; who is
//! told of it in [`telling`].

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::desk::GRACE;
use super::run::Monitor;
use super::{AskedState, Command, Fact};
use crate::count::counted;
use crate::drill::{Drill, DrillState, Proof};
use crate::ids::TargetId;
use crate::time::{Timestamp, spoken};

mod steps;

mod telling;

/// Most drills of one target that are remembered for people; half a year of weeks. The journal has the others.
const DRILLS_KEPT: usize = 26;
/// How late a drill may begin: what held it is over then, or it counts as missed.
const LATE_MAX: Duration = Duration::from_secs(6 * 3_600);
/// How often it is looked whether what holds a drill is over.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Longest time for a drill; what is not proven then is not.
const DRILL_MAX: Duration = Duration::from_secs(120);
/// Most drills at the same time. Each looks at others' servers and writes a few kB; the others wait for them.
const AT_ONCE_MAX: usize = 8;
/// Most requests for drills that wait for their end.
const REQUESTS_WAITING_MAX: usize = 20;

/// Why a drill waits that nothing holds.
const IN_LINE: &str = "others are rehearsed first";
/// Why a drill ended that ran when Rebound did.
const STOPPED: &str = "Rebound was stopped while it ran";
/// Why a drill is not held that was put off.
const NOT_SCHEDULED: &str = "drills are not scheduled any more";
/// Why a drill was missed that was due while nobody looked.
const NOT_RUNNING: &str = "Rebound did not run when it was due";

/// What is remembered of the drills of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drills {
    /// Newest first; only the first may not be over.
    newest: Vec<Drill>,
    /// The last time of the schedule that was seen to; `None`: none is scheduled.
    minded_at: Option<Timestamp>,
    /// Channels that told of a drill that failed, since when none has passed.
    told: Option<Vec<String>>,
}

impl Drills {
    /// Whether there is nothing to remember.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Newest first.
    #[must_use]
    pub fn list(&self) -> &[Drill] {
        &self.newest
    }

    /// The newest, whether it is over or not.
    pub(super) fn last(&self) -> Option<&Drill> {
        self.newest.first()
    }

    /// The one that runs or waits.
    fn current(&mut self) -> Option<&mut Drill> {
        self.newest.first_mut().filter(|drill| !drill.is_over())
    }

    /// Whether one runs just now.
    pub(super) fn runs(&self) -> bool {
        self.last().is_some_and(|drill| drill.state == DrillState::Running)
    }

    fn add(&mut self, drill: Drill) {
        self.newest.insert(0, drill);
        self.newest.truncate(DRILLS_KEPT);
    }

    /// Nothing was done after `now`: the clock was set back.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.minded_at = self.minded_at.map(|at| at.min(now));
        if let Some(drill) = self.current() {
            drill.due = drill.due.min(now);
        }
    }
}

/// A request of a person that waits for the end of drills.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rehearsal {
    request: u64,
    /// Whose drills are held.
    ids: Vec<TargetId>,
    /// When they were asked for.
    due: Timestamp,
    /// Whose are not, and why, as the end of a sentence.
    left_out: String,
}

/// Which drills run and wait. Follows from what is remembered of each target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rehearsals {
    running: BTreeSet<TargetId>,
    waiting: BTreeSet<TargetId>,
    /// When the schedule and what waits are looked at next.
    look_at: Option<Timestamp>,
    /// Requests that wait for the end of these drills, which were due then.
    asked: Vec<Rehearsal>,
}

impl Monitor {
    /// When the monitor must be woken for drills.
    pub(super) fn drills_due(&self) -> Option<Timestamp> {
        let ends = self.rehearsals.running.iter().filter_map(|id| self.drill(id)?.began);
        ends.map(|began| began.after(DRILL_MAX)).chain(self.rehearsals.look_at).min()
    }

    /// Other targets are watched than before, or others are rehearsed.
    pub(super) fn drills_changed(&mut self) {
        let policy = &self.config.drills;
        let (mut running, mut waiting) = (BTreeSet::new(), BTreeSet::new());
        for watched in self.watched.values_mut() {
            let drills = &mut watched.state.drills;
            if policy.schedule.is_none() || !policy.scope.has(&watched.spec.id) {
                drills.minded_at = None;
            }
            if let Some(drill) = drills.current() {
                let list = if drill.state == DrillState::Running { &mut running } else { &mut waiting };
                list.insert(watched.spec.id.clone());
            }
        }
        let wanted = policy.schedule.is_some() || !waiting.is_empty();
        (self.rehearsals.running, self.rehearsals.waiting) = (running, waiting);
        self.rehearsals.look_at = wanted.then_some(self.now);
    }

    /// A drill that ran when its server went proves nothing.
    pub(super) fn drill_was_lost(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        if self.drill(id).is_some_and(|drill| drill.state == DrillState::Running) {
            self.end_drill(id, DrillState::BrokenOff(STOPPED.to_owned()), out);
        }
    }

    /// Begins what is due, and what waited and is held no longer.
    pub(super) fn mind_drills(&mut self, out: &mut Vec<Command>) {
        self.follow_drills(out);
        if self.rehearsals.look_at.is_none_or(|at| at > self.now) {
            return;
        }
        // What waits comes first: once it is missed, the next can be due.
        let mut missed = self.mind_waiting(out);
        missed.extend(self.note_due(out));
        missed.extend(self.mind_waiting(out));
        self.tell_missed(&missed, out);
        let schedule = self.config.drills.schedule.as_ref();
        let again = (!self.rehearsals.waiting.is_empty()).then(|| self.now.after(LOOK_AGAIN));
        let next = schedule.and_then(|schedule| schedule.next(self.now));
        self.rehearsals.look_at = [again, next].into_iter().flatten().min();
    }

    /// Begins what waits and is held no longer, and returns what waited too long.
    fn mind_waiting(&mut self, out: &mut Vec<Command>) -> Vec<TargetId> {
        let waiting = self.rehearsals.waiting.clone();
        waiting.iter().filter_map(|id| self.begin_or_wait(id, out)).collect()
    }

    /// Looks what became of the drills that run.
    pub(super) fn follow_drills(&mut self, out: &mut Vec<Command>) {
        if self.rehearsals.running.is_empty() {
            return;
        }
        for id in self.rehearsals.running.clone() {
            self.follow_drill(&id, out);
        }
        self.reschedule_drills();
        self.reschedule_deliveries();
    }

    /// Somebody asks for a drill of a target, or of all.
    pub(super) fn drill_by_hand(
        &mut self,
        request: u64,
        by: &str,
        target: Option<&TargetId>,
        out: &mut Vec<Command>,
    ) -> AskedState {
        if self.rehearsals.asked.len() >= REQUESTS_WAITING_MAX {
            let why = format!("{REQUESTS_WAITING_MAX} requests already wait for the end of drills.");
            return AskedState::Refused(why);
        }
        let ids: Vec<TargetId> = match target {
            Some(id) => alloc::vec![id.clone()],
            None => self.watched.ids().cloned().collect(),
        };
        let (mut begun, mut refused) = (Vec::new(), Vec::new());
        for id in ids {
            match self.why_not_now(&id) {
                Some(why) => refused.push(format!("{}: {why}", self.named(&id))),
                None => begun.push(id),
            }
        }
        let left_out = if refused.is_empty() {
            String::new()
        } else {
            format!(" Not rehearsed: {}.", refused.join("; "))
        };
        if begun.is_empty() {
            let nothing = if refused.is_empty() { " Nothing is watched here." } else { left_out.as_str() };
            return AskedState::Refused(nothing.trim_start().to_owned());
        }
        let due = self.now;
        for id in &begun {
            self.line_up(id, due, Some(by));
        }
        for id in &begun {
            // Those that are due later are looked at with the others.
            let _missed = self.begin_or_wait(id, out);
        }
        self.look_at_drills_soon();
        let left = left_out.clone();
        self.rehearsals.asked.push(Rehearsal { request, ids: begun.clone(), due, left_out: left });
        let names: Vec<String> = begun.iter().map(|id| self.named(id)).collect();
        let whom = match names.as_slice() {
            [one] => one.clone(),
            many => counted(many.len(), "target", "targets"),
        };
        AskedState::Running(format!("An emergency of {whom} is being rehearsed.{left_out}"))
    }

    /// Puts what is due in line, and returns what is too late.
    fn note_due(&mut self, out: &mut Vec<Command>) -> Vec<TargetId> {
        let Some(schedule) = self.config.drills.schedule.clone() else { return Vec::new() };
        let scope = self.config.drills.scope.clone();
        let (now, mut missed) = (self.now, Vec::new());
        let ids: Vec<TargetId> = self.watched.ids().filter(|id| scope.has(id)).cloned().collect();
        for id in ids {
            let Some(drills) = self.drills_of(&id) else { continue };
            let Some(since) = drills.minded_at else {
                drills.minded_at = Some(now);
                continue;
            };
            let Some((due, count)) = schedule.due(since, now) else { continue };
            drills.minded_at = Some(due);
            if drills.current().is_some() {
                // It is being rehearsed just now, or waits for it.
                continue;
            }
            self.line_up(&id, due, None);
            if now.since(due) >= LATE_MAX {
                let more = match count {
                    1 => String::new(),
                    more => format!(", and {} before it", counted(more - 1, "drill", "drills")),
                };
                self.end_drill(&id, DrillState::Missed(format!("{NOT_RUNNING}{more}")), out);
                missed.push(id);
            }
        }
        missed
    }

    fn line_up(&mut self, id: &TargetId, due: Timestamp, by: Option<&str>) {
        let drill = Drill {
            target: id.clone(),
            due,
            by: by.map(str::to_owned),
            began: None,
            ended: None,
            state: DrillState::PutOff(IN_LINE.to_owned()),
            steps: Vec::new(),
            alert: None,
        };
        if let Some(drills) = self.drills_of(id) {
            drills.add(drill);
            self.rehearsals.waiting.insert(id.clone());
        }
    }

    /// Begins a drill that waits, or says what it waits for. Returns its target if it is missed now.
    fn begin_or_wait(&mut self, id: &TargetId, out: &mut Vec<Command>) -> Option<TargetId> {
        let held = self.drill_held_by(id);
        let (now, has_room) = (self.now, self.rehearsals.running.len() < AT_ONCE_MAX);
        let scheduled = self.config.drills.schedule.is_some();
        let drill = self.drills_of(id)?.current()?;
        let DrillState::PutOff(before) = drill.state.clone() else { return None };
        if now.since(drill.due) >= LATE_MAX {
            self.end_drill(id, DrillState::Missed(held.unwrap_or(before)), out);
            return Some(id.clone());
        }
        if drill.by.is_none() && !scheduled {
            self.end_drill(id, DrillState::BrokenOff(NOT_SCHEDULED.to_owned()), out);
            return None;
        }
        match held {
            None if has_room => self.begin_drill(id, out),
            // Whoever asked is there to ask again.
            Some(why) if drill.by.is_some() => self.end_drill(id, DrillState::BrokenOff(why), out),
            Some(why) if why != before => {
                drill.state = DrillState::PutOff(why);
                self.record_drill(id, out);
            }
            Some(_) | None => {}
        }
        None
    }

    fn follow_drill(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        if let Some(why) = self.drill_held_by(id) {
            self.end_drill(id, DrillState::BrokenOff(why), out);
            return;
        }
        self.prove_by_what_is_known(id);
        let now = self.now;
        let Some(drill) = self.drills_of(id).and_then(Drills::current) else { return };
        if drill.with(Proof::Waiting).next().is_some() {
            if drill.began.is_none_or(|began| now.since(began) < DRILL_MAX) {
                return;
            }
            self.prove_by_silence(id);
        }
        let Some(drill) = self.drill(id) else { return };
        let state = if drill.with(Proof::Failed).next().is_some() {
            DrillState::Failed
        } else if drill.with(Proof::NotKnown).next().is_some() {
            DrillState::NotProven
        } else {
            DrillState::Passed
        };
        self.end_drill(id, state, out);
    }

    fn end_drill(&mut self, id: &TargetId, state: DrillState, out: &mut Vec<Command>) {
        let now = self.now;
        let Some(drill) = self.drills_of(id).and_then(Drills::current) else { return };
        (drill.state, drill.ended) = (state, Some(now));
        self.rehearsals.running.remove(id);
        self.rehearsals.waiting.remove(id);
        self.record_drill(id, out);
        self.call_off_test_alert(id, out);
        self.tell_drill(id, out);
        self.answer_drills(out);
        self.look_at_drills_soon();
    }

    /// Where others wait for their turn, it has come perhaps.
    fn look_at_drills_soon(&mut self) {
        if !self.rehearsals.waiting.is_empty() {
            let soon = self.now.after(LOOK_AGAIN);
            self.rehearsals.look_at = Some(self.rehearsals.look_at.map_or(soon, |at| at.min(soon)));
        }
        self.reschedule_drills();
    }

    /// Answers requests whose drills are over.
    fn answer_drills(&mut self, out: &mut Vec<Command>) {
        let asked = core::mem::take(&mut self.rehearsals.asked);
        let (over, open) = asked.into_iter().partition(|asked: &Rehearsal| {
            asked.ids.iter().all(|id| self.drill_due(id, asked.due).is_none_or(Drill::is_over))
        });
        self.rehearsals.asked = open;
        let over: Vec<Rehearsal> = over;
        for Rehearsal { request, ids, due, left_out } in over {
            let said: Vec<String> = ids
                .iter()
                .filter_map(|id| Some(format!("{}: {}", self.named(id), in_words(self.drill_due(id, due)?))))
                .collect();
            let target = if let [one] = ids.as_slice() { Some(one.clone()) } else { None };
            self.desk(out).answer(request, target.as_ref(), AskedState::Done(said.join(" ") + &left_out));
        }
    }

    fn record_drill(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        if let Some(drill) = self.drill(id).cloned() {
            self.desk(out).record(Some(id), None, Fact::Drill(alloc::boxed::Box::new(drill)));
        }
    }

    /// Why a drill by hand does not begin now.
    fn why_not_now(&self, id: &TargetId) -> Option<String> {
        let busy = self.drill(id).filter(|drill| !drill.is_over());
        self.drill_held_by(id)
            .or_else(|| busy.map(|drill| format!("a drill is {} already", drill.state.word())))
    }

    /// What is real, and must not be disturbed by a rehearsal.
    fn drill_held_by(&self, id: &TargetId) -> Option<String> {
        let watched = self.watched.get(id)?;
        if let Some(incident) = &watched.state.incident {
            return Some(format!("incident {} is open", incident.id));
        }
        let held = self.around(watched, self.now).held(self.now, GRACE);
        held.map(|(_, because)| because.to_string())
    }

    /// The newest drill of a target.
    pub(super) fn drill(&self, id: &TargetId) -> Option<&Drill> {
        self.watched.get(id)?.state.drills.last()
    }

    fn drill_due(&self, id: &TargetId, due: Timestamp) -> Option<&Drill> {
        self.watched.get(id)?.state.drills.newest.iter().find(|drill| drill.due == due)
    }

    fn drills_of(&mut self, id: &TargetId) -> Option<&mut Drills> {
        let place = self.watched.place(id)?;
        self.watched.at_mut(place).map(|watched| &mut watched.state.drills)
    }

    fn named(&self, id: &TargetId) -> String {
        self.watched.get(id).map_or_else(|| id.to_string(), |watched| watched.spec.name.clone())
    }
}

/// What came of a drill, as a sentence.
pub(super) fn in_words(drill: &Drill) -> String {
    let all = counted(drill.steps.len(), "step", "steps");
    let step = |proof: Proof| {
        let mut steps = drill.with(proof);
        let first = steps.next().map(|step| format!("{}: {}", step.name, step.said)).unwrap_or_default();
        let more = steps.count();
        if more > 0 { format!("{first} {more} more.") } else { first }
    };
    let took = drill.began.zip(drill.ended).map(|(began, ended)| spoken(ended.since(began)));
    match &drill.state {
        DrillState::PutOff(because) => format!("The drill is put off: {because}."),
        DrillState::Running => {
            let done = drill.steps.len() - drill.with(Proof::Waiting).count();
            format!("The drill runs: {done} of {all} are over.")
        }
        DrillState::Passed => {
            format!("The drill passed: {all} proven in {}.", took.unwrap_or_default())
        }
        DrillState::Failed => format!("The drill failed. {}", step(Proof::Failed)),
        DrillState::NotProven => {
            format!("The drill proves nothing as long as this is not known. {}", step(Proof::NotKnown))
        }
        DrillState::BrokenOff(because) => format!("The drill was broken off: {because}."),
        DrillState::Missed(because) => format!("The drill was missed: {because}."),
    }
}

#[cfg(test)]
#[path = "drill_tests.rs"]
mod tests;
