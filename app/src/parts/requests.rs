//! What was asked lately and what became of it, live.

use leptos::prelude::*;

use crate::parts::icon::Badge;
use crate::parts::moment::Moment;
use crate::parts::sentence::sentence;
use crate::sheet::{RequestSheet, Told};
use crate::tongue::{t, tell};

/// The latest requests of a place, newest first.
pub(crate) fn requests(asked: Vec<RequestSheet>) -> AnyView {
    let lines = asked.into_iter().map(line).collect::<Vec<_>>();
    view! { <ul class="requests" aria-label=t("Asked lately") aria-live="polite">{lines}</ul> }.into_any()
}

fn line(asked: RequestSheet) -> AnyView {
    view! {
        <li id=format!("request-{}", asked.id) title=tell(format!("Request {}", asked.id))>
            <Badge mark=asked.mark/>
            <span class="request-text"><strong>{asked.what}</strong>" "{sentence(asked.text)}</span>
            <span class="quiet-text">{asked.by}", "<Moment at=asked.at told=Told::Clock/></span>
        </li>
    }
    .into_any()
}
