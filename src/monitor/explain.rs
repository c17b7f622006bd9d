//! Explains a target: why it is in its phase, what would heal it, what it waits for, when it is looked at next.
//!
//! Says only what the decisions are made from; decides nothing.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::around::Around;
use super::board::phase_detail;
use super::watch::TargetState;
use crate::count::counted;
use crate::heal::{HealPlan, Mode, PositionPolicy, Refusal, Remedy, Rung, cannot_help, positions_in_words};
use crate::ids::IncidentId;
use crate::incident::Phase;
use crate::reason::{Help, Reason};
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::verdict::Verdict;
use crate::view::{Explained, RungView};

/// A target with what surrounds it, at a moment.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) spec: &'a TargetSpec,
    pub(super) state: &'a TargetState,
    pub(super) around: &'a Around,
    pub(super) store_works: bool,
    pub(super) now: Timestamp,
}

impl Scene<'_> {
    /// Every question with its answer.
    pub(super) fn explain(&self) -> Vec<Explained> {
        let answers = [
            ("Why is it in this phase?", self.why()),
            ("What would heal it?", self.what_would_heal()),
            ("What is it waiting for?", self.waiting_for()),
            ("When is the next look?", self.next_look()),
        ];
        answers
            .into_iter()
            .map(|(question, answer)| Explained { question: String::from(question), answer })
            .collect()
    }

    fn why(&self) -> String {
        let mut sentences = alloc::vec![format!("{}: {}", self.state.phase.word(), phase_detail(self.state))];
        for (check, reason) in self.failing() {
            sentences.push(format!("{check}: {reason}."));
        }
        if let Some(layer) = self.state.incident.as_ref().and_then(|incident| incident.layer) {
            sentences.push(format!("The fault lies in {}.", layer.word()));
        }
        let unsure =
            self.state.checks.iter().filter(|(_, check)| check.failures() > 0 && !check.is_believed());
        for (id, check) in unsure {
            let needed =
                self.spec.checks.iter().find(|spec| spec.id == *id).map_or(1, |spec| spec.failures_to_open);
            sentences.push(format!("{id} failed {} of {needed} times in a row.", check.failures()));
        }
        for (id, check) in &self.state.checks {
            if let Verdict::Unknown(reason) = check.verdict() {
                sentences.push(format!("{id} is not known: {reason}."));
            }
        }
        sentences.join(" ")
    }

    fn failing(&self) -> impl Iterator<Item = (&'static str, &Reason)> {
        self.state
            .checks
            .iter()
            .filter_map(|(id, check)| check.failing().map(|(reason, _)| (id.name(), reason)))
    }

    fn what_would_heal(&self) -> String {
        let Some(incident) = &self.state.incident else {
            return format!("Nothing is to be healed. {}", self.forecast());
        };
        let person: Vec<&str> = self
            .failing()
            .filter_map(|(_, reason)| match reason.help() {
                Help::Person(advice) | Help::Slots(advice) => Some(advice),
                Help::Heal { .. } | Help::Nothing => None,
            })
            .collect();
        let rungs: Vec<String> = self
            .rungs()
            .into_iter()
            .map(|rung| format!("\"{}\" ({}): {}", rung.name, rung.rung, rung.says))
            .collect();
        let mut sentences = rungs;
        sentences.extend(person.into_iter().map(String::from));
        if let Some(stopped) = &incident.stopped {
            sentences.push(format!("{} stopped healing of this incident.", stopped.by));
        }
        if sentences.is_empty() {
            sentences.push(String::from("No remedy is configured for this target."));
        }
        sentences.join(" ")
    }

    fn was_tried(&self, remedy: &Remedy) -> bool {
        self.state.incident.as_ref().is_some_and(|incident| incident.tried().contains(&remedy.name))
    }

    fn waiting_for(&self) -> String {
        let phase = self.phase_waits_for();
        self.flap_hold().map_or_else(|| phase.clone(), |hold| format!("{phase} {hold}"))
    }

    /// Until when the incident of a target that comes and goes stays open, or what it takes.
    fn flap_hold(&self) -> Option<String> {
        let incident = self.state.incident.as_ref().filter(|incident| incident.flapping)?;
        let hold = self.spec.thresholds.flap_hold;
        let ends = self.state.good_since.filter(|_| incident.successes > 0).map(|since| since.after(hold));
        Some(match ends.filter(|ends| *ends > self.now) {
            Some(ends) => {
                format!("It comes and goes: its incident ends if it stays good until {}.", ends.clock())
            }
            None => {
                let hold = spoken(hold);
                format!(
                    "It comes and goes: its incident ends only after it was good for {hold} without a break."
                )
            }
        })
    }

    fn phase_waits_for(&self) -> String {
        let until = |until: Timestamp| format!("until {}", until.clock());
        match &self.state.phase {
            Phase::Healthy => String::from("Nothing."),
            Phase::Suspect { .. } => String::from("For the same to be seen again, or not."),
            Phase::Waiting { because: because @ Refusal::PositionsOpen(..), .. } => {
                format!("For open positions to be closed: {because}.")
            }
            Phase::Waiting { because: because @ Refusal::CannotTell(_), .. } => {
                format!("For an observation that tells: {because}.")
            }
            Phase::Waiting { because: Refusal::LookFirst, .. } => {
                String::from("For one more look, before anything is done.")
            }
            Phase::Waiting { until: at, because } => format!("It waits {}: {because}.", until(*at)),
            Phase::Healing { deadline, .. } => {
                format!("For the remedy to end, {} at most.", until(*deadline))
            }
            Phase::Verifying { from, until: at, .. } => {
                format!("For good observations asked from {} on, {} at most.", from.clock(), until(*at))
            }
            Phase::Escalated { .. } => String::from("For a person, or for good observations in a row."),
            Phase::Suppressed { by } => format!("For this to end: {by}."),
        }
    }

    fn next_look(&self) -> String {
        let at = self.state.probe.next_at;
        if self.state.probe.in_flight_until.is_some() {
            return String::from("It is being asked now.");
        }
        if at <= self.now {
            return String::from("Now.");
        }
        format!("At {}, in {}.", at.clock(), spoken(at.since(self.now)))
    }

    /// What can be said of each remedy now.
    pub(super) fn rungs(&self) -> Vec<RungView> {
        self.spec
            .heal
            .ladder
            .iter()
            .map(|remedy| RungView {
                name: remedy.name.clone(),
                rung: remedy.rung.to_string(),
                says: self.says(remedy),
            })
            .collect()
    }

    fn says(&self, remedy: &Remedy) -> String {
        let mut said = Vec::new();
        if self.state.positions.change.is_some() {
            said.push(String::from("not before somebody has seen what the last heal lost"));
        }
        if let Some(slot) = remedy.slot {
            said.push(format!("heals the slot of account {slot} only"));
        }
        let causes: Vec<&Reason> = self.failing().map(|(_, reason)| reason).collect();
        if self.was_tried(remedy) {
            said.push(String::from("was tried in this incident"));
        }
        let cannot = cannot_help(remedy, &causes);
        said.extend(cannot.map(String::from));
        for cause in causes.iter().filter(|_| cannot.is_none()) {
            match cause.help() {
                Help::Heal { from, .. } if remedy.rung < from => {
                    said.push(format!("too mild: {} needs at least {from}", cause.code()));
                }
                Help::Heal { through_bridge: false, .. } if remedy.through_bridge => {
                    said.push(String::from("goes through the bridge, which does not answer"));
                }
                Help::Heal { .. } | Help::Slots(_) | Help::Person(_) | Help::Nothing => {}
            }
        }
        if let Some(cause) = causes.first()
            && let Some((until, failures)) =
                self.state.ledger.rests_until(cause.code(), &remedy.name, self.now)
        {
            let failures = counted(failures, "failure", "failures");
            said.push(format!("rests until {until} after {failures} in a row against this fault"));
        }
        if remedy.rung >= Rung::Medium
            && self.spec.heal.positions != PositionPolicy::Now
            && let Some(open) = positions_in_words(self.state.positions.seen(), self.now)
        {
            let then = match self.spec.heal.positions {
                PositionPolicy::Now => String::new(),
                PositionPolicy::WaitUpTo(most) => format!("waits up to {}", spoken(most)),
                PositionPolicy::Ask => String::from("needs a person"),
            };
            said.push(format!("{open}: {then}"));
        }
        if said.is_empty() {
            said.push(String::from(if causes.is_empty() { "ready" } else { "can help" }));
        }
        format!("{}.", said.join("; "))
    }

    /// What a forced heal would do now, as a sentence.
    pub(super) fn forecast(&self) -> String {
        let asked = Reason::AskedByPerson(String::from("you"));
        let mode = Mode::Forced { cooldown_lifted: false, remedy: None };
        let held = self.around.held(self.now, super::desk::GRACE);
        let next = IncidentId::new(0);
        let plan = self.state.forced_plan_with(
            self.spec,
            mode,
            &asked,
            held.as_ref(),
            self.store_works,
            next,
            self.now,
        );
        match plan {
            HealPlan::Steps(steps) => steps.first().map_or_else(String::new, |remedy| {
                let again = if self.was_tried(remedy) {
                    "again, though it was tried in this incident,"
                } else {
                    "now"
                };
                let fault = self.failing().next().map_or(asked.code(), |(_, reason)| reason.code());
                let verify = spoken(self.state.ledger.verify_within(fault, remedy));
                format!(
                    "It would start \"{}\" ({}, {}) {again} and look for up to {verify} whether it helped.",
                    remedy.name, remedy.rung, remedy.action
                )
            }),
            HealPlan::Wait(_, because @ Refusal::StoreDown) => format!("It would not start: {because}."),
            HealPlan::Wait(until, because) => {
                format!("It would not start before {}: {because}.", until.clock())
            }
            HealPlan::Person(because) => format!("It would not start: {because}."),
        }
    }
}
