//! People and keys: who there is, and changing it. A password or key that is made up is told in the answer, once.

use axum::extract::State;
use axum::{Extension, Json};
use rebound::role::Role;
use rebound::time::Timestamp;
use rebound_store::logins::Deed;
use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::{Body, Form, Path, Query};
use super::{Answer, Who};
use crate::auth::{Key, Person};

/// Changes that are listed at once by default, and at most.
const LOG_DEFAULT: u32 = 50;
const LOG_MAX: u32 = 500;

/// Somebody who may log in.
#[derive(Debug, Serialize)]
pub(crate) struct PersonNow {
    name: String,
    role: Role,
    /// Whether he stands in the configuration file, and stays.
    of_the_file: bool,
    made_at: Option<Timestamp>,
    made_by: Option<String>,
    disabled: Option<DisabledNow>,
}

#[derive(Debug, Serialize)]
pub(crate) struct DisabledNow {
    at: Timestamp,
    by: String,
}

/// A key, without what makes it one.
#[derive(Debug, Serialize)]
pub(crate) struct KeyNow {
    id: String,
    name: String,
    role: Role,
    made_at: Timestamp,
    made_by: String,
    ends_at: Option<Timestamp>,
    /// To within a minute; `null`: never, or it cannot be told.
    last_used_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub(crate) struct DeedNow {
    number: u64,
    at: Timestamp,
    by: String,
    what: String,
}

/// That it was done.
#[derive(Debug, Serialize)]
pub(crate) struct Done {
    name: String,
    done: bool,
}

/// A password that is told this once.
#[derive(Debug, Serialize)]
pub(crate) struct PasswordTold {
    name: String,
    password: String,
}

/// A key that is told this once.
#[derive(Debug, Serialize)]
pub(crate) struct KeyTold {
    name: String,
    key: String,
}

pub(crate) async fn list(State(face): State<Face>) -> Answer<Vec<PersonNow>> {
    let admin = PersonNow {
        name: face.auth.people.admin().to_owned(),
        role: Role::Admin,
        of_the_file: true,
        made_at: None,
        made_by: None,
        disabled: None,
    };
    let everybody = face.auth.people.everybody().await?;
    Ok(Json(std::iter::once(admin).chain(everybody.roster.people.into_iter().map(PersonNow::from)).collect()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddForm {
    name: String,
    role: Role,
}

impl Form for AddForm {
    const HELP: &'static str =
        "Send {\"name\": \"anna\", \"role\": \"operator\"}; the roles are viewer, operator and admin.";
}

pub(crate) async fn add(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<AddForm>,
) -> Answer<PasswordTold> {
    let password = face.auth.people.add(&who.name, &form.name, form.role).await?;
    Ok(Json(PasswordTold { name: form.name, password }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleForm {
    role: Role,
}

impl Form for RoleForm {
    const HELP: &'static str = "Send {\"role\": \"viewer\"}, \"operator\" or \"admin\".";
}

pub(crate) async fn set_role(
    State(face): State<Face>,
    Extension(who): Who,
    Path(name): Path<String>,
    Body(form): Body<RoleForm>,
) -> Answer<Done> {
    face.auth.people.set_role(&who.name, &name, form.role).await?;
    done(name)
}

pub(crate) async fn disable(
    State(face): State<Face>,
    Extension(who): Who,
    Path(name): Path<String>,
) -> Answer<Done> {
    face.auth.people.disable(&who.name, &name).await?;
    done(name)
}

pub(crate) async fn enable(
    State(face): State<Face>,
    Extension(who): Who,
    Path(name): Path<String>,
) -> Answer<Done> {
    face.auth.people.enable(&who.name, &name).await?;
    done(name)
}

pub(crate) async fn remove(
    State(face): State<Face>,
    Extension(who): Who,
    Path(name): Path<String>,
) -> Answer<Done> {
    face.auth.people.remove(&who.name, &name).await?;
    done(name)
}

pub(crate) async fn reset_password(
    State(face): State<Face>,
    Extension(who): Who,
    Path(name): Path<String>,
) -> Answer<PasswordTold> {
    let password = face.auth.people.reset_password(&who.name, &name).await?;
    Ok(Json(PasswordTold { name, password }))
}

pub(crate) async fn keys(State(face): State<Face>) -> Answer<Vec<KeyNow>> {
    let everybody = face.auth.people.everybody().await?;
    let uses = everybody.uses.unwrap_or_default();
    let keys = everybody.roster.keys.into_iter().map(|key| {
        let last_used_at = uses.get(&key.id).copied();
        KeyNow { last_used_at, ..KeyNow::from(key) }
    });
    Ok(Json(keys.collect()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyForm {
    name: String,
    role: Role,
    days: Option<u32>,
}

impl Form for KeyForm {
    const HELP: &'static str = "Send {\"name\": \"backup-script\", \"role\": \"viewer\", \"days\": 90}; days is 1 to 366, or null for a key \
                                without an end.";
}

pub(crate) async fn make_key(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<KeyForm>,
) -> Answer<KeyTold> {
    let key = face.auth.people.make_key(&who.name, &form.name, form.role, form.days).await?;
    Ok(Json(KeyTold { name: form.name, key }))
}

pub(crate) async fn revoke_key(
    State(face): State<Face>,
    Extension(who): Who,
    Path(id): Path<String>,
) -> Answer<Done> {
    face.auth.people.revoke(&who.name, &id).await?;
    done(id)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    before: Option<u64>,
    limit: Option<u32>,
}

pub(crate) async fn log(State(face): State<Face>, Query(query): Query<LogQuery>) -> Answer<Vec<DeedNow>> {
    let limit = query.limit.unwrap_or(LOG_DEFAULT).clamp(1, LOG_MAX);
    let deeds = face.auth.people.deeds(query.before, limit).await?;
    Ok(Json(deeds.into_iter().map(DeedNow::from).collect()))
}

fn done(name: String) -> Result<Json<Done>, Problem> {
    Ok(Json(Done { name, done: true }))
}

impl From<Person> for PersonNow {
    fn from(person: Person) -> Self {
        Self {
            name: person.name,
            role: person.role,
            of_the_file: false,
            made_at: Some(person.made_at),
            made_by: Some(person.made_by),
            disabled: person.disabled.map(|(at, by)| DisabledNow { at, by }),
        }
    }
}

impl From<Key> for KeyNow {
    fn from(key: Key) -> Self {
        let Key { id, name, role, made_at, made_by, ends_at, .. } = key;
        Self { id, name, role, made_at, made_by, ends_at, last_used_at: None }
    }
}

impl From<Deed> for DeedNow {
    fn from(Deed { number, at, by, what }: Deed) -> Self {
        Self { number, at, by, what }
    }
}
