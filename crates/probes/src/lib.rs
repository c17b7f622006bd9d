//! Asks bridges, other services and the network how they are; reports facts, never opinions.
//!
//! [`Probers`] is the door for the engine: it sends each question to the [`BridgeProbe`] or [`EndpointProbe`] of its target,
//! or to the [`Beacons`]. A [`Dialect`] says where in a bridge's answers each fact stands; an [`AccountSource`] reads a bridge's
//! accounts from the database of another program.
//! Never judges, never retries, never changes anything at the other side: a question is a `GET` (of beacons a `HEAD`), a bare
//! connect, or MongoDB's `hello`, `ping` and `find`.

mod beacons;
mod bridge;
mod date;
mod dialects;
mod door;
mod endpoint;
mod json;
mod limits;
mod probers;
mod reading;
mod setup;
mod source;
mod told;

pub use beacons::Beacons;
pub use bridge::{BridgeProbe, BridgeSpec, Look};
pub use dialects::{Dialect, DialectError, PRESETS};
pub use endpoint::{EndpointAddress, EndpointProbe, HttpAddress, MongodbAddress};
pub use limits::{
    ACCOUNTS_MAX, BEACONS_MAX, BODY_BYTES_MAX, DIALECT_BYTES_MAX, DOCUMENT_BYTES_MAX, IDENTITY_KEPT,
    TEXT_CHARS_MAX,
};
pub use probers::{Probers, TargetProbe};
pub use reading::explain::{FieldExplained, FieldRead, Part};
pub use reading::{Answer, HealthReading};
pub use setup::{SetupError, install_tls};
pub use source::{AccountFields, AccountSelection, AccountSource, Conditions, SourceError, Wanted};
