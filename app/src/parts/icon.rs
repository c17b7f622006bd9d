//! Signs. Every sign stands beside a word; none stands for one.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::sheet::Mark;

/// A sign of the sprite. Hidden from readers of the text: the word beside it says the same.
#[component]
pub(crate) fn Icon(
    /// Its name in the sprite.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("#i-{name}")></use>
        </svg>
    }
    .into_any()
}

/// A tone's name, of its style and its sign.
pub(crate) const fn tone_name(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Resting => "resting",
        Tone::Busy => "busy",
        Tone::Unknown => "unknown",
        Tone::Warning => "warning",
        Tone::Bad => "bad",
    }
}

/// A sign and a word in a tone.
#[component]
pub(crate) fn Badge(
    /// What it shows.
    mark: Mark,
) -> impl IntoView {
    let class = format!("badge tone-{}", tone_name(mark.tone));
    view! { <span class=class><Icon name=mark.sign/>{mark.word}</span> }.into_any()
}

/// What was never known: a dash for the eye, words for readers of the text.
#[component]
pub(crate) fn Missing(
    /// Why there is nothing.
    #[prop(into)]
    why: String,
) -> impl IntoView {
    let words = why.clone();
    view! {
        <span class="missing" title=why>
            <span aria-hidden="true">"—"</span>
            <span class="unseen">{words}</span>
        </span>
    }
    .into_any()
}

/// The signs, once per document. Drawn on a grid of 24 with round strokes.
#[component]
pub fn Sprite() -> impl IntoView {
    const SIGNS: [(&str, &str); 39] = [
        ("good", r#"<circle cx="12" cy="12" r="9"/><path d="m8.5 12.2 2.4 2.4 4.6-5"/>"#),
        ("resting", r#"<path d="M20 14.2A8.2 8.2 0 1 1 9.8 4a6.6 6.6 0 0 0 10.2 10.2Z"/>"#),
        (
            "busy",
            r#"<path d="M20 12a8 8 0 0 1-14.3 4.9M4 12A8 8 0 0 1 18.3 7.1"/><path d="M18.5 3v4.4h-4.4M5.5 21v-4.4h4.4"/>"#,
        ),
        (
            "unknown",
            r#"<circle cx="12" cy="12" r="9" stroke-dasharray="3 2.65"/><path d="M9.6 9.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.9-1.2 1.8M12 16.6v.01"/>"#,
        ),
        ("warning", r#"<path d="M12 4 2.8 19.5h18.4Z"/><path d="M12 10v4M12 16.8v.01"/>"#),
        (
            "bad",
            r#"<path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3Z"/><path d="m9.2 9.2 5.6 5.6m0-5.6-5.6 5.6"/>"#,
        ),
        (
            "live",
            r#"<circle cx="12" cy="12" r="3.2" fill="currentColor"/><path d="M6.6 17.4a7.6 7.6 0 0 1 0-10.8m10.8 0a7.6 7.6 0 0 1 0 10.8"/>"#,
        ),
        ("lost", r#"<path d="M4 4l16 16M6.6 17.4a7.6 7.6 0 0 1-.9-9.7m11.7-1.1a7.6 7.6 0 0 1 .9 9.7"/>"#),
        ("clock", r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.2 2"/>"#),
        ("pulse", r#"<path d="M3 12h4l2.6-7 4.6 14L17 12h4"/>"#),
        ("gauge", r#"<path d="M4.2 18a9 9 0 1 1 15.6 0"/><path d="m12 14 4-4.6"/>"#),
        (
            "sync",
            r#"<path d="M12 3v11m0 0 4-4m-4 4-4-4M4 16v2.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V16"/>"#,
        ),
        ("heal", r#"<rect x="3.5" y="3.5" width="17" height="17" rx="4"/><path d="M12 8v8m-4-4h8"/>"#),
        ("stop", r#"<circle cx="12" cy="12" r="9"/><path d="M9 9h6v6H9Z"/>"#),
        ("pause", r#"<circle cx="12" cy="12" r="9"/><path d="M9.8 8.8v6.4M14.2 8.8v6.4"/>"#),
        ("play", r#"<circle cx="12" cy="12" r="9"/><path d="M10.2 8.6v6.8l5.2-3.4Z"/>"#),
        (
            "work",
            r#"<path d="M14.6 6.4a4.4 4.4 0 0 1 5.8-1.5l-2.9 2.9.4 2.3 2.3.4 1.2-1.3a4.4 4.4 0 0 1-6.1 4.6L8.9 20.2a2.2 2.2 0 0 1-3.1-3.1l6.4-6.4a4.4 4.4 0 0 1 2.4-4.3Z"/>"#,
        ),
        (
            "dry",
            r#"<path d="M10 3h4M10.8 3v6.2L5 18.4A1.7 1.7 0 0 0 6.5 21h11a1.7 1.7 0 0 0 1.5-2.6l-5.8-9.2V3M7.6 15h8.8"/>"#,
        ),
        ("moved", r#"<path d="M4 8.5h14.5m0 0L15 5m3.5 3.5L15 12M20 15.5H5.5m0 0L9 12m-3.5 3.5L9 19"/>"#),
        ("flap", r#"<path d="M3 12h3.2l2-5.5 3.2 11 3.2-11 3.2 11 1.4-5.5H21"/>"#),
        ("bell", r#"<path d="M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 2h-15ZM10.2 21h3.6"/>"#),
        ("person", r#"<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>"#),
        ("check", r#"<path d="m5 12.6 4.6 4.6L19 7.4"/>"#),
        ("cross", r#"<path d="m6.5 6.5 11 11m0-11-11 11"/>"#),
        (
            "link",
            r#"<path d="M13 5h6v6M19 5l-8.5 8.5M10 6H6.5A1.5 1.5 0 0 0 5 7.5v10A1.5 1.5 0 0 0 6.5 19h10a1.5 1.5 0 0 0 1.5-1.5V14"/>"#,
        ),
        (
            "out",
            r#"<path d="M14 4h4.5A1.5 1.5 0 0 1 20 5.5v13a1.5 1.5 0 0 1-1.5 1.5H14M10 8l-4 4 4 4m-4-4h9.5"/>"#,
        ),
        ("back", r#"<path d="M19 12H5m0 0 5.5-5.5M5 12l5.5 5.5"/>"#),
        ("chevron", r#"<path d="m7 10 5 5 5-5"/>"#),
        ("info", r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v5.2M12 7.8v.01"/>"#),
        (
            "home",
            r#"<path d="M4 11.2 12 4l8 7.2M6.2 9.4V19a1 1 0 0 0 1 1h9.6a1 1 0 0 0 1-1V9.4M10 20v-5.5h4V20"/>"#,
        ),
        (
            "timeline",
            r#"<path d="M5 6.5h.01M5 12h.01M5 17.5h.01" stroke-width="3.2"/><path d="M9.5 6.5H20M9.5 12H20M9.5 17.5H16"/>"#,
        ),
        (
            "sun",
            r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v1.6M12 19.4V21M3 12h1.6M19.4 12H21M5.6 5.6l1.2 1.2M17.2 17.2l1.2 1.2M5.6 18.4l1.2-1.2M17.2 6.8l1.2-1.2"/>"#,
        ),
        (
            "shield",
            r#"<path d="M12 3.2 19 6v5.6c0 4.4-2.9 7.6-7 9.2-4.1-1.6-7-4.8-7-9.2V6Z"/><path d="m9 11.8 2.2 2.2 4-4.2"/>"#,
        ),
        (
            "chart",
            r#"<path d="M4 20h16M6.5 16.5v-4M11 16.5V7M15.5 16.5v-6.5M20 16.5V4.5" stroke-width="2"/>"#,
        ),
        (
            "globe",
            r#"<circle cx="12" cy="12" r="9"/><path d="M3.4 9.5h17.2M3.4 14.5h17.2M12 3c-5 5-5 13 0 18 5-5 5-13 0-18Z"/>"#,
        ),
        ("screen", r#"<rect x="3.5" y="4.5" width="17" height="11.5" rx="1.5"/><path d="M9 20h6M12 16v4"/>"#),
        (
            "sliders",
            r#"<path d="M4 7h9m5 0h2M4 17h3m5 0h8"/><circle cx="15.5" cy="7" r="2.4"/><circle cx="9.5" cy="17" r="2.4"/>"#,
        ),
        ("search", r#"<circle cx="10.8" cy="10.8" r="6.3"/><path d="m15.5 15.5 4.5 4.5"/>"#),
        ("dot", r#"<circle cx="12" cy="12" r="3.5" fill="currentColor"/>"#),
    ];
    let symbols: String = SIGNS
        .iter()
        .map(|(name, paths)| {
            format!(
                r#"<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">{paths}</symbol>"#
            )
        })
        .collect();
    view! { <svg class="sprite" aria-hidden="true" width="0" height="0" inner_html=symbols></svg> }
}
