//! Force heal: which remedy, the typed word that confirms it, and the typed id that lifts what it would wait for.

use leptos::html::Details;
use leptos::prelude::*;

use crate::api::actions::{CONFIRM_WORD, FORCE_HEAL};
use crate::live::clock::Clock;
use crate::parts::ask::{Answer, AskForm, Asking, close_when_taken, refusal};
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::parts::sentence::sentence;
use crate::sheet::Told;
use crate::sheet::target::TargetSheet;
use crate::tongue::t;

/// The form, folded away until it is wanted.
#[component]
pub(crate) fn ForceHealForm(id: String, target: Memo<TargetSheet>) -> impl IntoView {
    let asking = Asking::new();
    let typed = RwSignal::new(String::new());
    let lift = RwSignal::new(String::new());
    let clock = Clock::of_page();
    let folded = NodeRef::<Details>::new();
    // What was typed is forgotten with the answer; the page keeps no second heal ready.
    Effect::new(move |_| {
        if asking.answer.get() == Some(Answer::Taken) {
            typed.set(String::new());
            lift.set(String::new());
        }
    });
    close_when_taken(asking, folded);
    let unconfirmed =
        Signal::derive(move || clock.now().is_some() && typed.with(|word| word.trim() != CONFIRM_WORD));
    let confirm_id = format!("confirm-{id}");
    let (remedies, lift) = (remedies(target), lift_field(id.clone(), target, lift));
    view! {
        <details class="confirm" node_ref=folded>
            <summary class="button danger"><Icon name="heal"/>{t("Force heal…")}</summary>
            <div class="confirm-body">
                <AskForm asking action=FORCE_HEAL>
                    <input type="hidden" name="target" value=id/>
                    {remedies}
                    <p class="field">
                        <label for=confirm_id.clone()>{t("This acts on a system that trades. Type ")}<code>{CONFIRM_WORD}</code>{t(" to confirm:")}</label>
                        <input id=confirm_id name="confirm" required autocomplete="off" autocapitalize="characters" spellcheck="false"
                            pattern=format!("\\s*{CONFIRM_WORD}\\s*")
                            prop:value=typed on:input=move |event| typed.set(event_target_value(&event))/>
                    </p>
                    {lift}
                    <button type="submit" class="button danger solid" disabled=unconfirmed aria-busy=asking.busy()>
                        {t("Start the heal now")}
                    </button>
                </AskForm>
                {refusal(asking)}
            </div>
        </details>
    }
    .into_any()
}

/// The remedies of the ladder, and what is said of each now. They are those of the configuration, so they stand still.
fn remedies(target: Memo<TargetSheet>) -> AnyView {
    let first = view! {
        <label class="rung">
            <input type="radio" name="remedy" value="" checked/>
            <span><strong>{t("The first that can help")}</strong><span class="says">{follow(move || sentence(target.with(|target| target.heal.forecast.clone())))}</span></span>
        </label>
    };
    let rungs = target.with_untracked(|target| target.heal.rungs.clone());
    let others = rungs.into_iter().map(|rung| {
        let name = rung.name.clone();
        let says = follow(move || {
            let says = target.with(|target| {
                target.heal.rungs.iter().find(|rung| rung.name == name).map(|rung| rung.says.clone())
            });
            sentence(says.unwrap_or_default())
        });
        view! {
            <label class="rung">
                <input type="radio" name="remedy" value=rung.name.clone()/>
                <span><strong>{rung.name}</strong>" "<span class="tag">{rung.rung}</span><span class="says">{says}</span></span>
            </label>
        }
        .into_any()
    });
    view! { <fieldset class="rungs"><legend>{t("Which remedy")}</legend>{first}{others.collect::<Vec<_>>()}</fieldset> }
        .into_any()
}

/// Where the target's id lifts what a heal would wait for, while there is something.
fn lift_field(id: String, target: Memo<TargetSheet>, typed: RwSignal<String>) -> AnyView {
    let held = Memo::new(move |_| target.with(|target| target.heal.lift.clone()));
    let field_id = format!("lift-{id}");
    follow(move || {
        let Some(held) = held.get() else { return nothing() };
        view! {
            <p class="field">
                <label for=field_id.clone()>
                    {held.what}{t(" until ")}<Moment at=held.until told=Told::Clock/>{t(". To go ahead all the same, type ")}
                    <code>{id.clone()}</code>{t(" as well:")}
                </label>
                <input id=field_id.clone() name="lift" autocomplete="off" autocapitalize="off" spellcheck="false"
                    prop:value=typed on:input=move |event| typed.set(event_target_value(&event))/>
            </p>
        }
        .into_any()
    })
}
