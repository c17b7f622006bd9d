//! The document around every page. On the server only: the browser takes over what is inside.

use leptos::prelude::*;
use serde::Serialize;

use crate::pages::{self, Page, living};
use crate::parts::icon::Sprite;
use crate::parts::look::chosen;
use crate::tongue::{self, Tongue, tell};

/// A page that was not drawn by then comes alive all the same.
const UNSEEN_MS: u32 = 1_000;

/// The document of a living page.
pub fn living_document(options: LeptosOptions, mut page: Page) -> impl IntoView {
    let title = page.sheet.title.clone();
    let carried = carried(&mut page);
    let words = Tongue::of_page().carried();
    let words = words.map(|words| data_of(tongue::CARRIED, words.to_owned()));
    view! {
        <!DOCTYPE html>
        <html lang=lang() data-theme=chosen()>
            <head>
                {head(title)}
                {scripts(&options)}
            </head>
            // The sprite stands outside of what the browser takes over: it costs no wasm.
            <body>{living(page)}<Sprite/>{words}{carried}</body>
        </html>
    }
}

/// The document of a page that needs no JavaScript.
pub fn still_document(title: &str, page: AnyView) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang=lang() data-theme=chosen()>
            <head>{head(format!("{} · Rebound", tell(title.to_owned())))}</head>
            <body>{page}<Sprite/></body>
        </html>
    }
}

/// The document of the page that everybody may see.
pub fn status_document(title: &str, page: AnyView) -> impl IntoView + use<> {
    view! {
        <!DOCTYPE html>
        <html lang=lang() data-theme=chosen()>
            <head>{head(title.to_owned())}</head>
            <body>{page}<Sprite/></body>
        </html>
    }
}

/// Makes the page come alive. It can be read without that, so it is drawn first: nothing of this is loaded before. A page that nobody
/// sees is never drawn, and begins after a moment; loading and coming alive are turns of their own.
fn scripts(options: &LeptosOptions) -> AnyView {
    let from = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let script = format!(
        r#"let begun=false;
const begin=()=>{{if(begun)return;begun=true;const wasm=fetch("{from}.wasm");
import("{from}.js").then(page=>page.default({{module_or_path:wasm}}).then(()=>setTimeout(()=>page.hydrate())));}};
requestAnimationFrame(()=>setTimeout(begin));setTimeout(begin,{UNSEEN_MS});"#
    );
    view! { <script type="module" nonce=leptos::nonce::use_nonce()>{script}</script> }.into_any()
}

/// All that the page shows, as data.
fn carried(page: &mut Page) -> AnyView {
    let charts = page.sheet.body.take_charts();
    let rest = carried_as(pages::CARRIED, page);
    let Some(charts) = charts else { return rest };
    let apart = carried_as(pages::target::CARRIED, &charts);
    page.sheet.body.give_charts(charts);
    view! { {rest}{apart} }.into_any()
}

fn carried_as(id: &'static str, data: &impl Serialize) -> AnyView {
    data_of(id, serde_json::to_string(data).unwrap_or_default())
}

/// What the browser's part reads. Escaped, so that it ends no element.
fn data_of(id: &'static str, json: String) -> AnyView {
    let json = json.replace('<', "\\u003c");
    view! { <script type="application/json" id=id inner_html=json></script> }.into_any()
}

/// The language of the page, as browsers and screen readers know it.
fn lang() -> &'static str {
    Tongue::of_page().code()
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
