//! What people must know at once, above everything else.

use leptos::prelude::*;
use rebound::view::Banner;

use crate::live::Live;
use crate::parts::actions::AcknowledgeForm;
use crate::parts::icon::{Icon, severity_sign, severity_tone, severity_word, tone_name};
use crate::parts::moment::{Moment, Told};

/// Every banner, worst first.
#[component]
pub(crate) fn Banners(live: Live) -> impl IntoView {
    let banners = Memo::new(move |_| live.board.with(|board| board.banners.clone()));
    view! {
        <div class="banners" role="region" aria-label="Needs attention" aria-live="polite">
            <For each=move || banners.get() key=banner_key let:banner><BannerLine banner/></For>
        </div>
    }
    .into_any()
}

#[component]
fn BannerLine(banner: Banner) -> impl IntoView {
    let name = tone_name(severity_tone(banner.severity));
    let sign = severity_sign(banner.severity);
    view! {
        <section class=format!("banner tone-{name}")>
            <Icon name=sign/>
            <div class="banner-text">
                <h2><span class="severity">{severity_word(banner.severity)}</span>" "{banner.title}</h2>
                <p>{banner.text}</p>
                <p class="quiet-text"><Moment at=banner.since told=Told::For/></p>
            </div>
            {banner.alert.map(|alert| view! { <AcknowledgeForm alert/> })}
        </section>
    }
    .into_any()
}

/// A banner that says something else is another banner.
fn banner_key(banner: &Banner) -> (i64, String, String) {
    (banner.since.as_ms(), banner.title.clone(), banner.text.clone())
}
