//! One target: its head at a glance, and everything about it below.

use leptos::prelude::*;
use rebound::view::{TargetView, Tone};

use crate::live::Live;
use crate::parts::accounts::Accounts;
use crate::parts::actions::TargetActions;
use crate::parts::checks::Checks;
use crate::parts::heal::HealBox;
use crate::parts::icon::{Icon, tone_name};
use crate::parts::incident::OpenIncident;
use crate::parts::moment::{Moment, Told};
use crate::parts::recent::Recent;
use crate::parts::requests::{About, Requests};
use crate::parts::uptime::UptimeBar;
use crate::parts::vitals::Vitals;

/// The cards of all targets; one target alone simply stands open.
#[component]
pub(crate) fn Targets(live: Live) -> impl IntoView {
    let ids = live.target_ids();
    let empty = move || {
        ids.with(Vec::is_empty).then(|| {
            view! { <p class="empty panel">"Nothing is watched yet. Name a target in the configuration file; it appears here within seconds of a restart."</p> }
        })
    };
    let keys = move || {
        let ids = ids.get();
        let alone = ids.len() == 1;
        ids.into_iter().map(|id| (id, alone)).collect::<Vec<_>>()
    };
    view! {
        <div class="targets" class:alone=move || ids.with(Vec::len) == 1>
            {empty}
            <For each=keys key=Clone::clone let((id, alone))>
                {live.board.with_untracked(|board| board.targets.iter().find(|view| view.id == id).cloned())
                    .map(|first| view! { <TargetCard live first alone/> })}
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn TargetCard(live: Live, first: TargetView, alone: bool) -> impl IntoView {
    let (id, calm) = (first.id.clone(), matches!(first.tone, Tone::Good | Tone::Resting));
    let target = live.target(first);
    let outdated = move || {
        target.with(|view| {
            let limit = i64::try_from(view.stale_after_ms).unwrap_or(i64::MAX);
            view.observed_at.is_some_and(|at| live.now().as_ms().saturating_sub(at.as_ms()) > limit)
        })
    };
    let class = move || {
        let tone = tone_name(target.with(|view| view.tone));
        let age = if outdated() { " outdated" } else { "" };
        format!("card tone-{tone}{age}")
    };
    let html_id = format!("target-{id}");
    let body = view! { <TargetBody live target alone/> };
    let old_note = move || {
        outdated().then(|| view! {
            <p class="notice tone-unknown"><Icon name="unknown"/><span><strong>"This is old."</strong>" Nothing was seen of this target for longer than its limit; what stands below is the last that was known."</span></p>
        })
    };
    if alone {
        view! {
            <section class=class id=html_id><div class="card-head"><Head target/></div>{old_note}{body}</section>
        }
        .into_any()
    } else {
        view! {
            <details class=class id=html_id open=!calm>
                <summary class="card-head"><Head target/><Icon name="chevron"/></summary>
                {old_note}
                {body}
            </details>
        }
        .into_any()
    }
}

/// Name, phase and what it waits for.
#[component]
fn Head(target: Memo<TargetView>) -> impl IntoView {
    let sign = Signal::derive(move || tone_name(target.with(|view| view.tone)));
    let until = Memo::new(move |_| target.with(|view| view.phase_until));
    let countdown = move || {
        until.get().map(|at| view! {
            <span class="countdown"><Icon name="clock"/><span>"until "<Moment at told=Told::Clock/></span><span class="left"><Moment at told=Told::Left/></span></span>
        })
    };
    view! {
        <div class="head-text">
            <h2>{move || target.with(|view| view.name.clone())}</h2>
            <p class="phase">
                <span class="badge strong"><Icon name=sign/>{move || target.with(|view| view.phase.clone())}</span>
                {countdown}
            </p>
            <p class="phase-detail">{move || target.with(|view| view.phase_detail.clone())}</p>
        </div>
        <Vitals target/>
    }
    .into_any()
}

#[component]
fn TargetBody(live: Live, target: Memo<TargetView>, alone: bool) -> impl IntoView {
    let id = target.with_untracked(|view| view.id.clone());
    let about = if alone { About::TargetAndAlerts(id.clone()) } else { About::Target(id.clone()) };
    let uptime = Memo::new(move |_| target.with(|view| view.uptime.clone()));
    let checks = Memo::new(move |_| target.with(|view| view.checks.clone()));
    let accounts = Memo::new(move |_| target.with(|view| view.accounts.clone()));
    let heal = Memo::new(move |_| target.with(|view| view.heal.clone()));
    let recent = Memo::new(move |_| target.with(|view| view.recent.clone()));
    view! {
        <div class="card-body">
            <div class="act">
                <TargetActions target with_test=alone/>
                <Requests live about/>
            </div>
            <OpenIncident target/>
            <UptimeBar id=id.to_string() uptime/>
            <div class="blocks">
                <div class="stack"><Accounts accounts/><HealBox heal/></div>
                <div class="stack"><Checks checks/><Recent recent/></div>
            </div>
        </div>
    }
    .into_any()
}
