//! A plain front end: every path answers the same text, until it is told otherwise.
//!
//! For endpoint targets. Never looks at the bridge.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State as Shared,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::sleep;

use crate::{control::DELAY_MS_MAX, world::World};

/// Statuses that may have a body and end an answer.
const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;

/// Most bytes of the text; a page of a person's is shorter.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// How the front end answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebDesk {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    pub(crate) delay: Duration,
    /// Whether the port is open.
    pub(crate) up: bool,
    pub(crate) requests: u64,
}

/// A change to how the front end answers. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebChange {
    /// The status of every answer, from 200 to 599. At first 200.
    pub status: Option<u16>,
    /// The body of every answer. At first `ok`.
    pub text: Option<String>,
    /// How long every answer waits, in milliseconds. At first 0.
    pub delay_ms: Option<u64>,
    /// Whether the port is open.
    pub up: Option<bool>,
}

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebError {
    /// Not a status of a whole answer.
    #[error("status = {0} is outside of 200 to 599")]
    Status(u16),
    /// The text is too long.
    #[error("text has {0} bytes, more than {TEXT_BYTES_MAX}")]
    Text(usize),
    /// The wait is too long.
    #[error("delay_ms = {0} is more than {DELAY_MS_MAX}")]
    Delay(u64),
}

impl WebDesk {
    /// Takes all of a change or nothing.
    pub(crate) fn change(&mut self, change: WebChange) -> Result<(), WebError> {
        let status = match change.status {
            None => self.status,
            Some(wanted) if STATUSES.contains(&wanted) => {
                StatusCode::from_u16(wanted).map_err(|_| WebError::Status(wanted))?
            }
            Some(wanted) => return Err(WebError::Status(wanted)),
        };
        if let Some(text) = change.text.as_ref().filter(|text| text.len() > TEXT_BYTES_MAX) {
            return Err(WebError::Text(text.len()));
        }
        if let Some(delay) = change.delay_ms.filter(|delay| *delay > DELAY_MS_MAX) {
            return Err(WebError::Delay(delay));
        }
        self.status = status;
        self.text = change.text.unwrap_or_else(|| std::mem::take(&mut self.text));
        self.delay = change.delay_ms.map_or(self.delay, Duration::from_millis);
        self.up = change.up.unwrap_or(self.up);
        Ok(())
    }
}

impl Default for WebDesk {
    fn default() -> Self {
        Self { status: StatusCode::OK, text: "ok".to_owned(), delay: Duration::ZERO, up: true, requests: 0 }
    }
}

/// Every path of the front end.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new().fallback(answer).with_state(world)
}

async fn answer(Shared(world): Shared<Arc<World>>) -> Response {
    let desk = world.look(|state| {
        state.web.requests += 1;
        state.web.clone()
    });
    sleep(desk.delay).await;
    (desk.status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], desk.text).into_response()
}
