//! Fire drills in words.

use std::time::Duration;

use rebound::drill::{Drill, DrillState, DrillStep};
use rebound::monitor::RequestKind;
use rebound::time::{Timestamp, spoken};
use rebound::view::{Board, DrillView};

use super::request;
use crate::sheet::Mark;
use crate::sheet::drill::{DrillRow, DrillSheet, DrillsSheet, StepOfDrill};

/// Most targets whose drills are shown one by one.
const ROWS_MAX: usize = 30;

/// What the page shows of drills; `held` are those that the store has, or why they cannot be read.
pub(super) fn drills(board: &Board, held: Result<&[Drill], String>) -> DrillsSheet {
    let mut views: Vec<&DrillView> = board.drills.iter().collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.tone));
    let surplus = views.len().saturating_sub(ROWS_MAX);
    let is_about_drills = |what: &RequestKind| matches!(what, RequestKind::Drill { .. });
    DrillsSheet {
        sentence: sentence(board.drills.iter().filter_map(|view| view.next_at).min()),
        rows: views.into_iter().take(ROWS_MAX).map(row).collect(),
        more: (surplus > 0).then(|| format!("{surplus} more targets are no worse than these.")),
        trouble: held.as_ref().err().map(|why| format!("Those that were held cannot be shown: {why}.")),
        history: held.unwrap_or_default().iter().map(|drill| sheet(drill, board)).collect(),
        requests: request::latest(&board.requests, &board.targets, is_about_drills),
    }
}

fn sentence(next: Option<Timestamp>) -> String {
    let next = match next {
        Some(next) => format!("The next is due on {next}."),
        None => "None is scheduled; [drills] in the settings does that.".to_owned(),
    };
    format!(
        "A drill rehearses an emergency: the intent is kept, each fault has a plan, each remedy could be carried out, a test alert \
         arrives. Nothing that trades is touched. {next}"
    )
}

fn row(view: &DrillView) -> DrillRow {
    DrillRow {
        target: view.target.to_string(),
        name: view.name.clone(),
        server: view.server.clone(),
        mark: Mark::of(view.tone, view.word.as_deref().unwrap_or("never held")),
        says: view.says.clone(),
        ended: view.ended,
        mend: view.mend.clone(),
        next_at: view.next_at,
    }
}

fn sheet(drill: &Drill, board: &Board) -> DrillSheet {
    let view = board.targets.iter().find(|view| view.id == drill.target);
    DrillSheet {
        id: format!("{}-{}", drill.target, drill.due.as_ms()),
        name: view.map_or_else(|| drill.target.to_string(), |view| view.name.clone()),
        mark: Mark::of(drill.state.tone(), drill.state.word()),
        due: drill.due,
        by: drill.by.clone().unwrap_or_else(|| "the schedule".to_owned()),
        because: because(&drill.state),
        steps: drill.steps.iter().map(step).collect(),
    }
}

fn because(state: &DrillState) -> Option<String> {
    state.because().map(|because| format!("{because}."))
}

fn step(step: &DrillStep) -> StepOfDrill {
    StepOfDrill {
        mark: Mark::of(step.proof.tone(), step.proof.word()),
        name: step.name.clone(),
        said: step.said.clone(),
        mend: step.mend.clone(),
        took: step.took_ms.map(took),
    }
}

fn took(ms: u64) -> String {
    if ms == 0 { "at once".to_owned() } else { spoken(Duration::from_millis(ms)) }
}

#[cfg(test)]
mod tests {
    use super::{sentence, took};

    #[test]
    fn what_takes_no_time_is_not_called_zero() {
        assert_eq!([took(0), took(412), took(61_000)], ["at once", "412 ms", "1 min 1 s"]);
    }

    #[test]
    fn without_a_schedule_the_page_says_where_one_is_made() {
        assert!(sentence(None).ends_with("[drills] in the settings does that."));
    }
}
