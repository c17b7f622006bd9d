//! Every fault that lasts long enough is found in its time; and nothing is told of what is in order.

use std::time::Duration;

use rebound::alert::AlertReason;
use rebound::heal::BOOK_AGE_MAX;
use rebound::incident::Severity;
use rebound::time::Timestamp;

use super::super::fault::{Fault, Found, Hides};
use super::super::notes::Known;
use super::super::spans::{Span, Spans};
use super::super::trouble::Trouble;
use super::super::truth::{Truth, Truths};
use super::{incidents, incidents_of, next_look, retry};

/// The person of these worlds has looked into lost positions within this time.
const SEEN_BY_A_PERSON: Duration = Duration::from_secs(3 * 3_600);

/// A fault that had to be found, and whether it was.
#[derive(Clone, Copy, Debug)]
pub struct Find {
    /// Which.
    pub fault: Fault,
    /// Whether it was found in its time.
    pub found: bool,
    /// From its beginning until it was found, where nothing hindered and nothing else was open.
    pub took: Option<Duration>,
    /// Whether a heal was started for it.
    pub healed: bool,
    /// Since when it had to be found, and by when.
    pub by: Span,
}

/// Every fault that had to be found, with its target.
#[must_use]
pub fn finds<'a>(truths: &'a Truths<'_>) -> Vec<(&'a Truth<'a>, &'a Trouble, Find)> {
    let mut all = Vec::new();
    for truth in truths.of.values() {
        for trouble in truth.troubles.iter().filter(|trouble| !trouble.is_aftermath) {
            all.extend(find(truths, truth, trouble).map(|find| (truth, *trouble, find)));
        }
    }
    all
}

/// Faults that had to be found and were not.
pub(super) fn missed(truths: &Truths<'_>) -> Vec<String> {
    let missed = finds(truths).into_iter().filter(|(.., find)| !find.found);
    missed
        .map(|(truth, trouble, find)| {
            let (from, by) = find.by;
            format!(
                "missed: {:?} of {} from {} to {}, to be seen from {} on, was not found by {}",
                trouble.fault,
                truth.spec.id,
                trouble.from,
                trouble.to.clock(),
                from.clock(),
                by.clock()
            )
        })
        .collect()
}

fn find(truths: &Truths<'_>, truth: &Truth<'_>, trouble: &Trouble) -> Option<Find> {
    let nature = trouble.fault.nature();
    let within = trouble.fault.found_within(truth.spec, truth.read_every)?;
    let certificate = matches!(trouble.fault, Fault::CertificateNear | Fault::CertificateOver);
    let hindered = truths.hindered(truth, nature.rests, nature.rests || certificate);
    let others = truth.troubles.iter().filter(|other| !std::ptr::eq(**other, trouble) && hides(other));
    let pad = next_look(truth.spec) + Duration::from_secs(30) + truth.read_every;
    let others = others.map(|other| (other.from, other.to.after(pad)));
    let steps = steps_in_flight(truths, truth);
    let excused = if trouble.fault == Fault::ZeroLive { truth.declared.clone() } else { Spans::default() };
    // Where positions were lost the target is down until a person has seen it.
    let lost = truth.thing.losses.iter().map(|loss| (loss.started, loss.started.after(SEEN_BY_A_PERSON)));
    let all = hindered.iter().chain(others).chain(steps.iter()).chain(excused.iter()).chain(lost);
    let all = Spans::of(all);
    let (from, _) = all.clear((trouble.from, trouble.to), within)?;
    let by = from.after(within);
    let unhindered = |until: Timestamp| from == trouble.from && !all.cuts((trouble.from, until));
    let mut find = Find { fault: trouble.fault, found: false, took: None, healed: false, by: (from, by) };
    if nature.found == Found::ByUnknown {
        let told = told_unknown(truths, truth, trouble, by);
        find.found = !told.is_empty();
        let first = told.into_iter().find(|at| *at >= trouble.from && unhindered(*at));
        find.took = first.map(|at| at.since(trouble.from));
        return Some(find);
    }
    let met = incidents_of(truths, &truth.spec.id).filter(|known| {
        let open = known.opened <= by && known.closed.is_none_or(|closed| closed >= from);
        // What was open before for another reason, or is being healed, may take it up later.
        open && (known.opened < trouble.from || has_cause(known, nature.codes))
    });
    let met: Vec<&Known> = met.collect();
    find.found = !met.is_empty();
    if let Some(known) = met.iter().find(|known| known.opened >= trouble.from && unhindered(known.opened)) {
        find.took = Some(known.opened.since(trouble.from));
    }
    let ids: Vec<_> = met.iter().map(|known| known.incident.id).collect();
    find.healed = truths.site.notes.steps.iter().any(|step| {
        let for_it = ids.contains(&step.request.incident) && step.request.target == truth.spec.id;
        for_it && step.asked_by.is_none() && step.at >= trouble.from && step.at <= trouble.to.after(pad)
    });
    Some(find)
}

/// Whether it may keep another fault from being seen for what it is.
fn hides(trouble: &Trouble) -> bool {
    let nature = trouble.fault.nature();
    nature.hides != Hides::Nothing
        || nature.stops_reads
        || !nature.codes.is_empty()
        || nature.found != Found::Never
        || matches!(trouble.fault, Fault::Transferred | Fault::Declared)
}

/// While a remedy is at work, what is seen is not judged.
fn steps_in_flight(truths: &Truths<'_>, truth: &Truth<'_>) -> Spans {
    let notes = &truths.site.notes;
    let own = notes.steps.iter().filter(|step| step.request.target == truth.spec.id);
    Spans::of(own.map(|step| {
        let ended = notes.ended.get(&step.request.step).map_or(step.at, |(at, _)| *at);
        (step.at, ended.max(step.at).after(Duration::from_secs(60)))
    }))
}

fn has_cause(known: &Known, codes: &[&str]) -> bool {
    codes.iter().any(|code| known.codes.contains_key(code))
}

/// When it was told, until `by`, that nobody can tell how the target is.
fn told_unknown(truths: &Truths<'_>, truth: &Truth<'_>, trouble: &Trouble, by: Timestamp) -> Vec<Timestamp> {
    // Told already for an earlier reason that goes on counts as well.
    let from = trouble.from.before(Duration::from_secs(3_600));
    let told = truths.site.notes.alerts.iter().filter(|told| {
        let about = told.alert.target.as_ref() == Some(&truth.spec.id);
        about && told.alert.reason == AlertReason::UnknownTooLong && from <= told.at && told.at <= by
    });
    told.map(|told| told.at).collect()
}

/// Incidents that nothing in the world explains.
pub(super) fn false_alarms(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for known in incidents(truths) {
        let Some(truth) = truths.of.get(&known.incident.target) else {
            continue;
        };
        for (code, seen) in &known.codes {
            if !explained(truths, truth, code, *seen) {
                let at = seen.1;
                broken.push(format!(
                    "false alarm: incident {} of {} at {} says {code} from {at} on",
                    known.incident.id, known.incident.target, known.opened
                ));
            }
        }
    }
    broken
}

/// Whether something in the world explains that a reason is given, for the first time between these moments.
fn explained(truths: &Truths<'_>, truth: &Truth<'_>, code: &str, (since, at): Span) -> bool {
    if code == "positions_changed" {
        return truth.thing.losses.iter().any(|loss| loss.started <= at);
    }
    // From its last sight until it was believed, with what is asked aside on that.
    let near = next_look(truth.spec) + retry(truth.spec) * 4 + Duration::from_secs(100) + truth.read_every;
    let old = ["stale", "few_syncing", "never_read", "placeholders_only", "accounts_failed"].contains(&code);
    let near = if old { near + truth.spec.thresholds.sync_window } else { near };
    let busy = truths.blind.busy.cuts((since.before(near), at));
    let near = if busy { near * 2 } else { near };
    truth.troubles.iter().any(|trouble| {
        let nature = trouble.fault.nature();
        // What was declared under a wrong clock may end too soon.
        let undeclared = trouble.fault == Fault::Declared
            && code == "all_zero_live"
            && !truth.declared.gaps((trouble.from.max(since.before(near)), at.min(trouble.to))).is_empty();
        let meant = nature.codes.contains(&code)
            || (old && nature.stops_reads)
            || undeclared
            || aftermath(trouble, code);
        meant && trouble.from <= at && since.before(near) < trouble.to
    })
}

/// A remedy at work looks like a fault; if Rebound was killed meanwhile it cannot know better.
fn aftermath(trouble: &Trouble, code: &str) -> bool {
    trouble.is_aftermath
        && ["bridge_silent", "terminal_hangs", "terminal_timeout", "endpoint_silent"].contains(&code)
}

/// Positions that a remedy lost, and that were told before, are a person's critical matter.
pub(super) fn lost_positions(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for truth in truths.of.values() {
        for loss in &truth.thing.losses {
            let fresh = loss
                .told_at
                .is_some_and(|at| loss.started.since(at) < BOOK_AGE_MAX.saturating_sub(retry(truth.spec)));
            let by = loss.started.after(Duration::from_secs(1_800));
            let hindered = truths.hindered(truth, true, false);
            let others = truth.troubles.iter().filter(|other| other.fault.nature().hides != Hides::Nothing);
            let all = Spans::of(hindered.iter().chain(others.map(|other| (other.from, other.to))));
            let seen =
                all.clear((loss.started.after(Duration::from_secs(100)), by), Duration::from_secs(200));
            let told = incidents_of(truths, &truth.spec.id).any(|known| {
                let open = known.opened <= by && known.closed.is_none_or(|closed| closed >= loss.started);
                open && known.incident.severity == Severity::Critical
                    && known.codes.contains_key("positions_changed")
            });
            let in_time = by < truths.site.now && !truths.blind.dead.cuts((loss.started, by));
            if fresh && in_time && seen.is_some() && !told {
                broken.push(format!(
                    "positions of {} were lost over a remedy at {}, and nobody was told",
                    truth.spec.id, loss.started
                ));
            }
        }
    }
    broken
}
