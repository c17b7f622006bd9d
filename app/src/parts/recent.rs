//! Incidents of a target that are over.

use leptos::prelude::*;

use crate::parts::moment::Moment;
use crate::sheet::Told;
use crate::sheet::target::RecentRow;
use crate::tongue::t;

/// The last closed incidents, newest first.
pub(crate) fn recent(rows: Vec<RecentRow>) -> AnyView {
    let body = if rows.is_empty() {
        view! { <p class="empty">{t("No incident yet. When one is over, it stands here with its downtime and how it ended.")}</p> }.into_any()
    } else {
        view! {
            <table class="stacking recent">
                <thead>
                    <tr>
                        <th scope="col">{t("What")}</th>
                        <th scope="col">{t("Began")}</th>
                        <th scope="col">{t("How it ended")}</th>
                        <th scope="col" class="number">{t("Downtime")}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="block"><h3>{t("Last incidents")}</h3>{body}</section> }.into_any()
}

fn row(incident: RecentRow) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a href=incident.address>{incident.what}</a></th>
            <td data-label=t("Began") class="quiet-text"><Moment at=incident.began told=Told::Clock/></td>
            <td data-label=t("How it ended")>{incident.how}</td>
            <td data-label=t("Downtime") class="number">{incident.downtime}</td>
        </tr>
    }
    .into_any()
}
