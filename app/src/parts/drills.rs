//! Fire drills: the last one and the next of each target, a button for one now, and those that were held with their steps.

use leptos::prelude::*;

use crate::api::actions::DRILL;
use crate::parts::actions::Button;
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::{Badge, Icon, tone_name};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::may::may_ask;
use crate::parts::moment::Moment;
use crate::parts::requests::requests;
use crate::parts::sentence::sentence;
use crate::sheet::Told;
use crate::sheet::drill::{DrillRow, DrillSheet, DrillsSheet, StepOfDrill};
use crate::sheet::readiness::ReadinessSheet;
use crate::tongue::t;

/// Everything about drills.
pub(crate) fn drills(sheet: Memo<ReadinessSheet>) -> AnyView {
    let sheet = Memo::new(move |_| sheet.with(|sheet| sheet.drills.clone()));
    let head = follow(move || sheet.with(head));
    let asked = follow(move || {
        let asked = sheet.with(|sheet| sheet.requests.clone());
        if asked.is_empty() { nothing() } else { requests(asked) }
    });
    let several = Memo::new(move |_| sheet.with(|sheet| sheet.rows.len() > 1));
    let of_all = follow(move || {
        if !several.get() || !may_ask(DRILL) {
            return nothing();
        }
        view! { <div class="actions"><Button action=DRILL icon="shield" words="Rehearse all now" fields=vec![("target", String::new())]/></div> }
            .into_any()
    });
    // A row keeps its button, and an opened drill stays open, while others change.
    let rows = keyed(move || {
        let rows = sheet.with(|sheet| sheet.rows.iter().map(|row| row.target.clone()).collect::<Vec<_>>());
        rows.into_iter().map(|target| Keyed::new(target.clone(), move || row(sheet, target))).collect()
    });
    let held = follow(move || sheet.with(held));
    let history = keyed(move || {
        let drills = sheet.with(|sheet| sheet.history.clone());
        drills
            .into_iter()
            .map(|drill| Keyed::new(format!("{}-{}", drill.id, drill.mark.word), move || one(drill)))
            .collect()
    });
    view! {
        <section class="panel drills" id="drills" aria-labelledby="drills-title">
            <h2 id="drills-title">{t("Fire drills")}</h2>
            {head}
            {of_all}
            <ul class="needs">{rows}</ul>
            {asked}
            {held}
            <div class="held">{history}</div>
        </section>
    }
    .into_any()
}

fn head(sheet: &DrillsSheet) -> AnyView {
    let more = sheet.more.clone().map(|more| view! { <p class="quiet-text">{more}</p> }.into_any());
    view! { <p class="quiet-text">{sheet.sentence.clone()}</p>{more} }.into_any()
}

fn held(sheet: &DrillsSheet) -> AnyView {
    if let Some(trouble) = sheet.trouble.clone() {
        return view! { <h3>{t("Held before")}</h3><p class="reason">{trouble}</p> }.into_any();
    }
    if sheet.history.is_empty() { nothing() } else { view! { <h3>{t("Held before")}</h3> }.into_any() }
}

/// A target with its last drill and the next.
fn row(sheet: Memo<DrillsSheet>, target: String) -> AnyView {
    let fields = vec![("target", target.clone())];
    let own = Memo::new(move |last: Option<&Option<DrillRow>>| {
        let found = sheet.with(|sheet| sheet.rows.iter().find(|row| row.target == target).cloned());
        found.or_else(|| last.cloned().flatten())
    });
    let said = follow(move || own.get().map_or_else(nothing, what));
    let class = follow_class(own);
    view! {
        <li class=class>
            {said}
            <Button action=DRILL icon="shield" words="Rehearse now" fields/>
        </li>
    }
    .into_any()
}

fn follow_class(own: Memo<Option<DrillRow>>) -> Signal<String> {
    Signal::derive(move || {
        let tone = own.with(|row| row.as_ref().map_or("unknown", |row| tone_name(row.mark.tone)));
        format!("need drill tone-{tone}")
    })
}

fn what(row: DrillRow) -> AnyView {
    let server = row.server.map(|server| view! { " "<span class="tag">{server}</span> }.into_any());
    let ended = row
        .ended
        .map(|at| view! { " "<span class="quiet-text"><Moment at told=Told::Ago/></span> }.into_any());
    let mend = row.mend.map(mend);
    let next = match row.next_at {
        Some(at) => {
            view! { <p class="quiet-text">{t("Next: ")}<Moment at told=Told::DayLeft/></p> }.into_any()
        }
        None => view! { <p class="quiet-text">{t("None is scheduled.")}</p> }.into_any(),
    };
    view! {
        <p class="need-head"><Badge mark=row.mark/><strong>{row.name}</strong>{server}</p>
        <div>
            <p>{sentence(row.says)}{ended}</p>
            {next}
            {mend}
        </div>
    }
    .into_any()
}

fn mend(mend: String) -> AnyView {
    view! { <p class="mend"><Icon name="work"/><span>{mend}</span></p> }.into_any()
}

/// A drill that was held, folded to a line.
fn one(drill: DrillSheet) -> AnyView {
    let because = drill.because.map(|because| view! { <p>{because}</p> }.into_any());
    let steps = drill.steps.into_iter().map(step).collect::<Vec<_>>();
    let steps = (!steps.is_empty()).then(|| view! { <ol class="drill-steps">{steps}</ol> }.into_any());
    view! {
        <details class="drill-held" id=format!("drill-{}", drill.id)>
            <summary>
                <Badge mark=drill.mark/>
                <strong>{drill.name}</strong>
                <span class="quiet-text"><Moment at=drill.due told=Told::Clock/>{t(", by ")}{drill.by}</span>
            </summary>
            {because}
            {steps}
        </details>
    }
    .into_any()
}

fn step(step: StepOfDrill) -> AnyView {
    let class = format!("drill-step tone-{}", tone_name(step.mark.tone));
    let took = step.took.map(|took| view! { <span class="quiet-text took">{took}</span> }.into_any());
    let mend = step.mend.map(mend);
    view! {
        <li class=class>
            <p class="step-head"><Badge mark=step.mark/><strong>{step.name}</strong>{took}</p>
            <p>{step.said}</p>
            {mend}
        </li>
    }
    .into_any()
}
