//! The buttons that ask for something. What became of a request is followed on the board.

use leptos::html::Details;
use leptos::prelude::*;
use rebound::role::Right;

use crate::api::actions::{ACKNOWLEDGE, FORCE_SYNC, STOP_HEAL, TEST_ALERT};
use crate::parts::ask::{AskForm, Asking, close_when_taken, refusal};
use crate::parts::follow::{follow, nothing};
use crate::parts::force::ForceHealForm;
use crate::parts::hand::HandOnTarget;
use crate::parts::icon::Icon;
use crate::parts::may::{may, may_ask};
use crate::sheet::target::{StopOffer, TargetSheet};
use crate::tongue::t;

/// Force sync, Force heal and, where there is no other place for it, Test alert; Stop while there is something to stop.
#[component]
pub(crate) fn TargetActions(
    target: Memo<TargetSheet>,
    /// Whether the test alert is asked for here.
    with_test: bool,
) -> impl IntoView {
    if !may(Right::Act) {
        return nothing();
    }
    let (id, heals, has_accounts) = target.with_untracked(|target| {
        (target.id.clone(), !target.heal.rungs.is_empty(), target.accounts.is_some())
    });
    let sync = if has_accounts { "Force sync" } else { "Look now" };
    let force = heals.then(|| view! { <ForceHealForm id=id.clone() target/> }.into_any());
    let test = with_test.then(|| view! { <TestAlertForm/> }.into_any());
    let stop = stop(id.clone(), target);
    view! {
        <div class="actions">
            <Button action=FORCE_SYNC icon="sync" words=sync fields=vec![("target", id)]/>
            {force}
            {test}
            {stop}
            <HandOnTarget target/>
        </div>
    }
    .into_any()
}

/// Plain to see while a heal runs, is being proven or waits.
fn stop(id: String, target: Memo<TargetSheet>) -> AnyView {
    let offered = Memo::new(move |_| target.with(|target| target.stop == StopOffer::Plain));
    follow(move || {
        if !offered.get() {
            return nothing();
        }
        let fields = vec![("target", id.clone())];
        view! { <Button action=STOP_HEAL icon="stop" words="Stop the heal" fields class="action stop"/> }
            .into_any()
    })
}

/// Sends a test alert over every channel.
#[component]
pub(crate) fn TestAlertForm() -> impl IntoView {
    view! { <Button action=TEST_ALERT icon="bell" words="Test alert"/> }
}

/// Says that an alert was seen.
#[component]
pub(crate) fn AcknowledgeForm(alert: u64) -> impl IntoView {
    let fields = vec![("alert", alert.to_string())];
    view! { <Button action=ACKNOWLEDGE icon="check" words="Acknowledge" fields class="action acknowledge"/> }
}

/// A form that is a button only.
#[component]
pub(crate) fn Button(
    action: &'static str,
    icon: &'static str,
    words: &'static str,
    /// Names and values of what it sends.
    #[prop(optional)]
    fields: Vec<(&'static str, String)>,
    #[prop(default = "action")] class: &'static str,
    /// What is folded away once it was taken.
    #[prop(optional)]
    folded: Option<NodeRef<Details>>,
) -> impl IntoView {
    if !may_ask(action) {
        return nothing();
    }
    let asking = Asking::new();
    if let Some(folded) = folded {
        close_when_taken(asking, folded);
    }
    let fields = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.into_any())
        .collect::<Vec<_>>();
    view! {
        <div class=class>
            <AskForm asking action>
                {fields}
                <button type="submit" class="button" aria-busy=asking.busy()><Icon name=icon/>{t(words)}</button>
            </AskForm>
            {refusal(asking)}
        </div>
    }
    .into_any()
}
