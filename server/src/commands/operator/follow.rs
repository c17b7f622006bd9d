//! Forced syncs and heals, followed to their end.
//!
//! A heal goes on whether somebody looks or not: whoever stops looking stops nothing.

use std::time::Duration;

use rebound::ids::{IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::{Asked, AskedState};
use rebound::view::{Board, TargetView, Tone};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::Heal;
use super::asking::{of_target, told};
use super::page::{Page, write_out};
use super::server::Server;
use super::target::view_of;
use super::trouble::{DONE, INTERRUPTED, Trouble};

/// What a person types before a heal starts, as on the page.
const CONFIRM_WORD: &str = "HEAL";
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longest wait for the end of a sync: a slow bridge is asked twice at most.
const SYNC_MAX: Duration = Duration::from_secs(180);
/// Looks in a row that may fail while a heal is followed: a server in restart comes back within a minute.
const MISSED_MAX: u32 = 120;
/// The phases in which nothing more happens by itself.
const GIVEN_UP: [&str; 2] = ["Needs a person", "Paused"];

type Ended = Result<u8, Trouble>;

/// Reads the accounts now and tells what was found.
pub(super) async fn sync(server: &Server, target: &TargetId) -> Ended {
    let asked: Asked = server.post(&of_target(target, "force-sync"), None).await?;
    let ended = timeout(SYNC_MAX, end_of(server, asked)).await.map_err(|_| {
        let waited = rebound::time::spoken(SYNC_MAX);
        Trouble::NotProven(format!(
            "the accounts are still being read after {waited}; look with `rebound status {target}`"
        ))
    })??;
    told(&ended)?;
    // The request is done even where the bridge was silent; that is no success for a script.
    let view = view_of(&server.get::<Board>("/api/v1/board").await?, target)?.clone();
    if view.answered_at.is_some_and(|at| at >= ended.at) {
        Ok(DONE)
    } else {
        Err(Trouble::NotProven(format!("{} gave no usable answer", view.name)))
    }
}

/// Follows a request to its end.
pub(super) async fn end_of(server: &Server, mut asked: Asked) -> Result<Asked, Trouble> {
    while matches!(asked.state, AskedState::Running(_)) {
        sleep(LOOK_EVERY).await;
        asked = server.get(&format!("/api/v1/requests/{}", asked.id)).await?;
    }
    Ok(asked)
}

/// Starts a heal once it is confirmed, and shows it if that is wanted.
pub(super) async fn heal(server: &Server, heal: &Heal) -> Ended {
    if !heal.yes {
        let view = view_of(&server.get::<Board>("/api/v1/board").await?, &heal.target)?.clone();
        confirm(&view).await?;
    }
    let body = json!({ "remedy": heal.remedy, "lift_cooldown": heal.lift_cooldown });
    let asked: Asked = server.post(&of_target(&heal.target, "force-heal"), Some(&body)).await?;
    told(&asked)?;
    if !heal.follow {
        return Ok(DONE);
    }
    tokio::select! {
        biased;
        stopped = tokio::signal::ctrl_c() => {
            stopped.map_err(Trouble::Output)?;
            // The terminal has put ^C where the next line would begin.
            write_out("\n")?;
            let mut page = Page::new();
            page.line(&format!(
                "The heal goes on. `rebound status {0}` shows it, `rebound stop {0}` stops it.",
                heal.target
            ));
            page.print()?;
            Ok(INTERRUPTED)
        }
        ended = show(server, &heal.target, &asked) => ended,
    }
}

/// Tells what would happen, and waits for the word.
async fn confirm(view: &TargetView) -> Result<(), Trouble> {
    let mut page = Page::new();
    page.line(&format!("{} ({}): {}", view.name, view.id, view.sentence));
    page.line(&view.heal.forecast);
    page.print()?;
    write_out(&format!("Type {CONFIRM_WORD} to start: "))?;
    let typed = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    match typed.await {
        Ok(Ok(line)) if line.trim() == CONFIRM_WORD => Ok(()),
        Ok(_) | Err(_) => Err(Trouble::NotConfirmed(CONFIRM_WORD)),
    }
}

/// Shows what happens in the incident of a heal that was started, until it is over or nothing more happens by itself.
async fn show(server: &Server, target: &TargetId, asked: &Asked) -> Ended {
    // The server waits here until its board knows of the request, and so of the heal.
    server.get::<Asked>(&format!("/api/v1/requests/{}", asked.id)).await?;
    let board: Board = server.get("/api/v1/board").await?;
    let view = view_of(&board, target)?;
    let incident = view.incident.iter().chain(&view.recent).find(|incident| holds(incident, asked));
    let Some(incident) = incident.map(|incident| incident.id) else {
        return Err(Trouble::NotProven(format!(
            "the heal is not on the board any more; look with `rebound status {target}`"
        )));
    };
    let mut shown = 0;
    let mut missed = 0;
    loop {
        match look(server, target, incident).await {
            Ok(Seen { incident, phase, detail }) => {
                missed = 0;
                shown = tell(&incident, asked, shown)?;
                if let Some(end) = end(&incident, &phase, &detail) {
                    return end;
                }
            }
            Err(trouble) if missed >= MISSED_MAX => return Err(trouble),
            Err(_) => missed += 1,
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Whether the heal that was asked for is a step of this incident.
fn holds(incident: &Incident, asked: &Asked) -> bool {
    let its = |step: &rebound::incident::Step| {
        step.started_at >= asked.at && step.asked_by.as_ref() == Some(&asked.by)
    };
    incident.steps.iter().any(its)
}

struct Seen {
    incident: Incident,
    phase: String,
    detail: String,
}

async fn look(server: &Server, target: &TargetId, id: IncidentId) -> Result<Seen, Trouble> {
    let board: Board = server.get("/api/v1/board").await?;
    let view = view_of(&board, target)?;
    let (phase, detail) = (view.phase.clone(), view.phase_detail.clone());
    let found = view.incident.iter().chain(&view.recent).find(|incident| incident.id == id);
    let incident = match found {
        Some(incident) => incident.clone(),
        None => server.get(&format!("/api/v1/incidents/{id}")).await?,
    };
    Ok(Seen { incident, phase, detail })
}

/// Tells what happened after the `shown` events told before, and since the heal was asked for. Returns how many are told now.
fn tell(incident: &Incident, asked: &Asked, shown: usize) -> Result<usize, Trouble> {
    let mut page = Page::new();
    for event in incident.events.iter().skip(shown).filter(|event| event.at >= asked.at) {
        page.line(&format!("{}  {:<7}  {}", event.at.clock(), event.kind.word(), event.text));
    }
    page.print()?;
    Ok(shown.max(incident.events.len()))
}

fn end(incident: &Incident, phase: &str, detail: &str) -> Option<Ended> {
    if let Some(closed) = &incident.closed {
        let mut page = Page::new();
        let took = incident.time_to_heal().map(rebound::time::spoken);
        let took = took.map_or_else(String::new, |took| format!(", {took} after the first remedy began"));
        page.line_in(Tone::Good, &format!("Incident {} is over: {}{took}.", incident.id, closed.how));
        return Some(page.print().map(|()| DONE));
    }
    GIVEN_UP
        .contains(&phase)
        .then(|| Err(Trouble::NotProven(format!("the heal did not help. {phase}: {detail}"))))
}
