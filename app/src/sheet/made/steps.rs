//! The heal attempts of an incident in words: what their doers said, and what observations proved.

use rebound::heal::StepOutcome;
use rebound::incident::{Incident, Proof, Step, StepEnd};
use rebound::time::{Timestamp, spoken};
use rebound::view::Tone;

use super::incident::said;
use crate::sheet::incident::StepSheet;
use crate::sheet::{Mark, Piece, Said, Told};

/// Every attempt, in order. What was refused changed nothing and is no attempt.
pub(super) fn all(incident: &Incident, until: Option<Timestamp>) -> Vec<StepSheet> {
    let last = incident.steps.len().saturating_sub(1);
    let open = incident.closed.is_none();
    let mut attempts = 0_u32;
    let mut sheets = Vec::with_capacity(incident.steps.len());
    for (index, step) in incident.steps.iter().enumerate() {
        let refused = step.result.as_ref().is_some_and(|end| end.outcome == StepOutcome::Refused);
        let head = if refused {
            format!("Not started: {}", step.remedy)
        } else {
            attempts += 1;
            format!("Attempt {attempts}: {}", step.remedy)
        };
        sheets.push(step_sheet(head, step, until.filter(|_| open && index == last)));
    }
    sheets
}

fn step_sheet(head: String, step: &Step, until: Option<Timestamp>) -> StepSheet {
    let asked_by = step.asked_by.as_ref().map(|who| format!(" Asked for by {who}.")).unwrap_or_default();
    let mut lines = vec![act(step.started_at, step.result.as_ref(), until)];
    if step.result.is_some() {
        lines.push(proof(step.proof, until));
    }
    StepSheet {
        head,
        tags: vec![step.rung.to_string(), step.action.to_string()],
        because: format!("{}{asked_by}", step.because),
        lines,
    }
}

/// What the doer of an act said of it.
fn act(started_at: Timestamp, result: Option<&StepEnd>, until: Option<Timestamp>) -> Said {
    let Some(end) = result else {
        let mut line = vec![Piece::text("since "), Piece::Moment(started_at, Told::Clock)];
        if let Some(at) = until {
            line.extend([Piece::text("; its result is due "), Piece::Moment(at, Told::In)]);
        }
        return said(Mark::of(Tone::Busy, "Running"), line);
    };
    let took = spoken(end.at.since(started_at));
    let mut line = vec![Piece::Moment(end.at, Told::Clock), Piece::text(format!(" after {took}. "))];
    if !end.output.is_empty() {
        line.push(Piece::Quote(end.output.clone()));
    }
    if let Some(link) = end.link.as_ref().filter(|link| is_web(link)) {
        line.extend([Piece::text(" "), Piece::Outside(link.clone())]);
    }
    said(outcome(end.outcome), line)
}

fn is_web(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// What observations proved of an act.
fn proof(proof: Proof, until: Option<Timestamp>) -> Said {
    let (tone, word, at, text) = match proof {
        Proof::Pending => {
            let mut line = vec![Piece::text("Observations must prove it")];
            if let Some(at) = until {
                let times = [Piece::Moment(at, Told::Clock), Piece::Moment(at, Told::Left)];
                line.push(Piece::text(" until "));
                line.extend(times);
            }
            return said(Mark::of(Tone::Busy, "Verifying"), line);
        }
        Proof::Recovered(at) => (Tone::Good, "Proven", at, "seen healthy after the act"),
        Proof::DidNotHelp(at) => (Tone::Bad, "Did not help", at, "seen failing after the act"),
        Proof::LostPositions(at) => {
            (Tone::Bad, "Lost positions", at, "positions or orders are not those from before the act")
        }
        Proof::NotTold(at) => (Tone::Unknown, "Not proven", at, "nothing can be said about what it did"),
    };
    said(Mark::of(tone, word), vec![Piece::Moment(at, Told::Clock), Piece::text(format!(", {text}."))])
}

/// Done is a claim, so it does not look like success.
fn outcome(outcome: StepOutcome) -> Mark {
    match outcome {
        StepOutcome::Done => Mark::signed(Tone::Resting, "dot", "Done, it says"),
        StepOutcome::Failed => Mark::of(Tone::Bad, "Failed"),
        StepOutcome::TimedOut => Mark::of(Tone::Unknown, "Timed out"),
        StepOutcome::Refused => Mark::of(Tone::Warning, "Refused"),
        StepOutcome::Lost => Mark::of(Tone::Unknown, "Lost"),
        StepOutcome::Stopped => Mark::signed(Tone::Warning, "stop", "Stopped"),
    }
}
