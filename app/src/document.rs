//! The document around every page. On the server only: the browser takes over what is inside.

use leptos::prelude::*;

use crate::pages::{Living, Page};
use crate::parts::icon::Sprite;
use crate::parts::look::chosen;

/// The document of a living page.
pub fn living_document(options: LeptosOptions, page: Page) -> impl IntoView {
    let title = page.sheet.title.clone();
    provide_context(page);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=chosen()>
            <head>
                {head(title)}
                // Read first, alive then: the scripts wait until the page has been drawn.
                <HydrationScripts options defer=true/>
            </head>
            // The sprite stands outside of what the browser takes over: it costs no wasm.
            <body><Living/><Sprite/></body>
        </html>
    }
}

/// The document of a page that needs no JavaScript.
pub fn still_document(title: &str, page: AnyView) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=chosen()>
            <head>{head(format!("{title} · Rebound"))}</head>
            <body>{page}<Sprite/></body>
        </html>
    }
}

/// The document of the page that everybody may see.
pub fn status_document(title: &str, page: AnyView) -> impl IntoView + use<> {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=chosen()>
            <head>{head(title.to_owned())}</head>
            <body>{page}<Sprite/></body>
        </html>
    }
}

fn head(title: String) -> AnyView {
    // As a child it would carry the marks by which the browser's part finds its places.
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta name="robots" content="noindex"/>
        <title inner_html=title></title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="stylesheet" href="/pkg/rebound.css"/>
    }
    .into_any()
}
