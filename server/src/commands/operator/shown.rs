//! Commands that only show something: explanations, the ledger, planned work.

use std::time::Duration;

use rebound::ids::TargetId;
use rebound::time::{Timestamp, spoken};
use rebound::view::{Board, Explained, LedgerView, WindowView};
use serde_json::Value;

use super::asking::of_target;
use super::page::{Cell, Page, moment, write_out};
use super::server::Server;
use super::status::windows;
use super::trouble::{DONE, Trouble};
use crate::http::json::ledger::Sum;

type Ended = Result<u8, Trouble>;

pub(super) async fn explain(server: &Server, target: &TargetId) -> Ended {
    let answers: Vec<Explained> = server.get(&of_target(target, "explain")).await?;
    let mut page = Page::new();
    for Explained { question, answer } in &answers {
        page.gap();
        page.line(question);
        page.line(&format!("  {answer}"));
    }
    page.print()?;
    Ok(DONE)
}

pub(super) async fn maintenance(server: &Server) -> Ended {
    let board: Board = server.get("/api/v1/board").await?;
    let planned: &[WindowView] = &board.maintenance;
    let mut page = Page::new();
    if planned.is_empty() {
        page.line("No work is planned.");
    }
    windows(&mut page, 0, planned, board.at);
    page.print()?;
    Ok(DONE)
}

pub(super) async fn ledger(server: &Server, target: Option<&TargetId>, json: bool) -> Ended {
    let path = target.map_or_else(|| "/api/v1/ledger".to_owned(), |target| of_target(target, "ledger"));
    let told: Value = server.get(&path).await?;
    if json {
        write_out(&format!("{told:#}\n"))?;
        return Ok(DONE);
    }
    let rows = match target {
        None => sums(&server.read::<Vec<Sum>>(told)?),
        Some(_) => {
            let board: Board = server.get("/api/v1/board").await?;
            lines(&server.read::<Vec<LedgerView>>(told)?, board.at)
        }
    };
    let mut page = Page::new();
    match rows.len() {
        // The heading alone.
        1 => page.line("Nothing was healed yet."),
        _ => page.table(0, &rows),
    }
    page.print()?;
    Ok(DONE)
}

fn sums(sums: &[Sum]) -> Vec<Vec<Cell>> {
    let heading = [
        "fault",
        "rung",
        "targets",
        "tried",
        "helped",
        "failed",
        "unclear",
        "relapses",
        "p50 at most",
        "p95 at most",
        "resting",
    ];
    let row = |sum: &Sum| -> Vec<Cell> {
        vec![
            sum.fault.as_str().into(),
            sum.rung.as_str().into(),
            count(sum.targets),
            count(sum.tried),
            count(sum.helped),
            count(sum.failed),
            count(sum.unclear),
            count(sum.relapses),
            took(sum.took_p50_at_most_ms),
            took(sum.took_p95_at_most_ms),
            count(sum.resting),
        ]
    };
    table(&heading, sums.iter().map(row))
}

fn lines(lines: &[LedgerView], now: Timestamp) -> Vec<Vec<Cell>> {
    let heading = [
        "fault",
        "remedy",
        "rung",
        "tried",
        "helped",
        "failed",
        "unclear",
        "relapses",
        "p50",
        "p95",
        "proof within",
        "rests until",
    ];
    let row = |line: &LedgerView| -> Vec<Cell> {
        vec![
            line.fault.as_str().into(),
            line.remedy.as_str().into(),
            line.rung.as_str().into(),
            count(line.tried),
            count(line.helped),
            count(line.failed),
            count(line.unclear),
            count(line.relapses),
            took(line.took_p50_ms),
            took(line.took_p95_ms),
            took(line.verify_within_ms),
            line.rests_until.map_or_else(|| "-".to_owned(), |until| moment(until, now)).into(),
        ]
    };
    table(&heading, lines.iter().map(row))
}

fn table(heading: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Vec<Vec<Cell>> {
    let heading = heading.iter().map(|word| Cell::from(*word)).collect();
    std::iter::once(heading).chain(rows).collect()
}

fn count(number: u32) -> Cell {
    number.to_string().into()
}

/// A time, or a dash where none is known.
fn took(ms: Option<u64>) -> Cell {
    ms.map_or_else(|| "-".to_owned(), |ms| spoken(Duration::from_millis(ms))).into()
}
