//! The document and its routes.
//!
//! Never asks for context while routes are listed: the server runs [`App`] once at its start, outside any request.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::incident::IncidentPage;
use crate::pages::login::LoginPage;
use crate::pages::missing::MissingPage;
use crate::pages::overview::OverviewPage;
use crate::parts::icon::Sprite;

/// The HTML document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href="/pkg/rebound.css"/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            // The sprite stands outside of what the browser takes over: it costs no wasm.
            <body><App/><Sprite/></body>
        </html>
    }
}

/// Every page. All are rendered whole, so that they work without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Rebound"/>
        <Router>
            <Routes fallback=|| view! { <MissingPage/> }>
                <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/incidents/:id") view=IncidentPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
