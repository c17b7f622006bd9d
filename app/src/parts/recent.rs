//! Incidents of a target that are over.

use leptos::prelude::*;
use rebound::incident::Incident;
use rebound::time::spoken;

use crate::parts::moment::{Moment, Told};

/// The last closed incidents, newest first.
#[component]
pub(crate) fn Recent(recent: Memo<Vec<Incident>>) -> impl IntoView {
    let body = move || {
        let rows = recent.get();
        if rows.is_empty() {
            return view! { <p class="empty">"No incident yet. When one is over, it stands here with its downtime and how it ended."</p> }.into_any();
        }
        view! {
            <table class="stacking recent">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"Began"</th>
                        <th scope="col">"How it ended"</th>
                        <th scope="col" class="number">"Downtime"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="block"><h3>"Last incidents"</h3>{body}</section> }
}

fn row(incident: Incident) -> impl IntoView {
    let what = incident
        .main_cause()
        .map_or_else(|| format!("incident {}", incident.id), |cause| cause.reason.to_string());
    // Closed incidents carry their own end; the moment handed in is not used for them.
    let downtime = spoken(incident.downtime(incident.first_failure));
    let how =
        incident.closed.as_ref().map_or_else(|| "still open".to_owned(), |closing| closing.how.to_string());
    let healed_in = incident.time_to_heal().map(|took| format!(", healed in {}", spoken(took)));
    view! {
        <tr>
            <th scope="row"><a href=format!("/incidents/{}", incident.id)>{what}</a></th>
            <td data-label="Began" class="quiet-text"><Moment at=incident.first_failure told=Told::Clock/></td>
            <td data-label="How it ended">{how}{healed_in}</td>
            <td data-label="Downtime" class="number">{downtime}</td>
        </tr>
    }
    .into_any()
}
