//! The checks of a target: question, verdict, what was seen, and why.

use leptos::prelude::*;

use crate::parts::icon::Badge;
use crate::parts::line::piece;
use crate::sheet::target::CheckRow;
use crate::tongue::t;

/// The table of checks.
pub(crate) fn checks(rows: Vec<CheckRow>) -> AnyView {
    let body = if rows.is_empty() {
        view! { <p class="empty">{t("No check is configured for this target, so nothing is known of it.")}</p> }
            .into_any()
    } else {
        view! {
            <table class="stacking checks">
                <thead>
                    <tr>
                        <th scope="col">{t("Check")}</th>
                        <th scope="col">{t("Verdict")}</th>
                        <th scope="col">{t("Seen")}</th>
                        <th scope="col" class="number">{t("How long")}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="block"><h3>{t("Checks")}</h3>{body}</section> }.into_any()
}

fn row(check: CheckRow) -> AnyView {
    let reason = check.reason.map(|reason| view! { <span class="reason">{reason}</span> }.into_any());
    let failures =
        check.failures.map(|failures| view! { <small class="failures">{failures}</small> }.into_any());
    view! {
        <tr>
            <th scope="row">
                <span class="question">{check.question}</span>
                <code class="dotted">{check.name}</code>
                {reason}
            </th>
            <td data-label=t("Verdict")><span class="verdict"><Badge mark=check.mark/>{failures}</span></td>
            <td data-label=t("Seen")><span class="seen"><span>{piece(check.seen)}</span><small class="quiet-text">{t("expected: ")}{check.threshold}</small></span></td>
            <td data-label=t("How long") class="quiet-text number">{piece(check.since)}</td>
        </tr>
    }
    .into_any()
}
