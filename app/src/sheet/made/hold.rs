//! What holds until a time: pauses, planned work, dry runs, closed markets, moved capital.

use rebound::maintenance::UNNAMED;
use rebound::view::{Board, HeldView, TargetView, Tone, WindowView};

use super::capital;
use super::target::{MAINTENANCE, PAUSED};
use crate::sheet::{HoldSheet, Line, Mark, Piece, Told, Undo};

/// Most targets of a window that are named.
const NAMED_MAX: usize = 3;

/// What holds on all targets and, while something does, what comes next.
pub(super) fn on_all(board: &Board) -> Vec<HoldSheet> {
    let pause = board.pause.iter().map(|pause| {
        let mark = Mark::signed(Tone::Resting, "pause", "Healing of all targets is paused");
        sheet(mark, until(pause, PAUSE), Some(Undo::Resume(String::new())))
    });
    let windows = board.maintenance.iter().filter(|window| window.targets.is_empty());
    let work = windows.filter_map(|window| {
        let mut line = vec![called(&window.name), Piece::text(", until ")];
        line.push(time(window.ends?));
        line.push(Piece::text(format!("{}. {WORK}", by(window.by.as_deref()))));
        let undo = window.by.is_some().then(|| Undo::EndWork(String::new()));
        Some(sheet(Mark::signed(Tone::Resting, "work", "Planned work on all targets:"), line, undo))
    });
    let mut holds: Vec<HoldSheet> = pause.chain(work).collect();
    if !holds.is_empty() {
        let next = board.maintenance.iter().find(|window| window.begins.is_some());
        holds.extend(next.map(|window| {
            let HoldSheet { mark, line, undo, .. } = plan(window, &board.targets);
            sheet(Mark { word: format!("{}:", mark.word), ..mark }, line, undo)
        }));
    }
    holds
}

/// What a pause means.
const PAUSE: &str = "Watching and alerts go on; nothing is healed by itself.";
/// What planned work means.
const WORK: &str = "Nothing is healed, nobody is told, and uptime is not charged.";

/// Planned work of any target: what is going on, then what comes next.
pub(super) fn plans(board: &Board) -> Vec<HoldSheet> {
    board.maintenance.iter().map(|window| plan(window, &board.targets)).collect()
}

fn plan(window: &WindowView, targets: &[TargetView]) -> HoldSheet {
    let whom = whom(window, targets);
    let (sign, word, when) = match (window.ends, window.begins) {
        (Some(ends), _) => ("work", "Now", ("until ", Some(ends))),
        (None, begins) => ("clock", "Next", ("from ", begins)),
    };
    let mut line = vec![called(&window.name), Piece::text(format!(" on {whom}, {}", when.0))];
    line.extend(when.1.map(time));
    line.push(Piece::text(format!("{}.", by(window.by.as_deref()))));
    sheet(Mark::signed(Tone::Resting, sign, word), line, None)
}

/// What planned work is called: by somebody, or by Rebound where nobody gave it a name.
fn called(name: &str) -> Piece {
    if name == UNNAMED { Piece::text(name) } else { Piece::Named(name.to_owned()) }
}

fn whom(window: &WindowView, targets: &[TargetView]) -> String {
    let name = |id: &rebound::ids::TargetId| {
        let found = targets.iter().find(|target| target.id == *id);
        found.map_or_else(|| id.to_string(), |target| target.name.clone())
    };
    let named: Vec<String> = window.targets.iter().take(NAMED_MAX).map(name).collect();
    match window.targets.len() {
        0 => "all targets".to_owned(),
        count if count > NAMED_MAX => format!("{} and {} more", named.join(", "), count - NAMED_MAX),
        _ => named.join(", "),
    }
}

/// What holds on this target.
pub(super) fn on(view: &TargetView, board: &Board) -> Vec<HoldSheet> {
    let mut holds = Vec::new();
    let mut hold = |mark: Mark, line: Line, undo: Option<Undo>| holds.push(sheet(mark, line, undo));
    if let Some(pause) = view.pause.as_ref().filter(|_| heals(view)) {
        // That of all targets ends with theirs.
        let own = board.pause.as_ref() != Some(pause);
        let means = if own { PAUSE } else { "It is paused on all targets." };
        let undo = own.then(|| Undo::Resume(view.id.to_string()));
        hold(Mark::signed(Tone::Resting, "pause", "Healing is paused"), until(pause, means), undo);
    }
    if let Some(work) = &view.maintenance {
        let mut line = vec![called(&work.what), Piece::text(", until ")];
        line.push(time(work.until));
        line.push(Piece::text(format!("{}. {WORK}", by(work.by.as_deref()))));
        let began_here = board.maintenance.iter().any(|window| {
            window.by.is_some()
                && window.ends.is_some()
                && matches!(window.targets.as_slice(), [only] if *only == view.id)
        });
        let undo = began_here.then(|| Undo::EndWork(view.id.to_string()));
        hold(Mark::signed(Tone::Resting, "work", "Planned work:"), line, undo);
    }
    if view.heal.dry_run {
        let means = vec![Piece::text("Everything is decided and shown; nothing is done.")];
        hold(Mark::signed(Tone::Resting, "dry", "Dry run."), means, None);
    }
    if !view.market.open {
        let mut line = Line::new();
        if let Some(at) = view.market.until {
            line.extend([Piece::text("until "), time(at), Piece::text(". ")]);
        }
        line.push(Piece::text("Checks that need an open market rest until then."));
        let word = format!("The market {} is closed", view.market.calendar);
        hold(Mark::of(Tone::Resting, &word), line, None);
    }
    for (index, declared) in view.declared.iter().enumerate() {
        let mut line = vec![Piece::text("until ")];
        line.push(time(declared.until));
        line.push(Piece::text(format!("{}. Accounts at 0 are no trouble until then.", said_by(declared))));
        // One press takes all of them back.
        let undo = (index == 0).then(|| Undo::TakeBackMoves(view.id.to_string()));
        hold(Mark::signed(Tone::Resting, "moved", &capital(&declared.what)), line, undo);
    }
    holds
}

/// Whatever is said of it belongs to its key: what says something else is another.
fn sheet(mark: Mark, line: Line, undo: Option<Undo>) -> HoldSheet {
    HoldSheet { key: format!("{} {line:?} {undo:?}", mark.word), mark, line, undo }
}

/// Whether anything is ever done about it: where nothing is, a pause changes nothing.
const fn heals(view: &TargetView) -> bool {
    !view.heal.rungs.is_empty()
}

/// What must be seen of a target at a glance, beside its phase.
pub(super) fn marks(view: &TargetView) -> Vec<Mark> {
    let mut marks = Vec::new();
    if view.incident.as_ref().is_some_and(|incident| incident.flapping) {
        marks.push(Mark::signed(Tone::Warning, "flap", "Comes and goes"));
    }
    if view.pause.is_some() && heals(view) && view.phase != PAUSED {
        marks.push(Mark::signed(Tone::Resting, "pause", "Healing paused"));
    }
    if view.maintenance.is_some() && view.phase != MAINTENANCE {
        marks.push(Mark::signed(Tone::Resting, "work", "Planned work"));
    }
    if view.heal.dry_run {
        marks.push(Mark::signed(Tone::Resting, "dry", "Dry run"));
    }
    if !view.market.open {
        marks.push(Mark::signed(Tone::Resting, "resting", "Market closed"));
    }
    if !view.declared.is_empty() {
        marks.push(Mark::signed(Tone::Resting, "moved", "Capital moved"));
    }
    marks
}

/// `until Sunday 22:00, in 2 d, by anna. It means that.`
fn until(held: &HeldView, means: &str) -> Line {
    let mut line = vec![Piece::text("until ")];
    line.push(time(held.until));
    line.push(Piece::text(format!("{}. {means}", by(held.by.as_deref()))));
    line
}

const fn time(at: rebound::time::Timestamp) -> Piece {
    Piece::Moment(at, Told::DayLeft)
}

fn by(who: Option<&str>) -> String {
    who.map(|who| format!(", by {who}")).unwrap_or_default()
}

fn said_by(held: &HeldView) -> String {
    held.by.as_ref().map(|who| format!(", says {who}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rebound::ids::TargetId;

    use super::*;

    fn window(targets: &[&str]) -> WindowView {
        WindowView {
            name: "update".to_owned(),
            targets: targets.iter().map(|id| TargetId::try_new(id).unwrap()).collect(),
            by: None,
            begins: None,
            ends: None,
        }
    }

    #[test]
    fn a_window_of_many_targets_names_the_first_and_counts_the_rest() {
        assert_eq!(whom(&window(&[]), &[]), "all targets");
        assert_eq!(whom(&window(&["a", "b"]), &[]), "a, b");
        assert_eq!(whom(&window(&["a", "b", "c", "d", "e"]), &[]), "a, b, c and 2 more");
    }
}
