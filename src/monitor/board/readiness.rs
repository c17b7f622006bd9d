//! What would go wrong in the next emergency, as the board shows it.
//!
//! Puts together what looks found and what the monitor knows anyway: ladders, bridges, the store, Rebound itself. Asks nobody.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::Monitor;
use crate::readiness::{Finding, judge};
use crate::time::Timestamp;
use crate::view::{READINESS_SHOWN, ReadinessGroup, ReadinessState, ReadinessView, TargetView};

mod bridges;

mod heals;

mod own;

mod servers;

mod ways;

impl Monitor {
    /// Everything that the next emergency needs, by group, worst first. `targets` are the views of what is watched.
    pub(super) fn readiness_views(&self, targets: &[TargetView], now: Timestamp) -> Vec<ReadinessView> {
        let found = self.readiness.found.values().filter(|found| self.exists(&found.finding.part));
        let mut views: Vec<ReadinessView> = found.map(|found| self.found_view(&found.finding, now)).collect();
        for view in targets {
            if let Some(watched) = self.watched.get(&view.id) {
                views.push(self.ladder_view(watched, view, now));
                views.extend(self.unlooked_views(watched, now));
                views.extend(bridges::views(watched, now));
            }
        }
        views.extend(self.way_views());
        views.extend(self.store_view());
        views.extend(self.drill_items(now));
        views.extend(self.own_views(now));
        views.push(servers::only_one());
        views.push(self.outside_view(now));
        ordered(views)
    }

    fn found_view(&self, finding: &Finding, now: Timestamp) -> ReadinessView {
        let judged = judge(finding, now);
        ReadinessView {
            id: finding.part.id(),
            group: finding.part.group(),
            name: finding.part.name(self.name_of(&finding.part)),
            server: None,
            state: judged.state,
            detail: judged.detail,
            checked_at: Some(finding.at),
            emergency: judged.emergency,
            mend: judged.mend,
        }
    }
}

/// A thing, before it is filled in.
pub(super) fn item(id: String, group: ReadinessGroup, name: String) -> ReadinessView {
    ReadinessView {
        id,
        group,
        name,
        server: None,
        state: ReadinessState::Unknown,
        detail: String::new(),
        checked_at: None,
        emergency: String::new(),
        mend: None,
    }
}

/// By group, worst first, and of each group no more than a page has room for.
pub(super) fn ordered(mut views: Vec<ReadinessView>) -> Vec<ReadinessView> {
    views.sort_by(|a, b| a.group.cmp(&b.group).then(b.state.cmp(&a.state)));
    let mut shown: BTreeMap<ReadinessGroup, usize> = BTreeMap::new();
    let mut left_out: BTreeMap<ReadinessGroup, (usize, ReadinessState)> = BTreeMap::new();
    views.retain(|view| {
        let count = shown.entry(view.group).or_default();
        *count += 1;
        if *count > READINESS_SHOWN {
            let (left, worst) = left_out.entry(view.group).or_insert((0, view.state));
            *left += 1;
            *worst = (*worst).max(view.state);
        }
        *count <= READINESS_SHOWN
    });
    for (group, (count, worst)) in left_out {
        let id = format!("{}.more", group.word().to_lowercase().replace(' ', "_"));
        let at = views.iter().rposition(|view| view.group == group).map_or(views.len(), |at| at + 1);
        let more = ReadinessView {
            state: worst,
            detail: format!("{count} more things are not shown; the worst of them is {}.", worst.word()),
            emergency: String::from("As with those above that are no better."),
            mend: worst.needs_a_look().then(|| String::from("Mend what is shown; the rest then comes up.")),
            ..item(id, group, format!("{count} more"))
        };
        views.insert(at, more);
    }
    views
}

#[cfg(test)]
#[path = "readiness_tests.rs"]
mod tests;
