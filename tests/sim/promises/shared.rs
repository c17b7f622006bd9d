//! Several servers share a site: each target has one server, what stands on each other is not parted, and nobody decides about
//! what is another's.

use std::collections::{BTreeMap, BTreeSet};

use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::target::TargetSpec;

use super::super::site::Site;

/// What is not so of the servers that share these targets.
#[must_use]
pub fn badly_shared(sites: &[Site], targets: &[TargetSpec]) -> Vec<String> {
    let mut broken = parted(sites, targets);
    let mut incidents: BTreeMap<IncidentId, usize> = BTreeMap::new();
    let mut alerts: BTreeMap<AlertId, usize> = BTreeMap::new();
    for (row, site) in sites.iter().enumerate() {
        let own: BTreeSet<&TargetId> = site.config.targets.iter().map(|spec| &spec.id).collect();
        let watched = site.monitor.target_ids();
        if !watched.iter().eq(own.iter().copied()) {
            broken.push(format!("server {row} holds {own:?} and watches {watched:?}"));
        }
        let notes = &site.notes;
        for known in notes.incidents.values().chain(&notes.lost) {
            let (id, target) = (known.incident.id, &known.incident.target);
            broken.extend(strange(row, &own, target, "opened an incident"));
            if *incidents.entry(id).or_insert(row) != row {
                broken.push(format!("incident {id} is one of two servers"));
            }
        }
        for told in &notes.alerts {
            let (id, target) = (told.alert.id, told.alert.target.as_ref());
            broken.extend(target.and_then(|target| strange(row, &own, target, "told")));
            if *alerts.entry(id).or_insert(row) != row {
                broken.push(format!("alert {id} is one of two servers"));
            }
        }
        let steps = notes.steps.iter().map(|step| &step.request.target);
        broken.extend(steps.filter_map(|target| strange(row, &own, target, "healed")));
    }
    broken
}

/// Targets that no server or several watch, and such that are parted from what they depend on.
fn parted(sites: &[Site], targets: &[TargetSpec]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut rows: BTreeMap<&TargetId, Vec<usize>> = BTreeMap::new();
    for (row, site) in sites.iter().enumerate() {
        for spec in &site.config.targets {
            rows.entry(&spec.id).or_default().push(row);
        }
    }
    for spec in targets {
        let own = rows.get(&spec.id);
        if own.is_none_or(|rows| rows.len() != 1) {
            broken.push(format!("{} is watched by {own:?}, not by one server", spec.id));
        }
        let apart = spec.depends_on.iter().filter(|parent| rows.get(*parent) != own);
        broken.extend(apart.map(|parent| format!("{} is not watched where {parent} is", spec.id)));
    }
    broken
}

fn strange(row: usize, own: &BTreeSet<&TargetId>, target: &TargetId, did: &str) -> Option<String> {
    (!own.contains(target)).then(|| format!("server {row} {did} for {target}, which is another's"))
}
