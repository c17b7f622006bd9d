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
use tower_sessions::session::Id;

use super::Face;
use super::errors::Problem;

/// Key of the person's name in the session.
pub(crate) const SESSION_NAME: &str = "name";

/// The session by which somebody asks. Programs have none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit(pub(crate) Option<Id>);

/// Who asks by a session.
enum Visitor {
    Known(Principal),
    Stranger,
    /// The store gives no answer, and the session was not checked lately.
    Unchecked,
}

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
            Some(principal) => Visitor::Known(principal),
            None => return unauthorized("The bearer token is not valid here or is over.").into_response(),
        },
        None => by_session(&session).await,
    };
    let from_cookie = bearer(request.headers()).is_none();
    match found {
        Visitor::Known(_) if from_cookie && is_unsafe(request.method()) && !has_sign(request.headers()) => {
            Problem::new(
                StatusCode::FORBIDDEN,
                "no_origin",
                "The request does not say which page sent it.",
                "Programs use a bearer token; browsers send Origin by themselves.",
            )
            .into_response()
        }
        Visitor::Known(principal) => {
            let visit = Visit(session.id().filter(|_| from_cookie));
            request.extensions_mut().insert(principal);
            request.extensions_mut().insert(visit);
            next.run(request).await
        }
        Visitor::Stranger | Visitor::Unchecked if path == "/login" => next.run(request).await,
        Visitor::Unchecked if path.starts_with("/api/") => unchecked().into_response(),
        Visitor::Stranger if path.starts_with("/api/") => {
            unauthorized("Nobody is logged in.").into_response()
        }
        Visitor::Unchecked => to_login(&request, Some("unchecked")),
        Visitor::Stranger => to_login(&request, None),
    }
}

/// The way to the login and back to what was wanted, where that was only to be seen.
fn to_login(request: &Request, error: Option<&str>) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let wanted = Some(wanted).filter(|wanted| request.method() == Method::GET && *wanted != "/");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(error.map(|error| ("error", error)));
    query.extend_pairs(wanted.map(|wanted| ("next", wanted)));
    let query = query.finish();
    let to = if query.is_empty() { "/login".to_owned() } else { format!("/login?{query}") };
    Redirect::to(&to).into_response()
}

async fn by_session(session: &Session) -> Visitor {
    match session.get::<String>(SESSION_NAME).await {
        Ok(Some(name)) => Visitor::Known(Principal::named(&name)),
        Ok(None) => Visitor::Stranger,
        Err(error) => {
            tracing::debug!(%error, "a session cannot be checked");
            // From here on nothing is known of it, and its cookie stays: it is good again when the store is back.
            session.clear().await;
            Visitor::Unchecked
        }
    }
}

fn unchecked() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "session_unchecked",
        "Whether somebody is logged in cannot be checked: the store gives no answer.",
        "Try again when it is back, or log in again; bearer tokens work without it.",
    )
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
