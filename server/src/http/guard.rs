//! Finds out who asks, and turns away who may not.
//!
//! Changes by cookie need a sign that our own page sent them: tower-http's CSRF layer judges the signs; here those without
//! any sign are refused.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use rebound_engine::service::Principal;
use tower_sessions::Session;

use super::Face;
use super::errors::Problem;

/// Key of the person's name in the session.
pub(crate) const SESSION_NAME: &str = "name";

/// Finds out who asks. Pages send strangers to the login, interfaces refuse them.
pub(crate) async fn identify(
    State(face): State<Face>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let found = match bearer(request.headers()) {
        Some(token) => match face.auth.tokens.as_ref().and_then(|tokens| tokens.principal(token)) {
            Some(principal) => Some(principal),
            None => return unauthorized("The bearer token is not valid here or is over.").into_response(),
        },
        None => by_session(&session).await,
    };
    let from_cookie = bearer(request.headers()).is_none();
    match found {
        Some(_) if from_cookie && is_unsafe(request.method()) && !has_sign(request.headers()) => {
            Problem::new(
                StatusCode::FORBIDDEN,
                "no_origin",
                "The request does not say which page sent it.",
                "Programs use a bearer token; browsers send Origin by themselves.",
            )
            .into_response()
        }
        Some(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        None if path == "/login" => next.run(request).await,
        None if path.starts_with("/api/") => unauthorized("Nobody is logged in.").into_response(),
        None if request.method() == Method::GET => {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            if wanted == "/" {
                Redirect::to("/login").into_response()
            } else {
                let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
                Redirect::to(&format!("/login?next={next}")).into_response()
            }
        }
        None => Redirect::to("/login").into_response(),
    }
}

async fn by_session(session: &Session) -> Option<Principal> {
    match session.get::<String>(SESSION_NAME).await {
        Ok(name) => name.map(|name| Principal::named(&name)),
        Err(error) => {
            tracing::warn!(%error, "the session cannot be read; the visitor counts as a stranger");
            None
        }
    }
}

fn unauthorized(message: &str) -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        message,
        "Log in on the page, or send `Authorization: Bearer <token>`; `rebound token` makes one.",
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn has_sign(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN)
}
