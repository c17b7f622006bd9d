//! Fire drills: what `rebound drill` holds and prints.

use std::time::Duration;

use rebound::drill::{Drill, DrillState, Proof};
use rebound::monitor::{Asked, AskedState};
use rebound::time::{Timestamp, spoken};
use rebound::view::DrillView;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::Drilled;
use super::asking::of_target;
use super::follow::end_of;
use super::page::{Cell, Page, write_out};
use super::server::Server;
use super::trouble::{DONE, NOT_READY, Trouble};

/// Longest wait for the end of a drill. Those of many targets are held some at a time.
const DRILL_MAX: Duration = Duration::from_secs(30 * 60);
/// Drills that are listed.
const LISTED: u32 = 20;
/// Most drills of one answer; as many are held at once where all are rehearsed.
const ANSWER_MAX: u32 = 500;

/// What the server tells of drills.
#[derive(Debug, Deserialize)]
struct Told {
    targets: Vec<DrillView>,
    history: Vec<Drill>,
}

/// Holds a drill where one is asked for, and shows what came of it; else shows the last and the next of each target. Ends with 1
/// where the last drill of one was not passed.
pub(super) async fn show(server: &Server, drilled: &Drilled, json: bool) -> Result<u8, Trouble> {
    let held_at =
        if drilled.target.is_some() || drilled.all { Some(hold(server, drilled).await?) } else { None };
    let limit = if held_at.is_some() { ANSWER_MAX } else { LISTED };
    let path = match &drilled.target {
        Some(target) => format!("/api/v1/drills?target={target}&limit={limit}"),
        None => format!("/api/v1/drills?limit={limit}"),
    };
    let answer: Value = server.get(&path).await?;
    let Told { targets, mut history } = server.read(answer.clone())?;
    if let Some(at) = held_at {
        history.retain(|drill| drill.due == at);
    }
    // A target that is not well is rehearsed by none, and whoever asked for all must not believe that it was.
    let is_held = |view: &&DrillView| history.iter().any(|drill| drill.target == view.target);
    let not_held: Vec<&DrillView> = match held_at {
        Some(_) => targets.iter().filter(|view| !is_held(view)).collect(),
        None => Vec::new(),
    };
    let bad = match held_at {
        Some(_) => {
            history.is_empty()
                || !not_held.is_empty()
                || history.iter().any(|drill| drill.state != DrillState::Passed)
        }
        None => targets
            .iter()
            .any(|view| view.word.as_deref().is_some_and(|word| word == "failed" || word == "missed")),
    };
    let mut page = Page::new();
    match held_at {
        _ if json => write_out(&format!("{answer:#}\n"))?,
        Some(_) => {
            history.iter().for_each(|drill| steps(&mut page, drill));
            for view in not_held {
                page.line(&format!(
                    "{}: not rehearsed; `rebound drill {}` says why",
                    view.target, view.target
                ));
            }
        }
        None => list(&mut page, &targets, &history),
    }
    page.print()?;
    Ok(if bad { NOT_READY } else { DONE })
}

/// Has the server rehearse now, waits for the end, and returns when the drill was due.
async fn hold(server: &Server, drilled: &Drilled) -> Result<Timestamp, Trouble> {
    let path = match &drilled.target {
        Some(target) => of_target(target, "drill"),
        None => "/api/v1/drills".to_owned(),
    };
    let asked: Asked = server.post(&path, None).await?;
    let at = asked.at;
    let ended = timeout(DRILL_MAX, end_of(server, asked)).await.map_err(|_| {
        Trouble::NotProven("the drill did not end in time; show it later with `rebound drill`".to_owned())
    })??;
    match ended.state {
        AskedState::Refused(why) => Err(Trouble::Refused(why)),
        AskedState::Done(_) | AskedState::Running(_) => Ok(at),
    }
}

fn steps(page: &mut Page, drill: &Drill) {
    page.gap();
    let because = drill.state.because().map_or_else(String::new, |because| format!(": {because}"));
    page.line_in(drill.state.tone(), &format!("{}: {}{because}", drill.target, drill.state.word()));
    for step in &drill.steps {
        let took = match step.took_ms {
            Some(0) => "at once".to_owned(),
            Some(ms) => spoken(Duration::from_millis(ms)),
            None => String::new(),
        };
        let proof = Cell::tone_with_word(step.proof.tone(), step.proof.word());
        page.table(2, &[vec![proof, step.name.as_str().into(), took.into()]]);
        if !step.said.is_empty() {
            page.line(&format!("    {}", step.said));
        }
        if let Some(mend) = step.mend.as_ref().filter(|_| step.proof != Proof::Passed) {
            page.line(&format!("    To do: {mend}"));
        }
    }
}

fn list(page: &mut Page, targets: &[DrillView], history: &[Drill]) {
    let row = |view: &DrillView| {
        let word = Cell::tone_with_word(view.tone, view.word.as_deref().unwrap_or("never held"));
        let next = view.next_at.map_or_else(|| "none is scheduled".to_owned(), |at| format!("next on {at}"));
        vec![word, view.name.as_str().into(), view.says.as_str().into(), next.into()]
    };
    let rows: Vec<Vec<Cell>> = targets.iter().map(row).collect();
    page.table(0, &rows);
    if history.is_empty() {
        return;
    }
    page.gap();
    page.line("Held before");
    let row = |drill: &Drill| {
        let word = Cell::tone_with_word(drill.state.tone(), drill.state.word());
        let by = drill.by.as_deref().unwrap_or("the schedule");
        vec![word, drill.target.as_str().into(), drill.due.to_string().into(), by.into()]
    };
    let rows: Vec<Vec<Cell>> = history.iter().map(row).collect();
    page.table(2, &rows);
}
