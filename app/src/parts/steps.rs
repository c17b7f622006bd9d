//! The heal attempts of an incident: what was done, what its doer said, and what observations proved.

use leptos::prelude::*;

use crate::parts::line::said;
use crate::sheet::incident::StepSheet;

/// Every attempt, in order.
pub(crate) fn steps(steps: Vec<StepSheet>) -> AnyView {
    let steps = steps.into_iter().map(step).collect::<Vec<_>>();
    view! { <ol class="attempts">{steps}</ol> }.into_any()
}

fn step(step: StepSheet) -> AnyView {
    let tags = step.tags.into_iter().map(|tag| view! { <span class="tag">{tag}</span> }.into_any());
    let lines = step.lines.into_iter().map(|line| said(line, ""));
    view! {
        <li class="attempt">
            <p class="attempt-head"><strong>{step.head}</strong>{tags.collect::<Vec<_>>()}</p>
            <p class="quiet-text">{step.because}</p>
            <ul class="facts-line">{lines.collect::<Vec<_>>()}</ul>
        </li>
    }
    .into_any()
}
