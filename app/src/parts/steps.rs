//! The heal attempts of an incident: what was done, what its doer said, and what observations proved.

use leptos::prelude::*;
use rebound::heal::StepOutcome;
use rebound::incident::{Incident, Proof, Step, StepEnd};
use rebound::time::{Timestamp, spoken};
use rebound::view::Tone;

use crate::parts::icon::{Badge, Icon};
use crate::parts::moment::{Moment, Told};

/// Every attempt, in order. `until` is when the running phase ends, where it has an end.
#[component]
pub(crate) fn Steps(incident: Incident, until: Option<Timestamp>) -> impl IntoView {
    let last = incident.steps.len().saturating_sub(1);
    let open = incident.closed.is_none();
    let heads = heads(&incident.steps);
    let steps = incident
        .steps
        .into_iter()
        .zip(heads)
        .enumerate()
        .map(|(index, (step, head))| step_view(head, step, until.filter(|_| open && index == last)))
        .collect_view();
    view! { <ol class="attempts">{steps}</ol> }
}

/// The line above each step. What was refused changed nothing and is no attempt.
fn heads(steps: &[Step]) -> Vec<String> {
    let mut attempts = 0_u32;
    steps
        .iter()
        .map(|step| {
            let refused = step.result.as_ref().is_some_and(|end| end.outcome == StepOutcome::Refused);
            if refused {
                return format!("Not started: {}", step.remedy);
            }
            attempts += 1;
            format!("Attempt {attempts}: {}", step.remedy)
        })
        .collect()
}

fn step_view(head: String, step: Step, until: Option<Timestamp>) -> impl IntoView {
    let asked_by = step.asked_by.map(|who| format!(" Asked for by {who}."));
    let act = act_view(step.started_at, step.result.as_ref(), until);
    let proof = step.result.is_some().then(|| proof_view(step.proof, until));
    view! {
        <li class="attempt">
            <p class="attempt-head">
                <strong>{head}</strong>
                <span class="tag">{step.rung.to_string()}</span>
                <span class="tag">{step.action.to_string()}</span>
            </p>
            <p class="quiet-text">{step.because}{asked_by}</p>
            <ul class="facts-line">{act}{proof}</ul>
        </li>
    }
    .into_any()
}

fn act_view(started_at: Timestamp, result: Option<&StepEnd>, until: Option<Timestamp>) -> AnyView {
    let Some(end) = result else {
        let deadline = until.map(|at| view! { "; its result is due "<Moment at told=Told::In/> });
        return view! {
            <li><Badge tone=Tone::Busy word="Running"/><span>"since "<Moment at=started_at told=Told::Clock/>{deadline}</span></li>
        }
        .into_any();
    };
    let took = spoken(end.at.since(started_at));
    let said = (!end.output.is_empty()).then(|| view! { <q>{end.output.clone()}</q> });
    let link = end.link.clone().filter(|link| link.starts_with("https://") || link.starts_with("http://"));
    let link = link.map(|link| {
        view! { " "<a href=link target="_blank" rel="noopener noreferrer">"Run"<Icon name="link"/></a> }
    });
    view! {
        <li>
            <Badge tone=outcome_tone(end.outcome) word=outcome_word(end.outcome) sign=outcome_sign(end.outcome)/>
            <span><Moment at=end.at told=Told::Clock/>{format!(" after {took}. ")}{said}{link}</span>
        </li>
    }
    .into_any()
}

fn proof_view(proof: Proof, until: Option<Timestamp>) -> AnyView {
    let (tone, word, at, text) = match proof {
        Proof::Pending => {
            let due =
                until.map(|at| view! { " until "<Moment at told=Told::Clock/><Moment at told=Told::Left/> });
            return view! { <li><Badge tone=Tone::Busy word="Verifying"/><span>"Observations must prove it"{due}</span></li> }
                .into_any();
        }
        Proof::Recovered(at) => (Tone::Good, "Proven", at, "seen healthy after the act"),
        Proof::DidNotHelp(at) => {
            (Tone::Bad, "Did not help", at, "still failing when the time for proof was over")
        }
        Proof::NotTold(at) => (Tone::Unknown, "Not proven", at, "nothing can be said about what it did"),
    };
    view! { <li><Badge tone word/><span><Moment at told=Told::Clock/>", "{text}"."</span></li> }.into_any()
}

/// Done is a claim, so it does not look like success.
const fn outcome_tone(outcome: StepOutcome) -> Tone {
    match outcome {
        StepOutcome::Done => Tone::Resting,
        StepOutcome::Failed => Tone::Bad,
        StepOutcome::TimedOut | StepOutcome::Lost => Tone::Unknown,
        StepOutcome::Refused => Tone::Warning,
    }
}

const fn outcome_sign(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Done => "dot",
        StepOutcome::Failed => "bad",
        StepOutcome::TimedOut | StepOutcome::Lost => "unknown",
        StepOutcome::Refused => "warning",
    }
}

const fn outcome_word(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Done => "Done, it says",
        StepOutcome::Failed => "Failed",
        StepOutcome::TimedOut => "Timed out",
        StepOutcome::Refused => "Refused",
        StepOutcome::Lost => "Lost",
    }
}
