//! The program: configuration, wiring, HTTP and commands. The only crate that names concrete adapters.

pub mod config;

pub mod auth;

pub mod http;

mod settings;

pub mod wiring;

pub mod commands;
