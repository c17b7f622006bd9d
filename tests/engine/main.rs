//! The engine's loop with a time that stands still until everybody waits: what is durable before what is done, and what a
//! broken adapter may not break.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod outside;

mod loops;

mod history;

mod outcomes;

mod replay;

mod readiness;

mod drills;

mod stage;

mod servers;

mod servers_killed;

mod servers_clocks;

mod outage;
