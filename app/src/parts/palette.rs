//! The way to everything by name: Ctrl and K, some letters, Enter. What is found is asked of the server as one types; without
//! scripts the same stands on the page `/go`.

use leptos::html::{Dialog, Input};
use leptos::prelude::*;

use crate::tongue::t;

/// Where everything is found by name.
pub(crate) const GO: &str = "/go";

/// The dialog, and the ear for its keys.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let (dialog, field) = (NodeRef::<Dialog>::new(), NodeRef::<Input>::new());
    let search = Search::new();
    listen(dialog, field, search);
    view! {
        <dialog class="palette" node_ref=dialog aria-label=t("Go to")>
            <form method="get" action=GO on:submit=move |event| enter(&event, dialog, search)>
                <input node_ref=field name="q" type="text" autocomplete="off" spellcheck="false" aria-label=t("Where to") placeholder=t("A page, a target, an account, an incident…")
                    on:input=move |event| ask(event_target_value(&event), dialog, search)/>
            </form>
            <div class="palette-found" aria-live="polite" on:keydown=move |event| step(&event, dialog) inner_html=search.found></div>
        </dialog>
    }
    .into_any()
}

/// What is asked as one types. Answers may come in another order than the questions: only the one to what stands in the
/// field counts, and Enter waits for it.
#[derive(Clone, Copy, Debug)]
struct Search {
    /// The list of what was found, as the server wrote it.
    found: RwSignal<String>,
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser asks as one types"))]
    step: StoredValue<Step>,
}

/// How far the question is to which the text in the field has led.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser asks as one types"))]
struct Step {
    /// Its number among the questions of this page.
    question: u32,
    /// `true` until it is answered or nobody was reached.
    open: bool,
    /// `true` if Enter was pressed meanwhile.
    entered: bool,
}

impl Search {
    fn new() -> Self {
        Self { found: RwSignal::new(String::new()), step: StoredValue::new(Step::default()) }
    }
}

#[cfg(not(feature = "hydrate"))]
const fn listen(_: NodeRef<Dialog>, _: NodeRef<Input>, _: Search) {}

#[cfg(not(feature = "hydrate"))]
const fn enter(_: &leptos::ev::SubmitEvent, _: NodeRef<Dialog>, _: Search) {}

#[cfg(not(feature = "hydrate"))]
fn ask(_: String, _: NodeRef<Dialog>, _: Search) {}

#[cfg(not(feature = "hydrate"))]
const fn step(_: &leptos::ev::KeyboardEvent, _: NodeRef<Dialog>) {}

#[cfg(feature = "hydrate")]
use browser::{ask, enter, listen, step};

#[cfg(feature = "hydrate")]
mod browser {
    //! What only a browser can do.

    use js_sys::encode_uri_component;
    use leptos::ev::{KeyboardEvent, SubmitEvent};
    use leptos::html::{Dialog, Input};
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::HtmlElement;

    use super::{GO, Search, Step};
    use crate::api::error::UiError;
    use crate::api::heard::heard;
    use crate::tongue::tell;

    /// Opens the dialog on Ctrl or Cmd and K, from wherever the cursor is.
    pub(super) fn listen(node: NodeRef<Dialog>, field: NodeRef<Input>, search: Search) {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let wanted = (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k");
            let Some(dialog) = node.get_untracked() else { return };
            if wanted {
                event.prevent_default();
                if !dialog.open() && dialog.show_modal().is_ok() {
                    ask(String::new(), node, search);
                    if let Some(field) = field.get_untracked() {
                        field.set_value("");
                        drop(field.focus());
                    }
                }
            } else if dialog.open()
                && event.key() == "ArrowDown"
                && field.get_untracked().is_some_and(has_focus)
            {
                event.prevent_default();
                focus_first(&dialog);
            }
        });
        on_cleanup(move || handle.remove());
    }

    fn has_focus(field: web_sys::HtmlInputElement) -> bool {
        document().active_element().is_some_and(|active| active == *field.unchecked_ref::<web_sys::Element>())
    }

    fn focus_first(dialog: &web_sys::HtmlDialogElement) {
        if let Some(link) = first(dialog) {
            drop(link.focus());
        }
    }

    fn first(dialog: &web_sys::HtmlDialogElement) -> Option<HtmlElement> {
        dialog.query_selector(".palette-found a").ok().flatten()?.dyn_into().ok()
    }

    /// Enter in the field takes the first that was found of what stands there, at once or when the answer is here. If nobody was
    /// reached, the form goes its own way.
    pub(super) fn enter(event: &SubmitEvent, dialog: NodeRef<Dialog>, search: Search) {
        if search.step.with_value(|step| step.open) {
            event.prevent_default();
            search.step.update_value(|step| step.entered = true);
        } else if let Some(link) = dialog.get_untracked().as_ref().and_then(first) {
            event.prevent_default();
            link.click();
        }
    }

    /// Up and down lead from one way to the next.
    pub(super) fn step(event: &KeyboardEvent, dialog: NodeRef<Dialog>) {
        let down = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        event.prevent_default();
        let (Some(dialog), Some(here)) = (dialog.get_untracked(), document().active_element()) else {
            return;
        };
        let item = here.parent_element();
        let next =
            item.and_then(
                |item| if down { item.next_element_sibling() } else { item.previous_element_sibling() },
            );
        let link = next
            .and_then(|item| item.first_element_child())
            .and_then(|link| link.dyn_into::<HtmlElement>().ok());
        match link {
            Some(link) => drop(link.focus()),
            None if !down => {
                let field = dialog.query_selector("input").ok().flatten();
                if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                    drop(field.focus());
                }
            }
            None => {}
        }
    }

    /// Asks what `text` may mean.
    pub(super) fn ask(text: String, dialog: NodeRef<Dialog>, search: Search) {
        let question = search.step.with_value(|step| step.question).wrapping_add(1);
        search.step.set_value(Step { question, open: true, entered: false });
        leptos::task::spawn_local(async move {
            let list = answer(&text).await.unwrap_or_else(told);
            // Something else may stand there by now, or the page may be left.
            let Some(step) = search.step.try_get_value().filter(|step| step.question == question) else {
                return;
            };
            search.found.set(list);
            search.step.update_value(|step| step.open = false);
            if step.entered {
                leptos::task::tick().await;
                if let Some(link) = dialog.get_untracked().as_ref().and_then(first) {
                    link.click();
                }
            }
        });
    }

    /// In place of a list. Only words of ours, so nothing in them is markup.
    fn told(error: UiError) -> String {
        format!(r#"<p class="empty">{} {}</p>"#, tell(error.message), tell(error.help))
    }

    async fn answer(text: &str) -> Result<String, UiError> {
        let address = format!("{GO}?part=1&q={}", String::from(encode_uri_component(text)));
        let asked = heard(window().fetch_with_str(&address));
        let (good, list) = asked.await.map_err(|_| UiError::not_reached())?;
        if good { Ok(list) } else { Err(UiError::not_understood()) }
    }
}
