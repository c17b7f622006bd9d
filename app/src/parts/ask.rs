//! Forms that ask the server for something.
//!
//! Plain forms: they work without JavaScript, and with it show in place what the server answered.

use leptos::ev::SubmitEvent;
use leptos::html::Details;
use leptos::prelude::*;

use crate::parts::follow::{follow, nothing};
use crate::parts::notice::{Notice, NoticeLine};

/// What the server answered in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was taken; what becomes of it is followed on the board.
    Taken,
    /// It was not, and why.
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser is answered in place"))]
    Refused(Notice),
}

/// A question to the server and its answer. Only ever filled by a living page: an answer that came with the address is
/// told by the page's notice, so that the server and the browser render the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    pending: RwSignal<bool>,
    /// The answer to the last question.
    pub(crate) answer: RwSignal<Option<Answer>>,
}

impl Asking {
    /// Nothing was asked yet.
    pub(crate) fn new() -> Self {
        Self { pending: RwSignal::new(false), answer: RwSignal::new(None) }
    }

    /// `true` while an answer is awaited, for the button.
    pub(crate) fn busy(self) -> Signal<Option<String>> {
        Signal::derive(move || self.pending.get().then(|| "true".to_owned()))
    }

    /// Sends the form that was submitted, if it is not already on its way.
    fn send(self, event: &SubmitEvent) {
        event.prevent_default();
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        #[cfg(feature = "hydrate")]
        if let Some(question) = post::question(event) {
            leptos::task::spawn_local(async move {
                let answer = post::answer(question).await;
                // The page may have been left meanwhile.
                self.answer.try_set(Some(answer));
                self.pending.try_set(false);
            });
        }
    }
}

/// A form that posts to `action`.
#[component]
pub(crate) fn AskForm(asking: Asking, action: &'static str, children: Children) -> impl IntoView {
    view! { <form method="post" action=action on:submit=move |event| asking.send(&event)>{children()}</form> }
        .into_any()
}

/// Folds the forms away again once one of them was taken: what became of it is followed on the board.
pub(crate) fn close_when_taken(asking: Asking, folded: NodeRef<Details>) {
    Effect::new(move |_| {
        if asking.answer.get() == Some(Answer::Taken)
            && let Some(details) = folded.get_untracked()
        {
            details.set_open(false);
        }
    });
}

/// Why the server refused, in place.
pub(crate) fn refusal(asking: Asking) -> AnyView {
    follow(move || match asking.answer.get() {
        Some(Answer::Refused(notice)) => view! { <NoticeLine notice/> }.into_any(),
        Some(Answer::Taken) | None => nothing(),
    })
}

#[cfg(feature = "hydrate")]
mod post {
    //! The way to the server and back.

    use leptos::ev::SubmitEvent;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast as _, JsValue};
    use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, UrlSearchParams};

    use super::Answer;
    use crate::api::error::UiError;
    use crate::api::heard::heard;
    use crate::parts::notice::Notice;

    /// A form's address and what it sends there.
    pub(super) struct Question {
        form: HtmlFormElement,
        address: String,
        fields: UrlSearchParams,
    }

    /// What the submitted form asks.
    pub(super) fn question(event: &SubmitEvent) -> Option<Question> {
        let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
        let fields = FormData::new_with_form(&form).ok()?;
        let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
        Some(Question { address: form.get_attribute("action")?, form, fields })
    }

    /// What the server says to it.
    pub(super) async fn answer(question: Question) -> Answer {
        match ask(&question).await {
            Ok((true, _)) => {
                // What was filled in is forgotten, as after the page of a plain form.
                question.form.reset();
                Answer::Taken
            }
            Ok((false, text)) => {
                let error = serde_json::from_str(&text).unwrap_or_else(|_| UiError::not_understood());
                Answer::Refused(Notice::from(error))
            }
            Err(_) => Answer::Refused(Notice::from(UiError::not_reached())),
        }
    }

    /// Whether it was taken, and the answer's text.
    async fn ask(question: &Question) -> Result<(bool, String), JsValue> {
        let options = RequestInit::new();
        options.set_method("POST");
        options.set_body(&question.fields);
        let headers = Headers::new()?;
        headers.set("Accept", "application/json")?;
        options.set_headers(&headers);
        heard(window().fetch_with_str_and_init(&question.address, &options)).await
    }
}
