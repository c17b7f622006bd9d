//! The way to everything by name, without scripts; and its list, which the palette of living pages takes over.

use leptos::prelude::*;

use crate::parts::header::Bar;
use crate::parts::palette::GO;
use crate::tongue::{t, tell};

/// A way: where it leads, its name, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The address.
    pub address: String,
    /// Its name.
    pub name: String,
    /// What it is, in a word.
    pub kind: &'static str,
}

/// The page of all ways that match what was typed.
#[component]
pub fn Go(
    /// What was typed.
    asked: String,
    /// What it may mean.
    ways: Vec<Way>,
) -> impl IntoView {
    view! {
        <Bar/>
        <main class="narrow">
            <h1>{t("Go to")}</h1>
            <form class="filter" method="get" action=GO>
                <p class="field"><label for="go-q">{t("A page, a target, an account, an incident")}</label><input id="go-q" name="q" value=asked autocomplete="off"/></p>
                <button type="submit" class="button">{t("Find")}</button>
            </form>
            <WayList ways/>
        </main>
    }
    .into_any()
}

/// The list alone.
#[component]
pub fn WayList(
    /// What stands in it.
    ways: Vec<Way>,
) -> impl IntoView {
    if ways.is_empty() {
        return view! { <p class="empty">{t("Nothing is called so.")}</p> }.into_any();
    }
    let ways = ways.into_iter().map(|way| {
        view! { <li><a href=way.address>{tell(way.name)}" "<small class="quiet-text">{t(way.kind)}</small></a></li> }.into_any()
    });
    view! { <ul class="ways-found">{ways.collect::<Vec<_>>()}</ul> }.into_any()
}
