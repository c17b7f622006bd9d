//! Finds out who asks, and turns strangers away. What somebody who is known may do is looked at in `doors`.
//!
//! Changes by cookie need a sign that our own page sent them: tower-http's CSRF layer judges the signs; here those without
//! any sign are refused.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use rebound_app::path_of;
use rebound_engine::service::Principal;
use tower_sessions::Session;
use tower_sessions::session::Id;

use super::Face;
use super::errors::Problem;
use crate::auth::{Claim, Credential, Standing, keys};

/// Where pages send what is asked of them; programs have their own ways.
const OF_PAGES: &str = "/api/ui/";
/// Key of the admin's name in his session.
const SESSION_ADMIN: &str = "name";
/// Key of the number of the change that the admin's session came after.
const SESSION_SINCE: &str = "since";
/// Key of the claim of somebody else in his session. Another key, so that one can never be taken for the other.
const SESSION_PERSON: &str = "person";

/// By what somebody asks. Programs have no session.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) session: Option<Id>,
    pub(crate) by: Credential,
}

/// Who asks.
enum Visitor {
    Known(Principal, Visit),
    Stranger,
    /// The store gives no answer, and nothing was checked lately.
    Unchecked,
    /// A program that is not known.
    Refused(Problem),
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
        Some(token) => by_token(&face, token, address(&request)).await,
        None => by_session(&face, &session).await,
    };
    let from_cookie = bearer(request.headers()).is_none();
    match found {
        Visitor::Refused(problem) => problem.into_response(),
        Visitor::Known(..) if from_cookie && is_unsafe(request.method()) && !has_sign(request.headers()) => {
            Problem::new(
                StatusCode::FORBIDDEN,
                "no_origin",
                "The request does not say which page sent it.",
                "Programs use a bearer token; browsers send Origin by themselves.",
            )
            .into_response()
        }
        Visitor::Known(principal, visit) => {
            request.extensions_mut().insert(principal);
            request.extensions_mut().insert(visit);
            next.run(request).await
        }
        Visitor::Stranger | Visitor::Unchecked if path == "/login" => next.run(request).await,
        Visitor::Stranger if path.starts_with(OF_PAGES) => no_longer(&request),
        Visitor::Unchecked if path.starts_with("/api/") => unchecked().into_response(),
        Visitor::Stranger if path.starts_with("/api/") => {
            unauthorized("Nobody is logged in.").into_response()
        }
        Visitor::Unchecked => to_login(&request, Some("unchecked")),
        Visitor::Stranger => to_login(&request, None),
    }
}

/// Notes in the session who it belongs to from now on.
pub(crate) async fn keep(session: &Session, by: &Credential) -> Result<(), tower_sessions::session::Error> {
    match by {
        Credential::Admin(claim) => {
            session.remove_value(SESSION_PERSON).await?;
            session.insert(SESSION_ADMIN, &claim.name).await?;
            session.insert(SESSION_SINCE, claim.since).await
        }
        Credential::Person(claim) => {
            session.remove_value(SESSION_ADMIN).await?;
            session.remove_value(SESSION_SINCE).await?;
            session.insert(SESSION_PERSON, claim).await
        }
        // Programs have no session.
        Credential::Key(_) | Credential::Token(_) => Ok(()),
    }
}

/// What a page sent of which nobody is logged in any more: its form leads to the login and back to the page, in whose words the
/// page itself is told.
fn no_longer(request: &Request) -> Response {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if request.method() == Method::POST
        && header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    {
        return login(Some("ended"), header(header::REFERER).map(path_of));
    }
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "logged_out",
        "You are not logged in any more: nothing was done.",
        "Log in and ask again.",
    )
    .into_response()
}

/// The way to the login and back to what was wanted, where that was only to be seen.
fn to_login(request: &Request, error: Option<&str>) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    login(error, Some(wanted).filter(|_| request.method() == Method::GET))
}

/// The login, with what went wrong and where to go afterwards.
fn login(error: Option<&str>, next: Option<&str>) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(error.map(|error| ("error", error)));
    query.extend_pairs(next.filter(|next| *next != "/").map(|next| ("next", next)));
    let query = query.finish();
    let to = if query.is_empty() { "/login".to_owned() } else { format!("/login?{query}") };
    Redirect::to(&to).into_response()
}

async fn by_token(face: &Face, token: &str, from: IpAddr) -> Visitor {
    const WRONG: &str = "The bearer token is not valid here or is over.";
    if !keys::is_meant(token) {
        let known = face.auth.tokens.as_ref().and_then(|tokens| tokens.principal(token));
        return match known {
            Some(who) => Visitor::Known(who.clone(), Visit { session: None, by: Credential::Token(who) }),
            None => Visitor::Refused(unauthorized(WRONG)),
        };
    }
    match face.auth.people.of_key(token).await {
        (Standing::Known(who), Some(by)) => Visitor::Known(who, Visit { session: None, by }),
        (Standing::Unchecked, _) => Visitor::Refused(unchecked()),
        (Standing::Known(_), None) | (Standing::Nobody, _) if face.auth.key_limit.may_try(from) => {
            tracing::warn!(%from, "a key was refused");
            Visitor::Refused(unauthorized(WRONG))
        }
        (Standing::Known(_), None) | (Standing::Nobody, _) => Visitor::Refused(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_tries",
            "Too many wrong keys came from this address.",
            "Use a key that counts; an admin sees under Settings, People and keys, which do.",
        )),
    }
}

async fn by_session(face: &Face, session: &Session) -> Visitor {
    let by = match claimed(session).await {
        Ok(Some(by)) => by,
        Ok(None) => return Visitor::Stranger,
        Err(error) => {
            tracing::debug!(%error, "a session cannot be checked");
            // From here on nothing is known of it, and its cookie stays: it is good again when the store is back.
            session.clear().await;
            return Visitor::Unchecked;
        }
    };
    match face.auth.people.standing(&by).await {
        Standing::Known(who) => Visitor::Known(who, Visit { session: session.id(), by }),
        Standing::Nobody => Visitor::Stranger,
        Standing::Unchecked => Visitor::Unchecked,
    }
}

/// Whom a session says that it belongs to.
async fn claimed(session: &Session) -> Result<Option<Credential>, tower_sessions::session::Error> {
    if let Some(claim) = session.get::<Claim>(SESSION_PERSON).await? {
        return Ok(Some(Credential::Person(claim)));
    }
    let Some(name) = session.get::<String>(SESSION_ADMIN).await? else { return Ok(None) };
    // Those of before there were others than the admin say nothing of it.
    let since = session.get::<u64>(SESSION_SINCE).await?.unwrap_or_default();
    Ok(Some(Credential::Admin(Claim { name, since })))
}

/// Where a request comes from, as far as this machine sees.
pub(super) fn address(request: &Request) -> IpAddr {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |from| from.0.ip())
}

fn unchecked() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "session_unchecked",
        "Who asks cannot be checked: the store gives no answer.",
        "Try again when it is back, or log in again; tokens of `rebound token` work without it.",
    )
}

pub(super) fn unauthorized(message: &str) -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        message,
        "Log in on the page, or send `Authorization: Bearer <token>` with a key that an admin made there, or a token of `rebound token`.",
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
