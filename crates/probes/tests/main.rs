//! What bridges send, and what is read of it: fixtures, raw connections and anything at all.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics as the test itself would")]

mod anything;
mod beacons;
mod fixtures;
mod probing;
mod routing;
mod setup;
mod wire;
