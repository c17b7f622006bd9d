//! What a person lays a hand on for some time: pauses, planned work, the dry run, moved capital. Folded away: none of it is
//! what one looks for in an emergency.

use leptos::html::Details;
use leptos::prelude::*;
use rebound::role::Right;

use crate::api::actions::{
    DECLARE_MOVE, DRY_RUN, DRY_RUN_CONFIGURED, DRY_RUN_OFF, DRY_RUN_ON, PAUSE, START_WORK, STOP_HEAL,
};
use crate::parts::actions::Button;
use crate::parts::ask::{AskForm, Asking, close_when_taken, refusal};
use crate::parts::follow::{follow, nothing, unfolded};
use crate::parts::may::may;
use crate::sheet::target::{StopOffer, TargetSheet};
use crate::tongue::t;

/// Values and words of the spans that can be chosen, in hours.
const SPANS: [(&str, &str); 4] = [("1", "1 h"), ("4", "4 h"), ("24", "24 h"), ("168", "7 d")];
/// Longest name of planned work, as the core keeps it.
const NAME_MAX: &str = "120";

/// The forms of one target.
#[component]
pub(crate) fn HandOnTarget(target: Memo<TargetSheet>) -> impl IntoView {
    let (folded, opened) = (NodeRef::<Details>::new(), RwSignal::new(false));
    let (id, heals, has_accounts) = target.with_untracked(|target| {
        (target.id.clone(), !target.heal.rungs.is_empty(), target.accounts.is_some())
    });
    let forms = unfolded(opened, move || {
        let pause = heals.then(|| pause(&id, folded));
        let dry_run = heals.then(|| dry_run(&id, folded));
        let declare = has_accounts.then(|| declare(&id, target, folded));
        view! { {stop(&id, target)}{pause}{work(&id, folded)}{dry_run}{declare} }.into_any()
    });
    view! {
        <details class="hand" node_ref=folded on:click=move |_| opened.set(true) on:toggle=move |_| opened.set(true)>
            <summary class="button quiet">{t("More…")}</summary>
            <div class="hand-body">{forms}</div>
        </details>
    }
    .into_any()
}

/// The forms that are for all targets.
#[component]
pub(crate) fn HandOnAll() -> impl IntoView {
    if !may(Right::Act) {
        return nothing();
    }
    let (folded, opened) = (NodeRef::<Details>::new(), RwSignal::new(false));
    let forms = unfolded(opened, move || view! { {pause("", folded)}{work("", folded)} }.into_any());
    view! {
        <details class="hand" node_ref=folded on:click=move |_| opened.set(true) on:toggle=move |_| opened.set(true)>
            <summary class="button">{t("Pause or plan for all…")}</summary>
            <div class="hand-body">{forms}</div>
        </details>
    }
    .into_any()
}

/// A form with its title, and what it means.
struct Part {
    title: &'static str,
    means: &'static str,
    action: &'static str,
    fields: AnyView,
    button: &'static str,
}

impl Part {
    /// Shows it for this target; an empty id means all.
    fn show(self, target: &str, folded: NodeRef<Details>) -> AnyView {
        let asking = Asking::new();
        close_when_taken(asking, folded);
        let (Self { title, means, action, fields, button }, target) = (self, target.to_owned());
        view! {
            <section class="hand-part">
                <h3>{t(title)}</h3>
                <p class="quiet-text">{t(means)}</p>
                <AskForm asking action>
                    <input type="hidden" name="target" value=target/>
                    {fields}
                    <button type="submit" class="button" aria-busy=asking.busy()>{t(button)}</button>
                </AskForm>
                {refusal(asking)}
            </section>
        }
        .into_any()
    }
}

/// A heal that could start and must not.
fn stop(id: &str, target: Memo<TargetSheet>) -> AnyView {
    let id = id.to_owned();
    let offered = Memo::new(move |_| target.with(|target| target.stop == StopOffer::Quiet));
    follow(move || {
        if !offered.get() {
            return nothing();
        }
        view! {
            <section class="hand-part">
                <h3>{t("Stop the heal")}</h3>
                <p class="quiet-text">{t("No further remedy is started in this incident. Force heal starts one again.")}</p>
                <Button action=STOP_HEAL icon="stop" words="Stop the heal" fields=vec![("target", id.clone())]/>
            </section>
        }
        .into_any()
    })
}

fn pause(id: &str, folded: NodeRef<Details>) -> AnyView {
    Part {
        title: "Pause healing",
        means: "Watching and alerts go on; nothing is healed by itself. A heal that runs is not stopped.",
        action: PAUSE,
        fields: chips("For how long", "hours", &SPANS),
        button: "Pause healing",
    }
    .show(id, folded)
}

fn work(id: &str, folded: NodeRef<Details>) -> AnyView {
    let name_id = format!("work-{id}");
    let fields = view! {
        <p class="field">
            <label for=name_id.clone()>{t("What is done")}</label>
            <input id=name_id name="name" maxlength=NAME_MAX autocomplete="off"/>
        </p>
        {chips("For how long", "hours", &SPANS)}
    };
    Part {
        title: "Planned work",
        means: "Nothing is healed, nobody is told, and uptime is not charged. It begins now.",
        action: START_WORK,
        fields: fields.into_any(),
        button: "Start planned work",
    }
    .show(id, folded)
}

fn dry_run(id: &str, folded: NodeRef<Details>) -> AnyView {
    // All three stand still: a button that the board changes while it is answered would not hear its answer.
    let choices = [
        ("Dry run on", "dry", DRY_RUN_ON),
        ("Dry run off", "cross", DRY_RUN_OFF),
        ("As configured", "back", DRY_RUN_CONFIGURED),
    ];
    let buttons = choices.map(|(words, icon, wanted)| {
        let fields = vec![("target", id.to_owned()), ("dry_run", wanted.to_owned())];
        view! { <Button action=DRY_RUN icon words fields folded/> }.into_any()
    });
    view! {
        <section class="hand-part">
            <h3>{t("Dry run")}</h3>
            <p class="quiet-text">{t("Everything is decided and shown, and nothing is done.")}</p>
            <div class="actions">{buttons}</div>
        </section>
    }
    .into_any()
}

fn declare(id: &str, target: Memo<TargetSheet>, folded: NodeRef<Details>) -> AnyView {
    let [_, spans @ ..] = &SPANS;
    let accounts = Memo::new(move |_| {
        target.with(|target| {
            let rows = target.accounts.iter().flatten();
            rows.map(|row| (row.id.clone(), row.name.clone())).collect::<Vec<_>>()
        })
    });
    let boxes = follow(move || {
        let boxes = accounts.get().into_iter().map(|(number, name)| {
            let name = name.map(|name| view! { " "<span class="quiet-text">{name}</span> }.into_any());
            view! {
                <label class="tick"><input type="checkbox" name="accounts[]" value=number.clone()/><span>{number}{name}</span></label>
            }
            .into_any()
        });
        boxes.collect::<Vec<_>>().into_any()
    });
    let fields = view! {
        <fieldset class="ticks"><legend>{t("Which accounts; none ticked: all")}</legend><div class="ticks-list">{boxes}</div></fieldset>
        {chips("For how long", "hours", spans)}
    };
    Part {
        title: "Moved capital",
        means: "Accounts at 0 are taken as moved capital, not as trouble.",
        action: DECLARE_MOVE,
        fields: fields.into_any(),
        button: "Declare moved capital",
    }
    .show(id, folded)
}

/// Choices of which one holds; the first does at first.
fn chips(legend: &'static str, name: &'static str, choices: &[(&'static str, &'static str)]) -> AnyView {
    let chips = choices.iter().enumerate().map(|(index, (value, words))| {
        view! {
            <label class="chip"><input type="radio" name=name value=*value checked={index == 0}/><span>{*words}</span></label>
        }
        .into_any()
    });
    view! { <fieldset class="chips"><legend>{t(legend)}</legend><div class="chips-list">{chips.collect::<Vec<_>>()}</div></fieldset> }.into_any()
}
