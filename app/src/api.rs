//! What the pages ask the server for: thin functions over `rebound_engine::service::Service`.
//!
//! Each takes the principal, calls the service and maps the error. None decides anything, and none changes state by GET.

pub(crate) mod read;

pub(crate) mod actions;

pub(crate) mod error;

pub(crate) mod text;

#[cfg(feature = "ssr")]
pub(crate) mod request;
