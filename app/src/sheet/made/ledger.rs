//! What became of earlier heals, in words.

use std::time::Duration;

use rebound::time::spoken;
use rebound::view::LedgerView;

use crate::sheet::target::LedgerRow;
use crate::sheet::{Piece, Told};

/// One remedy against one fault.
pub(super) fn row(line: &LedgerView) -> LedgerRow {
    let span = |ms: u64| spoken(Duration::from_millis(ms));
    let took = match (line.took_p50_ms, line.took_p95_ms) {
        (Some(half), Some(most)) => Piece::Text(format!("{} / {}", span(half), span(most))),
        (Some(half), None) => Piece::Text(span(half)),
        (None, _) => Piece::Missing("it has not helped yet".to_owned()),
    };
    LedgerRow {
        // Stable names are words with underscores.
        fault: line.fault.replace('_', " "),
        remedy: line.remedy.clone(),
        rung: line.rung.clone(),
        helped: format!("{} of {}", line.helped, line.tried),
        unclear: (line.unclear > 0).then(|| format!("{} unclear", line.unclear)),
        took,
        awaited: line.verify_within_ms.map(|ms| format!("proof awaited for {}", span(ms))),
        relapses: match line.relapses {
            0 => "never".to_owned(),
            1 => "once".to_owned(),
            times => format!("{times} times"),
        },
        rests: match line.rests_until {
            Some(at) => vec![Piece::Moment(at, Told::DayLeft)],
            None => vec![Piece::text("does not rest")],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_that_never_helped_has_no_time() {
        let line = LedgerView {
            fault: "link_lost".to_owned(),
            remedy: "restart".to_owned(),
            rung: "medium".to_owned(),
            tried: 2,
            helped: 0,
            failed: 1,
            unclear: 1,
            relapses: 0,
            took_p50_ms: None,
            took_p95_ms: None,
            verify_within_ms: None,
            rests_until: None,
        };
        let row = row(&line);
        assert_eq!((row.fault.as_str(), row.helped.as_str()), ("link lost", "0 of 2"));
        assert!(matches!(row.took, Piece::Missing(_)));
    }
}
