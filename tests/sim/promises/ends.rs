//! Every incident ends when the target is in order, and never before.

use std::time::Duration;

use rebound::incident::Recovery;
use rebound::time::Timestamp;

use super::super::fault::{Fault, Found};
use super::super::notes::Known;
use super::super::spans::Spans;
use super::super::truth::{Truth, Truths};
use super::{incidents, next_look, retry};

/// An incident that ended after a heal.
#[derive(Clone, Copy, Debug)]
pub struct Closed {
    /// From its first failure to the proof.
    pub took: Duration,
}

/// Incidents that ended after a heal.
pub fn closed<'a>(truths: &'a Truths<'_>) -> impl Iterator<Item = Closed> + 'a {
    incidents(truths).filter_map(|known| {
        let end = known.incident.closed.as_ref()?;
        matches!(end.how, Recovery::AfterHeal(_))
            .then(|| Closed { took: end.at.since(known.incident.first_failure) })
    })
}

/// Incidents that stay open though all is well.
pub(super) fn left_open(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for known in incidents(truths) {
        let Some(truth) = truths.of.get(&known.incident.target) else {
            continue;
        };
        let ends = known.closed.unwrap_or(truths.site.now);
        let troubled = troubled(truths, truth, known);
        let within = closes_within(truth, known);
        let opened = known.open_again.unwrap_or(known.opened);
        if let Some((from, _)) = troubled.clear((opened, ends), within) {
            broken.push(format!(
                "incident {} of {} from {} on was still open at {}, though all was well since {from} (flapping: {}): {:?}",
                known.incident.id,
                known.incident.target,
                known.opened,
                from.after(within),
                known.incident.flapping,
                known.incident.causes.iter().map(|cause| cause.reason.code()).collect::<Vec<_>>()
            ));
        }
    }
    broken
}

/// How long proof of recovery may take.
fn closes_within(truth: &Truth<'_>, known: &Known) -> Duration {
    let limits = truth.spec.thresholds;
    let proof = next_look(truth.spec) + retry(truth.spec) * (limits.successes_to_close + 1);
    let held =
        if known.incident.flapping { limits.flap_hold + next_look(truth.spec) } else { Duration::ZERO };
    proof + held + Duration::from_secs(90)
}

/// When something kept the incident from ending.
fn troubled(truths: &Truths<'_>, truth: &Truth<'_>, known: &Known) -> Spans {
    // Whether a check rests with the market is told by its faults: what rests cannot be seen to be well.
    let rests = known
        .incident
        .causes
        .iter()
        .any(|cause| cause.check.is_some_and(|check| check.default_spec().market_hours));
    let hindered = truths.hindered(truth, rests, true);
    let pad = truth.read_every + next_look(truth.spec);
    let own = truth.troubles.iter().filter(|trouble| {
        let nature = trouble.fault.nature();
        trouble.is_aftermath
            || !nature.codes.is_empty()
            || nature.stops_reads
            || nature.found != Found::Never
            || trouble.fault == Fault::Declared
    });
    let own = own.map(|trouble| (trouble.from, trouble.to.after(pad)));
    let steps = known.incident.steps.iter().map(|step| {
        let from = truths.true_time(step.started_at, known.opened);
        let notes = truths.site.notes.ended.get(&step.id);
        (from, notes.map_or(from, |(at, _)| *at).max(from).after(Duration::from_secs(40)))
    });
    let asked = unseen_positions(truths, truth, known);
    Spans::of(hindered.iter().chain(own).chain(steps).chain(asked))
}

/// Positions that differ stay a matter until a person has acknowledged them.
fn unseen_positions(truths: &Truths<'_>, truth: &Truth<'_>, known: &Known) -> Option<(Timestamp, Timestamp)> {
    let differs = known.incident.causes.iter().any(|cause| cause.reason.code() == "positions_changed");
    let seen = known.incident.acknowledged.as_ref().map(|by| truths.true_time(by.at, known.opened));
    (differs || !truth.thing.losses.is_empty())
        .then(|| (known.opened, seen.filter(|_| !differs).unwrap_or(truths.site.now)))
}

/// Incidents that were called over, or healed, though what had called for them still stood.
pub(super) fn claimed(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for known in incidents(truths) {
        let (Some(end), Some(closed)) = (&known.incident.closed, known.closed) else {
            continue;
        };
        let Some(truth) = truths.of.get(&known.incident.target) else {
            continue;
        };
        let worst = known.incident.causes.iter().filter(|cause| cause.severity >= known.incident.severity);
        let codes: Vec<&str> = worst.map(|cause| cause.reason.code()).collect();
        let proven = truths.true_time(end.recovered_at, closed);
        // Zeros that a person declared to be moved capital are over by his word.
        let declared = codes == ["all_zero_live"] && truth.declared.holds(closed);
        // A question is put a little later than it was decided on, and much later where Rebound is held up.
        let busy = truths.blind.busy.cuts((proven, proven.after(Duration::from_secs(30))));
        let put = proven.after(Duration::from_secs(if busy { 40 } else { 2 }));
        let stands = |at| truth.stands(at, &codes, known.incident.severity);
        if !declared && stands(proven) && stands(put) {
            broken.push(format!(
                "incident {} of {} was closed at {closed} as proven at {proven}, while {codes:?} still stood",
                known.incident.id, known.incident.target
            ));
        }
        broken.extend(unproven(truths, truth, known, proven));
    }
    broken
}

/// A heal that is claimed without a good look after the act.
fn unproven(truths: &Truths<'_>, truth: &Truth<'_>, known: &Known, proven: Timestamp) -> Option<String> {
    let Some(Recovery::AfterHeal(remedy)) = known.incident.closed.as_ref().map(|end| &end.how) else {
        return None;
    };
    let step = known.incident.steps.iter().rev().find(|step| step.remedy == *remedy)?;
    let (ended, outcome) = truths.site.notes.ended.get(&step.id)?;
    let after = truth.spec.heal.ladder.iter().find(|known| known.name == *remedy)?.verify_after;
    let too_soon = outcome.may_have_happened() && proven < ended.after(after);
    too_soon.then(|| {
        format!(
            "incident {} of {} is called healed by \"{remedy}\" as proven at {proven}, {} s after it ended",
            known.incident.id,
            known.incident.target,
            proven.since(*ended).as_secs()
        )
    })
}
