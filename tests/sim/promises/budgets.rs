//! No more heals than are allowed: in an hour, in an incident, and after one another.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::heal::StepOutcome;
use rebound::ids::{IncidentId, TargetId};

use super::super::notes::Started;
use super::super::truth::Truths;

const HOUR: Duration = Duration::from_secs(3_600);

/// Budgets that were overdrawn.
pub(super) fn overdrawn(truths: &Truths<'_>) -> Vec<String> {
    let mut of: BTreeMap<&TargetId, Vec<&Started>> = BTreeMap::new();
    let refused = |step: &&Started| {
        let end = truths.site.notes.ended.get(&step.request.step);
        end.is_some_and(|(_, outcome)| *outcome == StepOutcome::Refused)
    };
    for step in truths.site.notes.steps.iter().filter(|step| !refused(step)) {
        of.entry(&step.request.target).or_default().push(step);
    }
    let mut broken = Vec::new();
    for (id, steps) in of {
        let Some(truth) = truths.of.get(id) else {
            continue;
        };
        let budget = truth.spec.heal.budget;
        let most = budget.per_hour_max as usize;
        // By Rebound's own clock, which a crash may have moved.
        let hour = |row: &&[&Started]| {
            row[most].at.since(row[0].at) < HOUR
                && row[most].clock.since(row[0].clock) < HOUR
                && same_clock(truths, row)
        };
        if let Some(row) = steps.windows(most + 1).find(hour) {
            broken.push(format!("{}: more than {most} heals of {id} in an hour", row[0].at));
        }
        broken.extend(attempts(id, &steps, budget.attempts_max as usize));
        broken.extend(cooldowns(truths, id, &steps, budget.cooldown));
    }
    broken
}

/// Whether these happened under clocks that agree within a minute.
fn same_clock(truths: &Truths<'_>, row: &[&Started]) -> bool {
    let skews: Vec<i64> =
        row.iter().filter_map(|step| truths.site.runs.get(step.run)).map(|run| run.skew_ms).collect();
    let (least, most) = (skews.iter().min(), skews.iter().max());
    least.zip(most).is_some_and(|(least, most)| most - least < 60_000)
}

fn attempts(id: &TargetId, steps: &[&Started], most: usize) -> Vec<String> {
    let mut of: BTreeMap<IncidentId, usize> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.asked_by.is_none()) {
        *of.entry(step.request.incident).or_default() += 1;
    }
    let many = of.into_iter().filter(|(_, count)| *count > most);
    many.map(|(incident, count)| format!("incident {incident} of {id} was healed {count} times")).collect()
}

fn cooldowns(truths: &Truths<'_>, id: &TargetId, steps: &[&Started], cooldown: Duration) -> Vec<String> {
    let mut broken = Vec::new();
    for pair in steps.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let ended = truths.site.notes.ended.get(&before.request.step).map_or(before.at, |(at, _)| *at);
        let other = before.request.incident != after.request.incident && after.asked_by.is_none();
        let margin = cooldown.saturating_sub(Duration::from_secs(60));
        if other && same_clock(truths, pair) && after.at < ended.after(margin) {
            broken.push(format!("{}: \"{}\" of {id} within the cooldown", after.at, after.request.remedy));
        }
    }
    broken
}
