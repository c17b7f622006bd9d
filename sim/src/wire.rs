//! Breaks answers of the bridge on their way out: late, short, slow, wrong or nonsense.
//!
//! Works on whatever the bridge answers and knows no path, except to tell API paths from open ones.
//! A closed port is not its matter; see `door.rs`.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    bridge, clock,
    dialect::Dialect,
    faults::{Fault, FaultSet},
    world::World,
};

/// Largest answer of the bridge before anything is added to it.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How many spaces [`Fault::HugeBody`] puts before an answer.
const HUGE_BODY_BYTES: usize = 5 * 1024 * 1024;

/// Time for the first half of a body to leave before the connection breaks.
const HALF_BODY_PAUSE: Duration = Duration::from_millis(20);

/// Stands for a number that JSON cannot say, until the text is written.
const MARK: &str = "@@number@@";

/// The fields that [`Fault::Nan`] and [`Fault::HugeNumbers`] spoil, and how the latter does.
const SPOILED: [(&str, &str); 13] = [
    ("balance", "1e308"),
    ("equity", "99999999999999999999"),
    ("profit", "-1e308"),
    ("margin", "1e308"),
    ("margin_free", "1e308"),
    ("free_margin", "1e308"),
    ("margin_level", "1e308"),
    ("leverage", "99999999999999999999"),
    ("total_balance", "1e308"),
    ("total_equity", "1e308"),
    ("total_profit", "1e308"),
    ("mt5_accounts", "99999999999999999999"),
    ("build", "99999999999999999999"),
];

/// The layer in front of the bridge.
pub(crate) async fn spoil(Shared(world): Shared<Arc<World>>, request: Request, next: Next) -> Response {
    let faults = world.look(|state| {
        state.bridge_requests += 1;
        state.faults.clone()
    });
    if faults.has(Fault::Hang) {
        return std::future::pending().await;
    }
    if let Some(milliseconds) = faults.value(Fault::Slow) {
        sleep(Duration::from_millis(milliseconds.unsigned_abs())).await;
    }
    let response = match instead(&faults, request.uri().path(), &world) {
        Some(response) => response,
        None => next.run(request).await,
    };
    let dialect = world.options.dialect;
    let mut response = spoil_body(&faults, dialect, response, world.options.drip_every).await;
    set(response.headers_mut(), header::SERVER, dialect.server());
    let now = world.look(|state| state.bridge_now());
    set(response.headers_mut(), header::DATE, &clock::http_date(now));
    response
}

/// An answer that comes instead of the bridge's own.
fn instead(faults: &FaultSet, path: &str, world: &World) -> Option<Response> {
    let dialect = world.options.dialect;
    if faults.has(Fault::Redirect) {
        let trap = format!("{}/trap", world.addresses.control);
        let mut response = StatusCode::FOUND.into_response();
        set(response.headers_mut(), header::LOCATION, &trap);
        return Some(response);
    }
    if faults.has(Fault::Http500) {
        return Some(dialect.broken());
    }
    if faults.has(Fault::Http401) && !dialect.is_open(path) {
        return Some(dialect.no_key());
    }
    let is_root = path == "/";
    if faults.has(Fault::Http404) && !is_root {
        return Some(dialect.not_found());
    }
    if !faults.has(Fault::WrongService) {
        return None;
    }
    // The other program is one of FastAPI, whatever should be there.
    if !is_root {
        return Some(Dialect::F1.not_found());
    }
    Some(Json(world.look(|state| bridge::stranger(dialect, state))).into_response())
}

async fn spoil_body(
    faults: &FaultSet,
    dialect: Dialect,
    response: Response,
    drip_every: Duration,
) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, ANSWER_BYTES_MAX).await else {
        return dialect.broken();
    };
    let bytes = spoil_text(faults, bytes);
    set(&mut parts.headers, header::CONTENT_LENGTH, &bytes.len().to_string());
    let body = if faults.has(Fault::HalfBody) {
        half(&bytes)
    } else if faults.has(Fault::SlowLoris) {
        drip(bytes, drip_every)
    } else {
        Body::from(bytes)
    };
    Response::from_parts(parts, body)
}

fn spoil_text(faults: &FaultSet, bytes: Bytes) -> Bytes {
    let mut bytes = bytes;
    if faults.has(Fault::Nan) || faults.has(Fault::HugeNumbers) {
        bytes = spoil_numbers(&bytes, faults.has(Fault::Nan)).unwrap_or(bytes);
    }
    if faults.has(Fault::GarbageJson) {
        let kept = bytes.len() / 2;
        bytes = [&bytes[..kept], b"\xff\xfe}{]<html>".as_slice()].concat().into();
    }
    if faults.has(Fault::HugeBody) {
        bytes = [vec![b' '; HUGE_BODY_BYTES].as_slice(), &bytes].concat().into();
    }
    bytes
}

/// Writes numbers that no JSON library would write. Nothing if the answer is no JSON.
fn spoil_numbers(bytes: &[u8], nan: bool) -> Option<Bytes> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    mark(&mut value);
    let mut text = value.to_string();
    for (key, huge) in SPOILED {
        let number = if nan { "NaN" } else { huge };
        text = text.replace(&format!("\"{MARK}{key}\""), number);
    }
    Some(text.into())
}

fn mark(value: &mut Value) {
    if let Some(list) = value.as_array_mut() {
        list.iter_mut().for_each(mark);
    } else if let Some(object) = value.as_object_mut() {
        for (key, value) in object {
            if value.is_number() && SPOILED.iter().any(|(spoiled, _)| spoiled == key) {
                *value = Value::String(format!("{MARK}{key}"));
            } else {
                mark(value);
            }
        }
    }
}

fn half(bytes: &Bytes) -> Body {
    let first = bytes.slice(..bytes.len() / 2);
    let broken = stream::once(async {
        sleep(HALF_BODY_PAUSE).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(stream::iter([Ok(first)]).chain(broken))
}

fn drip(bytes: Bytes, every: Duration) -> Body {
    Body::from_stream(stream::unfold((bytes, every), |(mut left, every)| async move {
        if left.is_empty() {
            return None;
        }
        sleep(every).await;
        let next = left.split_to(1);
        Some((Ok::<_, io::Error>(next), (left, every)))
    }))
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
