//! The figures of a target that are read at a glance.

use leptos::prelude::*;

use crate::parts::icon::Icon;
use crate::parts::line::pieces;
use crate::sheet::{Fact, Piece};
use crate::tongue::t;

/// Heartbeat, latency, uptime and the next look.
pub(crate) fn vitals(facts: Vec<Fact>) -> AnyView {
    let vitals = facts
        .into_iter()
        .map(|fact| {
            let (name, _) = words(&fact.label);
            let sign = fact.label.clone();
            view! {
                <div class="vital"><dt><Icon name=sign/>{t(name)}</dt><dd><span>{figure(fact)}</span></dd></div>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! { <dl class="vitals">{vitals}</dl> }.into_any()
}

/// One of them with its unit, and with what it is a figure of, where that is told.
pub(crate) fn figure(Fact { label, line }: Fact) -> AnyView {
    if let [figure, of @ Piece::Text(_)] = line.as_slice() {
        let (figure, of) = (vec![figure.clone()], vec![of.clone()]);
        return view! { {pieces(figure)}" "<small class="of">{pieces(of)}</small> }.into_any();
    }
    let (_, unit) = words(&label);
    let unit = (!unit.is_empty() && matches!(line.as_slice(), [Piece::Text(_)]))
        .then(|| view! { <small>{unit}</small> }.into_any());
    view! { {pieces(line)}{unit} }.into_any()
}

/// The name and the unit of the figure with that sign.
fn words(sign: &str) -> (&'static str, &'static str) {
    match sign {
        "pulse" => ("Heartbeat", ""),
        "gauge" => ("Latency", " ms"),
        "clock" => ("Next look", ""),
        _ => ("Up, last 24 h", ""),
    }
}
