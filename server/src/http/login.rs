//! Logging in and out. Plain forms, so that they work without JavaScript.

use std::net::SocketAddr;

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::response::Redirect;
use serde::Deserialize;
use tower_sessions::Session;

use super::Face;
use super::guard::keep;

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    username: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn login(
    State(face): State<Face>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    session: Session,
    Form(form): Form<LoginForm>,
) -> Redirect {
    let next = inner(&form.next);
    if !face.auth.limit.may_try(from.ip()) {
        tracing::warn!(from = %from.ip(), "too many tries to log in");
        return back("locked", next);
    }
    let Some(by) = face.auth.enter(&form.username, form.password).await else {
        tracing::warn!(from = %from.ip(), "a try to log in failed");
        return back("wrong", next);
    };
    // A new id, so that a session planted before the login is worth nothing.
    let begun = match session.cycle_id().await {
        Ok(()) => keep(&session, &by).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(()) => Redirect::to(next),
        Err(error) => {
            tracing::error!(%error, "the session cannot be kept");
            back("store", next)
        }
    }
}

pub(crate) async fn logout(session: Session) -> Redirect {
    if let Err(error) = session.flush().await {
        tracing::error!(%error, "the session cannot be ended");
    }
    Redirect::to("/login")
}

fn back(error: &str, next: &str) -> Redirect {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    Redirect::to(&format!("/login?error={error}&next={next}"))
}

/// The way back after the login, if it stays here: `//host` and `/\host` lead elsewhere.
fn inner(next: &str) -> &str {
    let elsewhere = next.starts_with("//") || next.contains('\\') || next.contains(|c: char| c.is_control());
    if next.starts_with('/') && !elsewhere && !next.starts_with("/login") { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::inner;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        for away in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/login", "/a\nb"] {
            assert_eq!(inner(away), "/");
        }
        assert_eq!(inner("/incidents/4?x=1"), "/incidents/4?x=1");
    }
}
