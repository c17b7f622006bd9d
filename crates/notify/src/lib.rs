//! Brings alerts to people by e-mail, and signs of life to whoever watches Rebound from outside.
//!
//! Tries once and says how it went. Never decides who is told what or when it is tried again, and never shows a password.

mod email;
mod letter;
mod outside;
mod text;

pub use crate::email::{EmailNotifier, EmailSpec, InvalidEmail, Security};
pub use crate::outside::{InvalidOutside, OutsideSpec, OutsideWatch, PingMethod};
