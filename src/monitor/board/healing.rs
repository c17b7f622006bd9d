//! Healing of a target as the board shows it: what is allowed, what would be done, what came of it before.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::explain::Scene;
use super::super::watch::TargetState;
use crate::ids::IncidentId;
use crate::ledger::Line;
use crate::target::TargetSpec;
use crate::time::Timestamp;
use crate::view::{HealView, LedgerView};

pub(super) fn heal_view(scene: &Scene<'_>) -> HealView {
    let Scene { spec, state, now, .. } = *scene;
    // A heal of another incident binds the open one; where none is open, the last binds the next.
    let binds = state.incident.as_ref().map_or(IncidentId::new(0), |incident| incident.id);
    let cooldown_until = state.budget.cooling_until(&spec.heal.budget, binds, now);
    HealView {
        ladder: spec
            .heal
            .ladder
            .iter()
            .map(|remedy| format!("{} ({}, {})", remedy.name, remedy.rung, remedy.action))
            .collect(),
        rungs: scene.rungs(),
        dry_run: state.is_dry_run(spec),
        used_this_hour: state.budget.in_last_hour(now),
        per_hour_max: spec.heal.budget.per_hour_max,
        cooldown_until,
        last: state.last_heal.clone(),
        forecast: scene.forecast(),
    }
}

pub(super) fn ledger_view(spec: &TargetSpec, state: &TargetState, now: Timestamp) -> Vec<LedgerView> {
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let line = |line: &Line| {
        let ladder = spec.heal.ladder.iter();
        LedgerView {
            fault: line.fault.clone(),
            remedy: line.remedy.clone(),
            rung: line.rung.to_string(),
            tried: line.tried(),
            helped: line.helped,
            failed: line.failed,
            unclear: line.unclear,
            relapses: line.relapses,
            took_p50_ms: line.took(50).map(ms),
            took_p95_ms: line.took(95).map(ms),
            verify_within_ms: state.ledger.verify_within_of(&line.fault, ladder, &line.remedy).map(ms),
            rests_until: line.rests_until.filter(|until| *until > now),
        }
    };
    state.ledger.lines().iter().map(line).collect()
}
