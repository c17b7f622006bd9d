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
            sheet
                .banners
                .iter()
                .cloned()
                .map(|banner| Keyed::new(key(&banner), move || line(banner)))
                .collect()
        })
    });
    view! {
        <div class="banners" role="region" aria-label="Needs attention" aria-live="polite">{banners}</div>
    }
    .into_any()
}

fn line(banner: BannerSheet) -> AnyView {
    let class = format!("banner tone-{}", tone_name(banner.mark.tone));
    let acknowledge = banner.alert.map(|alert| view! { <AcknowledgeForm alert/> }.into_any());
    view! {
        <section class=class>
            <Icon name=banner.mark.sign/>
            <div class="banner-text">
                <h2><span class="severity">{banner.mark.word}</span>" "{banner.title}</h2>
                <p>{banner.text}</p>
                <p class="quiet-text"><Moment at=banner.since told=Told::For/></p>
            </div>
            {acknowledge}
        </section>
    }
    .into_any()
}

/// A banner that says something else is another banner.
fn key(banner: &BannerSheet) -> String {
    format!("{} {} {}", banner.since.as_ms(), banner.title, banner.text)
}
