//! The bridge as a client sees it, in the dialect that was chosen.
//!
//! Each dialect says what `World` holds in its own shapes, paths and statuses, and never changes anything
//! except by the calls for a restart, a login or a new read that the real one has. Broken transports are in
//! `wire.rs`.

mod conn_bridge;
mod f1;
mod f2;
mod f3;
mod f4;
mod fidus;
mod mt5_httpapi;
mod package;
mod quant_server;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, http::HeaderMap, middleware::from_fn_with_state};
use serde_json::Value;

use crate::{
    dialect::Dialect,
    wire,
    world::{State, World},
};

/// Most bytes of a request's body.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// All paths of the bridge, behind the faults of the wire.
pub(crate) fn router(world: Arc<World>) -> Router {
    let dialect = world.options.dialect;
    let routes = match dialect {
        Dialect::F1 => f1::routes(&world),
        Dialect::F2 => f2::routes(),
        Dialect::F3 => f3::routes(),
        Dialect::F4 => f4::routes(),
        Dialect::Mt5Httpapi => mt5_httpapi::routes(&world),
        Dialect::ConnBridge => conn_bridge::routes(&world),
        Dialect::QuantServer => quant_server::routes(),
    };
    routes
        .fallback(move || async move { dialect.not_found() })
        .method_not_allowed_fallback(move || async move { dialect.method_not_allowed() })
        .layer(from_fn_with_state(Arc::clone(&world), wire::spoil))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(world)
}

/// What another program on the port says at its root: the service that the dialect is not.
pub(crate) fn stranger(dialect: Dialect, state: &State) -> Value {
    match dialect {
        Dialect::F1 => f2::root_body(state),
        Dialect::F2 | Dialect::F3 | Dialect::F4 => f1::root_body(state),
        Dialect::Mt5Httpapi | Dialect::ConnBridge | Dialect::QuantServer => f1::root_body(state),
    }
}

/// Whether a caller sent the key that is wanted, in the header that is wanted.
pub(crate) fn has_key(headers: &HeaderMap, name: &str, wanted: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()) == Some(wanted)
}
