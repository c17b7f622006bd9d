//! What healing is allowed on a target, and what it last did.

use std::time::Duration;

use leptos::prelude::*;
use rebound::time::spoken;
use rebound::view::HealView;

use crate::parts::icon::Icon;
use crate::parts::moment::{Moment, Told};

/// Most marks of the budget that are drawn.
const MARKS_MAX: u32 = 12;

/// The ladder, the budget, the cooldown and the last heal.
#[component]
pub(crate) fn HealBox(heal: Memo<HealView>) -> impl IntoView {
    let dry_run = move || {
        heal.with(|heal| heal.dry_run).then(|| {
            view! {
                <p class="notice tone-unknown"><Icon name="unknown"/><span><strong>"Dry run."</strong>" Everything is decided and shown; nothing is done."</span></p>
            }
        })
    };
    let ladder = move || {
        let remedies = heal.with(|heal| heal.ladder.clone());
        if remedies.is_empty() {
            return view! { <span>"None: nothing is ever done by itself."</span> }.into_any();
        }
        view! { <ol class="ladder">{remedies.into_iter().map(|remedy| view! { <li>{remedy}</li> }).collect_view()}</ol> }.into_any()
    };
    let budget = move || {
        let (used, max) = heal.with(|heal| (heal.used_this_hour, heal.per_hour_max));
        view! {
            <span class="budget">
                <span class="marks" aria-hidden="true">
                    {(0..max.min(MARKS_MAX)).map(|mark| view! { <i class:used=mark < used></i> }).collect_view()}
                </span>
                {format!("{used} of {max} used in the last hour")}
            </span>
        }
    };
    let cooldown = move || match heal.with(|heal| heal.cooldown_until) {
        Some(at) => view! { <span>"Until "<Moment at told=Told::Clock/><Moment at told=Told::Left/></span> }
            .into_any(),
        None => view! { <span>"None"</span> }.into_any(),
    };
    let last = move || match heal.with(|heal| heal.last.clone()) {
        Some(last) => {
            let took = spoken(Duration::from_millis(last.took_ms));
            view! {
                <span><Moment at=last.at told=Told::Ago/>{format!(", took {took}: ")}<a href=format!("/incidents/{}", last.incident)>{format!("incident {}", last.incident)}</a></span>
            }
            .into_any()
        }
        None => view! { <span>"No heal has been proven yet."</span> }.into_any(),
    };
    view! {
        <section class="block">
            <h3>"Healing"</h3>
            {dry_run}
            <dl class="facts">
                <div><dt>"Ladder"</dt><dd>{ladder}</dd></div>
                <div><dt>"Budget"</dt><dd>{budget}</dd></div>
                <div><dt>"Cooldown"</dt><dd>{cooldown}</dd></div>
                <div><dt>"Last heal"</dt><dd>{last}</dd></div>
                <div><dt>"If forced now"</dt><dd>{move || heal.with(|heal| heal.forecast.clone())}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}
