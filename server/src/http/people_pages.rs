//! The pages of people and keys, and of oneself. Plain forms: what was made up is shown on the page that answers, all else leads
//! back to the list.

use std::iter::once;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Form, FromRequest, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::{IntoAny as _, view};
use rebound::role::Role;
use rebound::time::{Timestamp, spoken};
use rebound::view::Tone;
use rebound_app::{DeedRow, KeyRow, Me, Notice, People, PeopleSheet, PersonRow, Secret};
use rebound_engine::service::Principal;
use rebound_store::logins::Deed;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tower_sessions::Session;

use super::Face;
use super::errors::Problem;
use super::guard::{Visit, keep};
use super::pages::still;
use crate::auth::{Credential, Everybody, Key, PASSWORD_LEAST, PeopleError, Person};

/// Where the list is.
const LIST: &str = "/settings/people";
/// Changes that are listed on one page.
const DEEDS_SHOWN: u32 = 30;

type Who = Extension<Principal>;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    done: String,
    before: Option<u64>,
}

pub(crate) async fn people(
    State(face): State<Face>,
    Extension(who): Who,
    Query(query): Query<ListQuery>,
    request: Request,
) -> Response {
    let made = Made { notice: done(&query.done), secret: None, before: query.before };
    list(&face, &who, made, StatusCode::OK, request).await
}

#[derive(Deserialize)]
pub(crate) struct AddForm {
    name: String,
    role: Role,
}

pub(crate) async fn add(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<AddForm>,
) -> Response {
    let made = face.auth.people.add(&who.name, form.name.trim(), form.role).await;
    let secret = made.map(|password| password_of(form.name.trim(), password));
    told(&face, &who, secret, request).await
}

#[derive(Deserialize)]
pub(crate) struct NameForm {
    name: String,
}

pub(crate) async fn reset_password(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<NameForm>,
) -> Response {
    let made = face.auth.people.reset_password(&who.name, &form.name).await;
    let secret = made.map(|password| password_of(&form.name, password));
    told(&face, &who, secret, request).await
}

#[derive(Deserialize)]
pub(crate) struct KeyForm {
    name: String,
    role: Role,
    days: String,
}

pub(crate) async fn make_key(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<KeyForm>,
) -> Response {
    // What is no number is out of range.
    let days = Some(form.days.trim()).filter(|days| !days.is_empty()).map(|days| days.parse().unwrap_or(0));
    let made = face.auth.people.make_key(&who.name, form.name.trim(), form.role, days).await;
    let secret = made.map(|key| Secret {
        what: format!("The key of {}.", form.name.trim()),
        text: key,
        help: "Put it where the program reads it, such as a file that only the program may read.",
    });
    told(&face, &who, secret, request).await
}

pub(crate) async fn set_role(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<AddForm>,
) -> Response {
    let made = face.auth.people.set_role(&who.name, &form.name, form.role).await;
    back(&face, &who, "role", made, request).await
}

pub(crate) async fn disable(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<NameForm>,
) -> Response {
    let made = face.auth.people.disable(&who.name, &form.name).await;
    back(&face, &who, "disabled", made, request).await
}

pub(crate) async fn enable(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<NameForm>,
) -> Response {
    let made = face.auth.people.enable(&who.name, &form.name).await;
    back(&face, &who, "enabled", made, request).await
}

pub(crate) async fn remove(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<NameForm>,
) -> Response {
    let made = face.auth.people.remove(&who.name, &form.name).await;
    back(&face, &who, "removed", made, request).await
}

#[derive(Deserialize)]
pub(crate) struct RevokeForm {
    id: String,
}

pub(crate) async fn revoke_key(
    State(face): State<Face>,
    Extension(who): Who,
    Filled(form, request): Filled<RevokeForm>,
) -> Response {
    let made = face.auth.people.revoke(&who.name, &form.id).await;
    back(&face, &who, "revoked", made, request).await
}

pub(crate) async fn me(
    State(face): State<Face>,
    Extension(who): Who,
    Extension(visit): Extension<Visit>,
    Query(query): Query<ListQuery>,
    request: Request,
) -> Response {
    oneself(&face, &who, &visit, done(&query.done), StatusCode::OK, request).await
}

#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    old: String,
    new: String,
    again: String,
}

pub(crate) async fn take_password(
    State(face): State<Face>,
    Extension(who): Who,
    Extension(visit): Extension<Visit>,
    session: Session,
    Filled(form, request): Filled<PasswordForm>,
) -> Response {
    let refused = |status, text: &str, help: &str| (status, bad(text, help));
    // Whoever finds a page open must not guess faster here than at the login.
    let (status, notice) = if !face.auth.password_limit.may_try(super::guard::address(&request)) {
        let help = "Wait 10 s before the next try.";
        refused(StatusCode::TOO_MANY_REQUESTS, "There were too many tries.", help)
    } else if form.new != form.again {
        let help = "Nothing was changed. Type it twice the same.";
        refused(StatusCode::UNPROCESSABLE_ENTITY, "The new password was typed in two ways.", help)
    } else {
        match face.auth.take_password(&visit.by, form.old, form.new).await {
            Ok(by) => match keep(&session, &by).await {
                Ok(()) => return Redirect::to("/me?done=own-password").into_response(),
                Err(error) => {
                    tracing::warn!(%error, "a session cannot go on with a new password");
                    return Redirect::to("/login").into_response();
                }
            },
            Err(error) => {
                let problem = Problem::from(error);
                let (text, help) = problem.words();
                (problem.status(), bad(&text, help))
            }
        }
    };
    oneself(&face, &who, &visit, Some(notice), status, request).await
}

async fn oneself(
    face: &Face,
    who: &Principal,
    visit: &Visit,
    notice: Option<Notice>,
    status: StatusCode,
    request: Request,
) -> Response {
    let fixed = match &visit.by {
        Credential::Admin(_) if face.auth.passwords.is_configured() => Some(
            "It stands in the configuration file, under login.password. Change it there, and restart Rebound.",
        ),
        Credential::Admin(_) | Credential::Person(_) => None,
        Credential::Key(_) | Credential::Token(_) => Some("A program has no password."),
    };
    let (name, role) = (who.name.clone(), who.role);
    let page = move || {
        view! { <Me name=name.clone() role fixed least=PASSWORD_LEAST notice=notice.clone()/> }.into_any()
    };
    (status, still("You", page, request).await).into_response()
}

/// What is shown beside the list.
struct Made {
    notice: Option<Notice>,
    secret: Option<Secret>,
    before: Option<u64>,
}

/// The list with what was made up just now, or with why it was not.
async fn told(
    face: &Face,
    who: &Principal,
    secret: Result<Secret, PeopleError>,
    request: Request,
) -> Response {
    match secret {
        Ok(secret) => {
            let made = Made { notice: None, secret: Some(secret), before: None };
            list(face, who, made, StatusCode::OK, request).await
        }
        Err(error) => refused(face, who, error, request).await,
    }
}

/// The way back to the list, or the list with why nothing was done.
async fn back(
    face: &Face,
    who: &Principal,
    done: &str,
    made: Result<(), PeopleError>,
    request: Request,
) -> Response {
    match made {
        Ok(()) => Redirect::to(&format!("{LIST}?done={done}")).into_response(),
        Err(error) => refused(face, who, error, request).await,
    }
}

async fn refused(face: &Face, who: &Principal, error: PeopleError, request: Request) -> Response {
    let problem = Problem::from(error);
    let (text, help) = problem.words();
    let made = Made { notice: Some(bad(&text, help)), secret: None, before: None };
    list(face, who, made, problem.status(), request).await
}

/// The list. What was made up is shown even where the list itself cannot be read: it is told this once.
async fn list(face: &Face, who: &Principal, made: Made, status: StatusCode, request: Request) -> Response {
    let Made { mut notice, secret, before } = made;
    let people = &face.auth.people;
    let found = match (people.everybody().await, people.deeds(before, DEEDS_SHOWN + 1).await) {
        (Ok(everybody), Ok(deeds)) => Ok((everybody, deeds)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    let (status, everybody, mut deeds) = match found {
        Ok((everybody, deeds)) => (status, everybody, deeds),
        Err(error) => {
            let problem = Problem::from(error);
            let (text, help) = problem.words();
            notice = notice.or_else(|| Some(bad(&text, help)));
            let nobody = Everybody { roster: crate::auth::Roster::default(), uses: None };
            (if secret.is_some() { status } else { problem.status() }, nobody, Vec::new())
        }
    };
    let shown = usize::try_from(DEEDS_SHOWN).unwrap_or(usize::MAX);
    let more = deeds.len() > shown;
    deeds.truncate(shown);
    let older = deeds.last().filter(|_| more).map(|last| format!("{LIST}?before={}", last.number));
    let now = face.service.now();
    let sheet = PeopleSheet {
        reader: who.name.clone(),
        notice,
        secret,
        people: once(admin(people.admin()))
            .chain(everybody.roster.people.into_iter().map(|person| row(person, who)))
            .collect(),
        keys: everybody
            .roster
            .keys
            .into_iter()
            .map(|key| {
                let used = everybody.uses.as_ref().map(|uses| uses.get(&key.id).copied());
                key_row(key, used, now)
            })
            .collect(),
        log: deeds.into_iter().map(deed).collect(),
        older,
    };
    let page = move || view! { <People sheet=sheet.clone()/> }.into_any();
    (status, still("People and keys", page, request).await).into_response()
}

fn admin(name: &str) -> PersonRow {
    PersonRow {
        name: name.to_owned(),
        role: Role::Admin,
        about: "Of the configuration file: stays as it says.".to_owned(),
        enabled: true,
        changeable: false,
    }
}

fn row(person: Person, who: &Principal) -> PersonRow {
    let Person { name, role, made_at, made_by, disabled, .. } = person;
    let about = match &disabled {
        None => format!("Added by {made_by} on {made_at}."),
        Some((at, by)) => format!("Added by {made_by} on {made_at}. Disabled by {by} on {at}."),
    };
    PersonRow { about, enabled: disabled.is_none(), changeable: name != who.name, name, role }
}

/// A key; `used` is when it last was, where that can be told.
fn key_row(key: Key, used: Option<Option<Timestamp>>, now: Timestamp) -> KeyRow {
    let Key { id, name, role, made_at, made_by, ends_at, .. } = key;
    let ends = match ends_at {
        None => "It has no end.".to_owned(),
        Some(end) if end <= now => format!("It is over since {end}."),
        Some(end) => format!("It ends on {end}, in {}.", spoken(end.since(now))),
    };
    let used = match used {
        None => "When it was last used cannot be told now.".to_owned(),
        Some(None) => "It was never used.".to_owned(),
        Some(Some(at)) => format!("Last used {} ago, on {at}.", spoken(now.since(at))),
    };
    KeyRow { id, name, role, made: format!("Made by {made_by} on {made_at}."), ends, used }
}

fn deed(deed: Deed) -> DeedRow {
    DeedRow { number: deed.number, at: deed.at, words: format!("{} {}", deed.by, deed.what) }
}

fn password_of(name: &str, password: String) -> Secret {
    Secret {
        what: format!("The password of {name}."),
        text: password,
        help: "Tell it to whom it is for. He can take another one under his name at the top of the page.",
    }
}

/// What a form led to.
fn done(word: &str) -> Option<Notice> {
    let (text, help) = match word {
        "role" => ("The role is changed.", "It holds with the next request."),
        "disabled" => ("The person is disabled.", "His sessions are over, on every server."),
        "enabled" => ("The person is enabled.", "He can log in again."),
        "removed" => ("The person is removed.", "His sessions are over, on every server."),
        "revoked" => ("The key is revoked.", "It counts for nothing any more."),
        "own-password" => ("Your password is changed.", "Your other sessions are over."),
        _ => return None,
    };
    Some(Notice { tone: Tone::Good, text: text.to_owned(), help: help.to_owned() })
}

fn bad(text: &str, help: &str) -> Notice {
    Notice { tone: Tone::Bad, text: text.to_owned(), help: help.to_owned() }
}

/// What a form sent, and the request without it, to answer with a page.
pub(crate) struct Filled<T>(T, Request);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Filled<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let mut bare = Request::new(Body::empty());
        *bare.uri_mut() = request.uri().clone();
        bare.headers_mut().clone_from(request.headers());
        bare.extensions_mut().clone_from(request.extensions());
        let form = Form::<T>::from_request(request, state).await.map_err(|error| {
            let help = "Reload the page and fill it in again.";
            Problem::new(error.status(), "bad_body", &error.body_text(), help)
        })?;
        Ok(Self(form.0, bare))
    }
}
