//! The last 24 hours of a target as a bar, a sentence and a table.
//!
//! States differ in height and pattern as well as in colour.

use leptos::prelude::*;

use crate::parts::moment::Moment;
use crate::sheet::Told;
use crate::sheet::target::{Bar, StretchRow, UptimeSheet};

/// The bar with its sentence and table. `id` names the drawing's parts uniquely on the page.
pub(crate) fn uptime(id: &str, uptime: UptimeSheet) -> AnyView {
    let drawn = drawing(id, &uptime.bars, &uptime.sentence);
    let rows = uptime.rows.into_iter().map(row).collect::<Vec<_>>();
    let left_out = uptime.left_out.map(|words| view! { <p class="quiet-text">{words}</p> }.into_any());
    let sentence = uptime.sentence;
    view! {
        <figure class="uptime">
            {drawn}
            <div class="uptime-axis" aria-hidden="true"><span>"24 h ago"</span><span>"12 h"</span><span>"now"</span></div>
            <figcaption>
                <details class="more">
                    <summary>{sentence}</summary>
                    <div class="scroll">
                        <table class="plain">
                            <thead><tr><th scope="col">"State"</th><th scope="col">"From"</th><th scope="col">"To"</th><th scope="col">"Lasted"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                        {left_out}
                    </div>
                </details>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The bar alone, named by its sentence.
pub(crate) fn drawing(id: &str, bars: &[Bar], sentence: &str) -> AnyView {
    let (title_id, text_id, hatch_id) = (format!("up-t-{id}"), format!("up-d-{id}"), format!("up-h-{id}"));
    let labelled = format!("{title_id} {text_id}");
    let hatch = format!("url(#{hatch_id})");
    let bars = bars.iter().cloned().map(|mark| bar(mark, &hatch)).collect::<Vec<_>>();
    view! {
        <svg class="uptime-bar" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-labelledby=labelled>
            {leptos::svg::title().id(title_id).child("Last 24 hours")}
            <desc id=text_id>{sentence.to_owned()}</desc>
            <defs>
                <pattern id=hatch_id class="hatch" width="8" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="hatch-ground" width="8" height="6"></rect>
                    <rect class="hatch-line" width="3" height="6"></rect>
                </pattern>
            </defs>
            <rect class="bar-none" x="0" y="37" width="1000" height="3"></rect>
            {bars}
        </svg>
    }
    .into_any()
}

fn bar(bar: Bar, hatch: &str) -> AnyView {
    // What is not known is hatched.
    let fill = (bar.class == "unknown").then(|| hatch.to_owned());
    let [x, y, width, height] = bar.place;
    view! { <rect class=format!("bar-{}", bar.class) fill=fill x=x y=y width=width height=height></rect> }
        .into_any()
}

fn row(stretch: StretchRow) -> AnyView {
    view! {
        <tr>
            <td><i class=format!("swatch bar-{}", stretch.class) aria-hidden="true"></i>{stretch.word}</td>
            <td><Moment at=stretch.from told=Told::Clock/></td>
            <td><Moment at=stretch.to told=Told::Clock/></td>
            <td>{stretch.lasted}</td>
        </tr>
    }
    .into_any()
}
