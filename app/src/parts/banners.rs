//! What people must know at once, above everything else.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::actions::AcknowledgeForm;
use crate::parts::icon::{Icon, tone_name};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::moment::Moment;
use crate::sheet::{BannerSheet, Told};

/// Every banner, worst first.
#[component]
pub(crate) fn Banners(live: Live) -> impl IntoView {
    let banners = keyed(move || {
        live.sheet.with(|sheet| {
            // One alone is read at once; several are first seen together.
            let open = sheet.banners.len() == 1;
            let banners = sheet.banners.iter().cloned();
            banners.map(|banner| Keyed::new(key(&banner), move || line(banner, open))).collect()
        })
    });
    view! {
        <div class="banners" role="region" aria-label="Needs attention" aria-live="polite">{banners}</div>
    }
    .into_any()
}

fn line(banner: BannerSheet, open: bool) -> AnyView {
    let class = format!("banner tone-{}", tone_name(banner.mark.tone));
    let acknowledge = banner.alert.map(|alert| view! { <AcknowledgeForm alert/> }.into_any());
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
            {acknowledge}
        </section>
    }
    .into_any()
}

/// A banner that says something else is another banner.
fn key(banner: &BannerSheet) -> String {
    format!("{} {} {}", banner.since.as_ms(), banner.title, banner.text)
}
