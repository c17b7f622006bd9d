//! What is asked of one target: read it, heal it, stop, do nothing really, and that its capital is moved.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use rebound::ids::AccountId;
use rebound_engine::service::Cooldown;
use serde::{Deserialize, Deserializer};

use super::super::Face;
use super::super::errors::Problem;
use super::super::extract::{Body, Form, Path, Query};
use super::lasts::Lasts;
use super::{Accepted, Who, accepted};

pub(crate) async fn force_sync(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Accepted {
    accepted(face.service.force_sync(&who, &target).await)
}

/// How a forced heal is wanted; behind the question mark or in the body, which counts more.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HealForm {
    /// Must be the target's own id to lift the cooldown.
    lift_cooldown: Option<String>,
    /// The remedy that is wanted; otherwise the first that can help.
    remedy: Option<String>,
}

impl Form for HealForm {
    const HELP: &'static str = "Send no body, or {\"remedy\": \"<name>\", \"lift_cooldown\": \"<id>\"}.";
}

pub(crate) async fn force_heal(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Query(query): Query<HealForm>,
    Body(body): Body<HealForm>,
) -> Accepted {
    let lift = body.lift_cooldown.or(query.lift_cooldown);
    let cooldown = cooldown(lift.as_deref(), &target)?;
    let remedy = body.remedy.or(query.remedy);
    accepted(face.service.force_heal(&who, &target, cooldown, remedy).await)
}

/// Whether the cooldown binds: lifting it takes the target's own id, typed.
pub(crate) fn cooldown(typed: Option<&str>, target: &str) -> Result<Cooldown, Problem> {
    match typed {
        None => Ok(Cooldown::Kept),
        Some(typed) if typed == target => Ok(Cooldown::Lifted),
        Some(_) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not_confirmed",
            "lift_cooldown is not the target's id, so nothing was started.",
            "Send lift_cooldown with the id of the target, or leave it out to keep the cooldown.",
        )),
    }
}

pub(crate) async fn stop_heal(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Accepted {
    accepted(face.service.stop_heal(&who, &target).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DryRunForm {
    /// `null` is a choice, too: as configured. Left out it would be a mistake.
    #[serde(deserialize_with = "chosen")]
    dry_run: Option<bool>,
}

fn chosen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Option::deserialize(deserializer)
}

impl Form for DryRunForm {
    const HELP: &'static str =
        "Send {\"dry_run\": true}, {\"dry_run\": false}, or {\"dry_run\": null} for what is configured.";
}

pub(crate) async fn set_dry_run(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Body(form): Body<DryRunForm>,
) -> Accepted {
    accepted(face.service.set_dry_run(&who, &target, form.dry_run).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveForm {
    /// None: all accounts of the target.
    #[serde(default)]
    accounts: Vec<AccountId>,
    #[serde(rename = "for")]
    lasts: Lasts,
}

impl Form for MoveForm {
    const HELP: &'static str =
        "Send {\"for\": \"4h\", \"accounts\": [1000001]}; without accounts all of the target are meant.";
}

pub(crate) async fn declare_move(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
    Body(form): Body<MoveForm>,
) -> Accepted {
    accepted(face.service.declare_move(&who, &target, form.accounts, form.lasts.0).await)
}

pub(crate) async fn take_back_moves(
    State(face): State<Face>,
    Extension(who): Who,
    Path(target): Path<String>,
) -> Accepted {
    accepted(face.service.take_back_moves(&who, &target).await)
}

pub(crate) async fn test_alert(State(face): State<Face>, Extension(who): Who) -> Accepted {
    accepted(face.service.test_alert(&who).await)
}
