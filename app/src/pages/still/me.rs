//! Oneself: the name that is kept with what one asks for, the role, and the password.

use leptos::prelude::*;
use rebound::role::Role;

use crate::parts::header::Bar;
use crate::parts::notice::{Notice, NoticeLine};
use crate::tongue::{t, tell};

/// The page.
#[component]
pub fn Me(
    /// The name.
    name: String,
    /// What one may do.
    role: Role,
    /// Why the password cannot be changed here, if so.
    fixed: Option<&'static str>,
    /// The shortest password that is taken.
    least: usize,
    /// What a form led to.
    notice: Option<Notice>,
) -> impl IntoView {
    let notice = notice.map(|notice| view! { <NoticeLine notice/> }.into_any());
    let may = match role {
        Role::Viewer => "You see everything and change nothing.",
        Role::Operator => "You see everything, heal, pause, plan work, acknowledge and send test alerts.",
        Role::Admin => "You may do everything, also change settings, people and keys.",
    };
    let means = tell(format!("You are {}. {may}", role.named()));
    let change = match fixed {
        Some(why) => view! { <p class="empty">{t(why)}</p> }.into_any(),
        None => form(&name, least),
    };
    view! {
        <Bar name=name.clone()/>
        <main class="narrow">
            <h1>{name}</h1>
            <p>{means}</p>
            {notice}
            <section class="panel"><h2>{t("Your password")}</h2>{change}</section>
        </main>
    }
    .into_any()
}

fn form(name: &str, least: usize) -> AnyView {
    view! {
        <form class="settings-make" method="post" action="/me/password">
            <input type="hidden" name="username" value=name.to_owned() autocomplete="username"/>
            <p class="field">
                <label for="old">{t("The password that you have")}</label>
                <input id="old" name="old" type="password" autocomplete="current-password" required/>
            </p>
            <p class="field">
                <label for="new">{t("The new one")}</label>
                <input id="new" name="new" type="password" autocomplete="new-password" required minlength=least.to_string() aria-describedby="new-help"/>
                <small class="quiet-text" id="new-help">{tell(format!("At least {least} letters and signs."))}</small>
            </p>
            <p class="field">
                <label for="again">{t("The new one again")}</label>
                <input id="again" name="again" type="password" autocomplete="new-password" required/>
            </p>
            <p class="settings-end"><button type="submit" class="button solid">{t("Change the password")}</button><span class="quiet-text">{t("Your other sessions end.")}</span></p>
        </form>
    }
    .into_any()
}
