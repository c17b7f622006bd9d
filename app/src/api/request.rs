//! What a server function knows of the request it answers.

use std::time::Duration;

use axum::Extension;
use axum::http::header::{ACCEPT, HeaderName, REFERER};
use axum::http::request::Parts;
use leptos::prelude::*;
use rebound::monitor::Asked;
use rebound_engine::service::{Cooldown, Principal, Service};

use super::actions::{CONFIRM_WORD, DRY_RUN_CONFIGURED, DRY_RUN_OFF, DRY_RUN_ON};
use super::error::UiError;

/// The service and who asks. Refuses where nobody is logged in.
pub(crate) async fn caller() -> Result<(Service, Principal), UiError> {
    let service = use_context::<Service>().ok_or_else(|| {
        UiError::new("internal", "The server is not wired up.", "The server's log says more.")
    })?;
    let known = match use_context::<Principal>() {
        Some(who) => Some(who),
        None => leptos_axum::extract::<Extension<Principal>>().await.ok().map(|Extension(who)| who),
    };
    let who =
        known.ok_or_else(|| UiError::new("logged_out", "You are not logged in.", "Log in and ask again."))?;
    Ok((service, who))
}

/// Sends a browser without JavaScript back to the page it came from, which then says what was asked. Others show it in place.
pub(crate) fn land(done: &str, asked: &Asked) {
    let Some(parts) = use_context::<Parts>() else { return };
    let page = header(&parts, REFERER).map_or("/", path_of);
    land_at(&format!("{page}?done={done}&request={id}#request-{id}", id = asked.id));
}

/// Sends a browser that posted a plain form to this page. Others show the answer in place.
pub(crate) fn land_at(page: &str) {
    let Some(parts) = use_context::<Parts>() else { return };
    if header(&parts, ACCEPT).is_some_and(|accept| accept.contains("text/html")) {
        leptos_axum::redirect(page);
    }
}

fn header(parts: &Parts, name: HeaderName) -> Option<&str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}

/// The path of an address of ours; `/` where it is none.
#[must_use]
pub fn path_of(address: &str) -> &str {
    let after_host =
        address.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest.split_at(at).1));
    let path = after_host.and_then(|path| path.split(['?', '#']).next()).unwrap_or("/");
    if path.starts_with("//") || path.contains('\\') { "/" } else { path }
}

/// Whether the typed confirmations allow the heal, and whether they lift the cooldown.
pub(crate) fn confirmed(target: &str, confirm: &str, lift: &str) -> Result<Cooldown, UiError> {
    if confirm.trim() != CONFIRM_WORD {
        return Err(UiError::new(
            "not_confirmed",
            "The heal was not started: it was not confirmed.",
            "Type HEAL, in capitals, and ask again.",
        ));
    }
    match lift.trim() {
        "" => Ok(Cooldown::Kept),
        typed if typed == target => Ok(Cooldown::Lifted),
        _ => Err(UiError::new(
            "not_confirmed",
            "The heal was not started: what was typed to lift the cooldown is not the target's id.",
            "Type the id exactly as shown, or leave the field empty to keep the cooldown.",
        )),
    }
}

/// The target that is meant; an empty field means all.
pub(crate) fn all_if_empty(target: &str) -> Option<&str> {
    Some(target.trim()).filter(|target| !target.is_empty())
}

/// So many hours as a span.
pub(crate) fn hours_long(hours: u32) -> Duration {
    const HOUR: Duration = Duration::from_secs(3_600);
    HOUR.saturating_mul(hours)
}

/// What the word of the form's field asks for; `None`: as configured.
pub(crate) fn dry_run_wanted(word: &str) -> Result<Option<bool>, UiError> {
    match word {
        DRY_RUN_ON => Ok(Some(true)),
        DRY_RUN_OFF => Ok(Some(false)),
        DRY_RUN_CONFIGURED => Ok(None),
        _ => Err(UiError::new(
            "bad_input",
            format!("Nothing was changed: \"{word}\" is no choice for the dry run."),
            "Choose on, off or as configured.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heal_without_the_typed_word_is_not_started() {
        assert!(confirmed("bridge", "", "").is_err());
        assert!(confirmed("bridge", "heal", "").is_err());
        assert_eq!(confirmed("bridge", " HEAL ", "").ok(), Some(Cooldown::Kept));
    }

    #[test]
    fn only_the_targets_own_id_lifts_the_cooldown() {
        assert_eq!(confirmed("bridge", "HEAL", "bridge").ok(), Some(Cooldown::Lifted));
        assert!(confirmed("bridge", "HEAL", "yes").is_err());
    }

    #[test]
    fn a_word_that_is_no_choice_changes_no_dry_run() {
        assert_eq!(dry_run_wanted(DRY_RUN_CONFIGURED).ok(), Some(None));
        assert!(dry_run_wanted("").is_err());
    }

    #[test]
    fn a_form_leads_back_to_the_page_it_stands_on_and_nowhere_else() {
        assert_eq!(path_of("http://127.0.0.1:8080/targets/mt5?done=heal#request-1"), "/targets/mt5");
        assert_eq!(path_of("http://127.0.0.1:8080"), "/");
        assert_eq!(path_of("http://127.0.0.1:8080//evil.example/"), "/");
        assert_eq!(path_of("about:blank"), "/");
    }

    #[test]
    fn an_empty_target_means_all() {
        assert_eq!(all_if_empty(" "), None);
        assert_eq!(all_if_empty("mt5"), Some("mt5"));
    }
}
