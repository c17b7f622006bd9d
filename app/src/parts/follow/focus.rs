//! Who has the focus keeps it while parts of the page are made anew.

#[cfg(feature = "hydrate")]
use std::cell::Cell;

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use wasm_bindgen::JsCast as _;
#[cfg(feature = "hydrate")]
use web_sys::{Element, FocusOptions, HtmlElement};

#[cfg(feature = "hydrate")]
thread_local! {
    /// Whether a part is being made anew: whoever loses the focus by that did not leave.
    static CHANGING: Cell<bool> = const { Cell::new(false) };
}

/// Makes a change of the page and gives the focus back where it was taken away by it.
#[cfg(not(feature = "hydrate"))]
pub(super) fn keep(change: impl FnOnce()) {
    change();
}

/// Makes a change of the page and gives the focus back where it was taken away by it.
#[cfg(feature = "hydrate")]
pub(super) fn keep(change: impl FnOnce()) {
    let held = document().active_element().filter(|element| element.tag_name() != "BODY");
    let before = CHANGING.replace(true);
    change();
    CHANGING.set(before);
    if let Some(held) = held {
        give_back(held);
    }
}

/// Does what is to be done when somebody goes on to something else; not when a part is made anew under him.
#[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "only in a browser somebody goes on"))]
pub(crate) fn left(then: impl FnOnce()) {
    #[cfg(feature = "hydrate")]
    if !CHANGING.get() {
        then();
    }
}

#[cfg(feature = "hydrate")]
fn give_back(held: Element) {
    if document().active_element().as_ref() == Some(&held) {
        return;
    }
    let element = if held.is_connected() { Some(held) } else { same_as(&held) };
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    if element.focus_with_options(&options).is_err() {
        leptos::logging::warn!("the focus is lost");
    }
}

/// What stands now in place of `held`, where it is the only one on the page: nobody's key may press the button of another.
#[cfg(feature = "hydrate")]
fn same_as(held: &Element) -> Option<Element> {
    let all = document().get_elements_by_tag_name(&held.tag_name());
    let mut same = (0..all.length()).filter_map(|place| all.item(place)).filter(|element| {
        element.id() == held.id()
            && element.get_attribute("href") == held.get_attribute("href")
            && element.text_content() == held.text_content()
    });
    same.next().filter(|_| same.next().is_none())
}
