//! What people must know at once, above everything else.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::actions::AcknowledgeForm;
use crate::parts::follow::follow;
use crate::parts::icon::{Icon, tone_name};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::moment::Moment;
use crate::sheet::{BannerSheet, Told};
use crate::tongue::t;

/// Most put-away banners that a browser remembers.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser remembers"))]
const KEPT_MAX: usize = 50;
/// Where it remembers them.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser remembers"))]
const KEPT: &str = "rebound_put_away";

/// Every banner, worst first. What only informs can be put away by the reader; everything else is acknowledged, for everybody.
#[component]
pub(crate) fn Banners(live: Live) -> impl IntoView {
    let put_away = RwSignal::new(Vec::<String>::new());
    Effect::new(move |_| put_away.set(remembered()));
    let banners = keyed(move || {
        live.sheet.with(|sheet| {
            // One alone is read at once; several are first seen together.
            let open = sheet.banners.len() == 1;
            let shown =
                sheet.banners.iter().filter(|banner| !put_away.with(|keys| keys.contains(&key(banner))));
            let lines = shown.cloned();
            lines.map(|banner| Keyed::new(key(&banner), move || line(live, banner, open, put_away))).collect()
        })
    });
    view! {
        <div class="banners" role="region" aria-label=t("Needs attention") aria-live="polite">{banners}</div>
    }
    .into_any()
}

fn line(live: Live, banner: BannerSheet, open: bool, put_away: RwSignal<Vec<String>>) -> AnyView {
    let class = format!("banner tone-{}", tone_name(banner.mark.tone));
    let own_key = key(&banner);
    let acknowledge = banner.alert.map(|alert| view! { <AcknowledgeForm alert/> }.into_any());
    let informs = banner.mark.tone == Tone::Resting;
    let action =
        if informs { put_away_button(live, banner.alert, own_key, put_away) } else { acknowledge.into_any() };
    view! {
        <section class=class>
            <Icon name=banner.mark.sign/>
            <details class="banner-text" open=open>
                <summary>
                    <h2><span class="severity">{banner.mark.word}</span>" "{banner.title}</h2>
                    <span class="quiet-text"><Moment at=banner.since told=Told::For/></span>
                </summary>
                <p>{banner.text}</p>
            </details>
            {action}
        </section>
    }
    .into_any()
}

/// Leads whoever uses the keys on to the page: the button that he has pressed is gone.
#[cfg(feature = "hydrate")]
fn go_on() {
    use wasm_bindgen::JsCast as _;
    let main =
        document().get_element_by_id("main").and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main
        && main.focus().is_err()
    {
        leptos::logging::warn!("the focus is lost");
    }
}

#[cfg(not(feature = "hydrate"))]
const fn go_on() {}

/// Puts a banner away that only informs. Where no scripts run it is acknowledged, as every other.
fn put_away_button(live: Live, alert: Option<u64>, key: String, put_away: RwSignal<Vec<String>>) -> AnyView {
    let alive = Memo::new(move |_| live.clock.now().is_some());
    follow(move || {
        if !alive.get() {
            return alert.map(|alert| view! { <AcknowledgeForm alert/> }.into_any()).into_any();
        }
        let key = key.clone();
        let put = move |_| {
            go_on();
            put_away.update(|keys| keys.push(key.clone()));
            put_away.with_untracked(|keys| remember(keys));
        };
        view! { <button type="button" class="button quiet" on:click=put><Icon name="cross"/>{t("Put away")}</button> }
            .into_any()
    })
}

/// What this browser has put away before.
#[cfg(feature = "hydrate")]
fn remembered() -> Vec<String> {
    let kept =
        window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEPT).ok().flatten());
    kept.map(|text| text.lines().map(ToOwned::to_owned).collect()).unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
const fn remembered() -> Vec<String> {
    Vec::new()
}

/// Remembers the last of them. A browser that keeps nothing shows them again, which does no harm.
#[cfg(feature = "hydrate")]
fn remember(keys: &[String]) {
    let from = keys.len().saturating_sub(KEPT_MAX);
    let text = keys.get(from..).unwrap_or_default().join("\n");
    if let Some(storage) = window().local_storage().ok().flatten() {
        drop(storage.set_item(KEPT, &text));
    }
}

#[cfg(not(feature = "hydrate"))]
const fn remember(_keys: &[String]) {}

/// A banner that says something else is another banner.
fn key(banner: &BannerSheet) -> String {
    format!("{} {} {}", banner.since.as_ms(), banner.title, banner.text).replace('\n', " ")
}
