//! The checks of a target: question, verdict, what was seen, and why.

use leptos::prelude::*;
use rebound::view::CheckView;

use crate::parts::icon::{Badge, Missing};
use crate::parts::moment::{Moment, Told};

/// The table of checks.
#[component]
pub(crate) fn Checks(checks: Memo<Vec<CheckView>>) -> impl IntoView {
    let body = move || {
        let rows = checks.get();
        if rows.is_empty() {
            return view! { <p class="empty">"No check is configured for this target, so nothing is known of it."</p> }.into_any();
        }
        view! {
            <table class="stacking checks">
                <thead>
                    <tr>
                        <th scope="col">"Check"</th>
                        <th scope="col">"Verdict"</th>
                        <th scope="col">"Seen"</th>
                        <th scope="col" class="number">"How long"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="block"><h3>"Checks"</h3>{body}</section> }
}

fn row(check: CheckView) -> impl IntoView {
    let failures = (check.failures > 0).then(
        || view! { <small class="failures">{failure_words(check.failures, check.failures_to_open)}</small> },
    );
    let seen = match check.value {
        Some(value) => view! { <span>{value}</span> }.into_any(),
        None => view! { <Missing why="nothing was seen"/> }.into_any(),
    };
    let since = match check.since {
        Some(at) => view! { <Moment at told=Told::For/> }.into_any(),
        None => view! { <Missing why="not judged yet"/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <span class="question">{check.id.question()}</span>
                <code class="dotted">{check.id.name()}</code>
                {check.reason.map(|reason| view! { <span class="reason">{reason}</span> })}
            </th>
            <td data-label="Verdict"><span class="verdict"><Badge tone=check.tone word=check.verdict/>{failures}</span></td>
            <td data-label="Seen"><span class="seen">{seen}<small class="quiet-text">"expected: "{check.threshold}</small></span></td>
            <td data-label="How long" class="quiet-text number">{since}</td>
        </tr>
    }
    .into_any()
}

/// `2 of 3 failures`, or how many there were once trouble is believed.
fn failure_words(failures: u32, to_open: u32) -> String {
    if failures < to_open {
        format!("{failures} of {to_open} failures")
    } else {
        format!("{failures} failures in a row")
    }
}

#[cfg(test)]
mod tests {
    use super::failure_words;

    #[test]
    fn failures_are_counted_towards_belief_and_then_in_full() {
        assert_eq!(failure_words(2, 3), "2 of 3 failures");
        assert_eq!(failure_words(14, 3), "14 failures in a row");
    }
}
