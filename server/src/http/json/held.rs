//! What holds heals and alerts for a time: pauses and planned work, of one target or of all.

use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Deserializer, de};

use super::super::Face;
use super::super::extract::{Body, Form, Path};
use super::lasts::Lasts;
use super::{Accepted, Who, accepted};

/// Longest name of planned work, in characters: it stands in headlines.
const NAME_MAX: usize = 120;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseForm {
    #[serde(rename = "for")]
    lasts: Lasts,
}

impl Form for PauseForm {
    const HELP: &'static str = "Send {\"for\": \"2h\"}.";
}

pub(crate) async fn pause(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Body(form): Body<PauseForm>,
) -> Accepted {
    accepted(face.service.pause(&who, Some(&target), form.lasts.0).await)
}

pub(crate) async fn pause_all(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<PauseForm>,
) -> Accepted {
    accepted(face.service.pause(&who, None, form.lasts.0).await)
}

pub(crate) async fn resume(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Accepted {
    accepted(face.service.resume(&who, Some(&target)).await)
}

pub(crate) async fn resume_all(State(face): State<Face>, Extension(who): Who) -> Accepted {
    accepted(face.service.resume(&who, None).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkForm {
    #[serde(rename = "for")]
    lasts: Lasts,
    #[serde(default)]
    name: WorkName,
}

impl Form for WorkForm {
    const HELP: &'static str = "Send {\"for\": \"2h\", \"name\": \"broker moves servers\"}.";
}

/// What is done; nothing where nobody said it.
#[derive(Debug, Default)]
struct WorkName(String);

impl<'de> Deserialize<'de> for WorkName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let length = text.chars().count();
        if length > NAME_MAX {
            return Err(de::Error::custom(format!("name has {length} characters, at most {NAME_MAX} fit")));
        }
        Ok(Self(text))
    }
}

pub(crate) async fn start_maintenance(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Body(form): Body<WorkForm>,
) -> Accepted {
    let WorkForm { lasts, name } = form;
    accepted(face.service.start_maintenance(&who, Some(&target), lasts.0, &name.0).await)
}

pub(crate) async fn start_maintenance_of_all(
    State(face): State<Face>,
    Extension(who): Who,
    Body(form): Body<WorkForm>,
) -> Accepted {
    let WorkForm { lasts, name } = form;
    accepted(face.service.start_maintenance(&who, None, lasts.0, &name.0).await)
}

pub(crate) async fn end_maintenance(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Accepted {
    accepted(face.service.end_maintenance(&who, Some(&target)).await)
}

pub(crate) async fn end_maintenance_of_all(State(face): State<Face>, Extension(who): Who) -> Accepted {
    accepted(face.service.end_maintenance(&who, None).await)
}
