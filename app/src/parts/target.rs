//! One target: its head at a glance, and everything about it below.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::accounts::accounts;
use crate::parts::actions::TargetActions;
use crate::parts::checks::checks;
use crate::parts::follow::{follow, follow_words, later, nothing, own, turn};
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
use crate::parts::sentence::sentence;
use crate::parts::uptime::uptime;
use crate::parts::vitals::vitals;
use crate::parts::why::why;
use crate::sheet::Told;
use crate::sheet::target::TargetSheet;
use crate::tongue::t;

/// How much of a target is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Everything, on the Overview: there is no other target.
    Alone,
    /// What happens and what can be done about it; its own page has the rest.
    Brief,
    /// Everything, on its own page.
    Page,
}

/// The cards of the Overview: the only target there is, or those in trouble.
pub(crate) fn cards(live: Live) -> AnyView {
    let cards = keyed(move || {
        let depth = if live.alone.get() { Depth::Alone } else { Depth::Brief };
        live.overview(|sheet| {
            let targets = sheet.cards.iter().cloned();
            targets.map(|first| Keyed::new(key(&first, depth), move || card(live, first, depth))).collect()
        })
    });
    let more = follow(move || {
        let words = live.overview(|sheet| sheet.more.clone());
        words.map_or_else(nothing, |words| view! { <p class="quiet-text">{words}</p> }.into_any())
    });
    view! { {cards}{more} }.into_any()
}

/// A target with other remedies, or another kind of it, has another card: its forms are made once.
fn key(target: &TargetSheet, depth: Depth) -> String {
    let remedies: Vec<&str> = target.heal.rungs.iter().map(|rung| rung.name.as_str()).collect();
    format!("{depth:?} {} {} {}", target.id, target.accounts.is_some(), remedies.join("/"))
}

/// One target.
pub(crate) fn card(live: Live, first: TargetSheet, depth: Depth) -> AnyView {
    let id = first.id.clone();
    let target = live.target(first);
    let outdated =
        Memo::new(move |_| target.with(|target| live.is_old(target.observed_at, target.stale_after_ms)));
    let class = follow_words(move || {
        let age = if outdated.get() { " outdated" } else { "" };
        format!("card tone-{}{age}", tone_name(target.with(|target| target.tone)))
    });
    let old_note = follow(move || {
        if !outdated.get() {
            return nothing();
        }
        view! {
            <p class="notice tone-unknown"><Icon name="unknown"/><span><strong>{t("This is old.")}</strong>{t(" Nothing was seen of this target for longer than its limit; what stands below is the last that was known.")}</span></p>
        }
        .into_any()
    });
    let html_id = format!("target-{id}");
    let head = follow(move || target.with(|target| head(target, depth)));
    let body = body(target, id, depth);
    view! {
        <section class=class id=html_id><div class="card-head">{head}</div>{old_note}{body}</section>
    }
    .into_any()
}

/// Name, phase and what it waits for, and the figures.
fn head(target: &TargetSheet, depth: Depth) -> AnyView {
    let countdown = target.phase_until.map(|at| {
        view! {
            <span class="countdown"><Icon name="clock"/><span>{t("until ")}<Moment at told=Told::Clock/></span><span class="left"><Moment at told=Told::Left/></span></span>
        }
        .into_any()
    });
    let marks = target.marks.iter().cloned().map(|mark| view! { <Badge mark/> }.into_any());
    view! {
        <div class="head-text">
            {name(target, depth)}
            <p class="phase">
                <span class="badge strong"><Icon name=tone_name(target.tone)/>{target.phase.clone()}</span>
                {countdown}
                {marks.collect::<Vec<_>>()}
            </p>
            <p class="phase-detail">{sentence(target.phase_detail.clone())}</p>
            <p class="about">{pieces(target.about.clone())}</p>
        </div>
        {vitals(target.vitals.clone())}
    }
    .into_any()
}

/// On its own page the name is the page's heading; elsewhere it leads there.
fn name(target: &TargetSheet, depth: Depth) -> AnyView {
    let name = target.name.clone();
    match depth {
        Depth::Page => view! { <h1>{name}</h1> }.into_any(),
        Depth::Alone => view! { <h2>{name}</h2> }.into_any(),
        Depth::Brief => view! { <h2><a href=format!("/targets/{}", target.id)>{name}</a></h2> }.into_any(),
    }
}

fn body(target: Memo<TargetSheet>, id: String, depth: Depth) -> AnyView {
    let open = part(target, |target| target.incident.clone(), |open| open.map_or_else(nothing, incident));
    let whole = (depth != Depth::Brief).then(|| whole(target, id));
    // On its own page nothing stands between its name and its parts.
    let title = (depth == Depth::Page).then(|| view! { <h2 class="unseen">{t("How it is")}</h2> }.into_any());
    let with_test = depth == Depth::Alone;
    let act = later(move || {
        let asked = part(target, |target| target.requests.clone(), requests);
        view! { {holds(target)}<TargetActions target with_test/>{asked}{why(target)} }.into_any()
    });
    view! {
        <div class="card-body">
            <div class="act">{act}</div>
            {title}
            {open}
            {whole}
        </div>
    }
    .into_any()
}

/// The last day, accounts, checks, healing and what is over. Each comes alive in a turn of its own.
fn whole(target: Memo<TargetSheet>, id: String) -> AnyView {
    let pointed = RwSignal::new(None);
    let day = turn(move || {
        let id = id.clone();
        own(move || target.with(|target| target.uptime.clone()), move |day| uptime(&id, day, pointed))
    });
    let accounts = turn(move || {
        part(target, |target| target.accounts.clone(), |rows| rows.map_or_else(nothing, accounts))
    });
    let heal = turn(move || part(target, |target| target.heal.clone(), heal));
    let ledger = turn(move || part(target, |target| target.ledger.clone(), ledger));
    let checks = turn(move || part(target, |target| target.checks.clone(), checks));
    let recent = turn(move || part(target, |target| target.recent.clone(), recent));
    view! {
        {day}
        <div class="blocks"><div class="stack">{accounts}{heal}{ledger}</div><div class="stack">{checks}{recent}</div></div>
    }
    .into_any()
}

/// A part of a target that is made anew only with news of its own.
fn part<T: Clone + PartialEq + Send + Sync + 'static>(
    target: Memo<TargetSheet>,
    of: fn(&TargetSheet) -> T,
    view: fn(T) -> AnyView,
) -> AnyView {
    own(move || target.with(of), view)
}
