//! The way in: a plain form that the server takes outside of these pages.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::parts::header::Brand;
use crate::parts::notice::{Notice, NoticeLine};
use crate::tongue::t;

/// The form, with what went wrong the last time.
#[component]
pub fn Login(
    /// Where to go afterwards; the server checks it.
    next: String,
    /// The server's code for what went wrong.
    error: Option<String>,
) -> impl IntoView {
    view! {
        <main class="login">
            <Brand/>
            <h1>{t("Log in")}</h1>
            {error.map(|code| view! { <NoticeLine notice=trouble(&code)/> })}
            <form method="post" action="/login">
                <input type="hidden" name="next" value=next/>
                <p class="field">
                    <label for="username">{t("Name")}</label>
                    <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus/>
                </p>
                <p class="field">
                    <label for="password">{t("Password")}</label>
                    <input id="password" name="password" type="password" autocomplete="current-password" required/>
                </p>
                <button type="submit" class="button solid">{t("Log in")}</button>
            </form>
        </main>
    }
    .into_any()
}

fn trouble(code: &str) -> Notice {
    let (tone, text, help) = match code {
        "wrong" => (Tone::Bad, "Name or password is wrong.", "Check both; capitals count in the password."),
        "locked" => (Tone::Warning, "There were too many tries.", "Wait 10 s before the next try."),
        "ended" => {
            (Tone::Warning, "You are not logged in any more: nothing was done.", "Log in and ask again.")
        }
        "expired" => (Tone::Resting, "Your session has ended.", "Log in again to go on."),
        "unchecked" => (
            Tone::Warning,
            "Your session cannot be checked: the store gives no answer.",
            "Log in again to go on, or wait until the store is back.",
        ),
        "busy" => (Tone::Warning, "The server is busy.", "Try again in some seconds."),
        _ => (Tone::Bad, "That did not work.", "Try again; if it keeps failing, the server's log says why."),
    };
    Notice { tone, text: text.to_owned(), help: help.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::trouble;

    #[test]
    fn every_failure_says_what_to_do() {
        for code in ["wrong", "locked", "ended", "expired", "unchecked", "busy", "anything"] {
            assert!(!trouble(code).help.is_empty());
        }
    }
}
