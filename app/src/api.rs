//! What the pages ask of the server, and what it says when it cannot.

pub(crate) mod actions;

pub(crate) mod error;

#[cfg(feature = "hydrate")]
pub(crate) mod heard;

#[cfg(feature = "ssr")]
mod calls;

#[cfg(feature = "ssr")]
mod hand;

#[cfg(feature = "ssr")]
pub(crate) mod request;

#[cfg(feature = "ssr")]
mod settings;

#[cfg(feature = "ssr")]
mod text;
