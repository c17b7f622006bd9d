//! Planned work of every target, and the forms that are for all of them.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::follow::{follow, nothing};
use crate::parts::hand::HandOnAll;
use crate::parts::icon::Badge;
use crate::parts::line::pieces;
use crate::parts::requests::requests;
use crate::sheet::HoldSheet;
use crate::tongue::t;

/// What is going on and what comes next. One target alone with nothing planned needs no panel.
#[component]
pub(crate) fn Plans(live: Live) -> impl IntoView {
    let shown = Memo::new(move |_| !live.alone.get() || live.overview(|sheet| !sheet.plans.is_empty()));
    follow(move || if shown.get() { panel(live) } else { nothing() })
}

fn panel(live: Live) -> AnyView {
    let plans = follow(move || live.overview(|sheet| list(sheet.plans.clone())));
    // One target alone has these forms on its card.
    let hand = follow(move || if live.alone.get() { nothing() } else { view! { <HandOnAll/> }.into_any() });
    let asked = follow(move || requests(live.overview(|sheet| sheet.plan_requests.clone())));
    view! {
        <section class="panel" aria-labelledby="plans-title">
            <h2 id="plans-title">{t("Planned work")}</h2>
            {plans}
            {hand}
            {asked}
        </section>
    }
    .into_any()
}

fn list(plans: Vec<HoldSheet>) -> AnyView {
    if plans.is_empty() {
        return view! { <p class="empty">{t("No work is planned.")}</p> }.into_any();
    }
    let plans = plans
        .into_iter()
        .map(|plan| view! { <li><Badge mark=plan.mark/><span>{pieces(plan.line)}</span></li> }.into_any());
    view! { <ul class="plans">{plans.collect::<Vec<_>>()}</ul> }.into_any()
}
