//! Every alert, newest first: what was told, whom it reached, and who has seen it.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::actions::TestAlertForm;
use crate::parts::alerts::line;
use crate::parts::filter::{filter, pages};
use crate::parts::follow::{follow, nothing};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::requests::requests;
use crate::sheet::Body;
use crate::sheet::lists::AlertList;
use crate::tongue::t;

/// The list of alerts.
pub(super) fn alerts(live: Live, first: AlertList) -> AnyView {
    let narrowed = filter("/alerts", first.filter.clone());
    let list = live.part(first, |body| if let Body::Alerts(list) = body { Some(list) } else { None });
    let sentence = follow(move || list.with(|list| list.sentence.clone()).into_any());
    let asked = follow(move || requests(list.with(|list| list.requests.clone())));
    let empty = follow(move || {
        if list.with(|list| !list.rows.is_empty()) {
            return nothing();
        }
        let words = if list.with(|list| list.filter.narrowed) {
            t("Nothing matches. Widen what is shown above.")
        } else {
            t("No alert yet. A test alert shows whether alerts would reach you.")
        };
        view! { <p class="empty">{words}</p> }.into_any()
    });
    let rows = keyed(move || {
        list.with(|list| {
            let rows = list.rows.iter().cloned();
            rows.map(|alert| Keyed::new(alert.key.clone(), move || line(alert))).collect()
        })
    });
    let more = follow(move || list.with(|list| pages(&list.pages)));
    view! {
        <section class="list-head">
            <h1>{t("Alerts")}</h1>
            <p class="quiet-text">{sentence}</p>
            <div class="actions"><TestAlertForm/></div>
        </section>
        {asked}
        {narrowed}
        <section class="panel">{empty}<ul class="alerts wide">{rows}</ul>{more}</section>
    }
    .into_any()
}
