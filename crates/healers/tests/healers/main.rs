//! What the healers promise, seen from outside: real requests to a server that answers as told.

#![expect(clippy::unwrap_used, reason = "a test panics where something is not as it must be")]

mod github_dispatch;
mod github_look;
mod github_workflow;
mod http_call;
mod http_look;
mod words;
