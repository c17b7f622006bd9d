//! Parts of a request. What cannot be read of them is told like every other problem.

use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::errors::Problem;

/// What stands in the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(crate) struct Path<T>(pub(crate) T);

/// What stands behind the question mark.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(crate) struct Query<T>(pub(crate) T);

/// A body of JSON: one object. A body with nothing in it counts as an object with nothing in it, whatever its type is called.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// What a body may hold.
pub(crate) trait Form: DeserializeOwned {
    /// What to send, with an example.
    const HELP: &'static str;
}

impl<S: Send + Sync, T: Form> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            Problem::new(rejection.status(), "bad_body", &rejection.body_text(), T::HELP)
        })?;
        read(&body).map(Self).map_err(|error| {
            let message = format!("The body cannot be used: {error}.");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", &message, T::HELP)
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    // A list of values would pass for an object with nothing in it.
    let object: Map<String, Value> =
        if body.iter().all(u8::is_ascii_whitespace) { Map::new() } else { serde_json::from_slice(body)? };
    serde_json::from_value(Value::Object(object))
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        let help = "docs/API.md lists every path; numbers are written in digits.";
        Self::new(rejection.status(), "bad_path", &rejection.body_text(), help)
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        let help = "docs/API.md lists the parameters of every path with their values.";
        Self::new(rejection.status(), "bad_query", &rejection.body_text(), help)
    }
}
