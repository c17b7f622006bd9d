//! Who is told of drills: one message for each that failed, one when one passes again, one for all that were missed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::Command;
use super::super::desk::Matter;
use super::super::run::Monitor;
use super::Drills;
use crate::alert::{AlertPolicy, AlertReason, Message};
use crate::count::counted;
use crate::drill::{Drill, DrillState, Proof};
use crate::ids::TargetId;
use crate::incident::Severity;

/// Most things that one message tells one by one.
const TOLD_ONE_BY_ONE: usize = 10;

impl Monitor {
    /// Tells what came of a drill where that is news.
    pub(super) fn tell_drill(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        let Some(drill) = self.drill(id).cloned() else { return };
        match &drill.state {
            DrillState::Failed => self.tell_failed(id, &drill, out),
            DrillState::Passed => self.tell_passed(id, out),
            DrillState::PutOff(_)
            | DrillState::Running
            | DrillState::NotProven
            | DrillState::BrokenOff(_)
            | DrillState::Missed(_) => return,
        }
        if !self.watched.values().any(|watched| is_missed(watched.state.drills.last())) {
            self.desk(out).resolve(|alert| alert.reason == AlertReason::DrillMissed);
        }
    }

    fn tell_failed(&mut self, id: &TargetId, drill: &Drill, out: &mut Vec<Command>) {
        let message = failed(&self.config.alerts, &self.named(id), drill);
        let mut desk = self.desk(out);
        // The new message says all of it: the one before has no more to say.
        desk.resolve(|alert| alert.reason == AlertReason::DrillFailed && alert.target.as_ref() == Some(id));
        let channels = desk.raise(Matter {
            reason: AlertReason::DrillFailed,
            severity: Severity::Warning,
            target: Some(id),
            incident: None,
            same_as: None,
            announced: &[],
            message,
        });
        if let Some(drills) = self.drills_of(id) {
            let told = drills.told.get_or_insert_default();
            for channel in channels.unwrap_or_default() {
                if !told.contains(&channel) {
                    told.push(channel);
                }
            }
        }
    }

    fn tell_passed(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        let Some(announced) = self.drills_of(id).and_then(|drills| drills.told.take()) else { return };
        let name = self.named(id);
        let policy = &self.config.alerts;
        let message = Message {
            title: String::from("the fire drill passed again"),
            about: name,
            facts: Vec::new(),
            advice: None,
            link: link(policy),
        };
        let mut desk = self.desk(out);
        desk.resolve(|alert| alert.reason == AlertReason::DrillFailed && alert.target.as_ref() == Some(id));
        let _channels = desk.raise(Matter {
            reason: AlertReason::DrillPassed,
            severity: Severity::Info,
            target: Some(id),
            incident: None,
            same_as: None,
            announced: &announced,
            message,
        });
    }

    /// Tells of drills that were due and not held.
    pub(super) fn tell_missed(&mut self, missed: &[TargetId], out: &mut Vec<Command>) {
        let Some(first) = missed.first() else { return };
        let because = self.drill(first).and_then(|drill| drill.state.because().map(String::from));
        let facts = missed.iter().take(TOLD_ONE_BY_ONE).filter_map(|id| {
            let drill = self.drill(id)?;
            Some((self.named(id), format!("due on {}: {}", drill.due, drill.state.because()?)))
        });
        let mut facts: Vec<(String, String)> = facts.collect();
        let more = missed.len().saturating_sub(TOLD_ONE_BY_ONE);
        if more > 0 {
            facts.push((String::from("And"), format!("{more} more")));
        }
        let policy = &self.config.alerts;
        let message = Message {
            title: match missed {
                [_] => format!("a fire drill was missed: {}", because.unwrap_or_default()),
                many => format!("{} were missed", counted(many.len(), "fire drill", "fire drills")),
            },
            about: policy.site.clone(),
            facts,
            advice: Some(String::from(
                "Rehearse by hand on the page of readiness, or wait for the next one.",
            )),
            link: link(policy),
        };
        let mut desk = self.desk(out);
        desk.resolve(|alert| alert.reason == AlertReason::DrillMissed);
        let _channels = desk.raise(Matter::of_rebound(AlertReason::DrillMissed, Severity::Warning, message));
    }

    /// A test alert that has not arrived is not sent any more once its drills are over: a late one would only startle.
    pub(super) fn call_off_test_alert(&mut self, id: &TargetId, out: &mut Vec<Command>) {
        let Some(alert) = self.drill(id).and_then(|drill| drill.alert) else { return };
        let of_it = |drills: &Drills| {
            drills.last().is_some_and(|drill| drill.alert == Some(alert) && !drill.is_over())
        };
        if self.watched.values().any(|watched| of_it(&watched.state.drills)) {
            return;
        }
        self.desk(out).call_off(alert);
    }
}

fn is_missed(drill: Option<&Drill>) -> bool {
    drill.is_some_and(|drill| matches!(drill.state, DrillState::Missed(_)))
}

/// The message that proves a way to people. Nobody must take it for an emergency.
pub(super) fn test_message(policy: &AlertPolicy, targets: Vec<String>, by: Option<&str>) -> Message {
    let mut names = targets.iter().take(TOLD_ONE_BY_ONE).cloned().collect::<Vec<_>>().join(", ");
    let more = targets.len().saturating_sub(TOLD_ONE_BY_ONE);
    if more > 0 {
        names.push_str(&format!(" and {more} more"));
    }
    let by = by.map_or_else(|| String::from("the schedule"), String::from);
    Message {
        title: String::from("this is a fire drill: nothing is wrong"),
        about: policy.site.clone(),
        facts: alloc::vec![
            (String::from("Rehearsed"), names),
            (String::from("Asked by"), by),
            (String::from("Meaning"), String::from("a critical alert would reach you this way")),
        ],
        advice: None,
        link: link(policy),
    }
}

fn failed(policy: &AlertPolicy, name: &str, drill: &Drill) -> Message {
    let bad: Vec<_> = drill.with(Proof::Failed).collect();
    let title = match bad.as_slice() {
        [one] => format!("the fire drill failed: {}", one.name),
        many => format!("the fire drill failed: {} of {} steps", many.len(), drill.steps.len()),
    };
    let stopless = |text: &str| String::from(text.strip_suffix('.').unwrap_or(text));
    let mut facts: Vec<(String, String)> =
        bad.iter().take(TOLD_ONE_BY_ONE).map(|step| (step.name.clone(), stopless(&step.said))).collect();
    let more = bad.len().saturating_sub(TOLD_ONE_BY_ONE);
    if more > 0 {
        facts.push((String::from("And"), format!("{more} more")));
    }
    let mut advice: Vec<&str> = Vec::new();
    for mend in bad.iter().filter_map(|step| step.mend.as_deref()) {
        if advice.len() < TOLD_ONE_BY_ONE && !advice.contains(&mend) {
            advice.push(mend);
        }
    }
    let advice = Some(advice.join(" ")).filter(|advice| !advice.is_empty());
    Message { title, about: String::from(name), facts, advice, link: link(policy) }
}

/// The page that shows drills.
fn link(policy: &AlertPolicy) -> Option<String> {
    policy.link_base.as_ref().map(|base| format!("{base}/readiness#drills"))
}
