//! What Rebound knows of itself.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::icon::Badge;
use crate::parts::moment::{Moment, Told};

/// Store, own network, channels, and since when it watches.
#[component]
pub(crate) fn Own(live: Live) -> impl IntoView {
    let own = Memo::new(move |_| live.board.with(|board| board.own.clone()));
    let since = Memo::new(move |_| live.board.with(|board| board.watching_since));
    let store = move || match own.with(|own| own.store_trouble.clone()) {
        None => view! { <Badge tone=Tone::Good word="Works"/> }.into_any(),
        Some(trouble) => {
            view! { <Badge tone=Tone::Bad word="Down"/><span class="reason">{trouble}</span> }.into_any()
        }
    };
    let network = move || {
        match own.with(|own| (own.network_watched, own.network_works)) {
        (false, _) => view! { <Badge tone=Tone::Unknown word="Not watched"/><span class="reason">"No beacons are configured."</span> }.into_any(),
        (true, Some(true)) => view! { <Badge tone=Tone::Good word="Works"/> }.into_any(),
        (true, Some(false)) => view! { <Badge tone=Tone::Bad word="Gone"/><span class="reason">"No beacon answers."</span> }.into_any(),
        (true, None) => view! { <Badge tone=Tone::Unknown word="Not known yet"/> }.into_any(),
    }
    };
    let channels = move || {
        let names = own.with(|own| own.channels.join(", "));
        if names.is_empty() {
            view! { <Badge tone=Tone::Warning word="None"/><span class="reason">"Alerts are shown on this page only."</span> }.into_any()
        } else {
            view! { <span>{names}</span> }.into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="own-title">
            <h2 id="own-title">"Rebound itself"</h2>
            <dl class="facts">
                <div><dt>"Store"</dt><dd>{store}</dd></div>
                <div><dt>"Own network"</dt><dd>{network}</dd></div>
                <div><dt>"Alerts go by"</dt><dd>{channels}</dd></div>
                <div><dt>"Watching since"</dt><dd><Moment at=since told=Told::Clock/></dd></div>
            </dl>
        </section>
    }
    .into_any()
}
