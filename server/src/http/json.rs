//! `/api/v1/…`: everything the pages can do, for programs.
//!
//! Each file serves one part of it. They read a request, call the service and write its answer; they decide nothing.

use axum::http::StatusCode;
use axum::{Extension, Json};
use rebound::monitor::Asked;
use rebound_engine::service::{Principal, ServiceError};

use super::errors::Problem;

pub(crate) mod board;

pub(crate) mod drills;

pub(crate) mod ledger;

pub(crate) mod healing;

pub(crate) mod held;

pub(crate) mod history;

pub(crate) mod numbers;

pub(crate) mod people;

pub(crate) mod readiness;

pub(crate) mod report;

pub(crate) mod outcomes;

mod download;

pub(crate) mod settings;

pub(crate) mod last_day;

mod lasts;

type Who = Extension<Principal>;
type Answer<T> = Result<Json<T>, Problem>;
/// What every changing call answers: the request under its number, whatever becomes of it.
type Accepted = Result<(StatusCode, Json<Asked>), Problem>;

fn accepted(asked: Result<Asked, ServiceError>) -> Accepted {
    Ok((StatusCode::ACCEPTED, Json(asked?)))
}
