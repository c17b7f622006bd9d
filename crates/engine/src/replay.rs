//! What other settings would have done: what was seen is judged once more, by the settings in force and by those that are
//! proposed, side by side.
//!
//! Both get the same answers: to each question the recorded observation that was asked for nearest to it. What a heal would have
//! changed cannot be known; steps are taken to end well, and what was seen after them is what was really seen. What people did
//! meanwhile, such as a pause, is not done again. Nothing is asked, healed or sent.

use std::collections::BTreeSet;
use std::time::Duration;

use rebound::drill::DrillPolicy;
use rebound::ids::TargetId;
use rebound::readiness::ReadinessSpec;
use rebound::target::Config;
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::history::port::HistoryStore;
use crate::history::recording::{Line, Recorded};
use crate::ports::StoreError;

mod run;

mod seen;

use run::{Answers, Run, of_targets};
use seen::Seen;

/// Longest stretch that is judged once more.
pub const SPAN_MAX: Duration = Duration::from_secs(30 * 86_400);
/// Target-days that one replay takes at most: a change of many targets is tried on fewer days.
const TARGET_DAYS_MAX: u64 = 120;
/// Most targets of one replay.
const TARGETS_MAX: usize = 120;
/// What is read and judged at once.
const SLICE: Duration = Duration::from_secs(2 * 3_600);
/// Recordings that one query returns; a part covers ten minutes.
const PARTS_AT_ONCE: u32 = 100;

/// What settings lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Incidents that opened.
    pub incidents: u64,
    /// Heal steps that were begun.
    pub heals: u64,
    /// Alerts that were raised. Reminders are left out: they end when a person acknowledges, and no person is there.
    pub alerts: u64,
    /// Time with an incident open, of all targets together, in ms.
    pub trouble_ms: u64,
}

/// What two settings lead to on the same observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// How many targets it is about.
    pub targets: u64,
    /// How many the change is about; more than `targets`: the others were left out.
    pub touched: u64,
    /// Observations of targets that were judged; 0: nothing is known, and the outcomes say nothing.
    pub observations: u64,
    /// With the settings in force.
    pub before: Outcome,
    /// With those that are proposed.
    pub after: Outcome,
}

/// Judges what was seen up to `now` by both settings. `told` hears after each slice which share is done, in percent.
///
/// # Errors
/// [`StoreError`] if the recordings cannot be read.
pub async fn replay(
    store: &dyn HistoryStore,
    before: &Config,
    after: &Config,
    now: Timestamp,
    told: &(dyn Fn(u8) + Send + Sync),
) -> Result<Replayed, StoreError> {
    let touched = touched(before, after);
    let targets: BTreeSet<TargetId> = touched.iter().take(TARGETS_MAX).cloned().collect();
    let days = (TARGET_DAYS_MAX / u64::try_from(targets.len().max(1)).unwrap_or(1)).max(1);
    let span = SPAN_MAX.min(Duration::from_secs(days * 86_400));
    let start = now.before(span);
    let of: Vec<Option<TargetId>> = std::iter::once(None).chain(targets.iter().cloned().map(Some)).collect();
    let mut seen: Answers = of.iter().map(|of| (of.clone(), Seen::default())).collect();
    let mut runs: Option<(Run, Run)> = None;
    let (mut first, mut at) = (None, start);
    while at < now {
        let end = at.after(SLICE).min(now);
        for (of, seen) in &mut seen {
            let lines = lines(store, of.as_ref(), at, end).await?;
            seen.take(lines, at);
        }
        let slice_starts = of_targets(&seen).filter_map(Seen::earliest).min();
        if let (None, Some(begins)) = (&runs, slice_starts) {
            first = Some(begins);
            runs = Some((Run::new(only(before, &targets), begins), Run::new(only(after, &targets), begins)));
        }
        if let Some((one, other)) = runs.take() {
            let answers = std::mem::take(&mut seen);
            // Judging thousands of observations would hold up whoever else waits for this thread.
            let judged = tokio::task::spawn_blocking(move || judged(one, other, answers, end)).await;
            let (one, other, answers) =
                judged.map_err(|error| StoreError::Unavailable(format!("the replay broke: {error}")))?;
            seen = answers;
            runs = Some((one, other));
        }
        at = end;
        told(share(start, at, now));
    }
    let (before, after) =
        runs.map_or_else(Default::default, |(one, other)| (one.ended(now), other.ended(now)));
    Ok(Replayed {
        from: first.unwrap_or(now),
        to: now,
        targets: u64::try_from(targets.len()).unwrap_or(u64::MAX),
        touched: u64::try_from(touched.len()).unwrap_or(u64::MAX),
        observations: of_targets(&seen).map(|seen| seen.taken).sum(),
        before,
        after,
    })
}

fn judged(mut one: Run, mut other: Run, answers: Answers, end: Timestamp) -> (Run, Run, Answers) {
    one.run_to(end, &answers);
    other.run_to(end, &answers);
    (one, other, answers)
}

fn share(from: Timestamp, at: Timestamp, to: Timestamp) -> u8 {
    let whole = to.since(from).as_millis().max(1);
    u8::try_from(at.since(from).as_millis() * 100 / whole).unwrap_or(100).min(100)
}

/// The targets whose course may be another: those with other settings, whatever stands on them or carries them, or all where
/// what belongs to no target was changed.
fn touched(before: &Config, after: &Config) -> BTreeSet<TargetId> {
    let all = || after.targets.iter().map(|spec| spec.id.clone()).collect();
    if before.alerts != after.alerts
        || before.own_network != after.own_network
        || before.maintenance != after.maintenance
    {
        return all();
    }
    let mut touched: BTreeSet<TargetId> = after
        .targets
        .iter()
        .filter(|spec| !before.targets.iter().any(|known| known == *spec))
        .map(|spec| spec.id.clone())
        .collect();
    loop {
        let known = touched.len();
        for spec in &after.targets {
            let stands_on = spec.depends_on.iter().any(|parent| touched.contains(parent));
            if stands_on || touched.contains(&spec.id) {
                touched.insert(spec.id.clone());
                touched.extend(spec.depends_on.iter().cloned());
            }
        }
        if touched.len() == known {
            return touched;
        }
    }
}

/// Of these targets alone, and without what looks outside.
fn only(config: &Config, targets: &BTreeSet<TargetId>) -> Config {
    let mut config = config.clone();
    config.targets.retain(|spec| targets.contains(&spec.id));
    for spec in &mut config.targets {
        spec.depends_on.retain(|parent| targets.contains(parent));
    }
    config.readiness = ReadinessSpec { watched: false, ping_every: None };
    config.drills = DrillPolicy::default();
    config
}

/// What was recorded of one target in parts that begin from `from` on and before `to`.
async fn lines(
    store: &dyn HistoryStore,
    of: Option<&TargetId>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Line>, StoreError> {
    let (mut lines, mut from) = (Vec::new(), from);
    loop {
        let parts = store.recordings(of, from, to, PARTS_AT_ONCE).await?;
        for part in &parts {
            match part.lines() {
                Ok(read) => lines.extend(read),
                Err(error) => {
                    tracing::warn!(%error, "a recording cannot be read and is left out of the replay")
                }
            }
        }
        match parts.last() {
            Some(last) if parts.len() == PARTS_AT_ONCE as usize => {
                from = last.from.after(Duration::from_millis(1))
            }
            Some(_) | None => break,
        }
    }
    lines.retain(|line| matches!(line.what, Recorded::Seen(_)));
    Ok(lines)
}

#[cfg(test)]
mod tests;
