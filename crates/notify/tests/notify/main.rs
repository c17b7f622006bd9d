//! What notifiers promise, seen from outside: real conversations with a server that answers as told.

#![expect(clippy::unwrap_used, reason = "a test panics where something is not as it must be")]

mod conformance;
mod email;
mod email_look;
mod fake_smtp;
mod outside;
mod words;
