//! The pages.
//!
//! Those that live carry what they show with them: the server makes a [`Page`], renders it and embeds it, and the browser
//! takes it over from there; a feed of its own keeps each of them new. The others are still: they need no JavaScript and get
//! none.

use leptos::prelude::*;
use rebound::role::Role;
use serde::{Deserialize, Serialize};

use self::alerts::alerts;
use self::incident::incident;
use self::incidents::incidents;
use self::overview::overview;
use self::readiness::readiness;
use self::reports::reports;
use self::review::review;
use self::settings::settings;
use self::target::target;
use crate::live::Live;
use crate::parts::banners::Banners;
use crate::parts::follow::{follow, follow_words, nothing, turn};
use crate::parts::header::Header;
use crate::parts::holds::Holds;
use crate::parts::icon::Icon;
use crate::parts::keys::Keys;
use crate::parts::may::reader_is;
use crate::parts::moment::Moment;
use crate::parts::notice::{Notice, NoticeLine};
use crate::parts::palette::Palette;
use crate::sheet::{Body, Sheet, Told};
use crate::tongue::t;

pub(crate) mod overview;

pub(crate) mod target;

pub(crate) mod incidents;

pub(crate) mod incident;

pub(crate) mod alerts;

pub(crate) mod readiness;

pub(crate) mod reports;

pub(crate) mod settings;

pub(crate) mod review;

#[cfg(feature = "ssr")]
pub(crate) mod still;

/// A living page with all that it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// What it shows first; later sheets come by its feed.
    pub sheet: Sheet,
    /// What a form led to, if one did.
    pub notice: Option<Notice>,
}

/// Where a living page carries what it shows.
pub(crate) const CARRIED: &str = "page";

/// What the page carries under that name.
#[cfg(feature = "hydrate")]
pub(crate) fn carried<T: serde::de::DeserializeOwned>(id: &str) -> Option<T> {
    let text = document().get_element_by_id(id)?.text_content()?;
    serde_json::from_str(&text)
        .inspect_err(|error| leptos::logging::error!("the page cannot come alive: {error}"))
        .ok()
}

/// A living page with everything round it.
pub fn living(Page { sheet, notice }: Page) -> AnyView {
    let role = sheet.who.role;
    reader_is(role);
    let live = Live::follow(sheet);
    renew_for_another_role(live, role);
    // The server has written the first title.
    Effect::new(move |_| document().set_title(&title(live)));
    let class = follow_words(move || if live.stale.get() { "page stale" } else { "page" }.to_owned());
    let notice = notice.map(|notice| view! { <NoticeLine notice/> }.into_any());
    let stale_note = follow(move || if live.stale.get() { stale_note(live) } else { nothing() });
    let kind = Memo::new(move |_| live.sheet.with(|sheet| std::mem::discriminant(&sheet.body)));
    let body = turn(move || {
        follow(move || {
            kind.track();
            body(live)
        })
    });
    view! {
        <div class=class>
            <a class="skip" href="#main">{t("Skip to the page")}</a>
            {turn(move || view! { <Header live/> }.into_any())}
            <main id="main" tabindex="-1">
                {notice}
                {stale_note}
                <div class="news">
                    {turn(move || view! { <Banners live/><Holds live/> }.into_any())}
                    {body}
                </div>
            </main>
            {turn(|| view! { <Keys/><Palette/> }.into_any())}
        </div>
    }
    .into_any()
}

/// Somebody of another role gets another page.
fn renew_for_another_role(live: Live, role: Role) {
    let now = Memo::new(move |_| live.sheet.with(|sheet| sheet.who.role));
    Effect::new(move |_| {
        if now.get() != role && location().reload().is_err() {
            leptos::logging::warn!("the page cannot be loaded again");
        }
    });
}

/// What the page is about. Each kind follows its own part of the sheet from there.
fn body(live: Live) -> AnyView {
    live.sheet.with_untracked(|sheet| match &sheet.body {
        Body::Overview(_) => overview(live),
        Body::Target(first, charts) => target(live, (**first).clone(), (**charts).clone()),
        Body::Incidents(list) => incidents(live, (**list).clone()),
        Body::Incident(first) => incident(live, (**first).clone()),
        Body::Alerts(list) => alerts(live, (**list).clone()),
        Body::Report(first) => reports(live, (**first).clone()),
        Body::Readiness(first) => readiness(live, (**first).clone()),
        Body::Settings(first) => settings(live, (**first).clone()),
        Body::Review(first) => review(live, (**first).clone()),
        Body::Gone { heading, notice, .. } => gone(heading.clone(), notice.clone()),
    })
}

fn gone(heading: String, notice: Notice) -> AnyView {
    view! { <section class="gone"><h1>{heading}</h1><NoticeLine notice/></section> }.into_any()
}

fn stale_note(live: Live) -> AnyView {
    let (at, address) = live.sheet.with_untracked(|sheet| (sheet.at, sheet.address.clone()));
    view! {
        <p class="notice tone-unknown" role="alert">
            <Icon name="lost"/>
            <span>
                <strong>{t("What you see is old.")}</strong>{t(" The connection to Rebound is gone, or you are logged out. It shows how things stood at ")}
                <Moment at told=Told::Clock/>
                {t(". A connection comes back by itself; if it does not, ")}<a href=address>{t("reload")}</a>"."
            </span>
        </p>
    }
    .into_any()
}

fn title(live: Live) -> String {
    if live.stale.get() {
        t("◌ Old · Rebound").to_owned()
    } else {
        live.sheet.with(|sheet| sheet.title.clone())
    }
}
