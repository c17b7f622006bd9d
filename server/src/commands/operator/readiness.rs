//! What would go wrong in the next emergency: what `rebound readiness` prints.

use std::time::Duration;

use rebound::monitor::{Asked, AskedState};
use rebound::time::Timestamp;
use rebound::view::{Board, ReadinessGroup, ReadinessView, Tone};
use serde_json::Value;
use tokio::time::timeout;

use super::follow::end_of;
use super::page::{Cell, Page, distance, write_out};
use super::server::Server;
use super::trouble::{DONE, NOT_READY, Trouble};

/// Longest wait for a look: the server gives one half a minute, and some time to those who are late.
const LOOK_MAX: Duration = Duration::from_secs(60);

/// Shows the items by group. Ends with 1 when one of them needs a look.
pub(super) async fn show(server: &Server, check: bool, json: bool) -> Result<u8, Trouble> {
    if check {
        look(server).await?;
    }
    let told: Value = server.get("/api/v1/board").await?;
    let board: Board = server.read(told.clone())?;
    if json {
        let readiness = told.get("readiness").cloned().unwrap_or_default();
        write_out(&format!("{readiness:#}\n"))?;
    } else {
        let mut page = Page::new();
        write(&mut page, &board.readiness, board.at);
        page.print()?;
    }
    let needs = board.readiness.iter().any(|view| view.state.needs_a_look());
    Ok(if needs { NOT_READY } else { DONE })
}

/// Has the server look now, and waits for what it finds.
async fn look(server: &Server) -> Result<(), Trouble> {
    let asked: Asked = server.post("/api/v1/readiness/check", None).await?;
    let ended = timeout(LOOK_MAX, end_of(server, asked)).await.map_err(|_| {
        Trouble::NotProven("the look did not end in time; show it later with `rebound readiness`".to_owned())
    })??;
    match ended.state {
        AskedState::Refused(why) => Err(Trouble::Refused(why)),
        AskedState::Done(_) | AskedState::Running(_) => Ok(()),
    }
}

fn write(page: &mut Page, views: &[ReadinessView], now: Timestamp) {
    let needs = views.iter().filter(|view| view.state.needs_a_look()).count();
    match needs {
        0 => page.line_in(Tone::Good, "Everything would do its part in an emergency."),
        1 => page.line_in(Tone::Warning, "1 thing needs somebody before the next emergency."),
        more => {
            page.line_in(Tone::Warning, &format!("{more} things need somebody before the next emergency."));
        }
    }
    let mut group: Option<ReadinessGroup> = None;
    for view in views {
        if group != Some(view.group) {
            group = Some(view.group);
            page.gap();
            page.line(view.group.word());
        }
        item(page, view, now);
    }
}

fn item(page: &mut Page, view: &ReadinessView, now: Timestamp) {
    let looked = view.checked_at.map_or_else(String::new, |at| distance(at, now));
    let server = view.server.as_ref().map_or_else(String::new, |name| format!("on {name}"));
    let state = Cell::tone_with_word(view.state.tone(), view.state.word());
    page.table(2, &[vec![state, view.name.as_str().into(), server.into(), looked.into()]]);
    page.line(&format!("    {}", view.detail));
    if view.state.needs_a_look() {
        page.line(&format!("    In an emergency: {}", view.emergency));
        if let Some(mend) = &view.mend {
            page.line(&format!("    To do: {mend}"));
        }
    }
}
