//! What must be true of a site, looked at when its days are over. Each broken promise is a sentence.

use std::time::Duration;

use rebound::heal::Remedy;
use rebound::ids::TargetId;
use rebound::target::TargetSpec;

use super::notes::{Known, Started};
use super::truth::Truths;

mod budgets;

mod ends;

mod found;

mod heals;

mod shared;

mod told;

mod uptime;

pub use ends::{Closed, closed};
pub use found::{Find, finds};
pub use shared::badly_shared;

/// Every promise that one server did not keep.
#[must_use]
pub fn broken(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    broken.extend(heals::false_heals(truths));
    broken.extend(heals::held_heals(truths));
    broken.extend(heals::looked_before_each_act(truths));
    broken.extend(found::missed(truths));
    broken.extend(found::false_alarms(truths));
    broken.extend(found::lost_positions(truths));
    broken.extend(ends::left_open(truths));
    broken.extend(ends::claimed(truths));
    broken.extend(told::flooded(truths));
    broken.extend(told::in_planned_work(truths));
    broken.extend(told::one_for_a_dead_host(truths));
    broken.extend(budgets::overdrawn(truths));
    broken.extend(uptime::wrong(truths));
    broken
}

/// Heal steps that were false, for the table.
#[must_use]
pub fn false_heals(truths: &Truths<'_>) -> usize {
    heals::false_heals(truths).len() + heals::held_heals(truths).len()
}

/// Every incident, also those that a crash made forgotten.
fn incidents<'a>(truths: &'a Truths<'_>) -> impl Iterator<Item = &'a Known> {
    truths.site.notes.incidents.values().chain(&truths.site.notes.lost)
}

/// Incidents of one target.
fn incidents_of<'a>(truths: &'a Truths<'_>, id: &'a TargetId) -> impl Iterator<Item = &'a Known> {
    incidents(truths).filter(move |known| known.incident.target == *id)
}

/// From one question to the end of its answer, at the longest.
fn next_look(spec: &TargetSpec) -> Duration {
    spec.watch.interval + spec.watch.timeout
}

/// From one question to the next while something is undecided.
fn retry(spec: &TargetSpec) -> Duration {
    spec.watch.retry_every + spec.watch.timeout
}

fn remedy_of<'a>(truths: &'a Truths<'_>, step: &Started) -> Option<&'a Remedy> {
    let spec = truths.of.get(&step.request.target)?.spec;
    spec.heal.ladder.iter().find(|remedy| remedy.name == step.request.remedy)
}
