//! Brings alerts to people: e-mail over SMTP.
//!
//! Tries once and says how it went. Never decides who is told what or when it is tried again, and never shows a password.

mod email;
mod letter;
mod text;

pub use crate::email::{EmailNotifier, EmailSpec, InvalidEmail, Security};
