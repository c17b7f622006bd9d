//! What a list is narrowed to: a form that asks for the same page again, so that the address says what is shown.

use leptos::prelude::*;

use crate::parts::follow::nothing;
use crate::parts::icon::Icon;
use crate::sheet::lists::{Choice, Filter, Pages};
use crate::tongue::t;

/// The form of the list at `address`. Where scripts run, a choice is shown at once.
pub(crate) fn filter(address: &'static str, filter: Filter) -> AnyView {
    let narrowed = filter.narrowed;
    let fields = filter.fields.into_iter().map(field).collect::<Vec<_>>();
    let all = narrowed.then(|| {
        view! { <a class="button quiet" href=address><Icon name="cross"/>{t("Show all")}</a> }.into_any()
    });
    view! {
        <form class="filter" method="get" action=address>
            {fields}
            <button type="submit" class="button">{t("Show")}</button>
            {all}
        </form>
    }
    .into_any()
}

fn field(choice: Choice) -> AnyView {
    let id = format!("filter-{}", choice.name);
    let chosen = choice.chosen;
    let options = choice.options.into_iter().map(|(value, words)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }.into_any()
    });
    view! {
        <p class="field">
            <label for=id.clone()>{choice.label}</label>
            <select id=id name=choice.name on:change=move |event| submit(&event)>{options.collect::<Vec<_>>()}</select>
        </p>
    }
    .into_any()
}

/// Sends the form of the field that changed.
#[cfg(feature = "hydrate")]
fn submit(event: &leptos::ev::Event) {
    let form = event_target::<web_sys::HtmlSelectElement>(event).form();
    if let Some(form) = form
        && form.request_submit().is_err()
    {
        leptos::logging::warn!("the choice is shown with the button \"Show\"");
    }
}

#[cfg(not(feature = "hydrate"))]
const fn submit(_event: &leptos::ev::Event) {}

/// Ways to what is newer and older.
pub(crate) fn pages(pages: &Pages) -> AnyView {
    if pages.newest.is_none() && pages.older.is_none() {
        return nothing();
    }
    let link = |address: &Option<String>, words: &'static str| {
        address.clone().map(|address| view! { <a class="button" href=address>{t(words)}</a> }.into_any())
    };
    view! {
        <nav class="pages" aria-label=t("More of the list")>{link(&pages.newest, "Newest")}{link(&pages.older, "Older")}</nav>
    }
    .into_any()
}
