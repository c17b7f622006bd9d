//! The state of everything: what `rebound status` prints, and whether it needs a look.

use rebound::incident::Severity;
use rebound::time::Timestamp;
use rebound::view::{Board, HeldView, TargetView, Tone, WindowView};
use serde_json::Value;

use super::page::{Cell, Page, distance, moment, write_out};
use super::server::Server;
use super::trouble::{DONE, NEEDS_A_LOOK, Trouble};

/// Shows the board.
pub(super) async fn board(server: &Server, json: bool) -> Result<u8, Trouble> {
    let told: Value = server.get("/api/v1/board").await?;
    let board: Board = server.read(told.clone())?;
    if json {
        write_out(&format!("{told:#}\n"))?;
    } else {
        let mut page = Page::new();
        write(&mut page, &board);
        page.print()?;
    }
    let looked_at = own_trouble(&board).is_some() || board.targets.iter().any(needs_a_look);
    Ok(if looked_at || board.targets.is_empty() { NEEDS_A_LOOK } else { DONE })
}

/// Whether a person should look: it is bad, given up, or nobody knows. A failure that is not believed yet, a heal that runs, and a
/// market that is closed need nobody.
pub(super) fn needs_a_look(view: &TargetView) -> bool {
    match view.tone {
        Tone::Good | Tone::Resting | Tone::Busy => false,
        Tone::Warning => view.phase != "Suspect",
        Tone::Unknown | Tone::Bad => true,
    }
}

/// What keeps Rebound itself from working.
fn own_trouble(board: &Board) -> Option<String> {
    if let Some(why) = &board.own.store_trouble {
        return Some(format!("The store does not accept writes, so no heal may start: {why}"));
    }
    let lacking = board.own.network_watched && board.own.network_works == Some(false);
    if lacking {
        return Some(
            "Rebound's own network does not work; silence says nothing about the targets.".to_owned(),
        );
    }
    board.own.clock_wrong.then(|| "Rebound's own clock is wrong; what rests on it is not judged.".to_owned())
}

fn write(page: &mut Page, board: &Board) {
    let now = board.at;
    page.line_in(board.tone, &board.sentence);
    if let Some(trouble) = own_trouble(board) {
        page.line_in(Tone::Bad, &trouble);
    }
    page.gap();
    let rows: Vec<Vec<Cell>> = board.targets.iter().map(|view| row(view, now)).collect();
    page.table(0, &rows);
    for view in &board.targets {
        for line in held(view, now) {
            page.line(&format!("{}: {line}", view.id));
        }
    }
    if let Some(pause) = &board.pause {
        page.gap();
        page.line(&held_line("Healing of all targets is paused", pause, now));
    }
    if !board.maintenance.is_empty() {
        page.gap();
        page.line("Planned work");
        windows(page, 2, &board.maintenance, now);
    }
    for banner in &board.banners {
        let number = banner.alert.map_or_else(String::new, |alert| format!("alert {alert}, "));
        page.gap();
        let tone = match banner.severity {
            Severity::Info => Tone::Good,
            Severity::Warning => Tone::Warning,
            Severity::Critical => Tone::Bad,
        };
        page.line_in(tone, &format!("{} {}", banner.severity, banner.title));
        page.line(&format!("  {number}{}", distance(banner.since, now)));
        if !banner.text.is_empty() {
            page.line(&format!("  {}", banner.text));
        }
    }
}

fn row(view: &TargetView, now: Timestamp) -> Vec<Cell> {
    let seen = view
        .observed_at
        .map_or_else(|| "not seen yet".to_owned(), |at| format!("seen {}", distance(at, now)));
    vec![
        view.id.as_str().into(),
        Cell::tone(view.tone),
        view.phase.as_str().into(),
        seen.into(),
        view.sentence.as_str().into(),
    ]
}

/// What holds heals or alerts of a target, and what was said about it; one line each.
pub(super) fn held(view: &TargetView, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    if view.heal.dry_run {
        lines.push("dry run, nothing is really done".to_owned());
    }
    lines.extend(view.pause.as_ref().map(|pause| held_line(&pause.what, pause, now)));
    lines.extend(
        view.maintenance.as_ref().map(|work| held_line(&format!("planned work, {}", work.what), work, now)),
    );
    lines.extend(view.declared.iter().map(|declared| held_line(&declared.what, declared, now)));
    lines
}

fn held_line(what: &str, held: &HeldView, now: Timestamp) -> String {
    let by = held.by.as_ref().map_or_else(String::new, |by| format!(", by {by}"));
    format!("{what} until {}{by}", moment(held.until, now))
}

/// Planned work as a table.
pub(super) fn windows(page: &mut Page, indent: usize, windows: &[WindowView], now: Timestamp) {
    let row = |window: &WindowView| -> Vec<Cell> {
        let targets: Vec<&str> = window.targets.iter().map(|target| target.as_str()).collect();
        let whom = if targets.is_empty() { "all targets".to_owned() } else { targets.join(", ") };
        let when = match (window.ends, window.begins) {
            (Some(ends), _) => format!("until {}", moment(ends, now)),
            (None, Some(begins)) => format!("from {}", moment(begins, now)),
            (None, None) => String::new(),
        };
        let by = window.by.as_ref().map_or_else(|| "configured".to_owned(), |by| format!("by {by}"));
        vec![window.name.as_str().into(), whom.into(), when.into(), by.into()]
    };
    page.table(indent, &windows.iter().map(row).collect::<Vec<_>>());
}
