//! Why a target is as it is: questions with the core's answers.

use leptos::prelude::*;

use crate::parts::follow::{folded, follow};
use crate::parts::sentence::sentence;
use crate::sheet::target::TargetSheet;
use crate::tongue::t;

/// The questions and answers, folded away.
pub(crate) fn why(target: Memo<TargetSheet>) -> AnyView {
    let summary = view! { <summary>{t("Why is it like this?")}</summary> }.into_any();
    folded("more why", summary, move || view! { <dl class="answers">{answers(target)}</dl> }.into_any())
}

fn answers(target: Memo<TargetSheet>) -> AnyView {
    follow(move || {
        let told = target.with(|target| target.explain.clone());
        let lines = told.into_iter().map(|told| {
            view! { <div><dt>{told.question}</dt><dd>{sentence(told.answer)}</dd></div> }.into_any()
        });
        lines.collect::<Vec<_>>().into_any()
    })
}
