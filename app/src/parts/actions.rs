//! The buttons that ask for something.
//!
//! Plain forms: they work without JavaScript, and with it show in place what the server answered. What became of a request
//! is followed on the board.

use leptos::html::Details;
use leptos::prelude::*;
use rebound::ids::{AlertId, TargetId};
use rebound::monitor::Asked;
use rebound::view::TargetView;

use crate::api::actions::{Acknowledge, CONFIRM_WORD, ForceHeal, ForceSync, TestAlert};
use crate::api::error::UiError;
use crate::live::clock::Clock;
use crate::parts::icon::Icon;
use crate::parts::moment::{Moment, Told};
use crate::parts::notice::{Notice, NoticeLine};

/// What the server answered in place. Only ever filled by a living page: an answer that came with the address is told by
/// the page's notice, so that the server and the browser render the same.
type Answer = Signal<Option<Result<Asked, UiError>>>;

fn answer_of(value: impl Fn() -> Option<Result<Asked, UiError>> + Send + Sync + 'static) -> Answer {
    let clock = Clock::of_page();
    Signal::derive(move || if clock.now().is_some() { value() } else { None })
}

/// The error of an answer, in place.
#[component]
fn Trouble(answer: Answer) -> impl IntoView {
    move || answer.get().and_then(Result::err).map(|error| view! { <NoticeLine notice=Notice::from(error)/> })
}

/// Force sync, Force heal and, where there is no other place for it, Test alert.
#[component]
pub(crate) fn TargetActions(
    target: Memo<TargetView>,
    /// Whether the test alert is asked for here.
    with_test: bool,
) -> impl IntoView {
    let id = target.with_untracked(|view| view.id.clone());
    view! {
        <div class="actions">
            <ForceSyncForm id=id.clone()/>
            <ForceHealForm id target/>
            {with_test.then(|| view! { <TestAlertForm/> })}
        </div>
    }
    .into_any()
}

#[component]
fn ForceSyncForm(id: TargetId) -> impl IntoView {
    let action = ServerAction::<ForceSync>::new();
    let answer = answer_of(move || action.value().get());
    view! {
        <div class="action">
            <ActionForm action>
                <input type="hidden" name="target" value=id.to_string()/>
                <button type="submit" class="button" aria-busy=busy(action.pending())>
                    <Icon name="sync"/>"Force sync"
                </button>
            </ActionForm>
            <Trouble answer/>
        </div>
    }
    .into_any()
}

#[component]
fn ForceHealForm(id: TargetId, target: Memo<TargetView>) -> impl IntoView {
    let action = ServerAction::<ForceHeal>::new();
    let answer = answer_of(move || action.value().get());
    let typed = RwSignal::new(String::new());
    let lift = RwSignal::new(String::new());
    let clock = Clock::of_page();
    let disclosure = NodeRef::<Details>::new();
    // Taken: the form closes and forgets what was typed.
    Effect::new(move |_| {
        if matches!(answer.get(), Some(Ok(_))) {
            typed.set(String::new());
            lift.set(String::new());
            if let Some(details) = disclosure.get_untracked() {
                details.set_open(false);
            }
        }
    });
    let unconfirmed = move || clock.now().is_some() && typed.with(|word| word.trim() != CONFIRM_WORD);
    let cooling = Memo::new(move |_| target.with(|view| view.heal.cooldown_until));
    let forecast = move || target.with(|view| view.heal.forecast.clone());
    let (confirm_id, lift_id) = (format!("confirm-{id}"), format!("lift-{id}"));
    let shown_id = id.to_string();
    let cooldown_field = move || {
        cooling.get().map(|until| {
            let (lift_id, shown_id) = (lift_id.clone(), shown_id.clone());
            view! {
                <p class="field">
                    <label for=lift_id.clone()>
                        "The cooldown holds until "<Moment at=until told=Told::Clock/>". To lift it, type "
                        <code>{shown_id}</code>" as well:"
                    </label>
                    <input id=lift_id name="lift" autocomplete="off" autocapitalize="off" spellcheck="false"
                        prop:value=lift on:input=move |event| lift.set(event_target_value(&event))/>
                </p>
            }
        })
    };
    view! {
        <details class="confirm" node_ref=disclosure>
            <summary class="button danger"><Icon name="heal"/>"Force heal…"</summary>
            <div class="confirm-body">
                <ActionForm action>
                    <input type="hidden" name="target" value=id.to_string()/>
                    <p>{forecast}</p>
                    <p class="field">
                        <label for=confirm_id.clone()>"This acts on a system that trades. Type "<code>{CONFIRM_WORD}</code>" to confirm:"</label>
                        <input id=confirm_id name="confirm" required autocomplete="off" autocapitalize="characters" spellcheck="false"
                            pattern=format!("\\s*{CONFIRM_WORD}\\s*")
                            prop:value=typed on:input=move |event| typed.set(event_target_value(&event))/>
                    </p>
                    {cooldown_field}
                    <button type="submit" class="button danger solid" disabled=unconfirmed aria-busy=busy(action.pending())>
                        "Start the heal now"
                    </button>
                </ActionForm>
                <Trouble answer/>
            </div>
        </details>
    }
    .into_any()
}

/// Sends a test alert over every channel.
#[component]
pub(crate) fn TestAlertForm() -> impl IntoView {
    let action = ServerAction::<TestAlert>::new();
    let answer = answer_of(move || action.value().get());
    view! {
        <div class="action">
            <ActionForm action>
                <button type="submit" class="button" aria-busy=busy(action.pending())>
                    <Icon name="bell"/>"Test alert"
                </button>
            </ActionForm>
            <Trouble answer/>
        </div>
    }
    .into_any()
}

/// Says that an alert was seen.
#[component]
pub(crate) fn AcknowledgeForm(alert: AlertId) -> impl IntoView {
    let action = ServerAction::<Acknowledge>::new();
    let answer = answer_of(move || action.value().get());
    view! {
        <div class="action acknowledge">
            <ActionForm action>
                <input type="hidden" name="alert" value=alert.number().to_string()/>
                <button type="submit" class="button" aria-busy=busy(action.pending())>
                    <Icon name="check"/>"Acknowledge"
                </button>
            </ActionForm>
            <Trouble answer/>
        </div>
    }
    .into_any()
}

fn busy(pending: Memo<bool>) -> impl Fn() -> Option<&'static str> + Clone + Send {
    move || pending.get().then_some("true")
}
