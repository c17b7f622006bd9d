//! Fire drills, as the board shows them: of each target the last one and the next, and what that means for an emergency.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::Monitor;
use super::super::drill::in_words;
use super::super::roll::Watched;
use super::readiness::item;
use crate::drill::{Drill, DrillState, Proof};
use crate::time::Timestamp;
use crate::view::{DrillView, ReadinessGroup, ReadinessState, ReadinessView, Tone};

impl Monitor {
    /// The drills of what is watched, in the order of configuration.
    pub(super) fn drill_views(&self, now: Timestamp) -> Vec<DrillView> {
        let specs = self.config.targets.iter().filter_map(|spec| self.watched.get(&spec.id));
        specs.map(|watched| self.drill_view(watched, now)).collect()
    }

    fn drill_view(&self, watched: &Watched, now: Timestamp) -> DrillView {
        let last = watched.state.drills.last();
        let says = match last {
            Some(drill) => in_words(drill),
            None => String::from("No drill was held yet."),
        };
        DrillView {
            target: watched.spec.id.clone(),
            name: watched.spec.name.clone(),
            server: None,
            word: last.map(|drill| String::from(drill.state.word())),
            tone: last.map_or(Tone::Resting, |drill| drill.state.tone()),
            says,
            mend: last.and_then(mend),
            due: last.map(|drill| drill.due),
            ended: last.and_then(|drill| drill.ended),
            next_at: self.next_drill(watched, now),
        }
    }

    fn next_drill(&self, watched: &Watched, now: Timestamp) -> Option<Timestamp> {
        let policy = &self.config.drills;
        let schedule = policy.schedule.as_ref().filter(|_| policy.scope.has(&watched.spec.id))?;
        schedule.next(now)
    }

    /// What the last drill of each target means for the next emergency.
    pub(super) fn drill_items(&self, now: Timestamp) -> Vec<ReadinessView> {
        let watched = || self.watched.values();
        let is_set_up =
            |one: &Watched| one.state.drills.last().is_some() || self.next_drill(one, now).is_some();
        if !watched().any(is_set_up) {
            let about = item(String::from("drills"), ReadinessGroup::Drills, String::from("Fire drills"));
            return alloc::vec![ReadinessView {
                state: ReadinessState::NotSetUp,
                detail: String::from(
                    "None is scheduled and none was held. A drill rehearses an emergency and proves each step, without touching anything \
                     that trades.",
                ),
                emergency: String::from("What was never rehearsed is tried for the first time then."),
                mend: Some(String::from(
                    "Press \"Rehearse now\", or write a [drills] section; docs/CONFIG.md has an example."
                )),
                ..about
            }];
        }
        watched().filter(|one| is_set_up(one)).map(|one| self.drill_item(one, now)).collect()
    }

    fn drill_item(&self, watched: &Watched, now: Timestamp) -> ReadinessView {
        let name = &watched.spec.name;
        let about = item(
            format!("drills/{}", watched.spec.id),
            ReadinessGroup::Drills,
            format!("{name}: last fire drill"),
        );
        let next = self.next_drill(watched, now);
        let Some(drill) = watched.state.drills.last() else {
            let next = next.map_or_else(String::new, |next| format!(" The first is due on {next}."));
            return ReadinessView {
                state: ReadinessState::NotSetUp,
                detail: format!("No drill was held yet.{next}"),
                emergency: String::from("What was never rehearsed is tried for the first time then."),
                mend: Some(String::from("Press \"Rehearse now\" to hold one today.")),
                ..about
            };
        };
        // While one runs or waits, the one before it counts.
        let drill = watched.state.drills.list().iter().find(|drill| drill.is_over()).unwrap_or(drill);
        let (state, emergency) = match &drill.state {
            DrillState::Passed => {
                (ReadinessState::Ready, "Each step would do its part, as it did in the drill.")
            }
            DrillState::Failed => (ReadinessState::NotReady, "It would fail as the drill did."),
            DrillState::Missed(_) => (ReadinessState::AtRisk, "It would go as it can: it was not rehearsed."),
            DrillState::PutOff(_)
            | DrillState::Running
            | DrillState::NotProven
            | DrillState::BrokenOff(_) => {
                (ReadinessState::Unknown, "Whether each step would do its part is not known.")
            }
        };
        let mend = mend(drill).map(|mend| format!("{mend} Then press \"Rehearse now\"."));
        let again = || String::from("Press \"Rehearse now\", or wait for the next drill.");
        ReadinessView {
            state,
            detail: in_words(drill),
            checked_at: drill.ended.or(drill.began),
            emergency: String::from(emergency),
            mend: mend.or_else(|| state.needs_a_look().then(again)),
            ..about
        }
    }
}

/// What to do about the first step that is not proven.
fn mend(drill: &Drill) -> Option<String> {
    let step =
        drill.with(Proof::Failed).chain(drill.with(Proof::NotKnown)).find_map(|step| step.mend.clone());
    step.filter(|_| drill.is_over())
}
