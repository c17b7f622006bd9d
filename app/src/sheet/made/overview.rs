//! The Overview: one target whole, or many at a glance with those in trouble above them.

use rebound::view::{Board, TargetView, Tone};

use super::request::{self, Place};
use super::{alert, hold, own, server};
use crate::sheet::chart::ChartsSheet;
use crate::sheet::overview::{OverviewSheet, TargetRow, Week};
use crate::sheet::target::{TargetSheet, UptimeSheet};
use crate::sheet::{Body, RequestSheet};

/// Most targets in trouble that have a card of their own. When a host with fifty bridges dies, fifty cards say less than eight
/// and a number.
const CARDS_MAX: usize = 8;

impl Body {
    /// The Overview of this board.
    #[must_use]
    pub fn overview(board: &Board, week: Week) -> Self {
        let alone = board.targets.len() == 1;
        let (cards, more) = if alone {
            (board.targets.iter().map(|view| whole(view, board)).collect(), None)
        } else {
            cards(board)
        };
        let rows = board.targets.iter().filter(|_| !alone).map(|view| TargetRow::of(view, board));
        Self::Overview(Box::new(OverviewSheet {
            sentence: board.sentence.clone(),
            tone: Some(board.tone),
            cards,
            week,
            more,
            rows: rows.collect(),
            plans: hold::plans(board),
            plan_requests: requests(board, Place::Plans),
            alerts: board.alerts.iter().map(alert::sheet).collect(),
            requests: requests(board, Place::Alerts),
            own: own::facts(board),
            servers: server::facts(board),
        }))
    }

    /// Everything about one target; `None` where it is not watched.
    #[must_use]
    pub fn target(board: &Board, id: &str, charts: ChartsSheet) -> Option<Self> {
        let view = board.targets.iter().find(|view| view.id.as_str() == id)?;
        Some(Self::Target(Box::new(whole(view, board)), Box::new(charts)))
    }
}

/// What was asked lately, as far as it belongs to that place.
pub(super) fn requests(board: &Board, place: Place<'_>) -> Vec<RequestSheet> {
    let alone = board.targets.len() == 1;
    request::latest(&board.requests, &board.targets, |what| request::belongs(what, place, alone))
}

fn whole(view: &TargetView, board: &Board) -> TargetSheet {
    TargetSheet::of(view, board, requests(board, Place::Card(view)))
}

/// Those in trouble, the worst first, and how many more there are.
fn cards(board: &Board) -> (Vec<TargetSheet>, Option<String>) {
    let mut troubled: Vec<&TargetView> =
        board.targets.iter().filter(|view| view.incident.is_some() || view.tone == Tone::Bad).collect();
    troubled.sort_by_key(|view| std::cmp::Reverse(view.tone));
    let surplus = troubled.len().saturating_sub(CARDS_MAX);
    let more = (surplus > 0).then(|| format!("{surplus} more are in trouble; they stand in the list below."));
    (troubled.into_iter().take(CARDS_MAX).map(|view| brief(view, board)).collect(), more)
}

/// What a card shows of a target that has a page of its own: what happens, and what can be done about it.
fn brief(view: &TargetView, board: &Board) -> TargetSheet {
    let all = whole(view, board);
    TargetSheet {
        accounts: all.accounts.map(|_| Vec::new()),
        checks: Vec::new(),
        recent: Vec::new(),
        ledger: Vec::new(),
        uptime: UptimeSheet::default(),
        ..all
    }
}
