//! People hear what they need to know, once: no floods, nothing during planned work, one alert for a dead host.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::alert::AlertReason;
use rebound::ids::{IncidentId, TargetId};

use super::super::fault::Fault;
use super::super::notes::Told;
use super::super::spans::Spans;
use super::super::truth::{Truth, Truths};
use super::incidents_of;

/// Opening, escalation, closing.
const ALERTS_PER_INCIDENT_MAX: usize = 3;
/// Trouble of Rebound itself is told by one alert, not by one for each target.
const BLIND_ALERTS_MAX: usize = 3;
const WINDOW: Duration = Duration::from_secs(300);
const AT_ONCE: Duration = Duration::from_secs(1);

fn lasting<'a>(truths: &'a Truths<'_>) -> impl Iterator<Item = &'a Told> {
    truths.site.notes.alerts.iter().filter(|told| !told.lost)
}

/// More alerts than one matter is worth.
pub(super) fn flooded(truths: &Truths<'_>) -> Vec<String> {
    let mut of: BTreeMap<(&TargetId, IncidentId), Vec<&Told>> = BTreeMap::new();
    for told in lasting(truths).filter(|told| told.alert.reason != AlertReason::Reminder) {
        if let (Some(target), Some(incident)) = (&told.alert.target, told.alert.incident) {
            of.entry((target, incident)).or_default().push(told);
        }
    }
    // What was a warning and grows critical is told once more.
    let grew = |told: &[&Told]| told.iter().any(|told| told.alert.reason == AlertReason::Worsened);
    // Positions that a heal of it lost are told each time, whatever was told before.
    let losses = |target: &TargetId, told: &[&Told]| {
        let (first, last) = (told.first().map(|told| told.at), told.last().map(|told| told.at));
        let losses = truths.of.get(target).into_iter().flat_map(|truth| &truth.thing.losses);
        losses.filter(|loss| first <= Some(loss.started) && Some(loss.started) <= last).count()
    };
    let most = |target: &TargetId, told: &[&Told]| {
        ALERTS_PER_INCIDENT_MAX + usize::from(grew(told)) + losses(target, told)
    };
    let many = of.into_iter().filter(|((target, _), told)| told.len() > most(target, told));
    let mut broken: Vec<String> = many
        .map(|((target, incident), told)| {
            let list: Vec<String> = told
                .iter()
                .map(|told| format!("{} {} {}", told.at, told.alert.reason.code(), told.alert.message.title))
                .collect();
            format!("incident {incident} of {target} was told {} times: {list:?}", told.len())
        })
        .collect();
    broken.extend(blind_floods(truths));
    broken.extend(reminders(truths));
    broken
}

/// What is Rebound's own trouble is told for each target.
fn blind_floods(truths: &Truths<'_>) -> Vec<String> {
    let blind = Spans::of(truths.blind.offline.iter().chain(truths.blind.clock.iter()));
    let told: Vec<&Told> = lasting(truths)
        .filter(|told| told.alert.reason == AlertReason::UnknownTooLong && blind.holds(told.at))
        .collect();
    let flood =
        told.windows(BLIND_ALERTS_MAX + 1).find(|row| row[BLIND_ALERTS_MAX].at.since(row[0].at) < WINDOW);
    let said = |row: &[&Told]| {
        format!(
            "from {} on each target was told to be unknown, though it was Rebound that was blind",
            row[0].at
        )
    };
    flood.map(said).into_iter().collect()
}

/// Reminders that come too soon.
fn reminders(truths: &Truths<'_>) -> Vec<String> {
    let mut last: BTreeMap<(&TargetId, IncidentId), &Told> = BTreeMap::new();
    let mut broken = Vec::new();
    for told in lasting(truths) {
        let (Some(target), Some(incident)) = (&told.alert.target, told.alert.incident) else {
            continue;
        };
        let before = last.insert((target, incident), told);
        if told.alert.reason == AlertReason::Reminder
            && let Some(before) = before
            && told.alert.at.since(before.alert.at) < truths.site.config.alerts.repeat_every
            && told.at.since(before.at) < truths.site.config.alerts.repeat_every
            && told.alert.at >= before.alert.at
        {
            broken.push(format!("incident {incident} of {target} was reminded of too soon, at {}", told.at));
        }
    }
    broken
}

/// Something is told of a target that is being worked on.
pub(super) fn in_planned_work(truths: &Truths<'_>) -> Vec<String> {
    let told = lasting(truths).filter(|told| {
        let truth = told.alert.target.as_ref().and_then(|id| truths.of.get(id));
        truth.is_some_and(|truth| {
            let at = told.at;
            truth.work.holds(at)
                && truth.work.holds(at.before(AT_ONCE))
                && truth.work.holds(at.after(AT_ONCE))
        })
    });
    told.map(|told| {
        let about = told.alert.target.as_ref().map_or("", TargetId::as_str);
        format!("{}: {} of {about} was told during planned work", told.at, told.alert.reason.code())
    })
    .collect()
}

/// A dead host raises one opening alert; those that stand on it raise none for being silent with it.
pub(super) fn one_for_a_dead_host(truths: &Truths<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for truth in truths.of.values() {
        for trouble in truth.troubles.iter().filter(|trouble| trouble.fault == Fault::HostDown) {
            for child in children(truths, &truth.spec.id) {
                let silent = incidents_of(truths, &child.spec.id).filter(|known| {
                    let within = trouble.from < known.opened && known.opened < trouble.to;
                    let silent =
                        known.incident.causes.iter().all(|cause| cause.reason.code() == "bridge_silent");
                    let itself = child
                        .troubles
                        .iter()
                        .any(|own| own.from < known.opened && known.opened.before(WINDOW) < own.to);
                    within
                        && silent
                        && !itself
                        && known.incident.causes.iter().any(|cause| cause.check.is_some())
                });
                broken.extend(silent.map(|known| {
                    format!(
                        "host {} was dead from {} to {}, and {} had an incident of its own at {}",
                        truth.spec.id,
                        trouble.from,
                        trouble.to.clock(),
                        child.spec.id,
                        known.opened
                    )
                }));
            }
            let opened = lasting(truths).filter(|told| {
                let own = told.alert.target.as_ref() == Some(&truth.spec.id);
                own && told.alert.reason == AlertReason::Opened
                    && trouble.from <= told.at
                    && told.at < trouble.to
            });
            let opened = opened.count();
            if opened > 1 {
                broken.push(format!(
                    "host {} was dead from {} on and told {opened} times",
                    truth.spec.id, trouble.from
                ));
            }
        }
    }
    broken
}

fn children<'a>(truths: &'a Truths<'_>, id: &'a TargetId) -> impl Iterator<Item = &'a Truth<'a>> {
    truths.of.values().filter(move |truth| truth.spec.depends_on.contains(id))
}
