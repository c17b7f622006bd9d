//! What healing is allowed on a target, and what it last did.

use leptos::prelude::*;

use crate::parts::line::facts;
use crate::parts::sentence::sentence;
use crate::sheet::target::HealSheet;
use crate::tongue::{t, tell};

/// Most marks of the budget that are drawn.
const MARKS_MAX: u32 = 12;

/// The ladder, the budget, the cooldown and the last heal.
pub(crate) fn heal(heal: HealSheet) -> AnyView {
    if heal.ladder.is_empty() {
        return view! {
            <section class="block">
                <h3>{t("Healing")}</h3>
                <p class="empty">{t("No remedy is configured for this target: nothing is ever done by itself.")}</p>
            </section>
        }
        .into_any();
    }
    let remedies = heal.ladder.into_iter().map(|remedy| view! { <li>{remedy}</li> }.into_any());
    let ladder = view! { <ol class="ladder">{remedies.collect::<Vec<_>>()}</ol> };
    let (used, most) = (heal.used, heal.most);
    let marks = (0..most.min(MARKS_MAX)).map(|mark| {
        let class = if mark < used { "used" } else { "" };
        view! { <i class=class></i> }.into_any()
    });
    view! {
        <section class="block">
            <h3>{t("Healing")}</h3>
            <dl class="facts">
                <div><dt>{t("Ladder")}</dt><dd>{ladder}</dd></div>
                <div>
                    <dt>{t("Budget")}</dt>
                    <dd>
                        <span class="budget">
                            <span class="marks" aria-hidden="true">{marks.collect::<Vec<_>>()}</span>
                            {tell(format!("{used} of {most} used in the last hour"))}
                        </span>
                    </dd>
                </div>
                {facts(heal.facts)}
                <div><dt>{t("If forced now")}</dt><dd>{sentence(heal.forecast)}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}
