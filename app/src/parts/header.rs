//! The bar at the top: which program, how new the page is, the way out.

use leptos::prelude::*;

use crate::live::Live;
use crate::live::hearing::FeedState;
use crate::parts::call::Call;
use crate::parts::follow::{follow, follow_words};
use crate::parts::icon::Icon;
use crate::parts::look::Look;
use crate::parts::moment::Moment;
use crate::sheet::Told;
use crate::tongue::{t, tell};

/// The mark and the name, as a link to the Overview.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                <path d="M3 23 9.5 9 16 23" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"></path>
                <path d="M16 23c1.8-7 4.4-11.2 7-11.2 2.3 0 4.2 3 5.6 7.4" fill="none" stroke="var(--accent)" stroke-width="3.2" stroke-linecap="round"></path>
            </svg>
            "Rebound"
        </a>
    }
    .into_any()
}

/// The way to one's own password, under the name that one is known by.
fn own(name: &str) -> AnyView {
    let title = tell(format!("You are {name}"));
    let words = title.clone();
    view! { <a class="button quiet" href="/me" title=title><Icon name="person"/><span class="unseen">{words}</span></a> }
        .into_any()
}

/// The button that ends the session.
#[component]
pub(crate) fn Logout() -> impl IntoView {
    view! {
        <form class="logout" method="post" action="/logout">
            <button type="submit" class="button quiet" title=t("Log out")><Icon name="out"/><span>{t("Log out")}</span></button>
        </form>
    }
    .into_any()
}

/// The pages, by address, sign and name.
const PAGES: [(&str, &str, &str); 6] = [
    ("/", "home", "Overview"),
    ("/incidents", "timeline", "Incidents"),
    ("/alerts", "bell", "Alerts"),
    ("/readiness", "shield", "Readiness"),
    ("/reports", "chart", "Reports"),
    ("/settings", "sliders", "Settings"),
];

/// The ways to the pages; `address` is that of the page that is shown.
pub(crate) fn ways(address: &str) -> AnyView {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let ways = PAGES.map(|(way, sign, name)| {
        let below = way != "/" && path.starts_with(way);
        let current = if path == way { Some("page") } else { below.then_some("true") };
        view! { <li><a href=way aria-current=current><Icon name=sign/><span>{t(name)}</span></a></li> }
            .into_any()
    });
    view! { <nav class="ways" aria-label=t("Pages")><ul>{ways}</ul></nav> }.into_any()
}

/// The bar of the pages that need no JavaScript.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Bar(
    /// The page that is shown, where it is below one of the ways.
    #[prop(default = "")]
    address: &'static str,
    /// Who reads it, where that is known.
    #[prop(optional)]
    name: Option<String>,
) -> impl IntoView {
    let own = name.map(|name| own(&name));
    view! { <header class="bar"><Brand/>{ways(address)}<div class="own-ways"><Look/>{own}<Logout/></div></header> }
        .into_any()
}

/// The bar of a living page, with the state of the feed and the server's time.
#[component]
pub(crate) fn Header(live: Live) -> impl IntoView {
    let feed = follow(move || {
        let state = live.feed.get();
        let (sign, since) = match state {
            FeedState::Rendered => ("clock", Some(live.sheet.with(|sheet| sheet.at))),
            FeedState::Connecting => ("busy", None),
            FeedState::Live => ("live", None),
            FeedState::Reconnecting(at) | FeedState::Silent(at) => ("lost", Some(at)),
        };
        let since = since.map(|at| view! { " "<Moment at told=Told::Clock/> }.into_any());
        view! { <Icon name=sign/><span class="feed-words">{t(state.words())}{since}</span> }.into_any()
    });
    let state = follow_words(move || live.feed.get().code().to_owned());
    let server_time = follow(move || view! { <Moment at=live.now() told=Told::Clock/> }.into_any());
    let (address, own) = live.sheet.with_untracked(|sheet| (sheet.address.clone(), own(&sheet.who.name)));
    view! {
        <header class="bar">
            <Brand/>
            {ways(&address)}
            <p class="feed" data-state=state role="status">
                {feed}
                <a class="reload" href=address>{t("Reload")}</a>
            </p>
            <p class="server-time"><span class="label">{t("Server time")}</span>{server_time}</p>
            <div class="own-ways"><Call live/><Look/>{own}<Logout/></div>
        </header>
    }
    .into_any()
}
