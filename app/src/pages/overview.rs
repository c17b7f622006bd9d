//! The Overview: whether everything is fine, and what was done about what was not.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::alerts::Alerts;
use crate::parts::banners::Banners;
use crate::parts::follow::{follow, follow_words, nothing};
use crate::parts::header::Header;
use crate::parts::holds::Holds;
use crate::parts::icon::{Icon, tone_name};
use crate::parts::moment::Moment;
use crate::parts::notice::{Notice, NoticeLine};
use crate::parts::own::Own;
use crate::parts::plans::Plans;
use crate::parts::servers::Servers;
use crate::parts::target::Targets;
use crate::sheet::{Sheet, Told};

/// Everything on the Overview, from one sheet and the feed that follows it.
#[component]
pub fn Overview(
    /// The first sheet; later ones come by the feed.
    sheet: Sheet,
    /// What a form led to, if one did.
    notice: Option<Notice>,
) -> impl IntoView {
    let live = Live::follow(sheet);
    // The server has written the first title.
    Effect::new(move |_| document().set_title(&title(live)));
    let page = follow_words(move || if live.stale.get() { "page stale" } else { "page" }.to_owned());
    let notice = notice.map(|notice| view! { <NoticeLine notice/> }.into_any());
    let stale_note = follow(move || if live.stale.get() { stale_note(live) } else { nothing() });
    let state = follow(move || live.sheet.with(state));
    view! {
        <div class=page>
            <Header live/>
            <main>
                {notice}
                {stale_note}
                <div class="news">
                    <Banners live/>
                    <Holds live/>
                    {state}
                    <div class="columns">
                        <Targets live/>
                        <aside class="side"><Alerts live/><Plans live/><Servers live/><Own live/></aside>
                    </div>
                </div>
            </main>
        </div>
    }
    .into_any()
}

/// The state of everything in one sentence.
fn state(sheet: &Sheet) -> AnyView {
    let tone = tone_name(sheet.tone);
    view! { <section class=format!("state tone-{tone}")><Icon name=tone/><h1>{sheet.sentence.clone()}</h1></section> }
        .into_any()
}

fn stale_note(live: Live) -> AnyView {
    let at = live.sheet.with_untracked(|sheet| sheet.at);
    view! {
        <p class="notice tone-unknown" role="alert">
            <Icon name="lost"/>
            <span>
                <strong>"What you see is old."</strong>" The connection to Rebound is gone. It shows how things stood at "
                <Moment at told=Told::Clock/>
                ". It comes back by itself; if it does not, "<a href="/">"reload"</a>"."
            </span>
        </p>
    }
    .into_any()
}

fn title(live: Live) -> String {
    if live.stale.get() {
        "◌ Old · Rebound".to_owned()
    } else {
        live.sheet.with(|sheet| sheet.title.clone())
    }
}
