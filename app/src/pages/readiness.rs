//! Readiness: what would go wrong in the next emergency, and how to mend it before.

use leptos::prelude::*;
use rebound::role::Right;

use crate::api::actions::CHECK_READINESS;
use crate::live::Live;
use crate::parts::actions::{Button, TestAlertForm};
use crate::parts::drills::drills;
use crate::parts::follow::{folded, follow};
use crate::parts::icon::{Badge, Icon, tone_name};
use crate::parts::may::may;
use crate::parts::moment::Moment;
use crate::sheet::readiness::{ReadinessGroup, ReadinessItem, ReadinessSheet};
use crate::sheet::{Body, Told};
use crate::tongue::tell;

/// The page of readiness.
pub(super) fn readiness(live: Live, first: ReadinessSheet) -> AnyView {
    let sheet = live.part(first, |body| if let Body::Readiness(sheet) = body { Some(sheet) } else { None });
    let state = follow(move || sheet.with(state));
    let groups = follow(move || {
        let groups = sheet.with(|sheet| sheet.groups.clone());
        groups.into_iter().map(group).collect::<Vec<_>>().into_any()
    });
    let asks = may(Right::Act).then(|| {
        view! { <div class="actions"><Button action=CHECK_READINESS icon="check" words="Look again"/><TestAlertForm/></div> }.into_any()
    });
    view! {
        {state}
        {asks}
        {drills(sheet)}
        <div class="readiness">{groups}</div>
    }
    .into_any()
}

fn state(sheet: &ReadinessSheet) -> AnyView {
    let tone = tone_name(sheet.tone);
    view! { <section class=format!("state tone-{tone}")><Icon name=tone/><h1>{sheet.sentence.clone()}</h1></section> }
        .into_any()
}

fn group(group: ReadinessGroup) -> AnyView {
    let items = group.items.into_iter().map(item).collect::<Vec<_>>();
    let unset = (!group.unset.is_empty()).then(|| {
        let words = tell(format!("Not set up ({})", group.unset.len()));
        let words = view! { <summary>{words}</summary> }.into_any();
        let unset = group.unset;
        folded("more", words, move || {
            let items = unset.iter().cloned().map(item).collect::<Vec<_>>();
            view! { <ul class="needs">{items}</ul> }.into_any()
        })
    });
    view! { <section class="panel"><h2>{group.name}</h2><ul class="needs">{items}</ul>{unset}</section> }
        .into_any()
}

fn item(item: ReadinessItem) -> AnyView {
    let server = item.server.map(|server| view! { " "<span class="tag">{server}</span> }.into_any());
    let checked = item
        .checked
        .map(|at| view! { " "<span class="quiet-text"><Moment at told=Told::Ago/></span> }.into_any());
    let mend =
        item.mend.map(|mend| view! { <p class="mend"><Icon name="work"/><span>{mend}</span></p> }.into_any());
    let class = format!("need tone-{}", tone_name(item.mark.tone));
    view! {
        <li class=class>
            <p class="need-head"><Badge mark=item.mark/><strong>{item.name}</strong>{server}</p>
            <div>
                <p>{item.detail}{checked}</p>
                <p class="quiet-text">{item.emergency}</p>
                {mend}
            </div>
        </li>
    }
    .into_any()
}
