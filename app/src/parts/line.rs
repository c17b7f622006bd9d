//! Lines: words, times and signs in reading order.

use leptos::prelude::*;

use crate::parts::icon::{Badge, Icon, Missing};
use crate::parts::moment::Moment;
use crate::parts::sentence::sentence;
use crate::sheet::{Fact, Line, Piece, Said};
use crate::tongue::t;

/// Every piece of a line.
pub(crate) fn pieces(line: Line) -> AnyView {
    line.into_iter().map(piece).collect::<Vec<_>>().into_any()
}

/// One piece.
pub(crate) fn piece(piece: Piece) -> AnyView {
    match piece {
        Piece::Text(text) => sentence(text),
        Piece::Named(text) => text.into_any(),
        Piece::Moment(at, told) => view! { <Moment at told/> }.into_any(),
        Piece::Mark(mark) => view! { <Badge mark/> }.into_any(),
        Piece::Reason(text) => view! { <span class="reason">{sentence(text)}</span> }.into_any(),
        Piece::Quote(text) => view! { <q>{text}</q> }.into_any(),
        Piece::Link(address, words) => view! { <a href=address>{words}</a> }.into_any(),
        Piece::Outside(address) => {
            view! { <a href=address target="_blank" rel="noopener noreferrer">{t("Run")}<Icon name="link"/></a> }
                .into_any()
        }
        Piece::Missing(why) => view! { <Missing why/> }.into_any(),
        Piece::Money(amount, currency) => {
            let currency = currency.unwrap_or_default();
            view! { <span class="money">{amount}<small class="currency">" "{currency}</small></span> }
                .into_any()
        }
    }
}

/// A line in an element of its own, its signs beside it.
fn beside(line: Line) -> AnyView {
    let (signs, words): (Line, Line) =
        line.into_iter().partition(|piece| matches!(piece, Piece::Mark(_) | Piece::Reason(_)));
    let words = (!words.is_empty()).then(|| view! { <span>{pieces(words)}</span> }.into_any());
    view! { {pieces(signs)}{words} }.into_any()
}

/// Labels and what stands beside them.
pub(crate) fn facts(facts: Vec<Fact>) -> AnyView {
    facts
        .into_iter()
        .map(|fact| view! { <div><dt>{fact.label}</dt><dd>{beside(fact.line)}</dd></div> }.into_any())
        .collect::<Vec<_>>()
        .into_any()
}

/// What is said of one thing, as an item of a list. `class` is that of the words.
pub(crate) fn said(said: Said, class: &'static str) -> AnyView {
    let about =
        (!said.about.is_empty()).then(|| view! { <span class="channel">{said.about}</span> }.into_any());
    let words =
        (!said.line.is_empty()).then(|| view! { <span class=class>{pieces(said.line)}</span> }.into_any());
    view! { <li>{about}<Badge mark=said.mark/>{words}</li> }.into_any()
}
