//! What holds until a time: pauses, planned work, a closed market. Calm, and ended where it stands.

use leptos::prelude::*;

use crate::api::actions::{END_WORK, RESUME, TAKE_BACK_MOVES};
use crate::live::Live;
use crate::parts::actions::Button;
use crate::parts::icon::{Icon, tone_name};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::line::pieces;
use crate::sheet::target::TargetSheet;
use crate::sheet::{HoldSheet, Undo};
use crate::tongue::t;

/// What holds on all targets.
#[component]
pub(crate) fn Holds(live: Live) -> impl IntoView {
    let holds = keyed(move || live.sheet.with(|sheet| items(&sheet.holds)));
    view! { <ul class="holds of-all" aria-label=t("On hold") aria-live="polite">{holds}</ul> }.into_any()
}

/// What holds on one target.
pub(crate) fn holds(target: Memo<TargetSheet>) -> AnyView {
    let holds = keyed(move || target.with(|target| items(&target.holds)));
    view! { <ul class="holds" aria-label=t("On hold")>{holds}</ul> }.into_any()
}

fn items(holds: &[HoldSheet]) -> Vec<Keyed> {
    holds.iter().cloned().map(|hold| Keyed::new(hold.key.clone(), move || line(hold))).collect()
}

fn line(hold: HoldSheet) -> AnyView {
    let class = format!("hold tone-{}", tone_name(hold.mark.tone));
    let undo = hold.undo.map(|undo| {
        let (action, icon, words, target) = match undo {
            Undo::Resume(target) => (RESUME, "play", "Resume healing", target),
            Undo::EndWork(target) => (END_WORK, "check", "End planned work", target),
            Undo::TakeBackMoves(target) => (TAKE_BACK_MOVES, "check", "Take back", target),
        };
        view! { <Button action icon words fields=vec![("target", target)]/> }.into_any()
    });
    view! {
        <li class=class>
            <Icon name=hold.mark.sign/>
            <p><strong>{hold.mark.word}</strong>" "{pieces(hold.line)}</p>
            {undo}
        </li>
    }
    .into_any()
}
