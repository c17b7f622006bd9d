//! What became of earlier heals: line by line for one target, summed up per fault and rung over all.
//!
//! Counts are added; of times only bounds are given, since the percentile of a whole cannot be made from those of its parts.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::{Extension, Json};
use rebound::view::LedgerView;
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::extract::Path;
use super::board::target_of;
use super::{Answer, Who};

/// All heals of one rung against one fault, over all targets and remedies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sum {
    /// The fault's stable name.
    pub(crate) fault: String,
    /// How far the remedies reach.
    pub(crate) rung: String,
    /// Targets that were healed so.
    pub(crate) targets: u32,
    /// Heals noted.
    pub(crate) tried: u32,
    /// Those that helped.
    pub(crate) helped: u32,
    /// Those that did not.
    pub(crate) failed: u32,
    /// Those of which nothing can be said.
    pub(crate) unclear: u32,
    /// Times the fault came back within an hour.
    pub(crate) relapses: u32,
    /// Within this time at least half of the heals that helped had done so, in ms: the slowest line's time.
    pub(crate) took_p50_at_most_ms: Option<u64>,
    /// Within this time at least 95 % of them had, in ms: the slowest line's time.
    pub(crate) took_p95_at_most_ms: Option<u64>,
    /// Lines that rest after failures in a row.
    pub(crate) resting: u32,
}

pub(crate) async fn of_target(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Answer<Vec<LedgerView>> {
    Ok(Json(target_of(&face.service.board(&who), &target)?.ledger.clone()))
}

pub(crate) async fn of_all(State(face): State<Face>, Extension(who): Who) -> Json<Vec<Sum>> {
    let board = face.service.board(&who);
    Json(sums(board.targets.iter().map(|view| view.ledger.as_slice())))
}

/// By fault, mildest rung first, of the ledger of each target.
fn sums<'a>(ledgers: impl Iterator<Item = &'a [LedgerView]>) -> Vec<Sum> {
    let mut sums: BTreeMap<(&str, usize), Sum> = BTreeMap::new();
    for ledger in ledgers {
        let mut of_target = BTreeSet::new();
        for line in ledger {
            let key = (line.fault.as_str(), place(&line.rung));
            let sum = sums.entry(key).or_default();
            sum.add(line);
            sum.targets += u32::from(of_target.insert(key));
        }
    }
    sums.into_values().collect()
}

/// Where a rung stands on the ladder.
fn place(rung: &str) -> usize {
    const MILDEST_FIRST: [&str; 3] = ["soft", "medium", "hard"];
    MILDEST_FIRST.iter().position(|known| *known == rung).unwrap_or(MILDEST_FIRST.len())
}

impl Sum {
    fn add(&mut self, line: &LedgerView) {
        self.fault.clone_from(&line.fault);
        self.rung.clone_from(&line.rung);
        self.tried += line.tried;
        self.helped += line.helped;
        self.failed += line.failed;
        self.unclear += line.unclear;
        self.relapses += line.relapses;
        self.took_p50_at_most_ms = self.took_p50_at_most_ms.max(line.took_p50_ms);
        self.took_p95_at_most_ms = self.took_p95_at_most_ms.max(line.took_p95_ms);
        self.resting += u32::from(line.rests_until.is_some());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fault: &str, remedy: &str, rung: &str, helped: u32, took_ms: Option<u64>) -> LedgerView {
        LedgerView {
            fault: fault.to_owned(),
            remedy: remedy.to_owned(),
            rung: rung.to_owned(),
            tried: helped + 1,
            helped,
            failed: 1,
            unclear: 0,
            relapses: 1,
            took_p50_ms: took_ms,
            took_p95_ms: took_ms.map(|ms| ms * 2),
            verify_within_ms: None,
            rests_until: None,
        }
    }

    #[test]
    fn heals_are_summed_up_per_fault_and_rung_mildest_first() {
        let one = [
            line("link_lost", "restart host", "hard", 1, Some(90_000)),
            line("link_lost", "reconnect", "soft", 2, Some(4_000)),
            line("link_lost", "refresh", "soft", 0, None),
        ];
        let other = [line("link_lost", "reconnect", "soft", 3, Some(9_000))];

        let sums = sums([one.as_slice(), other.as_slice()].into_iter());

        let [soft, hard] = sums.as_slice() else { panic!("two sums, not {sums:#?}") };
        assert_eq!((soft.rung.as_str(), hard.rung.as_str()), ("soft", "hard"));
        assert_eq!((soft.targets, soft.tried, soft.helped, soft.failed, soft.relapses), (2, 8, 5, 3, 3));
        assert_eq!((hard.targets, hard.tried), (1, 2));
    }

    #[test]
    fn the_time_of_a_sum_is_that_of_its_slowest_line_and_missing_where_nothing_helped() {
        let helped =
            [line("link_lost", "a", "soft", 2, Some(4_000)), line("link_lost", "b", "soft", 1, Some(9_000))];
        let never = [line("stale", "a", "soft", 0, None)];

        let sums = sums([helped.as_slice(), never.as_slice()].into_iter());

        let times: Vec<_> =
            sums.iter().map(|sum| (sum.took_p50_at_most_ms, sum.took_p95_at_most_ms)).collect();
        assert_eq!(times, [(Some(9_000), Some(18_000)), (None, None)]);
    }
}
