//! Parts of a request. What cannot be read of them is told like every other problem.

use axum::extract::FromRequestParts;
use axum::extract::rejection::{PathRejection, QueryRejection};

use super::errors::Problem;

/// What stands in the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(crate) struct Path<T>(pub(crate) T);

/// What stands behind the question mark.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(crate) struct Query<T>(pub(crate) T);

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
