//! Why a target is as it is: questions with the core's answers.

use leptos::prelude::*;

use crate::parts::follow::follow;
use crate::sheet::target::TargetSheet;

/// The questions and answers, folded away.
pub(crate) fn why(target: Memo<TargetSheet>) -> AnyView {
    let answers = follow(move || {
        let told = target.with(|target| target.explain.clone());
        let lines = told
            .into_iter()
            .map(|told| view! { <div><dt>{told.question}</dt><dd>{told.answer}</dd></div> }.into_any());
        lines.collect::<Vec<_>>().into_any()
    });
    view! {
        <details class="more why">
            <summary>"Why is it like this?"</summary>
            <dl class="answers">{answers}</dl>
        </details>
    }
    .into_any()
}
