//! One target: its head at a glance, and everything about it below.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::accounts::accounts;
use crate::parts::actions::TargetActions;
use crate::parts::checks::checks;
use crate::parts::follow::{follow, follow_words, nothing};
use crate::parts::heal::heal;
use crate::parts::holds::holds;
use crate::parts::icon::{Badge, Icon, tone_name};
use crate::parts::incident::incident;
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::ledger::ledger;
use crate::parts::line::pieces;
use crate::parts::moment::Moment;
use crate::parts::recent::recent;
use crate::parts::requests::requests;
use crate::parts::uptime::uptime;
use crate::parts::vitals::vitals;
use crate::parts::why::why;
use crate::sheet::Told;
use crate::sheet::target::TargetSheet;

/// The cards of all targets; one target alone simply stands open.
#[component]
pub(crate) fn Targets(live: Live) -> impl IntoView {
    let empty = follow(move || {
        if live.sheet.with(|sheet| !sheet.targets.is_empty()) {
            return nothing();
        }
        view! { <p class="empty panel">"Nothing is watched yet. Name a target in the configuration file; it appears here within seconds of a restart."</p> }.into_any()
    });
    let cards = keyed(move || {
        let alone = live.alone.get();
        live.sheet.with(|sheet| {
            let targets = sheet.targets.iter().cloned();
            targets.map(|first| Keyed::new(key(&first, alone), move || card(live, first, alone))).collect()
        })
    });
    let class = follow_words(move || if live.alone.get() { "targets alone" } else { "targets" }.to_owned());
    view! { <div class=class>{empty}{cards}</div> }.into_any()
}

/// A target with other remedies, or another kind of it, has another card: its forms are made once.
fn key(target: &TargetSheet, alone: bool) -> String {
    let remedies: Vec<&str> = target.heal.rungs.iter().map(|rung| rung.name.as_str()).collect();
    format!("{alone} {} {} {}", target.id, target.accounts.is_some(), remedies.join("/"))
}

fn card(live: Live, first: TargetSheet, alone: bool) -> AnyView {
    let (id, calm) = (first.id.clone(), matches!(first.tone, Tone::Good | Tone::Resting));
    let target = live.target(first);
    let outdated = Memo::new(move |_| {
        target.with(|target| {
            let limit = i64::try_from(target.stale_after_ms).unwrap_or(i64::MAX);
            target.observed_at.is_some_and(|at| live.now().as_ms().saturating_sub(at.as_ms()) > limit)
        })
    });
    let class = follow_words(move || {
        let age = if outdated.get() { " outdated" } else { "" };
        format!("card tone-{}{age}", tone_name(target.with(|target| target.tone)))
    });
    let old_note = follow(move || {
        if !outdated.get() {
            return nothing();
        }
        view! {
            <p class="notice tone-unknown"><Icon name="unknown"/><span><strong>"This is old."</strong>" Nothing was seen of this target for longer than its limit; what stands below is the last that was known."</span></p>
        }
        .into_any()
    });
    let html_id = format!("target-{id}");
    let head = follow(move || target.with(head));
    let body = body(target, id, alone);
    if alone {
        view! {
            <section class=class id=html_id><div class="card-head">{head}</div>{old_note}{body}</section>
        }
        .into_any()
    } else {
        view! {
            <details class=class id=html_id open=!calm>
                <summary class="card-head">{head}<Icon name="chevron"/></summary>
                {old_note}
                {body}
            </details>
        }
        .into_any()
    }
}

/// Name, phase and what it waits for, and the figures.
fn head(target: &TargetSheet) -> AnyView {
    let countdown = target.phase_until.map(|at| {
        view! {
            <span class="countdown"><Icon name="clock"/><span>"until "<Moment at told=Told::Clock/></span><span class="left"><Moment at told=Told::Left/></span></span>
        }
        .into_any()
    });
    let marks = target.marks.iter().cloned().map(|mark| view! { <Badge mark/> }.into_any());
    view! {
        <div class="head-text">
            <h2>{target.name.clone()}</h2>
            <p class="phase">
                <span class="badge strong"><Icon name=tone_name(target.tone)/>{target.phase.clone()}</span>
                {marks.collect::<Vec<_>>()}
                {countdown}
            </p>
            <p class="phase-detail">{target.phase_detail.clone()}</p>
            <p class="about">{pieces(target.about.clone())}</p>
        </div>
        {vitals(target.vitals.clone())}
    }
    .into_any()
}

fn body(target: Memo<TargetSheet>, id: String, alone: bool) -> AnyView {
    let asked = follow(move || requests(target.with(|target| target.requests.clone())));
    let open = follow(move || target.with(|target| target.incident.clone()).map_or_else(nothing, incident));
    let day = follow(move || uptime(&id, target.with(|target| target.uptime.clone())));
    let left = follow(move || {
        target.with(|target| {
            let accounts = target.accounts.clone().map(accounts);
            let (heal, ledger) = (heal(target.heal.clone()), ledger(target.ledger.clone()));
            view! { {accounts}{heal}{ledger} }.into_any()
        })
    });
    let right = follow(move || {
        target.with(|target| {
            let (checks, recent) = (checks(target.checks.clone()), recent(target.recent.clone()));
            view! { {checks}{recent} }.into_any()
        })
    });
    view! {
        <div class="card-body">
            <div class="act">{holds(target)}<TargetActions target with_test=alone/>{asked}{why(target)}</div>
            {open}
            {day}
            <div class="blocks"><div class="stack">{left}</div><div class="stack">{right}</div></div>
        </div>
    }
    .into_any()
}
