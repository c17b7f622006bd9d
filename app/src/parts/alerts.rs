//! The last alerts and whether they reached anybody.

use leptos::prelude::*;
use rebound::alert::{Alert, DeliveryState};
use rebound::incident::Severity;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::actions::{AcknowledgeForm, TestAlertForm};
use crate::parts::icon::{Badge, SeverityBadge};
use crate::parts::moment::{Moment, Told};
use crate::parts::requests::{About, Requests};

/// The last alerts, newest first.
#[component]
pub(crate) fn Alerts(
    live: Live,
    /// Whether the test alert is asked for here.
    with_test: bool,
) -> impl IntoView {
    let alerts = Memo::new(move |_| live.board.with(|board| board.alerts.clone()));
    let empty = move || {
        alerts.with(Vec::is_empty).then(|| view! { <p class="empty">"No alert yet. A test alert shows whether alerts would reach you."</p> })
    };
    let test = with_test.then(|| {
        view! { <div class="actions"><TestAlertForm/></div><Requests live about=About::Alerts/> }
    });
    view! {
        <section class="panel" aria-labelledby="alerts-title">
            <h2 id="alerts-title">"Last alerts"</h2>
            {test}
            {empty}
            <ul class="alerts">
                <For each=move || alerts.get() key=alert_key let:alert><AlertLine alert/></For>
            </ul>
        </section>
    }
    .into_any()
}

/// An alert that changed is drawn anew.
fn alert_key(alert: &Alert) -> (u64, usize, bool, bool, String) {
    let deliveries = format!("{:?}", alert.deliveries);
    (
        alert.id.number(),
        alert.message.facts.len(),
        alert.acknowledged.is_some(),
        alert.resolved_at.is_some(),
        deliveries,
    )
}

#[component]
fn AlertLine(alert: Alert) -> impl IntoView {
    let may_acknowledge =
        alert.acknowledged.is_none() && alert.resolved_at.is_none() && alert.severity > Severity::Info;
    let acknowledged = alert.acknowledged.map(|signature| {
        view! { <p class="quiet-text">{format!("Seen by {}, ", signature.by)}<Moment at=signature.at told=Told::Clock/></p> }
    });
    let resolved = alert
        .resolved_at
        .map(|at| view! { <p class="quiet-text">"Over since "<Moment at told=Told::Clock/></p> });
    let incident = alert
        .incident
        .map(|id| view! { " "<a href=format!("/incidents/{id}")>{format!("Incident {id}")}</a> });
    let deliveries = if alert.deliveries.is_empty() {
        view! { <p class="quiet-text">"Shown on this page only: no channel carries it."</p> }.into_any()
    } else {
        let lines =
            alert.deliveries.into_iter().map(|(channel, state)| delivery(channel, state)).collect_view();
        view! { <ul class="deliveries">{lines}</ul> }.into_any()
    };
    view! {
        <li class="alert">
            <p class="alert-head">
                <SeverityBadge severity=alert.severity/>
                <span class="quiet-text"><Moment at=alert.at told=Told::Clock/></span>
            </p>
            <p><strong>{alert.message.title}</strong>" "<span class="quiet-text">{alert.message.about}</span>{incident}</p>
            {alert.message.advice.map(|advice| view! { <p class="advice">{advice}</p> })}
            {deliveries}
            {acknowledged}
            {resolved}
            {may_acknowledge.then(|| view! { <AcknowledgeForm alert=alert.id/> })}
        </li>
    }
    .into_any()
}

fn delivery(channel: String, state: DeliveryState) -> impl IntoView {
    let (tone, word, rest) = match state {
        DeliveryState::Delivered { at, attempts } => (
            Tone::Good,
            "delivered",
            view! { <span class="quiet-text"><Moment at told=Told::Clock/>{tries(attempts)}</span> }.into_any(),
        ),
        DeliveryState::Pending { attempts: 0, .. } => (Tone::Busy, "being sent", ().into_any()),
        DeliveryState::Pending { attempts, next_at, error } => {
            let next = next_at.map(|at| view! { ", next try "<Moment at told=Told::In/> });
            (
                Tone::Warning,
                "not delivered yet",
                view! { <span class="quiet-text">{failed_words(attempts)}{error.map(|error| format!(": {error}"))}{next}</span> }.into_any(),
            )
        }
        DeliveryState::GaveUp { at, attempts, error } => (
            Tone::Bad,
            "gave up",
            view! { <span class="quiet-text"><Moment at told=Told::Clock/>{format!(" after {attempts} tries: {error}")}</span> }.into_any(),
        ),
    };
    view! { <li><span class="channel">{channel}</span><Badge tone word/>{rest}</li> }
}

fn tries(attempts: u32) -> String {
    if attempts <= 1 { String::new() } else { format!(", at try {attempts}") }
}

fn failed_words(attempts: u32) -> String {
    if attempts == 1 { "1 try failed".to_owned() } else { format!("{attempts} tries failed") }
}
