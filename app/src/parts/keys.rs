//! The keyboard: a letter or two instead of a way to the mouse, and a list of them.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::parts::icon::Icon;
use crate::tongue::t;

/// Keys and what they do, as listed and as carried out.
const KEYS: [(&[&str], &str); 11] = [
    (&["g", "o"], "Overview"),
    (&["g", "i"], "Incidents"),
    (&["g", "a"], "Alerts"),
    (&["g", "r"], "Readiness"),
    (&["g", "m"], "Reports by month"),
    (&["g", "s"], "Settings"),
    (&["Ctrl", "K"], "Go to anything by its name"),
    (&["/"], "Search targets"),
    (&["Tab"], "From one thing to the next"),
    (&["?"], "This list"),
    (&["Esc"], "Close it"),
];

/// Where a letter after `g` leads.
#[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only the browser has keys"))]
fn way(letter: &str) -> Option<&'static str> {
    match letter {
        "o" => Some("/"),
        "i" => Some("/incidents"),
        "a" => Some("/alerts"),
        "r" => Some("/readiness"),
        "m" => Some("/reports"),
        "s" => Some("/settings"),
        _ => None,
    }
}

/// The list, and the ear that listens for the keys.
#[component]
pub(crate) fn Keys() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    listen(dialog);
    let lines = KEYS.map(|(keys, does)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }.into_any()).collect::<Vec<_>>();
        view! { <div><dt>{keys}</dt><dd>{t(does)}</dd></div> }.into_any()
    });
    view! {
        <dialog class="keys" node_ref=dialog aria-labelledby="keys-title">
            <form method="dialog">
                <header><h2 id="keys-title">{t("Keys")}</h2><button type="submit" class="button quiet"><Icon name="cross"/><span class="unseen">{t("Close")}</span></button></header>
            </form>
            <dl>{lines}</dl>
        </dialog>
    }
    .into_any()
}

#[cfg(not(feature = "hydrate"))]
const fn listen(_dialog: NodeRef<Dialog>) {}

#[cfg(feature = "hydrate")]
fn listen(dialog: NodeRef<Dialog>) {
    let after_g = StoredValue::new(false);
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing() {
            return;
        }
        let key = event.key();
        if after_g.get_value() {
            after_g.set_value(false);
            if let Some(way) = way(&key) {
                event.prevent_default();
                if window().location().set_href(way).is_err() {
                    leptos::logging::warn!("the page {way} cannot be opened from here");
                }
                return;
            }
        }
        match key.as_str() {
            "g" => after_g.set_value(true),
            "?" => {
                if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
                    // It can only fail where it is open already.
                    drop(dialog.show_modal());
                }
            }
            "/" => {
                event.prevent_default();
                search();
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// What takes letters while it has the focus: a choice or a box to tick takes none.
#[cfg(feature = "hydrate")]
const FIELDS: &str =
    "input:focus:not([type=radio], [type=checkbox], [type=submit]), textarea:focus, select:focus";

/// Whether the keys go into a field.
#[cfg(feature = "hydrate")]
fn is_typing() -> bool {
    document().query_selector(FIELDS).is_ok_and(|field| field.is_some())
}

/// The field that searches.
#[cfg(feature = "hydrate")]
pub(super) fn search_field() -> Option<web_sys::HtmlInputElement> {
    use wasm_bindgen::JsCast as _;

    document().query_selector("input[type=search]").ok().flatten()?.dyn_into().ok()
}

/// Into the field that searches; where there is none, to the page that has one.
#[cfg(feature = "hydrate")]
fn search() {
    match search_field() {
        Some(field) => drop(field.focus()),
        None => drop(window().location().set_href("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS, way};

    #[test]
    fn every_listed_way_leads_somewhere() {
        for (keys, does) in KEYS {
            if let ["g", letter] = keys {
                assert!(way(letter).is_some(), "{does}");
            }
        }
        assert_eq!(way("x"), None);
    }
}
