//! A simulated site: bridges, networks and a store that break, and the monitor among them.
//!
//! No clock, no threads, no sleeping: the time goes from one thing that happens to the next. The same seed gives the same
//! story.

pub mod dice;

pub mod bridge;

pub mod kept;

pub mod site;

pub mod notes;

pub mod week;
