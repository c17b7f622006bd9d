//! The program: configuration, wiring and HTTP. The only crate that names concrete adapters.

pub mod config;

pub mod auth;

pub mod http;

pub mod wiring;
