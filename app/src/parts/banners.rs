//! What people must know at once, above everything else.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::actions::AcknowledgeForm;
use crate::parts::follow::follow;
use crate::parts::icon::{Icon, tone_name};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::moment::Moment;
use crate::parts::sentence::sentence;
use crate::sheet::{BannerSheet, Told};
use crate::tongue::{t, tell};

/// Most put-away banners that a browser remembers.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser remembers"))]
const KEPT_MAX: usize = 50;
/// Where it remembers them.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser remembers"))]
const KEPT: &str = "rebound_put_away";

/// Banners of one tone that stand side by side; more are folded away together.
const SIDE_BY_SIDE_MAX: usize = 3;

/// Every banner, worst first. What only informs can be put away by the reader; everything else is acknowledged, for everybody.
#[component]
pub(crate) fn Banners(live: Live) -> impl IntoView {
    let put_away = RwSignal::new(Vec::<String>::new());
    Effect::new(move |_| put_away.set(remembered()));
    // One alone is read at once; several are first seen together.
    let open = Memo::new(move |_| live.sheet.with(|sheet| sheet.banners.len() == 1));
    let sorted = Memo::new(move |_| {
        live.sheet.with(|sheet| {
            let is_shown = |banner: &&BannerSheet| !put_away.with(|keys| keys.contains(&key(banner)));
            apart(sheet.banners.iter().filter(is_shown).cloned())
        })
    });
    let lines = move |banners: &[BannerSheet]| {
        let (open, banners) = (open.get_untracked(), banners.iter().cloned());
        banners.map(|banner| Keyed::new(key(&banner), move || line(live, banner, open, put_away))).collect()
    };
    let first = keyed(move || sorted.with(|(first, _)| lines(first)));
    let rest = keyed(move || sorted.with(|(_, rest)| lines(rest)));
    let count = Memo::new(move |_| sorted.with(|(_, rest)| rest.len()));
    let words = follow(move || tell(format!("{} more", count.get())).into_any());
    view! {
        <div class="banners" role="region" aria-label=t("Needs attention") aria-live="polite">
            {first}
            <details class="more more-banners" hidden=move || count.get() == 0>
                <summary>{words}</summary>
                <div class="banners">{rest}</div>
            </details>
        </div>
    }
    .into_any()
}

/// The first of each tone, and the rest.
fn apart(banners: impl Iterator<Item = BannerSheet>) -> (Vec<BannerSheet>, Vec<BannerSheet>) {
    let mut met: Vec<Tone> = Vec::new();
    banners.partition(|banner| {
        let before = met.iter().filter(|tone| **tone == banner.mark.tone).count();
        met.push(banner.mark.tone);
        before < SIDE_BY_SIDE_MAX
    })
}

fn line(live: Live, banner: BannerSheet, open: bool, put_away: RwSignal<Vec<String>>) -> AnyView {
    let class = format!("banner tone-{}", tone_name(banner.mark.tone));
    let own_key = key(&banner);
    let acknowledge = banner.alert.map(|alert| view! { <AcknowledgeForm alert/> }.into_any());
    let informs = banner.mark.tone == Tone::Resting;
    // What only informs is over; all else lasts.
    let told = if informs { Told::Ago } else { Told::For };
    let action =
        if informs { put_away_button(live, banner.alert, own_key, put_away) } else { acknowledge.into_any() };
    view! {
        <section class=class>
            <Icon name=banner.mark.sign/>
            <details class="banner-text" open=open>
                <summary>
                    <h2><span class="severity">{banner.mark.word}</span>" "{banner.title}</h2>
                    <span class="quiet-text"><Moment at=banner.since told/></span>
                </summary>
                <p>{sentence(banner.text)}</p>
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

#[cfg(test)]
mod tests {
    use rebound::time::Timestamp;

    use super::*;
    use crate::sheet::Mark;

    #[test]
    fn of_each_tone_the_first_stand_side_by_side() {
        let banner = |tone, number: i64| BannerSheet {
            mark: Mark { tone, sign: String::new(), word: String::new() },
            title: number.to_string(),
            text: String::new(),
            alert: None,
            since: Timestamp::from_ms(number),
        };
        let bad = (0..2).map(|number| banner(Tone::Bad, number));
        let resting = (10..15).map(|number| banner(Tone::Resting, number));
        let (first, rest) = apart(bad.chain(resting));
        let titles =
            |banners: &[BannerSheet]| banners.iter().map(|one| one.title.clone()).collect::<Vec<_>>();
        assert_eq!(titles(&first), ["0", "1", "10", "11", "12"]);
        assert_eq!(titles(&rest), ["13", "14"]);
    }
}
