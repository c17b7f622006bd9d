//! Each second of a target is in one state, all together are the time watched, and the states are true.

use std::time::Duration;

use rebound::time::Timestamp;
use rebound::uptime::UptimeState;

use super::super::fault::Found;
use super::super::spans::{Span, Spans};
use super::super::truth::{Truth, Truths};
use super::{next_look, retry};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const SECOND: Duration = Duration::from_secs(1);

/// Stretches of the last day that overlap, leave something out, or say what was not so.
pub(super) fn wrong(truths: &Truths<'_>) -> Vec<String> {
    let board = truths.site.monitor.board(1, truths.site.clock());
    let mut broken = Vec::new();
    for view in &board.targets {
        let Some(truth) = truths.of.get(&view.id) else {
            continue;
        };
        let uptime = &view.uptime;
        let begins = uptime.stretches.first().map_or(uptime.to, |first| first.from);
        let ends = uptime.stretches.last().map_or(uptime.from, |last| last.to);
        let joined = uptime.stretches.windows(2).all(|pair| pair[0].to == pair[1].from);
        let watched = uptime.to.since(begins);
        let sum = Duration::from_millis(uptime.figures.total_ms());
        let long = truths.site.now.since(truths.begins) > DAY * 2;
        if !joined || ends != uptime.to || sum != watched || (long && begins != uptime.from) {
            broken.push(format!("the uptime of {} is not one state after another: {uptime:?}", view.id));
        }
        for stretch in &uptime.stretches {
            let near = truths.site.now;
            let from = truths.true_time(stretch.from, near);
            let to = truths.true_time(stretch.to, near);
            broken.extend(untrue(truths, truth, (from, to), stretch.state));
        }
    }
    broken
}

/// Whether a stretch says what was not so, beyond the time in which it could not be known.
fn untrue(truths: &Truths<'_>, truth: &Truth<'_>, span: Span, state: UptimeState) -> Option<String> {
    // Only this run's clock is known to be that of the stretch.
    let run = truths.site.runs.last()?;
    let span = (span.0.max(run.from.after(Duration::from_secs(120))), span.1);
    let hindered = truths.hindered(truth, false, true);
    let pad = next_look(truth.spec) + retry(truth.spec) * 3 + truth.read_every + Duration::from_secs(100);
    let clear = |troubles: &Spans| -> Option<(Timestamp, Timestamp)> {
        Spans::of(hindered.iter().chain(troubles.iter())).clear(span, pad)
    };
    match state {
        UptimeState::Down => {
            let any = truth.troubles.iter().map(|trouble| (trouble.from, trouble.to.after(pad)));
            let unseen = truth.thing.losses.iter().map(|loss| (loss.started, truths.site.now));
            let closed = truth.closed.iter();
            let clear = clear(&Spans::of(any.chain(unseen).chain(closed)))?;
            Some(format!("{} is charged as down at {}, and was well", truth.spec.id, clear.0))
        }
        UptimeState::Up | UptimeState::MarketClosed => {
            // Where a critical fault that was to be found stood the whole time.
            let down = truth.troubles.iter().find(|trouble| {
                let nature = trouble.fault.nature();
                let limit = trouble.fault.found_within(truth.spec, truth.read_every);
                let known = limit.map(|limit| (trouble.from.after(limit), trouble.to));
                let critical = !nature.warns && matches!(nature.found, Found::Failing(..) | Found::ByAge);
                critical
                    && known.is_some_and(|(from, to)| {
                        let both = (from.max(span.0), to.min(span.1));
                        // Ages count anew from the opening on.
                        let ages = nature.found == Found::ByAge;
                        let after =
                            if ages { truth.spec.thresholds.sync_window + pad } else { Duration::ZERO };
                        let closed = nature.rests.then(|| truth.closed.padded(Duration::ZERO, after));
                        let others = truth.troubles.iter().filter(|other| !std::ptr::eq(**other, **trouble));
                        let others = others.map(|other| (other.from, other.to.after(pad)));
                        let all = Spans::of(
                            hindered.iter().chain(closed.iter().flat_map(Spans::iter)).chain(others),
                        );
                        both.0 < both.1 && all.clear(both, SECOND * 60).is_some()
                    })
            })?;
            Some(format!(
                "{} is charged as {} during {:?} at {}",
                truth.spec.id,
                state.word(),
                down.fault,
                down.from
            ))
        }
        UptimeState::Degraded | UptimeState::Unknown | UptimeState::Maintenance => None,
    }
}
