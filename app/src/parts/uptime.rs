//! The last 24 hours of a target as a bar, a sentence and a table.
//!
//! States differ in height and pattern as well as in colour.

use std::sync::Arc;

use leptos::prelude::*;
use rebound::time::Timestamp;

use crate::parts::chart::{at_share, downloads, percent, plain, share};
use crate::parts::follow::{folded, follow, left, nothing};
use crate::parts::moment::Moment;
use crate::sheet::Told;
use crate::sheet::target::{Bar, StretchRow, UptimeSheet};
use crate::tongue::t;

/// The bar with its sentence and table. `id` names the drawing's parts uniquely on the page; `pointed` is a time within the stretch
/// that is read.
pub(crate) fn uptime(id: &str, uptime: UptimeSheet, pointed: RwSignal<Option<Timestamp>>) -> AnyView {
    let drawn = drawing(id, &uptime.bars, &uptime.sentence);
    let all_listed = uptime.left_out.is_none();
    let sentence = view! { <summary>{uptime.sentence}</summary> }.into_any();
    let left_out = uptime.left_out;
    let (from, to) = (uptime.from, uptime.to);
    let stretches = Arc::new(uptime.rows);
    let (steps, marked, read) = (Arc::clone(&stretches), Arc::clone(&stretches), Arc::clone(&stretches));
    let files = uptime.files;
    let table = folded("more", sentence, move || {
        view! { {table(&stretches, left_out.as_deref())}{downloads(files.clone())} }.into_any()
    });
    let marked = follow(move || found(&marked, pointed).map_or_else(nothing, |row| chosen(&row, from, to)));
    let read = follow(move || match (pointed.get(), found(&read, pointed)) {
        (Some(_), Some(row)) => told(row),
        (Some(at), None) if all_listed => {
            view! { <Moment at told=Told::Clock/>{t(" · not watched")} }.into_any()
        }
        (Some(_) | None, _) => nothing(),
    });
    view! {
        <figure class="uptime">
            <div class="canvas over-bar" tabindex="0" role="group" aria-label=t("Last 24 hours: move with the arrow keys")
                on:pointermove=move |event| pointed.set(share(&event).map(|share| at_share(from, to, share)))
                on:pointerleave=move |_| pointed.set(None)
                on:keydown=move |event| step(&steps, pointed, &event)
                on:blur=move |_| left(|| pointed.set(None))>
                {drawn}
                {marked}
            </div>
            <div class="uptime-axis" aria-hidden="true"><span>{t("24 h ago")}</span><span>"12 h"</span><span>{t("now")}</span></div>
            <p class="readout" aria-live="polite">{read}</p>
            <figcaption>{table}</figcaption>
        </figure>
    }
    .into_any()
}

fn table(stretches: &[StretchRow], left_out: Option<&str>) -> AnyView {
    let rows = stretches.iter().cloned().map(row).collect::<Vec<_>>();
    let left_out = left_out.map(|words| view! { <p class="quiet-text">{words.to_owned()}</p> }.into_any());
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=t("Table")>
            <table class="plain">
                <thead><tr><th scope="col">{t("State")}</th><th scope="col">{t("From")}</th><th scope="col">{t("To")}</th><th scope="col">{t("Lasted")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {left_out}
        </div>
    }
    .into_any()
}

/// The stretch that is read.
fn found(rows: &[StretchRow], pointed: RwSignal<Option<Timestamp>>) -> Option<StretchRow> {
    let at = pointed.get()?;
    rows.iter().find(|row| row.from <= at && at < row.to).cloned()
}

/// A frame round it.
fn chosen(row: &StretchRow, from: Timestamp, to: Timestamp) -> AnyView {
    let span = to.since(from).as_secs_f64().max(1.0);
    let left = row.from.since(from).as_secs_f64() / span;
    let wide = row.to.since(row.from).as_secs_f64() / span;
    view! {
        <svg class="cross" aria-hidden="true"><rect class="chosen" x=percent(left) width=percent(wide) y="0" height="100%"></rect></svg>
    }
    .into_any()
}

/// `12:00:05 to 12:02:10 · down for 2 min 5 s · the terminal has lost its connection`.
fn told(row: StretchRow) -> AnyView {
    let cause = row.cause.map(|cause| format!(" · {cause}"));
    view! {
        <Moment at=row.from told=Told::Clock/>{t(" to ")}<Moment at=row.to told=Told::Clock/>" · "{row.word}{t(" for ")}{row.lasted}{cause}
    }
    .into_any()
}

/// Goes to the next stretch by keys. The newest stands first in `rows`.
fn step(rows: &[StretchRow], pointed: RwSignal<Option<Timestamp>>, event: &leptos::ev::KeyboardEvent) {
    let at = pointed.get_untracked();
    let now = at.and_then(|at| rows.iter().position(|row| row.from <= at && at < row.to));
    let last = rows.len().saturating_sub(1);
    let next = match (event.key().as_str(), now) {
        ("ArrowLeft", Some(now)) => now.saturating_add(1).min(last),
        ("ArrowRight", Some(now)) => now.saturating_sub(1),
        ("ArrowLeft" | "End", _) => 0,
        ("ArrowRight" | "Home", _) => last,
        (_, _) => return,
    };
    event.prevent_default();
    pointed.set(rows.get(next).map(|row| at_share(row.from, row.to, 0.5)));
}

/// The bar alone, named by its sentence.
pub(crate) fn drawing(id: &str, bars: &[Bar], sentence: &str) -> AnyView {
    let (title_id, text_id, hatch_id) = (format!("up-t-{id}"), format!("up-d-{id}"), format!("up-h-{id}"));
    let labelled = format!("{title_id} {text_id}");
    let hatch = format!("url(#{hatch_id})");
    let bars = bars.iter().map(|mark| bar(mark, &hatch)).collect::<String>();
    view! {
        <svg class="uptime-bar" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-labelledby=labelled>
            {leptos::svg::title().id(title_id).child(t("Last 24 hours"))}
            <desc id=text_id>{sentence.to_owned()}</desc>
            <defs>
                <pattern id=hatch_id class="hatch" width="8" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="hatch-ground" width="8" height="6"></rect>
                    <rect class="hatch-line" width="3" height="6"></rect>
                </pattern>
            </defs>
            <rect class="bar-none" x="0" y="37" width="1000" height="3"></rect>
            <g inner_html=bars></g>
        </svg>
    }
    .into_any()
}

/// Written as text: the browser's part does not go through all of them one by one.
fn bar(bar: &Bar, hatch: &str) -> String {
    // What is not known is hatched.
    let fill = if bar.class == "unknown" { format!(r#" fill="{}""#, plain(hatch)) } else { String::new() };
    let [x, y, width, height] = &bar.place;
    let class = plain(&bar.class);
    format!(r#"<rect class="bar-{class}"{fill} x="{x}" y="{y}" width="{width}" height="{height}"></rect>"#)
}

fn row(stretch: StretchRow) -> AnyView {
    let cause = stretch.cause.map(|cause| view! { <span class="reason">{cause}</span> }.into_any());
    view! {
        <tr>
            <td><i class=format!("swatch bar-{}", stretch.class) aria-hidden="true"></i>{stretch.word}{cause}</td>
            <td><Moment at=stretch.from told=Told::Clock/></td>
            <td><Moment at=stretch.to told=Told::Clock/></td>
            <td>{stretch.lasted}</td>
        </tr>
    }
    .into_any()
}
