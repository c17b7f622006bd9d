//! What bridges send, and what is read of it: fixtures, raw connections and anything at all.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics as the test itself would")]

mod account_source;
mod anything;
mod beacons;
mod documents;
mod endpoint_http;
mod endpoint_mongo_wire;
mod endpoint_mongodb;
mod endpoint_pki;
mod endpoint_tcp;
mod endpoint_tls;
mod explained;
mod fixtures;
mod looks;
mod presets;
mod probing;
mod routing;
mod setup;
mod verdicts;
mod wire;
