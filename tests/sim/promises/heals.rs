//! No heal of what is not broken, cannot be healed, or must not be touched now; and a look before every further act.

use std::time::Duration;

use rebound::heal::{PositionPolicy, Rung, StepOutcome};
use rebound::monitor::RequestKind;
use rebound::time::Timestamp;

use super::super::fault::{Fault, Hides};
use super::super::notes::{Known, Started};
use super::super::thing::Kind;
use super::super::trouble::Trouble;
use super::super::truth::{Truth, Truths};
use super::{incidents, next_look, remedy_of, retry};

/// What is decided on an answer that came may be carried out this much later: an answer of the parents or the beacons, a
/// question that got lost.
const SLACK: Duration = Duration::from_secs(25);
/// What a person or a clock holds is held from the next thing that happens on.
const AT_ONCE: Duration = Duration::from_secs(1);
/// A host that is down must be known to be after so long.
const PARENT_KNOWN: Duration = Duration::from_secs(90);

fn own_steps<'a>(truths: &'a Truths<'_>) -> impl Iterator<Item = &'a Started> {
    truths.site.notes.steps.iter().filter(|step| step.asked_by.is_none())
}

/// Heals that nobody asked for and that nothing in the world called for.
pub(super) fn false_heals(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for step in own_steps(truths) {
        let Some(truth) = truths.of.get(&step.request.target) else {
            continue;
        };
        if !truth.troubles.iter().any(|trouble| calls_for(truths, truth, trouble, step)) {
            broken.push(format!("false heal, nothing called for it: {}", shown(truth, step)));
        } else if let Some(trouble) = truth.troubles.iter().find(|trouble| forbids(truth, trouble, step.at))
            && !truth.troubles.iter().any(|other| stands_before(other, trouble, step.at))
        {
            let fault = trouble.fault;
            broken.push(format!("false heal, {fault:?} cannot be healed: {}", shown(truth, step)));
        }
    }
    broken
}

/// Whether a trouble stood so shortly before, that this remedy can be meant for it.
fn calls_for(truths: &Truths<'_>, truth: &Truth<'_>, trouble: &Trouble, step: &Started) -> bool {
    let nature = trouble.fault.nature();
    let mut follows = next_look(truth.spec) + SLACK;
    if nature.stops_reads {
        // What was read before is what counts until the next read.
        follows += truth.read_every;
    }
    let span = (step.at.before(follows), step.at);
    if truths.blind.busy.cuts(span) || truths.blind.dead.cuts(span) {
        follows += Duration::from_secs(60);
    }
    let near = trouble.from <= step.at && step.at.before(follows) < trouble.to;
    near && !trouble.is_aftermath && can_help(truths, truth, trouble, step)
}

fn can_help(truths: &Truths<'_>, truth: &Truth<'_>, trouble: &Trouble, step: &Started) -> bool {
    let Kind::Bridge(bridge) = &truth.thing.kind else {
        return trouble.fault.nature().cured_from.is_some();
    };
    let slot = remedy_of(truths, step).and_then(|remedy| remedy.slot);
    match (trouble.fault, slot) {
        (Fault::IdentitySwap, Some(slot)) => {
            bridge.accounts.get(trouble.which % bridge.accounts.len()).is_some_and(|one| one.id == slot)
        }
        (Fault::OtherLogin, Some(slot)) => bridge.accounts.iter().any(|one| one.id == slot),
        (fault, None) => fault.nature().cured_from.is_some(),
        (_, Some(_)) => false,
    }
}

/// Whether a trouble stood, and was known, behind which nothing may be healed.
fn forbids(truth: &Truth<'_>, trouble: &Trouble, at: Timestamp) -> bool {
    let nature = trouble.fault.nature();
    let hopeless = nature.cured_from.is_none() && nature.hides != Hides::Nothing && !nature.codes.is_empty();
    let known = trouble.fault.found_within(truth.spec, truth.read_every);
    hopeless && known.is_some_and(|within| trouble.from.after(within) <= at && at < trouble.to)
}

/// Whether a trouble that a heal helps against may hide all others at the time.
fn stands_before(other: &Trouble, trouble: &Trouble, at: Timestamp) -> bool {
    let nature = other.fault.nature();
    let another = !std::ptr::eq(other, trouble) && nature.hides != Hides::Nothing;
    another && nature.cured_from.is_some() && other.from <= at && at < other.to
}

/// Heals that something should have held: planned work, a pause, a parent that is down, a dry run, a person's stop, positions.
pub(super) fn held_heals(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for step in &truths.site.notes.steps {
        let Some(truth) = truths.of.get(&step.request.target) else {
            continue;
        };
        // A moment ago and now: what begins or ends at this very moment may be seen either way.
        let held = |spans: &super::super::spans::Spans| {
            spans.holds(step.at)
                && spans.holds(step.at.before(AT_ONCE))
                && spans.holds(step.at.after(AT_ONCE))
        };
        let mut why = Vec::new();
        if held(&truth.dry) {
            why.push("a dry run");
        }
        if step.asked_by.is_none() {
            if held(&truth.work) {
                why.push("planned work");
            }
            if held(&truth.paused) {
                why.push("a pause");
            }
            let down = truth
                .parent_down
                .iter()
                .any(|(from, to)| from.after(PARENT_KNOWN) <= step.at && step.at < to);
            if down && !truths.blind.offline.holds(step.at) {
                why.push("a parent that is down");
            }
            if was_stopped(truths, step) {
                why.push("a person's stop");
            }
            if let Some(open) = positions(truths, truth, step) {
                why.push(open);
            }
        }
        broken
            .extend(why.into_iter().map(|why| format!("false heal, held by {why}: {}", shown(truth, step))));
    }
    broken
}

fn was_stopped(truths: &Truths<'_>, step: &Started) -> bool {
    let id = &step.request.target;
    let of_incident = |known: &&Known| {
        known.incident.id == step.request.incident
            && known.incident.steps.iter().any(|one| one.id == step.request.step)
    };
    let Some(known) = incidents(truths).find(of_incident) else {
        return false;
    };
    let before = truths.site.notes.asked.iter().filter(|done| {
        !done.lost && known.opened < done.at && done.at < step.at && done.asked.what.target() == Some(id)
    });
    let mut acts = before
        .filter(|done| matches!(done.asked.what, RequestKind::StopHeal(_) | RequestKind::ForceHeal { .. }));
    acts.next_back().is_some_and(|done| matches!(done.asked.what, RequestKind::StopHeal(_)))
}

/// Positions that the policy would have had closed first.
fn positions(truths: &Truths<'_>, truth: &Truth<'_>, step: &Started) -> Option<&'static str> {
    let Kind::Bridge(bridge) = &truth.thing.kind else {
        return None;
    };
    if remedy_of(truths, step)?.rung < Rung::Medium {
        return None;
    }
    // Positions of this world are never closed by themselves; those that were lost were open before.
    let open = !bridge.tells_positions || !bridge.positions.is_empty() || !bridge.orders.is_empty();
    let opened =
        incidents(truths).find(|known| known.incident.id == step.request.incident)?.incident.opened_at;
    match truth.spec.heal.positions {
        PositionPolicy::Now => None,
        PositionPolicy::Ask => open.then_some("positions that a person must be asked about"),
        PositionPolicy::WaitUpTo(most) => {
            (open && step.clock < opened.after(most)).then_some("positions that are waited for")
        }
    }
}

/// After each act that may have happened, the target is looked at before another, also over a crash.
pub(super) fn looked_before_each_act(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let notes = &truths.site.notes;
    for (index, step) in notes.steps.iter().enumerate() {
        let Some(truth) = truths.of.get(&step.request.target).filter(|_| step.asked_by.is_none()) else {
            continue;
        };
        let same = |other: &&Started| other.request.target == step.request.target;
        let Some(before) = notes.steps[..index].iter().rev().find(same) else {
            continue;
        };
        let Some(remedy) = remedy_of(truths, before) else {
            continue;
        };
        let ended = notes.ended.get(&before.request.step);
        let (at, outcome) = ended.copied().unwrap_or((before.at, StepOutcome::Lost));
        if outcome.may_have_happened() && step.at < at.after(remedy.verify_after).after(retry(truth.spec)) {
            broken.push(format!(
                "\"{}\" of {} was started at {}, only {} s after \"{}\" was {}: nobody looked",
                step.request.remedy,
                step.request.target,
                step.at,
                step.at.since(at).as_secs(),
                before.request.remedy,
                outcome.word()
            ));
        }
    }
    broken
}

fn shown(truth: &Truth<'_>, step: &Started) -> String {
    let near: Vec<String> = truth
        .troubles
        .iter()
        .filter(|trouble| trouble.from <= step.at && step.at.before(Duration::from_secs(1_200)) < trouble.to)
        .map(|trouble| format!("{:?} {} to {}", trouble.fault, trouble.from.clock(), trouble.to.clock()))
        .collect();
    format!(
        "{} \"{}\" of {} because {} (world: {})",
        step.at,
        step.request.remedy,
        step.request.target,
        step.request.because,
        near.join(", ")
    )
}
