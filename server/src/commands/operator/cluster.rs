//! The servers that share the targets: what `rebound cluster` prints.

use rebound::time::Timestamp;
use rebound::view::{Board, ServerView, Tone};
use serde_json::Value;

use super::page::{Cell, Page, distance, write_out};
use super::server::Server;
use super::trouble::{DONE, NEEDS_A_LOOK, Trouble};

/// Shows who watches what. Ends with 4 when a server is silent or cannot write, or a target is watched by nobody.
pub(super) async fn show(server: &Server, json: bool) -> Result<u8, Trouble> {
    let told: Value = server.get("/api/v1/board").await?;
    let board: Board = server.read(told.clone())?;
    if json {
        let servers = told.get("servers").cloned().unwrap_or_default();
        write_out(&format!("{servers:#}\n"))?;
    } else {
        let mut page = Page::new();
        write(&mut page, &board);
        page.print()?;
    }
    let ails = board.servers.iter().any(|server| !server.works || server.store_trouble.is_some());
    Ok(if ails || !unwatched(&board).is_empty() { NEEDS_A_LOOK } else { DONE })
}

fn write(page: &mut Page, board: &Board) {
    if board.servers.is_empty() {
        page.line(
            "This Rebound watches alone. Several share the targets where they share a store in MongoDB.",
        );
        return;
    }
    let rows: Vec<Vec<Cell>> = board.servers.iter().map(|server| row(server, board.at)).collect();
    page.table(0, &rows);
    let unwatched = unwatched(board);
    if !unwatched.is_empty() {
        page.gap();
        page.line_in(Tone::Warning, &format!("Watched by no server: {}", unwatched.join(", ")));
    }
}

fn unwatched(board: &Board) -> Vec<&str> {
    let by_nobody = |id: &&str| {
        !board.servers.iter().any(|server| server.targets.iter().any(|held| held.as_str() == *id))
    };
    let ids = board.targets.iter().map(|view| view.id.as_str());
    if board.servers.is_empty() { Vec::new() } else { ids.filter(by_nobody).collect() }
}

fn row(server: &ServerView, now: Timestamp) -> Vec<Cell> {
    let state = if server.works {
        if server.store_trouble.is_some() { "cannot write" } else { "works" }.to_owned()
    } else {
        format!("silent, last heard of {}", distance(server.heard_at, now))
    };
    let tone = match (server.works, &server.store_trouble) {
        (false, _) => Tone::Unknown,
        (true, Some(_)) => Tone::Bad,
        (true, None) => Tone::Good,
    };
    let targets: Vec<&str> = server.targets.iter().map(rebound::ids::TargetId::as_str).collect();
    let watches = match targets.len() {
        0 => "watches nothing".to_owned(),
        1 => format!("watches 1: {}", targets.join(", ")),
        count => format!("watches {count}: {}", targets.join(", ")),
    };
    let here = if server.here { "asked" } else { "" };
    vec![server.name.as_str().into(), Cell::tone(tone), state.into(), here.into(), watches.into()]
}
