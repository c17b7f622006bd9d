//! Pages that need no JavaScript.

use leptos::prelude::*;

use crate::parts::header::Bar;
use crate::tongue::{t, tell};

pub(crate) mod login;

pub(crate) mod me;

pub(crate) mod people;

pub(crate) mod go;

pub(crate) mod status;

/// An address that leads nowhere.
#[component]
pub fn Nowhere() -> impl IntoView {
    view! {
        <Bar/>
        <main class="narrow">
            <h1>{t("There is no such page.")}</h1>
            <p>{t("The address may be old or mistyped. ")}<a href="/">{t("To the Overview")}</a></p>
        </main>
    }
    .into_any()
}

/// What somebody may not do.
#[component]
pub fn NotAllowed(
    /// What was refused, and why.
    message: String,
    /// What to do.
    help: &'static str,
) -> impl IntoView {
    view! {
        <Bar/>
        <main class="narrow">
            <h1>{t("You may not do this.")}</h1>
            <p>{tell(message)}</p>
            <p>{t(help)}" "<a href="/">{t("To the Overview")}</a></p>
        </main>
    }
    .into_any()
}
