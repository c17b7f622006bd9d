//! One target in full: what `rebound status TARGET` prints.

use rebound::ids::TargetId;
use rebound::incident::Incident;
use rebound::time::{Timestamp, spoken};
use rebound::view::{AccountView, Board, CheckView, TargetView};
use serde_json::Value;

use super::page::{Cell, Page, distance, moment, write_out};
use super::server::Server;
use super::status::{held, needs_a_look};
use super::trouble::{DONE, NEEDS_A_LOOK, Trouble};

/// Newest events of an incident that are shown.
const EVENTS_SHOWN: usize = 12;

/// Shows one target.
pub(super) async fn status(server: &Server, target: &TargetId, json: bool) -> Result<u8, Trouble> {
    let told: Value = server.get("/api/v1/board").await?;
    let board: Board = server.read(told.clone())?;
    let view = view_of(&board, target)?;
    if json {
        let targets = told["targets"].as_array().into_iter().flatten();
        let raw = targets.into_iter().find(|raw| raw["id"] == target.as_str()).unwrap_or(&Value::Null);
        write_out(&format!("{raw:#}\n"))?;
    } else {
        let mut page = Page::new();
        write(&mut page, view, board.at);
        page.print()?;
    }
    Ok(if needs_a_look(view) { NEEDS_A_LOOK } else { DONE })
}

/// The target's part of the board.
pub(super) fn view_of<'a>(board: &'a Board, target: &TargetId) -> Result<&'a TargetView, Trouble> {
    board.targets.iter().find(|view| view.id == *target).ok_or_else(|| Trouble::Told {
        status: 404,
        message: format!("no target is called \"{target}\""),
        help: String::new(),
    })
}

fn write(page: &mut Page, view: &TargetView, now: Timestamp) {
    page.line_in(view.tone, &format!("{} ({}): {}", view.name, view.id, view.sentence));
    page.table(2, &facts(view, now));
    for line in held(view, now) {
        page.line(&format!("  {line}"));
    }
    page.gap();
    page.line("Checks");
    page.table(2, &view.checks.iter().map(check_row).collect::<Vec<_>>());
    if !view.accounts.is_empty() {
        page.gap();
        page.line("Accounts");
        page.table(2, &view.accounts.iter().map(|account| account_row(account, now)).collect::<Vec<_>>());
    }
    page.gap();
    page.line("Healing");
    page.line(&format!("  {}", view.heal.forecast));
    let ladder = view.heal.rungs.iter();
    let rungs: Vec<Vec<Cell>> = ladder
        .map(|rung| vec![rung.name.as_str().into(), rung.rung.as_str().into(), rung.says.as_str().into()])
        .collect();
    page.table(2, &rungs);
    if let Some(incident) = &view.incident {
        page.gap();
        write_incident(page, incident, now);
    }
}

fn facts(view: &TargetView, now: Timestamp) -> Vec<Vec<Cell>> {
    let seen = view.observed_at.map_or_else(|| "never".to_owned(), |at| moment(at, now));
    let next = view.next_probe_at.map_or_else(String::new, |at| distance(at.max(now), now));
    let open = if view.market.open { "open" } else { "closed" };
    let until = view.market.until.map_or_else(String::new, |at| format!(" until {}", moment(at, now)));
    let uptime = view.uptime.percent.as_deref().unwrap_or("not known");
    let heals = format!("{} of {} this hour", view.heal.used_this_hour, view.heal.per_hour_max);
    let mut rows: Vec<Vec<Cell>> = vec![
        vec!["phase".into(), format!("{}. {}", view.phase, view.phase_detail).into()],
        vec!["last seen".into(), seen.into()],
        vec!["next look".into(), next.into()],
        vec!["market".into(), format!("{}: {open}{until}", view.market.calendar).into()],
        vec!["last 24 h".into(), uptime.into()],
        vec!["heals".into(), heals.into()],
    ];
    if !view.depends_on.is_empty() {
        rows.push(vec!["depends on".into(), view.depends_on.join(", ").into()]);
    }
    if let Some(last) = &view.heal.last {
        let took = spoken(std::time::Duration::from_millis(last.took_ms));
        rows.push(vec!["last heal".into(), format!("{}, took {took}", moment(last.at, now)).into()]);
    }
    rows
}

fn check_row(check: &CheckView) -> Vec<Cell> {
    vec![
        check.id.name().into(),
        Cell::tone(check.tone),
        check.verdict.as_str().into(),
        check.reason.as_deref().or(check.value.as_deref()).unwrap_or_default().into(),
    ]
}

fn account_row(account: &AccountView, now: Timestamp) -> Vec<Cell> {
    let balance = account.balance.map_or_else(String::new, |balance| {
        let currency = account.currency.as_deref().unwrap_or_default();
        let age = if account.live { "" } else { " (old)" };
        format!("{balance} {currency}{age}")
    });
    let read =
        account.read_at.map_or_else(|| "never read".to_owned(), |at| format!("read {}", distance(at, now)));
    vec![
        account.id.to_string().into(),
        Cell::tone(account.tone),
        account.state.as_str().into(),
        account.name.as_deref().unwrap_or_default().into(),
        balance.into(),
        read.into(),
        account.note.as_deref().unwrap_or_default().into(),
    ]
}

fn write_incident(page: &mut Page, incident: &Incident, now: Timestamp) {
    let seen_by =
        incident.acknowledged.as_ref().map_or_else(String::new, |by| format!(", seen by {}", by.by));
    page.line(&format!(
        "Incident {} ({}), open since {}{seen_by}",
        incident.id,
        incident.severity,
        moment(incident.first_failure, now)
    ));
    let hidden = incident.events.len().saturating_sub(EVENTS_SHOWN);
    if hidden > 0 {
        page.line(&format!("  {hidden} earlier events are not shown"));
    }
    let events = incident.events.iter().skip(hidden);
    let rows: Vec<Vec<Cell>> = events
        .map(|event| vec![event.at.clock().into(), event.kind.word().into(), event.text.as_str().into()])
        .collect();
    page.table(2, &rows);
}
