//! The last alerts and whether they reached anybody.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::actions::{AcknowledgeForm, TestAlertForm};
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::Badge;
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::line::{pieces, said};
use crate::parts::moment::Moment;
use crate::parts::requests::requests;
use crate::sheet::{AlertSheet, Told};
use crate::tongue::{t, tell};

/// The last alerts, newest first.
#[component]
pub(crate) fn Alerts(live: Live) -> impl IntoView {
    let empty = follow(move || {
        if live.overview(|sheet| !sheet.alerts.is_empty()) {
            return nothing();
        }
        view! { <p class="empty">{t("No alert yet. A test alert shows whether alerts would reach you.")}</p> }
            .into_any()
    });
    // One target alone has the test alert on its card.
    let test = follow(move || {
        if live.alone.get() {
            return nothing();
        }
        let asked = follow(move || requests(live.overview(|sheet| sheet.requests.clone())));
        view! { <div class="actions"><TestAlertForm/></div>{asked} }.into_any()
    });
    let alerts = keyed(move || {
        live.overview(|sheet| {
            let alerts = sheet.alerts.iter().cloned();
            alerts.map(|alert| Keyed::new(alert.key.clone(), move || line(alert))).collect()
        })
    });
    view! {
        <section class="panel" aria-labelledby="alerts-title">
            <h2 id="alerts-title"><a href="/alerts">{t("Last alerts")}</a></h2>
            {test}
            {empty}
            <ul class="alerts">{alerts}</ul>
        </section>
    }
    .into_any()
}

/// One alert: what it says, whom it reached, who has seen it.
pub(crate) fn line(alert: AlertSheet) -> AnyView {
    let incident = alert.incident.map(|id| {
        view! { " "<a href=format!("/incidents/{id}")>{tell(format!("Incident {id}"))}</a> }.into_any()
    });
    let advice = alert.advice.map(|advice| view! { <p class="advice">{advice}</p> }.into_any());
    let deliveries = if alert.deliveries.is_empty() {
        view! { <p class="quiet-text">{t("Shown on this page only: no channel carries it.")}</p> }.into_any()
    } else {
        let lines = alert.deliveries.into_iter().map(|delivery| said(delivery, "quiet-text"));
        view! { <ul class="deliveries">{lines.collect::<Vec<_>>()}</ul> }.into_any()
    };
    let notes =
        alert.notes.into_iter().map(|line| view! { <p class="quiet-text">{pieces(line)}</p> }.into_any());
    let id = alert.id;
    let acknowledge = alert.open.then(|| view! { <AcknowledgeForm alert=id/> }.into_any());
    view! {
        <li class="alert">
            <p class="alert-head">
                <Badge mark=alert.mark/>
                <span class="quiet-text"><Moment at=alert.at told=Told::Clock/></span>
            </p>
            <p><strong>{alert.title}</strong>" "<span class="quiet-text">{alert.about}</span>{incident}</p>
            {advice}
            {deliveries}
            {notes.collect::<Vec<_>>()}
            {acknowledge}
        </li>
    }
    .into_any()
}
