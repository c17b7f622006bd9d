//! The buttons that ask for something. What became of a request is followed on the board.

use leptos::html::Details;
use leptos::prelude::*;

use crate::api::actions::{ACKNOWLEDGE, CONFIRM_WORD, FORCE_HEAL, FORCE_SYNC, TEST_ALERT};
use crate::live::clock::Clock;
use crate::parts::ask::{Answer, AskForm, Asking, refusal};
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::sheet::{TargetSheet, Told};

/// Force sync, Force heal and, where there is no other place for it, Test alert.
#[component]
pub(crate) fn TargetActions(
    target: Memo<TargetSheet>,
    /// Whether the test alert is asked for here.
    with_test: bool,
) -> impl IntoView {
    let id = target.with_untracked(|target| target.id.clone());
    let test = with_test.then(|| view! { <TestAlertForm/> }.into_any());
    view! {
        <div class="actions">
            <Button action=FORCE_SYNC icon="sync" words="Force sync" field=("target", id.clone())/>
            <ForceHealForm id target/>
            {test}
        </div>
    }
    .into_any()
}

/// Sends a test alert over every channel.
#[component]
pub(crate) fn TestAlertForm() -> impl IntoView {
    view! { <Button action=TEST_ALERT icon="bell" words="Test alert"/> }
}

/// Says that an alert was seen.
#[component]
pub(crate) fn AcknowledgeForm(alert: u64) -> impl IntoView {
    let field = ("alert", alert.to_string());
    view! { <Button action=ACKNOWLEDGE icon="check" words="Acknowledge" field class="action acknowledge"/> }
}

/// A form that is a button only.
#[component]
fn Button(
    action: &'static str,
    icon: &'static str,
    words: &'static str,
    /// Name and value of what it sends.
    #[prop(optional)]
    field: Option<(&'static str, String)>,
    #[prop(default = "action")] class: &'static str,
) -> impl IntoView {
    let asking = Asking::new();
    let field = field.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.into_any());
    view! {
        <div class=class>
            <AskForm asking action>
                {field}
                <button type="submit" class="button" aria-busy=asking.busy()><Icon name=icon/>{words}</button>
            </AskForm>
            {refusal(asking)}
        </div>
    }
    .into_any()
}

#[component]
fn ForceHealForm(id: String, target: Memo<TargetSheet>) -> impl IntoView {
    let asking = Asking::new();
    let typed = RwSignal::new(String::new());
    let lift = RwSignal::new(String::new());
    let clock = Clock::of_page();
    let disclosure = NodeRef::<Details>::new();
    // Taken: the form closes and forgets what was typed.
    Effect::new(move |_| {
        if asking.answer.get() == Some(Answer::Taken) {
            typed.set(String::new());
            lift.set(String::new());
            if let Some(details) = disclosure.get_untracked() {
                details.set_open(false);
            }
        }
    });
    let unconfirmed =
        Signal::derive(move || clock.now().is_some() && typed.with(|word| word.trim() != CONFIRM_WORD));
    let forecast = follow(move || target.with(|target| target.heal.forecast.clone()).into_any());
    let confirm_id = format!("confirm-{id}");
    let cooldown = cooldown_field(id.clone(), target, lift);
    view! {
        <details class="confirm" node_ref=disclosure>
            <summary class="button danger"><Icon name="heal"/>"Force heal…"</summary>
            <div class="confirm-body">
                <AskForm asking action=FORCE_HEAL>
                    <input type="hidden" name="target" value=id/>
                    <p>{forecast}</p>
                    <p class="field">
                        <label for=confirm_id.clone()>"This acts on a system that trades. Type "<code>{CONFIRM_WORD}</code>" to confirm:"</label>
                        <input id=confirm_id name="confirm" required autocomplete="off" autocapitalize="characters" spellcheck="false"
                            pattern=format!("\\s*{CONFIRM_WORD}\\s*")
                            prop:value=typed on:input=move |event| typed.set(event_target_value(&event))/>
                    </p>
                    {cooldown}
                    <button type="submit" class="button danger solid" disabled=unconfirmed aria-busy=asking.busy()>
                        "Start the heal now"
                    </button>
                </AskForm>
                {refusal(asking)}
            </div>
        </details>
    }
    .into_any()
}

/// Where the target's id lifts the cooldown, while there is one.
fn cooldown_field(id: String, target: Memo<TargetSheet>, lift: RwSignal<String>) -> AnyView {
    let cooling = Memo::new(move |_| target.with(|target| target.heal.cooldown_until));
    let lift_id = format!("lift-{id}");
    follow(move || {
        let Some(until) = cooling.get() else { return nothing() };
        view! {
            <p class="field">
                <label for=lift_id.clone()>
                    "The cooldown holds until "<Moment at=until told=Told::Clock/>". To lift it, type "
                    <code>{id.clone()}</code>" as well:"
                </label>
                <input id=lift_id.clone() name="lift" autocomplete="off" autocapitalize="off" spellcheck="false"
                    prop:value=lift on:input=move |event| lift.set(event_target_value(&event))/>
            </p>
        }
        .into_any()
    })
}
